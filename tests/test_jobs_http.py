"""Asynchronous requests: 202, where to ask, what became of them (docs/http.md)."""

import pytest
from rest_client import BASE, body, issue, serving
from test_evaluate import SITE, treated

from fhir_registry.edges import http_jobs
from fhir_registry.fhir import json
from fhir_registry.fhir.dates import SECOND
from fhir_registry.fhir.errors import Issue, error
from fhir_registry.ops import ingest
from fhir_registry.ops.jobs import do

EVALUATE = "Measure/halaven-dcr/$evaluate-measure"
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(request, new_database):
    """A server for all tests here, with two patients."""
    with serving(new_database(request.param)) as client:
        for patient in ("a", "b"):
            ingest.bundle(client.registry, SITE, treated(patient, ("2024-03-15", "LA28369-9")), BASE)
        yield client


@pytest.fixture
def rest(served):
    """Without any jobs."""
    with served.registry.store.database.write(1) as connection:
        for table in served.registry.store.tables.jobs:
            connection.execute(table.delete())
    return served


def claim(rest, *kinds):
    return rest.registry.store.jobs.claim("w", kinds or ("evaluate",))


def place(response):
    """Where to ask, relative to the base."""
    assert response.status_code == 202, response.text
    assert response.get_data() == b""
    assert response.headers["Preference-Applied"] == "respond-async"
    url = response.headers["Content-Location"]
    assert url.startswith(f"{BASE}/$job/")
    return url.removeprefix(f"{BASE}/")


def entry_of(response):
    assert response.status_code == 200, response.text
    bundle = body(response)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "batch-response")
    (entry,) = bundle["entry"]
    return entry


def undated(report):
    return {name: value for name, value in report.items() if name not in ("date", "id", "meta")}


@pytest.mark.parametrize("prefer", ["respond-async", "RESPOND-ASYNC, wait=10", "return=minimal; respond-async"])
def test_it_answers_what_the_request_would_have_answered(rest, prefer):
    at = place(rest.get(f"{EVALUATE}?periodEnd=2025-06-30", Prefer=prefer))
    waiting = rest.get(at)
    assert (waiting.status_code, waiting.get_data(), waiting.headers["X-Progress"]) == (202, b"", "waiting")
    assert 1 <= int(waiting.headers["Retry-After"]) <= 60
    do(rest.registry, claim(rest))
    answered = rest.get(at)
    entry = entry_of(answered)
    assert entry["response"] == {"status": "200 OK"}
    assert undated(entry["resource"]) == undated(rest.read(f"{EVALUATE}?periodEnd=2025-06-30"))
    assert "Expires" in answered.headers
    as_xml = rest.get(at, Accept="application/fhir+xml")
    assert as_xml.get_data().startswith(b"<?xml") or b"<Bundle" in as_xml.get_data()


def test_posted_the_report_is_kept(rest):
    at = place(rest.send("POST", f"{EVALUATE}?periodEnd=2025-06-30", **ASYNC))
    do(rest.registry, claim(rest))
    entry = entry_of(rest.get(at))
    path = entry["response"]["location"].removeprefix(f"{BASE}/")
    assert rest.read(path) == entry["resource"]
    assert entry["response"]["etag"] == 'W/"1"'
    synchronous = rest.send("POST", f"{EVALUATE}?periodEnd=2025-06-30")
    assert synchronous.headers["Location"] == entry["response"]["location"]
    assert rest.total("MeasureReport") == 1


def test_without_the_preference_nothing_waits(rest):
    response = rest.get(f"{EVALUATE}?periodEnd=2025-06-30", Prefer="return=minimal")
    assert (response.status_code, body(response)["resourceType"]) == (200, "MeasureReport")
    assert claim(rest) is None


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Measure/nothing/$evaluate-measure", 404),
        (f"{EVALUATE}?periodEnd=yesterday", 400),
        (f"{EVALUATE}?periodStart=2025&periodEnd=2024", 400),
        (f"{EVALUATE}?reportType=individual", 400),
        (f"{EVALUATE}?unknown=1", 400),
    ],
)
def test_what_is_wrong_with_the_request_is_said_at_once(rest, path, status):
    told, synchronous = rest.get(path, **ASYNC), rest.get(path)
    assert (told.status_code, issue(told)) == (status, issue(synchronous))
    assert claim(rest) is None


def test_a_failed_job_has_the_status_and_outcome_of_the_request(rest):
    path = "Measure/lipusu-her2-os/$evaluate-measure"  # nobody is in that study
    at = place(rest.get(path, **ASYNC))
    do(rest.registry, claim(rest))
    told, synchronous = rest.get(at), rest.get(path)
    assert (told.status_code, body(told)) == (422, body(synchronous))


def test_progress(rest):
    at = place(rest.get(EVALUATE, **ASYNC))
    job = claim(rest)
    assert rest.get(at).headers["X-Progress"] == "0 done"
    with rest.registry.store.database.write(1) as connection:
        job.save(connection, {}, 3, 40)
    assert rest.get(at).headers["X-Progress"] == "7 % (3 of 40)"
    job.give_back(error("unavailable", "transient", "later"))
    assert rest.get(at).headers["X-Progress"] == "7 % (3 of 40)"
    table = rest.registry.store.tables.jobs.job
    with rest.registry.store.database.write(1) as connection:
        connection.execute(table.update().values(submitted=job.submitted - 3600 * SECOND))
    assert rest.get(at).headers["Retry-After"] == "60"


@pytest.mark.parametrize("state", ["requested", "in-progress", "completed", "failed"])
def test_deleted_it_is_no_more(rest, state):  # BULK-30
    at = place(rest.get(EVALUATE, **ASYNC))
    job = claim(rest) if state != "requested" else None
    if state == "completed":
        do(rest.registry, job)
    elif state == "failed":
        job.fail(error("bad-request", "value", "no"))
    deleted = rest.send("DELETE", at)
    assert (deleted.status_code, deleted.get_data()) == (202, b"")
    for method in ("GET", "DELETE"):
        gone = rest.send(method, at)
        assert (gone.status_code, issue(gone)["code"]) == (404, "not-found")
    assert rest.get(f"{at}/errors").status_code == 404
    assert claim(rest) is None


@pytest.mark.parametrize("id", ["0" * 32, "x", "%00", "..", "a" * 5000])
def test_unknown_ids_are_404(rest, id):
    response = rest.get(f"$job/{id}")
    assert (response.status_code, issue(response)["severity"]) == (404, "error")


def test_jobs_of_other_sites_are_404(rest):  # BULK-35
    id_ = rest.registry.store.jobs.submit(2, "evaluate", {})
    assert (rest.get(f"$job/{id_}").status_code, rest.send("DELETE", f"$job/{id_}").status_code) == (404, 404)
    assert claim(rest).id == id_


def test_other_methods_and_parameters_are_refused(rest):
    at = place(rest.get(EVALUATE, **ASYNC))
    refused = rest.send("POST", at)
    assert (refused.status_code, sorted(refused.headers["Allow"].split(", "))) == (
        405,
        ["DELETE", "GET", "HEAD", "OPTIONS"],
    )
    assert rest.get(f"{at}?x=1").status_code == 400


def test_too_many_that_wait_are_429(rest, monkeypatch):  # BULK-39
    monkeypatch.setattr(http_jobs, "WAITING", 2)
    for _ in range(3):  # that were interrupted, and which only the command does
        rest.registry.store.jobs.submit(SITE, "import-files", {})
    for _ in range(2):
        place(rest.get(EVALUATE, **ASYNC))
    refused = rest.get(EVALUATE, **ASYNC)
    assert (refused.status_code, issue(refused)["code"], refused.headers["Retry-After"]) == (429, "throttled", "60")
    claim(rest)
    place(rest.get(EVALUATE, **ASYNC))


def test_an_import_answers_a_manifest_and_what_it_refused(rest):  # IMP-01, BULK-19
    store = rest.registry.store
    id_ = store.jobs.submit(SITE, "import", {})
    job = claim(rest, "import")
    with store.database.write(1) as connection:
        refused = [("a.ndjson", n, [Issue("error", "value", "no date", "Patient.birthDate")]) for n in range(1, 1503)]
        store.jobs.add_errors(connection, job, 0, refused)
        job.complete(connection, {"transactionTime": "2026-01-01T00:00:00Z", "output": [], "refused": len(refused)})
    response = rest.get(f"$job/{id_}")
    assert response.headers["Content-Type"] == "application/json"
    manifest = json.parse(response.get_data())
    url = f"{BASE}/$job/{id_}/errors"
    assert manifest["error"] == [{"type": "OperationOutcome", "url": url, "count": 1502}]
    assert "refused" not in manifest
    errors = rest.get(f"$job/{id_}/errors")
    assert errors.headers["Content-Type"].startswith("application/fhir+ndjson")
    lines = errors.get_data().splitlines()
    assert len(lines) == 1502
    (told,) = json.parse(lines[-1])["issue"]
    assert (told["diagnostics"], told["expression"]) == ("a.ndjson, line 1502: no date", ["Patient.birthDate"])
