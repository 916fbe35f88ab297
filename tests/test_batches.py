"""Entries of a Bundle one by one, and what a Bundle must not be (https://hl7.org/fhir/R4/http.html#transaction)."""

import base64

import pytest
from rest_client import BASE, basic, body, issue, patient, serving
from test_transactions import NOTE, PERSON, act, post, put, statuses

from fhir_registry.fhir import json


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def rest(request, new_database):
    with serving(new_database(request.param)) as opened:
        yield opened


@pytest.fixture
def p(rest):
    """A Patient at its first version after it was away."""
    rest.send("DELETE", "Patient/p")
    return rest.put(patient(id="p", active=True))


def entries(response):
    assert response.status_code == 200, response.get_data(as_text=True)
    return body(response)["entry"]


def patching(url, patch, media_type=None, **request):
    if media_type:
        data = base64.b64encode(json.dumps(patch)).decode()
        patch = {"resourceType": "Binary", "contentType": media_type, "data": data}
    return {"resource": patch, "request": {"method": "PATCH", "url": url, **request}}


def replacing(path, **value):
    parts = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": path},
        {"name": "value", **value},
    ]
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}


@pytest.mark.parametrize("type", ["batch", "transaction"])
def test_rest_115_versions_that_are_known(rest, p, type):
    """REST-115: 304 for ifNoneMatch and ifModifiedSince on GET and HEAD, without the resource."""
    tag, when = p.headers["ETag"], body(p)["meta"]["lastUpdated"]
    requests = [
        act(method, "Patient/p", **condition)
        for method in ("GET", "HEAD")
        for condition in (
            {},
            {"ifNoneMatch": tag},
            {"ifModifiedSince": when},
            {"ifModifiedSince": "2001-01-01T00:00:00Z"},
        )
    ]
    answers = entries(rest.push(*requests, act("GET", "Patient/p", ifNoneMatch='W/"0"'), type=type))
    assert [answer["response"]["status"][:3] for answer in answers] == 2 * ["200", "304", "304", "200"] + ["200"]
    assert {answer["response"]["etag"] for answer in answers} == {tag}
    assert {answer["response"]["lastModified"] for answer in answers} == {when}
    whole = [True, False, False, True, False, False, False, False, True]
    assert ["resource" in answer for answer in answers] == whole


@pytest.mark.parametrize("type", ["batch", "transaction"])
def test_rest_116_patches(rest, p, type):
    """REST-116: a Parameters, and a Binary with a JSON Patch or a merge patch; by id and by criteria."""
    rest.send("DELETE", "Patient/q")
    rest.put(patient("q", id="q"))
    json_patch = [{"op": "add", "path": "/gender", "value": "male"}]
    answers = entries(
        rest.push(
            patching("Patient/p", replacing("Patient.active", valueBoolean=False), ifMatch=p.headers["ETag"]),
            patching("Patient?identifier=urn:mrn|q", json_patch, "application/json-patch+json"),
            type=type,
            Prefer="return=representation",
        )
    )
    assert [answer["response"]["status"][:3] for answer in answers] == ["200", "200"]
    assert answers[0]["resource"]["active"] is False and answers[1]["resource"]["gender"] == "male"
    assert rest.read("Patient/q")["gender"] == "male"
    merged = patching("Patient/p", {"active": None}, "application/merge-patch+json")
    assert statuses(rest.push(merged, type=type)) == ["200"]
    assert "active" not in rest.read("Patient/p")


def test_a_reference_in_a_patch_is_followed(rest):
    rest.put(basic("urn:uuid:77777777-7777-4777-8777-777777777777", id="patched"))
    as_parameters = replacing("Basic.subject", valueReference={"reference": PERSON})
    as_json = [{"op": "replace", "path": "/subject/reference", "value": PERSON}]
    for patch in (
        patching("Basic/patched", as_parameters),
        patching("Basic/patched", as_json, "application/json-patch+json"),
    ):
        made = entries(rest.push(post(patient(), PERSON), patch))[0]["response"]["location"].split("/")[-3]
        assert rest.read("Basic/patched")["subject"] == {"reference": f"Patient/{made}"}
    dangling = rest.push(patching("Basic/patched", replacing("Basic.subject", valueReference={"reference": NOTE})))
    assert issue(dangling)["expression"] == ["Bundle.entry[0].resource.subject.reference"]
    rest.put(basic(NOTE, id="patched"))  # outside a Bundle a urn:uuid may be anything, and stays
    kept = patching("Basic/patched", replacing("Basic.code", valueCodeableConcept={"text": "y"}))
    assert statuses(rest.push(kept)) == ["200"]
    assert rest.read("Basic/patched")["subject"] == {"reference": NOTE}


def test_patches_that_fail(rest, p):
    for patch, status in (
        (patching("Patient/never", {"resourceType": "Parameters"}), 404),
        (patching("Patient?identifier=urn:mrn|never", {"resourceType": "Parameters"}), 404),
        (patching("Patient/p", {"resourceType": "Patient"}), 400),
        (patching("Patient/p", replacing("Patient.active", valueString="x")), 422),
        (patching("Patient/p", [], "text/plain"), 415),
        (
            patching(
                "Patient/p", {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": "?"}
            ),
            400,
        ),
    ):
        refused = rest.push(patch)
        assert refused.status_code == status, refused.get_data(as_text=True)
        assert issue(refused)["expression"][0].startswith("Bundle.entry[0]")
        assert statuses(rest.push(patch, type="batch")) == [str(status)]
    assert rest.get("Patient/p").headers["ETag"] == p.headers["ETag"]


def test_rest_118_119_entries_of_a_batch_stand_alone(rest, p):
    """REST-118, REST-119: always 200; what fails says so, references between entries fail, the rest is stored."""
    response = rest.push(
        post(patient("good", id="x")),
        post(patient(gender="m")),
        act("GET", "Patient/never"),
        post(patient(), PERSON),
        post(basic(PERSON)),
        act("GET", "Foo/1"),
        act("GET", "Foo?x=1"),
        put({"resourceType": "Foo", "id": "1"}),
        post(basic("Patient?identifier=urn:mrn|good")),  # REST-109
        act("HEAD", "Patient/p"),
        act("DELETE", "Patient/p", ifMatch='W/"999"'),
        type="batch",
    )
    expected = ["201", "400", "404", "201", "400", "404", "404", "404", "400", "200", "412"]
    assert [entry["response"]["status"][:3] for entry in entries(response)] == expected
    for entry in entries(response):
        failed = entry["response"]["status"] >= "4"
        assert failed == (entry["response"].get("outcome", {}).get("resourceType") == "OperationOutcome")
    codes = [entries(response)[n]["response"]["outcome"]["issue"][0]["code"] for n in (5, 6, 7)]
    assert codes == ["not-supported"] * 3
    assert rest.total("Patient?identifier=urn:mrn%7Cgood") == 1


def test_what_version_was_wanted_stands_in_the_request(rest):
    rest.put(patient("v", id="v"))
    for refused, element in (
        (put(patient("v", id="v", active=True), ifMatch='W/"7"'), "ifMatch"),
        (put(patient("v", id="v", active=True), ifNoneMatch="*"), "ifNoneMatch"),
    ):
        transaction = rest.push(post(basic("Patient/v")), refused)
        assert transaction.status_code == 412
        assert issue(transaction)["expression"] == [f"Bundle.entry[1].request.{element}"]
        (only,) = entries(rest.push(refused, type="batch"))
        assert only["response"]["outcome"]["issue"][0]["expression"] == [f"Bundle.entry[0].request.{element}"]


def test_rest_109_conditional_references_are_for_transactions(rest):
    """REST-109: 400 in a plain create."""
    rest.put(patient("r109", id="r109"))
    response = rest.post(basic("Patient?identifier=urn:mrn|r109"))
    assert response.status_code == 400 and issue(response)["expression"] == ["Basic.subject.reference"]


@pytest.mark.parametrize(
    "sent",
    [
        {"resourceType": "Bundle"},
        {"resourceType": "Bundle", "type": "document"},
        {"resourceType": "Bundle", "type": "collection"},
        {"resourceType": "Bundle", "type": "Transaction"},
        {"resourceType": "Patient"},
        {"resourceType": "Parameters"},
    ],
)
def test_rest_120_what_is_no_batch(rest, sent):
    """REST-120: another type, none, or no Bundle."""
    response = rest.send("POST", "", sent)
    assert response.status_code == 400 and issue(response)


@pytest.mark.parametrize("type", ["batch", "transaction"])
@pytest.mark.parametrize(
    ("member", "place"),
    [
        ({"entry": []}, "Bundle.entry"),
        ({"colour": "red"}, "Bundle.colour"),
        ({"modifierExtension": [{"url": "http://x.example", "valueBoolean": True}]}, "Bundle.modifierExtension"),
        ({"implicitRules": "http://x.example/rules"}, "Bundle.implicitRules"),
        ({"timestamp": "yesterday"}, "Bundle.timestamp"),
        ({"total": 1}, "Bundle"),  # bdl-1
        ({"link": {}}, "Bundle.link"),
        ({"meta": 5}, "Bundle.meta"),
    ],
)
def test_rest_036_what_stands_around_the_entries(rest, member, place, type):
    """REST-036: the Bundle is a resource as every other; nothing of it is ignored."""
    bundle = {"resourceType": "Bundle", "type": type, "entry": [post(patient(name=[{"text": "Envelope"}]))], **member}
    response = rest.send("POST", "", bundle)
    assert response.status_code == 400 and issue(response)["expression"] == [place]
    assert body(rest.get("Patient?name=Envelope"))["total"] == 0


@pytest.mark.parametrize("type", ["batch", "transaction"])
@pytest.mark.parametrize(
    ("entry", "place"),
    [
        (act("POST", "Patient"), "resource"),
        (act("PUT", "Patient/a"), "resource"),
        (act("PATCH", "Patient/a"), "resource"),
        ({"resource": patient()}, "request"),
        ({"resource": patient(), "request": {"method": "post", "url": "Patient"}}, "request.method"),
        ({"resource": patient(), "request": {"method": "MERGE", "url": "Patient"}}, "request.method"),
        ({"resource": patient(), "request": {"method": "POST"}}, "request.url"),
        (post(patient(), ifModifiedSince="2020-01-01T00:00:00Z"), "request.ifModifiedSince"),
        (act("GET", "Patient/p", ifModifiedSince="yesterday"), "request.ifModifiedSince"),
        (put(patient(id="a"), ifNoneExist="identifier=1"), "request.ifNoneExist"),
        (post(patient(), "http://a.example/Patient/1/_history/2"), "fullUrl"),  # REST-125, bdl-8
        ({**post(patient()), "search": {"mode": "match"}}, "search"),  # bdl-2
        ({**post(patient()), "response": {"status": "201"}}, "response"),  # bdl-4
    ],
)
def test_rest_121_125_entries_that_cannot_be_read(rest, entry, place, type):
    """REST-121, REST-125: 400 that names the place; in a batch it is the answer of the entry."""
    response = rest.push(entry, type=type)
    if type == "batch":
        (answer,) = entries(response)
        assert answer["response"]["status"] == "400 Bad Request"
        assert answer["response"]["outcome"]["issue"][0]["expression"] == [f"Bundle.entry[0].{place}"]
    else:
        assert response.status_code == 400
        assert issue(response)["expression"] == [f"Bundle.entry[0].{place}"]


def test_rest_121_urls_may_be_absolute_or_begin_with_a_slash(rest):
    """REST-121: both are understood, for reads and writes."""
    for url in ("/Patient/u", f"{BASE}/Patient/u"):
        assert statuses(rest.push(put(patient(id="u"), url), act("GET", url)))[1] == "200"


def test_rest_125_a_full_url_twice(rest):
    """REST-125: bdl-7."""
    response = rest.push(post(patient(), PERSON), post(patient(), PERSON))
    assert response.status_code == 400 and issue(response)["expression"] == ["Bundle.entry[1].fullUrl"]


@pytest.mark.parametrize("type", ["batch", "transaction"])
def test_rest_123_what_the_answer_holds(rest, type):
    """REST-123: Prefer, for creates, updates without change, matches and deletes."""
    rest.put(patient("known", id="known"))
    sent = (
        put(patient("known", id="known")),
        post(patient("known"), ifNoneExist="identifier=urn:mrn|known"),
        post(basic("Patient/known")),
        act("DELETE", "Patient/never"),
    )
    full = entries(rest.push(*sent, type=type, Prefer="return=representation"))
    assert [entry["resource"]["resourceType"] for entry in full[:3]] == ["Patient", "Patient", "Basic"]
    assert [entry["fullUrl"] for entry in full[:2]] == [f"{BASE}/Patient/known"] * 2
    assert "resource" not in full[3]
    for prefer in ("return=minimal", "return=xyz", "respond-async"):
        assert all("resource" not in entry for entry in entries(rest.push(*sent, type=type, Prefer=prefer)))
    told = entries(rest.push(*sent, type=type, Prefer="return=OperationOutcome"))
    issues = [entry["response"]["outcome"]["issue"][0] for entry in told]
    assert {found["severity"] for found in issues} == {"information"}
    assert issues[0]["diagnostics"] == "Patient/known is stored; its version is 1"
    assert issues[3]["diagnostics"] == "There is no Patient to delete"
