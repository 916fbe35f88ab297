"""A database that cannot be trusted is refused at start, with what to do (store/fitness.py; interop.md 6.3, REL-27)."""

import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from own_postgresql import OwnPostgreSQL
from sqlalchemy import create_engine, make_url, text

from fhir_registry.edges.app import open_configured
from fhir_registry.edges.config import Config, ConfigError
from fhir_registry.store import fitness
from fhir_registry.store.database import Database

NOBODY = 65534


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A PostgreSQL whose settings tests change."""
    with OwnPostgreSQL(tmp_path_factory.mktemp("unfit")) as own:
        yield own


@pytest.fixture
def empty(server):
    """URL of an empty database there."""
    return server.new_database(f"unfit_{uuid.uuid4().hex}")


def run(url, *statements):
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


def changed(url, **parts):
    return make_url(url).set(**parts).render_as_string(hide_password=False)


def refused(url, **more):
    """Why the server does not start on a database."""
    with pytest.raises(ConfigError) as raised:
        open_configured(Config.from_env({"FHIR_REGISTRY_DATABASE": url} | more))
    return str(raised.value)


def require(url, **options):
    database = Database(url)
    try:
        fitness.require_fit(database, **options)
    finally:
        database.close()


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_postgresql_that_may_lose_what_it_acknowledged(server, empty, setting):
    """Section 6.3, rules for code."""
    run(empty, f"ALTER SYSTEM SET {setting} = off", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.2)")
    try:
        message = refused(empty)
        assert f"{setting} is off" in message
        assert "postgresql.conf" in message and "FHIR_REGISTRY_INSECURE_DURABILITY=yes" in message
        require(empty, insecure_durability=True)
    finally:
        run(empty, f"ALTER SYSTEM RESET {setting}", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.2)")
    require(empty)


def test_postgresql_with_another_encoding(server, empty):
    name = f"latin_{uuid.uuid4().hex}"
    run(empty, f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    message = refused(changed(empty, database=name))
    assert "LATIN1" in message and "createdb --encoding=UTF8" in message


def test_postgresql_that_is_read_only(empty):
    name = make_url(empty).database
    run(empty, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    assert f'ALTER DATABASE "{name}" SET default_transaction_read_only = off' in refused(empty)


def test_postgresql_without_the_right_to_create_tables(empty):
    user = f"guest_{uuid.uuid4().hex}"
    run(empty, f"CREATE ROLE {user} LOGIN", "REVOKE CREATE ON SCHEMA public FROM public")
    as_guest = changed(empty, username=user)
    assert f'GRANT CREATE ON SCHEMA "public" TO "{user}"' in refused(as_guest)
    run(empty, "CREATE TABLE resource (a integer)", f"GRANT CREATE ON SCHEMA public TO {user}")
    assert f'REASSIGN OWNED BY CURRENT_USER TO "{user}"' in refused(as_guest)
    run(empty, f"ALTER ROLE {user} SET search_path = nowhere")
    assert "there is no schema" in refused(as_guest)


def test_postgresql_whose_user_no_wall_keeps_from_other_sites(server, empty, caplog):
    plain = server.new_database(f"plain_{uuid.uuid4().hex}", plain=True)
    require(plain)
    assert not caplog.messages
    require(empty)
    run(empty, f"ALTER ROLE {make_url(plain).username} BYPASSRLS")
    require(plain)
    for url, message in zip((empty, plain), caplog.messages, strict=True):
        assert f"{make_url(url).username} may read all rows" in message and "docs/security.md" in message


def test_postgresql_that_is_too_old(empty, monkeypatch):
    monkeypatch.setattr(fitness, "POSTGRESQL", 99)
    assert "99 or newer is needed" in refused(empty)


def test_postgresql_that_is_not_there():
    message = refused("postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert "cannot be opened" in message and message.endswith("refused; start it, or correct host and port")


def test_postgresql_without_this_database_or_user(empty):
    assert "; create it: createdb" in refused(changed(empty, database="none"))
    assert "; create the user" in refused(changed(empty, username="nobody"))


def test_sqlite_whose_file_is_something_else(tmp_path):
    (tmp_path / "x.sqlite").write_text("a text of some length, which is no database at all " * 10)
    assert "; name another file" in refused(f"{tmp_path}/x.sqlite")


def test_sqlite_that_is_too_old(tmp_path, monkeypatch):
    monkeypatch.setattr(fitness, "SQLITE", (99, 0, 0))
    assert "install a Python that has 99.0.0" in refused(f"{tmp_path}/x.sqlite")


def test_sqlite_in_a_folder_that_cannot_be_written(tmp_path):
    """As another user, because root may write everywhere."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o555)
    code = (
        "import os, pathlib, sys; os.geteuid() or os.setuid(int(sys.argv[2]))\n"
        "from fhir_registry.store.fitness import _require_place\n"
        "_require_place(pathlib.Path(sys.argv[1]))"
    )
    # Imported while it may read everything.
    code = "import fhir_registry.store.fitness\n" + code
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    ran = subprocess.run(
        [sys.executable, "-c", code, folder / "x.sqlite", str(NOBODY)],
        capture_output=True,
        text=True,
        cwd=Path(fitness.__file__).parent.parent.parent,
    )
    assert f"{folder} cannot be written by this user" in ran.stderr


def test_sqlite_on_a_file_system_of_the_network(tmp_path, monkeypatch):
    """REL-27: there is none here, so that the name of this one is told to be one."""
    here = fitness.file_system(tmp_path)
    if not here:
        pytest.skip("this system has no /proc/mounts")
    require(f"sqlite:///{tmp_path}/x.sqlite")
    for kind in ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "lustre"):
        assert fitness.SHARED.fullmatch(kind)
    for kind in ("ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "apfs"):
        assert not fitness.SHARED.fullmatch(kind)
    monkeypatch.setattr(fitness, "SHARED", re.compile(here))
    message = refused(f"{tmp_path}/x.sqlite")
    assert f"on a file system of the network ({here})" in message and "use PostgreSQL" in message


def test_the_file_system_of_a_folder():
    assert fitness.file_system(Path("/proc/self")) in ("proc", "")
    assert fitness.file_system(Path("/dev/shm")) in ("tmpfs", "")


def test_sqlite_that_cannot_use_wal(tmp_path):
    """SQLite's own word for a place without shared memory: another journal mode stays in force."""
    database = Database(f"sqlite:///file:{tmp_path}/x.sqlite?vfs=unix-dotfile&uri=true")
    with pytest.raises(ValueError, match="cannot use WAL"):
        fitness.require_fit(database)
    database.close()


def test_a_disk_that_is_nearly_full_is_told(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(fitness, "LITTLE_SPACE", 10**18)
    require(f"sqlite:///{tmp_path}/x.sqlite")
    assert "MB are free" in caplog.text
