"""Transactions as clients see them (https://hl7.org/fhir/R4/http.html#transaction); ids of the interface checklist."""

import random

import pytest
from rest_client import BASE, basic, body, issue, patient, serving

from fhir_registry.fhir import json

PERSON, NOTE, OTHER = (f"urn:uuid:00000000-0000-4000-8000-00000000000{n}" for n in range(3))


@pytest.fixture
def rest(prepared):
    with serving(prepared) as opened:
        yield opened


def post(resource, full_url=None, **request):
    entry = {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"], **request}}
    return {"fullUrl": full_url, **entry} if full_url else entry


def put(resource, url=None, **request):
    url = url or f"{resource['resourceType']}/{resource['id']}"
    return {"resource": resource, "request": {"method": "PUT", "url": url, **request}}


def act(method, url, **request):
    return {"request": {"method": method, "url": url, **request}}


def statuses(response):
    return [entry["response"]["status"][:3] for entry in body(response)["entry"]]


def places(response):
    """`Type/id` of each entry."""
    locations = [entry["response"]["location"].removeprefix(f"{BASE}/") for entry in body(response)["entry"]]
    return [location.partition("/_history")[0] for location in locations]


def rows(rest):
    """{table: number of rows}."""
    with rest.registry.store.read(1) as connection:
        tables = rest.registry.store.tables.metadata.tables
        return {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar() for name in tables}


def test_rest_100_references_in_a_circle(rest):
    """REST-100: urn:uuid references are followed, answers stand in the order of the request."""
    circle = patient(generalPractitioner=[{"reference": OTHER}])
    practitioner = {
        "resourceType": "Practitioner",
        "extension": [{"url": "http://x", "valueReference": {"reference": PERSON}}],
    }
    response = rest.push(post(basic(PERSON), NOTE), post(circle, PERSON), post(practitioner, OTHER))
    assert response.status_code == 200 and body(response)["type"] == "transaction-response"
    assert statuses(response) == ["201"] * 3
    note, person, doctor = places(response)
    assert [place.split("/")[0] for place in places(response)] == ["Basic", "Patient", "Practitioner"]
    assert rest.read(note)["subject"]["reference"] == person
    assert rest.read(person)["generalPractitioner"][0]["reference"] == doctor
    assert rest.read(doctor)["extension"][0]["valueReference"]["reference"] == person
    for entry, place in zip(body(response)["entry"], (note, person, doctor), strict=True):
        assert entry["response"]["location"] == f"{BASE}/{place}/_history/1"
        assert entry["response"]["etag"] == 'W/"1"'
        assert entry["response"]["lastModified"] == rest.read(place)["meta"]["lastUpdated"]


def test_rest_101_six_kinds_of_links(rest):
    """REST-101: reference, uri, url, oid and uuid elements and the narrative are rewritten; canonical is not."""
    oid = "urn:oid:1.2.3"

    def sent(link, other):
        narrative = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{link}">x</a><img src="{link}" alt="x"/></div>'
        return {
            "resourceType": "Communication",
            "text": {"status": "generated", "div": narrative},
            "extension": [
                {"url": "http://x", "valueUri": link},
                {"url": "http://x", "valueUrl": link},
                {"url": "http://x", "valueUuid": link},
                {"url": "http://x", "valueOid": other},
                {"url": "http://x", "valueCanonical": PERSON},
            ],
            "instantiatesCanonical": [PERSON],
            "instantiatesUri": [link],
            "status": "completed",
            "subject": {"reference": link},
            "payload": [{"contentAttachment": {"url": link}}, {"contentString": PERSON}],
        }

    practitioner = {"resourceType": "Practitioner"}
    made = places(rest.push(post(sent(PERSON, oid)), post(patient(), PERSON), post(practitioner, oid)))
    communication, person, doctor = made
    found = rest.read(communication)
    del found["id"], found["meta"]
    assert found == sent(person, doctor)


def test_rest_102_103_relative_references(rest):
    """REST-102, REST-103: against the base of the entry's fullUrl; what is not in the Bundle stays."""
    response = rest.push(
        post(patient(), "http://src/fhir/Patient/7"),
        post(basic("Patient/7"), "http://src/fhir/Basic/1"),
        post(basic("Patient/7"), "http://other/fhir/Basic/1"),
        post(basic("http://elsewhere/fhir/Patient/7"), "http://src/fhir/Basic/2"),
    )
    person, *notes = places(response)
    subjects = [rest.read(note)["subject"]["reference"] for note in notes]
    assert subjects == [person, "Patient/7", "http://elsewhere/fhir/Patient/7"]


def test_rest_104_references_follow_a_condition(rest):
    """REST-104: ifNoneExist with a match redirects the references to it."""
    rest.put(patient(1, id="known"))
    response = rest.push(post(basic(PERSON)), post(patient(1), PERSON, ifNoneExist="identifier=urn:mrn|1"))
    assert statuses(response) == ["201", "200"] and places(response)[1] == "Patient/known"
    assert rest.read(places(response)[0])["subject"]["reference"] == "Patient/known"


def test_rest_105_one_condition_twice(rest):
    """REST-105: one resource to which both lead; with different resources 400."""
    twins = [post(patient(1), name, ifNoneExist="identifier=urn:mrn|1") for name in (PERSON, NOTE)]
    response = rest.push(*twins, post(basic(NOTE)), post(basic(PERSON)))
    one, two, *notes = places(response)
    assert one == two and {rest.read(note)["subject"]["reference"] for note in notes} == {one}
    other = [post(patient(2, active=n == 1), ifNoneExist="identifier=urn:mrn|2") for n in range(2)]
    assert issue(rest.push(*other))["code"] == "duplicate"
    assert rest.total("Patient") == 1


def test_rest_106_one_identity_twice(rest):
    """REST-106: whichever two entries write one resource, the transaction is 400."""
    rest.put(patient(1, id="p"))
    rest.put(patient(1, id="p", active=True))
    merge = {"resourceType": "Parameters"}
    pairs = [
        (put(patient(id="q")), put(patient(id="q"))),
        (put(patient(1, id="p")), act("DELETE", "Patient/p")),
        (act("DELETE", "Patient/p"), act("DELETE", "Patient?identifier=urn:mrn|1")),
        (act("DELETE", "Patient/p"), act("DELETE", "Patient/p")),
        (put(patient(1), "Patient?identifier=urn:mrn|1"), put(patient(1), "Patient?identifier=urn:mrn|1,2")),
        (put(patient(2), "Patient?identifier=urn:mrn|2"), put(patient(2), "Patient?identifier=urn:mrn|2")),
        (put(patient(2), "Patient?identifier=urn:mrn|2"), post(patient(2), ifNoneExist="identifier=urn:mrn|2")),
        ({**act("PATCH", "Patient/p"), "resource": merge}, put(patient(1), "Patient?identifier=urn:mrn|1")),
    ]
    before = rows(rest)
    for pair in pairs:
        response = rest.push(*pair)
        assert (response.status_code, issue(response)["code"]) == (400, "duplicate"), pair
    assert rows(rest) == before


def test_rest_107_108_conditional_references(rest):
    """REST-107, REST-108: to one match, stored or created in the same transaction; none and two are refused."""
    rest.put(patient(1, id="one"))
    rest.put(patient(2, id="two")), rest.put(patient(2, id="three"))
    response = rest.push(
        post(basic("Patient?identifier=urn:mrn|1")), post(basic("Patient?identifier=urn:mrn|4")), post(patient(4))
    )
    old, new, made = places(response)
    assert rest.read(old)["subject"]["reference"] == "Patient/one"
    assert rest.read(new)["subject"]["reference"] == made
    before = rows(rest)
    for number in (2, 3):
        refused = rest.push(post(patient(9)), post(basic(f"Patient?identifier=urn:mrn|{number}")))
        assert refused.status_code == 412
        assert issue(refused)["expression"] == ["Bundle.entry[1].resource.subject.reference"]
    assert rest.push(post(basic("Foo?identifier=1"))).status_code == 400
    assert rows(rest) == before


def test_rest_110_one_bad_entry_and_nothing_is_stored(rest):
    """REST-110: entry 7 of 10; one OperationOutcome, no row more anywhere."""
    rest.put(patient(1, id="gone"))
    before = rows(rest)
    good = [post(patient(n), f"urn:uuid:{n}") for n in range(5)]
    for bad in (
        post(patient(gender="m")),
        post(basic("Patient?identifier=urn:mrn|99")),
        put(patient(id="x"), ifMatch='W/"1"'),
    ):
        response = rest.push(act("DELETE", "Patient/gone"), *good, bad, *(post(patient()) for _ in range(3)))
        assert response.status_code in (400, 412)
        assert issue(response)["expression"][0].startswith("Bundle.entry[6].")
    assert rows(rest) == before and rest.get("Patient/gone").status_code == 200


def test_rest_111_112_113_the_order_of_entries_does_not_matter(rest):
    """REST-111 to 113: 20 orders of a transaction end the same; deletes come first, reads see the new state."""
    patch = {
        "resourceType": "Parameters",
        "parameter": [
            {
                "name": "operation",
                "part": [
                    {"name": "type", "valueCode": "replace"},
                    {"name": "path", "valueString": "Patient.active"},
                    {"name": "value", "valueBoolean": False},
                ],
            }
        ],
    }
    entries = [
        act("DELETE", "Patient/old"),
        post(patient(1), PERSON, ifNoneExist="identifier=urn:mrn|1"),
        post(basic(PERSON), NOTE),
        put(basic(NOTE, id="b")),
        put(basic("Patient?identifier=urn:mrn|1"), "Basic?subject=Patient/seed"),
        {**act("PATCH", "Patient/seed"), "resource": patch},
        act("DELETE", "Basic?subject=Patient/old"),
        act("GET", "Patient?identifier=urn:mrn|1"),
        act("HEAD", "Patient/seed"),
    ]
    ends = set()
    shuffle = random.Random(4)
    for _ in range(20):
        for sent in (
            patient(1, id="old"),
            patient(id="seed", active=True),
            basic("Patient/seed", id="c"),
            basic("Patient/old", id="d"),
            basic("Patient/seed2", id="b"),
        ):
            rest.put(sent)
        order = shuffle.sample(range(len(entries)), len(entries))
        response = rest.push(*(entries[number] for number in order))
        answers = dict(zip(order, body(response)["entry"], strict=True))
        found = answers[7]["resource"]
        assert found["total"] == 1
        made = answers[1]["response"]["location"].split("/")[-3]
        note = answers[2]["response"]["location"].split("/")[-3]
        assert found["entry"][0]["resource"]["id"] == made and "resource" not in answers[8]
        state = {
            "statuses": [answers[number]["response"]["status"][:3] for number in range(len(entries))],
            "active": rest.read("Patient/seed")["active"],
            "b": rest.read("Basic/b")["subject"]["reference"],
            "c": rest.read("Basic/c")["subject"]["reference"],
            "note": rest.read(f"Basic/{note}")["subject"]["reference"],
            "gone": [rest.get(path).status_code for path in ("Patient/old", "Basic/d")],
        }
        ends.add(json.dumps(state).decode().replace(made, "made").replace(note, "note"))
        rest.send("DELETE", f"Patient/{made}"), rest.send("DELETE", f"Basic/{note}")
    (end,) = ends
    assert json.parse(end.encode()) == {
        "statuses": ["204", "201", "201", "200", "200", "200", "204", "200", "200"],
        "active": False,
        "b": "Basic/note",
        "c": "Patient/made",
        "note": "Patient/made",
        "gone": [410, 410],
    }


def test_rest_114_a_stale_version_takes_everything_back(rest):
    """REST-114: 412 for ifMatch on a PUT, a PATCH and a DELETE."""
    rest.put(patient(id="p"))
    before = rows(rest)
    stale = {"ifMatch": 'W/"7"'}
    for entry in (
        put(patient(id="p", active=True), **stale),
        act("DELETE", "Patient/p", **stale),
        {**act("PATCH", "Patient/p", **stale), "resource": {"resourceType": "Parameters"}},
    ):
        assert rest.push(post(patient()), entry).status_code == 412
    assert rows(rest) == before
    assert statuses(rest.push(put(patient(id="p", active=True), ifMatch='W/"7", W/"1"'))) == ["200"]


def test_rest_117_nothing_to_do(rest):
    """REST-117: an empty transaction answers an empty Bundle."""
    response = rest.send("POST", "", {"resourceType": "Bundle", "type": "transaction"})
    assert response.status_code == 200
    assert body(response) == {"resourceType": "Bundle", "type": "transaction-response"}
