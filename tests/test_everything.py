"""$everything (https://hl7.org/fhir/R4/patient-operation-everything.html)."""

import pytest
from searches import BASE, get, ids, link, pages, served, store, submit

from fhir_registry.fhir import json

TEXT = {"text": "x"}


def to(reference):
    return {"reference": reference}


def record(type, id, /, **more):
    return {"resourceType": type, "id": id, **more}


AMBULATORY = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
MEMBER_P, MEMBER_Q = {"entity": to("Patient/p")}, {"entity": to("Patient/q")}
ENTRIES = [
    record("Organization", "top", name="x"),
    record("Organization", "org", name="x", partOf=to("Organization/top")),
    record("Organization", "maker", name="x"),
    record("Organization", "other", name="x"),
    record("Practitioner", "g"),
    record("Practitioner", "g2"),
    record("Practitioner", "investigator"),
    record("PractitionerRole", "role", practitioner=to("Practitioner/g2"), organization=to("Organization/org")),
    record("Location", "ward"),
    record("Medication", "med", manufacturer=to("Organization/maker")),
    record("Patient", "q", managingOrganization=to("Organization/other")),
    record("Observation", "oq", status="final", code=TEXT, subject=to("Patient/q")),
    record("Observation", "nobodys", status="final", code=TEXT),
    record("Group", "cohort", type="person", actual=True, member=[MEMBER_Q]),
    record(
        "ResearchStudy", "study", status="active",
        principalInvestigator=to("Practitioner/investigator"), enrollment=[to("Group/cohort")],
    ),
    record("Condition", "c1", subject=to("Patient/p")),  # before its patient
    record("Patient", "p", generalPractitioner=[to("Practitioner/g")], managingOrganization=to("Organization/org")),
    record(
        "Encounter", "e1", **{"class": AMBULATORY}, status="finished", subject=to("Patient/p"),
        serviceProvider=to("Organization/org"), location=[{"location": to("Location/ward")}],
        period={"start": "2020-01-10", "end": "2020-01-12"},
    ),
    record(
        "Observation", "o1", status="final", code=TEXT, subject=to("Patient/p"), effectiveDateTime="2020-02-01",
        performer=[to("PractitionerRole/role")], hasMember=[to("Observation/nobodys")], encounter=to("Encounter/e1"),
    ),
    record("Observation", "o2", status="final", code=TEXT, subject=to("Patient/p"), effectiveDateTime="2021-05"),
    record(
        "MedicationRequest", "m1", status="active", intent="order", subject=to("Patient/p"), authoredOn="2020-03-01",
        medicationReference=to("Medication/med"),
    ),
    record("Group", "g1", type="person", actual=True, member=[MEMBER_P, MEMBER_Q]),
    record("RelatedPerson", "r1", patient=to("Patient/p")),
    record("ResearchSubject", "rs", status="on-study", study=to("ResearchStudy/study"), individual=to("Patient/p")),
]  # fmt: skip
RECORDS = ["p", "c1", "e1", "o1", "o2", "m1", "g1", "r1", "rs"]
SUPPORTING = ["top", "org", "maker", "g", "g2", "investigator", "role", "ward", "med", "study"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content):
    with served(new_database(request.param), content, *ENTRIES) as client:
        yield client


def both(bundle):
    return ids(bundle), ids(bundle, "include")


def test_a_patient_with_all_that_belongs_to_it(client):
    bundle = get(client, "Patient/p/$everything")
    assert both(bundle) == (RECORDS, SUPPORTING)
    assert (bundle["type"], bundle["total"]) == ("searchset", len(RECORDS))
    assert link(bundle, "self") == f"{BASE}/Patient/p/$everything" and link(bundle, "next") is None
    assert bundle["entry"][0]["fullUrl"] == f"{BASE}/Patient/p"


@pytest.mark.parametrize("count", [1, 2, 4, 9, 18, 19])
def test_each_resource_stands_on_one_page(client, count):
    found = list(pages(client, f"Patient/p/$everything?_count={count}"))
    assert [id for bundle in found for mode in ("match", "include") for id in ids(bundle, mode)] == RECORDS + SUPPORTING
    assert [len(bundle["entry"]) for bundle in found[:-1]] == [count] * (len(found) - 1)
    assert {bundle["total"] for bundle in found} == {len(RECORDS)}


@pytest.mark.parametrize(
    ("query", "records", "supporting"),
    [
        # without e1, and the ward that only e1 names; c1, g1, r1, rs have no date of care
        ("start=2020-02-01&end=2020-12-31", "p c1 o1 m1 g1 r1 rs", "top org maker g g2 investigator role med study"),
        ("start=2020-01-12&end=2020-02", "p c1 e1 o1 g1 r1 rs", "top org g g2 investigator role ward study"),
        ("start=2021", "p c1 o2 g1 r1 rs", "top org g investigator study"),
        ("end=2019", "p c1 g1 r1 rs", "top org g investigator study"),
        ("_type=Observation,Practitioner", "o1 o2", "g g2 investigator"),
        ("_type=Observation&_type=Practitioner", "o1 o2", "g g2 investigator"),
        ("_type=Patient", "p", ""),
        ("_type=Medication", "", "med"),
        ("_since=2999-01-01T00:00:00Z", "", ""),
        ("_since=2000-01-01T00:00:00Z&_type=Patient,Medication&start=", "p", "med"),
        ("_count=0", "", ""),
    ],
)
def test_what_is_asked_for(client, query, records, supporting):
    assert both(get(client, f"Patient/p/$everything?{query}")) == (records.split(), supporting.split())


def test_since_is_when_a_resource_was_stored(client):
    later = record(
        "Observation", "o2", status="amended", code=TEXT, subject=to("Patient/p"), effectiveDateTime="2021-05"
    )
    store(client, later)
    stored = get(client, "Observation/o2")["meta"]["lastUpdated"]
    assert both(get(client, f"Patient/p/$everything?_since={stored}")) == (["o2"], [])


def test_an_encounter_with_its_patient(client):
    # nobodys, g and others are named only by the patient or by a record that is not the encounter's
    assert both(get(client, "Encounter/e1/$everything")) == (["e1", "o1"], ["top", "org", "g2", "role", "ward", "p"])


def test_by_post(client):
    parameters = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "start", "valueDate": "2021-01-01"},
            {"name": "_type", "valueCode": "Observation"},
            {"name": "_type", "valueCode": "Practitioner"},
            {"name": "_count", "valueInteger": 2},
        ],
    }
    response = client.post(
        "/fhir/Patient/p/$everything", data=json.dumps(parameters), content_type="application/fhir+json"
    )
    assert both(response.get_json()) == (["o2"], ["g"])
    following = link(response.get_json(), "next")
    assert "Practitioner" not in following
    assert both(get(client, following)) == ([], ["investigator"])


def test_in_a_batch(client):
    entry = {"request": {"method": "GET", "url": "Patient/p/$everything?_type=Patient"}}
    answer = submit(client, {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    assert ids(answer["entry"][0]["resource"]) == ["p"]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("Patient/nobody/$everything", 404),
        ("Practitioner/g/$everything", 404),
        ("Patient/$everything", 404),
        ("Patient/p/$everything?foo=1", 400),
        ("Patient/p/$everything?start=2020-13", 400),
        ("Patient/p/$everything?start=ge2020", 400),
        ("Patient/p/$everything?_since=yesterday", 400),
        ("Patient/p/$everything?_type=Foo", 400),
        ("Patient/p/$everything?_count=-1", 400),
        ("Patient/p/$everything?start=2020&start=2021", 400),
        ("Patient/p/$everything?_cursor=forged", 400),
    ],
)
def test_what_is_refused(client, request_, status):
    assert get(client, request_, status)["resourceType"] == "OperationOutcome"


def test_pages_hold_while_others_write(database, content):
    with served(database, content, *ENTRIES) as client:
        bundle = get(client, "Patient/p/$everything?_count=3")
        found = [entry["resource"]["id"] for entry in bundle["entry"]]
        client.delete("/fhir/Condition/c1")
        for id in ("new", "newer"):
            store(client, record("Basic", id, code=TEXT, subject=to("Patient/p"), author=to("Practitioner/g")))
        for page in pages(client, link(bundle, "next")):
            found += [entry["resource"]["id"] for entry in page["entry"]]
            assert page["total"] == bundle["total"]
        assert sorted(found) == sorted([*RECORDS, *SUPPORTING, "new", "newer"])
