"""A set of many large random numbers in little memory (https://en.wikipedia.org/wiki/Open_addressing)."""

from array import array

FIRST = 1024  # slots, a power of two
FULL = 0.7  # of the slots, when there are twice as many


class Keys:
    """Numbers from 1 to 2^64 - 1; each takes 11 to 23 bytes, a set of Python's some 100."""

    def __init__(self):
        self._slots, self._count = array("Q", bytes(8 * FIRST)), 0

    def __contains__(self, key):
        return self._slots[self._slot(key)] == key

    def add(self, key):
        """Put a number into the set."""
        slot = self._slot(key)
        if self._slots[slot] == 0:
            self._slots[slot] = key
            self._count += 1
            if self._count > FULL * len(self._slots):
                self._grow()

    def _slot(self, key):
        """Where the number stands, or is to stand."""
        slots, mask = self._slots, len(self._slots) - 1
        slot = key & mask
        while slots[slot] not in (0, key):
            slot = (slot + 1) & mask
        return slot

    def _grow(self):
        old = self._slots
        self._slots = array("Q", bytes(16 * len(old)))
        for key in filter(None, old):
            self._slots[self._slot(key)] = key
