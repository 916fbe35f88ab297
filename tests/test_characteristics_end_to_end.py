"""Stored resources to baseline characteristics, on both databases: one woman of the Lipusu registry, told by hand."""

from patient_facts import day

from fhir_registry.endpoints.catalogue import check_measure
from fhir_registry.endpoints.characteristics import characteristics, check_characteristics
from fhir_registry.endpoints.outcome import Plan
from fhir_registry.endpoints.usable import usable_data
from fhir_registry.ops import ingest
from fhir_registry.store.facts import read_facts

SITE = 1
ATC, SNOMED, LOINC = "http://www.whocc.no/atc", "http://snomed.info/sct", "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
WOMAN = {"reference": "Patient/w"}


def concept(system, code):
    return {"coding": [{"system": system, "code": code}]}


def condition(system, code, onset):
    return {"resourceType": "Condition", "subject": WOMAN, "code": concept(system, code), "onsetDateTime": onset}


def observation(code, when, **value):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": concept(LOINC, code),
        "subject": WOMAN,
        "effectiveDateTime": when,
        **value,
    }


def dose(drug, *days):
    return [
        {
            "resourceType": "MedicationAdministration",
            "status": "completed",
            "medicationCodeableConcept": drug,
            "subject": WOMAN,
            "effectiveDateTime": when,
        }
        for when in days
    ]


TRASTUZUMAB, PERTUZUMAB = concept(ATC, "L01FD01"), concept(ATC, "L01FD02")
RESOURCES = [
    {"resourceType": "Patient", "id": "w", "gender": "female", "birthDate": "1957-06"},
    # Operated on in 2018, antibody for a year, metastases in liver and bone in 2023.
    condition(ICD10, "C50.4", "2018-01-20"),
    {
        "resourceType": "Procedure",
        "status": "completed",
        "code": concept(SNOMED, "392021009"),
        "subject": WOMAN,
        "performedDateTime": "2018-02-01",
    },
    {
        "resourceType": "MedicationStatement",
        "status": "completed",
        "medicationCodeableConcept": TRASTUZUMAB,
        "subject": WOMAN,
        "effectivePeriod": {"start": "2018-03-01", "end": "2019-02-28"},
    },
    condition(ICD10, "C78.7", "2023-02-20"),
    condition(SNOMED, "94222008", "2023-02-20"),
    observation("48676-1", "2023-02-25", valueCodeableConcept=concept(LOINC, "LA6576-8")),
    observation("85337-4", "2023-02-25", valueCodeableConcept=concept(LOINC, "LA6577-6")),
    observation("85339-0", "2023-02-25", valueCodeableConcept=concept(LOINC, "LA6577-6")),
    observation("89243-0", "2023-02-27", valueInteger=60),
    *dose({"text": "力扑素"}, "2023-03-01", "2023-03-22"),
    *dose(TRASTUZUMAB, "2023-03-01", "2023-03-22"),
    *dose(PERTUZUMAB, "2023-03-01", "2023-03-22"),
]


def test_stored_resources_become_characteristics(registry):
    entries = [{"id": f"r{number}", **resource} for number, resource in enumerate(RESOURCES)]
    request = [{"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"} for r in entries]
    pushed = [{"resource": r, "request": q} for r, q in zip(entries, request, strict=True)]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": pushed}
    ingest.bundle(registry, SITE, bundle, "http://localhost/fhir")
    with registry.store.read(1) as connection:
        (facts,) = read_facts(registry.store, connection, SITE)
    measure = registry.content.measures["lipusu-her2-os"]
    plan = Plan(measure.study, None, day("2024-07-31"), check_measure(measure))
    usable = usable_data(facts, plan.cutoff)
    assert characteristics(usable, day("2023-03-01"), plan, check_characteristics(measure)) == {
        "sex": "female",
        "age": ">=65",
        "age-group": "60-69",
        "menopause": "postmenopausal",
        "hormone-receptor": "negative",
        "visceral-metastasis": "yes",
        "disease-onset": "recurrent",
        "prior-anti-her2": "yes",
        "antibodies": "dual",
        "ecog": ">=2",
    }
