"""What the index of a resource makes findable, asked over HTTP (https://hl7.org/fhir/R4/search.html)."""

import pytest
from searches import get, ids, served

from fhir_registry.content.searchparams import SearchParams

SUBJECT = {"reference": "Patient/p"}
QUANTITY = {"unit": "mV", "system": "http://unitsofmeasure.org", "code": "mV"}
COMPOSITE = {
    "resourceType": "SearchParameter",
    "id": "component-code-value-string",
    "url": "https://registry.example/SearchParameter/component-code-value-string",
    "code": "component-code-value-string",
    "type": "composite",
    "base": ["Observation"],
    "expression": "Observation.component",
    "component": [
        {"definition": "http://hl7.org/fhir/SearchParameter/Observation-component-code", "expression": "code"},
        {
            "definition": "http://hl7.org/fhir/SearchParameter/Observation-value-string",
            "expression": "value.as(string)",
        },
    ],
}


def concept(code, **more):
    return {"coding": [{"system": "http://s", "code": code}], **more}


RESOURCES = (
    {
        "resourceType": "Patient",
        "id": "p",
        "meta": {"profile": ["http://p/one|2"]},
        "name": [{"family": "de la Peña"}],
        "telecom": [{"system": "email", "value": "Ana@Example.org"}],
    },
    {
        "resourceType": "DocumentReference",
        "id": "d",
        "status": "current",
        "content": [{"attachment": {"url": "http://x"}}],
        "relatesTo": [
            {"code": "replaces", "target": {"reference": "DocumentReference/a"}},
            {"code": "appends", "target": {"reference": "DocumentReference/b"}},
        ],
    },
    {
        "resourceType": "Group",
        "id": "g",
        "type": "person",
        "actual": True,
        "characteristic": [
            {"code": concept("smoker"), "valueBoolean": True, "exclude": False},
            {"code": concept("adult"), "valueBoolean": False, "exclude": False},
        ],
    },
    {
        "resourceType": "ValueSet",
        "id": "v",
        "status": "draft",
        "useContext": [
            {"code": {"code": "age"}, "valueQuantity": {"value": 40}},
            {"code": {"code": "focus"}, "valueCodeableConcept": concept("C61")},
        ],
    },
    {
        "resourceType": "MolecularSequence",
        "id": "m",
        "coordinateSystem": 0,
        "referenceSeq": {"chromosome": concept("17"), "windowStart": 1, "windowEnd": 90},
        "variant": [{"start": 10, "end": 11}, {"start": 20, "end": 21}],
    },
    {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "code": concept("ecg"),
        "subject": SUBJECT,
        "effectiveTiming": {"event": ["2020-01-02", "2020-01-05"]},
        "valueSampledData": {
            "origin": {"value": 2, **QUANTITY},
            "period": 10,
            "factor": 2,
            "dimensions": 1,
            "data": "1 3 E 2",
        },
        "component": [{"code": concept("note"), "valueString": "Sinus rhythm"}, {"code": concept("other")}],
    },
    {
        "resourceType": "MedicationRequest",
        "id": "r",
        "status": "active",
        "intent": "order",
        "subject": SUBJECT,
        "contained": [
            {
                "resourceType": "Medication",
                "id": "m",
                "code": concept("x", text="Anastrozole tablets"),
                "manufacturer": {"reference": "#o"},
            },
            {"resourceType": "Organization", "id": "o", "name": "Fabrik"},
        ],
        "medicationReference": {"reference": "#m"},
    },
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content):
    changed = content._replace(search_params=SearchParams(content.definitions, [COMPOSITE]), hash="changed")
    with served(new_database(request.param), changed, *RESOURCES) as client:
        yield client


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        # The two parts of R4's composites stand in one occurrence of the element.
        ("DocumentReference?relationship=DocumentReference/a$replaces", "d"),
        ("DocumentReference?relationship=DocumentReference/b$replaces", ""),
        ("Group?characteristic-value=http://s|smoker$true", "g"),
        ("Group?characteristic-value=smoker$false", ""),
        ("ValueSet?context-type-quantity=age$gt30", "v"),
        ("ValueSet?context-type-quantity=focus$gt30", ""),
        ("ValueSet?context-type-value=focus$http://s|C61", "v"),
        ("ValueSet?context-type-value=age$C61", ""),
        ("MolecularSequence?chromosome-variant-coordinate=17$20$21", "m"),
        ("MolecularSequence?chromosome-variant-coordinate=17$10$21", ""),
        ("MolecularSequence?chromosome-variant-coordinate=X$10$11", ""),
        ("MolecularSequence?chromosome-window-coordinate=17$lt10$gt50", "m"),
        ("Observation?component-code-value-string=http://s|note$sinus", "o"),
        ("Observation?component-code-value-string=other$sinus", ""),
        # Samples are 2 + 2 * 1 to 2 + 2 * 3; the search range must hold all of them.
        ("Observation?value-quantity=gt7||mV", "o"),
        ("Observation?value-quantity=gt8||mV", ""),
        ("Observation?value-quantity=lt5&value-quantity=ge8", ""),
        ("Observation?code-value-quantity=ecg$lt5", "o"),
        # Lists in the parts, where not every value is whole.
        ("Observation?code-value-quantity=no,ecg$lt5", "o"),
        ("Observation?code-value-quantity=ecg$gt1000,lt5", "o"),
        ("Observation?code-value-quantity=no,nor$lt5", ""),
        # The outer bounds of a Timing.
        ("Observation?date=2020-01", "o"),
        ("Observation?date=sa2020-01-01&date=eb2020-01-06", "o"),
        ("Observation?date=2020-01-02", ""),
        # Canonicals, contact points, words of family names (S08).
        ("Patient?_profile=http://p/one|2", "p"),
        ("Patient?_profile=http://p/one", "p"),
        ("Patient?_profile=http://p/one|1", ""),
        ("Patient?email=ana@EXAMPLE.org", "p"),
        ("Patient?email=ana", ""),
        ("Patient?family=la pena", "p"),
        ("Patient?family=pen", "p"),
        ("Patient?family:exact=Peña", ""),
        ("Patient?family:exact=de la Peña", "p"),
        # P44: contained resources, also those that contained resources name.
        ("MedicationRequest?medication.code=http://s|x", "r"),
        ("MedicationRequest?medication.code:text=anastrozole", "r"),
        ("MedicationRequest?medication:Medication.code:not=http://s|x", ""),
        ("MedicationRequest?medication.manufacturer.name=fab", "r"),
        ("MedicationRequest?medication:missing=false", "r"),
        ("MedicationRequest?medication:missing=true", ""),
        ("Medication?code=http://s|x", ""),
        ("Organization?name=fab", ""),
        ("Observation?subject:Patient.family=pena", "o"),
    ],
)
def test_what_is_found(client, request_, found):
    assert ids(get(client, request_)) == found.split()
