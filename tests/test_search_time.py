"""A search that would take very long is given up (https://hl7.org/fhir/R4/http.html#summary): SEC-19."""

import json

import pytest

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.fhir.errors import FhirError, operation_outcome
from fhir_registry.ops.import_units import Unit
from fhir_registry.ops.importing import import_units
from fhir_registry.store import statement

JSON = "application/fhir+json"
OBSERVATIONS = 250
# Of each observation all others of its patient are looked at, and of each of these again.
SLOW = "patient._has:Observation:patient:patient._has:Observation:patient:status:not=final"


@pytest.fixture
def client(registry, monkeypatch):
    monkeypatch.setattr(statement, "SECONDS", 0.2)
    client = create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": "unused"}), registry).test_client()
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    observation["subject"] = {"reference": "Patient/a"}
    request = {"method": "POST", "url": "Observation"}
    entries = [{"resource": observation, "request": request}] * OBSERVATIONS
    patient = {"resourceType": "Patient", "id": "a", "identifier": [{"system": "s", "value": "v"}]}
    entries.append({"resource": patient, "request": {"method": "PUT", "url": "Patient/a"}})
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert client.post("/fhir", data=json.dumps(bundle), content_type=JSON).status_code == 200
    return client


def assert_given_up(outcome):
    (issue,) = outcome["issue"]
    assert issue["code"] == "timeout"
    assert "longer than 0.2 seconds" in issue["diagnostics"]


def test_a_search_is_given_up(client):
    for query in (SLOW, f"{SLOW}&_summary=count"):
        response = client.get(f"/fhir/Observation?{query}")
        assert response.status_code == 503
        assert_given_up(response.get_json(force=True))
    # The same connection does other things afterwards, for as long as they take.
    assert client.get("/fhir/Observation?patient=a&_total=accurate").get_json(force=True)["total"] == OBSERVATIONS


def test_a_condition_is_given_up_and_nothing_is_stored(client):
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "new"}}
    response = client.put(f"/fhir/Observation?{SLOW}", data=json.dumps(observation), content_type=JSON)
    assert response.status_code == 503
    assert_given_up(response.get_json(force=True))
    assert client.get("/fhir/Observation?_summary=count").get_json(force=True)["total"] == OBSERVATIONS


def test_a_condition_of_an_import_is_given_up_and_said(client, registry):
    """With others in its transaction, in which PostgreSQL carries out nothing after a statement that was stopped."""
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "new"}}
    requests = ({"method": "POST", "url": "Observation"} | condition for condition in ({}, {"ifNoneExist": SLOW}))
    entries = ({"resource": observation, "request": request} for request in requests)
    bundles = ({"resourceType": "Bundle", "type": "transaction", "entry": [entry]} for entry in entries)
    units = [Unit(number, 0, None, 0, json.dumps(bundle).encode()) for number, bundle in enumerate(bundles)]

    def keep_account(connection, done):  # as a job does
        connection.exec_driver_sql("SELECT 1")

    with pytest.raises(FhirError) as raised:
        list(import_units(registry, 1, units, "http://localhost/fhir", 1, keep_account))
    assert_given_up(operation_outcome(raised.value.issues))
    assert client.get("/fhir/Observation?_summary=count").get_json(force=True)["total"] == OBSERVATIONS


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_the_other_entries_of_a_batch_are_done(client, method):
    observation = {"resourceType": "Observation", "status": "final", "code": {"text": "new"}}
    slow, quick = ({"request": {"method": method, "url": f"Observation?{q}"}} for q in (SLOW, "code:text=none"))
    if method == "PUT":
        slow["resource"] = quick["resource"] = observation
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [quick, slow, quick]}
    answer = client.post("/fhir", data=json.dumps(bundle), content_type=JSON).get_json(force=True)
    first, given_up, last = (entry["response"] for entry in answer["entry"])
    assert given_up["status"] == "503 Service Unavailable"
    assert_given_up(given_up["outcome"])
    assert {first["status"], last["status"]} <= {"200 OK", "201 Created"}
    transaction = client.post(
        "/fhir", data=json.dumps(bundle | {"type": "transaction", "entry": [slow]}), content_type=JSON
    )
    assert transaction.status_code == 503
    assert_given_up(transaction.get_json(force=True))
