"""Searches in compartments (https://hl7.org/fhir/R4/compartmentdefinition.html; check P38)."""

import pytest
from searches import BASE, get, ids, link, pages, post, served

TEXT = {"text": "x"}


def to(reference):
    return {"reference": reference}


def named(type, id, element, target, /, **more):
    return {"resourceType": type, "id": id, element: to(target), **more}


ENTRIES = [
    {"resourceType": "Patient", "id": "1", "link": [{"other": {"reference": "Patient/2"}, "type": "seealso"}]},
    {"resourceType": "Patient", "id": "2"},
    {"resourceType": "Practitioner", "id": "1"},
    {"resourceType": "RelatedPerson", "id": "r1", "patient": {"reference": "Patient/1"}},
    {"resourceType": "Device", "id": "d1", "patient": {"reference": "Patient/1"}},
    {
        "resourceType": "Encounter", "id": "e1", "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": "Patient/1"},
        "participant": [{"individual": {"reference": "Practitioner/1"}}],
    },
    named("Observation", "1", "subject", "Patient/2", status="final", code=TEXT),  # the id of another's compartment
    named("Observation", "o1", "subject", "Patient/1", status="final", code=TEXT, encounter=to("Encounter/e1")),
    named("Observation", "o2", "subject", "Patient/1", status="preliminary", code=TEXT, device=to("Device/d1")),
    named("Observation", "o3", "subject", f"{BASE}/Patient/1", status="final", code=TEXT),
    named("Observation", "o4", "subject", "Patient/2", status="final", code=TEXT, performer=[to("Patient/1")]),
    named("Condition", "c1", "subject", "Patient/1", asserter=to("Practitioner/1")),
    named("Condition", "c2", "subject", "Patient/2", asserter=to("RelatedPerson/r1")),
    named("Basic", "b1", "author", "Practitioner/1", code=TEXT),
    {"resourceType": "Organization", "id": "org", "name": "x"},
    {"resourceType": "Patient", "id": "gone"},
]  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content):
    with served(new_database(request.param), content, *ENTRIES) as client:
        client.delete("/fhir/Patient/gone")
        yield client


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Patient/1/Observation", "o1 o2 o3 o4"),  # subject or performer
        ("Patient/1/Observation?status=final", "o1 o3 o4"),
        ("Patient/1/Observation?status:not=final", "o2"),
        ("Patient/1/Observation?patient=2", "o4"),
        ("Patient/1/Condition", "c1"),
        ("Patient/1/Patient", "1"),  # its own, and whoever links to it
        ("Patient/2/Patient", "1 2"),
        ("Patient/1/*", "1 c1 e1 o1 o2 o3 o4 r1"),
        ("Patient/1/*?_type=Condition,Encounter", "c1 e1"),
        ("Patient/1/*?_id=o1,c1,1", "1 c1 o1"),
        ("Patient/2/*", "1 1 2 c2 o4"),
        ("Practitioner/1/Encounter", "e1"),
        ("Practitioner/1/*", "1 b1 c1 e1"),
        ("RelatedPerson/r1/*", "c2 r1"),
        ("Device/d1/Observation", "o2"),
        ("Device/d1/*", "d1 o2"),
        ("Encounter/e1/*", "e1 o1"),
        ("Encounter/e1/Encounter", "e1"),
    ],
)  # P38
def test_what_is_in_a_compartment(client, path, expected):
    bundle = get(client, path)
    assert sorted(ids(bundle)) == expected.split()
    assert link(bundle, "self").startswith(f"{BASE}/{path.partition('?')[0]}")


def test_compartments_have_pages_orders_and_includes(client):
    found = list(pages(client, "Patient/1/Observation?_sort=-_id&_count=2&_include=Observation:device&_total=accurate"))
    assert [ids(bundle) for bundle in found] == [["o4", "o3"], ["o2", "o1"]]
    assert [ids(bundle, "include") for bundle in found] == [[], ["d1"]]
    assert [bundle["total"] for bundle in found] == [4, 4]


@pytest.mark.parametrize(
    ("path", "expected"), [("Patient/1/Observation/_search", "o1 o3 o4"), ("Patient/1/_search", "o1 o3 o4")]
)
def test_compartments_by_post(client, path, expected):
    form = {"_id": "o1,o3,o4,c2"} | ({"status": "final"} if "Observation" in path else {})
    assert sorted(ids(post(client, path, form))) == expected.split()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Patient/nobody/Observation", 404),
        ("Patient/nobody/*", 404),
        ("Patient/gone/Observation", 410),
        ("Organization/org/Patient", 404),  # no compartment of R4
        ("Patient/1/Organization", 404),  # not in a patient's compartment
        ("Patient/1/Foo", 404),
        ("Foo/1/Patient", 404),
        ("Patient/1/$foo", 404),
        ("Patient/1/Observation/o1", 404),
        ("Patient/1/*?status=final", 400),  # not every type has it
        ("Patient/1/*?_type=Organization", 400),
    ],
)
def test_what_is_no_compartment(client, path, status):
    assert get(client, path, status)["resourceType"] == "OperationOutcome"
