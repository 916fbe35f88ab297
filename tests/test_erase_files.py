"""After an erasure a search of the database's own files finds nothing of the person, packed texts unpacked."""

from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest
import zstandard
from click.testing import CliRunner
from conftest import OWNER
from erasure import GONE, MARK, STAYS, fill, person
from rest_client import serving
from sqlalchemy import make_url

from fhir_registry.edges.cli import main
from fhir_registry.ops import fsck
from fhir_registry.ops.backup import back_up, restore
from fhir_registry.ops.open import open_registry
from fhir_registry.store import purge
from fhir_registry.store.bodies import DICTIONARY

FRAME = b"\x28\xb5\x2f\xfd"  # https://datatracker.ietf.org/doc/html/rfc8878#section-3.1.1
ERASE = ["erase", f"Patient/{GONE}", "--reason", "consent-withdrawn", "--by", "Clerk"]


@pytest.fixture
def filled(prepared, monkeypatch):
    with serving(prepared) as rest:
        fill(rest)
    administered = of_administrator(prepared)
    monkeypatch.setenv("FHIR_REGISTRY_DATABASE", administered)
    return administered


def of_administrator(url):
    """The URL by which a superuser opens the database, who alone may write all its files anew."""
    return url.replace(f"//{OWNER}:", "//postgres:")


def run(*arguments):
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    return result.output


def files_of(url):
    """The files in which a database lies, as they are on disk; PostgreSQL's log has an end of its own."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite":
        return sorted(Path(place.database).parent.glob(f"{Path(place.database).name}*"))
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        (folder,) = connection.execute("SHOW data_directory").fetchone()
        (oid,) = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    return sorted(path for path in (Path(folder) / "base" / str(oid)).iterdir() if path.is_file())


def unpacked(data):
    """What frames in the data say, as far as they can be read."""
    dictionary = zstandard.ZstdCompressionDict(DICTIONARY.read_bytes())
    at = data.find(FRAME)
    while at >= 0:
        with suppress(zstandard.ZstdError):
            yield zstandard.ZstdDecompressor(dict_data=dictionary).decompressobj().decompress(data[at : at + 8000])
        at = data.find(FRAME, at + 1)


def found(url, mark=MARK):
    """(whether a mark stands in the files as it is, whether in a packed text)."""
    raw = packed = False
    for path in files_of(url):
        data = path.read_bytes()
        raw = raw or mark.encode() in data.lower()
        packed = packed or any(mark.encode() in text.lower() for text in unpacked(data))
    return raw, packed


def test_nothing_is_found_in_the_files(filled):
    assert found(filled) == found(filled, STAYS) == (True, True)
    output = run(*ERASE)
    assert "8 resources are erased" in output and "nothing of it is in the files" in output
    assert found(filled) == (False, False)
    assert found(filled, STAYS) == (True, True)
    assert "all agrees" in run("fsck") and "is what was written" in run("audit", "verify")


def test_beside_a_server(filled):
    """Its connections are open, and it goes on."""
    with serving(filled) as rest:
        assert rest.get(f"Patient/{GONE}").status_code == 200
        run(*ERASE)
        assert rest.get(f"Patient/{GONE}").status_code == 410
        assert found(filled) == (False, False)
        assert rest.put(person("new")).status_code == 201 and rest.total(f"Patient?_id={STAYS}") == 1


def test_what_was_replaced_before_goes_too(filled):
    """A text of before, in pages that the database gave free without overwriting them."""
    names = [{"family": f"{MARK} {'long ' * 10}{number}"} for number in range(300)]
    with serving(filled) as rest:
        assert rest.put(person(GONE) | {"name": names}).status_code == 200
        assert rest.put(person(GONE)).status_code == 200
    run(*ERASE)
    assert found(filled) == (False, False)


def test_the_tombstones_are_in_a_backup(filled, tmp_path, content, new_database):
    run(*ERASE)
    back_up(filled, tmp_path / "after")
    restored = new_database("sqlite")
    restore(restored, tmp_path / "after")
    with serving(restored) as rest:
        assert rest.get(f"Patient/{GONE}").status_code == 410 and rest.put(person(GONE)).status_code == 422


def test_an_older_backup_is_erased_again(filled, tmp_path, content, new_database, monkeypatch):
    back_up(filled, tmp_path / "before")
    run(*ERASE)
    run("erase", "--list", tmp_path / "tombstones")
    assert MARK.encode() not in (tmp_path / "tombstones").read_bytes()
    restored = new_database("sqlite")
    restore(restored, tmp_path / "before")
    open_registry(restored, content).close()
    monkeypatch.setenv("FHIR_REGISTRY_DATABASE", restored)
    assert found(restored) == (True, True)
    assert "1 persons were there again" in run("erase", "--again", tmp_path / "tombstones")
    assert found(restored) == (False, False)
    with closing(open_registry(restored, content)) as registry:
        assert list(fsck.check(registry)) == []
    assert "0 persons were there again" in run("erase", "--again", tmp_path / "tombstones")


def test_a_list_of_another_registry_is_refused(filled, tmp_path, new_registry, monkeypatch):
    run(*ERASE)
    run("erase", "--list", tmp_path / "tombstones")
    other = new_registry("sqlite")
    with serving(other) as rest:
        assert rest.put(person("p")).status_code == 201
    monkeypatch.setenv("FHIR_REGISTRY_DATABASE", other)
    run("erase", "Patient/p", "--reason", "objection")
    for lines, why in (((tmp_path / "tombstones").read_bytes(), "another registry"), (b"{}\n", "no list")):
        (tmp_path / "list").write_bytes(lines)
        result = CliRunner().invoke(main, ["erase", "--again", str(tmp_path / "list")])
        assert result.exit_code == 1 and why in result.output


@pytest.mark.parametrize(
    "arguments, why",
    [
        (["Patient/never", "--reason", "objection"], "is not known"),
        ([f"Patient/{GONE}", "--reason", "because"], "consent-withdrawn"),
        ([f"Patient/{GONE}"], "--reason"),
        ([GONE, "--reason", "objection"], "Patient/123"),
        ([f"Patient/{GONE}", "--reason", "objection", "--site", "elsewhere"], "no site 'elsewhere'"),
        (["--purge", "--reason", "objection"], "--reason"),
    ],
)
def test_mistakes_are_told(filled, arguments, why):
    result = CliRunner().invoke(main, ["erase", *arguments])
    assert result.exit_code in (1, 2) and why in result.output
    assert found(filled)[0]


def test_a_reader_that_does_not_end_is_told(filled, monkeypatch):
    """While somebody sees what was deleted SQLite's log cannot be cut, and PostgreSQL keeps it."""
    with serving(filled) as rest:
        with rest.registry.store.read(1) as connection, monkeypatch.context() as patched:
            patched.setattr(purge, "PATIENCE", 0.3)
            connection.exec_driver_sql("SELECT count(*) FROM version").all()
            result = CliRunner().invoke(main, ERASE)
            assert result.exit_code == 1 and "erase --purge" in result.output
        assert "nothing of it" in run("erase", "--purge")
    assert found(filled) == (False, False)


def test_what_needs_a_superuser_is_told(new_database, monkeypatch):
    plain = new_database("postgresql")  # of a user who owns it, and no more
    monkeypatch.setenv("FHIR_REGISTRY_DATABASE", plain)
    with serving(plain) as rest:
        fill(rest)
    told = "VACUUM (FULL, ANALYZE); CHECKPOINT"
    output = run(*ERASE)
    assert f"let a superuser run {told}" in output and "nothing of it" not in output
    administered = of_administrator(plain)
    with psycopg.connect(administered.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in told.split("; "):
            connection.execute(statement)
    assert found(administered) == (False, False)
