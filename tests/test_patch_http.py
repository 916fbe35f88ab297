"""PATCH as clients see it: headers, conditions, versions, bundles (https://hl7.org/fhir/R4/http.html#patch)."""

import base64
import gzip
import threading

import pytest
from patching import FHIR, JSON_PATCH, MERGE_PATCH, delete, parameters, patching, replace

from fhir_registry.fhir import json

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">Rosa Weiss</div>'
ROSA = {"resourceType": "Patient", "active": True, "name": [{"family": "Weiss"}]}
TO_FALSE = [{"op": "replace", "path": "/active", "value": False}]
ACCEPTED = f"{JSON_PATCH}, {MERGE_PATCH}, {FHIR}, application/fhir+xml"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request, new_database):
    with patching(new_database(request.param)) as opened:
        yield opened


def body(response):
    return json.parse(response.get_data())


def issue(response):
    return body(response)["issue"][0]


def version(server, path):
    return body(server.client.get(f"/fhir/{path}"))["meta"]["versionId"]


def test_rest_065_a_patch_is_answered_like_an_update(server):
    path = server.store(ROSA)
    response = server.send(path, TO_FALSE, JSON_PATCH)
    assert response.status_code == 200 and response.headers["ETag"] == 'W/"2"'
    assert response.headers["Last-Modified"] and response.content_type.startswith(FHIR)
    assert body(response)["active"] is False and body(response)["meta"]["versionId"] == "2"
    history = body(server.client.get(f"/fhir/{path}/_history"))["entry"]
    assert [entry["request"]["method"] for entry in history] == ["PUT", "PUT"]
    minimal = server.send(path, [], JSON_PATCH, Prefer="return=minimal")
    assert (minimal.status_code, minimal.get_data()) == (200, b"")


def test_a_patch_without_effect_makes_no_version(server):
    path = server.store(ROSA)
    same = parameters(replace("Patient.active", valueBoolean=True), delete("Patient.birthDate"))
    for patch, media_type in (({"active": True}, MERGE_PATCH), ([], JSON_PATCH), (same, FHIR)):
        response = server.send(path, patch, media_type)
        assert response.status_code == 200 and response.headers["ETag"] == 'W/"1"'
    assert version(server, path) == "1"


# REST-070
@pytest.mark.parametrize(
    ("patch", "media_type"),
    [
        (TO_FALSE, JSON_PATCH),
        ({"active": False}, MERGE_PATCH),
        (parameters(replace("Patient.active", valueBoolean=False)), FHIR),
    ],
)
def test_rest_070_a_stale_if_match_is_412(server, patch, media_type):
    path = server.store(ROSA)
    server.send(path, {"gender": "female"}, MERGE_PATCH)
    for tag in ('W/"1"', '"1"', 'W/"3"'):
        stale = server.send(path, patch, media_type, **{"If-Match": tag})
        assert stale.status_code == 412 and issue(stale)["code"] == "conflict"
    # The version is asked for first: what cannot be done to this one may be right for the one that was meant.
    impossible = [{"op": "test", "path": "/gender", "value": "male"}]
    assert server.send(path, impossible, JSON_PATCH, **{"If-Match": 'W/"1"'}).status_code == 412
    assert server.send(path, impossible, JSON_PATCH, **{"If-Match": 'W/"2"'}).status_code == 422
    assert version(server, path) == "2"
    assert server.send(path, patch, media_type, **{"If-Match": 'W/"2"'}).headers["ETag"] == 'W/"3"'
    assert server.send(path, {"gender": "male"}, MERGE_PATCH, **{"If-Match": "*"}).headers["ETag"] == 'W/"4"'


# REST-072
@pytest.mark.parametrize(
    ("status", "patch", "kept"),
    [
        ("generated", {"active": False}, False),
        ("extensions", {"name": None}, False),
        ("empty", {"gender": "female"}, False),
        ("additional", {"active": False}, True),
        ("generated", {"meta": {"tag": [{"code": "x"}]}}, True),
        ("generated", {"active": True}, True),
        ("generated", {"active": False, "text": {"div": DIV.replace("Weiss", "W.")}}, True),
        ("additional", {"text": None}, False),
    ],
)
def test_rest_072_a_narrative_that_the_patch_made_wrong_is_dropped(server, status, patch, kept):
    path = server.store(ROSA | {"text": {"status": status, "div": DIV}})
    response = server.send(path, patch, MERGE_PATCH)
    assert response.status_code == 200 and ("text" in body(response)) is kept


# REST-073
@pytest.mark.parametrize(
    "media_type",
    ["application/xml-patch+xml", "text/plain", "application/octet-stream", f"{JSON_PATCH}; charset=latin-1", None],
)
def test_rest_073_other_patches_are_415(server, media_type):
    path = server.store(ROSA)
    response = server.client.patch(f"/fhir/{path}", data=json.dumps(TO_FALSE), content_type=media_type)
    assert response.status_code == 415 and issue(response)["code"] == "not-supported"
    assert response.headers["Accept-Patch"] == ACCEPTED
    assert version(server, path) == "1"


XML = """{doctype}<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>
    <part><name value="type"/><valueCode value="replace"/></part>
    <part><name value="path"/><valueString value="Patient.active"/></part>
    <part><name value="value"/><valueBoolean value="false"/></part></parameter></Parameters>"""


@pytest.mark.parametrize("media_type", ["application/fhir+xml", "application/xml"])
def test_rest_069_a_fhirpath_patch_in_xml(server, media_type):
    path = server.store(ROSA)
    refused = server.send(path, XML.format(doctype="<!DOCTYPE x>").encode(), media_type)
    assert refused.status_code == 400 and version(server, path) == "1"
    response = server.send(path, XML.format(doctype="").encode(), media_type, Accept="application/fhir+xml")
    assert response.status_code == 200 and response.content_type.startswith("application/fhir+xml")
    assert server.read(path)["active"] is False


def test_options_tell_the_formats(server):
    response = server.client.options(f"/fhir/{server.store(ROSA)}")
    assert "PATCH" in response.headers["Allow"] and response.headers["Accept-Patch"] == ACCEPTED


def test_a_packed_patch_is_read(server):
    path = server.store(ROSA)
    packed = gzip.compress(json.dumps(TO_FALSE))
    assert server.send(path, packed, JSON_PATCH, **{"Content-Encoding": "gzip"}).status_code == 200
    assert server.send(path, packed, JSON_PATCH, **{"Content-Encoding": "br"}).status_code == 415


def test_what_is_not_there_cannot_be_patched(server):
    assert server.send("Patient/never", TO_FALSE, JSON_PATCH).status_code == 404
    path = server.store(ROSA)
    server.client.delete(f"/fhir/{path}")
    assert server.send(path, TO_FALSE, JSON_PATCH).status_code == 410
    assert server.send("Nothing/1", TO_FALSE, JSON_PATCH).status_code == 404
    assert server.send("Parameters/1", TO_FALSE, JSON_PATCH).status_code == 404
    assert server.send("Patient/not%20an%20id", TO_FALSE, JSON_PATCH).status_code == 400
    assert server.send(f"{path}?active=true", TO_FALSE, JSON_PATCH).status_code == 400


def test_what_comes_from_files_cannot_be_patched(server):
    found = body(server.client.get("/fhir/Measure?_count=1"))["entry"][0]["resource"]["id"]
    assert server.send(f"Measure/{found}", {"title": "x"}, MERGE_PATCH).status_code == 405
    assert server.send(f"Measure?_id={found}", {"title": "x"}, MERGE_PATCH).status_code == 405


def test_conditional_patch(server):
    path = server.store(ROSA | {"identifier": [{"system": "urn:conditional", "value": "a b+c"}]})
    one = "Patient?identifier=urn:conditional%7Ca%20b%2Bc"
    response = server.send(one, TO_FALSE, JSON_PATCH)
    assert response.status_code == 200 and body(response)["id"] == path.split("/")[1]
    assert version(server, path) == "2"
    assert server.send(f"{one}&_format=json", {"gender": "male"}, MERGE_PATCH).status_code == 200
    assert server.send(one, TO_FALSE, JSON_PATCH, **{"If-Match": 'W/"1"'}).status_code == 412
    none = server.send("Patient?identifier=urn:conditional%7Cother", TO_FALSE, JSON_PATCH)
    assert none.status_code == 404 and issue(none)["code"] == "not-found"
    server.store(ROSA | {"identifier": [{"system": "urn:conditional", "value": "a b+c"}]})
    several = server.send(one, TO_FALSE, JSON_PATCH)
    assert several.status_code == 412 and issue(several)["code"] == "multiple-matches"
    for nothing in ("Patient", "Patient?_format=json", "Patient?identifier=", "Patient?colour=red", "Patient?_count=1"):
        assert server.send(nothing, TO_FALSE, JSON_PATCH).status_code == 400, nothing


def test_no_patch_is_lost_among_many(server):
    path = server.store(ROSA)
    answers = []

    def add_names(thread):
        client = server.app.test_client()
        for number in range(5):
            patch = [{"op": "add", "path": "/name/-", "value": {"text": f"{thread}-{number}"}}]
            answer = client.patch(f"/fhir/{path}", data=json.dumps(patch), content_type=JSON_PATCH)
            answers.append(answer.status_code)

    threads = [threading.Thread(target=add_names, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 20 and version(server, path) == "21"
    texts = {name["text"] for name in server.read(path)["name"][1:]}
    assert texts == {f"{thread}-{number}" for thread in range(4) for number in range(5)}


def bundle(*entries, type="transaction"):
    return {"resourceType": "Bundle", "type": type, "entry": list(entries)}


def entry(path, resource, **request):
    return {"resource": resource, "request": {"method": "PATCH", "url": path, **request}}


def binary(patch, media_type=JSON_PATCH):
    data = base64.b64encode(patch if isinstance(patch, bytes) else json.dumps(patch)).decode()
    return {"resourceType": "Binary", "contentType": media_type, "data": data}


def post(server, sent):
    return server.client.post("/fhir", data=json.dumps(sent), content_type=FHIR)


# REST-116
@pytest.mark.parametrize("type", ["transaction", "batch"])
def test_rest_116_patches_in_a_bundle(server, type):
    paths = [server.store(ROSA | {"identifier": [{"system": f"urn:{type}", "value": str(n)}]}) for n in range(3)]
    sent = bundle(
        entry(paths[0], parameters(replace("Patient.active", valueBoolean=False))),
        entry(paths[1], binary(TO_FALSE), ifMatch='W/"1"'),
        entry(f"Patient?identifier=urn:{type}|2", binary({"active": False}, MERGE_PATCH)),
        type=type,
    )
    answer = body(post(server, sent))
    assert [item["response"]["status"] for item in answer["entry"]] == ["200 OK"] * 3
    assert [item["response"]["etag"] for item in answer["entry"]] == ['W/"2"'] * 3
    assert [server.read(path)["active"] for path in paths] == [False] * 3


BROKEN = [
    (parameters(delete("Patient.colour")), 400, "parameter[0]"),
    (parameters(replace("Patient.birthDate", valueDate="1951")), 422, "parameter[0]"),
    (parameters(replace("Patient.birthDate", valueDate="x")), 400, "valueDate"),
    (binary([{"op": "test", "path": "/active", "value": False}]), 422, ""),
    (binary([{"op": "replace", "path": "/active", "value": "x"}]), 400, "active"),
    (binary(TO_FALSE, "text/plain"), 415, ""),
    (binary(b"["), 400, "data"),
    (binary(TO_FALSE) | {"data": "?"}, 400, "data"),
    ({"resourceType": "Patient", "active": False}, 400, ""),
]


@pytest.mark.parametrize(("patch", "status", "where"), BROKEN)
def test_rest_116_a_patch_that_fails_in_a_bundle(server, patch, status, where):
    path, other = server.store(ROSA), server.store(ROSA)
    good = entry(other, binary(TO_FALSE))
    refused = post(server, bundle(good, entry(path, patch)))
    assert refused.status_code == status
    assert issue(refused)["expression"][0].startswith("Bundle.entry[1].resource")
    assert issue(refused)["expression"][0].endswith(where)
    assert version(server, path) == version(server, other) == "1"
    answers = body(post(server, bundle(good, entry(path, patch), type="batch")))["entry"]
    assert answers[0]["response"]["status"] == "200 OK"
    assert answers[1]["response"]["status"].startswith(str(status))
    assert version(server, path) == "1" and version(server, other) == "2"
