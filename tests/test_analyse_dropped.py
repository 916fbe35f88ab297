"""Analyses that are dropped, while others are made, updated and read (docs/store.md)."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from test_analyse import CUTOFF, forget, kept, put
from test_audit_log import until
from test_erase_meanwhile import waits_for_lock
from test_evaluate import BASE, SITE, response, treated

from fhir_registry.ops import analyse, ingest
from fhir_registry.ops.open import open_registry
from fhir_registry.store import analysis as analysis_module
from fhir_registry.store import repair, schema
from fhir_registry.store.analysis import Analyses
from fhir_registry.store.erase import forget as forget_erased
from fhir_registry.store.rows import Rows

PATIENTS = ("a", "b", "c", "d", "e", "f")


@pytest.fixture
def six(database, content, clock):
    """Six patients with an answer each, two in a range."""
    registry = open_registry(database, content, clock=clock)
    for patient in PATIENTS:
        ingest.bundle(registry, SITE, treated(patient, ("2024-03-15", "LA28369-9")), BASE)
    yield registry
    registry.close()


def asked_at(registry, cutoff):
    return analyse.question(registry, SITE, "halaven", None, cutoff, BASE)


def subjects(registry, cutoff):
    """Everybody who answered, as one report tells them."""

    def read(connection, analysis):
        return [subject for subject, _ in registry.store.analyses.states(connection, analysis, "halaven-dcr")]

    return analyse.analyse(registry, asked_at(registry, cutoff), read)


def held(registry):
    """({table: numbers of the analyses that it has rows of}, sorted (cut-off, complete) of the analyses)."""
    tables = registry.store.tables
    with registry.store.read(1) as connection:
        numbers = {table.name: set(connection.execute(select(table.c.analysis)).scalars()) for table in tables.analyses}
        complete = connection.execute(select(tables.analysis.c.cutoff, tables.analysis.c.complete)).all()
    return numbers, sorted(complete)


@pytest.mark.parametrize("step", [1_000_000, 0, -1_000_000], ids=["on", "stands", "back"])
def test_what_was_asked_last_is_kept_whatever_the_clock_says(six, clock, step):
    for number in range(9):
        clock.now += step
        assert len(subjects(six, CUTOFF + number)) == 6
        assert (CUTOFF + number, 1) in held(six)[1]
    numbers, complete = held(six)
    assert len(complete) == analysis_module.KEPT
    assert all(found <= numbers["analysis"] for found in numbers.values())


@pytest.mark.parametrize("step", ["patients", "remove"])
def test_what_is_dropped_while_it_is_updated_is_made_anew(six, clock, monkeypatch, step):
    for cutoff in (CUTOFF, CUTOFF + 1):
        clock.now += 1_000_000
        subjects(six, cutoff)
    monkeypatch.setattr(analysis_module, "KEPT", 1)
    put(six, {**response("a", "2024-04-15", "LA28369-9"), "id": "another"})
    do, other = getattr(Analyses, step), asked_at(six, CUTOFF + 1).key
    dropping = threading.Thread(target=analyse._drop_superfluous, args=(six, other))

    def dropped_meanwhile(*asked):
        if not dropping.ident:
            dropping.start()
            dropping.join(1)
        return do(*asked)

    monkeypatch.setattr(Analyses, step, dropped_meanwhile)
    assert subjects(six, CUTOFF) == list(PATIENTS)
    dropping.join()
    numbers, complete = held(six)
    assert len(complete) == 1
    assert all(found <= numbers["analysis"] for found in numbers.values())


def test_an_abandoned_build_that_goes_on_is_made_anew(six, clock, monkeypatch):
    monkeypatch.setattr(analyse, "RANGE", 2)
    derive_ranges, builds = analyse.derive_ranges, []

    def stand_still_once(*asked):
        builds.append(None)
        first = len(builds) == 1
        for number, derived in enumerate(derive_ranges(*asked)):
            if first and number == 1:
                clock.now += 11 * 60 * 1_000_000
                with monkeypatch.context() as elsewhere:
                    elsewhere.setattr(analyse, "_building", threading.Lock())
                    for cutoff in (CUTOFF + 1, CUTOFF + 2):
                        subjects(six, cutoff)
            yield derived

    monkeypatch.setattr(analyse, "derive_ranges", stand_still_once)
    assert subjects(six, CUTOFF) == list(PATIENTS)
    assert len(builds) == 4
    numbers, complete = held(six)
    assert complete == [(CUTOFF, 1), (CUTOFF + 1, 1), (CUTOFF + 2, 1)]
    assert all(found <= numbers["analysis"] for found in numbers.values())


def test_of_two_that_build_the_same_one_is_kept(six, monkeypatch):
    derive_ranges, builds = analyse.derive_ranges, []

    def overtaken(*asked):
        builds.append(None)
        if len(builds) == 1:
            with monkeypatch.context() as elsewhere:
                elsewhere.setattr(analyse, "_building", threading.Lock())
                subjects(six, CUTOFF)
        yield from derive_ranges(*asked)

    monkeypatch.setattr(analyse, "derive_ranges", overtaken)
    assert subjects(six, CUTOFF) == list(PATIENTS)
    numbers, complete = held(six)
    assert complete == [(CUTOFF, 1)]
    assert all(found <= numbers["analysis"] for found in numbers.values())


def beside_an_erasure(registry, do, pool, begun):
    """A function as `do`; before it is done an erasure begins, once, and goes on until it has to wait."""
    store = registry.store

    def erase_somebody():
        with store.write(1) as writer:
            forget_erased(store, writer.connection, 1, set(), [])

    def beside(*asked):
        if not begun:
            begun.append(pool.submit(erase_somebody))
            until(lambda: store.database.sqlite or waits_for_lock(store))
        return do(*asked)

    return beside


def test_who_drops_an_analysis_and_who_erases_do_not_wait_for_each_other(six, monkeypatch):
    """They delete of the same tables, in different orders."""
    store, begun = six.store, []
    subjects(six, CUTOFF)
    (number,) = held(six)[0]["analysis"]
    with store.database.write(1) as connection:
        store.analyses.hide(connection, number)

    def drop_some(connection, number):
        table = store.tables.analysis_subject
        connection.execute(table.delete().where(table.c.analysis == number))  # as it begins
        return beside(connection, number)

    with ThreadPoolExecutor(1) as pool:
        beside = beside_an_erasure(six, store.analyses.drop_some, pool, begun)
        monkeypatch.setattr(store.analyses, "drop_some", drop_some)
        analyse._drop_superfluous(six, asked_at(six, CUTOFF).key)
        begun[0].result()
    assert not any(held(six)[0].values())


def test_a_repair_and_who_erases_do_not_wait_for_each_other(six, monkeypatch):
    """One had dropped an analysis and wanted the row of the site, the other the other way round."""
    store, begun = six.store, []
    subjects(six, CUTOFF)
    (number,) = held(six)[0]["analysis"]
    with ThreadPoolExecutor(1) as pool:
        remake_rows = beside_an_erasure(six, repair.remake_rows, pool, begun)
        monkeypatch.setattr(repair, "remake_rows", remake_rows)
        repair.repair(store, 1, [("analysis", 1, number), ("change", 1, "a")])
        begun[0].result()
    assert not any(held(six)[0].values())


def test_the_number_of_a_dropped_analysis_is_not_given_again(six):
    subjects(six, CUTOFF)
    (number,) = held(six)[0]["analysis"]
    with six.store.database.write(1) as connection:
        six.store.analyses.hide(connection, number)
    with six.store.database.write(1) as connection:
        assert not six.store.analyses.drop_some(connection, number)
    subjects(six, CUTOFF)
    assert held(six)[0]["analysis"] != {number}


def test_an_analysis_does_not_outlive_the_rows_it_was_made_of(database, content, clock, monkeypatch):
    """A release that does not see Observations marks nobody when one is written; then the first release is back."""

    def see_no_observations(rows, stored):
        found = map_(rows, stored)
        return found if stored["resourceType"] != "Observation" else {view: [] for view in found}

    def opened():
        return contextlib.closing(open_registry(database, content, clock=clock))

    with opened() as registry:
        ingest.bundle(registry, SITE, treated("a"), BASE)
        kept(registry)
    map_ = Rows.map
    with monkeypatch.context() as other_release:
        other_release.setattr(Rows, "map", see_no_observations)
        other_release.setattr(schema, "_digest", lambda content_hash: "0" * 64)
        with opened() as registry:
            put(registry, {**response("a", "2024-03-15", "LA28369-9"), "id": "seen"})
    with opened() as registry:
        told = kept(registry)
        forget(registry)
        assert told == kept(registry)
