"""Progression-free survival and time to progression of single patients (sections 1.6 and 1.7 of the definitions)."""

import pytest
from lipusu_facts import LIPOSOME, TRASTUZUMAB, derive, eligible, treated
from patient_facts import Record, day

from fhir_registry.endpoints import progression
from fhir_registry.endpoints.progression import FollowUp, Rule, progression_free

PFS, TTP = "progression-free-survival", "time-to-progression"


def pfs(record, field="primary", **options):
    return tuple(getattr(derive(PFS, record.facts(), **options).row, field))


def ttp(record, **options):
    return tuple(derive(TTP, record.facts(), **options).row.primary)


def pushed_thrice(record):
    for submission in (1, 2, 3):
        record.assessed(120, "PD", identifier="s|1", submission=submission)
    return record


CASES = {
    "T32 known by its month, after another assessment": (
        lambda: treated(0).assessed("2024-01-20", "SD").assessed("2024-02", "PD").seen("2024-03-01"),
        (day("2024-02-15") - day("2023-01-10"), 1, "progression"),
    ),
    "T33 in error": (
        lambda: treated(0).assessed(60, "SD").assessed(120, "PD", status="entered-in-error"),
        (60, 0, "last-assessment"),
    ),
    "T34 pushed three times": (lambda: pushed_thrice(treated(0).assessed(60, "SD")), (120, 1, "progression")),
    "T39 told by two codes": (
        lambda: treated(0).assessed(90, "PD", value_code="271299001").assessed(88, "PD", value_code="LA28370-7"),
        (88, 1, "progression"),
    ),
    "clinical judgement is enough": (
        lambda: treated(0).assessed(50, "PD", evidence="physical-exam"),
        (50, 1, "progression"),
    ),
    "imaging of the same day goes before it": (
        lambda: treated(0).assessed(50, "PD", evidence="physical-exam").assessed(50, "SD", evidence="imaging"),
        (50, 0, "last-assessment"),
    ),
    "imaging that cannot be evaluated does not": (
        lambda: treated(0).assessed(50, "PD", evidence="physical-exam").assessed(50, "NE", evidence="imaging"),
        (50, 1, "progression"),
    ),
    "PD dated after death": (lambda: treated(0).assessed(30, "SD").assessed(90, "PD").died(80), (80, 1, "death")),
    "stable disease after a PD": (lambda: treated(0).assessed(30, "PD").assessed(90, "CR"), (30, 1, "progression")),
    "known after the cut-off only": (
        lambda: treated(0).assessed(30, "SD").assessed("2025-07-01", "PD"),
        (30, 0, "last-assessment"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_progression(case):
    record, expected = CASES[case]
    assert pfs(record()) == expected
    competing = (*expected[:1], 2, *expected[2:]) if expected[2] == "death" else expected
    assert ttp(record()) == competing


# What is a treatment change (section 3.3; L-cases of section 4.5), told by the fallback: no assessment at all.
BASE = {LIPOSOME: range(0, 106, 21), TRASTUZUMAB: range(0, 358, 21)}
CHANGES = {
    "L1": ({}, None),
    "L2": ({"pertuzumab": range(28, 358, 21)}, None),
    "L3": ({"pertuzumab": range(29, 358, 21)}, 29),
    "L4": ({LIPOSOME: (0, 21, 42), "paclitaxel": (63, 84)}, None),
    "L5": ({"letrozole": range(150, 358, 28)}, None),
    "L6": ({"capecitabine": range(150, 358, 21)}, 150),
    "L7": ({LIPOSOME: (0, 21, 142), TRASTUZUMAB: (0, 21, 142)}, 142),
    "L8": ({LIPOSOME: (0, 21, 141), TRASTUZUMAB: (0, 21, 141)}, None),
    "L9": ({"zoledronic-acid": range(60, 358, 28)}, None),
    "ovarian suppression": ({"goserelin": range(60, 358, 28)}, None),
    "the fixed combination of a drug given and a new one": ({"trastuzumab-pertuzumab": (84, 105)}, 84),
}


@pytest.mark.parametrize("case", CHANGES)
def test_treatment_change(case):
    changes, expected = CHANGES[case]
    record = eligible()
    for drug, days in {**BASE, **changes}.items():
        record.dose(drug, *days)
    record.seen(400)
    assert pfs(record) == ((400, 0, "no-assessment") if expected is None else (expected, 1, "treatment-change"))


def test_maintenance_is_a_parameter():
    record = treated(*range(0, 200, 21)).dose("letrozole", 150, 178).seen(300)
    assert pfs(record, maintainedDrugs=frozenset({"pertuzumab"})) == (150, 1, "treatment-change")


def test_a_new_drug_told_by_a_statement_changes_treatment():
    assert pfs(treated(0, 21).took("capecitabine", 60, 200).seen(300)) == (60, 1, "treatment-change")


def test_a_new_drug_known_by_its_month_changes_treatment_in_the_middle_of_it():
    answer = derive(PFS, treated(0, 21).dose("capecitabine", "2023-04").seen(300).facts())
    assert tuple(answer.row.primary) == (day("2023-04-15") - day("2023-01-10"), 1, "treatment-change")


def test_the_class_of_an_index_drug_does_not_matter():
    """A registry may be about a drug that no map classifies, or that is never a line by itself."""
    options = {"extent": "any", "her2": "any", "firstLine": False, "combineWith": None}
    record = Record().condition("breast", -100).dose("goserelin", 0, 28, 56).assessed(60, "SD").seen(70)
    assert pfs(record, indexDrugs=frozenset({"goserelin"}), **options) == (60, 0, "last-assessment")
    unknown = record.dose("goserelin", 84, 112)
    unknown.rows["medication_administration"] = [
        row._replace(drug_class=None) for row in unknown.rows["medication_administration"]
    ]
    assert pfs(unknown, indexDrugs=frozenset({"goserelin"}), **options) == (60, 0, "last-assessment")


def test_a_dose_after_death_is_no_treatment_change():
    assert pfs(treated(0, 21).dose("capecitabine", 60).died(50)) == (50, 1, "death")


def follow_up(assessments=(), death=None, change=None, contacts=()):
    found = [progression.Assessment(day, value, False, False, None) for day, value in assessments]
    return FollowUp(found, death, change, sorted({0, *contacts}))


CENSOR = {"censor_at_new_therapy": True}


@pytest.mark.parametrize(
    "rule, course, expected",
    [
        ({"death_window": 30}, follow_up([(60, "SD")], death=90), (90, 1, "death")),
        ({"death_window": 30}, follow_up([(60, "SD")], death=91), (60, 0, "last-assessment")),
        ({"death_window": 30}, follow_up(death=30), (30, 1, "death")),
        ({"death_window": 30, "fallback": True}, follow_up(death=31, contacts=[20]), (20, 0, "no-assessment")),
        ({"pd_grace": 14}, follow_up([(14, "PD"), (15, "PD")]), (15, 1, "progression")),
        ({"pd_grace": 14}, follow_up([(14, "PD"), (60, "SD")]), (60, 0, "last-assessment")),
        ({"pd_grace": 14}, follow_up([(10, "SD")]), (10, 0, "last-assessment")),
        (CENSOR, follow_up([(60, "PD")], change=60), (60, 1, "progression")),
        (CENSOR, follow_up([(30, "SD"), (61, "PD")], change=60), (30, 0, "censored-new-therapy")),
        (CENSOR, follow_up([(61, "PD")], change=60), (0, 0, "censored-new-therapy")),
        (CENSOR, follow_up([(30, "SD")], death=90, change=60), (30, 0, "censored-new-therapy")),
        ({"fallback": True}, follow_up(death=110, change=110), (110, 1, "death")),
        ({"fallback": True}, follow_up(death=120, change=110), (110, 1, "treatment-change")),
        ({"fallback": True}, follow_up([(200, "SD")], change=110), (200, 0, "last-assessment")),
        ({}, follow_up(change=110, contacts=[300]), (0, 0, "no-assessment")),
        ({"visit_gap": 90}, follow_up([(60, "SD"), (151, "PD")], contacts=[60, 151]), (60, 0, "last-assessment")),
        ({"visit_gap": 90}, follow_up([(60, "SD"), (151, "PD")], contacts=[60, 61]), (151, 1, "progression")),
        ({"visit_gap": 90}, follow_up([(60, "SD")], death=150), (150, 1, "death")),
        ({"visit_gap": 90}, follow_up([(60, "SD")], death=151), (60, 0, "last-assessment")),
    ],
)  # fmt: skip
def test_rules(rule, course, expected):
    assert tuple(progression_free(course, Rule(**{"pd_grace": 0, **rule}))) == expected


def test_s5_contact_of_any_kind_keeps_the_follow_up():
    record = treated(0).assessed(60, "SD").assessed(200, "PD")
    assert pfs(record, "s5") == (60, 0, "last-assessment")
    assert pfs(record.seen(130), "s5") == (200, 1, "progression")


def test_s6_counts_from_the_first_drug_of_the_line():
    record = eligible().dose(LIPOSOME, 0, 21, 42).dose(TRASTUZUMAB, 20, 41).assessed(15, "SD").assessed(100, "PD")
    assert pfs(record) == (80, 1, "progression")
    assert pfs(record, "s6") == (100, 1, "progression")


def test_parameters_choose_the_primary_analysis():
    record = treated(0, 21).assessed(10, "PD").assessed(60, "SD").dose("capecitabine", 80).assessed(90, "PD").died(200)
    assert pfs(record) == (10, 1, "progression")
    assert pfs(record, pdGraceDays=14) == (90, 1, "progression")
    assert pfs(record, pdGraceDays=14, censorAtNewTherapy=True) == (60, 0, "censored-new-therapy")
    assert ttp(record, pdGraceDays=14) == (90, 1, "progression")
    dead = treated(0).assessed(60, "SD").died(200)
    assert pfs(dead, deathWindowDays=100) == (60, 0, "last-assessment")
    assert pfs(treated(0).dose("capecitabine", 60).seen(80), treatmentChangeFallback=False) == (0, 0, "no-assessment")


def test_imputed_and_missing_are_flagged():
    assert derive(PFS, treated(0).seen(30).facts()).flags == {"no-evaluable-assessment"}
    assert derive(TTP, treated(0).assessed("2023-03", "SD").facts()).flags == {"imputed-dates"}
