"""The processes of a server: started anew, stopped gently, none left over (docs/operations.md)."""

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
from own_server import FHIR, OwnServer, wait_until
from test_workers import running

from fhir_registry.edges.front import ANSWER_IN_MEMORY, _collect
from fhir_registry.edges.supervise import Supervisor

BUNDLE = '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/a"}}]}'


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request, new_database, tmp_path):
    with OwnServer(new_database(request.param), tmp_path, workers=2) as server:
        yield server


def keep_asking(server, stop, failures):
    """Ask over and over, on a connection of one's own; note what fails."""
    session = requests.Session()
    while not stop.is_set():
        try:
            if session.get(f"{server.base}/Patient?_summary=count", timeout=30).status_code != 200:
                failures.append("status")
        except requests.RequestException:
            failures.append("connection")


# REL-02, short
def test_rel_02_a_killed_worker_is_replaced_and_others_see_at_most_one_failed_request(server):
    stop, failures = threading.Event(), [[] for _ in range(3)]
    clients = [threading.Thread(target=keep_asking, args=(server, stop, mine)) for mine in failures]
    for client in clients:
        client.start()
    try:
        killed = server.http_workers()[0]
        killed.kill()
        wait_until(lambda: len(server.http_workers()) == 2 and killed not in server.http_workers())
    finally:
        stop.set()
        for client in clients:
            client.join()
    assert max(map(len, failures)) <= 1, failures
    assert "SIGKILL" in server.log.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has ended")
def test_no_process_outlives_the_main_one(server):
    workers = server.http_workers()
    server.process.kill()
    wait_until(lambda: not any(running(worker.pid) for worker in workers), 10)


# REL-09
@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_rel_09_a_stop_finishes_what_is_in_flight_and_refuses_the_rest(server, signal_):
    with server.connect() as slow, server.connect() as idle:
        idle.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(1000).startswith(b"HTTP/1.1 200")
        head = f"POST /fhir HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FHIR}\r\n"
        head += f"Content-Length: {len(BUNDLE)}\r\n\r\n"
        slow.sendall(head.encode() + BUNDLE[:20].encode())
        time.sleep(0.2)  # it has reached a worker
        server.process.send_signal(signal_)
        wait_until(lambda: refuses(server), 10)
        assert idle.recv(1000) == b""
        slow.sendall(BUNDLE[20:].encode())
        assert slow.recv(1000).startswith(b"HTTP/1.1 200")
    assert server.process.wait(30) == 0


def refuses(server):
    try:
        server.connect().close()
    except ConnectionRefusedError:
        return True
    return False


# A mapped file that grows on a full disk ends its process with SIGBUS, while others could still read
@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="this system has no memory with the names of files")
def test_nothing_is_mapped_from_the_disk_for_temporary_files(new_database, tmp_path, monkeypatch):
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    with OwnServer(new_database("sqlite"), tmp_path, max_requests_per_minute=1000) as server:
        assert "fhir_registry_request_seconds" in requests.get(f"{server.root}/metrics", timeout=30).text
        mapped = Path(f"/proc/{server.http_workers()[0].pid}/maps").read_text()
        assert "rate-limits" in mapped and ".db" in mapped
        assert str(place) not in mapped


def test_an_answer_that_cannot_be_finished_leaves_no_file(tmp_path):
    def parts():
        yield b"a" * (ANSWER_IN_MEMORY + 1)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        _collect(parts(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "fhir_registry.edges.cli", "serve", "--port", str(taken.getsockname()[1])]
        environment = os.environ | {"FHIR_REGISTRY_DATA_DIR": str(tmp_path)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "choose another with --port" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_process_that_cannot_start_is_tried_again_ever_more_seldom(caplog):
    ended = []
    with socket.socket() as bound:
        supervisor = Supervisor([["-c", "import sys; sys.exit(3)"]], [], bound, ended.append)
        for _ in range(3):
            wait_until(lambda: _look(supervisor, ended), 10)
    lines = [record.getMessage() for record in caplog.records]
    assert [line.partition("started ")[2].split(";")[0] for line in lines] == ["in 1 s", "in 2 s", "in 4 s"]
    assert all("exit code 3" in line for line in lines)


# A machine without memory for another process says OSError, too
def test_a_process_that_cannot_be_made_ends_nobody_and_is_tried_again(caplog, monkeypatch, tmp_path):
    python, ended = tmp_path / "python", []
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with socket.socket() as bound:
        supervisor = Supervisor([], [["-m", "worker"]], bound, ended.append)
        wait_until(lambda: _look(supervisor, ended), 10)  # as a process for jobs does that had none
        python.chmod(0o644)
        for _ in range(3):
            assert not _look(supervisor, ended)
            supervisor._children[0].next_start = 0
        python.chmod(0o755)
        wait_until(lambda: _look(supervisor, ended), 10)
    assert len(ended) == 2
    lines = [record.getMessage() for record in caplog.records]
    told = "a process of worker cannot be started: Permission denied; it is tried again in {} s"
    assert lines == [told.format(seconds) for seconds in (1, 2, 4)]


def _look(supervisor, ended):
    """Whether the child has ended once more."""
    before, (child,) = len(ended), supervisor._children
    supervisor._look_after(child)
    if len(ended) > before:
        child.next_start = 0  # a test does not wait
    return len(ended) > before
