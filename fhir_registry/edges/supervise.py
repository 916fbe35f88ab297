"""Keeps the processes of a server running (https://docs.python.org/3/library/subprocess.html)."""

import logging
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

from fhir_registry.content.errors import ContentError
from fhir_registry.fhir.errors import FhirError

from .config import ConfigError

log = logging.getLogger("fhir_registry")
LOOK_SECONDS = 0.1
STARTED_SECONDS = 30  # after which a process that ends had started well
LONGEST_PAUSE = 30  # seconds
DRAIN_SECONDS = 30  # that requests being handled have when the server stops


@contextmanager
def ended_in_one_line():
    """End this process with exit code 1, and a line that says what is wrong, when it cannot be started."""
    try:
        yield
    except (ConfigError, ContentError, FhirError) as problem:
        log.error("%s", problem)
        sys.exit(1)


class Supervisor:
    """Starts processes, and each anew when it ends, until SIGTERM or SIGINT.

    servers, workers: for each process the arguments of the Python interpreter. bound: the socket that the servers
    share. on_end: called with the number of a process that has ended.
    """

    def __init__(self, servers, workers, bound, on_end):
        self._bound, self._on_end = bound, on_end
        self._children = [_Child(arguments, [bound.fileno()]) for arguments in servers]
        self._children += [_Child(arguments, []) for arguments in workers]
        self._stopping = False

    def run(self):
        """Returns when all processes have ended after a signal."""
        for signal_ in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_, self._stop)
        try:
            while not self._stopping:
                for child in self._children:
                    self._look_after(child)
                time.sleep(LOOK_SECONDS)
        finally:
            self._end()

    def _stop(self, *_):
        self._stopping = True

    def _look_after(self, child):
        if child.process is None:
            if time.monotonic() >= child.next_start:
                self._start(child)
        elif (code := child.process.poll()) is not None:
            self._on_end(child.process.pid)
            pause = child.ended(code)
            if code != 0:
                how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
                when = f"in {pause} s; the lines above say why" if pause else "now"
                log.error("a process of %s %s; another is started %s", child.module, how, when)

    def _start(self, child):
        try:
            child.start()
        except OSError as problem:  # no memory, or too many processes: those that run go on
            told = child.module, problem.strerror, child.ended(1)
            log.error("a process of %s cannot be started: %s; it is tried again in %d s", *told)

    def _end(self):
        running = [child.process for child in self._children if child.process]
        self._bound.close()  # who comes now is refused
        for process in running:
            process.terminate()
        until = time.monotonic() + DRAIN_SECONDS
        for process in running:
            try:
                process.wait(max(0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("requests did not end within %d s of the stop; they are cut off", DRAIN_SECONDS)
                process.kill()
                process.wait()


class _Child:
    def __init__(self, arguments, descriptors):
        self._command, self._descriptors = [sys.executable, *arguments], descriptors
        self.process, self.next_start, self._started, self._pause = None, 0, 0, 0

    @property
    def module(self):
        """What it runs."""
        return self._command[2]

    def start(self):
        self._started = time.monotonic()
        self.process = subprocess.Popen(self._command, pass_fds=self._descriptors)

    def ended(self, code):
        """Seconds until the next one starts: soon, but for those that again and again end by themselves at start."""
        failed = code > 0 and time.monotonic() - self._started < STARTED_SECONDS
        self._pause = min(LONGEST_PAUSE, 2 * self._pause or 1) if failed else 0
        self.process, self.next_start = None, time.monotonic() + self._pause
        return self._pause
