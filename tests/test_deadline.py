"""A transaction has the time of a request, and is rolled back when it needs more (interop.md SEC-19, section 6.3)."""

import threading
import time

import pytest
from rest_client import basic, issue, patient, serving

from fhir_registry.fhir.errors import FhirError
from fhir_registry.store.database import Database

MANY = 120
# Of each observation all others of its patient are looked at, and of each of these again.
SLOW = "patient._has:Observation:patient:patient._has:Observation:patient:status:not=final"


@pytest.fixture
def rest(prepared):
    with serving(prepared) as client:
        yield client


def store_observations(rest):
    entry = {
        "resource": {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "x"},
            "subject": {"reference": "Patient/a"},
        },
        "request": {"method": "POST", "url": "Observation"},
    }
    known = {"resource": patient(id="a"), "request": {"method": "PUT", "url": "Patient/a"}}
    assert rest.push(known, *[entry] * MANY).status_code == 200


def slow_update(number):
    """An update that looks for a long time, and then creates."""
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "new"}}
    return {"resource": observation, "request": {"method": "PUT", "url": f"Observation?{SLOW}&_id:not=x{number}"}}


def assert_timeout(response):
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    problem = issue(response)
    assert problem["code"] == "timeout"
    assert "nothing of it is stored" in problem["diagnostics"]


@pytest.mark.parametrize("type", ["transaction", "batch"])
def test_many_slow_conditions_do_not_hold_the_site(rest, type):
    store_observations(rest)
    rest.registry.store.limit(0.5)
    created = {"resource": patient(1), "request": {"method": "POST", "url": "Patient"}}
    assert_timeout(rest.push(created, *map(slow_update, range(1000)), type=type))
    rest.registry.store.limit(60)
    assert rest.total("Observation") == MANY
    assert rest.total("Patient?identifier=1") == 0
    assert rest.put(patient(id="b")).status_code == 201


def test_conditions_that_take_too_long_keep_nobody_waiting(rest):
    """A transaction looks its conditions up before it takes the site's lock: this one never gets so far."""
    store_observations(rest)
    outside = Database(rest.registry.store.database.url)
    rest.registry.store.limit(0.5)
    with outside.write(1) as connection:  # who holds the lock is not waited for
        connection.execute(rest.registry.store.tables.site.update().values(updated=0))
        assert_timeout(rest.push(*map(slow_update, range(1000))))
    outside.close()


@pytest.mark.parametrize("type", ["transaction", "batch"])
def test_what_needs_no_statement_looks_at_the_clock_too(rest, type):
    rest.registry.store.limit(0.05)
    entries = [{"resource": patient(n), "request": {"method": "POST", "url": "Patient"}} for n in range(3000)]
    assert_timeout(rest.push(*entries, type=type))
    assert rest.total("Patient") == 0


def test_the_wait_for_another_writer_counts(rest):
    rest.registry.store.limit(0.5)
    outside = Database(rest.registry.store.database.url)
    with outside.write(1) as connection:
        connection.execute(rest.registry.store.tables.site.update().values(updated=0))
        response = rest.put(patient(id="a"))
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "5"
        assert issue(response)["code"] in ("lock-error", "timeout")
        assert rest.get("metadata").status_code == 200
        assert rest.total("Patient") == 0  # reads do not wait
    outside.close()
    assert rest.put(patient(id="a")).status_code == 201


def test_a_statement_has_what_is_left(database):
    limited = Database(database)
    limited.limit(0.6)
    steps = "SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000000"
    long = f"WITH RECURSIVE n(i) AS ({steps}) SELECT count(*) FROM n"
    with pytest.raises(FhirError) as raised, limited.write(1) as connection:
        time.sleep(0.4)
        connection.exec_driver_sql(long)
    assert raised.value.issues[0].code == "timeout"
    # What a savepoint had lowered is as it was, and lowered again.
    with pytest.raises(FhirError) as raised, limited.write(1) as connection:
        savepoint = connection.begin_nested()
        time.sleep(0.2)
        connection.exec_driver_sql("SELECT 1")
        savepoint.rollback()
        connection.exec_driver_sql("SELECT 1")
        if not limited.sqlite:
            shown = connection.exec_driver_sql("SHOW statement_timeout").scalar()
            assert shown.endswith("ms") and int(shown.removesuffix("ms")) <= 400
        connection.exec_driver_sql(long)
    assert raised.value.issues[0].code == "timeout"
    # The connection is good for the next.
    with limited.read(1) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    limited.close()


def test_what_is_not_limited_takes_its_time(database):
    limited = Database(database)
    limited.limit(0.1)
    with limited.read(1, limited=False) as connection:
        time.sleep(0.2)
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
        if not limited.sqlite:
            assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "0"
            connection.exec_driver_sql("SELECT pg_sleep(0.2)")
    with pytest.raises(FhirError), limited.read(1) as connection:
        time.sleep(0.2)
        connection.exec_driver_sql("SELECT 1")
    limited.close()


def test_a_stopped_search_leaves_no_trace_on_its_connection(rest):
    """SEC-19: the worker is free again."""
    store_observations(rest)
    rest.registry.store.limit(0.3)
    for _ in range(3):
        assert_timeout(rest.get(f"Observation?{SLOW}"))
    rest.registry.store.limit(60)
    assert rest.total("Observation?patient=a") == MANY


def test_writers_of_several_processes_all_get_in(database):
    """Two pools on one database, as two processes have: nobody starves behind the other's queue."""
    with serving(database) as one, serving(database) as two:
        done, failed = [], []

        def write(rest, first):
            for n in range(first, first + 20):
                response = rest.put(basic("Patient/a", id=f"b{n}"))
                (done if response.status_code == 201 else failed).append(n)

        threads = [threading.Thread(target=write, args=(one, 100 * n)) for n in range(4)]
        threads.append(threading.Thread(target=write, args=(two, 1000)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(done), failed) == (100, [])
        assert one.total("Basic") == 100


def test_on_sqlite_a_transaction_that_was_rolled_back_is_not_called_committed(new_database):
    database = Database(new_database("sqlite"))
    with pytest.raises(FhirError) as raised, database.write(1) as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
        connection.exec_driver_sql("ROLLBACK")  # as SQLite does by itself when its disk is full
    assert raised.value.status == 503
    database.close()
