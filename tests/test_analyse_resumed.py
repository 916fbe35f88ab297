"""An analysis that is built for a job goes on where another process of the job was killed (ops/analyse.py)."""

import pytest
from sqlalchemy import select
from test_analyse import forget, kept, put
from test_evaluate import BASE, SITE, response, treated

from fhir_registry.fhir import json
from fhir_registry.fhir.dates import SECOND
from fhir_registry.ops import analyse, ingest
from fhir_registry.ops.evaluate import evaluate
from fhir_registry.ops.evaluate_later import request_evaluation
from fhir_registry.ops.jobs import do
from fhir_registry.ops.open import open_registry

PATIENTS = ("a", "b", "c", "d", "e", "f", "g")


class Killed(BaseException):
    """Stands for the end of the process: nothing of the program catches it."""


@pytest.fixture
def seven(database, content, clock, monkeypatch):
    """Seven patients, two in a range."""
    monkeypatch.setattr(analyse, "RANGE", 2)
    registry = open_registry(database, content, clock=clock)
    for patient in PATIENTS:
        ingest.bundle(registry, SITE, treated(patient, ("2024-03-15", "LA28369-9")), BASE)
    yield registry
    registry.close()


def requested(registry, **arguments):
    arguments = {"period_end": "2025-06-30", **arguments}
    return request_evaluation(registry, SITE, "halaven-dcr", arguments, BASE, keep=False)


def derived_by(registry, monkeypatch, clock, killed_after=None):
    """Do the job; the subjects that this process derived. killed_after: ranges derived, of which the last is lost."""
    derive_ranges, subjects = analyse.derive_ranges, []

    def watched(*asked):
        for number, derived in enumerate(derive_ranges(*asked), 1):
            subjects.extend(subject for subject, *_ in derived.persons)
            if number == killed_after:
                raise Killed
            yield derived

    clock.now += 61 * SECOND
    job = registry.store.jobs.claim("w", ("evaluate",))
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(analyse, "derive_ranges", watched)
        if killed_after:
            with pytest.raises(Killed):
                do(registry, job)
        else:
            do(registry, job)
    return subjects


def answer(registry, id):
    with registry.store.read(1) as connection:
        job = registry.store.jobs.find(connection, id)
    assert job.state == "completed", job.problem
    (entry,) = job.result["entry"]
    return {name: value for name, value in entry["resource"].items() if name != "date"}


def analyses(registry):
    table = registry.store.tables.analysis
    with registry.store.read(1) as connection:
        return connection.execute(select(table.c.analysis, table.c.complete)).all()


def test_killed_in_every_range_it_derives_nobody_twice_and_reports_the_same(seven, monkeypatch, clock):
    id_ = requested(seven)
    assert derived_by(seven, monkeypatch, clock, killed_after=2) == ["a", "b", "c", "d"]
    assert derived_by(seven, monkeypatch, clock, killed_after=2) == ["c", "d", "e", "f"]
    assert derived_by(seven, monkeypatch, clock, killed_after=1) == ["e", "f"]
    assert derived_by(seven, monkeypatch, clock) == ["e", "f", "g"]
    interrupted, held = answer(seven, id_), kept(seven)
    assert len(analyses(seven)) == 1
    forget(seven)
    whole = evaluate(seven, SITE, "halaven-dcr", period_end="2025-06-30", base=BASE)
    del whole["date"]
    assert json.dumps(interrupted) == json.dumps(whole)
    assert held == kept(seven)


def test_killed_when_all_are_derived_it_only_completes(seven, monkeypatch, clock):
    id_ = requested(seven)

    def killed(*_):
        raise Killed

    with monkeypatch.context() as elsewhere, pytest.raises(Killed):
        elsewhere.setattr(type(seven.store.analyses), "complete", killed)
        do(seven, seven.store.jobs.claim("w", ("evaluate",)))
    assert derived_by(seven, monkeypatch, clock) == []
    assert len(answer(seven, id_)["group"]) > 1
    held = kept(seven)
    forget(seven)
    assert held == kept(seven)


def test_what_is_written_meanwhile_is_seen(seven, monkeypatch, clock):
    id_ = requested(seven)
    derived_by(seven, monkeypatch, clock, killed_after=3)
    merged = {
        "resourceType": "Patient",
        "id": "b",
        "link": [{"other": {"reference": "Patient/f"}, "type": "replaced-by"}],
    }
    put(seven, merged)  # from what is derived into what is not
    put(seven, {**response("a", "2024-05-01", "LA28370-7"), "id": "late"})
    ingest.bundle(seven, SITE, treated("aa", ("2024-03-15", "LA28369-9")), BASE)
    ingest.delete(seven, SITE, "Patient", "c")
    derived_by(seven, monkeypatch, clock)
    held, interrupted = kept(seven), answer(seven, id_)
    forget(seven)
    assert held == kept(seven)
    whole = evaluate(seven, SITE, "halaven-dcr", period_end="2025-06-30", base=BASE)
    assert interrupted == {name: value for name, value in json.parse(json.dumps(whole)).items() if name != "date"}


def test_an_analysis_that_was_dropped_meanwhile_is_begun_anew(seven, monkeypatch, clock):
    id_ = requested(seven)
    derived_by(seven, monkeypatch, clock, killed_after=2)
    ((number, _),) = analyses(seven)
    with seven.store.database.write(1) as connection:
        seven.store.analyses.hide(connection, number)
    assert derived_by(seven, monkeypatch, clock) == list(PATIENTS)
    assert answer(seven, id_)["group"]


def test_an_analysis_that_is_not_what_the_job_left_is_begun_anew(seven, monkeypatch, clock):
    """In a restored database another analysis may have the number that the job knows."""
    id_ = requested(seven)
    derived_by(seven, monkeypatch, clock, killed_after=3)
    table = seven.store.tables.analysis_subject
    with seven.store.database.write(1) as connection:
        connection.execute(table.delete().where(table.c.subject == "b", table.c.measure == "halaven-dcr"))
    assert derived_by(seven, monkeypatch, clock) == list(PATIENTS)
    assert answer(seven, id_)["group"]


def test_another_definition_is_begun_anew(seven, monkeypatch, clock):
    """A new release answers by other rules: what the old one derived is not counted."""
    id_ = requested(seven)
    derived_by(seven, monkeypatch, clock, killed_after=2)
    with monkeypatch.context() as release:
        release.setattr(analyse, "_code_digest", lambda: "new")
        assert derived_by(seven, release, clock) == list(PATIENTS)
        assert answer(seven, id_)["group"]


def test_without_an_end_it_is_the_day_of_the_request(seven, clock):
    id_ = request_evaluation(seven, SITE, "halaven-dcr", {}, BASE, keep=False)
    clock.now += 3 * 86400 * SECOND
    do(seven, seven.store.jobs.claim("w", ("evaluate",)))
    assert answer(seven, id_)["period"]["end"] == "2025-10-09"


def test_of_a_cancelled_job_no_range_is_written_any_more(seven, monkeypatch, clock):
    id_ = requested(seven)
    derive_ranges = analyse.derive_ranges

    def cancelled_in_the_second(*asked):
        for number, derived in enumerate(derive_ranges(*asked)):
            if number == 1:
                assert seven.store.jobs.cancel(id_)
            yield derived

    monkeypatch.setattr(analyse, "derive_ranges", cancelled_in_the_second)
    do(seven, seven.store.jobs.claim("w", ("evaluate",)))
    table = seven.store.tables.analysis_subject
    with seven.store.read(1) as connection:
        assert set(connection.execute(select(table.c.subject)).scalars()) == {"a", "b"}
        assert seven.store.jobs.find(connection, id_).state == "cancelled"
