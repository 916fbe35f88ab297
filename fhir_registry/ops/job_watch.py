"""Waiting for jobs: without content, so that a process that has nothing to do needs little memory (https://hl7.org/fhir/R5/async-bundle.html)."""

import math
import time
from contextlib import suppress

from ..fhir.errors import FhirError
from ..store.process import is_gone, this_process

KINDS = ("evaluate", "import")  # of jobs that any process may do: those of ops/jobs.py
IDLE = 0.5  # seconds between two looks for a job
BEAT = 10  # seconds between two heartbeats
CLEAN = 3600  # seconds between two looks for old jobs


class Watch:
    """Looks for jobs of these kinds, and says meanwhile that this process lives and removes old jobs.

    jobs: Jobs of a store. stop: what has is_set() and wait(seconds).
    """

    def __init__(self, jobs, stop, kinds=KINDS):
        self._jobs, self._stop, self._kinds = jobs, stop, kinds
        self._seen = self._cleaned = -CLEAN

    def wait(self, seconds=math.inf):
        """True when there is a job to claim; False when `stop` was set or so many seconds have passed."""
        end = time.monotonic() + seconds
        while not self._stop.is_set() and time.monotonic() < end:
            try:
                self.report()
                if self._jobs.await_worker(self._kinds, is_gone):
                    return True
            except FhirError as problem:
                self.pause(problem)
            self._stop.wait(IDLE)
        return False

    def report(self):
        """Say that this process lives, when that was not said lately; old jobs are removed now and then."""
        now = time.monotonic()
        if now - self._seen >= BEAT:
            self._jobs.see(this_process())
            self._seen = now
        if now - self._cleaned >= CLEAN:
            self._jobs.remove_old()
            self._cleaned = now

    def pause(self, problem):
        """Wait for a database that is away; it was logged. Raises any other problem."""
        if problem.status < 500:
            raise problem
        self._stop.wait(BEAT * IDLE)

    def end(self):
        """Say that this process ends."""
        with suppress(FhirError):
            self._jobs.unsee(this_process())
