"""Modifiers, special parameters, chains and references, over HTTP (https://hl7.org/fhir/R4/search.html#modifiers)."""

import pytest
from searches import BASE, LENIENT, get, ids, served, store

from fhir_registry.fhir import json

LOINC = "http://loinc.org"
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
PROFILE = "http://hospital.example/StructureDefinition/cancer"


def of(type, id, **more):
    return {"resourceType": type, "id": id, **more}


def at(type, id):
    return {"reference": f"{type}/{id}"}


def observation(id, subject, code, **more):
    coding = [{"system": LOINC, "code": code, "display": "Hemoglobin [Mass]"}]
    return of("Observation", id, status="final", code={"coding": coding}, subject=at("Patient", subject), **more)


RESOURCES = [
    of("Organization", "top", name="Trust"),
    of("Organization", "middle", name="Hospital", partOf=at("Organization", "top")),
    of("Organization", "ward", name="Ward", partOf=at("Organization", "middle")),
    of("Organization", "other", name="Other"),
    of("Patient", "a", managingOrganization=at("Organization", "ward"), gender="female"),
    of("Patient", "b", managingOrganization=at("Organization", "middle"), gender="male"),
    of("Patient", "c", managingOrganization=at("Organization", "other")),
    of("Patient", "d"),
    observation("o1", "a", "718-7", meta={"tag": [{"system": "urn:t", "code": "x"}], "source": "urn:lab"}),
    observation("o2", "b", "718-7", meta={"profile": [f"{PROFILE}|2.1"]}),
    observation("o3", "c", "2857-1", meta={"profile": [PROFILE], "security": [{"system": "urn:s", "code": "R"}]}),
    of("Condition", "c1", subject=at("Patient", "a"), code={"text": "x", "coding": [{"code": "C50"}]}),
    of(
        "List",
        "l1",
        status="current",
        mode="working",
        entry=[{"item": at("Patient", "a")}, {"item": at("Patient", "d")}],
    ),
    of("List", "l2", status="current", mode="working", entry=[{"item": at("Patient", "b")}]),
    of(
        "MedicationRequest",
        "m1",
        status="active",
        intent="order",
        subject=at("Patient", "a"),
        medicationReference={"reference": "#drug"},
        contained=[of("Medication", "drug", code={"coding": [{"system": "urn:d", "code": "eribulin"}]})],
    ),
    of(
        "MedicationRequest",
        "m2",
        status="active",
        intent="order",
        subject=at("Patient", "b"),
        medicationReference=at("Medication", "stored"),
    ),
    of("Medication", "stored", code={"coding": [{"system": "urn:d", "code": "eribulin"}]}),
    of("ValueSet", "v1", status="active", url="http://a.example/fhir/ValueSet/1"),
    of("ValueSet", "v2", status="active", url="http://a.example/fhir/ValueSet/10"),
    of("ValueSet", "v3", status="active", url="http://a.example/fhir"),
    of("Encounter", "e1", status="finished", **{"class": {"code": "AMB"}}, subject=at("Patient", "a")),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content):
    with served(new_database(request.param), content, *RESOURCES) as client:
        yield client


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        # references to what is part of others
        ("Patient?organization:below=Organization/top", "a b"),
        ("Patient?organization:below=middle", "a b"),
        ("Patient?organization:below=ward,other", "a c"),
        ("Patient?organization:above=Organization/middle", "b"),
        ("Patient?organization:above=Organization/ward", "a b"),
        ("Observation?patient.organization:below=top", "o1 o2"),
        # paths of URLs, by segments
        ("ValueSet?url:below=http://a.example/fhir", "v1 v2 v3"),
        ("ValueSet?url:below=http://a.example/fhir/ValueSet/1", "v1"),
        ("ValueSet?url:above=http://a.example/fhir/ValueSet/1/x", "v1 v3"),
        # meta; P42
        ("Observation?_tag=urn:t|x", "o1"),
        ("Observation?_tag:not=urn:t|x", "o2 o3"),
        ("Observation?_source=urn:lab", "o1"),
        ("Observation?_security=R", "o3"),
        (f"Observation?_profile={PROFILE}|2.1", "o2"),
        (f"Observation?_profile={PROFILE}", "o2 o3"),
        (f"Observation?_profile:below={PROFILE}", "o2 o3"),
        (f"Observation?_profile:below={PROFILE}|2", "o2"),
        ("Patient?_has:Observation:patient:_tag=x", "a"),
        # texts
        ("Observation?code:text=hemo", "o1 o2 o3"),
        ("Condition?code:text=X", "c1"),
        ("Condition?code:text=C50", ""),
        # lists
        ("Patient?_list=l1", "a d"),
        ("Patient?_list=List/l1,l2", "a b d"),
        ("Patient?_list=l1&gender=female", "a"),
        ("Patient?_list=nope", ""),
        # ids
        ("Patient?_id:not=a,b", "c d"),
        ("Patient?_id:missing=false&gender:missing=true", "c d"),
        ("Patient?_id:missing=true", ""),
        # chains in _has, _has in chains, several values
        ("Patient?_has:Observation:patient:patient.gender=male", "b"),
        ("Observation?patient._has:Condition:patient:code=C50", "o1"),
        ("Observation?patient:Patient._has:Condition:patient:_id=c1,c9", "o1"),
        ("Organization?_has:Patient:organization:_has:Observation:patient:code=718-7", "middle ward"),
        ("Patient?_has:Observation:patient:code=2857-1,718-7", "a b c"),
        ("Observation?patient.organization.partof.name=hosp", "o1"),
        ("Observation?subject:Patient.organization.partof.partof._id=top", "o1"),
        ("Patient?organization.name:missing=true", ""),
        ("Patient?organization:missing=true", "d"),
        # P44: contained resources are found by chains only
        ("MedicationRequest?medication.code=eribulin", "m1 m2"),
        ("MedicationRequest?medication.code=urn:d|eribulin&patient.gender=female", "m1"),
        ("MedicationRequest?medication.code:missing=false", "m1 m2"),
        ("MedicationRequest?medication.code:not=eribulin", ""),
        ("Medication?code=eribulin", "stored"),
        ("Patient?_has:MedicationRequest:patient:medication.code=eribulin", "a b"),
    ],
)
def test_what_is_found(client, request_, expected):
    for few in (5000, 0):
        client.application.extensions["fhir_registry"].store.search.few = few
        assert " ".join(sorted(ids(get(client, request_)))) == expected


# P08: parameters of a search over several types are those that all have, and of one kind
def test_several_types(client):
    assert ids(get(client, "?_type=Observation,Condition&patient=Patient/a")) == ["o1", "c1"]
    assert ids(get(client, "?_type=Observation,Encounter&subject:Patient=a")) == ["o1", "e1"]
    assert ids(get(client, "?_type=Observation,Condition&patient.gender=male")) == ["o2"]
    assert ids(get(client, "?_tag=x")) == ["o1"]
    for request in (
        "?_type=Observation,Condition&value-quantity=5",
        "?gender=male",
        "?_type=Patient,Location&name:x=1",
    ):
        assert get(client, request, 400)["issue"][0]["code"] == "not-supported"


# P03, P45: what is known and not supported is refused, however lenient the client is
@pytest.mark.parametrize(
    "request_",
    [
        "Patient?_filter=name eq x",
        "Patient?_query=unknown",
        "Patient?_text=x",
        "Patient?_content=x",
        "Patient?_contained=true",
        "Location?near=1|2",
        "Patient?_list=$current-problems",
        "ValueSet?url:below=urn:oid:1.2",
        "Patient?general-practitioner:below=x",
        "Observation?subject:below=Patient/a",
        "Patient?family:not=x",
        "Patient?_lastUpdated:not=2020",
        "Observation?code-value-quantity:missing=true",
        "Observation?code:below=718-7",
        "Patient?organization:identifier.name=x",
    ],
)
def test_what_is_not_supported_is_refused(client, request_):
    for headers in ({}, LENIENT):
        assert get(client, request_, 400, **headers)["resourceType"] == "OperationOutcome"


def test_references_by_identifier(client):
    identifier = {"system": "urn:mrn", "value": "9"}
    store(client, observation("r", "a", "1-1") | {"subject": {"identifier": identifier}})
    for request in ("subject:identifier=urn:mrn|9", "subject:identifier=9", "subject:identifier=urn:mrn|"):
        assert ids(get(client, f"Observation?{request}")) == ["r"]
    assert ids(get(client, "Observation?subject:identifier=urn:other|9")) == []
    assert client.delete("/fhir/Observation/r").status_code in (200, 204)


# P40, P48: deleted resources are found by nothing
def test_deleted_resources(client):
    store(client, of("Patient", "gone", deceasedBoolean=False))
    before = get(client, "Patient?deceased=false&_summary=count")["total"]
    assert "gone" in ids(get(client, "Patient?gender:missing=true"))
    client.delete("/fhir/Patient/gone")
    assert get(client, "Patient?deceased=false&_summary=count")["total"] == before - 1
    for request in ("gender:missing=true", "gender:not=male", "_id=gone", "_id:not=a", "_lastUpdated=gt2000"):
        assert "gone" not in ids(get(client, f"Patient?{request}"))


# P41: the instant of a version is a millisecond
def test_last_updated(client):
    store(client, of("Patient", "late"))
    moment = json.parse(client.get(f"{BASE}/Patient/late").data)["meta"]["lastUpdated"].replace("+", "%2B")
    found = {prefix: "late" in ids(get(client, f"Patient?_lastUpdated={prefix}{moment}")) for prefix in PREFIXES}
    assert found == {
        "eq": True,
        "ge": True,
        "le": True,
        "ap": True,
        **dict.fromkeys(("ne", "gt", "lt", "sa", "eb"), False),
    }
    client.delete("/fhir/Patient/late")
