"""The last pages of SQLite's log are torn or zeroed, as a power cut leaves them: only the end is lost (REL-05).

https://sqlite.org/fileformat2.html#wal_file_format
"""

import random
import shutil
import sqlite3
import struct

import pytest
from rest_client import basic

from fhir_registry.fhir import json
from fhir_registry.ops import ingest
from fhir_registry.ops.open import open_registry

HEADER, FRAME_HEADER = 32, 24  # bytes
WRITES = 12


@pytest.fixture(scope="module")
def killed(tmp_path_factory, content):
    """A folder with the file and the log of a process that was killed after WRITES updates of Basic/b."""
    folder = tmp_path_factory.mktemp("killed")
    registry = open_registry(f"sqlite:///{folder}/live.sqlite", content)
    with sqlite3.connect(folder / "live.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what follows is all in the log
    connection.close()
    for n in range(1, WRITES + 1):
        ingest.update(registry, 1, "Basic", "b", basic("Patient/p", id="b", code={"text": str(n)}))
    for end in ("", "-wal"):
        shutil.copy(folder / f"live.sqlite{end}", folder / f"killed.sqlite{end}")
    registry.close()
    return folder


def damaged(killed, folder, damage):
    """URL of a copy whose log went through `damage`: a function of bytes and the size of a frame."""
    shutil.copy(killed / "killed.sqlite", folder / "x.sqlite")
    log = (killed / "killed.sqlite-wal").read_bytes()
    (page,) = struct.unpack(">I", log[8:12])
    (folder / "x.sqlite-wal").write_bytes(damage(log, page + FRAME_HEADER))
    return f"sqlite:///{folder}/x.sqlite"


def kept(url, content):
    """How many of the updates are there; whatever is there is whole."""
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    registry = open_registry(url, content)
    with registry.store.read(1) as connection:
        current = registry.store.reader.read(connection, 1, "Basic", "b")
        n = current.version if current else 0
        for version in range(1, n + 1):
            stored = registry.store.reader.read(connection, 1, "Basic", "b", version)
            assert json.parse(stored.body)["code"]["text"] == str(version)
    outcome = ingest.update(registry, 1, "Basic", "b", basic("Patient/p", id="b", code={"text": "after"}))
    assert outcome.version == n + 1
    registry.close()
    return n


def test_an_undamaged_log_has_all(killed, content, tmp_path):
    assert kept(damaged(killed, tmp_path, lambda log, _: log), content) == WRITES


def test_a_torn_last_frame_costs_the_last_write(killed, content, tmp_path):
    assert kept(damaged(killed, tmp_path, lambda log, _: log[:-1]), content) == WRITES - 1


def test_a_zeroed_last_frame_costs_the_last_write(killed, content, tmp_path):
    url = damaged(killed, tmp_path, lambda log, frame: log[:-frame] + bytes(frame))
    assert kept(url, content) == WRITES - 1


@pytest.mark.parametrize("seed", range(4))
def test_wherever_it_is_torn_a_beginning_is_left(killed, content, tmp_path, seed):
    dice = random.Random(seed)
    cut = dice.random()

    def tear(log, _):
        at = HEADER + int((len(log) - HEADER) * cut)
        return log[:at] + (bytes(dice.randrange(5000)) if seed % 2 else b"")

    assert 0 <= kept(damaged(killed, tmp_path, tear), content) < WRITES


def test_no_log_at_all(killed, content, tmp_path):
    assert kept(damaged(killed, tmp_path, lambda *_: b""), content) == 0
