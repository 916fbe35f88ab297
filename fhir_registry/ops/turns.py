"""Few threads at a time wait for others who may be slow (https://learn.microsoft.com/en-us/azure/architecture/patterns/bulkhead)."""

import threading
import time
from contextlib import contextmanager


class Turns:
    """`most` threads at a time may ask somebody.

    A thread beyond them waits for a turn until `seconds` after the latest one began. When the last answer took longer
    than that it does not wait at all: threads that wait for the slow are missing elsewhere.
    """

    def __init__(self, most, seconds, clock=time.monotonic):
        self._free, self._seconds, self._clock = most, seconds, clock
        self._began = self._took = 0.0  # when the latest turn began, how long the one took that ended last
        self._changed = threading.Condition()

    @property
    def taken(self):
        """Whether there is none left."""
        return not self._free

    @contextmanager
    def take(self, waits=True):
        """Yields whether there is a turn for this thread; it ends with the block. waits: False to look only."""
        began = self._begin(waits)
        try:
            yield began is not None
        finally:
            if began is not None:
                self._end(began)

    def _begin(self, waits):
        with self._changed:
            left = self._began + self._seconds - self._clock() if waits and self._took < self._seconds else 0
            if not self._changed.wait_for(lambda: self._free, max(left, 0)):
                return None
            self._free -= 1
            self._began = self._clock()
            return self._began

    def _end(self, began):
        with self._changed:
            self._free += 1
            self._took = self._clock() - began
            self._changed.notify()
