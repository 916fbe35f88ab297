"""Twin data of two sites, and of what a scope shows and hides, for the leak tests (docs/security.md)."""

MRN = "urn:oid:1.2.3.4"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
LABORATORY = f"category={CATEGORY}|laboratory"
DAY = "2024-03-01"


def patient(id, number, family="Geheim", **more):
    name = [{"family": family, "given": ["Anna"]}]
    identifier = [{"system": MRN, "value": number}]
    return {"resourceType": "Patient", "id": id, "identifier": identifier, "name": name, "gender": "female"} | more


def observation(id, of, category, value, **more):
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "identifier": [{"system": MRN, "value": f"obs-{id}"}],
        "category": [{"coding": [{"system": CATEGORY, "code": category}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "subject": {"reference": f"Patient/{of}"},
        "effectiveDateTime": DAY,
        "valueQuantity": {"value": value, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    } | more


def of_patient(id):
    """Resources of the types that registries hold, all about one patient, with ids that end with his."""
    subject = {"reference": f"Patient/{id}"}
    coded = {"coding": [{"system": "http://snomed.info/sct", "code": "254837009"}], "text": "Mammakarzinom"}
    drug = {"coding": [{"system": "http://www.whocc.no/atc", "code": "L01XX41"}]}
    active = {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
    encounter = {"reference": f"Encounter/enc-{id}"}
    acting = {"status": "completed", "subject": subject, "medicationCodeableConcept": drug}
    found = {
        ("Encounter", "enc"): {
            "status": "finished",
            "class": {"code": "AMB"},
            "subject": subject,
            "period": {"start": DAY},
        },
        ("Condition", "con"): {
            "clinicalStatus": {"coding": [active]},
            "code": coded,
            "subject": subject,
            "encounter": encounter,
            "onsetDateTime": DAY,
        },
        ("MedicationAdministration", "adm"): acting | {"effectiveDateTime": DAY, "context": encounter},
        ("MedicationRequest", "req"): acting | {"intent": "order", "authoredOn": DAY, "encounter": encounter},
        ("Procedure", "pro"): {"status": "completed", "code": coded, "subject": subject, "performedDateTime": DAY},
        ("AdverseEvent", "adv"): {"actuality": "actual", "subject": subject, "date": DAY},
        ("Group", "grp"): {"type": "person", "actual": True, "member": [{"entity": subject}]},
        ("List", "lst"): {"status": "current", "mode": "working", "entry": [{"item": subject}]},
        ("Provenance", "prv"): {
            "target": [subject],
            "recorded": f"{DAY}T10:00:00Z",
            "agent": [{"who": {"reference": f"Organization/org-{id}"}}],
        },
        ("Organization", "org"): {"name": "Geheimklinik", "identifier": [{"system": MRN, "value": f"org-{id}"}]},
        ("ResearchSubject", "sub"): {
            "status": "on-study",
            "study": {"reference": "ResearchStudy/halaven"},
            "individual": subject,
        },
    }
    return [{"resourceType": type, "id": f"{short}-{id}", **resource} for (type, short), resource in found.items()]


# Of the site that asks; in the twin tests the other site has the same ids and identifiers too.
OWN = [
    patient("p1", "1", family="Bauer"),
    observation("o1", "p1", "laboratory", 60),
    *of_patient("p1"),
]
# Of the other site: twins of the above with other values, and what the site that asks has nothing like.
OTHER = [
    patient("p1", "1"),
    observation("o1", "p1", "vital-signs", 90),
    *of_patient("p1"),
    patient("p2", "2", link=[{"other": {"reference": "Patient/p1"}, "type": "seealso"}]),
    observation("o2", "p2", "laboratory", 91),
    observation("o3", "p2", "vital-signs", 92, hasMember=[{"reference": "Observation/o2"}]),
    *of_patient("p2"),
]
# Of the same site, hidden by `system/Observation.rs?category=laboratory`.
HIDDEN = [
    observation("h1", "p1", "vital-signs", 70, identifier=[{"system": MRN, "value": "2"}]),
    observation("h2", "p1", "social-history", 71, hasMember=[{"reference": "Observation/o1"}]),
]
