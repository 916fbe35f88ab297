"""Best overall response of single patients; B-cases are those of section 4.2 of the oncology definitions."""

import json

import pytest
from patient_facts import Record, day

from fhir_registry.endpoints import response
from fhir_registry.endpoints.outcome import Analysed, Excluded, Plan, Tally
from fhir_registry.endpoints.usable import usable_data

INDEX = "2024-01-15"


def plan(cutoff="2026-06-30", **parameters):
    parameters = {"indexDrugs": frozenset({"eribulin"}), "extent": "advanced", **parameters}
    return Plan("halaven", None, day(cutoff), response.check_parameters(parameters))


def derive(record, **options):
    return response.derive(record.facts(), plan(**options))


def treated(*assessments):
    """Eribulin for advanced disease from day 0, assessed as [(day, value)]."""
    record = Record(INDEX).condition("breast", -900).condition("distant", -30).dose("eribulin", 0, 7, 21, 28)
    for when, value in assessments:
        record.assessed(when, value)
    return record


CASES = {
    "B01": (treated((40, "PR"), (90, "SD")), "PR"),
    "B02": (treated((30, "SD")), "NE"),
    "B03": (treated((41, "SD")), "NE"),
    "B04": (treated((42, "SD")), "SD"),
    "B05": (treated((30, "SD"), (60, "PD")), "PD"),
    "B06": (treated((60, "PD"), (120, "PR")), "PD"),
    "B07": (treated((50, "NE")), "NE"),
    "B08": (treated(), "NE*"),
    "B09": (treated((-3, "SD"), (0, "SD")), "NE*"),
    "B10": (treated((60, "SD"), (100, "PR")).dose("capecitabine", 80), "SD"),
    "B11": (treated((100, "SD"), (735, "CR")), "SD"),
    "B12": (treated((100, "SD"), (730, "CR")), "CR"),
    "B13": (treated((60, "NON-CR/NON-PD")), "NON-CR/NON-PD"),
    "B14": (treated((60, "PR"), (60, "PD")), "PD"),
    "B15": (treated((35, "PR"), (60, "PD")), "PR"),
    "on the day of the new drug": (treated((80, "PR")).dose("capecitabine", 80), "PR"),
    "new drug told by a statement": (treated((100, "PR")).took("tamoxifen", 80), "NE*"),
    "drug given before goes on": (treated((100, "PR")).dose("trastuzumab", -21, 0, 21), "PR"),
    "bone protection is no new therapy": (treated((100, "PR")).dose("zoledronic-acid", 80), "PR"),
    "ovarian suppression is no new therapy": (treated((100, "PR")).dose("goserelin", 80), "PR"),
    "T33 progression in error": (treated((130, "PR")).assessed(120, "PD", status="entered-in-error"), "PR"),
    "preliminary": (treated((130, "SD")).assessed(120, "CR", status="preliminary"), "SD"),
    "imaging before clinical judgement": (
        treated().assessed(60, "PD", evidence="physical-exam").assessed(60, "PR", evidence="imaging"),
        "PR",
    ),
    "progression taken back under its identifier": (
        treated((130, "PR"))
        .assessed(120, "PD", identifier="s|1")
        .assessed(120, "PD", identifier="s|1", status="entered-in-error", submission=2),
        "PR",
    ),
    "T34 pushed three times": (
        treated().assessed(60, "PD", identifier="s|1").assessed(60, "PD", identifier="s|1", submission=2),
        "PD",
    ),
    "corrected under the same identifier": (
        treated().assessed(60, "PD", identifier="s|1").assessed(60, "SD", identifier="s|1", submission=2),
        "SD",
    ),
    "nothing left of a known disease": (treated((60, "not-detected")), "CR"),
}


@pytest.mark.parametrize("case", CASES)
def test_best_overall_response(case):
    record, expected = CASES[case]
    row = derive(record).row
    assert row.best + ("" if row.assessed else "*") == expected


def test_b15_confirmed():
    assert derive(CASES["B15"][0], confirmDays=28).row.best == "PD"


@pytest.mark.parametrize(
    "assessments, expected",
    [
        ([(40, "PR"), (68, "PR")], "PR"),
        ([(40, "PR"), (67, "PR")], "SD"),  # 27 days apart; the second is beyond day 42
        ([(60, "CR"), (100, "CR")], "CR"),
        ([(60, "CR"), (100, "PR")], "SD"),  # a complete response cannot become partial
        ([(60, "PR"), (80, "NE"), (100, "CR")], "PR"),
        ([(60, "PR"), (70, "NE"), (80, "NE"), (100, "PR")], "SD"),
        ([(60, "PR"), (80, "SD"), (100, "PR")], "SD"),
        ([(35, "CR")], "NE"),
    ],
)
def test_confirmed_response(assessments, expected):
    assert derive(treated(*assessments), confirmDays=28).row.best == expected


def test_b16_improved_is_response_only_to_the_clinician():
    record = treated().assessed(60, "PR", value_code="268910001")
    assert derive(record).row.best == "PR"
    assert derive(record, improvedIsResponse=False).row.best == "SD"


@pytest.mark.parametrize(
    "others, expected",
    [
        ([("2024-01-20", "SD"), ("2024-04-01", "CR")], 31),  # T32: 15 February, leap year
        ([("2024-02-20", "PR"), ("2024-04-01", "CR")], 37),  # the day after the last other assessment
    ],
)
def test_t32_progression_known_by_its_month(others, expected):
    record = treated(*others, ("2024-02", "PD"))
    found = response._countable(usable_data(record.facts(), plan().cutoff), plan(), day(INDEX), None)
    assert (found[-1].day, found[-1].value, found[-1].imputed) == (expected, "PD", True)
    assert derive(record).flags == {"imputed-dates"}


def test_the_24_patients_of_section_4_1(cases):
    inputs = json.loads((cases / "cases/endpoints/tte_inputs.json").read_bytes())
    expected = json.loads((cases / "cases/endpoints/tte_expected.json").read_bytes())
    drugs = {"plipo": "paclitaxel-liposome", "tras": "trastuzumab"}
    found = {}
    for name, patient in inputs.items():
        record = Record(patient["index"]).condition("distant", -10)
        for drug, dates in patient["doses"].items():
            record.dose(drugs[drug], *dates)
        for assessment in patient["assess"]:
            record.assessed(*assessment)
        # T14 changes its therapy by starting the same drugs again.
        if patient["tc"] and not name.startswith("T14"):
            record.dose("capecitabine", patient["tc"])
        if patient["death"]:
            record.died(patient["death"])
        answer = derive(record, cutoff=patient["dco"], indexDrugs=frozenset(drugs.values()))
        if isinstance(answer, Excluded):
            found[name] = answer.reason
        else:
            found[name] = answer.row.best + ("" if answer.row.assessed else "(no post-baseline assessment)")
    (dead,) = (name for name in found if name.startswith("T23"))
    assert found.pop(dead) == "death-before-index"
    assert found == {name: expected[name]["BOR"] for name in found}


def test_cohort_of_section_4_2():
    tally = Tally()
    for number in range(1, 14):
        tally.add(derive(CASES[f"B{number:02}"][0]))
    assert tally.counts("best") == {"CR": 1, "PR": 1, "SD": 3, "NON-CR/NON-PD": 1, "PD": 2, "NE": 5}
    assert tally.counts("assessed")[False] == 2
    assert (tally.initial, tally.denominator) == (13, 13)


def test_enrolment():
    assert derive(treated(), requireEnrolment=True) is None
    assert derive(treated().enrolled("other"), requireEnrolment=True) is None
    assert derive(treated().enrolled("halaven", "screening"), requireEnrolment=True) == Excluded("enrolment-not-active")
    assert isinstance(derive(treated().enrolled("halaven"), requireEnrolment=True), Analysed)
    never_dosed = Record(INDEX).enrolled("halaven").condition("distant", -5)
    assert derive(never_dosed, requireEnrolment=True) == Excluded("no-index-drug")


@pytest.mark.parametrize(
    "kind, expected", [("locally-advanced", True), ("distant", True), ("regional", False), ("in-situ", False)]
)
def test_extent_of_disease(kind, expected):
    record = Record(INDEX).condition("breast", -900).condition(kind, -30).dose("eribulin", 0)
    assert isinstance(derive(record), Analysed) is expected


def test_palliative_intent_stands_for_advanced_disease():
    record = Record(INDEX).condition("breast", -900)
    assert derive(record.dose("eribulin", 0)) == Excluded("extent-not-met")
    record.took("capecitabine", -90, intent="palliative")
    assert isinstance(derive(record), Analysed)


def test_age_in_completed_years():
    assert derive(treated().born("2006-01-16")) == Excluded("under-age")
    assert isinstance(derive(treated().born("2006-01-15")), Analysed)
    assert isinstance(derive(treated().born("2006")), Analysed)  # may have been born on 1 January
    assert isinstance(derive(treated().born("2010"), minAge=0), Analysed)
