"""What must hold for every patient, on stored patients: invariants of section 1.8 of the definitions."""

import re
from itertools import count

import pytest

from fhir_registry.content.registry import load_content
from fhir_registry.endpoints.outcome import Analysed
from fhir_registry.endpoints.time_to_event import COMPETING, EVENT
from fhir_registry.examples import Example
from fhir_registry.examples.person import day_of
from fhir_registry.fhir import json
from fhir_registry.ops import analyse, ingest
from fhir_registry.ops.evaluate import evaluate
from fhir_registry.ops.open import open_registry

SITE, BASE, CUTOFF = 1, "https://server.example/fhir", day_of("2025-06-30")
STUDY, PATIENTS = "lipusu-her2", 60
CYCLE_YEARS, CYCLE_DAYS = 28, 28 * 1461 // 4  # after so many years the calendar is the same, partial dates included
_DATE = re.compile(rb'"(19\d\d|20\d\d)((?:-\d\d){0,2}(?:T[^"]*)?)"')


def bundles(years=0):
    for bundle in Example(STUDY, PATIENTS, seed=11).bundles():
        text = _DATE.sub(lambda m: b'"%d%s"' % (int(m[1]) - years, m[2]), json.dumps(bundle))
        yield json.parse(text)


def answers(registry, cutoff):
    """{(patient, measure): Analysed, Excluded or None} as they are kept."""
    asked = analyse.question(registry, SITE, STUDY, None, cutoff, BASE)

    def read(connection, analysis):
        return {
            (subject, measure): each.read_answer(record)[0]
            for measure, each in asked.asked.items()
            for subject, record in registry.store.analyses.subjects(connection, analysis, measure)
        }

    return analyse.analyse(registry, asked, read)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def pushed(request, new_database):
    """(registry, registry with the same patients 28 years earlier)."""
    registries = []
    for years in (0, CYCLE_YEARS):
        numbers = count()
        registry = open_registry(
            new_database(request.param), load_content(), new_id=lambda numbers=numbers: f"{next(numbers):09}"
        )
        for bundle in bundles(years):
            ingest.bundle(registry, SITE, bundle, BASE)
        registries.append(registry)
    yield registries
    for registry in registries:
        registry.close()


@pytest.fixture(scope="module")
def times(pushed):
    """{patient: {"os", "pfs", "ttp", "ttf": primary Time}} of those analysed in all."""
    found = answers(pushed[0], CUTOFF)
    fields = {"os": "primary", "pfs": "primary", "ttp": "primary", "ttf": "ttf"}
    patients = {patient for patient, _ in found}
    of_all = {}
    for patient in patients:
        told = {code: found.get((patient, f"{STUDY}-{code}")) for code in fields}
        if all(isinstance(answer, Analysed) for answer in told.values()):
            of_all[patient] = {code: getattr(told[code].row, field) for code, field in fields.items()}
    assert len(of_all) > PATIENTS / 2
    return of_all


def test_failure_is_not_after_progression_nor_progression_after_death(times):
    compared = 0
    for each in times.values():
        if each["pfs"].event == EVENT and each["pfs"].label != "treatment-change":
            if each["ttf"].event == EVENT:
                assert each["ttf"].days <= each["pfs"].days
            if each["os"].event == EVENT:
                assert each["pfs"].days <= each["os"].days
                compared += 1
    assert compared


def test_progression_free_survival_is_the_first_of_progression_and_death(times):
    compared = 0
    for each in times.values():
        if each["pfs"].event == EVENT and each["pfs"].label != "treatment-change":
            events = [each[code].days for code in ("ttp", "os") if each[code].event in (EVENT, COMPETING)]
            assert each["pfs"].days == min(events)
            compared += 1
    assert compared


def test_a_shift_of_all_dates_changes_nothing_but_the_index(pushed):
    now, then = answers(pushed[0], CUTOFF), answers(pushed[1], CUTOFF - CYCLE_DAYS)
    shifted = {
        key: answer._replace(index=answer.index + CYCLE_DAYS) if isinstance(answer, Analysed) else answer
        for key, answer in then.items()
    }
    assert shifted == now


def test_cumulative_incidence_is_not_above_one_minus_kaplan_meier(pushed):
    report = evaluate(pushed[0], SITE, f"{STUDY}-ttp", period_end="2025-06-30")
    scores = {group["code"]["coding"][0]["code"]: group["measureScore"].get("value", 0) for group in report["group"]}
    scores = {code: float(value) for code, value in scores.items()}
    for months in (12, 24, 36):
        assert scores[f"ttp-cif-{months}m"] <= 100 - scores[f"ttp-rate-{months}m"] + 1e-9
        alive = 100 - scores[f"ttp-cif-{months}m"] - scores[f"ttp-cif-death-{months}m"]
        assert 0 <= alive <= 100


@pytest.mark.parametrize("measure", [f"{STUDY}-{code}" for code in ("os", "pfs", "ttp", "ttf")])
def test_the_initial_population_is_analysed_or_excluded(pushed, measure):
    report = evaluate(pushed[0], SITE, measure, period_end="2025-06-30")
    groups = {group["code"]["coding"][0]["code"]: group for group in report["group"]}
    (first, *_) = groups.values()
    counts = {p["code"]["coding"][0]["code"]: p["count"] for p in first["population"]}
    reasons = [group["measureScore"]["value"] for code, group in groups.items() if code.startswith("exclusion-")]
    assert counts["initial-population"] == counts["denominator"] + sum(reasons)
    assert counts["denominator-exclusion"] == sum(reasons)
