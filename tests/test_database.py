"""Connections and transactions, and what the database does to them (store/database.py, store/failures.py)."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from rest_client import basic, serving
from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ProgrammingError

from fhir_registry.fhir.errors import FhirError
from fhir_registry.store import database as database_module
from fhir_registry.store.database import Database
from fhir_registry.store.sqlite_log import SHORT, WriteAheadLog


@pytest.fixture
def postgresql(new_database):
    database = Database(new_database("postgresql"))
    yield database
    database.close()


def administer(url, statement):
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(statement)
        found = rows.all() if rows.returns_rows else None
    engine.dispose()
    return found


def terminate(url):
    """End the connections of the server to its database."""
    administer(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fhir-registry'")


def test_postgresql_knows_its_limits_and_our_name(postgresql):
    postgresql.limit(7)
    names = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name"]
    with postgresql.ask(1) as connection:
        shown = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    assert shown == ["7s", "7s", "37s", "fhir-registry"]
    postgresql.limit(None)
    with postgresql.ask(1) as connection:
        shown = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    assert shown == ["0", "15min", "930s", "fhir-registry"]


@pytest.mark.parametrize("default", ["serializable", "repeatable read"])
def test_writes_see_what_was_committed_while_they_waited(new_database, default):
    """Whatever an administrator has made the default: else a condition would be judged by what was there before."""
    url = new_database("postgresql")
    name = make_url(url).database
    administer(url, f"ALTER DATABASE {name} SET default_transaction_isolation = '{default}'")
    first, second = Database(url), Database(url)
    with first.write(1) as connection:
        connection.exec_driver_sql("CREATE TABLE site (n integer)")
        connection.exec_driver_sql("INSERT INTO site VALUES (0)")
    seen, began = [], threading.Event()

    def wait_and_look():
        with second.write(1) as connection:
            connection.exec_driver_sql("SELECT 1")  # a snapshot of the transaction would be taken here
            began.set()
            seen.append(connection.exec_driver_sql("SELECT n FROM site FOR UPDATE").scalar())

    with first.write(1) as connection:
        connection.exec_driver_sql("UPDATE site SET n = 1")
        thread = threading.Thread(target=wait_and_look)
        thread.start()
        began.wait()
    thread.join()
    assert seen == [1]
    first.close()
    second.close()


def test_what_an_error_has_undone_is_not_acknowledged(postgresql):
    """PostgreSQL makes of COMMIT a ROLLBACK after an error, and says so to nobody who does not ask."""
    with postgresql.write(1) as connection:
        connection.exec_driver_sql("CREATE TABLE kept (n integer)")
    with pytest.raises(FhirError) as refused, postgresql.write(1) as connection:
        connection.exec_driver_sql("INSERT INTO kept VALUES (1)")
        with suppress(ProgrammingError):
            connection.exec_driver_sql("SELECT nothing FROM kept")
    assert (refused.value.kind, refused.value.headers["Retry-After"]) == ("unavailable", "5")
    with postgresql.read(1) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM kept").scalar_one() == 0


def test_a_connection_lost_in_the_middle(new_database):
    url = new_database("postgresql")
    with serving(url) as rest:
        store = rest.registry.store
        with pytest.raises(FhirError) as raised, store.database.write(1) as connection:
            connection.execute(store.tables.site.update().values(updated=1))
            terminate(url)
            connection.execute(store.tables.site.update().values(updated=2))
        assert (raised.value.status, raised.value.headers["Retry-After"]) == (503, "5")
        assert rest.put(basic("Patient/a", id="b")).status_code == 201


def test_a_connection_lost_while_it_commits(new_database):
    """What nobody knows is said; the same again is safe."""
    url = new_database("postgresql")
    with serving(url) as rest:
        with pytest.raises(FhirError) as raised, rest.registry.store.write(1) as writer:
            writer.put("Basic", "b", basic("Patient/a", id="b"), "PUT")
            writer.flush()
            terminate(url)
        assert raised.value.status == 503
        assert "nobody knows whether it did" in str(raised.value)
        assert rest.put(basic("Patient/a", id="b")).status_code in (200, 201)
        assert len(rest.read("Basic/b/_history")["entry"]) == 1


def test_idle_connections_that_were_lost_are_replaced_unseen(new_database, monkeypatch):
    url = new_database("postgresql")
    monkeypatch.setattr(database_module, "IDLE_SECONDS", 0)
    with serving(url) as rest:
        assert rest.put(basic("Patient/a", id="b")).status_code == 201
        terminate(url)
        assert rest.get("Basic/b").status_code == 200
        assert rest.put(basic("Patient/b", id="b")).status_code == 200


def test_connections_that_are_lost_as_soon_as_they_are_made(new_database):
    """A database that is stopped accepts some, and ends them at once."""
    url = new_database("postgresql")
    database = Database(url)
    event.listen(database.engine, "connect", lambda *_: terminate(url))
    for transaction in (database.read, database.ask, database.write):
        with pytest.raises(FhirError) as raised, transaction(1) as connection:
            connection.exec_driver_sql("SELECT 1")
        assert (raised.value.status, raised.value.headers["Retry-After"]) == (503, "5")
    database.close()


def test_too_many_at_once_are_told_to_come_back(new_database, monkeypatch):
    monkeypatch.setattr(database_module, "CONNECTIONS", 1)
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.1)
    crowded = Database(new_database("postgresql"))
    with crowded.read(1), crowded.read(1), pytest.raises(FhirError) as raised, crowded.read(1):
        pass
    assert (raised.value.status, raised.value.issues[0].code) == (503, "lock-error")
    crowded.close()


def test_a_table_that_is_gone_is_no_mistake_of_the_server(postgresql):
    """The tables of older rules are dropped under a process that has not been started again."""
    with pytest.raises(FhirError) as raised, postgresql.read(1) as connection:
        connection.exec_driver_sql("SELECT * FROM gone")
    assert (raised.value.status, raised.value.issues[0].code) == (503, "transient")
    with pytest.raises(ProgrammingError), postgresql.read(1) as connection:
        connection.exec_driver_sql("SELECT a mistake")


def log_size(url):
    return os.stat(f"{make_url(url).database}-wal").st_size


def write_much(database, megabytes=1):
    """One commit that lengthens the log by so much."""
    with database.write(1) as connection:
        connection.exec_driver_sql("INSERT INTO much VALUES (zeroblob(?))", (megabytes * 1_000_000,))


@pytest.fixture
def sqlite(new_database):
    database = Database(new_database("sqlite"))
    with database.write(1) as connection:
        connection.exec_driver_sql("CREATE TABLE much (body blob)")
    yield database
    database.close()


def test_the_files_of_sqlite_are_for_their_owner_only(new_database):
    url, before = new_database("sqlite"), os.umask(0o022)
    try:
        database = Database(url)
        with database.write(1) as connection:
            connection.exec_driver_sql("CREATE TABLE much (body blob)")
        folder = Path(make_url(url).database).parent
        modes = {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}
        database.close()
    finally:
        os.umask(before)
    names = ("registry.sqlite", "registry.sqlite-wal", "registry.sqlite-shm", "registry.sqlite-turn")
    assert modes == dict.fromkeys(names, "0o600")


def test_the_log_of_sqlite_stays_short_whoever_reads(sqlite):
    """Each reader begins before the one before it ends: at no commit does nobody read."""
    sizes = []
    with ExitStack() as readers:
        for _ in range(3 * SHORT // 1_000_000):
            connection = readers.enter_context(sqlite.read(1))
            connection.exec_driver_sql("SELECT count(*) FROM much").scalar()
            with ThreadPoolExecutor(1) as other:
                writing = other.submit(write_much, sqlite)
                if log_size(sqlite.url) > SHORT - 3_000_000:  # the writer waits for those who read the old log
                    time.sleep(0.05)
                    readers.pop_all().close()
                writing.result()
            sizes.append(log_size(sqlite.url))
    assert max(sizes) < SHORT + 3_000_000
    assert sizes.count(0) >= 2


def write_until(stop, database, written):
    while not stop.is_set():
        with database.write(1) as connection:
            connection.exec_driver_sql("INSERT INTO much VALUES (1)")
            time.sleep(0.002)
        written.append(1)


def test_a_process_with_many_writers_lets_others_have_their_turn(sqlite):
    """Locks of SQLite and of the turn tell two Databases apart as they do processes."""
    other, written, passed, stop = Database(sqlite.url), [], [], threading.Event()
    with ThreadPoolExecutor(4) as many:
        writers = [many.submit(write_until, stop, sqlite, written) for _ in range(4)]
        try:
            for _ in range(30):
                before = len(written)
                with other.write(1) as connection:
                    passed.append(len(written) - before)
                    connection.exec_driver_sql("INSERT INTO much VALUES (2)")
        finally:
            stop.set()
        assert [writer.result() for writer in writers] == [None] * 4
    other.close()
    assert max(passed) <= 2, passed  # the one that writes already, and one that had its turn before
    assert sum(map(bool, passed)) > 10, passed  # they were met at work


def test_who_never_gets_the_turn_is_told_to_come_back(sqlite):
    """A process that stands still while it has the turn."""
    with sqlite._turn.taken(time.monotonic()) as mine:
        assert mine
        other = Database(sqlite.url)
        other.limit(0.1)
        with pytest.raises(FhirError) as raised, other.write(1):
            pass
        assert (raised.value.status, raised.value.issues[0].code) == (503, "lock-error")
        other.close()
    write_much(sqlite)


def test_where_there_is_no_file_for_turns_chance_decides(sqlite):
    path = f"{make_url(sqlite.url).database}-turn"
    os.unlink(path)
    os.mkdir(path)
    write_much(sqlite)
    with sqlite.ask(1) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM much").scalar() == 1


def test_who_reads_for_long_holds_up_few_writers(sqlite, monkeypatch):
    tried = []
    begin_anew = WriteAheadLog._begin_anew
    monkeypatch.setattr(WriteAheadLog, "_begin_anew", lambda log: tried.append(begin_anew(log)) or tried[-1])
    with sqlite.read(1) as connection:
        connection.exec_driver_sql("SELECT count(*) FROM much").scalar()
        for _ in range(5 * SHORT // 4_000_000):
            write_much(sqlite, 4)
        assert tried == [False] * 3  # at 16, 32 and 64 MB
        assert log_size(sqlite.url) > 5 * SHORT
    for _ in range(20):
        write_much(sqlite, 16)
    assert log_size(sqlite.url) < 9 * SHORT  # SQLite begins it anew by itself where nobody reads
    with sqlite.read(1) as connection:
        assert connection.exec_driver_sql("SELECT sum(length(body)) FROM much").scalar() == 400_000_000


def test_a_log_that_cannot_be_copied_fails_no_write(sqlite, monkeypatch, tmp_path):
    monkeypatch.setattr(sqlite._log, "_file", tmp_path / "folder")
    monkeypatch.setattr(sqlite._log, "_due", 0)
    write_much(sqlite)  # no log is there
    (tmp_path / "folder").mkdir()  # SQLite cannot open that
    (tmp_path / "folder-wal").write_bytes(b"x")
    write_much(sqlite)
    assert sqlite._log._due == 2
