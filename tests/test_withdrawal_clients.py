"""Who writes after a withdrawal: why they correct, what a refusal tells them (docs/consent.md, docs/security.md)."""

import pytest
from erasure import observation, person, put
from provenances import SAID, Client
from rest_client import body, issue, serving
from smart_client import builtin
from test_withdrawal import ID, says, withdrawal

from fhir_registry.fhir import json
from fhir_registry.ops.jobs import KINDS, do

WHY = json.dumps(SAID).decode()
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
OWN = {"identifier": person(ID)["identifier"]}
CORRECTED = person(ID) | {"gender": "female"}


@pytest.fixture
def client(prepared, tmp_path):
    """Of a server that wants reasons, where the patients p and q are and a result of p."""
    with serving(prepared, **builtin(tmp_path), REQUIRE_REASON="yes") as rest:
        client = Client(rest.app)
        assert client.push(put(person(ID)), put(person("q")), put(observation("old", ID))).status_code == 200
        yield client


def imported(client, *resources, **headers):
    """The Issues (dicts) of the lines that an import refuses, by their numbers."""
    lines = b"".join(json.dumps(each) + b"\n" for each in resources)
    options = {"content_type": "application/fhir+ndjson", "headers": {"Prefer": "respond-async"} | headers}
    assert client.open("/fhir/$import", method="POST", data=lines, **options).status_code == 202
    jobs = client.registry.store.jobs
    job = jobs.claim("me", KINDS)
    do(client.registry, job)
    with client.registry.store.read(1) as connection:
        assert jobs.find(connection, job.id).state == "completed"
        return {line: issues[0] for _, _, line, issues in jobs.errors(connection, job.id)}


def targets(client):
    """The targets of the Provenances that the client has sent."""
    said = (each for each in client.found("?_count=1000") if not each["id"].startswith("registry-"))
    return sorted(target["reference"] for each in said for target in each["target"])


# --- why something is corrected ---------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["stop-collection", "erase"])
def test_who_corrects_or_deletes_says_why(client, mode):
    assert client.put(withdrawal(mode)).status_code == 201
    assert client.put(CORRECTED, X_Provenance=WHY).status_code == 200
    again = put(CORRECTED | {"gender": "other"}), put(observation("new", ID))
    found = body(client.push(*again, type="batch", X_Provenance=WHY))["entry"]
    assert [each["response"]["status"][:3] for each in found] == ["200", "422"]
    assert client.push(put(CORRECTED), X_Provenance=WHY).status_code == 200
    for path in ("Observation/old", f"Patient/{ID}"):
        assert client.send("DELETE", path, X_Provenance=WHY).status_code == 204
    versions = [f"Patient/{ID}/_history/{version}" for version in (2, 3, 4, 5)]
    assert targets(client) == ["Observation/old/_history/2", *versions]


def test_so_does_who_imports(client):
    assert client.put(withdrawal("stop-collection")).status_code == 201
    refused = imported(client, CORRECTED, observation("new", ID), person("r"), X_Provenance=WHY)
    assert {line: each["code"] for line, each in refused.items()} == {2: "business-rule"}
    assert targets(client) == [f"Patient/{ID}/_history/2", "Patient/r/_history/1"]


def test_another_provenance_is_new(client):
    assert client.put(withdrawal("stop-collection")).status_code == 201
    assert says(client.post(SAID | {"target": [{"reference": f"Patient/{ID}"}]}), "new", "Consent/w")


def test_what_was_erased_is_not_named_in_the_header(client):
    assert client.send("POST", f"Patient/{ID}/$erase?reason=consent-withdrawn").status_code == 200
    named = SAID | {"entity": [{"role": "source", "what": {"reference": "Observation/old"}}]}
    refused = client.put(person("q") | {"gender": "male"}, X_Provenance=json.dumps(named).decode())
    assert says(refused, "erased") and issue(refused)["expression"] == ["X-Provenance"]
    assert "gender" not in client.read("Patient/q")


# --- what a refusal tells ---------------------------------------------------------------------------


def told(diagnostics):
    """Whether a refusal names (the Patient who has withdrawn, the Consent and its mode)."""
    assert "withdraw" in diagnostics and ("Consent" in diagnostics) == ("retain" in diagnostics), diagnostics
    return f"Patient/{ID}" in diagnostics, "Consent/w" in diagnostics


@pytest.mark.parametrize(
    ("scopes", "of_patient", "of_consent"),
    [
        ("system/Patient.cu", False, False),
        ("system/Patient.cru", True, False),
        ("system/Patient.cu system/Consent.r", False, True),
        ("system/Patient.cru system/Consent.rs", True, True),
        ("system/Patient.cu system/Patient.r?gender=male system/Consent.r?status=active", False, False),
    ],
)
def test_it_names_what_the_token_may_read(client, scopes, of_patient, of_consent):
    """Who guesses an identifier learns no id by that."""
    assert client.put(withdrawal("retain-until-withdrawal")).status_code == 201
    writer, again = Client(client.app, scopes), person("again") | OWN
    answers = [writer.post(again), writer.put(again), writer.push(put(again))]
    for answer in answers:
        assert answer.status_code == 422
        assert told(issue(answer)["diagnostics"]) == (of_patient, of_consent)
    (entry,) = body(writer.push(put(again), type="batch"))["entry"]
    assert told(entry["response"]["outcome"]["issue"][0]["diagnostics"]) == (of_patient, of_consent)
    assert told(imported(writer, again)[1]["diagnostics"]) == (of_patient, of_consent)
    late = issue(writer.put(person(ID) | {"deceasedDateTime": "2024-08-01"}))["diagnostics"]
    assert told(late) == (False, of_consent)


@pytest.mark.parametrize(("scopes", "named"), [("system/Patient.cu", False), ("system/Patient.cru", True)])
def test_when_and_why_somebody_was_erased_is_for_who_may_read_patients(client, scopes, named):
    assert client.send("POST", f"Patient/{ID}/$erase?reason=consent-withdrawn").status_code == 200
    writer = Client(client.app, scopes)
    for again in (person(ID), person("again") | OWN):
        refused = writer.put(again)
        assert says(refused, "what was erased") and ("consent-withdrawn" in refused.text) == named
        assert (" on 2" in issue(refused)["diagnostics"]) == named


def test_what_a_token_may_not_write_is_forbidden_first(client):
    assert client.put(withdrawal("stop-collection")).status_code == 201
    writer = Client(client.app, f"system/Observation.u?category={CATEGORY}|laboratory")
    laboratory = {"category": [{"coding": [{"system": CATEGORY, "code": "laboratory"}]}]}
    covered, other = observation("covered", ID, **laboratory), observation("other", ID)
    assert writer.put(other).status_code == writer.push(put(covered), put(other)).status_code == 403
    assert writer.put(covered).status_code == 422
