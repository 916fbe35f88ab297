"""A registry made of files only: another drug, another horizon, a hospital's own product code; no Python."""

import base64
import csv
import io
import json
from copy import deepcopy

import pytest
from toy_registry import BASE, DRUGS, FILES, SITE, measure, open_with_patients, patient, resource

from fhir_registry.ops import evaluate, ingest


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    opened = open_with_patients(folder, f"sqlite:///{folder / 'toy.sqlite'}", FILES)
    yield opened
    opened.close()


def report_of(registry, measure_id):
    """{group code: (score or None, {population: count})} of a MeasureReport at the end of 2025."""
    report = evaluate.evaluate(registry, SITE, measure_id, None, "2025-12-31")
    assert registry.validator.validate(json.loads(json.dumps(report, default=float))) == []
    found = {}
    for group in report["group"]:
        counts = {p["code"]["coding"][0]["code"]: p["count"] for p in group["population"]}
        found[group["code"]["coding"][0]["code"]] = (group["measureScore"].get("value"), counts)
    return found


def test_survival_with_a_horizon_of_one_year(registry):
    groups = report_of(registry, "toy-survival")
    score, counts = groups["os-rate-12m"]
    assert float(score) == pytest.approx(100 * 2 / 3)  # one of three dies within the year
    assert (counts["events"], counts["censored"], counts["at-risk"]) == (1, 2, 1)
    assert (counts["initial-population"], counts["denominator"]) == (4, 3)
    assert groups["exclusion-under-age"][0] == 1


def test_survival_by_groups_of_age(registry):
    report = evaluate.evaluate(registry, SITE, "toy-survival", None, "2025-12-31")
    median = next(g for g in report["group"] if g["code"]["coding"][0]["code"] == "os-median")
    (stratifier,) = median["stratifier"]
    assert stratifier["code"] == [{"text": "age"}]
    found = {}
    for stratum in stratifier["stratum"]:
        counts = {p["code"]["coding"][0]["code"]: p["count"] for p in stratum["population"]}
        found[stratum["value"]["text"]] = counts["denominator"], counts["events"]
    # Two of 63 years, of whom one dies within the year; one of 43.
    assert found == {"<50": (1, 0), ">=50": (2, 1), "missing": (0, 0)}


def test_tablets_of_500_mg(registry):
    groups = report_of(registry, "toy-tablets")
    assert float(groups["injections-since-first-dose-mean"][0]) == pytest.approx((3 + 2 + 1) / 3)
    # The third patient's dose lies before the first encounter, where the observation of a study begins.
    assert float(groups["injections-mean"][0]) == pytest.approx((3 + 2 + 0) / 3)
    assert float(groups["injections-max"][0]) == 3
    assert float(groups["cumulative-dose-max"][0]) == 1500


def test_its_resources_are_readable_and_its_table_is_filled(registry):
    assert registry.content.studies["toy"]["title"] == "Capecitabine in daily practice"
    weight = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": "Patient/p1"},
        "valueQuantity": {"value": 61.5, "unit": "kg"},
    }
    ingest.create(registry, SITE, "Observation", weight)
    table = registry.store.tables.mapped["toy_weight"]
    with registry.store.read(1) as connection:
        rows = connection.execute(table.select()).mappings().all()
    assert [(row["patient"], row["kilograms"]) for row in rows] == [("p1", 61.5)]


def test_the_curve_and_those_of_its_strata(registry):
    report = evaluate.evaluate(registry, SITE, "toy-survival", None, "2025-12-31")
    contained = {each["id"]: each for each in report["contained"]}
    assert contained["analysed"]["quantity"] == 3
    assert {"curve-os", "curve-os-age-lt50", "curve-os-age-ge50"} <= contained.keys()
    steps = base64.b64decode(contained["steps-os"]["content"][0]["attachment"]["data"]).decode()
    lines = list(csv.DictReader(io.StringIO(steps)))
    columns = ("stratum", "time_d", "n_risk", "n_event", "n_censor", "S")
    found = [tuple(line[c] if c == "stratum" else float(line[c]) for c in columns) for line in lines]
    # One dies on day 100, one is last seen on day 182, one is alive at the horizon of a year.
    assert sorted(found) == [
        ("", 100, 3, 1, 0, pytest.approx(2 / 3)),
        ("", 182, 2, 0, 1, pytest.approx(2 / 3)),
        ("", 365.25, 1, 0, 1, pytest.approx(2 / 3)),
        ("age=<50", 182, 1, 0, 1, 1),
        ("age=>=50", 100, 2, 1, 0, 0.5),
        ("age=>=50", 365.25, 1, 0, 1, 0.5),
    ]


def test_what_is_known_of_drugs_is_content(tmp_path):
    capecitabine, vinorelbine = (
        {"system": f"{BASE}/CodeSystem/drug", "code": c} for c in ("capecitabine", "vinorelbine")
    )
    first = patient(1, contact="2024-03-20")
    doses = [("a", capecitabine, "2024-01-22"), ("b", vinorelbine, "2024-02-19"), ("c", vinorelbine, "2024-03-11")]
    for id, coding, day in doses:
        dose = deepcopy(first["entry"][1])
        dose["request"]["url"] = f"MedicationAdministration/{id}"
        dose["resource"] |= {"id": id, "effectiveDateTime": day, "medicationCodeableConcept": {"coding": [coding]}}
        first["entry"].append(dose)
    alike = [{"code": "vinorelbine", "target": [{"code": "capecitabine", "equivalence": "relatedto"}]}]
    system = f"{BASE}/CodeSystem/drug"
    own = resource("ConceptMap", "toy-alike", group=[{"source": system, "target": system, "element": alike}])
    name = {"valueCanonical": own["url"]}
    files = FILES | {
        "profiles/toy/ConceptMap-toy-alike.json": own,
        "measures/toy/a.json": measure("toy-shared", "time-to-treatment-failure", "cohort", indexDrugs=DRUGS),
        "measures/toy/b.json": measure(
            "toy-own", "time-to-treatment-failure", "cohort", indexDrugs=DRUGS, substitutions=name
        ),
    }
    opened = open_with_patients(tmp_path, f"sqlite:///{tmp_path / 'toy.sqlite'}", files, [first])
    told = {}
    for id in ("toy-shared", "toy-own"):
        report = evaluate.evaluate(opened, SITE, id, None, "2024-04-01", subject="Patient/p1")
        told[id] = [
            (group["code"]["text"], group["measureScore"]["value"])
            for group in report["group"]
            if group["code"]["text"].startswith("ttd:")
        ]
    opened.close()
    # Vinorelbine on day 49 is a new line, which ends the treatment with the dose of day 21, or stands for capecitabine.
    assert told == {"toy-shared": [("ttd: event: treatment-change", 21)], "toy-own": [("ttd: censored: ongoing", 70)]}
