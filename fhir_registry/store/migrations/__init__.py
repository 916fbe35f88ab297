"""Brings the fixed tables to the schema of this release (https://alembic.sqlalchemy.org/en/latest/api/commands.html)."""

import re
from pathlib import Path

from sqlalchemy import inspect, text

_FOLDER = Path(__file__).parent
_NUMBER = re.compile(r"\d{4}")
_VERSION = re.compile(r"(\d{4})_\w+\.py")
TABLE = "alembic_version"
FIRST = "0001"
# The only table of a database that a backup is being loaded into: who opens it then is told so, and finds it not empty.
RESTORING = "restoring"


def revisions():
    """The revisions of this release, the oldest first: the numbers that the files of `versions/` begin with."""
    names = (path.name for path in _FOLDER.joinpath("versions").iterdir())
    return sorted(match[1] for match in map(_VERSION.fullmatch, names) if match)


def migrate(connection, to=None):
    """Bring the database to a revision, in the transaction of the connection; whether there was a way to go.

    to: the newest where nothing is said; an older one only for a new database that a backup is loaded into.
    A database without a revision is taken for an empty one, or for one of the first schema where it has its tables.
    Raises ValueError for a database of a newer release, and for one that holds something else.
    """
    known = revisions()
    kept = kept_revision(connection)
    to = to or known[-1]
    if kept == to:
        return False
    if kept is not None and not _NUMBER.fullmatch(kept):
        raise ValueError(f"its table '{TABLE}' is that of something else; give the registry a database of its own")
    if kept is not None and kept not in known:
        message = f"a newer release of this program made it (revision {kept}, this one knows {known[-1]})"
        raise ValueError(f"{message}; use that release, or restore a backup into a new database")
    if kept is None and inspect(connection).has_table(RESTORING):
        raise ValueError("a restore of it has not been completed; run fhir-registry restore again")
    from alembic import command
    from alembic.config import Config

    config = Config()
    # A % would begin a reference to another setting of Alembic.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    if kept is None and is_first(connection):
        command.stamp(config, FIRST)
    command.upgrade(config, to)
    return True


def kept_revision(connection):
    """The revision of the database, None where nobody kept one."""
    if not inspect(connection).has_table(TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {TABLE}")).scalar()


def is_first(connection):
    """Whether the database is one of the first schema, from before revisions were kept; False when it is empty.

    Raises ValueError when it holds tables of ours or of others that are not those of the first schema.
    """
    there = inspect(connection)
    taken = {*_FIRST_TABLES, "setting"} & {*there.get_table_names()}
    if not taken:
        return False
    if not {*_FIRST_TABLES, "setting"} <= taken or not _is_ours(connection):
        raise ValueError("it holds tables of something else; give the registry a database of its own")
    for table, wanted in _FIRST_TABLES.items():
        columns = " ".join(sorted(column["name"] for column in there.get_columns(table)))
        if columns != wanted:
            message = f"a version of the program before its first release made its table '{table}'"
            raise ValueError(f"{message}, which this one cannot use; name a new database and push the bundles again")
    return True


def _is_ours(connection):
    columns = {column["name"] for column in inspect(connection).get_columns("setting")}
    if columns != {"name", "value"}:
        return False
    return connection.execute(text("SELECT 1 FROM setting WHERE name = 'rules'")).first() is not None


# The tables of the first schema that cannot be made anew, and their columns.
_FIRST_TABLES = {
    "site": "last name site submission updated",
    "resource": "deleted id rid site submission type updated version",
    "version": "body method rid site submission type updated version",
    "submission": "created hash received site submission",
    "change": "key site submission",
}
