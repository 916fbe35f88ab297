"""A server of a test's own, killed as a whole or in part, and a client that says when nothing answered."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
FHIR = "application/fhir+json"
START_SECONDS = 60
ANSWER_SECONDS = 90


class NoAnswer(Exception):
    """The connection ended before the answer did: what was asked for may have been done, or not."""


class Answer(NamedTuple):
    """A response: `headers` by lower-case name, `body` as bytes."""

    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


class OwnServer:
    """`fhir-registry serve` on a free port over `database` (SQLAlchemy URL); its log is a file in `folder`.

    settings: as in docs/configuration.md, without their prefix, in lower case. process: the main one, a Popen. root,
    base: its URL and that of FHIR.
    """

    def __init__(self, database, folder, workers=1, **settings):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.root = f"http://127.0.0.1:{self.port}"
        self.base = f"{self.root}/fhir"
        self.workers, self.process = workers, None
        self.log = Path(folder) / "server.log"
        settings = {"log_level": "warning", "workers": workers} | settings
        settings |= {"database": database, "data_dir": folder, "port": self.port}
        plain = {name: text for name, text in os.environ.items() if not name.startswith("FHIR_REGISTRY_")}
        self.environment = plain | {f"FHIR_REGISTRY_{name.upper()}": str(value) for name, value in settings.items()}

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()

    def start(self):
        """Start it; returns the seconds until it answers."""
        started = time.monotonic()
        command = [sys.executable, "-m", "fhir_registry.edges.cli", "serve"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.wait_until_ready()
        return time.monotonic() - started

    def wait_until_ready(self):
        """Until it answers, and all its workers run."""
        with closing(Client(self.port)) as client:
            wait_until(lambda: self._answers(client) and len(self.http_workers()) == self.workers)

    def _answers(self, client):
        assert self.process.poll() is None, f"the server does not start: {self.log.read_text()[-2000:]}"
        try:
            return client.send("GET", "/health").status == 200
        except NoAnswer:
            return False

    def connect(self, timeout=20):
        """A new connection, a socket."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def exchange(self, data, close=False):
        """What the server answers to these bytes on a connection of their own, until it closes it."""
        return exchange(("127.0.0.1", self.port), data, close)

    def processes(self):
        """All its processes, the main one first, as psutil.Process."""
        try:
            main = psutil.Process(self.process.pid)
            return [main, *main.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def http_workers(self):
        """The processes that answer requests."""
        return [process for process in self.processes()[1:] if _listens(process, self.port) and _has_started(process)]

    def job_workers(self):
        """The processes that work on jobs, their forks too; estimates are computed by others."""
        return [process for process in self.processes()[1:] if _runs(process, "fhir_registry.edges.worker")]

    def kill(self):
        """kill -9 of all its processes at once."""
        processes = self.processes()
        for process in processes:  # none may see another one end and do something about it
            _signal(process, signal.SIGSTOP)
        for process in processes:
            _signal(process, signal.SIGKILL)
        self.process.wait()
        psutil.wait_procs(processes, timeout=10)

    def stop(self):
        """SIGTERM, and wait; returns the exit code."""
        self.process.terminate()
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


def exchange(address, data, close=False, until=None):
    """What a server answers to these bytes on a connection of their own, until it closes it.

    close: whether nothing more is sent. until: bytes with which the answer is enough.
    """
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(data)
        if close:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        with suppress(ConnectionResetError, TimeoutError):
            while piece := connection.recv(65536):
                answer += piece
                if until and until in answer:
                    break
        return answer


def wait_until(holds, seconds=START_SECONDS):
    """Return when `holds()`; fails when it does not within so many seconds."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.05)


def _signal(process, number):
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _listens(process, port):
    try:
        return any(found.laddr.port == port for found in process.net_connections("tcp"))
    except psutil.Error:
        return False


def _has_started(process):
    # All share one socket, so one that is still reading its content seems to listen too; it does not handle SIGTERM.
    with suppress(OSError):
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    return False


def _runs(process, module):
    try:
        return module in process.cmdline()
    except psutil.Error:
        return False


class Client:
    """One connection, kept alive; nothing is ever sent twice by itself."""

    def __init__(self, port, seconds=ANSWER_SECONDS):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)

    def send(self, method, path, body=None, headers=None):
        """The Answer. body: bytes, or a resource as dict. Raises NoAnswer."""
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        try:
            self._connection.request(
                method, path, body, {"Content-Type": FHIR, **(headers or {})} if body else headers or {}
            )
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as problem:
            self._connection.close()
            raise NoAnswer(type(problem).__name__) from None
        return Answer(response.status, {name.lower(): text for name, text in response.getheaders()}, content)

    def fhir(self, method, path, body=None, headers=None):
        """As send, below the FHIR base."""
        return self.send(method, f"/fhir/{path}" if path else "/fhir", body, headers)

    def close(self):
        self._connection.close()
