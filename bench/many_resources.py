"""A made-up hospital of any size: a transaction bundle for each patient; the same seed gives the same bytes."""

import json
import random

RESOURCES = 50  # of one patient
ORGANIZATIONS = 100
CODES = 400  # of observations; the n-th is used in proportion to 1 / n
LOINC = "http://loinc.org"
SYLLABLES = ("ba", "do", "ka", "li", "mo", "ne", "pi", "ra", "su", "te", "va", "zo", "fen", "gor", "hul", "jan")


def make_bundles(resources, seed=1, first=0):
    """Bodies (bytes) of transaction bundles that hold `resources` resources in all; organizations come first.

    first: the patient to begin with; from 1 on, the organizations and the patients before are left out.
    """
    if not first:
        yield body(entry(organization(number)) for number in range(min(ORGANIZATIONS, resources)))
    weights = [1 / (rank + 1) for rank in range(CODES)]
    for number in range(first, (resources - ORGANIZATIONS) // RESOURCES):
        rng = random.Random(f"{seed}/{number}")
        yield body(entry(resource) for resource in history(number, rng, weights))


def body(entries):
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}).encode()


def entry(resource):
    url = f"{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": f"http://hospital.example/{url}", "resource": resource, "request": {"method": "PUT", "url": url}}


def organization(number):
    return {"resourceType": "Organization", "id": f"o{number}", "name": f"Hospital {number}"}


def history(number, rng, weights):
    """The resources of one patient: 1 Patient, 3 Encounters, 6 Conditions, 40 Observations."""
    patient, subject = f"p{number}", {"reference": f"Patient/p{number}"}
    yield {
        "resourceType": "Patient",
        "id": patient,
        "identifier": [{"system": "http://hospital.example/mrn", "value": f"{number:08d}"}],
        "name": [{"family": family_name(rng), "given": [given_name(rng)]}],
        "gender": rng.choice(("female", "male")),
        "birthDate": day(rng, 1930, 60),
        "managingOrganization": {"reference": f"Organization/o{rng.randrange(ORGANIZATIONS)}"},
    }
    for n in range(3):
        start = day(rng, 2015, 10)
        yield {
            "resourceType": "Encounter",
            "id": f"e{number}-{n}",
            "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": subject,
            "period": {"start": start, "end": start},
        }
    for n in range(6):
        yield {
            "resourceType": "Condition",
            "id": f"c{number}-{n}",
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": f"C{rng.randrange(100):02d}"}]},
            "subject": subject,
            "onsetDateTime": day(rng, 2015, 10),
        }
    for n, code in enumerate(rng.choices(range(CODES), weights, k=40)):
        yield {
            "resourceType": "Observation",
            "id": f"b{number}-{n}",
            "status": "final",
            "code": {"coding": [{"system": LOINC, "code": f"{code}-1", "display": f"Laboratory value {code}"}]},
            "subject": subject,
            "encounter": {"reference": f"Encounter/e{number}-{n % 3}"},
            "effectiveDateTime": f"{day(rng, 2015, 10)}T{rng.randrange(24):02d}:{rng.randrange(60):02d}:00Z",
            "valueQuantity": {
                "value": rng.randrange(1000) / 10,
                "unit": "mg/dL",
                "system": "http://unitsofmeasure.org",
                "code": "mg/dL",
            },
        }


def family_name(rng):
    return "".join(rng.choices(SYLLABLES, k=3)).capitalize()


def given_name(rng):
    return "".join(rng.choices(SYLLABLES, k=2)).capitalize()


def day(rng, year, years):
    return f"{year + rng.randrange(years)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
