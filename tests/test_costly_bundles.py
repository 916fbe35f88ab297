"""What the reads of one Bundle and the operations of one patch may cost (https://hl7.org/fhir/R4/http.html#summary)."""

import base64
import json

import pytest

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config

JSON = "application/fhir+json"


@pytest.fixture
def client(registry):
    return create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": "unused"}), registry).test_client()


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_the_reads_of_a_bundle_are_limited(client, kind):
    data = base64.b64encode(bytes(15_000_000)).decode()  # 20 MB, of which three are more than 50
    binary = {"resourceType": "Binary", "id": "b", "contentType": "application/octet-stream", "data": data}
    assert client.put("/fhir/Binary/b", data=json.dumps(binary), content_type=JSON).status_code == 201
    entries = [{"request": {"method": "GET", "url": "Binary/b"}}] * 4
    bundle = {"resourceType": "Bundle", "type": kind, "entry": entries}
    response = client.post("/fhir", data=json.dumps(bundle), content_type=JSON)
    if kind == "transaction":
        assert response.status_code == 400
        (issue,) = response.get_json(force=True)["issue"]
        assert (issue["code"], issue["expression"]) == ("too-costly", ["Bundle.entry[3].request.url"])
    else:
        statuses = [entry["response"]["status"] for entry in response.get_json(force=True)["entry"]]
        assert statuses == ["200 OK"] * 3 + ["400 Bad Request"]


def test_many_operations_are_for_small_resources(client):
    identifiers = [{"value": f"v{number}"} for number in range(20_000)]
    operation = {"name": "operation", "part": [{"name": "type", "valueCode": "delete"}]}
    operation["part"].append({"name": "path", "valueString": "Patient.identifier.where(value='none')"})
    patch = json.dumps({"resourceType": "Parameters", "parameter": [operation] * 1000})
    for size, status in ((10, 200), (20_000, 422)):
        patient = {"resourceType": "Patient", "id": "p", "identifier": identifiers[:size]}
        client.put("/fhir/Patient/p", data=json.dumps(patient), content_type=JSON)
        assert client.patch("/fhir/Patient/p", data=patch, content_type=JSON).status_code == status
