"""A server of a test's own: real processes behind a real port."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import requests

FHIR = "application/fhir+json"
START_SECONDS = 60


class Server:
    """A running server. base: its FHIR base URL. log: Path of what it wrote."""

    def __init__(self, process, port, log):
        self.process, self.port, self.log = process, port, log
        self.root = f"http://127.0.0.1:{port}"
        self.base = f"{self.root}/fhir"

    def connect(self, timeout=20):
        """A new connection, a socket."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def exchange(self, data, close=False):
        """What the server answers to these bytes on a connection of their own, until it closes it."""
        with self.connect() as connection:
            connection.sendall(data)
            if close:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while piece := connection.recv(65536):
                    answer += piece
            except (ConnectionResetError, TimeoutError):
                pass
            return answer

    def workers(self):
        """The numbers of the processes that serve."""
        found = subprocess.run(["pgrep", "-P", str(self.process.pid), "-f", "server_process"], capture_output=True)
        return [int(pid) for pid in found.stdout.split()]

    def wait_for_workers(self, number):
        """Return when so many processes serve."""
        wait_until(lambda: len(self.workers()) == number)


@contextmanager
def running_server(database, folder, **settings):
    """A Server on a database; settings: as in docs/configuration.md, without their prefix, in lower case."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    values = {"database": database, "data_dir": folder, "port": port, "log_level": "warning"} | settings
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FHIR_REGISTRY_")}
    environment |= {f"FHIR_REGISTRY_{name.upper()}": str(value) for name, value in values.items()}
    path = Path(folder) / "server.log"
    command = [sys.executable, "-m", "fhir_registry.edges.cli", "serve"]
    with path.open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    server = Server(process, port, path)
    try:
        wait_until(lambda: _answers(server))
        yield server
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(holds, seconds=START_SECONDS):
    """Return when `holds()`; fails when it does not within so many seconds."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.05)


def _answers(server):
    assert server.process.poll() is None, server.log.read_text()
    try:
        return requests.get(f"{server.root}/health/ready", timeout=30).ok
    except requests.ConnectionError:
        return False
