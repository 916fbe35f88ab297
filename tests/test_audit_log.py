"""Events are stored in groups before anybody is told that they are; who cannot be told gets 503 (AUD-04)."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from audit_events import SITE, append, broken, erase, read
from sqlalchemy import select, text

from fhir_registry.core.audit import READS
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops.audit_log import AuditLog
from fhir_registry.ops.open import open_registry
from fhir_registry.store.site import add_site
from fhir_registry.store.wall import EVERYWHERE


@pytest.fixture
def log(registry):
    opened = AuditLog(registry.store)
    yield opened
    opened.close()


def patients(store, number=READS):
    """The patients of the events of a chain, in order."""
    c = store.tables.audit.patient.c
    with store.ask(EVERYWHERE) as connection:
        query = select(c.patient).where(c.site == SITE, c.chain == number).order_by(c.seq)
        return list(connection.execute(query).scalars())


def test_everybody_s_event_is_stored_once(registry, log):
    callers, each = 8, 25
    names = [[f"p{caller}-{n}" for n in range(each)] for caller in range(callers)]

    def work(mine):
        for name in mine:
            log.record(SITE, read(name))
            assert name in patients(registry.store)  # when it returns

    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(work, names))
    found = patients(registry.store)
    assert sorted(found) == sorted(name for mine in names for name in mine)
    for mine in names:  # of one caller in the order of his calls
        assert [name for name in found if name in mine] == mine
    assert broken(registry.store) == {}


def test_sites_are_apart(registry, log):
    assert [add_site(registry.store, name) for name in ("second", "third")] == [2, 3]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: log.record(1 + n % 3, read(f"p{n}")), range(30)))
    with registry.store.ask(EVERYWHERE) as connection:
        assert [(head.site, head.seq) for head in registry.store.audit.heads(connection)] == [(1, 10), (2, 10), (3, 10)]
    assert broken(registry.store) == {}


def test_who_cannot_be_noted_is_refused(registry):
    """Another has the chain, for longer than anybody waits."""
    store, log = registry.store, AuditLog(registry.store, seconds=0.3)
    with store.database.write(EVERYWHERE) as connection:
        store.audit._lock(connection, SITE, READS)
        for name in ("on-its-way", "given-up"):
            with pytest.raises(FhirError, match="audit log") as found:
                log.record(SITE, read(name))
            assert (found.value.status, found.value.headers) == (503, {"Retry-After": "5"})
    log.record(SITE, read("after"))
    log.close()
    found = patients(store)
    # The first had been handed to the database already, which took it later; of the second there is nothing.
    assert found == ["on-its-way", "after"]
    assert broken(store) == {}


def test_what_is_no_event_hinders_nobody_else(registry, log):
    with pytest.raises(ValueError, match="id of a patient"):
        log.record(SITE, read("\x00"))
    log.record(SITE, read("p1"))
    assert patients(registry.store) == ["p1"]


def test_lost_connections_are_replaced(new_registry, content):
    registry = open_registry(new_registry("postgresql"), content)
    log = AuditLog(registry.store)
    log.record(SITE, read("before"))
    other = registry.store.database.engine
    with other.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
        )
    stored = ["before"]
    for n in range(20):
        try:
            log.record(SITE, read(f"p{n}"))
            stored.append(f"p{n}")
        except FhirError as problem:
            assert problem.status == 503
    assert stored[-1] == "p19" and patients(registry.store) == stored
    log.close()
    registry.close()


def test_two_processes_begin_a_chain(new_registry, content):
    """One stores the first event between two looks of the other, which SQLite lets nobody do (BEGIN IMMEDIATE)."""
    with closing(open_registry(new_registry("postgresql"), content)) as registry:
        store, begin = registry.store, registry.store.audit._begin

        def wait_for_another(connection, site, number):
            store.audit._begin = begin
            with ThreadPoolExecutor(1) as pool:
                pool.submit(append, store, read("first")).result()
            begin(connection, site, number)

        store.audit._begin = wait_for_another
        append(store, read("second"))
        assert patients(store) == ["first", "second"] and broken(store) == {}


def test_who_is_noted_while_the_log_is_gone_through_does_not_wait(new_registry, content):
    """And what is noted then is erased too. (On SQLite one writes at a time.)"""
    with closing(open_registry(new_registry("postgresql"), content)) as registry, ThreadPoolExecutor(1) as pool:
        store, rows = registry.store, registry.store.audit._rows
        append(store, read("gone"), read("other"))

        def while_others_read(*asked):
            store.audit._rows = rows
            pool.submit(append, store, read("gone"), read("other")).result(10)
            return rows(*asked)

        store.audit._rows = while_others_read
        assert erase(store, "gone") == 2
        with store.ask(EVERYWHERE) as connection:
            kept = [str(row.private) for row in store.audit.page(connection, SITE, 10)]
        assert len(kept) == 5 and not any("gone" in each for each in kept)
        assert patients(store) == ["other", "other"] and broken(store) == {}


def test_the_database_fails(registry, log):
    """All who wait are told, and the next are stored as soon as it is well again."""
    store = registry.store
    log.record(SITE, read("before"))
    with store.database.write(EVERYWHERE) as connection:
        connection.execute(text("ALTER TABLE audit RENAME TO audit_away"))
    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(log.record, SITE, read(f"p{n}")) for n in range(8)]
        assert all(result.exception().status == 503 for result in results)
    with store.database.write(EVERYWHERE) as connection:
        connection.execute(text("ALTER TABLE audit_away RENAME TO audit"))
    log.record(SITE, read("after"))
    assert patients(store) == ["before", "after"] and broken(store) == {}


def test_a_damaged_site_hinders_no_other(registry, log):
    """Their events wait together for the chain that another has, and are stored in one transaction."""
    store = registry.store
    others = [add_site(store, name) for name in ("second", "third")]
    append(store, read("before"), site=others[0])
    head = store.tables.audit.head
    with store.database.write(EVERYWHERE) as connection:
        connection.execute(head.delete().where(head.c.site == others[0]))
    with ThreadPoolExecutor(4) as pool, store.database.write(EVERYWHERE) as connection:
        store.audit._lock(connection, SITE, READS)
        first = pool.submit(log.record, SITE, read("first"))
        until(lambda: log._thread and not log._waiting)  # it is on its way
        results = [pool.submit(log.record, site, read("p")) for site in (SITE, *others)]
        until(lambda: len(log._waiting) == 3)
    assert [each.exception() for each in (first, results[0], results[2])] == [None] * 3
    assert results[1].exception().status == 503
    with store.ask(EVERYWHERE) as connection:
        assert [(each.site, each.seq) for each in store.audit.heads(connection)] == [(SITE, 2), (others[1], 1)]


def test_without_events_its_thread_ends_and_the_next_starts_another(registry, log, monkeypatch):
    monkeypatch.setattr("fhir_registry.ops.audit_log.IDLE", 0.01)
    for number in range(3):
        log.record(SITE, read(f"p{number}"))
        until(lambda: log._thread is None)
    assert patients(registry.store) == ["p0", "p1", "p2"]


def test_a_closed_log_has_stored_what_it_took(registry):
    store, log = registry.store, AuditLog(registry.store)
    with ThreadPoolExecutor(5) as pool:
        with store.database.write(EVERYWHERE) as connection:
            store.audit._lock(connection, SITE, READS)
            results = [pool.submit(log.record, SITE, read("first"))]
            until(lambda: log._thread and not log._waiting)  # it is on its way
            results += [pool.submit(log.record, SITE, read(f"p{n}")) for n in range(4)]
            until(lambda: len(log._waiting) == 4)
            closing = threading.Thread(target=log.close)
            closing.start()
        closing.join()
        assert [result.exception() for result in results] == [None] * 5
    assert len(patients(store)) == 5
    with pytest.raises(FhirError, match="audit log"):
        log.record(SITE, read("late"))


def until(holds):
    """Wait until something holds, half a minute at most."""
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)
