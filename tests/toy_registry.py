"""A registry made of files: another drug, another horizon, a hospital's own product code; and its patients."""

import json

from fhir_registry.content.registry import load_content
from fhir_registry.ops import ingest
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
    population = {"code": {"coding": [initial]}, "criteria": criteria}
    strata = [
        {
            "code": {"text": expression.split()[0]},
            "criteria": {"language": "text/x-registry-characteristic", "expression": expression},
        }
        for expression in stratifiers
    ]
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
        group=[{"population": [population], **({"stratifier": strata} if strata else {})}],
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


def write_files(folder, files):
    """Write {path: resource} into a folder."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(content))


def open_with_patients(folder, database, files, bundles=PATIENTS):
    """An open registry with the content of a folder, where files are written, and the patients of bundles."""
    write_files(folder, files)
    opened = open_registry(database, load_content(folder))
    for bundle in bundles:
        ingest.bundle(opened, SITE, bundle, SERVER)
    return opened


def custom_measure(id, select, stratifiers=(), unit=None, **populations):
    """A Measure answered by a SELECT; populations: column by population code, with underscores."""

    def criteria(expression):
        return {"language": "application/sql", "expression": expression}

    system = "http://terminology.hl7.org/CodeSystem/measure-population"
    strata = [{"code": {"text": code}, "criteria": criteria(code)} for code in stratifiers]
    found = measure(id, "", "proportion", **({"unit": {"valueCode": unit}} if unit else {}))
    found["group"] = [
        {
            "population": [
                {"code": {"coding": [{"system": system, "code": code.replace("_", "-")}]}, "criteria": criteria(text)}
                for code, text in {"initial_population": select, **populations}.items()
            ],
            **({"stratifier": strata} if strata else {}),
        }
    ]
    return {name: value for name, value in found.items() if value}
