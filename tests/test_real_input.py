"""What others made, through the front door: official examples, Synthea and mCODE over HTTP, on both databases."""

import gzip
import json
import tarfile
from collections import Counter

import pytest
from mcode import read_mcode

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.fhir import json as fhir_json

FHIR = "application/fhir+json"
# Faulty by the definitions of the standard: each refers to a type that is not among the targets of the element.
FAULTY_EXAMPLES = {
    "DeviceMetric-example.json",
    "DeviceUseStatement-example.json",
    "Observation-clinical-gender.json",
}
# A document with two versions of one resource and a reference that names neither: no invariant of R4 forbids it.
NOT_CAUGHT = {"bundle-document-versioned-references-bad.json"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, tmp_path_factory):
    config = Config.from_env(
        {
            "FHIR_REGISTRY_DATABASE": new_database(request.param),
            "FHIR_REGISTRY_DATA_DIR": str(tmp_path_factory.mktemp("data")),
        }
    )
    app = create_app(config)
    yield app.test_client()
    app.extensions["fhir_registry"].close()


def read_archive(path):
    with tarfile.open(path) as members:
        return {m.name: members.extractfile(m).read() for m in members if m.isfile()}


def send(client, data):
    """PUT a resource under its own id, or POST it when it has none or an invalid one."""
    try:
        resource = json.loads(data)
        path = f"/fhir/{resource['resourceType']}"
        return client.put(f"{path}/{resource['id']}", data=data, content_type=FHIR)
    except (ValueError, KeyError, TypeError):
        return client.post("/fhir/Patient", data=data, content_type=FHIR)


def as_sent(resource):
    """Without what the server sets. Decimals stay literals."""
    resource = {**resource, "meta": {**resource.get("meta", {})}}
    for name in ("versionId", "lastUpdated"):
        resource["meta"].pop(name, None)
    if not resource["meta"]:
        del resource["meta"]
    return fhir_json.dumps(dict(sorted(resource.items())))


def assert_round_trips(client, examples):
    """All that is accepted reads back equal to the digit; returns the names refused, which are not stored."""
    refused = set()
    for name, data in examples.items():
        resource = fhir_json.parse(data)
        path = f"/fhir/{resource['resourceType']}/{resource['id']}"
        response = client.put(path, data=data, content_type=FHIR)
        if response.status_code not in (200, 201):
            assert response.status_code in (400, 422), name
            assert response.get_json()["resourceType"] == "OperationOutcome"
            assert response.get_json()["issue"][0]["expression"], name
            assert client.get(path).status_code == 404
            refused.add(name)
            continue
        assert as_sent(fhir_json.parse(client.get(path).data)) == as_sent(resource), name
    return refused


def test_official_examples_are_stored_and_come_back(client, cases):
    examples = read_archive(cases / "data" / "r4-examples" / "valid.tar.gz")
    assert len(examples) == 448
    assert assert_round_trips(client, examples) == FAULTY_EXAMPLES


def test_mcode_examples_are_stored_and_come_back(client):
    examples = {name: fhir_json.dumps(resource) for name, resource in read_mcode("package/example/").items()}
    assert len(examples) == 179
    assert assert_round_trips(client, examples) == set()


def test_official_counter_examples_are_refused(client, cases):
    folder = cases / "data" / "r4-examples"
    examples = read_archive(folder / "invalid.tar.gz")
    accepted = set()
    for case in json.loads((folder / "invalid.json").read_text()):
        response = send(client, examples[case["file"]])
        if response.status_code in (200, 201):
            accepted.add(case["file"])
        else:
            assert 400 <= response.status_code < 500, case["file"]
            assert response.get_json()["resourceType"] == "OperationOutcome", case["file"]
    assert accepted == NOT_CAUGHT


def count(client, type_):
    return client.get(f"/fhir/{type_}?_summary=count").get_json()["total"]


def test_synthea_bundles_go_in_once(client, cases):
    """Every bundle 200 and every entry 201; again: every entry 200 and nothing new."""
    bodies = [gzip.decompress(p.read_bytes()) for p in sorted((cases / "data" / "synthea").glob("*.json.gz"))]
    assert len(bodies) == 60
    sent = Counter(entry["resource"]["resourceType"] for body in bodies for entry in json.loads(body)["entry"])
    assert sent.total() == 17_398
    before = {type_: count(client, type_) for type_ in sent}
    for status, added in (("201", sent), ("200", sent)):
        for body in bodies:
            response = client.post("/fhir", data=body, content_type=FHIR)
            assert response.status_code == 200, response.data[:500]
            assert {entry["response"]["status"][:3] for entry in response.get_json()["entry"]} == {status}
        assert {type_: count(client, type_) - before[type_] for type_ in sent} == added
