"""A registry made of files only: another drug, another horizon, a hospital's own product code; no Python."""

import json

import pytest

from fhir_registry.content.registry import load_content
from fhir_registry.ops import evaluate, ingest
from fhir_registry.ops.lint import lint_content
from fhir_registry.ops.open import open_registry

BASE = "https://registry.example"
SERVER = "https://server.example/fhir"
SITE = 1
PRODUCTS = "https://hospital.example/products"


def resource(kind, id, **more):
    return {"resourceType": kind, "id": id, "url": f"{BASE}/{kind}/{id}", "status": "active"} | more


def measure(id, endpoint, scoring, stratifiers=(), **parameters):
    url = f"{BASE}/StructureDefinition/measure-parameter"
    criteria = {"language": "text/x-registry-endpoint", "expression": endpoint}
    initial = {"system": "http://terminology.hl7.org/CodeSystem/measure-population", "code": "initial-population"}
    program = {"system": "http://terminology.hl7.org/CodeSystem/usage-context-type", "code": "program"}
    return resource(
        "Measure",
        id,
        extension=[
            {"url": url, "extension": [{"url": "name", "valueCode": name}, {"url": "value", **value}]}
            for name, value in parameters.items()
        ],
        version="0.1.0",
        useContext=[{"code": program, "valueReference": {"reference": "ResearchStudy/toy"}}],
        scoring={
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/measure-scoring", "code": scoring}],
        },
        group=[
            {
                "population": [{"code": {"coding": [initial]}, "criteria": criteria}],
                "stratifier": [
                    {
                        "code": {"text": expression.split()[0]},
                        "criteria": {"language": "text/x-registry-characteristic", "expression": expression},
                    }
                    for expression in stratifiers
                ],
            }
        ],
    )


DRUGS = {"valueCanonical": f"{BASE}/ValueSet/toy-drugs"}
FILES = {
    "profiles/toy/ResearchStudy-toy.json": {
        "resourceType": "ResearchStudy",
        "id": "toy",
        "status": "active",
        "title": "Capecitabine in daily practice",
    },
    "profiles/toy/ValueSet-toy-drugs.json": resource(
        "ValueSet",
        "toy-drugs",
        compose={"include": [{"system": f"{BASE}/CodeSystem/drug", "concept": [{"code": "capecitabine"}]}]},
    ),
    "profiles/toy/ConceptMap-toy-products.json": resource(
        "ConceptMap",
        "toy-products",
        extension=[
            {"url": f"{BASE}/StructureDefinition/concept-map-extends", "valueCanonical": f"{BASE}/ConceptMap/drug"}
        ],
        group=[
            {
                "source": PRODUCTS,
                "target": f"{BASE}/CodeSystem/drug",
                "element": [{"code": "CAP500", "target": [{"code": "capecitabine", "equivalence": "equivalent"}]}],
            }
        ],
    ),
    "profiles/toy/SearchParameter-toy-dose-site.json": resource(
        "SearchParameter",
        "toy-dose-site",
        name="ToyDoseSite",
        description="Where in the body a dose was given",
        code="dose-site",
        base=["MedicationAdministration"],
        type="token",
        expression="MedicationAdministration.dosage.site",
    ),
    "mappings/toy/ViewDefinition-toy-weight.json": {
        "resourceType": "ViewDefinition",
        "url": f"{BASE}/ViewDefinition/toy_weight",
        "name": "toy_weight",
        "status": "active",
        "resource": "Observation",
        "where": [{"path": "code.coding.where(system = 'http://loinc.org' and code = '29463-7').exists()"}],
        "select": [
            {
                "column": [
                    {"name": "patient", "path": "subject.getReferenceKey(Patient)", "type": "string"},
                    {"name": "kilograms", "path": "value.ofType(Quantity).value", "type": "decimal"},
                ]
            }
        ],
    },
    "measures/toy/Measure-toy-survival.json": measure(
        "toy-survival",
        "overall-survival",
        "continuous-variable",
        stratifiers=["age 50"],
        indexDrugs=DRUGS,
        horizonDays={"valueDecimal": 365.25},
    ),
    "measures/toy/Measure-toy-tablets.json": measure(
        "toy-tablets",
        "exposure",
        "continuous-variable",
        ["sex"],
        indexDrugs=DRUGS,
        mgPerInjection={"valueDecimal": 500},
    ),
}


def patient(number, birth="1960", death=None, product="CAP500", mg=None, contact=None):
    """A transaction Bundle: a person, one dose on 2024-01-01, perhaps a later contact."""
    subject = {"reference": f"Patient/p{number}"}
    coding = {"system": PRODUCTS, "code": product}
    dose = {"dosage": {"dose": {"value": mg, "system": "http://unitsofmeasure.org", "code": "mg"}}} if mg else {}
    resources = [
        {"resourceType": "Patient", "id": f"p{number}", "birthDate": birth}
        | ({"deceasedDateTime": death} if death else {}),
        {
            "resourceType": "MedicationAdministration",
            "id": f"d{number}",
            "status": "completed",
            "medicationCodeableConcept": {"coding": [coding]},
            "subject": subject,
            "effectiveDateTime": "2024-01-01",
        }
        | dose,
    ]
    if contact:
        ambulatory = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
        resources.append(
            {
                "resourceType": "Encounter",
                "id": f"e{number}",
                "status": "finished",
                "class": ambulatory,
                "subject": subject,
                "period": {"start": contact, "end": contact},
            }
        )
    entries = [
        {"resource": r, "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"}} for r in resources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


PATIENTS = [
    patient(1, death="2024-04-10", mg=1500),  # dies on day 100
    patient(2, death="2025-06-01", mg=1000),  # dies on day 517: beyond the horizon
    patient(3, birth="1980", contact="2024-07-01"),  # last seen on day 182
    patient(4, birth="2010-05-05"),  # a child
    patient(5, product="unknown"),  # another drug
]


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    for path, content in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(content))
    opened = open_registry(f"sqlite:///{folder / 'toy.sqlite'}", load_content(folder))
    lint_content(opened.content, opened.validator)
    for bundle in PATIENTS:
        ingest.bundle(opened, SITE, bundle, SERVER)
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
    with registry.store.read() as connection:
        rows = connection.execute(table.select()).mappings().all()
    assert [(row["patient"], row["kilograms"]) for row in rows] == [("p1", 61.5)]
