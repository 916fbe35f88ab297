"""Keeps SQLite's write-ahead log short (https://sqlite.org/wal.html#avoiding_excessively_large_wal_files)."""

import os
import sqlite3
import time
from contextlib import closing

SHORT = 16_000_000  # bytes
PATIENCE = 0.5  # seconds that it waits for those who still read the log, and other writers for it


class WriteAheadLog:
    """The log of one database file, which every commit lengthens.

    SQLite begins it anew only when nobody reads it at the moment of a commit. Under load somebody always does: then it
    grows, all reading becomes slower, and each commit copies its pages at once.
    """

    def __init__(self, file, turn):
        self._file, self._turn, self._due = file, turn, SHORT

    def keep_short(self):
        """After a commit: copy the log into the database and begin it anew, when it is long.

        When somebody reads it for longer, the next try is when it has twice the length.
        """
        try:
            size = os.stat(f"{self._file}-wal").st_size
        except OSError:  # the last connection took it away
            return
        if size >= self._due:
            self._due = SHORT if self._begin_anew() else 2 * size
        elif size < SHORT:  # another process did it
            self._due = SHORT

    def _begin_anew(self):
        try:
            with (
                self._turn.taken(time.monotonic() + PATIENCE) as mine,  # else a writer may come before it each time
                closing(sqlite3.connect(self._file, timeout=PATIENCE)) as connection,
            ):
                if not mine:
                    return False
                ((busy, *_),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error:  # what was committed is in the log; the next transaction says what is wrong
            return False
        return not busy
