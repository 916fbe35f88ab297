"""What a client says of its own writes, and why it corrects (https://hl7.org/fhir/R4/provenance.html#header)."""

from urllib.parse import quote

import pytest
from provenances import SAID, Client
from rest_client import body, issue, patient, serving
from smart_client import builtin

from fhir_registry.core.audit import WRITES
from fhir_registry.fhir import json
from fhir_registry.ops.jobs import KINDS, do

WHY = json.dumps(SAID).decode()
UNREASONED = json.dumps({name: value for name, value in SAID.items() if name != "reason"}).decode()


@pytest.fixture
def client(prepared, tmp_path):
    with serving(prepared, **builtin(tmp_path)) as rest:
        yield Client(rest.app)


@pytest.fixture
def strict(prepared, tmp_path):
    with serving(prepared, **builtin(tmp_path), REQUIRE_REASON="yes") as rest:
        yield Client(rest.app)


def by_client(client):
    return [each for each in client.found("?_count=1000") if not each["id"].startswith("registry-")]


def entry(method, url, resource=None, **request):
    found = {"request": {"method": method, "url": url, **request}}
    return found if resource is None else found | {"resource": resource}


@pytest.mark.parametrize("written", [WHY, quote(WHY)])
def test_it_is_stored_beside_that_of_the_server(client, written):
    assert client.put(patient(id="p"), X_Provenance=written).status_code == 201
    (said,) = by_client(client)
    assert said["target"] == [{"reference": "Patient/p/_history/1"}]
    assert {name: said[name] for name in SAID} == SAID
    ((targets, ours),) = client.by_server().items()
    assert targets == ("Patient/p/_history/1", f"Provenance/{said['id']}/_history/1")
    assert ours["reason"] == SAID["reason"]
    assert ours["agent"][0]["who"]["identifier"]["value"] == client.smart.id


def test_it_is_about_all_that_a_bundle_writes(client):
    two = [entry("PUT", f"Patient/{id}", patient(id=id)) for id in ("a", "b")]
    for type, targets in (("transaction", ["Patient/a/_history/1", "Patient/b/_history/1"]), ("batch", None)):
        assert client.push(*two, type=type, X_Provenance=WHY).status_code == 200
        if targets:
            (said,) = by_client(client)
            assert [each["reference"] for each in said["target"]] == targets
        else:  # nothing was changed
            assert by_client(client) == [said]


def test_a_delete_and_a_patch_have_it(client):
    client.put(patient(id="p"))
    patch = json.dumps({"active": True})
    options = {"content_type": "application/merge-patch+json", "headers": {"X-Provenance": WHY}}
    assert client.open("/fhir/Patient/p", method="PATCH", data=patch, **options).status_code == 200
    assert client.send("DELETE", "Patient/p", X_Provenance=WHY).status_code == 204
    targets = sorted(each["target"][0]["reference"] for each in by_client(client))
    assert targets == ["Patient/p/_history/2", "Patient/p/_history/3"]


def test_the_audit_log_has_it_with_the_reason(client):
    """What the header made is in the same event of the same transaction; without the header there is no reason."""
    client.put(patient(id="p"), X_Provenance=WHY)
    client.put(patient(id="q"))
    (said,) = by_client(client)
    store = client.registry.store
    with store.read(1) as connection:
        second, first = (row for row in store.audit.page(connection, 1, 100) if row.chain == WRITES)
    assert first.private["asked"]["reason"] == "typing error in the chart"
    (part,) = first.private["parts"]
    assert part["patient"] == "p"
    assert {tuple(each) for each in part["entries"]} == {
        ("update", "Patient", "p", 1),
        ("create", "Provenance", said["id"], 1),
    }
    assert "asked" not in second.private


@pytest.mark.parametrize(
    "header, place",
    [
        ("", "X-Provenance"),
        ("because", "X-Provenance"),
        ("[]", "X-Provenance.resourceType"),
        ('{"resourceType": "Patient"}', "X-Provenance.resourceType"),
        (json.dumps(SAID | {"target": [{"reference": "Patient/q"}]}).decode(), "X-Provenance.target"),
        (json.dumps(SAID | {"recorded": "yesterday"}).decode(), "X-Provenance.recorded"),
        ('{"resourceType": "Provenance", "recorded": "2026-03-01T09:30:00Z"}', "X-Provenance.agent"),
        (json.dumps(SAID | {"colour": "red"}).decode(), "X-Provenance.colour"),
        ("%7Bnot json", "X-Provenance"),
    ],
)
def test_a_bad_one_is_refused(client, header, place):
    for answer in (
        client.put(patient(id="p"), X_Provenance=header),
        client.push(entry("PUT", "Patient/p", patient(id="p")), X_Provenance=header),
        client.send("DELETE", "Patient/p", X_Provenance=header),
    ):
        assert answer.status_code == 400
        assert issue(answer)["expression"] == [place]
    assert client.total("Provenance") == 0 and client.get("Patient/p").status_code == 404


def test_it_needs_the_scope_to_create_one(client):
    other = Client(client.app, "system/Patient.cruds")
    assert issue(other.put(patient(id="p"), X_Provenance=WHY))["code"] == "forbidden"
    assert other.get("Patient/p").status_code == 404
    assert other.put(patient(id="p")).status_code == 201  # that of the server needs none
    assert client.total("Provenance") == 1


def test_without_access_control_it_is_stored_too(prepared):
    with serving(prepared) as rest:
        assert rest.put(patient(id="p"), X_Provenance=WHY).status_code == 201
        assert rest.total("Provenance?target=Patient/p") == rest.total("Provenance") == 1


def test_an_import_has_it(client):
    lines = b"".join(json.dumps(patient(id=id)) + b"\n" for id in ("a", "b"))
    options = {"content_type": "application/fhir+ndjson", "headers": {"Prefer": "respond-async", "X-Provenance": WHY}}
    assert client.open("/fhir/$import", method="POST", data=lines, **options).status_code == 202
    do(client.registry, client.registry.store.jobs.claim("me", KINDS))
    (said,) = by_client(client)
    assert [each["reference"] for each in said["target"]] == ["Patient/a/_history/1", "Patient/b/_history/1"]
    (ours,) = client.by_server().values()
    assert ours["reason"] == SAID["reason"]


# --- reasons ----------------------------------------------------------------------------------------


def unexplained(answer, *places):
    assert answer.status_code == 422, answer.get_data(as_text=True)
    issues = body(answer)["issue"]
    assert [each["code"] for each in issues] == ["required"] * len(places)
    assert [each.get("expression") for each in issues] == [place and [place] for place in places]
    assert all("X-Provenance" in each["diagnostics"] for each in issues)
    return True


def test_a_correction_needs_a_reason(strict):
    assert strict.put(patient(id="p")).status_code == 201
    active = patient(id="p", active=True)
    assert unexplained(strict.put(active), "Patient")
    assert unexplained(strict.put(active, X_Provenance=UNREASONED), "Patient")
    assert unexplained(strict.send("DELETE", "Patient/p"), None)
    patch = json.dumps({"active": True})
    options = {"data": patch, "content_type": "application/merge-patch+json", "method": "PATCH"}
    assert unexplained(strict.open("/fhir/Patient/p", **options), "Patient")
    assert strict.total("Provenance") == 1 and body(strict.get("Patient/p"))["meta"]["versionId"] == "1"
    assert strict.put(patient(id="p")).status_code == 200  # the same again corrects nothing
    assert strict.put(active, X_Provenance=WHY).status_code == 200
    assert strict.send("DELETE", "Patient/p", X_Provenance=WHY).status_code == 204
    assert unexplained(strict.put(patient(id="p")), "Patient")  # who brings it back corrects, too


def test_a_transaction_may_say_why_entry_by_entry(strict):
    for id in ("a", "b"):
        strict.put(patient(id=id))
    both = [entry("PUT", f"Patient/{id}", patient(id=id, active=True)) for id in ("a", "b")]
    assert unexplained(strict.push(*both), "Bundle.entry[0].resource", "Bundle.entry[1].resource")
    why = entry("POST", "Provenance", SAID | {"target": [{"reference": "Patient/a"}]})
    assert unexplained(strict.push(*both, why), "Bundle.entry[1].resource")
    assert strict.total("Patient?active=true") == 0
    why = entry("POST", "Provenance", SAID | {"target": [{"reference": f"Patient/{id}"} for id in ("a", "b")]})
    assert strict.push(*both, why).status_code == 200
    assert strict.total("Patient?active=true") == 2


def test_in_a_batch_it_is_asked_of_each(strict):
    strict.put(patient(id="a"))
    two = [entry("PUT", f"Patient/{id}", patient(id=id, active=True)) for id in ("a", "new")]
    found = body(strict.push(*two, type="batch"))["entry"]
    assert [each["response"]["status"][:3] for each in found] == ["422", "201"]
    found = body(strict.push(*two, type="batch", X_Provenance=WHY))["entry"]
    assert [each["response"]["status"][:3] for each in found] == ["200", "200"]


def test_an_import_that_corrects(strict):
    strict.put(patient(id="a"))
    new = patient(id="new")
    bundle = {"resourceType": "Bundle", "type": "transaction"}
    explained = entry("POST", "Provenance", SAID | {"target": [{"reference": "Patient/a"}]})
    change = entry("PUT", "Patient/a", patient(id="a", gender="female"))
    lines = (patient(id="a", active=True), new, bundle | {"entry": [change]}, bundle | {"entry": [change, explained]})
    data = b"".join(json.dumps(line) + b"\n" for line in lines)
    options = {"content_type": "application/fhir+ndjson", "headers": {"Prefer": "respond-async"}}
    strict.open("/fhir/$import", method="POST", data=data, **options)
    job = strict.registry.store.jobs.claim("me", KINDS)
    do(strict.registry, job)
    with strict.registry.store.read(1) as connection:
        errors = strict.registry.store.jobs.errors(connection, job.id)
    assert [(line, issues[0]["code"]) for _, _, line, issues in errors] == [(1, "required"), (3, "required")]
    assert strict.total("Patient") == 2
    assert body(strict.get("Patient/a"))["gender"] == "female"


def test_without_the_setting_no_reason_is_asked_for(client):
    client.put(patient(id="p"))
    assert client.put(patient(id="p", active=True)).status_code == 200
    assert client.send("DELETE", "Patient/p").status_code == 204


def test_the_reason_in_words():
    from fhir_registry.core.provenance import Origin

    coded = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HSYSADMIN"}]}
    named = {"coding": [{"code": "x", "display": "health system administration"}]}
    assert Origin("c").reason == Origin("c", said={}).reason == ""
    assert Origin("c", said={"reason": [coded, {"text": "wrong patient"}, named, {}]}).reason == (
        "HSYSADMIN; wrong patient; health system administration"
    )
