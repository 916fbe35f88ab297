"""Adverse events of single patients; A-cases are those of section 4.3 of the oncology definitions."""

from collections import Counter

import pytest
from patient_facts import Record, day

from fhir_registry.endpoints import adverse_events
from fhir_registry.endpoints.outcome import Analysed, Excluded, Plan, Tally
from fhir_registry.reports.adverse_events import adverse_event_groups

INDEX = "2024-01-15"
COUNTED = {
    "new",
    "exacerbation",
    "recurrence-intensity",
    "recurrence-frequency",
    "recurrence-grade-unknown",
    "onset-unknown",
}


def derive(record, cutoff="2026-12-31", **more):
    parameters = adverse_events.check_parameters({"indexDrugs": frozenset({"eribulin"}), **more})
    return adverse_events.derive(record.facts(), Plan("halaven", None, day(cutoff), parameters))


def treated(*doses):
    """A patient with the first dose on day 0 and the last on day 98, observed up to day 128."""
    return Record(INDEX).dose("eribulin", *(doses or (0, 7, 98)))


def event(onset, end=None, grade=None, record=None, **values):
    return (record or treated()).adverse_event(onset, end, grade=grade, **{"term": "Nausea", **values})


def base(onset, end, grade):
    """A record from before the first dose, to be followed by another of the same term."""
    return event(onset, end, grade)


def episodes(before, since):
    record = treated()
    for number in range(before):
        event(-40 + 10 * number, -39 + 10 * number, 1, record)
    for number in range(since):
        event(5 + 10 * number, 7 + 10 * number, 1, record)
    return record


# Case -> (record, reasons of its records in the order of their names, treatment-emergent as ICH has it)
CASES = {
    "A01": (event(10, 20, 2), "new", True),
    "A02": (event(0, None, 2), "new", True),
    "A03": (event(-1, -1, 2), "resolved-before-first-dose", False),
    "A04": (event(-30, None, 1), "pre-existing-unchanged", False),
    "A05": (
        event(-30, None, 3, base(-30, None, 1), detected_lo=day(INDEX) + 40),
        "exacerbation pre-existing-unchanged",
        True,
    ),
    "A06": (event(-30, None, 1, base(-30, None, 2), detected_lo=day(INDEX) + 40), "pre-existing-unchanged " * 2, False),
    "A07": (event(15, None, 2, base(-30, None, 1)), "exacerbation pre-existing-unchanged", True),
    "A08": (event(15, None, 2, base(-30, None, 2)), "pre-existing-unchanged " * 2, True),
    "A09": (event(60, None, 2, base(-26, -25, 2)), "recurrence-not-worse resolved-before-first-dose", True),
    "A10": (event(60, None, 3, base(-26, -25, 2)), "recurrence-intensity resolved-before-first-dose", True),
    "A11": (event(60, None, 1, base(-26, -25, 2)), "recurrence-not-worse resolved-before-first-dose", True),
    "A12": (episodes(2, 6), "recurrence-frequency " * 6 + "resolved-before-first-dose " * 2, True),
    "A13": (episodes(2, 2), "recurrence-not-worse " * 2 + "resolved-before-first-dose " * 2, True),
    "A14": (event(None, None, 2), "onset-unknown", True),
    "A15": (event(None, -10, 2), "resolved-before-first-dose", False),
    "A16": (event("2024-01", None, 2), "new", True),
    "A17": (event("2024-01", "2024-01-10", 2), "resolved-before-first-dose", False),
    "A18": (event("2023-12", None, 2), "pre-existing-unchanged", False),
    "A19": (event("2024", None, 2), "new", True),
    "A20": (event(128, None, 2), "new", True),
    "A21": (event(129, None, 2), "after-window", False),
    "A22": (event(60, None, None, base(-26, -25, 2)), "recurrence-grade-unknown resolved-before-first-dose", True),
    "A23": (event(80, None, 2, base(-23, 6, 2)), "pre-existing-unchanged recurrence-not-worse", True),
    "A24": (event(40, None, 3, event(10, None, 1)), "new new", True),
}


@pytest.mark.parametrize("case", CASES)
def test_reason_of_each_record(case):
    record, reasons, ich = CASES[case]
    row = derive(record).row
    assert list(row.reasons) == reasons.split()
    counted = sum(reason in COUNTED for reason in reasons.split())
    assert (row.events, "any" in row.three_part, "any" in row.ich) == (counted, counted > 0, ich)


def test_a16_the_onset_is_the_first_dose():
    assert derive(CASES["A16"][0]).row.days_to_first == 1
    assert derive(CASES["A16"][0]).flags == {"imputed-dates"}


def test_a21_counts_without_an_end_after_the_last_dose():
    row = derive(CASES["A21"][0]).row
    assert ("any" in row.three_part, "any" in row.uncapped) == (False, True)


def test_24_months_end_the_uncapped_window():
    assert "any" in derive(event(730, None, 2)).row.uncapped
    assert "any" not in derive(event(731, None, 2)).row.uncapped


def test_a22_a_missing_grade_is_flagged():
    assert derive(CASES["A22"][0]).flags == {"grade-unknown"}


def test_a24_a_patient_counts_once_at_the_worst_grade():
    row = derive(event(40, None, 3, event(10, None, 1), soc="S")).row
    assert row.events == 2
    assert set(row.terms) == {("S", "Nausea", 3), ("soc-unknown", "Nausea", 1)}
    row = derive(CASES["A24"][0]).row
    assert (row.terms, row.socs) == ((("soc-unknown", "Nausea", 3),), (("soc-unknown", 3),))


def test_a25_the_same_event_pushed_twice_is_one():
    record = event(10, None, 2, event(10, None, 2, identifier="s|1"), identifier="s|1")
    assert derive(record).row.events == 1
    again = event(10, None, 2, event(10, None, 2), submission=2)
    assert derive(again).row.events == 1
    twice = event(10, None, 2, event(10, None, 2))
    assert derive(twice).row.events == 2  # of one submission


def test_a26_an_event_in_error_is_none():
    assert derive(event(10, None, 2, in_error=True)).row.reasons == ()


def test_a27_severity_stands_for_a_missing_grade():
    answer = derive(event(10, severity="severe"))
    assert "grade3plus" in answer.row.three_part
    assert answer.row.socs == (("soc-unknown", 3),)
    assert answer.flags == {"grade-from-severity"}


def test_a28_a_potential_event_is_none():
    assert derive(event(10, None, 2, actuality="potential")).row.events == 0


def test_a29_who_was_never_dosed_is_not_in_the_population():
    record = Record(INDEX).enrolled("halaven").adverse_event(10, grade=2, term="Nausea")
    assert derive(record, requireEnrolment=True) == Excluded("no-index-drug")


@pytest.mark.parametrize("seriousness", ["serious", "Serious", "SeriousIsLifeThreatening"])
def test_a30_serious_in_any_case(seriousness):
    assert "serious" in derive(event(10, None, 2, seriousness=seriousness)).row.three_part
    assert "serious" not in derive(event(10, None, 2, seriousness="non-serious")).row.three_part


@pytest.mark.parametrize(
    ("relatedness", "categories"),
    [
        ("related", {"related", "related-or-unassessed"}),
        ("not-related", set()),
        ("unassessed", {"related-or-unassessed"}),
        (None, {"related-or-unassessed"}),
    ],
)
def test_relatedness(relatedness, categories):
    assert set(derive(event(10, None, 2, relatedness=relatedness)).row.three_part) - {"any"} == categories


def test_a_fatal_outcome_is_grade_5():
    row = derive(event(10, 12, 3, outcome="fatal")).row
    assert {"fatal", "grade3plus"} <= set(row.three_part)
    assert row.days == 13  # observation ends with the death
    assert "fatal" not in derive(event(10, 12, 3, outcome="fatal"), cutoff="2024-01-26").row.three_part


def test_leading_to_discontinuation():
    assert "discontinuation" in derive(event(10, None, 2, led_to_stop=True)).row.three_part
    stopped = event(90, None, 2).took("eribulin", 0, 98, status="stopped", reasons='["adverse-event"]')
    assert "discontinuation" in derive(stopped).row.three_part
    progressed = event(90, None, 2).took("eribulin", 0, 98, status="stopped", reasons='["progression"]')
    assert "discontinuation" not in derive(progressed).row.three_part
    # Interrupted, not stopped: doses go on.
    record = event(5, None, 2).dose("eribulin", 14, status="not-done", reasons='["adverse-event"]')
    assert "discontinuation" not in derive(record).row.three_part
    # Stopped for an adverse event that is not on record.
    silent = treated().took("eribulin", 0, 98, status="stopped", reasons='["adverse-event"]')
    assert derive(silent).row.three_part == ()


def test_terms_of_progression_are_listed_not_counted():
    answer = derive(event(10, None, 5, term="Disease progression"), progressionTerms=frozenset({"Disease progression"}))
    assert (answer.row.events, answer.row.progression) == (0, ("Disease progression",))
    assert answer.flags == {"progression-listed"}


def test_an_event_in_words_is_one_term_however_it_is_written():
    record = event(10, None, 1, event(20, None, 2, term=None, term_text="Dry  Mouth"), term=None, term_text="dry mouth")
    assert derive(record).row.terms == (("soc-unknown", "dry mouth", 2),)


def test_what_was_found_after_the_cut_off_is_not_seen():
    record = event(-30, None, 3, base(-30, None, 1), detected_lo=day(INDEX) + 40, detected_hi=day(INDEX) + 40)
    assert derive(record, cutoff="2024-02-20").row.reasons == ("pre-existing-unchanged",)


def test_observation_ends_with_the_cut_off_death_or_30_days_after_the_last_dose():
    assert derive(treated()).row.days == 129
    assert derive(treated(), afterLastDoseDays=0).row.days == 99
    assert derive(treated(), cutoff="2024-02-14").row.days == 31
    assert derive(treated().died(110)).row.days == 111
    assert derive(treated().died(-1)) == Excluded("death-before-index")
    # A cycle told as one administration: its end is the last dose.
    assert derive(Record(INDEX).dose("eribulin", 0, end=28)).row.days == 59


def test_the_trace_names_every_record_and_why_it_counts():
    evidence = derive(CASES["A10"][0]).evidence
    assert [(e.role, e.source.resource, e.note) for e in evidence] == [
        ("index", "medication_administration/1", ""),
        ("not-counted", "adverse_event/1", "Nausea G2: resolved-before-first-dose"),
        ("event", "adverse_event/2", "Nausea G3: recurrence-intensity"),
        ("last-dose", "medication_administration/3", ""),
    ]


# --- the cohort of section 4.3 --------------------------------------------------------------------------


def cohort():
    """p1 to p7, and one who was never dosed."""
    neutropenia = {"term": "Neutrophil count decreased", "soc": "Investigations"}
    neuropathy = {"term": "Peripheral sensory neuropathy", "soc": "Nervous system disorders"}
    fatigue = {"term": "Fatigue", "soc": "General disorders"}
    p1 = treated(0, 98).adverse_event(10, 20, grade=3, **neutropenia).adverse_event(50, 55, grade=4, **neutropenia)
    p1.adverse_event(5, grade=1, **fatigue)
    p2 = treated(0, 42).adverse_event(1, 3, grade=2, term="Nausea", soc="Gastrointestinal disorders")
    p3 = treated(0, 20).died(60)
    p4 = treated(0, 84).adverse_event(-60, grade=1, **neuropathy)
    p4.adverse_event(21, grade=2, term="Alopecia", soc="Skin and subcutaneous tissue disorders")
    p5 = treated(0, 150).adverse_event(-60, grade=1, **neuropathy).adverse_event(60, grade=3, **neuropathy)
    headache = {"term": "Headache", "soc": "Nervous system disorders"}
    p6 = treated(0, 63).adverse_event(-40, -35, grade=2, **headache).adverse_event(30, grade=2, **headache)
    p7 = treated(0, 5).adverse_event(40, 45, grade=3, **neutropenia)
    p8 = Record(INDEX).adverse_event(3, grade=2, term="Nausea")
    return [p.enrolled("halaven") for p in (p1, p2, p3, p4, p5, p6, p7, p8)]


@pytest.fixture(scope="module")
def counted():
    tally = Tally()
    for record in cohort():
        tally.add(derive(record, requireEnrolment=True))
    return tally


def test_cohort_counts(counted):
    assert (counted.initial, counted.denominator, counted.exclusions) == (8, 7, Counter({"no-index-drug": 1}))
    assert counted.counts("three_part") == Counter({"any": 4, "grade3plus": 2, "related-or-unassessed": 4})
    assert (counted.counts("ich")["any"], counted.counts("uncapped")["any"]) == (5, 5)
    days = {
        field: sum(d * n for d, n in counted.counts(field).items()) for field in ("days_to_first", "days", "events")
    }
    assert days == {"days_to_first": 272, "days": 679, "events": 6}
    assert counted.counts("terms") == {
        ("Investigations", "Neutrophil count decreased", 4): 1,
        ("General disorders", "Fatigue", 1): 1,
        ("Gastrointestinal disorders", "Nausea", 2): 1,
        ("Skin and subcutaneous tissue disorders", "Alopecia", 2): 1,
        ("Nervous system disorders", "Peripheral sensory neuropathy", 3): 1,
    }


COHORT_SCORES = {
    "ae-any": (400 / 7, 18.4052, 90.1012),
    "ae-ich-any": (500 / 7, 29.0421, 96.3307),
    "ae-uncapped-any": (500 / 7, 29.0421, 96.3307),
    "ae-grade3plus": (200 / 7, 3.6693, 70.9579),
    "ae-serious": (0, 0, 40.9616),
    "ae-term-neutrophil-count-decreased": (100 / 7, 0.3610, 57.8723),
    "ae-soc-investigations": (100 / 7, 0.3610, 57.8723),
    "ae-eair": (537.1324, 146.3505, 1375.2722),
    "ae-eaer": (322.7541, 118.4450, 702.4997),
}


@pytest.mark.parametrize("code", COHORT_SCORES)
def test_cohort_statistics(counted, code):
    found = {
        group["code"]["coding"][0]["code"]: group["measureScore"]["value"]
        for group in adverse_event_groups(counted).groups
    }
    scores = [float(found[code + suffix]) for suffix in ("", "-ci-lower", "-ci-upper")]
    assert scores == pytest.approx(COHORT_SCORES[code], abs=6e-5)


def test_cohort_rows_and_person_time(counted):
    found = {
        group["code"]["coding"][0]["code"]: group["measureScore"]["value"]
        for group in adverse_event_groups(counted).groups
    }
    assert float(found["ae-eair-years"]) == pytest.approx(0.744695, abs=6e-7)
    assert float(found["ae-eaer-years"]) == pytest.approx(1.859001, abs=6e-7)
    assert [code for code in found if code.startswith("ae-term-") and "-ci-" not in code] == [
        "ae-term-nausea",
        "ae-term-fatigue",
        "ae-term-neutrophil-count-decreased",
        "ae-term-peripheral-sensory-neuropathy",
        "ae-term-alopecia",
    ]
    (by_grade,) = next(
        group["stratifier"]
        for group in adverse_event_groups(counted).groups
        if group["code"]["coding"][0]["code"] == "ae-term-neutrophil-count-decreased"
    )
    at_worst = {stratum["value"]["text"]: stratum["population"][0]["count"] for stratum in by_grade["stratum"]}
    assert at_worst == {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0, "unknown": 0}
    assert found["ae-records-new"] == 5
    assert found["ae-records-exacerbation"] == 1


def test_nobody_gives_no_number():
    tally = Tally()
    tally.add(Excluded("no-index-drug"))
    found = {group["code"]["coding"][0]["code"]: group["measureScore"] for group in adverse_event_groups(tally).groups}
    assert "value" not in found["ae-any"]
    assert "value" not in found["ae-eair"]


def test_answers_are_for_analysed_patients():
    assert isinstance(derive(treated()), Analysed)
    assert derive(Record(INDEX)) is None
