"""A server of several processes, killed as a whole or in part, and a client that says when nothing answered."""

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

    settings: as in docs/configuration.md, without their prefix.
    """

    def __init__(self, database, folder, workers=2, **settings):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.database, self.workers, self._main = database, workers, None
        self.log = Path(folder) / "server.log"
        settings = {"DATABASE": database, "DATA_DIR": folder, "PORT": self.port, "WORKERS": workers} | settings
        plain = {name: text for name, text in os.environ.items() if not name.startswith("FHIR_REGISTRY_")}
        self.environment = plain | {f"FHIR_REGISTRY_{name}": str(value) for name, value in settings.items()}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self._main.poll() is None:
            self.stop()

    def command(self, *arguments):
        """The arguments that run a command of this program."""
        return [sys.executable, "-W", "ignore", "-m", "fhir_registry.edges.cli", *arguments]

    def start(self):
        """Start it; returns the seconds until it answers."""
        started = time.monotonic()
        with self.log.open("ab") as log:
            self._main = subprocess.Popen(
                self.command("serve"), cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.wait_until_ready()
        return time.monotonic() - started

    def wait_until_ready(self):
        """Until it answers, and all its workers run."""
        deadline = time.monotonic() + START_SECONDS
        with closing(Client(self.port)) as client:
            while not (self._answers(client) and len(self.http_workers()) == self.workers):
                if self._main.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the server does not start: {self.log.read_text()[-2000:]}")
                time.sleep(0.05)

    @staticmethod
    def _answers(client):
        try:
            return client.send("GET", "/health").status == 200
        except NoAnswer:
            return False

    def processes(self):
        """All its processes, the main one first, as psutil.Process."""
        try:
            main = psutil.Process(self._main.pid)
            return [main, *main.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def http_workers(self):
        """The processes that answer requests."""
        return [process for process in self.processes()[1:] if _listens(process, self.port)]

    def job_workers(self):
        """The processes that work on jobs."""
        return [process for process in self.processes()[1:] if not _listens(process, self.port)]

    def kill(self):
        """kill -9 of all its processes at once."""
        processes = self.processes()
        for process in processes:  # none may see another one end and do something about it
            _signal(process, signal.SIGSTOP)
        for process in processes:
            _signal(process, signal.SIGKILL)
        self._main.wait()
        psutil.wait_procs(processes, timeout=10)

    def stop(self):
        """SIGTERM, and wait; returns the exit code."""
        self._main.terminate()
        try:
            return self._main.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


def _signal(process, number):
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _listens(process, port):
    try:
        return any(found.laddr.port == port for found in process.net_connections("tcp"))
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
