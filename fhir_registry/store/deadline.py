"""How long a transaction may take (https://www.postgresql.org/docs/current/runtime-config-client.html, https://sqlite.org/c3ref/progress_handler.html).

The end of its time stands with the connection. Every statement looks at the clock before it starts, and so does whoever
works between statements (Writer). While one runs, the database looks: SQLite at every so many steps, PostgreSQL by
`statement_timeout`, which is lowered as the time goes: one statement ends at a third more than the whole at the latest.
"""

import math
import time

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from ..fhir.errors import error

STEPS = 100_000  # of SQLite, some milliseconds, between two looks at the clock
_IN_TRANSACTION = 2  # libpq's PQTRANS_INTRANS: one that no statement has failed in


def watch(engine):
    """Let every statement on the engine's connections look at the clock."""
    event.listen(engine, "before_cursor_execute", _before_statement)


def end_after(seconds):
    """The moment so many seconds from now, on the clock of time.monotonic(); None: never."""
    return math.inf if seconds is None else time.monotonic() + seconds


def begin(connection, seconds, end):
    """Let a transaction end at a moment. seconds: what requests have, which PostgreSQL knows, None for no end."""
    info = connection.info
    info["seconds"] = info["statement_seconds"] = math.inf if seconds is None else seconds
    info["end"] = end
    if connection.dialect.name == "sqlite":
        limit_sqlite(connection)


def left(connection):
    """Seconds until the end of the transaction's time."""
    return connection.info["end"] - time.monotonic()


def check_time(connection):
    """Raise unavailable (issue code timeout) when the transaction's time is over."""
    if time.monotonic() > connection.info["end"]:
        raise timeout(connection.info["seconds"])


def limit_sqlite(connection, seconds=math.inf):
    """Let SQLite stop a statement after so many seconds, and at the end of the transaction's time."""
    end = min(connection.info["end"], time.monotonic() + seconds)
    driver = connection.connection.driver_connection
    driver.set_progress_handler(None if end == math.inf else lambda: time.monotonic() > end, STEPS)


def limit_postgresql(connection, seconds):
    """The call, in a SELECT, that lets PostgreSQL stop statements after so many seconds until the transaction ends."""
    seconds = max(0.001, min(seconds, left(connection)))
    connection.info["statement_seconds"] = seconds
    return f"set_config('statement_timeout', '{int(seconds * 1000)}', true)"


def was_stopped(problem):
    """Whether what a driver says is that a statement was stopped by the clock."""
    problem = getattr(problem, "orig", problem) if isinstance(problem, DBAPIError) else problem
    # PostgreSQL: query_canceled. SQLite has a code, SQLITE_INTERRUPT.
    return getattr(problem, "sqlstate", None) == "57014" or str(problem) == "interrupted"


def timeout(seconds):
    """The error of a transaction that took longer."""
    message = (
        f"This took longer than the {seconds:g} seconds that a request has and was given up; nothing of it is stored. "
        "Send or ask for less in one request"
    )
    return error("unavailable", "timeout", message, headers={"Retry-After": "5"})


def _before_statement(connection, _cursor, statement, *_):
    info = connection.info
    if "end" not in info or statement.startswith("ROLLBACK"):  # the first: SQLAlchemy's own, when it connects
        info["statement_seconds"] = info.get("seconds", math.inf)  # which a savepoint may have had lowered
        return
    remaining = info["end"] - time.monotonic()
    if remaining < 0:
        raise timeout(info["seconds"])
    if remaining < 0.75 * info["statement_seconds"] and connection.dialect.name == "postgresql":
        driver = connection.connection.driver_connection
        if driver.info.transaction_status == _IN_TRANSACTION:
            driver.execute(f"SELECT {limit_postgresql(connection, remaining)}")
