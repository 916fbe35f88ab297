"""Loading a backup into an empty database, wholly or not at all (docs/operations.md, https://sqlite.org/atomiccommit.html)."""

from contextlib import closing

from sqlalchemy import inspect, text
from sqlalchemy.types import LargeBinary

from .backup import BODY, BackupError, kept_columns, read_rows
from .bodies import keep_dictionaries, pack
from .migrations import RESTORING, migrate
from .settings import RULES, set_setting
from .tables import Tables
from .wall import EVERYWHERE

CHUNK = 1000  # rows between two words of progress


def begin_restore(database):
    """Mark an empty database as one that is being filled. Raises BackupError when it is not empty."""
    with database.write(EVERYWHERE) as connection:
        database.lock_schema(connection)
        there = {*inspect(connection).get_table_names()}
        if there - {RESTORING}:
            raise BackupError("the database is not empty; name a new one")
        if not there:
            connection.execute(text(f"CREATE TABLE {RESTORING} (since TEXT)"))


def verify(archive, manifest, progress=None):
    """Read all rows of a backup and compare their digests. Raises BackupError. progress: function of (done, all)."""
    done, total = 0, _total(manifest)
    for name in manifest["tables"]:
        for _ in read_rows(archive, manifest, name):
            done += 1
            if progress and done % CHUNK == 0:
                progress(done, total)


def load(database, archive, manifest, progress=None):
    """Make the tables as they were, fill them and migrate them, in one transaction; what is derived is left to be made.

    Raises BackupError, and leaves the database as begin_restore made it.
    """
    done, total = 0, _total(manifest)
    with database.write(EVERYWHERE) as connection:
        database.lock_schema(connection)
        connection.execute(text(f"DROP TABLE {RESTORING}"))
        migrate(connection, manifest["schema"])
        there = inspect(connection)
        for name, told in manifest["tables"].items():
            if {*told["columns"]} != {*kept_columns(there, name)}:
                raise BackupError(f"its table '{name}' is not that of revision {manifest['schema']}")
            rows = _stored(connection, there, name, told, read_rows(archive, manifest, name))
            _insert(connection, name, told["columns"], _counted(rows, done, total, progress))
            done += told["rows"]
        migrate(connection)
        _leave_derived(connection)


def _insert(connection, name, columns, rows):
    """Insert rows of any revision's table, whose types only the database knows; so that Bulk cannot."""
    listed = ", ".join(f'"{column}"' for column in columns)
    with closing(connection.connection.cursor()) as cursor:
        if connection.dialect.name == "sqlite":
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f'INSERT INTO "{name}" ({listed}) VALUES ({marks})', rows)
        else:
            with cursor.copy(f'COPY "{name}" ({listed}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)


def _stored(connection, there, name, told, rows):
    """Rows as they are stored: texts of resources packed where the schema takes bytes."""
    if name != BODY[0]:
        yield from map(tuple, rows)
        return
    (type_,) = (column["type"] for column in there.get_columns(name) if column["name"] == BODY[1])
    bytes_ = isinstance(type_, LargeBinary) or connection.dialect.name == "sqlite"
    at = told["columns"].index(BODY[1])
    for row in rows:
        if bytes_ and type(row[at]) is str:
            row[at] = pack(row[at].encode())
        yield tuple(row)


def _leave_derived(connection):
    """Say that the derived tables follow no rules of a program, so that who opens the database makes them."""
    setting = Tables(()).setting
    keep_dictionaries(connection, setting)
    set_setting(connection, setting, RULES, "restored")


def _counted(rows, done, total, progress):
    """The rows, one by one: texts may be large."""
    for number, row in enumerate(rows, done + 1):
        yield row
        if progress and (number % CHUNK == 0 or number == total):
            progress(number, total)


def _total(manifest):
    return sum(told["rows"] for told in manifest["tables"].values())
