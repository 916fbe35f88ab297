"""Connections and transactions on SQLite (https://sqlite.org/wal.html) and PostgreSQL."""

import os
import sqlite3
import threading
import time
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from . import deadline
from .failures import BUSY, GONE, answer, answer_failure, refuse_too_costly
from .sqlite_log import WriteAheadLog
from .sqlite_turn import Turn, wait_for
from .wall import EVERYWHERE, OPENED, require_site

BUSY_SECONDS = 30  # that a writer waits for others
IDLE_SECONDS = 1  # after which a connection is asked whether it still stands
PATIENT_SECONDS = 900  # the same where no request waits for the answer: imports and jobs
READING_CACHE, WRITING_CACHE = 4_096, 16_384  # KiB of a connection to SQLite; few write, many read
CONNECTIONS = 8  # that a process keeps to PostgreSQL; it may open as many again
CONNECTIONS_EVERYWHERE = 4  # the same, of those that see the rows of all sites
# How transactions begin on PostgreSQL, whatever an administrator has made the default. What a statement of one that
# writes sees is as new as the statement, so that a condition sees what was committed while it waited for others.
READING, WRITING = "REPEATABLE READ READ ONLY", "READ COMMITTED"
# Not by the name of this package, which may be another's at a public index.
NO_DRIVER = (
    "PostgreSQL is postgresql+psycopg:// and needs its driver: pip install '.[postgresql]' in the folder of the "
    "source, or pip install 'psycopg[binary]'"
)
_DONE = 1  # libpq's PGRES_COMMAND_OK
# A PostgreSQL that is gone without a word (https://www.postgresql.org/docs/current/libpq-connect.html).
_NETWORK = {
    "application_name": "fhir-registry",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


class Database:
    """An engine with two kinds of transaction: `read` sees one moment, `write` excludes other writers.

    Each is of a site, by its number, and on PostgreSQL meets no row of another; or EVERYWHERE (wall.py). file: the Path
    of a SQLite database.

    On SQLite a write starts with BEGIN IMMEDIATE, because a transaction that reads first and then writes
    fails as soon as another has written. On PostgreSQL writers of one site queue for the row of the site (Writer).
    """

    def __init__(self, url):
        try:
            url = make_url(url)
        except (ArgumentError, ValueError):
            raise ValueError("it is no URL such as postgresql+psycopg://user:password@host/name") from None
        self.url, self.sqlite, self.seconds = url, url.get_backend_name() == "sqlite", None
        if self.sqlite:
            self._open_sqlite(url)
            self.file = Path(url.database.removeprefix("file:")).absolute()
        else:
            try:
                self._open_postgresql(url)
            except ImportError:
                raise ValueError(NO_DRIVER) from None
        self.is_outdated = lambda: False  # asked when a table is not there: whether other rules hold by now (Store)
        for engine in self._engines:
            deadline.watch(engine)
        self._lock = threading.Lock() if self.sqlite else None
        self._turn = Turn(self.file) if self.sqlite else None
        self._log = WriteAheadLog(self.file, self._turn) if self.sqlite else None

    def _open_sqlite(self, url):
        if not url.database or url.database == ":memory:":
            raise ValueError("the SQLite database needs a file: its connections must see the same data")
        # The connection used last is taken first: its cache is the warm one, and few connections grow one.
        self.engine = self._sqlite_engine(url, READING_CACHE, pool_use_lifo=True)
        # One writes at a time, with what the one before has left in the cache.
        writing = self._sqlite_engine(url, WRITING_CACHE, pool_size=1)
        self._writing = writing.execution_options(immediate=True)
        self._engines = self.engine, writing

    def _sqlite_engine(self, url, cache, **pool):
        waiting = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = create_engine(url, hide_parameters=True, connect_args=waiting, **pool)
        event.listen(engine, "do_connect", partial(_make_file, url.database))
        event.listen(engine, "connect", partial(_prepare_sqlite, cache))
        event.listen(engine, "begin", self._begin_sqlite)
        return engine

    def _open_postgresql(self, url):
        if url.get_driver_name() != "psycopg":
            raise ValueError(NO_DRIVER)
        self.engine = self._postgresql_engine(url, CONNECTIONS)
        self._everywhere = self._postgresql_engine(url, CONNECTIONS_EVERYWHERE, OPENED)
        self._engines = self.engine, self._everywhere

    def _postgresql_engine(self, url, connections, first=""):
        engine = create_engine(
            url,
            hide_parameters=True,
            use_insertmanyvalues=False,
            # A statement alone goes without BEGIN and COMMIT: half the messages; others begin in _place.
            isolation_level="AUTOCOMMIT",
            connect_args={name: value for name, value in _NETWORK.items() if name not in url.query},
            pool_size=connections,
            max_overflow=connections,
            pool_timeout=BUSY_SECONDS,
            pool_use_lifo=True,
        )
        event.listen(engine, "connect", partial(self._prepare_postgresql, first))
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", self._ping_when_idle)
        return engine

    def limit(self, seconds):
        """From now on let transactions have so many seconds, the time they wait for others included."""
        self.seconds = seconds
        self.close()  # PostgreSQL is told when it is connected to

    @property
    def in_use(self):
        """How many connections are in use."""
        return sum(engine.pool.checkedout() for engine in self._engines)

    @property
    def patience(self):
        """Seconds that a writer waits for others."""
        return PATIENT_SECONDS if self.seconds is None else min(BUSY_SECONDS, self.seconds)

    @contextmanager
    def read(self, site, limited=True):
        """A Connection whose statements all see the same moment. limited: whether it has only the time of a request."""
        seconds = self.seconds if limited else None
        with self._begun(site, READING, deadline.end_after(seconds)) as connection:
            if seconds != self.seconds and not self.sqlite:
                patience = f"SET LOCAL idle_in_transaction_session_timeout = {PATIENT_SECONDS * 1000}"
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = 0; {patience}")
            yield connection

    @contextmanager
    def ask(self, site):
        """A Connection for one statement that reads."""
        with self._begun(site, None, deadline.end_after(self.seconds)) as connection:
            yield connection

    @contextmanager
    def write(self, site):
        """A Connection that commits when the block ends and rolls back when it raises."""
        end = deadline.end_after(self.seconds)
        with self._alone():
            with self._begun(site, WRITING, end) as connection:
                yield connection
                deadline.check_time(connection)
                if not self._is_whole(connection):
                    raise answer(GONE)
            if self._log:
                self._log.keep_short()

    def _is_whole(self, connection):
        """Whether COMMIT will store what was written.

        Some errors make SQLite roll back by itself (https://sqlite.org/lang_transaction.html), and after any PostgreSQL
        does so at COMMIT: that would store nothing and say that all is well, had somebody passed over the error.
        """
        driver = connection.connection.driver_connection
        return driver.in_transaction if self.sqlite else driver.info.transaction_status.name == "INTRANS"

    @contextmanager
    def _begun(self, site, mode, end):
        """mode: of the transaction; None for a statement alone."""
        require_site(site)
        with self._reported(), self._engine_of(site, mode).connect() as connection:
            deadline.begin(connection, self.seconds, end)
            transaction = connection.begin()
            try:
                if not self.sqlite:
                    _place(connection, site, mode)
                yield connection
            except BaseException:
                transaction.rollback()
                raise
            with self._reported(commits=True):
                transaction.commit()

    def _engine_of(self, site, mode):
        if self.sqlite:
            return self._writing if mode == WRITING else self.engine
        return self._everywhere if site == EVERYWHERE else self.engine

    @contextmanager
    def _alone(self):
        # Writers of one process queue for a lock instead of polling the file.
        if self._lock and not self._lock.acquire(timeout=self.patience):
            raise answer(BUSY)
        try:
            yield
        finally:
            if self._lock:
                self._lock.release()

    @contextmanager
    def _reported(self, commits=False):
        """What the database does to us (gone, locked, disk full) is a 503 or 507, see failures.py.

        store/bulk.py talks to the driver itself, so that its errors come with and without SQLAlchemy's wrapping.
        """
        driver = self.engine.dialect.loaded_dbapi
        try:
            yield
        except NoConnectionError as problem:
            raise answer(BUSY) from problem
        except (DBAPIError, driver.Error) as problem:
            if deadline.was_stopped(problem) and self.seconds:
                raise deadline.timeout(self.seconds) from problem
            refuse_too_costly(problem)
            found = answer_failure(problem, driver, commits, self.is_outdated)
            if found is None:
                raise
            raise found from problem

    def lock_schema(self, connection):
        """Hold back other processes that open the same database, until the transaction ends."""
        if not self.sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(7267)"))

    def forget_connections(self):
        """In a forked process: leave the connections to the process that opened them."""
        for engine in self._engines:
            engine.dispose(close=False)

    def close(self):
        """Give all connections back to the system."""
        for engine in self._engines:
            engine.dispose()

    def _begin_sqlite(self, connection):
        """BEGIN, or BEGIN IMMEDIATE when it is the turn of this process.

        SQLite's own waiting looks ten times a second: too seldom for many writers.
        """
        driver = connection.connection.driver_connection
        if not connection.get_execution_options().get("immediate"):
            driver.execute("BEGIN")
            return
        until = time.monotonic() + min(self.patience, deadline.left(connection))
        driver.execute("PRAGMA busy_timeout = 0")
        try:
            with self._turn.taken(until) as mine:
                if not mine or not wait_for(partial(_took_lock, driver), until):
                    raise answer(BUSY)
        finally:
            driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")

    def _prepare_postgresql(self, first, connection, record):
        seconds = self.seconds or 0  # 0: without end
        settings = {
            "statement_timeout": seconds,
            "lock_timeout": self.patience,
            # A process that stands still must not keep others from writing.
            "idle_in_transaction_session_timeout": (seconds or PATIENT_SECONDS) + BUSY_SECONDS,
        }
        connection.autocommit = True
        settings = (f"SET {name} = {int(value * 1000)}" for name, value in settings.items())
        connection.execute("; ".join((*settings, first)))
        _note_use(connection, record)

    def _ping_when_idle(self, connection, record, _proxy):
        # The server may have been restarted. A ping before each use would cost a read a third of its time.
        if time.monotonic() - record.info.get("used", 0) > IDLE_SECONDS:
            try:
                self.engine.dialect.do_ping(connection)
            except self.engine.dialect.loaded_dbapi.Error:
                raise DisconnectionError from None  # the pool takes another one


def _place(connection, site, mode):
    """Say of which site a transaction on PostgreSQL is, and begin it when it has a mode."""
    info = connection.info
    if mode:  # one message, as BEGIN alone would be; what it says ends with the transaction
        said = "" if site == EVERYWHERE else f"; SET LOCAL app.site = {site}"
        _tell(connection, f"BEGIN ISOLATION LEVEL {mode}{said}")
    elif site not in (EVERYWHERE, info.get("site")):
        _tell(connection, f"SET app.site = {site}")
        info["site"] = site


def _tell(connection, command):
    """Send PostgreSQL a command, past what the driver does for parameters and rows, which takes longer."""
    result = connection.connection.driver_connection.pgconn.exec_(command.encode())
    if result.status != _DONE:
        raise connection.dialect.loaded_dbapi.errors.error_from_result(result)


def _took_lock(driver):
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as problem:
        if not problem.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise
        return False
    return True


def _note_use(_connection, record):
    record.info["used"] = time.monotonic()


def _make_file(file, *_):
    """A new database is for its owner only, and by SQLite its log and index too."""
    with suppress(OSError):  # it is there, or SQLite says why it cannot be
        if not file.startswith("file:"):  # a URL has a mode of its own
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _prepare_sqlite(cache, connection, _record):
    connection.isolation_level = None  # transactions begin where _begin_sqlite says
    for pragma in (
        f"cache_size = -{cache}",
        "journal_mode = WAL",
        "synchronous = FULL",  # what was acknowledged survives a power cut
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "wal_autocheckpoint = 16000",  # pages; WriteAheadLog does it before
    ):
        connection.execute(f"PRAGMA {pragma}")
