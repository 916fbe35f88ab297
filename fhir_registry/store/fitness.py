"""What a database must be like before it is trusted (https://www.postgresql.org/docs/current/wal-reliability.html, https://sqlite.org/wal.html)."""

import logging
import os
import re
import shutil
import sqlite3
from pathlib import Path

from .wall import EVERYWHERE

log = logging.getLogger("fhir_registry")
SQLITE = (3, 35, 0)  # knows RETURNING and DROP COLUMN
POSTGRESQL = 13
LITTLE_SPACE = 500_000_000  # bytes
_ABOVE_THE_WALL = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
_PLAIN_USER = "restore a backup into a database of a user that is neither superuser nor BYPASSRLS (docs/security.md)"
INSECURE = "FHIR_REGISTRY_INSECURE_DURABILITY"
# File systems of the network: the processes on a WAL file share memory, which they can on one machine only.
SHARED = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|afs|ceph|lustre|glusterfs|gpfs|beegfs|ocfs2|gfs2|fuse\.(sshfs|gluster\w*|ceph\w*)"
)


def require_fit(database, insecure_durability=False):
    """Raise ValueError when the database cannot keep what it is given; the message says what to do.

    insecure_durability: take a PostgreSQL that may lose what it has acknowledged. A disk that is nearly full is told to
    the log.
    """
    if database.sqlite:
        path = database.file
        _require_place(path)
        with database.read(EVERYWHERE) as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        if mode != "wal":
            raise ValueError(
                f"SQLite cannot use WAL in {path.parent} (it says '{mode}'); take a folder on a local disk"
            )
    else:
        with database.read(EVERYWHERE) as connection:
            _require_postgresql(connection, insecure_durability)


def _require_place(path):
    if sqlite3.sqlite_version_info < SQLITE:
        needed = ".".join(map(str, SQLITE))
        raise ValueError(f"SQLite {sqlite3.sqlite_version} is too old; install a Python that has {needed} or newer")
    if not path.parent.is_dir():
        raise ValueError(f"there is no folder {path.parent}; create it, or name another file")
    for place in (path, path.parent):
        if place.exists() and not os.access(place, os.W_OK):
            raise ValueError(f"{place} cannot be written by this user; give it the right to, or name another file")
    kind = file_system(path.parent)
    if SHARED.fullmatch(kind):
        message = f"{path.parent} is on a file system of the network ({kind}), where SQLite can lose data"
        raise ValueError(f"{message}; name a file on a local disk, or use PostgreSQL")
    if (free := shutil.disk_usage(path.parent).free) < LITTLE_SPACE:
        log.warning("only %d MB are free for the database in %s; make room soon", free // 1_000_000, path.parent)


def file_system(folder):
    """The kind of file system that a folder is on, as /proc/mounts names it; "" where there is no such file."""
    try:
        mounts = Path("/proc/mounts").read_text()
    except OSError:
        return ""
    resolved, found, kind = folder.resolve(), Path(), ""
    for line in mounts.splitlines():
        _, mounted, type_, *_ = line.split()
        # Spaces and the like are written as octal numbers.
        mounted = Path(re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), mounted))
        if resolved.is_relative_to(mounted) and len(mounted.parts) >= len(found.parts):
            found, kind = mounted, type_
    return kind


def _require_postgresql(connection, insecure_durability):
    row = connection.exec_driver_sql(
        "SELECT current_setting('server_version'), current_setting('server_version_num')::int,"
        " current_setting('server_encoding'), pg_is_in_recovery(), current_setting('default_transaction_read_only'),"
        " current_user, current_database(), current_schema(), to_regclass('resource') IS NOT NULL"
    ).one()
    version, number, encoding, standby, read_only, user, name, schema, ours = row
    if number < POSTGRESQL * 10_000:
        raise ValueError(f"it is PostgreSQL {version}; {POSTGRESQL} or newer is needed")
    if encoding != "UTF8":
        message = f"its encoding is {encoding}, which cannot hold every text"
        raise ValueError(f"{message}; make another with: createdb --encoding=UTF8 --template=template0 NAME")
    if standby:
        raise ValueError("it is a standby, which takes no writes; name the primary server")
    if read_only == "on":
        raise ValueError(
            f"it is read-only; an administrator can: {_alter(name, 'default_transaction_read_only', 'off')}"
        )
    _require_rights(connection, user, schema, ours)
    if connection.exec_driver_sql(_ABOVE_THE_WALL).scalar():
        log.warning("the database: %s may read all rows, so that it does not keep sites apart; %s", user, _PLAIN_USER)
    off = [
        setting
        for setting in ("fsync", "full_page_writes", "synchronous_commit")
        if connection.exec_driver_sql(f"SELECT current_setting('{setting}')").scalar() == "off"
    ]
    if off:
        message = f"{' and '.join(off)} {'is' if len(off) == 1 else 'are'} off, so that it can lose what it has stored"
        if not insecure_durability:
            raise ValueError(f"{message}; set to on in postgresql.conf and reload, or for a test set {INSECURE}=yes")
        log.warning("the database: %s", message)


def _require_rights(connection, user, schema, ours):
    if schema is None:
        raise ValueError(
            f"there is no schema that {user} may use; an administrator can: CREATE SCHEMA AUTHORIZATION {user}"
        )
    # The index and mapped tables are made anew when their rules change, so that this is needed later, too.
    if not connection.exec_driver_sql("SELECT has_schema_privilege(current_schema(), 'CREATE')").scalar():
        grant = f'GRANT CREATE ON SCHEMA "{schema}" TO "{user}"'
        raise ValueError(f"{user} may not create tables in the schema {schema}; its owner can: {grant}")
    owned = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('resource')"
    if ours and not connection.exec_driver_sql(owned).scalar():
        raise ValueError(f'its tables are not {user}\'s; their owner can: REASSIGN OWNED BY CURRENT_USER TO "{user}"')


def _alter(name, setting, value):
    return f'ALTER DATABASE "{name}" SET {setting} = {value}'
