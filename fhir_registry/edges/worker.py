"""Processes that do jobs: one by itself, or several that a server keeps (docs/cli.md; https://hl7.org/fhir/R5/async-bundle.html)."""

import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from threading import Event, Thread

from fhir_registry.ops.jobs import work
from fhir_registry.ops.open import spare_collector

from .config import PREFIX, Config
from .serve import configure_logging

log = logging.getLogger("fhir_registry")
STOP_SECONDS = 10  # that a worker has to give its job back
PAUSE = 60  # seconds, the longest before one that keeps ending is started again


def run_worker(parent=None, database=None):
    """Do jobs until SIGINT or SIGTERM; what is done then is given back, for another to go on with.

    parent: number of the process that started this one, and with which it ends. database: URL or path, before the
    environment's. Raises ConfigError or ContentError.
    """
    from .app import open_configured

    if database:
        os.environ[f"{PREFIX}DATABASE"] = database
    config = Config.from_env()
    configure_logging(config.log_level)
    stop = _Stop(parent)
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_, lambda *_: stop.set())
    registry = open_configured(config)
    spare_collector()
    try:
        work(registry, stop)
    finally:
        registry.close()


class _Stop:
    """Set by a signal, or when the parent has ended. An Event holds a lock that its own signal handler may wait for."""

    def __init__(self, parent):
        self._parent, self._set = parent, False

    def set(self):
        self._set = True

    def is_set(self):
        return self._set or (self._parent is not None and os.getppid() != self._parent)

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while not self.is_set() and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))


@contextmanager
def keeping_workers(number):
    """Keep so many workers running, each in a process of its own, while the block runs."""
    stopping = Event()
    keepers = [_Keeper(stopping) for _ in range(number)]
    for keeper in keepers:
        keeper.start()
    try:
        yield
    finally:
        stopping.set()
        for keeper in keepers:
            keeper.stop()


class _Keeper(Thread):
    """Starts a worker anew when it ends."""

    def __init__(self, stopping):
        super().__init__(daemon=True)
        self._stopping, self._process = stopping, None

    def run(self):
        pause = 1
        while not self._stopping.is_set():
            started = time.monotonic()
            self._process = subprocess.Popen([sys.executable, "-m", __name__, str(os.getpid())])
            code = self._process.wait()
            if self._stopping.is_set():
                return
            pause = 1 if time.monotonic() - started > PAUSE else min(PAUSE, 2 * pause)
            log.error("the job worker ended with %s; it is started again in %d s", code, pause)
            self._stopping.wait(pause)

    def stop(self):
        """Let the worker give its job back and end."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self.join()


if __name__ == "__main__":
    run_worker(int(sys.argv[1]))
