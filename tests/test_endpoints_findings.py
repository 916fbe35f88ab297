"""What is wrong with the data of one patient is found (section 5 of the oncology definitions), one row a case."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patient_facts import Record, day, shifted
from test_endpoints_properties import INDEX_DRUGS, PARTIAL, patients

from fhir_registry.endpoints.catalogue import ENDPOINTS
from fhir_registry.endpoints.finding import RULES, asked_by
from fhir_registry.endpoints.findings import find_findings
from fhir_registry.endpoints.outcome import Plan

CUTOFF = "2024-12-31"
ROOT = Path(__file__).resolve().parent.parent
DOSE, AE, SEEN = "medication_administration", "adverse_event", "encounter"
STATEMENT = "medication_statement"
UNTREATED = {("progression-before-treatment", "observation/1")}


def plan(endpoint="overall-survival", drug="eribulin", **parameters):
    complete = ENDPOINTS[endpoint].check_parameters({"indexDrugs": frozenset({drug}), **parameters})
    return Plan("study", None, day(CUTOFF), complete)


def found(record, *plans, cutoff=CUTOFF, today=None):
    """{(rule, resource)} of a Record."""
    plans = plans or (plan(), plan("discontinuation"))
    return {
        (f.rule, f.resource) for f in find_findings(record.facts(), asked_by(plans, day(cutoff)), today and day(today))
    }


def treated(*days):
    """A woman of 50 with breast cancer and doses of the index drug, on 2023-01-10 and 21 days later by default."""
    record = Record("2023-01-10").born("1973-01-01").condition("breast", -500).condition("distant", -30)
    return record.dose("eribulin", *(days or (0, 21)))


def test_good_data_give_no_finding():
    record = treated().assessed(42, "SD").assessed(90, "PD").seen(0, "visit-1").seen(90, "visit-2")
    record.took("letrozole", -400, -40).took("eribulin", 0, 95, status="stopped", reasons='["progression"]')
    record.adverse_event(10, 15, grade=2).observed("ecog", 0, "1").observed("ecog", 21, value_number=0.0)
    record.observed("her2", -20, "negative").surgery(-450).seen(200, disposition="exp").died(200)
    assert found(record) == set()


@pytest.mark.parametrize(
    "record, expected",
    [
        # Section 6 of the issue
        (treated().died(-1), {("death-before-index", "patient/1")}),
        (treated(0, 21, 42).died(30), {("dose-after-death", f"{DOSE}/3")}),
        (treated().died("2023-06-05").observed("death", "2023-03-02"), {("death-dates-conflict", "patient/1")}),
        (treated().assessed(-1, "PD"), UNTREATED),
        (
            treated().add(DOSE, status="completed", drug_text="XY-17"),
            {("drug-unknown", f"{DOSE}/3"), ("date-missing", f"{DOSE}/3")},
        ),
        (treated().assessed(42, None, value_code="XY"), {("response-unknown", "observation/1")}),
        (treated().adverse_event(None, grade=2), {("adverse-event-without-onset", f"{AE}/1")}),
    ],
)  # fmt: skip
def test_bad_input_is_found(record, expected):
    assert found(record) == expected


DEATHS = [
    # O6 of section 4: a registry's and a hospital's date of death may differ by 30 days.
    (treated().observed("death", "2024-03-02").died("2024-03-05"), set()),
    (treated().observed("death", "2024-03-02").died("2024-04-01"), set()),
    (treated().observed("death", "2024-03-02").died("2024-04-02"), {("death-dates-conflict", "patient/1")}),
    (treated().observed("death", "2024-03-02").died("2024-06-05"), {("death-dates-conflict", "patient/1")}),
    # A month is all of its days.
    (treated().observed("death", "2024-03").died("2024-04-30"), set()),
    (treated().observed("death", "2024-03").died("2024-05-01"), {("death-dates-conflict", "patient/1")}),
    (
        treated().died("2024-03-02").adverse_event(9, "2024-09-01", outcome="fatal"),
        {("death-dates-conflict", f"{AE}/1")},
    ),
    (treated().died("2024-03-02").observed("death", "2024-09-01", status="entered-in-error"), set()),
    (treated().died("2023-01"), set()),
    (treated().died("2022-12"), {("death-before-index", "patient/1")}),
    (treated().died(40).seen(40), set()),
    (treated().died(40).seen(42), {("contact-after-death", f"{SEEN}/1")}),
    (treated().died(40).seen(42, status="cancelled"), set()),
    (treated().died(40).surgery(50), {("contact-after-death", "procedure/1")}),
    (treated().died(40).observed("vital-status", 50, "alive"), {("contact-after-death", "observation/1")}),
    (treated().died(40).observed("vital-status", 50, "dead"), set()),
    (treated().died(40).adverse_event(41), {("adverse-event-after-death", f"{AE}/1")}),
    (treated().died(), {("death-without-date", "patient/1")}),
    (treated().adverse_event(9, outcome="fatal"), {("death-without-date", f"{AE}/1")}),
    (treated(0).adverse_event(9, 12, outcome="fatal", grade=5), set()),
    (treated().adverse_event(9, 12, grade=5), {("grade-5-without-death", f"{AE}/1")}),
    (treated(0).adverse_event(9, 12, grade=5).died(12), set()),
    (treated().adverse_event(9, 12, actuality="potential", grade=5), set()),
    # One wrong date is one finding: not all that came after it.
    (treated().died(-400).seen(3).adverse_event(4), {("death-before-index", "patient/1")}),
    (Record().dose("capecitabine", 0).died(-1), {("dose-after-death", f"{DOSE}/1")}),
]  # fmt: skip


@pytest.mark.parametrize("record, expected", DEATHS)
def test_death_agrees_with_the_rest(record, expected):
    assert found(record) == expected


def test_the_day_after_death_is_a_warning_and_later_an_error():
    facts = treated(0, 21, 22).died(20).seen(21).seen(22).facts()
    severities = [(f.rule, f.resource, f.severity) for f in find_findings(facts, asked_by([plan()], day(CUTOFF)))]
    assert severities == [
        ("dose-after-death", f"{DOSE}/2", "warning"),
        ("dose-after-death", f"{DOSE}/3", "error"),
        ("contact-after-death", f"{SEEN}/1", "warning"),
        ("contact-after-death", f"{SEEN}/2", "error"),
    ]


RECORDS = [
    (treated().dose("eribulin", 42, status="on-hold"), {("status-unclear", f"{DOSE}/3")}),
    (treated().dose("eribulin", 42, status="entered-in-error"), set()),
    (treated().took("letrozole", -90, status="unknown"), {("status-unclear", f"{STATEMENT}/1")}),
    (treated().took("letrozole", -90, status="on-hold"), set()),
    (treated().add(DOSE, status="completed", drug_class="chemo", **Record().dates(start=3)), set()),
    (treated().dose("eribulin", None), {("date-missing", f"{DOSE}/3")}),
    (treated().assessed(None, "SD"), {("date-missing", "observation/1")}),
    (treated().assessed(42, "positive"), {("response-unknown", "observation/1")}),
    (treated().assessed(42, None, status="entered-in-error"), set()),
    (treated().observed("ecog", 3, "5").observed("ecog", 4, value_number=2.0).observed("ecog", 5), set()),
    (treated().observed("ecog", 3, value_number=7.0), {("ecog-unknown", "observation/1")}),
    (treated().observed("ecog", 3, value_number=1.5), {("ecog-unknown", "observation/1")}),
    (treated().observed("ecog", 3, value_code="XY"), {("ecog-unknown", "observation/1")}),
    (treated().observed("ecog", 3, "IV"), {("ecog-unknown", "observation/1")}),
    (treated().dose("eribulin", 42, end=41), {("end-before-start", f"{DOSE}/3")}),
    (treated().took("letrozole", -40, -90), {("end-before-start", f"{STATEMENT}/1")}),
    (treated().took("letrozole", "2022-05", "2022-05-01"), set()),
    (treated().adverse_event(9, 8), {("end-before-start", f"{AE}/1")}),
    (treated().seen(0, "visit-1").seen(-1, "visit-2"), {("visit-2-before-visit-1", f"{SEEN}/2")}),
    (treated().seen(0, "visit-1").seen("2023-01", "visit-2"), set()),
    (treated().assessed(42, "CR").assessed(42, "PD"), {("responses-differ", "observation/2")}),
    (treated().assessed("2023-03", "CR").assessed("2023-03", "PD"), set()),
    (treated().condition("breast", -20), set()),  # a second diagnosis
    (Record().condition("breast", -20).condition("distant", -21), {("metastasis-before-primary", "condition/2")}),
    (Record().condition("breast", -20).condition("distant", -21, "refuted"), set()),
    (Record().condition("breast", -20).condition("distant", "2022-12"), set()),
]  # fmt: skip


@pytest.mark.parametrize("record, expected", RECORDS)
def test_records_can_be_read_and_can_be(record, expected):
    assert found(record) == expected


INDEX = [
    (Record().born("2005-01-10").dose("eribulin", 0), set()),  # 18 on 2023-01-10
    (Record().born("2005-01-11").dose("eribulin", 0), {("under-age", "patient/1")}),
    (Record().born("2005").dose("eribulin", 0), set()),
    (Record().born("2023-01-11").dose("eribulin", 0), {("birth-after-index", "patient/1")}),
    (Record().born("2005-01-11").dose("capecitabine", 0), set()),
    (Record().dose("eribulin", "2023"), {("index-date-by-year", f"{DOSE}/1")}),
    (Record().dose("eribulin", "2022", 0), {("index-date-by-year", f"{DOSE}/1")}),
    (Record().dose("eribulin", "2023", 0), set()),
]


@pytest.mark.parametrize("record, expected", INDEX)
def test_age_and_date_at_the_first_dose(record, expected):
    assert found(record) == expected


STOPS = [
    (treated().assessed(60, "PD").took("eribulin", 0, 102, "stopped", reasons='["progression"]'), set()),
    (treated().assessed(60, "PD").took("eribulin", 0, 103, "stopped", reasons='["progression"]'),
     {("progression-without-pd", f"{STATEMENT}/1")}),
    (treated().assessed(60, "PD").took("letrozole", 0, 103, "stopped", reasons='["progression"]'), set()),
    (treated().assessed(60, "PD").took("eribulin", 0, None, "stopped", reasons='["progression"]'), set()),
    (treated().took("eribulin", 0, None, "stopped", reasons='["no-response"]'), set()),
    (treated().dose("eribulin", 42, status="not-done", reasons='["other","progression"]'),
     {("progression-without-pd", f"{DOSE}/3")}),
    (treated().add("medication_request", status="cancelled", drug="eribulin", reasons='["progression"]'),
     {("progression-without-pd", "medication_request/1")}),
    (treated().took("eribulin", 0, 9, "stopped", reasons='["pregnancy"]'), set()),
    (treated()._amend_patient(gender="male").took("eribulin", 0, 9, "stopped", reasons='["pregnancy"]'),
     {("pregnancy-of-male", f"{STATEMENT}/1")}),
]  # fmt: skip


@pytest.mark.parametrize("record, expected", STOPS)
def test_reasons_of_a_stop(record, expected):
    assert found(record) == expected


@pytest.mark.parametrize(
    "record, expected",
    [
        (treated().took("capecitabine", -200, -100).assessed(-90, "PD"), set()),
        (treated().took("capecitabine", -80).assessed(-90, "PD"), UNTREATED),
        (treated().took("capecitabine").assessed(-90, "PD"), set()),  # may have been before
        (treated().took("zoledronic-acid", -100).assessed(-90, "PD"), UNTREATED),
        (treated().surgery(-100).assessed(-90, "PD"), set()),
        (treated().assessed("2023-01", "PD"), set()),
        (Record().assessed(-90, "PD"), set()),  # no treatment on record
    ],
)  # fmt: skip
def test_progression_before_treatment(record, expected):
    assert found(record) == expected


@pytest.mark.parametrize(
    "record, expected",
    [
        (treated().observed("her2", -9, "positive"), set()),
        (treated(), set()),
        (treated().observed("her2", -9, "negative"), {("her2-negative", "observation/1")}),
        (treated().observed("her2-ihc", -9, "1+"), {("her2-negative", "observation/1")}),
        (treated().observed("her2-ihc", -9, "2+").observed("her2-ish", -9, "positive"), set()),
        (treated().observed("her2", 29, "negative"), set()),
    ],
)
def test_her2_negative_in_a_study_of_her2_positive_disease(record, expected):
    assert found(record, plan(her2="positive")) == expected
    assert found(record, plan()) == set()


def test_doses_that_are_counted_in_mg_have_a_unit_that_is_understood():
    record = treated().dose("eribulin", 42, dose=1.4, dose_unit="mg/m2").dose("eribulin", 63, dose=2.0, dose_unit="mg")
    assert found(record, plan("exposure")) == {("dose-unit-unknown", f"{DOSE}/3")}
    assert found(record, plan()) == set()


@pytest.mark.parametrize(
    "dose, unit, implausible",
    [
        (-1.4, "mg", True),
        (-1.4, None, True),
        (1e300, "mg", True),
        (1001.0, "g", True),
        (1000.0, "g", False),
        (0.0, "mg", False),
    ],
)
def test_doses_that_nobody_is_given(dose, unit, implausible):
    record = treated().dose("eribulin", 42, dose=dose, dose_unit=unit)
    assert found(record, plan()) == ({("dose-implausible", f"{DOSE}/3")} if implausible else set())


def test_merged_patients_with_different_births():
    record = (
        treated().add("patient", **Record().dates(birth="1973-01-02")).add("patient", **Record().dates(birth="1973"))
    )
    assert found(record) == {("birth-dates-conflict", "patient/2")}


@pytest.mark.parametrize(
    "record, expected",
    [
        # Two injections of one visit, and the same again in another submission (rule C6).
        (treated().dose("eribulin", 42, 42), set()),
        (treated().dose("eribulin", 21, submission=2), {("record-repeated", f"{DOSE}/3")}),
        (treated().dose("eribulin", 42, 43, identifier="s|1"), {("record-repeated", f"{DOSE}/3")}),
        (treated().assessed(42, "SD", identifier="s|1").observed("ecog", 42, "1", identifier="s|1"), set()),
        # The repetition of what is wrong is told once.
        (treated().assessed(42, "X", identifier="s|1").assessed(42, "X", identifier="s|1"),
         {("record-repeated", "observation/1"), ("response-unknown", "observation/2")}),
    ],
)  # fmt: skip
def test_records_told_again(record, expected):
    assert found(record) == expected


def test_the_future_is_after_today_and_not_after_the_cut_off():
    record = treated(0, "2024-02-01").assessed("2025-02-01", "SD").seen("2052-01-01").born("2052-01-01")
    assert (
        found(record, cutoff="2024-01-01") == found(record, cutoff="2024-12-31") == {("birth-after-index", "patient/1")}
    )
    future = {("future-date", f"{SEEN}/1"), ("future-date", "patient/1"), ("birth-after-index", "patient/1")}
    for cutoff in ("2024-01-01", "2025-12-31"):
        assert found(record, cutoff=cutoff, today="2025-12-31") == future
    assert found(record, cutoff="2060-01-01", today="2025-12-31") == future


def test_notes_hold_codes_and_dates():
    record = treated().died(-1).assessed(42, None, value_code="XY", submission=1)
    notes = {
        f.rule: (f.severity, f.version, f.note) for f in find_findings(record.facts(), asked_by([plan()], day(CUTOFF)))
    }
    assert notes["death-before-index"] == ("error", 1, "2023-01-09, first dose 2023-01-10")
    assert notes["response-unknown"] == ("error", 1, "XY")


def test_the_rules_are_those_of_the_code_system():
    system = json.loads((ROOT / "profiles/_core/CodeSystem-finding-rule.json").read_bytes())
    held = {c["code"]: (c["property"][0]["valueCode"], c["display"]) for c in system["concept"]}
    assert held == {code: tuple(rule) for code, rule in RULES.items()}
    assert system["count"] == len(held)
    assert all(c["definition"] for c in system["concept"])


def test_the_document_has_every_rule():
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (error|warning)\b", (ROOT / "docs/findings.md").read_text(), re.MULTILINE)
    assert rows == [(code, rule.severity) for code, rule in RULES.items()]


@given(patient=patients(), other=patients(), drug=INDEX_DRUGS, today=st.integers(-100, 1200), born=PARTIAL)
def test_no_facts_crash_it(patient, other, drug, today, born):
    """Two patients merged, whatever they have: rules and resources exist, and nothing depends on the order of plans."""
    person = patient.patients[0]._replace(**Record().dates(birth=born), gender="male")
    both = patient._replace(
        patients=[person, *other.patients],
        **{view: getattr(patient, view) + getattr(other, view) for view in patient._fields[3:]},
    )
    plans = [plan("overall-survival", drug, her2="positive"), plan("exposure", drug), plan("discontinuation", drug)]
    today += day("2023-01-10")
    findings = find_findings(both, asked_by(plans, day("2023-12-31")), today)
    assert findings == find_findings(both, asked_by(plans[::-1], day("2023-12-31")), today)
    resources = {row.source.resource for rows in both[2:] for row in rows}
    for finding in findings:
        assert finding.rule in RULES
        assert finding.severity in ("error", "warning")
        assert finding.resource in resources


@given(patient=patients(), drug=INDEX_DRUGS, shift=st.integers(-9000, 9000))
def test_a_date_shift_changes_nothing_but_notes(patient, drug, shift):
    plans = [plan("overall-survival", drug, minAge=0), plan("discontinuation", drug, minAge=0)]
    before = find_findings(patient, asked_by(plans, day(CUTOFF)), day(CUTOFF))
    after = find_findings(shifted(patient, shift), asked_by(plans, day(CUTOFF) + shift), day(CUTOFF) + shift)
    assert [f[:4] for f in before] == [f[:4] for f in after]
