"""SQL of searches as text, for SQLite (https://sqlite.org/lang_select.html) and PostgreSQL.

Searches are written as text because their plan is decided here, not by the databases: they know nothing of what is
searched. SQLite is told the index of each table and the order of joins; PostgreSQL keeps the order of LATERAL joins
and of subqueries that end in OFFSET 0.
"""

import json

from sqlalchemy.exc import DBAPIError

from ..fhir.errors import error
from .deadline import check_time, limit_postgresql, limit_sqlite, was_stopped
from .failures import refuse_too_costly

SECONDS = 20  # that one statement may take: less than writers wait for another, see database.py
INLINE = 20  # values in a row; more go as one array
GROUP = 50  # conditions in a row: SQLite stops at expressions 1,000 deep
# What PostgreSQL must not do in a transaction that searches: it would read whole tables where we want a few rows.
_SHAPE = ("enable_hashjoin", "enable_mergejoin", "enable_seqscan", "jit")
_KEEP_SHAPE = ", ".join(f"set_config('{name}', 'off', true)" for name in _SHAPE)


def keep_shape(connection):
    """Let PostgreSQL follow, until the transaction ends, the plans that are written here, for SECONDS at most."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT {_KEEP_SHAPE}, {limit_postgresql(connection, SECONDS)}")


def limit_time(connection):
    """Let PostgreSQL stop, until the transaction ends, statements that take longer than SECONDS."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT {limit_postgresql(connection, SECONDS)}")


class Statement:
    """One statement in the making: the values that it binds, the aliases that it gives.

    slot: of the tables that follow from the resources; they and their indexes go by the names of the first.
    """

    def __init__(self, connection, site, slot):
        self._connection, self._slot = connection, slot
        self.sqlite = connection.dialect.name == "sqlite"
        self.site = site
        self.values = {}
        self._names = {}
        self._aliases = 0

    def another(self):
        """An empty statement for the same transaction and site."""
        return Statement(self._connection, self.site, self._slot)

    def alias(self):
        """A name for a table that no other has."""
        self._aliases += 1
        return f"t{self._aliases}"

    def bind(self, value):
        """The place of a value; equal ones share it."""
        key = type(value), tuple(value) if isinstance(value, list) else value
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"p{len(self._names)}"
            self.values[name] = value
        return f":{name}" if self.sqlite else f"%({name})s"

    def member(self, column, values):
        """The condition that a column has one of the texts or numbers, of which there may be thousands."""
        values = list(dict.fromkeys(values))
        if not values:
            return "1 = 0"
        if len(values) == 1:
            return f"{column} = {self.bind(values[0])}"
        if len(values) <= INLINE:
            return f"{column} IN ({', '.join(map(self.bind, values))})"
        if self.sqlite:
            return f"{column} IN (SELECT value FROM json_each({self.bind(json.dumps(values))}))"
        return f"{column} = ANY({self.bind(values)}::{'text' if isinstance(values[0], str) else 'bigint'}[])"

    def rows(self, name, numbers):
        """FROM: the numbers as rows of a table of that name, with one column `rid`."""
        if self.sqlite:
            return f"(SELECT value AS rid FROM json_each({self.bind(json.dumps(numbers))})) AS {name}"
        return f"unnest({self.bind(numbers)}::bigint[]) AS {name}(rid)"

    def contains(self, column, text):
        """The condition that a column contains a text."""
        return f"{'instr' if self.sqlite else 'strpos'}({column}, {self.bind(text)}) > 0"

    def table(self, name, alias, index):
        """FROM: a table, read by the index."""
        name, index = self.in_slot(name), index if index == "key" else self.in_slot(index)
        return f"{name} AS {alias} {self._by(name, index)}" if self.sqlite else f"{name} AS {alias}"

    def in_slot(self, name):
        """The name of a table or of an index in the slot."""
        return name if name.startswith("resource") else f"{name}{self._slot}"

    def then(self, name, alias, index, condition):
        """FROM, continued: for each row so far those of a table for which the condition holds, found by the index."""
        if self.sqlite:
            return f" CROSS JOIN {self.table(name, alias, index)} ON {condition}"
        return (
            f" CROSS JOIN LATERAL (SELECT * FROM {self.in_slot(name)} AS {alias} WHERE {condition} OFFSET 0) AS {alias}"
        )

    def exists(self, source, condition):
        """The condition that there is a row."""
        return f"EXISTS (SELECT 1 FROM {source} WHERE {condition}{'' if self.sqlite else ' OFFSET 0'})"

    def run(self, text):
        """All rows of the statement; raises FhirError when the database gives up, after SECONDS at the latest."""
        if self.sqlite:
            limit_sqlite(self._connection, SECONDS)
        try:
            return self._connection.exec_driver_sql(text, self.values).all()
        except DBAPIError as problem:
            if was_stopped(problem):
                check_time(self._connection)  # of the whole transaction
                message = f"This search took longer than {SECONDS:g} seconds; fewer values or shorter chains cost less"
                raise error("unavailable", "timeout", message) from problem
            refuse_too_costly(problem)
            raise
        finally:
            if self.sqlite:
                limit_sqlite(self._connection)

    @staticmethod
    def _by(name, index):
        if name == "resource" and index == "key":
            return "NOT INDEXED"  # by the number of the row
        return f"INDEXED BY {f'sqlite_autoindex_{name}_1' if index == 'key' else index}"


def all_of(conditions):
    """AND."""
    return " AND ".join(conditions) or "1 = 1"


def any_of(conditions):
    """OR of any number of conditions."""
    conditions = list(conditions)
    if not conditions:
        return "1 = 0"
    while len(conditions) > 1:
        rows = (conditions[start : start + GROUP] for start in range(0, len(conditions), GROUP))
        conditions = [f"({' OR '.join(row)})" if len(row) > 1 else row[0] for row in rows]
    return conditions[0]
