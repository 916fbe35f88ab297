"""Why treatment was stopped; D-cases are those of section 4.4 of the oncology definitions."""

from itertools import pairwise

import pytest
from patient_facts import Record, day

from fhir_registry.endpoints import discontinuation
from fhir_registry.endpoints.outcome import Excluded, Plan, Tally
from fhir_registry.endpoints.stop_reason import REASONS
from fhir_registry.reports.discontinuation import discontinuation_groups

DAYS = (0, 28, 56, 84)


def derive(record, cutoff="2011-12-31", **more):
    parameters = discontinuation.check_parameters({"indexDrugs": frozenset({"fulvestrant"}), **more})
    return discontinuation.derive(record.facts(), Plan("faslodex", None, day(cutoff), parameters))


def status(record, **more):
    return tuple(derive(record, **more).row.status)


def treated(visit_2=100):
    """Doses on days 0, 28, 56 and 84; visit 1 on day 0 and visit 2 on day 100, or none."""
    record = Record("2009-02-10").dose("fulvestrant", *DAYS).seen(0, "visit-1")
    return record if visit_2 is None else record.seen(visit_2, "visit-2")


def stopped(*reasons, end=90, record=None, **values):
    told = "[" + ",".join(f'"{reason}"' for reason in reasons) + "]"
    return (record or treated()).took("fulvestrant", 0, end, status="stopped", reasons=told, **values)


def ordered(reason, status="stopped", record=None, when=0):
    record = record or treated()
    dates = record.dates(authored=when)
    return record.add("medication_request", status=status, drug="fulvestrant", reasons=f'["{reason}"]', **dates)


def left_out(reason, when=112, record=None):
    return (record or treated(130)).dose("fulvestrant", when, status="not-done", reasons=f'["{reason}"]')


CASES = {
    "D01 progression before adverse event": (stopped("progression", "adverse-event"), "progression"),
    "D01 whatever the order": (stopped("adverse-event", "progression"), "progression"),
    "D02 no response": (stopped("no-response"), "no-response"),
    "D03 death 20 d after the last dose": (treated(None).died(104), "death"),
    "D04 stopped without reason": (stopped(), "unknown"),
    "D05 active at visit 2": (treated().took("fulvestrant", 0, status="active"), "ongoing"),
    "D06 an order before an administration": (
        left_out("adverse-event", record=ordered("patient-decision", record=treated(130))),
        "patient-decision",
    ),
    "a statement before an order": (ordered("adverse-event", record=stopped("completed")), "completed"),
    "a statement that says unknown, an order that knows": (
        ordered("adverse-event", record=stopped("unknown")),
        "adverse-event",
    ),
    "an administration alone": (left_out("adverse-event"), "adverse-event"),
    "a dose left out, and given after": (left_out("adverse-event", 30), "ongoing"),
    "stopped after visit 2": (stopped("progression", end=120), "ongoing"),
    "stopped and resumed": (stopped("adverse-event", end=30), "ongoing"),
    "an order that was replaced": (ordered("other", record=ordered("other", "active", when=50)), "ongoing"),
    "an order with doses after visit 2": (
        ordered("progression", record=treated().dose("fulvestrant", 112)),
        "ongoing",
    ),
    "another drug": (treated().took("letrozole", -300, -10, status="stopped", reasons='["progression"]'), "ongoing"),
    "the same drug years ago": (stopped("completed", end=-900, record=treated()), "ongoing"),
    "silence for 120 days": (treated(84 + 120), "ongoing"),
    "silence for 121 days": (treated(84 + 121), "unknown"),
    "death long after the last dose": (treated(None).seen(300).died(84 + 121), "unknown"),
    "a reason and a death": (stopped("progression", record=treated(None)).died(104), "progression"),
    "a stop without reason, then death": (stopped(record=treated(None)).died(104), "death"),
    "death after visit 2": (treated().died(104), "ongoing"),
}


@pytest.mark.parametrize("case", CASES)
def test_primary_reason(case):
    record, expected = CASES[case]
    assert status(record)[1] == expected


def test_reasons_rank_as_they_are_listed():
    for first, second in pairwise(REASONS):
        assert status(stopped(second, first)) == (True, first)


def test_without_visit_2_only_those_who_stopped_count():
    assert derive(treated(None).seen(110)).flags == {"visit-2-missing"}
    assert status(treated(None).seen(110)) == (False, "ongoing")
    # The first encounter on or after the end of the drug is visit 2.
    assert status(stopped("progression", record=treated(None).seen(95))) == (True, "progression")


@pytest.mark.parametrize(
    ("when", "flags"),
    [(90 + 42, set()), (90 - 42, set()), (90 + 43, {"progression-without-pd"}), (None, {"progression-without-pd"})],
)
def test_progression_needs_a_progressive_disease_within_42_days(when, flags):
    record = stopped("progression")
    if when is not None:
        record.assessed(when, "PD")
    assert derive(record.assessed(90, "SD")).flags == flags


def test_the_flag_of_silence():
    assert derive(treated(84 + 121)).flags == {"stop-by-gap"}


def test_the_trace_names_the_last_dose_and_the_stop():
    evidence = derive(stopped("adverse-event")).evidence
    assert [(e.role, e.source.resource, e.note) for e in evidence] == [
        ("index", "medication_administration/1", ""),
        ("last-dose", "medication_administration/4", ""),
        ("end-of-treatment", "medication_statement/1", "adverse-event"),
    ]


def test_statistics_of_both_denominators():
    tally = Tally()
    records = [
        stopped("progression"),
        stopped("no-response"),
        stopped("adverse-event"),
        treated(),
        treated(None).died(104),
        treated(None),
    ]
    for record in records:
        tally.add(derive(record))
    tally.add(Excluded("under-age"))
    groups = {group["code"]["coding"][0]["code"]: group for group in discontinuation_groups(tally).groups}

    def score(code):
        return float(groups[code]["measureScore"]["value"])

    def counts(code):
        return {p["code"]["coding"][0]["code"]: p["count"] for p in groups[code]["population"]}

    # Four have a second visit: two progressed, one stopped for an adverse event, one goes on; one more died.
    assert (score("discontinuation-ongoing"), score("discontinuation-any")) == (25, 75)
    assert score("discontinuation-progression") == 50
    assert score("discontinuation-no-response") == 25
    assert score("discontinuation-death") == 0
    assert score("discontinuation-death-of-discontinued") == 25
    assert score("discontinuation-progression-of-discontinued") == 50
    limits = [score(f"discontinuation-progression-ci-{side}") for side in ("lower", "upper")]
    assert limits == pytest.approx([6.7586, 93.2414], abs=6e-5)  # 2 of 4, Clopper-Pearson
    assert counts("discontinuation-progression") == {
        "initial-population": 7,
        "denominator-exclusion": 3,
        "denominator": 4,
        "imputed-dates": 0,
        "visit-2-missing": 2,
        "progression-without-pd": 2,
        "stop-by-gap": 0,
        "numerator": 2,
    }
    assert counts("discontinuation-death-of-discontinued")["denominator"] == 4
