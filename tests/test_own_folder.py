"""What a killed server leaves of temporary files, the next one clears, and nothing else (docs/operations.md)."""

import os
import signal
import subprocess
import sys

import pytest
from own_server import OwnServer

from fhir_registry.edges.own_folder import PREFIX, own_folder

HOLD = """
import sys
from fhir_registry.edges.own_folder import own_folder
with own_folder(sys.argv[1]):
    print(flush=True)
    input()
"""


@pytest.fixture
def hold(tmp_path):
    """A function that starts a process with a folder of its own in tmp_path; gives both."""
    started = []

    def start():
        before = {*tmp_path.iterdir()}
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        process.stdout.readline()
        (folder,) = {*tmp_path.iterdir()} - before
        return process, folder

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_folder_goes_with_its_process_and_those_of_killed_ones_with_the_next(hold, tmp_path):
    killed, left = hold()
    (left / "answer").write_text("x")
    running, used = hold()
    assert left.is_dir()  # while its process runs
    killed.kill()
    killed.wait()
    with own_folder(tmp_path) as folder:
        assert {*tmp_path.iterdir()} == {used, folder}
    running.communicate("\n")
    assert list(tmp_path.iterdir()) == []


def test_what_only_has_such_a_name_stays(tmp_path):
    other, place = tmp_path / "other", tmp_path / "place"
    for folder in (other, place, place / "fhir-registry-demo-a"):
        folder.mkdir()
    (other / "kept").write_text("x")
    (place / f"{PREFIX}link").symlink_to(other)
    (place / f"{PREFIX}file").write_text("x")
    within = place / f"{PREFIX}left"  # as one of a killed process, with a link out of it
    within.mkdir()
    (within / "link").symlink_to(other)
    with own_folder(place):
        assert not within.exists()
    assert (other / "kept").exists()
    assert {path.name for path in place.iterdir()} == {f"{PREFIX}link", f"{PREFIX}file", "fhir-registry-demo-a"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder to another user")
def test_the_folder_of_another_user_stays(tmp_path):
    folder = tmp_path / f"{PREFIX}theirs"
    folder.mkdir()
    os.chown(folder, 65532, 65532)
    with own_folder(tmp_path):
        assert folder.is_dir()


def test_a_killed_server_is_cleared_by_the_next(new_database, tmp_path, monkeypatch):
    place, database = tmp_path / "temporary", new_database("sqlite")
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    with OwnServer(database, tmp_path) as server:
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        (left,) = place.iterdir()
    with OwnServer(database, tmp_path):
        (folder,) = place.iterdir()
        assert folder != left
    assert list(place.iterdir()) == []
