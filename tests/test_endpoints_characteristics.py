"""Baseline characteristics, one row a case; expected values by hand: sections 1.9, 2.2 and 2.3 of the definitions."""

import re
from pathlib import Path

import pytest
from lipusu_facts import LIPOSOME, PARAMETERS, TRASTUZUMAB, eligible, treated
from patient_facts import Record, day

from fhir_registry.content.errors import ContentError
from fhir_registry.content.measures import Characteristic
from fhir_registry.endpoints.characteristics import CHARACTERISTICS, characteristics, check_characteristics
from fhir_registry.endpoints.outcome import Plan
from fhir_registry.endpoints.survival import check_parameters
from fhir_registry.endpoints.usable import usable_data

SETS = {
    "ANTI-HER2": frozenset({"trastuzumab", "pertuzumab", "trastuzumab-pertuzumab"}),
    "ANTHRACYCLINES": frozenset({"epirubicin"}),
    "BONE": frozenset({"zoledronic-acid"}),
}


class Asked:
    """As much of a Measure as characteristics need: one stratifier of this expression."""

    id = "asked"
    supplemental = ()

    def __init__(self, expression):
        name, *words = expression.split()
        arguments = tuple(SETS.get(word, word) for word in words)
        self.stratifiers = (Characteristic("x", "X", expression, name, arguments, "Measure.group[0].stratifier[0]"),)


def characteristic(record, expression, day_0="2023-01-10", cutoff="2025-06-30", **parameters):
    """The value for a patient whose index is day 0."""
    plan = Plan("study", None, day(cutoff), check_parameters({**PARAMETERS, **parameters}))
    facts = usable_data(record.facts(), plan.cutoff)
    return characteristics(facts, day(day_0), plan, check_characteristics(Asked(expression)))["x"]


def woman():
    return Record()._amend_patient(gender="female")


def early():
    """Diagnosed and operated in 2018, metastatic ten days before day 0; paclitaxel liposome and trastuzumab."""
    record = Record().condition("breast", "2018-01-20").surgery("2018-02-01").condition("distant", -10)
    return record.dose(LIPOSOME, 0).dose(TRASTUZUMAB, 0)


CASES = {
    # Persons
    "sex": (woman(), "sex", "female"),
    "sex unknown": (Record()._amend_patient(gender="unknown"), "sex", "missing"),
    "65 on the day": (Record().born("1958-01-10"), "age 65", ">=65"),
    "65 tomorrow": (Record().born("1958-01-11"), "age 65", "<65"),
    "three groups": (Record().born("1963-03-01"), "age 50 65", "50-64"),
    "three groups, youngest": (Record().born("1990"), "age 50 65", "<50"),
    # 1958 is read as 1 July 1958: 64 years.
    "year of birth": (Record().born("1958"), "age 65", "<65"),
    "no birth date": (Record(), "age 65", "missing"),
    # Receptors
    "ER positive": (
        Record().observed("er", -20, "positive").observed("pr", -20, "negative"),
        "hormone-receptor",
        "positive",
    ),
    "PR alone": (Record().observed("pr", -20, "positive"), "hormone-receptor", "positive"),
    "both negative": (
        Record().observed("er", -20, "negative").observed("pr", -20, "negative"),
        "hormone-receptor",
        "negative",
    ),
    "ER negative, PR unknown": (Record().observed("er", -20, "negative"), "hormone-receptor", "missing"),
    "the latest ER": (
        Record().observed("er", -900, "positive").observed("er", -9, "negative").observed("pr", -9, "negative"),
        "hormone-receptor",
        "negative",
    ),
    "28 days after the index": (Record().observed("er", 28, "positive"), "hormone-receptor", "positive"),
    "29 days after the index": (Record().observed("er", 29, "positive"), "hormone-receptor", "missing"),
    "1 % of nuclei": (Record().observed("er", -9, value_number=1.0, value_unit="%"), "hormone-receptor", "positive"),
    "0.5 % of nuclei, both": (
        Record()
        .observed("er", -9, value_number=0.5, value_unit="%")
        .observed("pr", -9, value_number=0, value_unit="%"),
        "hormone-receptor",
        "negative",
    ),
    "a score without unit": (Record().observed("er", -9, value_number=8), "hormone-receptor", "missing"),
    "equivocal is no result": (
        Record().observed("er", -30, "positive").observed("er", -9, "equivocal"),
        "hormone-receptor",
        "positive",
    ),
    "HER2": (eligible(), "her2", "positive"),
    "HER2 2+": (Record().observed("her2-ihc", -9, "2+"), "her2", "missing"),
    # Performance status
    "ECOG 1": (Record().observed("ecog", -3, value_number=1), "ecog 2", "0-1"),
    "ECOG as an answer": (Record().observed("ecog", -3, "2"), "ecog 2", ">=2"),
    "ECOG 60 days old": (Record().observed("ecog", -60, value_number=2), "ecog 2", ">=2"),
    "ECOG 61 days old": (Record().observed("ecog", -61, value_number=2), "ecog 2", "missing"),
    "ECOG after the index": (Record().observed("ecog", 1, value_number=2), "ecog 2", "missing"),
    "the last ECOG": (
        Record().observed("ecog", -40, value_number=3).observed("ecog", 0, value_number=1),
        "ecog 2",
        "0-1",
    ),
    "Karnofsky 70 is ECOG 1": (Record().observed("karnofsky", -3, value_number=70), "ecog 1 2", "1"),
    "Karnofsky 60 is ECOG 2": (Record().observed("karnofsky", -3, value_number=60), "ecog 1 2", ">=2"),
    "Karnofsky 90 is ECOG 0": (Record().observed("karnofsky", -3, value_number=90), "ecog 1 2", "0"),
    "ECOG before Karnofsky": (
        Record().observed("ecog", -3, value_number=1).observed("karnofsky", -3, value_number=40),
        "ecog 2",
        "0-1",
    ),
    "ECOG 9 is none": (Record().observed("ecog", -3, value_number=9), "ecog 2", "missing"),
    # Menopause
    "stated": (woman().born("1950").observed("menopause", -3, "premenopausal"), "menopause", "premenopausal"),
    "of 60": (woman().born("1963-01-10"), "menopause", "postmenopausal"),
    "of 59": (woman().born("1963-01-11"), "menopause", "missing"),
    "a man of 70": (Record().born("1953")._amend_patient(gender="male"), "menopause", "missing"),
    "ovaries removed": (woman().born("1980").surgery(-400, "oophorectomy"), "menopause", "postmenopausal"),
    "ovaries removed later": (woman().born("1980").surgery(1, "oophorectomy"), "menopause", "missing"),
    "ovaries suppressed": (woman().born("1980").dose("goserelin", -28), "menopause", "premenopausal"),
    "ovaries suppressed long ago": (woman().born("1980").dose("goserelin", -121), "menopause", "missing"),
    # Onset of the metastatic disease
    "metastatic from the beginning": (eligible(), "disease-onset", "de-novo"),
    "90 days after": (Record().condition("breast", -100).condition("distant", -10), "disease-onset", "de-novo"),
    "91 days after": (Record().condition("breast", -101).condition("distant", -10), "disease-onset", "recurrent"),
    "biopsy after the scan": (Record().condition("breast", -2).condition("distant", -10), "disease-onset", "de-novo"),
    "called a recurrence": (
        Record().condition("breast", -20).condition("recurrence-distant", -10),
        "disease-onset",
        "recurrent",
    ),
    "locally advanced, later metastatic": (
        Record().condition("breast", -900).condition("locally-advanced", -890).condition("distant", -10),
        "disease-onset",
        "recurrent",
    ),
    "locally advanced at the index": (
        Record().condition("breast", -20).condition("locally-advanced", -10).condition("distant", 300),
        "disease-onset",
        "de-novo",
    ),
    "no diagnosis": (Record().condition("distant", -10), "disease-onset", "missing"),
    "diagnosis told years later": (
        Record().condition("breast", -5).condition("distant", -700),
        "disease-onset",
        "missing",
    ),
    # Sites of metastasis
    "liver": (Record().condition("distant", -9, site="liver"), "metastasis liver lung", "yes"),
    "bone": (Record().condition("distant", -9, site="bone"), "metastasis liver lung", "no"),
    "bone and lung": (
        Record().condition("distant", -9, site="bone").condition("recurrence-distant", -5, site="lung"),
        "metastasis liver lung",
        "yes",
    ),
    "liver after the index": (
        Record().condition("distant", -9, site="bone").condition("distant", 1, site="liver"),
        "metastasis liver lung",
        "no",
    ),
    "bone and somewhere": (
        Record().condition("distant", -9, site="bone").condition("distant", -9),
        "metastasis liver lung",
        "missing",
    ),
    "no metastasis on record": (Record().condition("breast", -9, site="liver"), "metastasis liver lung", "missing"),
    # Lines
    "first line": (treated(0, 21), "line 2 3", "1"),
    "second line": (treated(0).condition("distant", -60).dose("letrozole", -29), "line 2 3", "2"),
    "same line": (treated(0).condition("distant", -60).dose("letrozole", -28), "line 2 3", "1"),
    "third line": (
        treated(0).condition("distant", -800).dose("letrozole", -700).dose("capecitabine", -300),
        "line 2 3",
        ">=3",
    ),
    "one antibody": (treated(0, 21), "antibodies ANTI-HER2", "single"),
    "two antibodies": (treated(0, 21).dose("pertuzumab", 0), "antibodies ANTI-HER2", "dual"),
    "a fixed combination is two": (treated(0).dose("trastuzumab-pertuzumab", 21), "antibodies ANTI-HER2", "dual"),
    "a second one after the window": (treated(0, 21).dose("pertuzumab", 29), "antibodies ANTI-HER2", "single"),
    "no antibody": (eligible().dose(LIPOSOME, 0), "antibodies ANTI-HER2", "none"),
    # Other drugs
    "given at the index": (treated(0).dose("zoledronic-acid", 28), "drug BONE", "yes"),
    "given too late": (treated(0).dose("zoledronic-acid", 29), "drug BONE", "no"),
    "given 28 days before": (treated(0).dose("zoledronic-acid", -28), "drug BONE", "yes"),
    "given too early": (treated(0).dose("zoledronic-acid", -29), "drug BONE", "no"),
    "taken since long": (treated(0).took("zoledronic-acid", -300, status="active"), "drug BONE", "yes"),
    "taken long ago": (treated(0).took("zoledronic-acid", -300, -90), "drug BONE", "no"),
    "not taken": (treated(0).took("zoledronic-acid", 0, status="not-taken"), "drug BONE", "no"),
    # Earlier therapies
    "adjuvant antibody": (
        early().took(TRASTUZUMAB, "2018-03-01", "2019-03-01"),
        "prior ANTI-HER2 early",
        "yes",
    ),
    "adjuvant doses": (early().dose(TRASTUZUMAB, "2018-03-01"), "prior ANTI-HER2 early", "yes"),
    "another adjuvant therapy": (early().took("epirubicin", "2018-03-01", "2018-06-01"), "prior ANTI-HER2 early", "no"),
    "no history": (early(), "prior ANTI-HER2 early", "missing"),
    "said to be none": (early().observed("no-prior-therapy", -5), "prior ANTI-HER2 early", "no"),
    "never free of metastases": (treated(0), "prior ANTI-HER2 early", "no"),
    "the combination itself": (
        early().dose(TRASTUZUMAB, -7).observed("no-prior-therapy", -5),
        "prior ANTI-HER2",
        "no",
    ),
    "class": (early().took("epirubicin", "2018-03-01", "2018-06-01"), "prior chemo", "yes"),
    "class and setting": (early().took("epirubicin", "2018-03-01", "2018-06-01"), "prior chemo advanced", "no"),
    "ovarian suppression is no line": (early().took("goserelin", "2018-03-01", "2020-03-01"), "prior hormonal", "no"),
    "drug of another set": (early().took("epirubicin", "2018-03-01", "2018-06-01"), "prior ANTHRACYCLINES", "yes"),
    # Whatever is mapped
    "latest value": (
        Record().observed("stage", -300, "II").observed("stage", -5, "IV").observed("stage", 5, "M1"),
        "observation stage",
        "IV",
    ),
    "no value": (Record(), "observation stage", "missing"),
    "condition": (Record().condition("locally-advanced", 0), "condition locally-advanced", "yes"),
    "condition later": (Record().condition("locally-advanced", 1), "condition locally-advanced", "no"),
}


@pytest.mark.parametrize(("record", "expression", "expected"), CASES.values(), ids=CASES)
def test_characteristic(record, expression, expected):
    assert characteristic(record, expression) == expected


@pytest.mark.parametrize(("trusted", "expected"), [(False, "1"), (True, "2")])
def test_an_asserted_line_is_the_line_where_it_is_trusted(trusted, expected):
    assert characteristic(treated(0).episode(2, 0), "line 2 3", trustAssertedLines=trusted) == expected
    assert characteristic(treated(0), "line 2 3", trustAssertedLines=trusted) == "1"


def test_every_characteristic_has_a_case_and_its_levels():
    assert {expression.split()[0] for _, expression, _ in CASES.values()} == set(CHARACTERISTICS)
    for _, expression, expected in CASES.values():
        levels = check_characteristics(Asked(expression))[0].levels
        assert expected == "missing" or not levels or expected in levels


def test_every_characteristic_is_documented():
    document = (Path(__file__).resolve().parent.parent / "docs" / "outcomes.md").read_text()
    section = document.partition("\n## Baseline characteristics\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z0-9-]+)", section, re.MULTILINE) == list(CHARACTERISTICS)


def test_levels_are_in_order_the_reference_first():
    levels = {"age 50 65": ("<50", "50-64", ">=65"), "ecog 2": ("0-1", ">=2"), "line 2 3": ("1", "2", ">=3")}
    for expression, expected in levels.items():
        assert check_characteristics(Asked(expression))[0].levels == expected


def test_nothing_after_the_cutoff_is_seen():
    # The second antibody is given within the window, but after the cut-off.
    record = treated(0).dose("pertuzumab", 10)
    assert characteristic(record, "antibodies ANTI-HER2", cutoff="2023-01-15") == "single"
    assert characteristic(record, "antibodies ANTI-HER2", cutoff="2023-01-20") == "dual"


def test_measures_that_differ_in_what_is_read_are_told_apart():
    # One patient, one index: the window of the second measure is shorter.
    facts = usable_data(treated(0).dose("zoledronic-acid", 20).facts(), day("2025-06-30"))
    divisions = check_characteristics(Asked("drug BONE"))
    for days, expected in ((28, "yes"), (14, "no"), (28, "yes")):
        plan = Plan("study", None, facts.cutoff, {**PARAMETERS, "combinationWindowDays": days})
        assert characteristics(facts, day("2023-01-10"), plan, divisions) == {"x": expected}


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("smoking", "unknown characteristic 'smoking'"),
        ("age", "whole numbers"),
        ("age old", "whole numbers"),
        ("age 65 50", "increasing"),
        ("ecog 0", "increasing"),
        ("sex female", "no argument"),
        ("drug", "ValueSet"),
        ("drug trastuzumab", "ValueSet"),
        ("antibodies ANTI-HER2 BONE", "ValueSet"),
        ("prior", "ValueSet"),
        ("prior radiotherapy", "chemo"),
        ("prior chemo adjuvant", "early or advanced"),
        ("metastasis", "sites"),
        ("observation", "topic"),
        ("condition ANTI-HER2", "kind"),
    ],
)
def test_bad_expression_is_refused(expression, word):
    with pytest.raises(ContentError, match=word) as failure:
        check_characteristics(Asked(expression))
    assert failure.value.element == "Measure.group[0].stratifier[0].criteria.expression"
