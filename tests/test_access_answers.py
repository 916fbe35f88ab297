"""What a write answers is for who may read it (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html)."""

from base64 import b64encode

import pytest
from rest_client import body
from smart_client import SmartClient, bearer

from fhir_registry.fhir import json

SECRET = "Geheim"
PATCH = "application/json-patch+json"
CHANGE = [{"op": "add", "path": "/gender", "value": "female"}]


@pytest.fixture(scope="module")
def client(rest):
    return SmartClient(rest.registry)


@pytest.fixture(autouse=True)
def stored(rest, client):
    """Patient p, of whom the client has sent other data than those that are there."""
    patient = {"resourceType": "Patient", "id": "p", "name": [{"family": SECRET}]}
    assert rest.put(patient, **bearer(client.token(rest))).status_code in (200, 201)


def patched(rest, token, **headers):
    sent = {"data": json.dumps(CHANGE), "content_type": PATCH}
    return rest.open("/fhir/Patient/p", method="PATCH", headers=bearer(token) | headers, **sent)


def in_bundle(rest, token, entry):
    answer = rest.push(entry, Prefer="return=representation", **bearer(token))
    assert answer.status_code == 200, answer.text
    return answer


def patch_entry(operations=CHANGE):
    binary = {"resourceType": "Binary", "contentType": PATCH, "data": b64encode(json.dumps(operations)).decode()}
    return {"resource": binary, "request": {"method": "PATCH", "url": "Patient/p"}}


def test_a_patch_answers_the_resource_to_who_may_read_it(rest, client):
    for scope in ("system/Patient.u", "system/Patient.write", "system/Patient.u system/Observation.rs"):
        answer = patched(rest, client.token(rest, scope))
        assert (answer.status_code, SECRET in answer.text) == (200, False), scope
        assert answer.headers["ETag"]
    for scope in ("system/Patient.ru", "system/Patient.us", "system/Patient.cruds"):
        answer = patched(rest, client.token(rest, scope))
        assert body(answer)["name"] == [{"family": SECRET}], scope


def test_a_patch_answers_what_its_constraint_shows(rest, client):
    shown = patched(rest, client.token(rest, "system/Patient.u system/Patient.r?gender=female"))
    assert SECRET in shown.text
    hidden = patched(rest, client.token(rest, "system/Patient.u system/Patient.r?gender=male"))
    assert (hidden.status_code, hidden.text) == (200, "")


def test_so_does_one_in_a_bundle(rest, client):
    assert SECRET not in in_bundle(rest, client.token(rest, "system/Patient.u"), patch_entry()).text
    assert SECRET in in_bundle(rest, client.token(rest, "system/Patient.ru"), patch_entry()).text


def test_a_bundle_that_comes_again_does_not_answer_what_was_changed_since(rest, client):
    new = {"resource": {"resourceType": "Patient", "gender": "other"}, "request": {"method": "POST", "url": "Patient"}}
    token = client.token(rest, "system/Patient.c")
    made = body(in_bundle(rest, token, new))["entry"][0]["resource"]
    assert made["gender"] == "other"  # what was sent is no secret
    rest.put(made | {"name": [{"family": SECRET}]}, **bearer(client.token(rest)))
    again = in_bundle(rest, token, new)
    assert body(again)["entry"][0]["response"]["status"] == "200 OK" and SECRET not in again.text
    assert SECRET in in_bundle(rest, client.token(rest, "system/Patient.cr"), new).text


def test_who_sends_the_whole_gets_it_back(rest, client):
    token = client.token(rest, "system/Patient.cu")
    mine = {"resourceType": "Patient", "id": "mine", "name": [{"family": "Sato"}]}
    for _ in range(2):  # the second time without a change
        assert body(rest.put(mine, **bearer(token)))["name"] == [{"family": "Sato"}]


def test_a_conditional_create_answers_what_a_search_shows(rest, client):
    found = {"If_None_Exist": f"family={SECRET}&_id=p"}
    answer = rest.post({"resourceType": "Patient"}, **found, **bearer(client.token(rest, "system/Patient.cs")))
    assert (answer.status_code, SECRET in answer.text) == (200, True)


MISSING = "a member that is not there"
COPIES = {
    "a code": [{"op": "copy", "from": "/name/0/family", "path": "/gender"}],
    "a day": [{"op": "copy", "from": "/name/0/family", "path": "/birthDate"}],
    MISSING: [{"op": "remove", "path": "/name/0/given/0"}],
}


@pytest.mark.parametrize("case", COPIES)
def test_what_is_wrong_with_a_patch_quotes_nothing_to_who_may_not_read(rest, client, case):
    def sent(scope, kind):
        token = bearer(client.token(rest, scope))
        if kind == "alone":
            body = {"data": json.dumps(COPIES[case]), "content_type": PATCH}
            return rest.open("/fhir/Patient/p", method="PATCH", headers=token, **body)
        return rest.push(patch_entry(COPIES[case]), type=kind, **token)

    for kind in ("alone", "transaction", "batch"):
        for scope in ("system/Patient.u", "system/Patient.u system/Patient.rs?gender=male"):
            answer = sent(scope, kind)
            assert SECRET not in answer.text and "who may read the resource is told why" in answer.text, (scope, kind)
        assert "who may read" not in sent("system/Patient.ru", kind).text
    assert (SECRET in sent("system/Patient.ru", "alone").text) == (case != MISSING)  # which is told without values


def test_a_patch_for_another_version_says_so_to_all(rest, client):
    answer = patched(rest, client.token(rest, "system/Patient.u"), **{"If-Match": 'W/"999"'})
    assert answer.status_code == 412 and "If-Match" in answer.text
