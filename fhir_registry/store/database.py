"""Connections and transactions on SQLite (https://sqlite.org/wal.html) and PostgreSQL."""

import logging
import threading
import time
from contextlib import contextmanager

from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError

from ..fhir.errors import error

log = logging.getLogger("fhir_registry")
BUSY_SECONDS = 30
IDLE_SECONDS = 1  # after which a connection is asked whether it still stands
# What SQLite says when a statement is beyond its limits (https://sqlite.org/limits.html); it has no code of its own.
_BEYOND_LIMITS = (
    "Expression tree is too large",
    "parser stack overflow",
    "too many SQL variables",
    "pattern too complex",
    "interrupted",  # by the clock, see statement.py
)


class Database:
    """An engine with two kinds of transaction: `read` sees one moment, `write` excludes other writers.

    On SQLite a write starts with BEGIN IMMEDIATE, because a transaction that reads first and then writes
    fails as soon as another has written. Writers of one process queue for a lock instead of polling the file.
    On PostgreSQL writers of one site queue for the row of the site (Writer).
    """

    def __init__(self, url):
        try:
            url = make_url(url)
        except (ArgumentError, ValueError):
            raise ValueError("it is no URL such as postgresql+psycopg://user:password@host/name") from None
        self.sqlite = url.get_backend_name() == "sqlite"
        if self.sqlite:
            if not url.database or url.database == ":memory:":
                raise ValueError("the SQLite database needs a file: its connections must see the same data")
            # The connection used last is taken first: its cache is the warm one, and few connections grow one.
            waiting = {"timeout": BUSY_SECONDS, "check_same_thread": False}
            self.engine = create_engine(url, hide_parameters=True, pool_use_lifo=True, connect_args=waiting)
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
            self._reading = self._asking = self.engine
            self._writing = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        else:
            self.engine = create_engine(url, hide_parameters=True, use_insertmanyvalues=False)
            event.listen(self.engine, "checkin", _note_use)
            event.listen(self.engine, "checkout", self._ping_when_idle)
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            # Without BEGIN and COMMIT: half the messages to the server.
            self._asking = self.engine.execution_options(isolation_level="AUTOCOMMIT", postgresql_readonly=True)
            self._writing = self.engine
        self._lock = threading.Lock() if self.sqlite else None

    @contextmanager
    def read(self):
        """A Connection whose statements all see the same moment."""
        with self._reported(), self._reading.connect() as connection, connection.begin():
            yield connection

    def _ping_when_idle(self, connection, record, _proxy):
        # The server may have been restarted. A ping before each use would cost a read a third of its time.
        if time.monotonic() - record.info.get("used", 0) > IDLE_SECONDS:
            try:
                self.engine.dialect.do_ping(connection)
            except self.engine.dialect.loaded_dbapi.Error:
                raise DisconnectionError from None  # the pool takes another one

    @contextmanager
    def ask(self):
        """A Connection for one statement that reads."""
        with self._reported(), self._asking.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self):
        """A Connection that commits when the block ends and rolls back when it raises."""
        if self._lock and not self._lock.acquire(timeout=BUSY_SECONDS):
            raise error("unavailable", "lock-error", "The database is busy; try again", headers={"Retry-After": "5"})
        try:
            with self._reported(), self._writing.connect() as connection, connection.begin():
                yield connection
        finally:
            if self._lock:
                self._lock.release()

    @contextmanager
    def _reported(self):
        """What the database does to us (gone, locked, disk full) is a 503; one line without any data is logged.

        store/bulk.py talks to the driver itself, so that its errors come with and without SQLAlchemy's wrapping.
        """
        driver = self.engine.dialect.loaded_dbapi
        try:
            yield
        except (DBAPIError, driver.Error) as problem:
            cause = getattr(problem, "orig", problem)
            refuse_too_costly(cause)
            # DatabaseError itself is SQLite's word for a file that is none of its own, or damaged.
            unusable = isinstance(cause, (driver.OperationalError, driver.InterfaceError))
            if not unusable and type(cause) is not driver.DatabaseError:
                raise
            log.error("the database cannot be used: %s", describe(cause))
            message = "The database cannot be used at the moment; try again"
            raise error("unavailable", "transient", message, headers={"Retry-After": "5"}) from problem

    def lock_schema(self, connection):
        """Hold back other processes that open the same database, until the transaction ends."""
        if not self.sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(7267)"))

    def forget_connections(self):
        """In a forked process: leave the connections to the process that opened them."""
        self.engine.dispose(close=False)

    def close(self):
        """Give all connections back to the system."""
        self.engine.dispose()


def describe(problem):
    """The first line of what a driver says, with its code; the lines after it may quote data."""
    code = getattr(problem, "sqlstate", None) or getattr(problem, "sqlite_errorname", None) or type(problem).__name__
    return f"{(str(problem).splitlines() or [''])[0]} ({code})"


def refuse_too_costly(problem):
    """Raise bad-request when what the driver says is that a statement was beyond its limits, or took too long."""
    # Of PostgreSQL class 54, program limit exceeded, and 57014, query canceled.
    stopped = (getattr(problem, "sqlstate", None) or "").startswith(("54", "57014"))
    if stopped or any(words in str(problem) for words in _BEYOND_LIMITS):
        message = "This search is more than the database can do; fewer values or shorter chains cost less"
        raise error("bad-request", "too-costly", message) from problem


def _note_use(_connection, record):
    record.info["used"] = time.monotonic()


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
