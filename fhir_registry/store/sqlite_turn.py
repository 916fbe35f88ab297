"""Processes that write to one SQLite file take turns (https://sqlite.org/lockingv3.html, https://man7.org/linux/man-pages/man2/flock.2.html)."""

import fcntl
import os
import time
from contextlib import contextmanager

LOOK_SECONDS = 0.001  # between two looks whether what one waits for is free


class Turn:
    """The right to write next to a database file: a lock on an empty file beside it, which ends with its holder.

    SQLite has no queue: who asks at the moment at which another commits is next. A process with many writers asks at
    once, so that others would wait for as long as it has any. Who waits for the database holds the turn meanwhile; who
    has just written waits for the turn like everybody.
    """

    def __init__(self, database):
        self._file = f"{database}-turn"

    @contextmanager
    def taken(self, until):
        """Hold the turn; True, or False when it could not be had until then (time.monotonic()).

        Where there can be no such file chance decides, as without turns.
        """
        try:
            file = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            yield True
            return
        try:
            yield wait_for(lambda: _took(file), until)
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)  # a forked process may have the file too
            os.close(file)


def wait_for(took, until):
    """Look until took() is true; whether it was before `until` (time.monotonic())."""
    while not took():
        if time.monotonic() > until:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def _took(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without such locks
        pass
    return True
