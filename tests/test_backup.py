"""A backup is of one moment, for both databases, and comes back wholly or not at all (REL-26)."""

import base64
import json
import os
import resource
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path

import pytest
import zstandard
from audit_events import erase, fill
from sqlalchemy import LargeBinary, select, text, type_coerce
from test_evaluate import BASE, SITE, eribulin, treated

from fhir_registry.ops import fsck, ingest
from fhir_registry.ops.backup import BackupError, back_up, restore
from fhir_registry.ops.evaluate import evaluate
from fhir_registry.ops.open import open_registry
from fhir_registry.store.clients import Registration
from fhir_registry.store.wall import EVERYWHERE

ROOT = Path(__file__).resolve().parent.parent
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}
KEPT = (
    *("site", "resource", "version", "submission", "change", "client", "revoked_token"),
    *("audit", "audit_head", "audit_patient", "tombstone"),
)


@pytest.fixture
def filled(registry):
    """A registry with patients of whom one was changed, one deleted; a request of somebody waits; a client."""
    for patient in ("a", "b"):
        ingest.bundle(registry, SITE, treated(patient, ("2024-03-15", "LA28369-9")), BASE)
    for family in ("Áo", "Noël"):
        put(registry, {"resourceType": "Patient", "id": "c", "name": [{"family": family}]})
    put(registry, {**eribulin("c", "2024-05-05"), "id": "late"})
    put(registry, {"resourceType": "Patient", "id": "gone"})
    ingest.delete(registry, SITE, "Patient", "gone")
    fill(registry.store, 3)
    erase(registry.store, "p1")
    registry.store.jobs.submit(SITE, "import", {"mode": "x"}, parts=[b"\x00\xff{}\n"])
    clients = registry.store.clients
    clients.add(Registration(SITE, "c1", "Klinik A", "site", "system/*.rs", '{"keys":[]}', None, registry.store.now()))
    with registry.store.database.write(EVERYWHERE) as connection:
        clients.use(connection, clients.find(connection, "c1"), "used", 2**60)
        clients.revoke_token(connection, SITE, "revoked", 2**60)
    return registry


def put(registry, resource):
    ingest.update(registry, SITE, resource["resourceType"], resource["id"], resource)


def url_of(registry):
    return registry.store.database.engine.url.render_as_string(hide_password=False)


def rows(registry):
    """{table: sorted rows} of what a backup holds."""
    tables = registry.store.tables
    kept = (*(tables.fixed[name] for name in KEPT), *tables.jobs[:3])
    with registry.store.read(EVERYWHERE) as connection:
        found = {}
        for table in kept:
            query = table.select() if table.name != "job" else table.select().where(table.c.kind != "reindex")
            columns = [column for column in table.c if column.name != "rules"]
            found[table.name] = sorted(map(tuple, connection.execute(query.with_only_columns(*columns))), key=repr)
    return found


def pack_otherwise(registry):
    """Pack the text of the patient `c` with a dictionary of another release, as this database may keep it; the text."""
    samples = [b'{"resourceType":"Other","id":"%d","other":"%d"}' % (n, n * n) for n in range(500)]
    other = zstandard.train_dictionary(2048, samples, dict_id=7)
    table, setting = registry.store.tables.version, registry.store.tables.setting
    which = (table.c.type == "Patient", table.c.method == "PUT")
    with registry.store.database.write(EVERYWHERE) as connection:
        rid, version, body = connection.execute(
            select(table.c.rid, table.c.version, table.c.body).where(*which)
        ).first()
        packed = zstandard.ZstdCompressor(dict_data=other).compress(body.encode())
        values = {"body": type_coerce(packed, LargeBinary)}
        connection.execute(table.update().where(table.c.rid == rid, table.c.version == version).values(values))
        value = base64.b64encode(other.as_bytes()).decode()
        connection.execute(setting.insert().values(name="dictionary 7", value=value))
    return body


def test_a_backup_needs_no_dictionary(filled, new_database, content, tmp_path):
    """Not even one that this release does not have, and this process has not met."""
    path = tmp_path / "b.zip"
    body = pack_otherwise(filled)
    command = [sys.executable, "-m", "fhir_registry.edges.cli", "backup", path, "--database", url_of(filled)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    bodies = [json.loads(line)[-1] for line in unpacked(path, "version").splitlines()]
    assert body in bodies and all(type(each) is str for each in bodies)


def test_what_is_no_text_any_more_is_kept_as_it_is(filled, new_database, tmp_path):
    """A backup is not the time to lose it: bytes that SQLite gives as no text."""
    path, damaged = tmp_path / "b.zip", b'{"resourceType":"Pat\xffent"}'
    table = filled.store.tables.version
    with filled.store.database.write(EVERYWHERE) as connection:
        values = {"body": type_coerce(damaged, LargeBinary)}
        connection.execute(table.update().where(table.c.type == "Patient", table.c.version == 2).values(values))
        if connection.dialect.name == "sqlite":
            query = "UPDATE version SET body = CAST(body AS TEXT) WHERE type = 'Patient' AND version = 2"
            connection.exec_driver_sql(query)
    manifest = back_up(url_of(filled), path)
    assert base64.b64encode(damaged) in unpacked(path, "version")
    url = new_database("sqlite")
    restore(url, path)
    assert back_up(url, tmp_path / "again.zip")["tables"]["version"] == manifest["tables"]["version"]


def manifest_of(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("manifest.json"))


def report(registry):
    return {**evaluate(registry, SITE, "halaven-dcr", period_end="2024-12"), "date": None}


@pytest.mark.parametrize("target", ["the same", "the other"])
def test_what_comes_back_is_what_was_there(filled, new_database, content, tmp_path, target):
    """From SQLite to PostgreSQL and back; what is derived is made anew."""
    kind = filled.store.database.engine.dialect.name
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    told = []
    manifest = back_up(url_of(filled), first, progress=lambda *done: told.append(done))
    assert manifest == manifest_of(first)
    total = sum(table["rows"] for table in manifest["tables"].values())
    assert told[-1] == (total, total)

    url = new_database(kind if target == "the same" else OTHER[kind])
    assert restore(url, first) == manifest
    restored = open_registry(url, content)
    try:
        assert rows(restored) == rows(filled)
        assert list(fsck.check(restored, analyses=True, bases=(None, BASE))) == []
        assert report(restored) == report(filled)
        assert back_up(url, second)["tables"] == manifest["tables"]
        put(restored, {"resourceType": "Patient", "id": "new"})
        assert list(fsck.check(restored)) == []
    finally:
        restored.close()


def test_secrets_and_what_is_derived_stay_out(filled, tmp_path):
    path = tmp_path / "b.zip"
    back_up(url_of(filled), path)
    with zipfile.ZipFile(path) as archive:
        names = {name.partition(".")[0] for name in archive.namelist()}
    assert names == {"manifest", "setting", "job", "job_part", "job_error", *KEPT}
    assert path.stat().st_mode & 0o777 == 0o600
    with filled.store.read(EVERYWHERE) as connection:
        secret = connection.execute(text("SELECT value FROM setting WHERE name = 'secret of cursors'")).scalar_one()
    settings = unpacked(path, "setting")
    assert b"content of site 1" in settings and secret.encode() not in settings and b"secret" not in settings


def unpacked(path, table):
    with zipfile.ZipFile(path) as archive, archive.open(f"{table}.ndjson.zst") as member:
        return zstandard.ZstdDecompressor().stream_reader(member).read()


def test_a_file_that_is_there_stays_unless_it_is_forced(filled, tmp_path):
    path = tmp_path / "b.zip"
    path.write_text("mine")
    with pytest.raises(BackupError, match="is there already; name another file, or add --force"):
        back_up(url_of(filled), path)
    assert path.read_text() == "mine"
    back_up(url_of(filled), path, force=True)
    assert manifest_of(path)["format"] == 1
    assert [each.name for each in tmp_path.glob("b.zip*")] == ["b.zip"]


def test_a_disk_that_is_full_is_told_in_one_line(filled, tmp_path):
    """The system lets the process write no file beyond 4 kB."""
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (4096, 4096))
    path = tmp_path / "b.zip"
    command = [sys.executable, "-m", "fhir_registry.edges.cli", "backup", path, "--database", url_of(filled)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, preexec_fn=limit)
    assert ended.returncode == 1
    assert ended.stderr == f"Error: {path}: File too large; make room, or name a file on another disk\n"
    assert list(tmp_path.iterdir()) == []


def test_only_a_file_is_replaced(database, tmp_path):
    """Not a folder, a device or a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe):
        with pytest.raises(BackupError, match="it is no file; name one"):
            back_up(database, path, force=True)
    assert pipe.is_fifo()


def rewrite(path, member, change):
    """Change what a member holds, so that the zip archive itself is sound."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[member] = change(parts[member])
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def flip(data):
    """With one wrong bit in the middle."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def without_last_row(packed):
    lines = zstandard.ZstdDecompressor().stream_reader(packed).read().splitlines(keepends=True)
    return zstandard.ZstdCompressor().compress(b"".join(lines[:-1]))


def with_manifest(**changes):
    return lambda path: rewrite(path, "manifest.json", lambda old: json.dumps({**json.loads(old), **changes}))


def in_directory(offset, bit):
    """Flip a bit of the last entry of the archive's directory (APPNOTE.TXT of the zip format, 4.3.12)."""

    def change(path):
        data = bytearray(path.read_bytes())
        data[data.rindex(b"PK\x01\x02") + offset] ^= bit
        path.write_bytes(data)

    return change


BROKEN = {
    "marked as encrypted": (in_directory(8, 1), "it is no complete backup"),
    "marked as compressed": (in_directory(10, 8), "it is no complete backup"),
    "marked as compressed in an unknown way": (in_directory(10, 64), "it is no complete backup"),
    "marked as of another version": (in_directory(6, 64), "it is no complete backup"),
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:-100]), "it is no complete backup"),
    "something else": (lambda path: path.write_text("hello"), "it is no complete backup"),
    "another zip archive": (lambda path: zipfile.ZipFile(path, "w").close(), "it is no backup of this program"),
    "a bit flipped": (lambda path: rewrite(path, "version.ndjson.zst", flip), "its table 'version' is damaged"),
    "a row dropped": (
        lambda path: rewrite(path, "version.ndjson.zst", without_last_row),
        "its table 'version' is damaged",
    ),
    "a newer format": (with_manifest(format=2), "a newer release of this program made it"),
    "a newer schema": (with_manifest(schema="9999"), "a newer release of this program made it"),
}


@pytest.fixture(scope="module")
def sound_backup(new_database, content, tmp_path_factory):
    url, path = new_database("sqlite"), tmp_path_factory.mktemp("backup") / "b.zip"
    open_registry(url, content).close()
    back_up(url, path)
    return path.read_bytes()


@pytest.mark.parametrize("damage", BROKEN)
def test_a_damaged_backup_is_refused_before_anything_is_written(sound_backup, new_database, content, tmp_path, damage):
    path, url = tmp_path / "b.zip", new_database("sqlite")
    path.write_bytes(sound_backup)
    change, message = BROKEN[damage]
    change(path)
    with pytest.raises(BackupError, match=message):
        restore(url, path)
    open_registry(url, content).close()  # still empty: a registry can begin in it


def test_only_an_empty_database_is_filled(filled, tmp_path):
    path = tmp_path / "b.zip"
    back_up(url_of(filled), path)
    before = rows(filled)
    with pytest.raises(BackupError, match="the database is not empty; name a new one"):
        restore(url_of(filled), path)
    assert rows(filled) == before


def test_an_empty_database_has_no_backup(database, tmp_path):
    with pytest.raises(BackupError, match="it holds no registry"):
        back_up(database, tmp_path / "b.zip")
    assert list(tmp_path.iterdir()) == []
