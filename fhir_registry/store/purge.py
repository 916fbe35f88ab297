"""What was deleted leaves the files of the database too (https://sqlite.org/pragma.html#pragma_secure_delete, https://www.postgresql.org/docs/current/sql-vacuum.html)."""

import sqlite3
import time
from contextlib import closing

from sqlalchemy import inspect, text

from ..fhir.errors import error

PATIENCE = 60  # seconds that it waits for those who still read
_SEEING = text(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND age(backend_xmin) >= age(CAST(CAST(:now AS text) AS xid))"
)


def overwrite_deleted(database, connection):
    """From now on overwrite what this connection deletes with zeros; PostgreSQL cannot."""
    if database.sqlite:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def purge(database, progress=None):
    """Write the files of the database anew, without what was deleted or replaced; returns what is left to do, or None.

    Others can read meanwhile on SQLite, and wait on PostgreSQL, a table at a time. progress: function of (done, all).
    Raises conflict when somebody reads what was deleted for more than PATIENCE.
    """
    return _purge_sqlite(database.file) if database.sqlite else _purge_postgresql(database, progress)


def _purge_sqlite(file):
    with closing(sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)) as connection:
        try:
            connection.execute("VACUUM")
        except sqlite3.OperationalError as problem:
            raise _busy(problem) from None
        _wait(lambda: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])


def _wait(is_busy):
    until = time.monotonic() + PATIENCE
    while is_busy():
        if time.monotonic() > until:
            raise _busy("readers do not end")
        time.sleep(0.1)


def _busy(problem):
    message = (
        f"The file still holds what was deleted, for it is in use ({problem}); run fhir-registry erase --purge again"
    )
    return error("conflict", "conflict", message)


def _purge_postgresql(database, progress):
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        now = connection.execute(text("SELECT CAST(pg_current_xact_id() AS xid)")).scalar()
        # What somebody still sees, VACUUM keeps.
        _wait(lambda: connection.execute(_SEEING, {"now": now}).first())
        names = inspect(connection).get_table_names()
        for number, name in enumerate(names, 1):
            connection.execute(text(f'VACUUM (FULL, ANALYZE) "{name}"'))
            if progress:
                progress(number, len(names))
        # Statistics hold values of columns, and the files of before are there until a checkpoint.
        may_all = connection.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar()
        if may_all:
            connection.execute(text("VACUUM (FULL) pg_catalog.pg_statistic"))
            connection.execute(text("CHECKPOINT"))
        connection.invalidate()  # with its settings
    return None if may_all else "VACUUM (FULL, ANALYZE); CHECKPOINT"
