"""Injections of single patients; F-cases are those of section 4.4 of the oncology definitions."""

import pytest
from patient_facts import Record, day

from fhir_registry.endpoints import exposure
from fhir_registry.endpoints.outcome import Plan

DAYS = (0, 14, 28, 56, 84, 112)


def derive(record, cutoff="2010-12-31"):
    parameters = exposure.check_parameters({"indexDrugs": frozenset({"fulvestrant"})})
    return exposure.derive(record.facts(), Plan("faslodex", None, day(cutoff), parameters))


def visited(visit_1=0, visit_2=113):
    """A patient with the two visits of the study."""
    return Record("2009-02-10").seen(visit_1, "visit-1").seen(visit_2, "visit-2")


def mg(amount):
    return {"dose": float(amount), "dose_unit": "mg"}


def gluteal_pairs():
    record = visited()
    for when in (0, 14, 28):
        for side in ("left", "right"):
            record.dose("fulvestrant", when, **mg(250), site=side, identifier=f"s|{when}-{side}")
    return record


def unmarked_pairs():
    record = visited()
    for when in (0, 14, 28):
        record.dose("fulvestrant", when, when, **mg(250), submission=when + 1)
    return record


CASES = {
    "F01 500 mg a visit": (visited().dose("fulvestrant", *DAYS, **mg(500)), (6, 12, 3000)),
    "F02 left and right, identified": (gluteal_pairs(), (3, 6, 1500)),
    "F03 twice in one Bundle": (unmarked_pairs(), (3, 6, 1500)),
    "F04 the same pushed again": (
        visited().dose("fulvestrant", 0, **mg(250)).dose("fulvestrant", 0, **mg(250), submission=2),
        (1, 1, 250),
    ),
    "F05 not done, in error": (
        visited()
        .dose("fulvestrant", 0, **mg(250))
        .dose("fulvestrant", 28, **mg(250), status="not-done")
        .dose("fulvestrant", 56, **mg(250), status="entered-in-error"),
        (1, 1, 250),
    ),
    "F06 no dose": (visited().dose("fulvestrant", 0, 28, 56, 84, 112), (5, 5, None)),
    "F08 stopped halfway": (visited().dose("fulvestrant", 0, **mg(250), status="stopped"), (1, 1, 250)),
    "stopped at nothing": (
        visited().dose("fulvestrant", 0, **mg(250)).dose("fulvestrant", 28, **mg(0), status="stopped"),
        (1, 1, 250),
    ),
    "the same identifier twice": (
        visited().dose("fulvestrant", 0, 0, **mg(250), identifier="s|1"),
        (1, 1, 250),
    ),
    "in grams": (visited().dose("fulvestrant", 0, 28, dose=0.5, dose_unit="g"), (2, 4, 1000)),
    "less than nothing": (visited().dose("fulvestrant", 0, **mg(250)).dose("fulvestrant", 28, **mg(-250)), (1, 1, 250)),
    "more than a drug": (
        visited().dose("fulvestrant", 0, **mg(250)).dose("fulvestrant", 28, **mg(1e300)),
        (2, 2, None),
    ),
    "the unit in words": (visited().dose("fulvestrant", 0, dose=500.0, dose_unit="MG"), (1, 2, 500)),
    "taken back under its identifier": (
        visited()
        .dose("fulvestrant", 0, 28, **mg(250), identifier="s|1")
        .dose("fulvestrant", 0, **mg(250), identifier="s|2")
        .dose("fulvestrant", 28, **mg(250), identifier="s|1", status="entered-in-error", submission=2),
        (1, 1, 250),
    ),
    "another drug": (visited().dose("fulvestrant", 0, **mg(250)).dose("letrozole", 1), (1, 1, 250)),
}


@pytest.mark.parametrize("case", CASES)
def test_exposure_in_the_observation_period(case):
    record, expected = CASES[case]
    assert tuple(derive(record).row[:3]) == expected


def test_f06_unknown_dose_is_flagged():
    assert derive(CASES["F06 no dose"][0]).flags == {"dose-unknown"}


def test_f07_period_and_since_first_dose():
    row = derive(visited(visit_1=60).dose("fulvestrant", *DAYS, **mg(500))).row
    assert (row.days, row.injections, row.mg) == (2, 4, 1000)
    assert (row.days_since_first, row.injections_since_first, row.mg_since_first) == (6, 12, 3000)


@pytest.mark.parametrize(
    "case, visit_1, flags", [("F09", "2009-02-10", set()), ("F10", "2009-03-20", {"date-straddles-visit"})]
)
def test_partial_date_of_administration(case, visit_1, flags):
    record = visited(visit_1, "2009-06-01").dose("fulvestrant", "2009-02-10", "2009-03", **mg(250))
    answer = derive(record)
    assert answer.row.injections == (2 if case == "F09" else 1)
    assert answer.flags == flags


def test_without_a_second_visit_the_period_ends_with_the_last_contact():
    record = Record("2009-02-10").seen(0, "visit-1").dose("fulvestrant", 0, 28, **mg(250)).seen(40)
    record.dose("fulvestrant", 56, **mg(250), status="not-done")
    answer = derive(record)
    assert (answer.row.injections, answer.flags) == (2, {"visit-2-missing"})


def test_without_coded_visits_they_follow_from_enrolment_and_discontinuation():
    record = Record("2009-02-10").enrolled("faslodex", start=20).seen(0).seen(25).seen(60).seen(99)
    record.dose("fulvestrant", 0, 28, 56, 84, **mg(250)).took("fulvestrant", 0, 58, status="stopped")
    answer = derive(record)
    # Visit 1 is day 25, visit 2 day 60: the doses of days 28 and 56.
    assert (answer.row.days, answer.row.days_since_first, answer.flags) == (2, 4, frozenset())


def test_the_first_encounter_sent_is_visit_1_even_when_it_comes_after_the_first_dose():
    # Section 1.4 to the letter: "else earliest study Encounter". The count since the first dose stands beside it.
    record = Record("2009-02-10").enrolled("faslodex").seen(30).dose("fulvestrant", 0, 28, 56, **mg(250)).seen(60)
    answer = derive(record)
    assert (answer.row.injections, answer.row.injections_since_first) == (1, 3)


def test_doses_after_the_cut_off_are_not_seen():
    record = visited().dose("fulvestrant", *DAYS, **mg(250))
    assert derive(record, cutoff="2009-04-07").row.days_since_first == 4


OTHERS = {
    "started within": (lambda r: r.took("letrozole", 30), ["hormonal"], ["letrozole"]),
    "started before": (lambda r: r.took("letrozole", -30), [], []),
    "started after": (lambda r: r.took("letrozole", 114), [], []),
    "going on for years": (lambda r: r.took("letrozole", -900, 200), [], []),
    "years ago and again": (
        lambda r: r.took("letrozole", -900, -400).took("letrozole", 20),
        ["hormonal"],
        ["letrozole"],
    ),
    "weekly since before": (lambda r: r.dose("paclitaxel", *range(-14, 70, 7)), [], []),
    "by infusion": (lambda r: r.dose("paclitaxel", 50, 57).took("everolimus", 60), ["chemo", "targeted"], None),
    "ovarian suppression and bone protection": (lambda r: r.took("goserelin", 5).dose("zoledronic-acid", 6), [], []),
    "not taken": (lambda r: r.took("letrozole", 30, status="not-taken"), [], []),
    "start unknown": (lambda r: r.took("letrozole", asserted=40), [], []),
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_therapy_started_in_the_observation_period(case):
    add, classes, agents = OTHERS[case]
    row = derive(add(visited().dose("fulvestrant", *DAYS, **mg(250)))).row
    assert list(row.other_classes) == classes
    if agents is not None:
        assert list(row.other_agents) == agents
