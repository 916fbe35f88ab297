"""Many rows at once, past SQLAlchemy (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO)."""

from contextlib import closing

from sqlalchemy import BigInteger, Boolean, Float, Integer, SmallInteger

from .bodies import Body, pack

# SQLAlchemy's types, the narrower first, as PostgreSQL calls them; all else is text.
_TYPES = {SmallInteger: "int2", BigInteger: "int8", Integer: "int4", Float: "float8", Boolean: "bool", Body: "bytea"}
MOST = 10_000  # rows of a statement


class Bulk:
    """Inserts and deletes rows with prepared text; a row is a tuple in the order of the table's columns.

    tables: {name by which they are asked for: table}.
    """

    def __init__(self, database, tables):
        self._sqlite = database.sqlite
        mark = "?" if self._sqlite else "%s"
        self._insert, self._insert_all, self._types, self._upsert, self._delete = {}, {}, {}, {}, {}
        self._packed = {name for name, table in tables.items() if isinstance(list(table.columns)[-1].type, Body)}
        for name, table in tables.items():
            names = [f'"{column.name}"' for column in table.columns]
            listed = ", ".join(names)
            self._insert[name] = f'INSERT INTO "{table.name}" ({listed}) VALUES ({", ".join([mark] * len(names))})'
            key = [f'"{column.name}"' for column in table.primary_key]
            values = ", ".join(f"{column} = excluded.{column}" for column in names if column not in key)
            self._upsert[name] = f"{self._insert[name]} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {values}"
            self._types[name] = types = [_type_of(column) for column in table.columns]
            arrays = ", ".join(f"%s::{type_}[]" for type_ in types)
            self._insert_all[name] = f'INSERT INTO "{table.name}" ({listed}) SELECT * FROM unnest({arrays})'
            rid = "_rid" if "_rid" in table.columns else "rid"
            self._delete[name] = f'DELETE FROM "{table.name}" WHERE {rid} = {mark}'

    def insert(self, connection, table, rows):
        """Insert rows into the named table."""
        if table in self._packed:
            rows = [(*rest, pack(body.encode())) for *rest, body in rows]
        with closing(connection.connection.cursor()) as cursor:
            if self._sqlite:
                cursor.executemany(self._insert[table], rows)
            else:  # COPY is refused where a wall stands (docs/adr/0008-row-level-security.md)
                for start in range(0, len(rows), MOST):
                    columns = zip(*rows[start : start + MOST], strict=True)
                    arrays = map(_array, self._types[table], columns)
                    cursor.execute(self._insert_all[table], list(arrays))

    def upsert(self, connection, table, rows):
        """Insert rows into the named table, in place of those with the same primary key."""
        if rows:
            with closing(connection.connection.cursor()) as cursor:
                cursor.executemany(self._upsert[table], rows)

    def delete(self, connection, table, rids):
        """Delete the rows of these resources from the named table."""
        with closing(connection.connection.cursor()) as cursor:
            cursor.executemany(self._delete[table], [(rid,) for rid in rids])


def _type_of(column):
    return next((name for type_, name in _TYPES.items() if isinstance(column.type, type_)), "text")


def _array(type_, values):
    """A column of values as PostgreSQL reads an array of the type."""
    if type_ == "bytea":
        return [*values]  # by the driver, without the text
    write = _quote if type_ == "text" else str
    return f"{{{','.join(['NULL' if value is None else write(value) for value in values])}}}"


def _quote(text):
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))
