"""A database without content, for commands that look at a few tables of it (https://docs.sqlalchemy.org/en/20/core/connections.html)."""

import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import inspect

from .bulk import Bulk
from .database import Database
from .tables import Tables
from .wall import EVERYWHERE


class Bare(NamedTuple):
    """What Jobs, Clients and Audit need of a Store."""

    database: Database
    tables: Tables
    bulk: Bulk
    now: Callable
    ask: Callable


def bare(database):
    """The Bare of an open Database."""
    tables = Tables(())
    return Bare(database, tables, Bulk(database, tables.fixed), lambda: time.time_ns() // 1000, database.ask)


@contextmanager
def open_bare(url, table):
    """A Bare of a database that has this table: nothing is made or changed. Raises ValueError for one that has not."""
    database = Database(url)
    try:
        with database.ask(EVERYWHERE) as connection:
            if not inspect(connection).has_table(table):
                raise ValueError("it holds no registry of this release yet; start the server once")
        yield bare(database)
    finally:
        database.close()
