"""Connections and transactions, and what the database does to them (store/database.py, store/failures.py)."""

import threading

import pytest
from rest_client import basic, serving
from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ProgrammingError

from fhir_registry.fhir.errors import FhirError
from fhir_registry.store import database as database_module
from fhir_registry.store.database import Database


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
    with postgresql.ask() as connection:
        shown = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    assert shown == ["7s", "7s", "37s", "fhir-registry"]
    postgresql.limit(None)
    with postgresql.ask() as connection:
        shown = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
    assert shown == ["0", "15min", "930s", "fhir-registry"]


@pytest.mark.parametrize("default", ["serializable", "repeatable read"])
def test_writes_see_what_was_committed_while_they_waited(new_database, default):
    """Whatever an administrator has made the default: else a condition would be judged by what was there before."""
    url = new_database("postgresql")
    name = make_url(url).database
    administer(url, f"ALTER DATABASE {name} SET default_transaction_isolation = '{default}'")
    first, second = Database(url), Database(url)
    with first.write() as connection:
        connection.exec_driver_sql("CREATE TABLE site (n integer)")
        connection.exec_driver_sql("INSERT INTO site VALUES (0)")
    seen, began = [], threading.Event()

    def wait_and_look():
        with second.write() as connection:
            connection.exec_driver_sql("SELECT 1")  # a snapshot of the transaction would be taken here
            began.set()
            seen.append(connection.exec_driver_sql("SELECT n FROM site FOR UPDATE").scalar())

    with first.write() as connection:
        connection.exec_driver_sql("UPDATE site SET n = 1")
        thread = threading.Thread(target=wait_and_look)
        thread.start()
        began.wait()
    thread.join()
    assert seen == [1]
    first.close()
    second.close()


def test_a_connection_lost_in_the_middle(new_database):
    url = new_database("postgresql")
    with serving(url) as rest:
        store = rest.registry.store
        with pytest.raises(FhirError) as raised, store.database.write() as connection:
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
        with pytest.raises(FhirError) as raised, transaction() as connection:
            connection.exec_driver_sql("SELECT 1")
        assert (raised.value.status, raised.value.headers["Retry-After"]) == (503, "5")
    database.close()


def test_too_many_at_once_are_told_to_come_back(new_database, monkeypatch):
    monkeypatch.setattr(database_module, "CONNECTIONS", 1)
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.1)
    crowded = Database(new_database("postgresql"))
    with crowded.read(), crowded.read(), pytest.raises(FhirError) as raised, crowded.read():
        pass
    assert (raised.value.status, raised.value.issues[0].code) == (503, "lock-error")
    crowded.close()


def test_a_table_that_is_gone_is_no_mistake_of_the_server(postgresql):
    """The tables of older rules are dropped under a process that has not been started again."""
    with pytest.raises(FhirError) as raised, postgresql.read() as connection:
        connection.exec_driver_sql("SELECT * FROM gone")
    assert (raised.value.status, raised.value.issues[0].code) == (503, "transient")
    with pytest.raises(ProgrammingError), postgresql.read() as connection:
        connection.exec_driver_sql("SELECT a mistake")
