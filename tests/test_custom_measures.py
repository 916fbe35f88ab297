"""Measures that are one SELECT over mapped rows and answers, on both databases, with numbers by hand."""

import json
from copy import deepcopy
from dataclasses import replace

import pytest
from sqlalchemy import text
from toy_registry import FILES, PATIENTS, SERVER, SITE, custom_measure, open_with_patients, patient

from fhir_registry.core.access import Access
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import evaluate, ingest
from fhir_registry.ops.analyse import question
from fhir_registry.ops.callers import most_of
from fhir_registry.reports.page import render_page
from fhir_registry.reports.suppression import suppress
from fhir_registry.store import relations
from fhir_registry.store.analysis import Analysis
from fhir_registry.store.relations import SelectError, selected

EARLY_DEATH = """
-- Who died within 180 days, of those analysed for survival; '180' is the registry's own choice.
SELECT s.patient AS subject,
       CASE WHEN s.state = 'excluded' THEN s.reason END AS exclusion,
       CASE WHEN s.primary_event = 1 AND s.primary_days <= 180 THEN 1 ELSE 0 END AS died,
       p.gender AS gender,
       s.characteristic_age AS age
  FROM toy_survival AS s
  JOIN patient AS p ON p.patient = s.patient
"""
DOSES = """
WITH dose AS (
  SELECT a.patient, a.dose
    FROM medication_administration AS a CROSS JOIN period
   WHERE a.drug = 'capecitabine' AND a.start_hi <= period.cutoff
)
SELECT patient AS subject, sum(dose) AS mg, avg(dose) > 1200 AS high FROM dose GROUP BY patient
"""
MEASURES = "measures/toy"
CUSTOM = FILES | {
    f"{MEASURES}/Measure-toy-early-death.json": custom_measure(
        "toy-early-death", EARLY_DEATH, ["gender", "age"], denominator_exclusion="exclusion", numerator="died"
    ),
    f"{MEASURES}/Measure-toy-doses.json": custom_measure(
        "toy-doses", DOSES, ["high"], unit="mg", measure_observation="mg"
    ),
}


@pytest.fixture
def open_toy(tmp_path, database):
    """A function (further custom measures) -> the registry with the patients."""
    opened = []

    def open_(*more, bundles=PATIENTS):
        files = CUSTOM | {f"{MEASURES}/{each['id']}.json": each for each in more}
        opened.append(open_with_patients(tmp_path, database, files, bundles))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


def evaluate_toy(registry, id, **more):
    report = evaluate.evaluate(registry, SITE, id, None, "2025-12-31", base=SERVER, **more)
    plain = json.loads(json.dumps(report, default=float))
    assert registry.validator.validate(plain) == []
    return plain


def counts_of(element):
    return {p["code"]["coding"][0]["code"]: p["count"] for p in element["population"]}


def groups_of(report):
    return {group["code"]["coding"][0]["code"]: group for group in report["group"]}


def strata_of(group):
    return {
        (stratifier["code"][0]["text"], stratum["value"]["text"]): stratum
        for stratifier in group["stratifier"]
        for stratum in stratifier["stratum"]
    }


def test_a_proportion_with_exclusions_and_strata(open_toy):
    report = evaluate_toy(open_toy(), "toy-early-death")
    groups = groups_of(report)
    main = groups["custom-toy-early-death"]
    # Of the four with capecitabine one is a child; of the other three one dies on day 100, one after the horizon.
    counts = counts_of(main)
    assert (counts["initial-population"], counts["denominator-exclusion"]) == (4, 1)
    assert (counts["denominator"], counts["numerator"]) == (3, 1)
    assert main["measureScore"]["value"] == pytest.approx(100 / 3)
    # Clopper-Pearson of 1 in 3: the lower limit is 1 - 0.975^(1/3), the upper solves (1-p)^3 + 3p(1-p)^2 = 0.025.
    assert groups["custom-toy-early-death-ci-lower"]["measureScore"]["value"] == pytest.approx(0.840376, abs=1e-6)
    p = groups["custom-toy-early-death-ci-upper"]["measureScore"]["value"] / 100
    assert (1 - p) ** 3 + 3 * p * (1 - p) ** 2 == pytest.approx(0.025, abs=1e-9)
    assert groups["exclusion-under-age"]["measureScore"]["value"] == 1
    found = {
        key: (counts_of(stratum)["denominator"], counts_of(stratum)["numerator"])
        for key, stratum in strata_of(main).items()
    }
    assert found == {
        ("gender", "missing"): (3, 1),
        ("age", "<50"): (1, 0),
        ("age", ">=50"): (2, 1),
        ("age", "missing"): (0, 0),
    }


def test_a_number_of_each_subject(open_toy):
    registry = open_toy()
    groups = groups_of(evaluate_toy(registry, "toy-doses"))
    # 1500 mg and 1000 mg; of two patients the dose is not known.
    mean, sd = groups["custom-toy-doses-mean"], groups["custom-toy-doses-sd"]
    assert mean["measureScore"] == {
        "value": 1250,
        "unit": "mg",
        "system": "http://unitsofmeasure.org",
        "code": "mg",
    }
    assert sd["measureScore"]["value"] == pytest.approx(250 * 2**0.5)
    assert (counts_of(mean)["denominator"], counts_of(mean)["described"]) == (4, 2)
    strata = {key: counts_of(stratum)["described"] for key, stratum in strata_of(mean).items()}
    assert strata == {("high", "1"): 1, ("high", "0"): 1, ("high", "missing"): 0}
    # Nothing counts that is dated after the cut-off.
    with pytest.raises(FhirError, match="Nobody is in the initial population of Measure 'toy-doses'"):
        evaluate.evaluate(registry, SITE, "toy-doses", None, "2023-12-31")


def test_small_counts_are_suppressed_and_it_is_a_page(open_toy):
    registry = open_toy()
    report = suppress(evaluate_toy(registry, "toy-early-death"), 5)
    assert all("count" not in population for group in report["group"] for population in group["population"])
    assert all("value" not in group["measureScore"] for group in report["group"])
    assert "toy-early-death" in render_page(report, registry.content.custom_measures["toy-early-death"].resource, {})


def test_it_follows_the_data(open_toy):
    registry = open_toy()
    assert counts_of(evaluate_toy(registry, "toy-early-death")["group"][0])["numerator"] == 1
    ingest.bundle(registry, SITE, patient(6, death="2024-02-01"), SERVER)
    counts = counts_of(evaluate_toy(registry, "toy-early-death")["group"][0])
    assert (counts["denominator"], counts["numerator"]) == (4, 2)


def test_who_is_in_it(open_toy):
    registry = open_toy()
    report = evaluate_toy(registry, "toy-early-death", report_type="subject-list")
    members = {
        each["id"]: [entry["item"]["reference"] for entry in each.get("entry", ())] for each in report["contained"]
    }
    assert members == {
        "initial-population": ["Patient/p1", "Patient/p2", "Patient/p3", "Patient/p4"],
        "denominator": ["Patient/p1", "Patient/p2", "Patient/p3"],
        "denominator-exclusion": ["Patient/p4"],
        "numerator": ["Patient/p1"],
    }
    told = [g["code"]["text"] for g in evaluate_toy(registry, "toy-early-death", subject="Patient/p1")["group"]]
    assert "numerator: true" in told and "age: >=50" in told
    (excluded,) = evaluate_toy(registry, "toy-early-death", subject="Patient/p4")["group"]
    assert excluded["code"]["text"].startswith("Excluded: ") and "under-age" in excluded["code"]["text"]
    with pytest.raises(FhirError, match="'p5' is outside the initial population"):
        evaluate_toy(registry, "toy-early-death", subject="Patient/p5")


def test_merged_patients_are_one_and_absolute_references_are_read(open_toy):
    registry = open_toy()
    merged = deepcopy(PATIENTS[1]["entry"][0]["resource"])
    merged["link"] = [{"other": {"reference": "Patient/p1"}, "type": "replaced-by"}]
    ingest.update(registry, SITE, "Patient", "p2", merged)
    dose = deepcopy(PATIENTS[2]["entry"][1]["resource"]) | {"id": "absolute"}
    dose["subject"] = {"reference": f"{SERVER}/Patient/p3"}
    dose["dosage"] = {"dose": {"value": 700, "system": "http://unitsofmeasure.org", "code": "mg"}}
    ingest.update(registry, SITE, "MedicationAdministration", "absolute", dose)
    groups = groups_of(evaluate_toy(registry, "toy-doses"))
    # p1 and p2 together 2500 mg, p3 now 700 mg, p4 unknown.
    assert groups["custom-toy-doses-max"]["measureScore"]["value"] == 2500
    assert groups["custom-toy-doses-min"]["measureScore"]["value"] == 700
    assert counts_of(groups["custom-toy-doses-max"])["denominator"] == 3


WRONG_ROWS = {
    "a subject twice": (
        "SELECT a.patient AS subject, 1 AS yes FROM medication_administration AS a CROSS JOIN period "
        "UNION ALL SELECT patient, 0 FROM toy_survival",
        "Measure 'wrong': the subject 'p1' has several rows",
    ),
    "a subject that is nobody": (
        "SELECT 'nobody' AS subject, 1 AS yes FROM period",
        "Measure 'wrong': the subject 'nobody' is no Patient here",
    ),
    "no subject": (
        "SELECT CASE WHEN cutoff < 0 THEN 'p1' END AS subject, 1 AS yes FROM period",
        "Measure 'wrong': the subject 'None' is no Patient here",
    ),
    "a numerator that is no answer": (
        "SELECT patient AS subject, 2 AS yes FROM patient",
        "Measure 'wrong': 'yes' of 'p1' is 2, neither 0 nor 1",
    ),
    "an unknown numerator": (
        "SELECT patient AS subject, CASE WHEN deceased = 7 THEN 1 END AS yes FROM patient",
        "Measure 'wrong': 'yes' of 'p1' is None, neither 0 nor 1",
    ),
}


@pytest.mark.parametrize("case", WRONG_ROWS)
def test_rows_that_are_not_what_the_measure_says(open_toy, case):
    select, message = WRONG_ROWS[case]
    registry = open_toy(custom_measure("wrong", select, numerator="yes"))
    with pytest.raises(FhirError) as problem:
        evaluate.evaluate(registry, SITE, "wrong", None, "2025-12-31")
    assert problem.value.kind == "unprocessable"
    assert message in str(problem.value)


@pytest.mark.parametrize("case", WRONG_ROWS)
def test_who_may_not_read_patients_data_is_told_none_of_them(open_toy, case):
    select, message = WRONG_ROWS[case]
    registry = open_toy(custom_measure("wrong", select, numerator="yes"))
    regulator = replace(registry, access=Access("a", most_of("regulator", registry.content.search_params)))
    with pytest.raises(FhirError, match="Measure 'wrong': its SELECT fails on these data") as problem:
        evaluate.evaluate(regulator, SITE, "wrong", None, "2025-12-31")
    assert problem.value.kind == "unprocessable"
    assert message.partition(": ")[2] not in str(problem.value) and "p1" not in str(problem.value)


def test_a_select_that_never_ends_is_stopped(open_toy, monkeypatch):
    monkeypatch.setattr(relations, "_SECONDS", 0.2)
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) "
        "SELECT p.patient AS subject, CASE WHEN (SELECT count(*) FROM n) > 0 THEN 1 ELSE 0 END AS yes FROM patient AS p"
    )
    registry = open_toy(custom_measure("endless", endless, numerator="yes"))
    with pytest.raises(FhirError, match="Measure 'endless'"):
        evaluate.evaluate(registry, SITE, "endless", None, "2025-12-31")
    assert evaluate_toy(registry, "toy-doses")  # the connection is as it was


def test_a_select_reads_only_even_where_the_connection_writes(open_toy):
    registry = open_toy()
    key = question(registry, SITE, "toy", None, 20_000).key
    forget = text("DELETE FROM setting")
    select = "SELECT patient AS subject FROM patient"
    with registry.store.database.write(1) as connection:
        with pytest.raises(SelectError, match=r"read-?only"):  # noqa: SIM117
            with selected(registry.store, connection, key, Analysis(0, 0, 0), SERVER, select, []) as rows:
                assert next(tuple(row) for row in rows) == ("p1", False)
                connection.execute(forget)
        assert connection.execute(forget).rowcount > 0
