"""What one process does at a time; the system lets go when that ends, be it killed.

(https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS,
https://man7.org/linux/man-pages/man2/fcntl_locking.2.html)
"""

import fcntl
import hashlib
from contextlib import contextmanager

from sqlalchemy import text

from ..fhir.errors import error

LOCKS = "-lock"  # ends the name of the file beside that of SQLite; it stays, and is empty


@contextmanager
def alone(database, what, refusal):
    """Until the block ends no other process is in one of the same `what` (a text) of this database.

    Raises conflict with the message `refusal` when one is. Processes that this one forks hold nothing.
    """
    number = int.from_bytes(hashlib.sha256(what.encode()).digest()[:7])
    hold = _hold_sqlite if database.sqlite else _hold_postgresql
    with hold(database, number) as held:
        if not held:
            raise error("conflict", "conflict", refusal)
        yield


@contextmanager
def _hold_sqlite(database, number):
    # Not the file of the database: to close that would take SQLite's own locks from this process.
    with open(f"{database.file.resolve()}{LOCKS}", "ab") as locks:
        try:
            fcntl.lockf(locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)  # a byte that need not be there
        except (BlockingIOError, PermissionError):
            held = False
        else:
            held = True
        yield held


@contextmanager
def _hold_postgresql(database, number):
    with database.engine.connect() as connection:
        query = text("SELECT pg_try_advisory_lock(:number)")
        try:
            yield connection.execute(query, {"number": number}).scalar()
        finally:
            connection.invalidate()  # the lock is that of its session
