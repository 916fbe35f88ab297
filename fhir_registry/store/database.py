"""Connections and transactions on SQLite (https://sqlite.org/wal.html) and PostgreSQL."""

import logging
import threading
from contextlib import contextmanager

from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from ..fhir.errors import error

log = logging.getLogger("fhir_registry")
BUSY_SECONDS = 30


class Database:
    """An engine with two kinds of transaction: `read` sees one moment, `write` excludes other writers.

    On SQLite a write starts with BEGIN IMMEDIATE, because a transaction that reads first and then writes
    fails as soon as another has written. Writers of one process queue for a lock instead of polling the file.
    On PostgreSQL writers of one site queue for the row of the site (Writer).
    """

    def __init__(self, url):
        url = make_url(url)
        self.sqlite = url.get_backend_name() == "sqlite"
        if self.sqlite:
            if not url.database or url.database == ":memory:":
                raise ValueError("the SQLite database needs a file: its connections must see the same data")
            # The connection used last is taken first: its cache is the warm one, and few connections grow one.
            self.engine = create_engine(
                url, pool_use_lifo=True, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
            )
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
            self._reading = self.engine
            self._writing = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        else:
            self.engine = create_engine(url, pool_pre_ping=True, use_insertmanyvalues=False)
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._writing = self.engine
        self._lock = threading.Lock() if self.sqlite else None

    @contextmanager
    def read(self):
        """A Connection whose statements all see the same moment."""
        with _reported(), self._reading.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self):
        """A Connection that commits when the block ends and rolls back when it raises."""
        if self._lock and not self._lock.acquire(timeout=BUSY_SECONDS):
            raise error("unavailable", "lock-error", "The database is busy; try again", headers={"Retry-After": "5"})
        try:
            with _reported(), self._writing.connect() as connection, connection.begin():
                yield connection
        finally:
            if self._lock:
                self._lock.release()

    def lock_schema(self, connection):
        """Hold back other processes that open the same database, until the transaction ends."""
        if not self.sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(7267)"))

    def close(self):
        """Give all connections back to the system."""
        self.engine.dispose()


@contextmanager
def _reported():
    """What the database does to us (gone, locked, disk full) is a 503; its own words go to the log only."""
    try:
        yield
    except OperationalError as problem:
        log.exception("database")
        message = "The database cannot be used at the moment; try again"
        raise error("unavailable", "transient", message, headers={"Retry-After": "5"}) from problem


def _prepare_sqlite(connection, _record):
    connection.isolation_level = None  # transactions begin where _begin_sqlite says
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # what was acknowledged survives a power cut
        "foreign_keys = ON",
        "cache_size = -16384",  # KiB, for each connection
        "temp_store = MEMORY",
        "wal_autocheckpoint = 4000",  # pages: fewer, larger copies during a long push
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection):
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
