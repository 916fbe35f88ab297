"""Batches and transactions (https://hl7.org/fhir/R4/http.html#transaction)."""

import copy
import gzip
import itertools
import random

import pytest

from fhir_registry.core.paging import Client
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest, read, search
from fhir_registry.ops.open import open_registry

BASE = "https://registry.example/fhir"
PERSON, NOTE, OTHER = (f"urn:uuid:00000000-0000-4000-8000-00000000000{n}" for n in range(3))


def bundle(*entries, type="transaction"):
    return {"resourceType": "Bundle", "type": type, "entry": list(entries)}


def post(resource, full_url=None, **request):
    entry = {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"], **request}}
    return {"fullUrl": full_url, **entry} if full_url else entry


def put(resource, **request):
    url = f"{resource['resourceType']}/{resource.get('id')}"
    return {"resource": resource, "request": {"method": "PUT", "url": url, **request}}


def act(method, url, **request):
    return {"request": {"method": method, "url": url, **request}}


def patient(**more):
    return {"resourceType": "Patient", "name": [{"family": "Sato"}], **more}


def basic(subject, **more):
    return {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": subject}, **more}


def refused(kind):
    return pytest.raises(FhirError, check=lambda problem: problem.kind == kind)


def push(registry, *entries, type="transaction", **options):
    return ingest.bundle(registry, 1, bundle(*entries, type=type), BASE, **options)


def statuses(response):
    return [entry["response"]["status"][:3] for entry in response["entry"]]


def places(response):
    """`Type/id` of each entry."""
    return ["/".join(e["response"]["location"].removeprefix(f"{BASE}/").split("/")[:2]) for e in response["entry"]]


def stored(registry, place):
    type, id = place.split("/")
    return json.parse(read.read(registry, 1, type, id).body)


def total(registry, type):
    return json.parse(search.search(registry, 1, type, [("_summary", "count")], Client(BASE)))["total"]


def test_references_inside_follow_their_targets(registry):
    response = push(
        registry,
        post(basic(PERSON, id="x"), NOTE),
        post(patient(link=[{"other": {"reference": PERSON}, "type": "seealso"}]), PERSON),
    )
    assert statuses(response) == ["201", "201"]
    note, person = places(response)
    assert stored(registry, note)["subject"] == {"reference": person}
    assert stored(registry, person)["link"][0]["other"] == {"reference": person}
    answer = response["entry"][0]["response"]
    assert answer["location"] == f"{BASE}/{note}/_history/1"
    assert answer["etag"] == 'W/"1"'
    assert answer["lastModified"] == stored(registry, note)["meta"]["lastUpdated"]


def test_what_is_a_link_and_what_is_not(registry):
    def narrative(link):
        image = f"<img src='{link}' alt='x'/>"
        return f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{link}">{PERSON}</a>{image}</div>'

    sent = {
        "resourceType": "Communication",
        "status": "completed",
        "text": {"status": "generated", "div": narrative(PERSON)},
        "instantiatesUri": [PERSON],
        "instantiatesCanonical": [PERSON],
        "identifier": [{"system": PERSON, "value": PERSON}],
        "payload": [{"contentAttachment": {"url": PERSON}}, {"contentString": PERSON}],
        "note": [{"text": PERSON}],
        "subject": {"reference": PERSON, "display": PERSON},
    }
    communication, person = places(push(registry, post(sent), post(patient(), PERSON)))
    expected = copy.deepcopy(sent)
    expected["text"]["div"] = narrative(person)
    expected["instantiatesUri"] = [person]
    expected["identifier"][0]["system"] = person
    expected["payload"][0]["contentAttachment"]["url"] = person
    expected["subject"]["reference"] = person
    found = stored(registry, communication)
    del found["id"], found["meta"]
    assert found == expected


def test_relative_references_are_read_against_the_full_url(registry):
    response = push(
        registry,
        post(patient(), "http://a.example/fhir/Patient/7"),
        post(basic("Patient/7"), "http://a.example/fhir/Basic/1"),
        post(basic("Patient/7"), "http://b.example/fhir/Basic/1"),
        post(basic("http://a.example/fhir/Patient/7"), NOTE),
        post(basic("Patient/7"), OTHER),
    )
    person, near, *others = places(response)
    assert stored(registry, near)["subject"]["reference"] == person
    assert [stored(registry, other)["subject"]["reference"] for other in others] == ["Patient/7", person, "Patient/7"]


def test_the_request_is_not_changed(registry):
    sent = bundle(post(patient(), PERSON), post(basic(PERSON), NOTE))
    before = copy.deepcopy(sent)
    ingest.bundle(registry, 1, sent, BASE)
    assert sent == before


def test_a_dangling_urn_is_named(registry):
    with refused("malformed") as problem:
        push(registry, post(patient()), post(basic(PERSON)))
    assert [issue.expression for issue in problem.value.issues] == ["Bundle.entry[1].resource.subject.reference"]
    assert total(registry, "Patient") == 0


def test_one_problem_and_nothing_is_stored(registry):
    good = [post(patient(), f"urn:uuid:{n}") for n in range(6)]
    with refused("malformed") as problem:
        push(registry, *good, post(patient(gender="m")), post(patient()), post(patient(birthDate="soon")))
    assert [issue.expression for issue in problem.value.issues] == [
        "Bundle.entry[6].resource.gender",
        "Bundle.entry[8].resource.birthDate",
    ]
    assert total(registry, "Patient") == 0


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        (put(patient(), url="Patient?foo=1"), "Bundle.entry[1].request.url"),
        (post(patient(), ifNoneExist="identifier=%00"), "Bundle.entry[1].request.ifNoneExist"),
        (act("DELETE", "Patient?"), "Bundle.entry[1].request.url"),
        (post(basic("Patient?foo=1")), "Bundle.entry[1].resource.subject.reference"),
        (act("GET", "Patient?foo=1"), "Bundle.entry[1].request.url"),
        (act("GET", "Patient/1/2/3/4"), "Bundle.entry[1].request.url"),
    ],
)
def test_a_condition_that_cannot_be_judged_is_named(registry, entry, place):
    with pytest.raises(FhirError) as problem:
        push(registry, post(patient()), entry)
    assert [issue.expression for issue in problem.value.issues] == [place]
    assert total(registry, "Patient") == 0


def test_parameters_are_not_stored(registry):
    with refused("not-supported"):
        push(registry, post({"resourceType": "Parameters"}))


def test_a_late_problem_takes_everything_back(registry):
    ingest.update(registry, 1, "Patient", "p", patient(id="p"))
    with refused("precondition-failed"):
        push(
            registry,
            act("DELETE", "Patient/p"),
            post(patient()),
            put(patient(id="q"), ifMatch='W/"3"'),
        )
    assert stored(registry, "Patient/p")["meta"]["versionId"] == "1"
    assert total(registry, "Patient") == 1


def test_any_order_gives_the_same_state(database, content):
    entries = [
        act("DELETE", "Patient/old"),
        post(patient(identifier=[{"value": "1"}]), PERSON, ifNoneExist="identifier=1"),
        post(basic(PERSON), NOTE),
        put(basic(NOTE, id="b")),
        act("GET", "Patient?identifier=1"),
    ]
    for round, order in enumerate(random.Random(7).sample(list(itertools.permutations(range(5))), 6)):
        registry = open_registry(database, content)
        ingest.update(registry, 1, "Patient", "old", patient(id="old", identifier=[{"value": "1"}]))
        response = push(registry, *(entries[number] for number in order))
        by_number = dict(zip(order, response["entry"], strict=True))
        answers = [by_number[number]["response"]["status"][:3] for number in range(5)]
        assert answers == ["204", "201", "201", "200" if round else "201", "200"]
        found = by_number[4]["resource"]
        assert found["total"] == 1
        made = found["entry"][0]["resource"]
        made_id = by_number[1]["response"]["location"].split("/")[-3]
        assert made["id"] == made_id != "old"
        basic_id = by_number[2]["response"]["location"].split("/")[-3]
        assert stored(registry, "Basic/b")["subject"]["reference"] == f"Basic/{basic_id}"
        ingest.delete(registry, 1, "Patient", made_id)
        registry.close()


def test_one_resource_twice(registry):
    with refused("malformed") as problem:
        push(registry, put(patient(id="p")), act("DELETE", "Patient/p"))
    assert [issue.expression for issue in problem.value.issues] == ["Bundle.entry[0]"]
    ingest.update(registry, 1, "Patient", "p", patient(id="p", identifier=[{"value": "1"}]))
    conditional = {"resource": patient(gender="male"), "request": {"method": "PUT", "url": "Patient?identifier=1"}}
    with refused("malformed"):
        push(registry, conditional, put(patient(id="p")))


def test_conditional_create_finds_and_redirects(registry):
    made = ingest.create(registry, 1, "Patient", patient(identifier=[{"value": "1"}]))
    response = push(
        registry,
        post(patient(), PERSON, ifNoneExist="Patient?identifier=1"),
        post(basic(PERSON)),
    )
    assert statuses(response) == ["200", "201"]
    assert places(response)[0] == f"Patient/{made.id}"
    assert stored(registry, places(response)[1])["subject"]["reference"] == f"Patient/{made.id}"
    assert total(registry, "Patient") == 1


def test_the_same_condition_twice(registry):
    sent = patient(identifier=[{"value": "1"}])
    response = push(
        registry,
        post(sent, PERSON, ifNoneExist="identifier=1"),
        post(sent, NOTE, ifNoneExist="identifier=1"),
        post(basic(NOTE)),
    )
    assert places(response)[0] == places(response)[1]
    assert stored(registry, places(response)[2])["subject"]["reference"] == places(response)[0]
    with refused("malformed"):
        push(
            registry, post(sent, PERSON, ifNoneExist="identifier=2"), post(patient(), NOTE, ifNoneExist="identifier=2")
        )
    assert total(registry, "Patient") == 1


def test_conditional_references(registry):
    made = ingest.create(registry, 1, "Patient", patient(identifier=[{"system": "urn:mrn", "value": "1"}]))
    response = push(
        registry,
        post(basic("Patient?identifier=urn:mrn|1")),
        post(basic("Patient?identifier=urn:mrn|2")),
        post(patient(identifier=[{"system": "urn:mrn", "value": "2"}]), PERSON),
    )
    old, new, person = places(response)
    assert stored(registry, old)["subject"]["reference"] == f"Patient/{made.id}"
    assert stored(registry, new)["subject"]["reference"] == person
    found = search.search(registry, 1, "Basic", [("subject", person)], Client(BASE))
    assert json.parse(found)["total"] == 1
    assert json.parse(search.search(registry, 1, "Basic", [], Client(BASE)))["total"] == 2
    with refused("precondition-failed") as problem:
        push(registry, post(patient()), post(basic("Patient?identifier=urn:mrn|3")))
    assert [issue.expression for issue in problem.value.issues] == ["Bundle.entry[1].resource.subject.reference"]
    with refused("precondition-failed"):
        push(registry, post(basic("Patient?family=sato")))
    assert total(registry, "Patient") == 2


def test_conditional_update(registry):
    def send(id=None, condition="identifier=1", **request):
        sent = patient(identifier=[{"value": "1"}], **({"id": id} if id else {}))
        return push(
            registry, {"resource": sent, "request": {"method": "PUT", "url": f"Patient?{condition}", **request}}
        )

    first = send("chosen")
    assert (statuses(first), places(first)) == (["201"], ["Patient/chosen"])
    assert (statuses(send()), statuses(send("chosen"))) == (["200"], ["200"])
    with refused("malformed"):
        send("other")
    with refused("precondition-failed"):
        send(condition="identifier=2", ifMatch='W/"1"')
    made = send(condition="identifier=2")
    assert statuses(made) == ["201"]
    with refused("precondition-failed"):
        send()
    assert total(registry, "Patient") == 2


def test_conditional_delete(registry):
    for number in (1, 2, 2):
        ingest.create(registry, 1, "Patient", patient(identifier=[{"value": str(number)}]))
    assert statuses(push(registry, act("DELETE", "Patient?identifier=1"))) == ["204"]
    assert statuses(push(registry, act("DELETE", "Patient?identifier=1"))) == ["204"]
    with refused("precondition-failed"):
        push(registry, act("DELETE", "Patient?identifier=2"))
    with refused("bad-request"):
        push(registry, act("DELETE", "Patient?identifier="))
    assert total(registry, "Patient") == 2


def test_batch_entries_stand_alone(registry):
    ingest.update(registry, 1, "Patient", "p", patient(id="p"))
    response = push(
        registry,
        act("GET", "Patient/p"),
        post(patient(gender="m")),
        put(patient(id="q")),
        act("GET", "Patient/never"),
        {"request": {"method": "PUT", "url": "Patient/r"}},
        post(patient(), PERSON),
        post(basic(PERSON)),
        act("DELETE", "Patient/p"),
        put(patient(id="s"), ifMatch='W/"1"'),
        act("GET", "Patient?_id=q"),
        type="batch",
    )
    assert response["type"] == "batch-response"
    expected = ["410", "400", "201", "404", "400", "201", "400", "204", "412", "200"]
    assert statuses(response) == expected
    outcome = response["entry"][1]["response"]["outcome"]
    assert outcome["issue"][0]["expression"] == ["Bundle.entry[1].resource.gender"]
    assert response["entry"][9]["resource"]["total"] == 1
    assert total(registry, "Patient") == 2


def test_empty(registry):
    for type in ("transaction", "batch"):
        assert ingest.bundle(registry, 1, {"resourceType": "Bundle", "type": type}, BASE) == {
            "resourceType": "Bundle",
            "type": f"{type}-response",
        }


@pytest.mark.parametrize(
    "sent",
    [
        {"resourceType": "Bundle"},
        {"resourceType": "Bundle", "type": "collection"},
        {"resourceType": "Patient"},
        [],
        bundle({"resource": patient()}),
        bundle({"request": {"method": "POST", "url": "Patient"}}),
        bundle({"resource": patient(), "request": {"method": "post", "url": "Patient"}}),
        bundle({"resource": patient(), "request": {"method": "POST", "url": "Patient/1"}}),
        bundle({"resource": patient(), "request": {"method": "PATCH", "url": "Patient/1"}}),
        bundle(act("GET", "Patient/1", ifMatch='W/"1"')),
        bundle(put(patient(id="a"), ifModifiedSince="2020-01-01T00:00:00Z")),
        bundle(act("GET", "Patient/1", ifModifiedSince="2020-01-01")),
        bundle({"resource": patient(), "request": {"method": "PUT", "url": "Patient"}}),
        bundle({"resource": patient(), "request": {"method": "POST", "url": "Basic"}}),
        bundle({"resource": patient(), "request": {"method": 1, "url": "Patient"}}),
        bundle(post(patient(), PERSON), post(patient(), PERSON)),
        bundle(post(patient(), "http://a.example/Patient/1/_history/2")),
        bundle(put(patient(id="a"))["request"]),
        bundle(7),
        bundle(post(patient(), ifNonExist="identifier=1")),
        bundle(put(patient(id="a"), ifNoneExist="identifier=1")),
        bundle({**post(patient()), "ful1Url": PERSON}),
        bundle({**post(patient()), "modifierExtension": [{"url": "http://a.example/x", "valueBoolean": True}]}),
    ],
)
def test_malformed_bundles(registry, sent):
    with refused("malformed"):
        ingest.bundle(registry, 1, sent, BASE)


def test_urls_may_be_absolute_or_begin_with_a_slash(registry):
    one, two = put(patient(id="a"), url="/Patient/a"), put(patient(id="b"), url=f"{BASE}/Patient/b")
    assert statuses(push(registry, one, two)) == ["201", "201"]


def test_too_many_entries(database, content):
    registry = open_registry(database, content, max_entries=3)
    assert statuses(push(registry, *(put(patient(id=f"p{n}")) for n in range(3)))) == ["201"] * 3
    with refused("too-large"):
        push(registry, *(put(patient(id=f"q{n}")) for n in range(4)))
    assert total(registry, "Patient") == 3
    registry.close()


def test_representation(registry):
    response = push(registry, post(patient()), prefer="representation")
    assert response["entry"][0]["resource"] == stored(registry, places(response)[0])


@pytest.mark.parametrize("type", ["transaction", "batch"])
def test_the_same_bundle_again_makes_nothing_new(registry, type):
    dose = {"resourceType": "Basic", "code": {"text": "250 mg"}}
    sent = [
        post(dose),
        post(dose),
        put(patient(id="p")),
        post(patient(), PERSON),
        *([post(basic(PERSON))] if type[0] == "t" else []),
    ]
    first = push(registry, *sent, type=type)
    again = push(registry, *sent, type=type)
    assert [s for s in statuses(first) if s != "201"] == []
    assert [s for s in statuses(again) if s != "200"] == []
    assert places(first) == places(again)
    # Two equal resources in one bundle are two: two injections, one in each side.
    assert places(first)[0] != places(first)[1]
    assert total(registry, "Patient") == 2
    other = ingest.bundle(
        registry, 1, {**bundle(*sent, type=type), "id": "2", "timestamp": "2026-01-01T00:00:00Z"}, BASE
    )
    assert places(other) == places(first)


def test_the_same_bundle_after_a_deletion_restores_what_was_deleted(registry):
    sent = [post(patient(), PERSON), post(basic(PERSON), NOTE)]
    first = places(push(registry, *sent))
    ingest.delete(registry, 1, "Patient", first[0].split("/")[1])
    again = push(registry, *sent)
    assert statuses(again) == ["201", "200"]
    assert places(again)[1] == first[1]
    assert statuses(push(registry, *sent)) == ["200", "200"]
    assert places(push(registry, *sent)) == places(again)


def test_another_site_sends_the_same_bundle(database, content):
    registry = open_registry(database, content, sites=("north", "south"))
    for site in (1, 2):
        assert statuses(ingest.bundle(registry, site, bundle(post(patient())), BASE)) == ["201"]
    registry.close()


def test_another_bundle_with_the_same_resource_is_new(registry):
    assert statuses(push(registry, post(patient()))) == ["201"]
    assert statuses(push(registry, post(patient()), post(basic("Patient/x")))) == ["201", "201"]


def test_real_bundles_pushed_twice(registry, cases):
    paths = sorted((cases / "data/synthea").glob("*.json.gz"), key=lambda path: path.stat().st_size)[:3]
    bundles = [json.parse(gzip.decompress(path.read_bytes())) for path in paths]
    tables = registry.store.tables.metadata.tables

    def counts():
        with registry.store.read(1) as connection:
            return {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in tables}

    before = counts()
    for sent in bundles:
        assert set(statuses(ingest.bundle(registry, 1, sent, BASE))) == {"201"}
    grown = counts()
    assert grown["resource"] - before["resource"] == sum(len(sent["entry"]) for sent in bundles)
    for sent in bundles:
        assert set(statuses(ingest.bundle(registry, 1, sent, BASE))) == {"200"}
    assert counts() == grown
