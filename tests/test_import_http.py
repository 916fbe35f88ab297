"""POST /fhir/$import: accepted, done later, and told what became of it."""

import gzip
import hashlib
import ipaddress
import json

import pytest

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops.import_places import Places
from fhir_registry.ops.jobs import KINDS, do
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.outbound import Host

NDJSON = "application/fhir+ndjson"
ASYNC = {"Prefer": "respond-async"}
PATIENTS = b"".join(b'{"resourceType": "Patient", "id": "p%d"}\n' % n for n in range(10))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "patients.ndjson").write_bytes(PATIENTS)
    return tmp_path / "in"


@pytest.fixture
def registry(database, content, folder):
    nobody = Host("localhost", 1, ipaddress.ip_network("127.0.0.0/8"))
    opened = open_registry(database, content, places=Places(folder, [nobody]))
    yield opened
    opened.close()


@pytest.fixture
def client(registry, tmp_path):
    settings = {"DATA_DIR": str(tmp_path), "BASE_URL": "https://server.example/fhir", "MAX_BODY_BYTES": "100000"}
    return create_app(Config.from_env({f"FHIR_REGISTRY_{n}": v for n, v in settings.items()}), registry).test_client()


def kick_off(client, data, content_type="application/fhir+json", **headers):
    data = data if isinstance(data, bytes) else json.dumps(data)
    return client.post("/fhir/$import", data=data, content_type=content_type, headers=ASYNC | headers)


def finish(registry, client, response):
    """(manifest, [OperationOutcome]) after the job that was accepted is done."""
    assert response.status_code == 202, response.text
    place = response.headers["Content-Location"].removeprefix("https://server.example")
    assert client.get(place).status_code == 202
    do(registry, registry.store.jobs.claim("me", KINDS))
    answer = client.get(place)
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), answer.text
    manifest = answer.get_json()
    (error,) = manifest["error"] or [None]
    if not error:
        return manifest, []
    lines = client.get(error["url"].removeprefix("https://server.example"), headers={"Accept": NDJSON})
    assert lines.mimetype == NDJSON
    outcomes = [json.loads(line) for line in lines.data.splitlines()]
    assert error == {"type": "OperationOutcome", "url": f"https://server.example{place}/errors", "count": len(outcomes)}
    return manifest, outcomes


def refused(response, status, *place):
    assert response.status_code == status, response.text
    issue = response.get_json(force=True)["issue"][0]
    assert issue.get("expression", []) == list(place), issue
    return issue["diagnostics"]


def test_lines_are_stored_and_the_wrong_ones_told(registry, client):  # IMP-01
    wrong = PATIENTS + b'{"resourceType": "Patient", "id": "x", "birthDate": "2020-02-30"}\n'
    manifest, outcomes = finish(registry, client, kick_off(client, wrong, NDJSON))
    assert manifest["request"] == "https://server.example/fhir/$import"
    assert manifest["transactionTime"].endswith("Z")
    counted = {"created": 10, "updated": 0, "unchanged": 0, "deleted": 0}
    assert manifest["output"] == [{"type": "Patient", "count": 10, **counted}]
    (outcome,) = outcomes
    (issue,) = outcome["issue"]
    assert issue["expression"] == ["Patient.birthDate"]
    assert issue["diagnostics"].startswith("the body, line 11: ")
    assert issue["extension"][0]["valueInteger"] == 11
    assert registry.validator.validate(outcome) == []
    assert client.get("/fhir/Patient?_summary=count").get_json(force=True)["total"] == 10
    again, _ = finish(registry, client, kick_off(client, wrong, NDJSON))
    assert again["output"][0]["unchanged"] == 10


def test_bundles_and_packed_lines(registry, client):
    entry = {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}
    manifest, _ = finish(
        registry, client, kick_off(client, {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    )
    assert manifest["output"][0]["created"] == 1
    xml = '<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/></Bundle>'
    assert finish(registry, client, kick_off(client, xml.encode(), "application/fhir+xml"))[0]["empty"] == 1
    packed = kick_off(client, gzip.compress(PATIENTS), "application/ndjson", **{"Content-Encoding": "gzip"})
    assert finish(registry, client, packed)[0]["output"][0]["created"] == 10


def test_files_of_the_folder(registry, client, folder):  # IMP-07
    (folder / "other.ndjson").write_bytes(PATIENTS + b'{"resourceType": "Basic", "code": {"text": "x"}}\n')
    urls = [f"file://{folder}/{name}.ndjson" for name in ("patients", "other", "changed", "none")]
    (folder / "changed.ndjson").write_bytes(b'{"resourceType": "Patient", "id": "changed"}\n')
    etags = [hashlib.sha256(PATIENTS).hexdigest(), None, "0" * 64, None]
    inputs = [
        {"type": "Patient", "url": url} | ({"etag": etag} if etag else {})
        for url, etag in zip(urls, etags, strict=True)
    ]
    draft = {"inputFormat": NDJSON, "inputSource": "https://hospital.example/fhir", "input": inputs}
    manifest, outcomes = finish(registry, client, kick_off(client, draft, "application/json"))
    assert manifest["inputSource"] == "https://hospital.example/fhir"
    assert [(o["inputUrl"], o["created"], o["unchanged"]) for o in manifest["output"]] == [
        (urls[0], 10, 0),
        (urls[1], 0, 10),
    ]
    assert [(o["extension"][0]["valueString"], o["issue"][0]["code"]) for o in outcomes] == [
        (urls[1], "business-rule"),
        (urls[2], "conflict"),
        (urls[3], "not-found"),
    ]
    parameter = [
        {"name": "inputFormat", "valueCode": NDJSON},
        {"name": "mode", "valueString": "IncrementalLoad"},
        {"name": "storageDetail", "part": [{"name": "type", "valueCode": "file"}]},
        {"name": "input", "part": [{"name": "type", "valueCode": "Patient"}, {"name": "url", "valueUrl": urls[0]}]},
    ]
    parameters = {"resourceType": "Parameters", "parameter": parameter}
    assert finish(registry, client, kick_off(client, parameters))[0]["output"][0]["unchanged"] == 10


def test_a_request_that_cannot_be_carried_out_is_refused_at_once(client, folder):  # IMP-04
    good = {"inputFormat": NDJSON, "input": [{"type": "Patient", "url": f"file://{folder}/patients.ndjson"}]}
    for changed, place in (
        ({"inputFormat": "text/csv"}, ["inputFormat"]),
        ({"inputFormat": ["ndjson"]}, ["inputFormat"]),
        ({"mode": "InitialLoad"}, ["mode"]),
        ({"inputSource": 1}, ["inputSource"]),
        ({"storageDetail": {"type": "aws-s3"}}, ["storageDetail"]),
        ({"storageDetail": {"type": {}}}, ["storageDetail"]),
        ({"extra": 1}, ["extra"]),
        ({"input": []}, ["input"]),
        ({"input": good["input"] * 2}, ["input"]),
        ({"input": [{"type": "Patient"}]}, ["input[0].url"]),
        ({"input": [{"type": "Nothing", "url": "x"}]}, ["input[0].type"]),
        ({"input": [{"url": "file:///etc/passwd"}]}, ["input[0].url"]),
        ({"input": [*good["input"], {"url": "http://169.254.169.254/"}]}, ["input[1].url"]),
        ({"input": [{"url": "https://localhost:5432/"}]}, ["input[0].url"]),
        ({"input": [{"url": "file://[::1"}]}, ["input[0].url"]),
        ({"input": [{"url": f"file://{folder}/" + "a/" * 4000}]}, ["input[0].url"]),
        ({"input": [{"url": "https://[::1]/", "token": "x"}]}, ["input[0].token"]),
    ):
        refused(kick_off(client, good | changed, "application/json"), 400, *place)
    unnamed = {"resourceType": "Parameters", "parameter": [{"valueString": "x"}]}
    refused(kick_off(client, unnamed), 400, "Parameters.parameter[0]")
    named = [{"name": "mode", "valueCode": "IncrementalLoad"}, {"name": "inputFormat", "valueCode": NDJSON}]
    parts = [{"name": "type", "valueCode": "Patient"}, {"name": "url", "valueUrl": "file:///etc/passwd"}]
    for parameter, place in (
        ([{"name": "mode", "valueCode": "x"}, named[1]], "Parameters.parameter[0]"),
        (named[:1], "Parameters.parameter"),  # inputFormat is missing
        ([*named, {"name": "input", "part": parts[:1]}], "Parameters.parameter[2]"),  # its url is missing
        ([*named, {"name": "input", "part": parts}], "Parameters.parameter[2].part[1]"),
    ):
        refused(kick_off(client, {"resourceType": "Parameters", "parameter": parameter}), 400, place)
    twice = {"resourceType": "Parameters", "parameter": 2 * [{"name": "mode", "valueCode": "x"}]}
    refused(kick_off(client, twice), 400, "Parameters.parameter[1]")


def test_a_body_that_cannot_be_stored_is_refused_at_once(client):
    asked = client.post("/fhir/$import", data=PATIENTS, content_type=NDJSON)
    assert "Prefer: respond-async" in refused(asked, 400)
    refused(kick_off(client, b" \n", NDJSON), 400)
    refused(kick_off(client, {"resourceType": "Patient"}), 400)
    refused(kick_off(client, {"resourceType": "Bundle", "type": "searchset"}), 400, "Bundle.type")
    refused(kick_off(client, b"x" * 100_001, NDJSON), 413)
    refused(kick_off(client, gzip.compress(bytes(10_000_000)), NDJSON, **{"Content-Encoding": "gzip"}), 413)
    refused(kick_off(client, b"x", NDJSON, **{"Content-Encoding": "br"}), 415)
    refused(kick_off(client, b"x", "text/csv"), 415)
    refused(kick_off(client, PATIENTS, f"{NDJSON}; charset=utf-16"), 415)
    assert client.get("/fhir/$import").status_code == 405
    refused(client.post("/fhir/$import?site=2", data=PATIENTS, content_type=NDJSON, headers=ASYNC), 400, "http.site")
    assert client.get("/fhir/Patient?_summary=count").get_json(force=True)["total"] == 0


def test_a_host_that_is_away_is_asked_again_later(registry, client, folder):
    urls = [f"file://{folder}/patients.ndjson", "https://localhost:1/a.ndjson"]
    draft = {"inputFormat": NDJSON, "input": [{"url": url} for url in urls]}
    place = kick_off(client, draft, "application/json").headers["Content-Location"]
    jobs = registry.store.jobs
    do(registry, jobs.claim("me", KINDS))
    job = jobs.get(place.rpartition("/")[2])
    assert (job.state, job.problem["kind"], job.checkpoint["line"]) == ("requested", "unavailable", 10)
    assert client.get("/fhir/Patient?_summary=count").get_json(force=True)["total"] == 10
    assert client.get(place.removeprefix("https://server.example")).status_code == 202
