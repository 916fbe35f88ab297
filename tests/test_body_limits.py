"""What a body may cost is limited, not only its bytes (https://hl7.org/fhir/R4/http.html#summary)."""

import base64
import gzip
import json

import pytest

from fhir_registry.core.xml import FHIR
from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops.open import open_registry

JSON, XML = "application/fhir+json", "application/fhir+xml"
PATIENT = b'{"resourceType":"Patient","id":"a"}'


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content):
    registry = open_registry(new_database(request.param), content)
    yield create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": "unused"}), registry).test_client()
    registry.close()


def post(client, data, content_type=JSON, path="Patient", **headers):
    return client.post(f"/fhir/{path}", data=data, content_type=content_type, headers=headers)


@pytest.mark.parametrize("value", ["[]", "{}", "1.5", '"x"', '{"given":["y"]}'])
def test_json_of_a_million_tiny_values_is_refused(client, value):
    body = f'{{"resourceType":"Patient","name":[{",".join([value] * 1_000_001)}]}}'
    response = post(client, body)
    assert (response.status_code, response.get_json(force=True)["issue"][0]["code"]) == (413, "too-costly")


@pytest.mark.parametrize("inner", ["<name/>", "<!---->", '<text a="1"/>'])
def test_xml_of_two_million_tiny_marks_is_refused(client, inner):
    assert post(client, f'<Patient xmlns="{FHIR}">{inner * 2_000_001}</Patient>', XML).status_code == 413


def test_a_patch_of_a_million_tiny_values_is_refused(client):
    client.put("/fhir/Patient/a", data=PATIENT, content_type=JSON)
    patch = b'[{"op":"test","path":"/name","value":[' + b"[]," * 1_000_000 + b"[]]}]"
    response = client.patch("/fhir/Patient/a", data=patch, content_type="application/json-patch+json")
    assert response.status_code == 413
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json"}
    binary["data"] = base64.b64encode(patch).decode()
    entry = {"resource": binary, "request": {"method": "PATCH", "url": "Patient/a"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert post(client, json.dumps(bundle), path="").status_code == 413


def test_few_values_may_be_large(client):
    data = base64.b64encode(bytes(20_000_000)).decode()
    binary = json.dumps({"resourceType": "Binary", "contentType": "application/octet-stream", "data": data})
    assert post(client, binary, path="Binary").status_code == 201


def test_a_search_form_is_short(client):
    response = post(client, b"name=" + b"%41" * 400_000, "application/x-www-form-urlencoded", "Patient/_search")
    assert response.status_code == 413


def test_gzip_in_parts_is_one_body(client):
    parts = gzip.compress(PATIENT[:10]) + gzip.compress(b"") + gzip.compress(PATIENT[10:] + b" " * 100_000)
    accept = {"Content-Encoding": "gzip"}
    assert post(client, parts, **accept).status_code == 201
    assert post(client, parts[:-1], **accept).status_code == 400
    assert post(client, parts + b"x", **accept).status_code == 400
    assert post(client, b"", **accept).status_code == 400


def test_gzip_in_very_many_parts_is_refused(client):
    response = post(client, gzip.compress(b" ") * 10_001, **{"Content-Encoding": "gzip"})
    assert (response.status_code, response.get_json(force=True)["issue"][0]["code"]) == (400, "too-costly")
