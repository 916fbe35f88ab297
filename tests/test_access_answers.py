"""What a write answers is for who may read it (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html)."""

from base64 import b64encode

import pytest
from patching import FHIR, MERGE_PATCH, delete, parameters, replace
from rest_client import body, issue
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


# --- what a patch judges ----------------------------------------------------------------------------------


def renamed(path):
    """A FHIRPath Patch that puts the family there which is there already."""
    return FHIR, parameters(replace(path, valueString=SECRET))


def as_markdown(media_type, patch):
    """The same with its path in another type than string."""
    path = patch["parameter"][0]["part"][1]
    path["valueMarkdown"] = path.pop("valueString")
    return media_type, patch


SAME = renamed("Patient.name[0].family")
JUDGING = {
    "a test": (PATCH, [*CHANGE, {"op": "test", "path": "/name/0/family", "value": SECRET}]),
    "a filter": renamed("Patient.name.where(family.startsWith('G')).family"),
    "a filter that is no string": as_markdown(*renamed(f"Patient.name.where(family = '{SECRET}').family")),
    "a function": renamed("Patient.name.first().family"),
    "an operator": renamed("(Patient.name as HumanName).family"),
    "after another": (FHIR, parameters(*SAME[1]["parameter"], delete("Patient.name.where(text.exists())"))),
}
PLAIN = {
    "a JSON Patch": (PATCH, [{"op": "replace", "path": "/name/0/family", "value": SECRET}]),
    "a merge patch": (MERGE_PATCH, {"gender": "female"}),
    "a FHIRPath Patch": SAME,
}


def judged(rest, token, kind, media_type, patch):
    """(status, text of what is wrong) of a patch of p, alone or in a Bundle of this kind."""
    if kind == "alone":
        sent = {"data": json.dumps(patch), "content_type": media_type}
        answer = rest.open("/fhir/Patient/p", method="PATCH", headers=bearer(token), **sent)
    else:
        binary = {"resourceType": "Binary", "contentType": media_type, "data": b64encode(json.dumps(patch)).decode()}
        entry = {"resource": patch if media_type == FHIR else binary}
        answer = rest.push(entry | {"request": {"method": "PATCH", "url": "Patient/p"}}, type=kind, **bearer(token))
    if kind != "batch":
        return answer.status_code, issue(answer)["diagnostics"] if answer.status_code >= 400 else ""
    response = body(answer)["entry"][0]["response"]
    wrong = response.get("outcome", {}).get("issue", [{}])[0]
    return int(response["status"][:3]), wrong.get("diagnostics", "")


@pytest.mark.parametrize("kind", ["alone", "transaction", "batch"])
def test_a_patch_that_judges_what_is_stored_is_for_who_may_read_it(rest, client, kind):
    writing = "system/Patient.u", "system/Patient.write", "system/Patient.us"
    for scope in (*writing, "system/Patient.u system/Patient.r?gender=male"):
        for name, patch in JUDGING.items():
            status, told = judged(rest, client.token(rest, scope), kind, *patch)
            assert (status, told.partition("; ")[2]) == (403, "that needs the scope system/Patient.r"), (scope, name)
        for name, patch in PLAIN.items():
            assert judged(rest, client.token(rest, scope), kind, *patch)[0] == 200, (scope, name)
    for scope in ("system/Patient.ru", "system/Patient.u system/Patient.r?gender=female"):
        for name, patch in JUDGING.items():
            assert judged(rest, client.token(rest, scope), kind, *patch)[0] == 200, (scope, name)


def test_a_patch_that_judges_names_the_scope_that_would_do(rest, client):
    sent = {"data": json.dumps(JUDGING["a test"][1]), "content_type": PATCH}
    token = bearer(client.token(rest, "system/Patient.u"))
    refused = rest.open("/fhir/Patient/p", method="PATCH", headers=token, **sent)
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="system/Patient.r"'
