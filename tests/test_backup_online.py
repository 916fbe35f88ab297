"""Backups beside writers, restores that are killed, backups of an older schema (REL-26)."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text

from fhir_registry.ops import fsck, ingest
from fhir_registry.ops.backup import BackupError, back_up, restore
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.read import read
from fhir_registry.store.backup import schema_of
from fhir_registry.store.database import Database
from fhir_registry.store.migrations import migrate
from fhir_registry.store.wall import EVERYWHERE

ROOT = Path(__file__).resolve().parent.parent
SITE, BASE = 1, "http://localhost/fhir"
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}
SECONDS = 60  # after which a test is broken


class Writer(threading.Thread):
    """Creates, changes and deletes patients, two in each transaction; `acknowledged`: [(id, version)]."""

    def __init__(self, registry, name):
        super().__init__(name=name)
        self._registry, self._ended = registry, threading.Event()
        self.acknowledged, self._new = [], threading.Condition()

    def run(self):
        number = 0
        while not self._ended.is_set():
            number += 1
            ids = [f"{self.name}-{number // 3}-{side}" for side in "lr"]
            method = "DELETE" if number % 3 == 2 else "PUT"
            entries = [{"request": {"method": method, "url": f"Patient/{id_}"}} for id_ in ids]
            if method == "PUT":
                for entry, id_ in zip(entries, ids, strict=True):
                    entry["resource"] = {"resourceType": "Patient", "id": id_, "name": [{"family": f"N{number}"}]}
            bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
            answer = ingest.bundle(self._registry, SITE, bundle, BASE)
            versions = [entry["response"].get("etag", "").strip('W/"') for entry in answer["entry"]]
            with self._new:
                self.acknowledged += zip(ids, versions, strict=True)
                self._new.notify_all()

    def wait_for(self, number):
        """Until so many more have been acknowledged."""
        with self._new:
            wanted = len(self.acknowledged) + number
            assert self._new.wait_for(lambda: len(self.acknowledged) >= wanted, SECONDS)

    def end(self):
        self._ended.set()
        self.join(SECONDS)


def url_of(registry):
    return registry.store.database.engine.url.render_as_string(hide_password=False)


def versions(registry, until):
    """{(id, version): (submission, body)} of what was written up to a submission."""
    resource, version = registry.store.tables.resource.c, registry.store.tables.version.c
    query = select(resource.id, version.version, version.submission, version.body).where(resource.rid == version.rid)
    with registry.store.read(EVERYWHERE) as connection:
        rows = connection.execute(query.where(version.submission <= until))
        return {(id_, number): (submission, body) for id_, number, submission, body in rows}


def test_a_backup_beside_writers_is_a_prefix_of_what_was_acknowledged(registry, new_database, content, tmp_path):
    """REL-26: all that was acknowledged before it began, whole transactions in their order, fsck clean."""
    path, writers = tmp_path / "b.zip", [Writer(registry, name) for name in ("x", "y")]
    for writer in writers:
        writer.start()
    try:
        for writer in writers:
            writer.wait_for(10)
        before = [each for writer in writers for each in list(writer.acknowledged)]
        waited = []

        def progress(_done, _total):
            if not waited:  # in the middle of it others write
                waited.append(True)
                for writer in writers:
                    writer.wait_for(10)

        back_up(url_of(registry), path, progress=progress)
    finally:
        for writer in writers:
            writer.end()

    url = new_database(OTHER[registry.store.database.engine.dialect.name])
    restore(url, path)
    with closing(open_registry(url, content)) as restored:
        with restored.store.read(EVERYWHERE) as connection:
            last = restored.store.analyses.newest(connection, SITE)
        with registry.store.read(EVERYWHERE) as connection:
            assert last < registry.store.analyses.newest(connection, SITE)
        found = versions(restored, last)
        assert found == versions(registry, last)
        assert {(id_, int(version)) for id_, version in before if version} <= found.keys()
        assert list(fsck.check(restored)) == []
    assert list(fsck.check(registry)) == []


def test_fsck_beside_writers_raises_no_false_alarm(registry):
    """REL-40: each part is of one moment, whatever is written meanwhile."""
    writers = [Writer(registry, name) for name in ("x", "y")]
    for writer in writers:
        writer.start()
    try:
        for _ in range(3):
            assert list(fsck.check(registry)) == []
            writers[0].wait_for(2)
    finally:
        for writer in writers:
            writer.end()
    assert list(fsck.check(registry)) == []


KILLED = """
import os, sys
from fhir_registry.ops.backup import restore

def progress(what, done, total):
    if what == "loading":
        print("loading", flush=True)
        sys.stdin.read()

restore(sys.argv[1], sys.argv[2], progress)
"""


@pytest.fixture
def small_backup(new_database, content, tmp_path):
    url, path = new_database("sqlite"), tmp_path / "b.zip"
    with closing(open_registry(url, content)) as registry:
        ingest.update(registry, SITE, "Patient", "a", {"resourceType": "Patient", "id": "a"})
    back_up(url, path)
    return path


def test_a_restore_that_was_killed_is_told_and_begun_again(small_backup, database, content):
    command = [sys.executable, "-c", KILLED, database, str(small_backup)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": ROOT}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == b"loading\n"
        os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(ValueError, match="a restore of it has not been completed; run fhir-registry restore again"):
        open_registry(database, content)
    with pytest.raises(BackupError, match="a restore of it has not been completed"):
        back_up(database, small_backup.with_name("other.zip"))
    restore(database, small_backup)
    with closing(open_registry(database, content)) as restored:
        assert read(restored, SITE, "Patient", "a").version == 1
        assert list(fsck.check(restored)) == []


BODY = '{"resourceType":"Patient","id":"old","meta":{"versionId":"1","lastUpdated":"2024-03-09T16:00:00.000Z"}}'


@pytest.mark.parametrize("revision", ["0001", "0003"])
def test_a_backup_of_an_older_schema_is_migrated(database, new_database, content, tmp_path, revision):
    path, rid, noon = tmp_path / "b.zip", (1 << 40) + 1, 1_710_000_000_000_000
    with closing(Database(database)) as old, old.write(EVERYWHERE) as connection:
        migrate(connection, revision)
        for statement in (
            f"INSERT INTO site (site, name, updated, last, submission) VALUES (1, 'default', {noon}, {rid}, 1)",
            f"INSERT INTO resource VALUES ({rid}, 1, 'Patient', 'old', 1, {noon}, 0, 1)",
            f"INSERT INTO version VALUES (1, {rid}, 'Patient', 1, {noon}, 'PUT', 1, '{BODY}')",
        ):
            connection.execute(text(statement.replace(":", "\\:")))
    assert back_up(database, path)["schema"] == revision
    url = new_database(OTHER[database.partition(":")[0].partition("+")[0]])
    restore(url, path)
    with closing(open_registry(url, content)) as restored:
        assert read(restored, SITE, "Patient", "old").body.decode() == BODY
        with restored.store.read(EVERYWHERE) as connection:
            assert schema_of(connection) > revision
        assert list(fsck.check(restored)) == []
