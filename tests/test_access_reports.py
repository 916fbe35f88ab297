"""The scopes of a token hold for reports that are made, kept and fetched later (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html)."""

import pytest
from smart_client import SmartClient, bearer, builtin
from test_evaluate import treated

from fhir_registry.edges import http_jobs
from fhir_registry.ops.jobs import KINDS, do

MEASURE = "Measure/halaven-dcr/$evaluate-measure?periodEnd=2024-12-31"
SINGLE = f"{MEASURE}&subject=Patient/p0"
LIST = f"{MEASURE}&reportType=subject-list"
ASYNC = {"Prefer": "respond-async"}
NDJSON = "application/fhir+ndjson"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return builtin(tmp_path_factory.mktemp("keys"), SMALL_CELL="0")


@pytest.fixture(scope="module")
def client(rest):
    """Of a hospital with one patient, p0."""
    found = SmartClient(rest.registry)
    pushed = treated("p0", ("2024-03-15", "LA28366-5"))
    assert rest.send("POST", "", pushed, **bearer(found.token(rest))).status_code == 200
    return found


def reading(rest, client, scope):
    """Headers of a token that may read all patients' data, and the reports that the scope covers."""
    types = {view.resource for view in rest.registry.content.views}
    return bearer(client.token(rest, " ".join([scope, *(f"system/{type}.rs" for type in sorted(types))])))


def answered(rest, headers, method="GET"):
    """{kind of report: status}."""
    asked = {"summary": MEASURE, "individual": SINGLE, "subject-list": LIST}
    return {kind: rest.send(method, path, **headers).status_code for kind, path in asked.items()}


def test_a_constraint_holds_for_reports_that_name_patients(rest, client):
    for wanted in ("summary", "individual", "subject-list"):
        headers = reading(rest, client, f"system/MeasureReport.rs?report-type={wanted}")
        expected = {"summary": 403, "individual": 403, "subject-list": 403, wanted: 200}
        assert answered(rest, headers) == expected


def test_a_constraint_holds_for_reports_that_are_kept(rest, client):
    scope = "system/MeasureReport.r system/MeasureReport.c?report-type=subject-list"
    kept = {"summary": 403, "individual": 403, "subject-list": 200}
    assert answered(rest, reading(rest, client, scope), "POST") == kept


def accepted(rest, response):
    """The path of the job that was accepted, when it is done."""
    assert response.status_code == 202, response.text
    do(rest.registry, rest.registry.store.jobs.claim("me", KINDS))
    return response.headers["Content-Location"].partition("/fhir/")[2]


def test_the_answer_of_a_job_is_for_who_may_read_it(rest, client):
    narrow = "system/Measure.rs", "system/MeasureReport.r", "system/MeasureReport.r?report-type=summary"
    one = accepted(rest, rest.get(SINGLE, **ASYNC, **bearer(client.token(rest))))
    for scope in narrow:
        refused = rest.get(one, **bearer(client.token(rest, scope)))
        assert refused.status_code == 403 and "insufficient_scope" in refused.headers["WWW-Authenticate"], scope
    assert "Patient/p0" in rest.get(one, **bearer(client.token(rest))).text
    summary = accepted(rest, rest.get(MEASURE, **ASYNC, **bearer(client.token(rest))))
    statuses = [rest.get(summary, **bearer(client.token(rest, scope))).status_code for scope in narrow]
    assert statuses == [403, 403, 403]  # its counts are not suppressed
    narrow_one = rest.get(MEASURE, **ASYNC, **bearer(client.token(rest, narrow[1])))
    suppressed = accepted(rest, narrow_one)
    statuses = [rest.get(suppressed, **bearer(client.token(rest, scope))).status_code for scope in narrow]
    assert statuses == [403, 200, 200]


def test_what_became_of_a_job_is_for_who_may_ask_for_it(rest, client):
    """A failure tells of a patient, too."""
    whole, reader = bearer(client.token(rest)), bearer(client.token(rest, "system/MeasureReport.r"))
    asked = rest.get(f"{MEASURE}&subject=Patient/nobody", **ASYNC, **whole)
    job = asked.headers["Content-Location"].partition("/fhir/")[2]
    for status in (202, 404):
        refused = rest.get(job, **reader)
        assert refused.status_code == 403 and "insufficient_scope" in refused.headers["WWW-Authenticate"]
        assert rest.get(job, **whole).status_code == status
        if status == 202:
            accepted(rest, asked)
    kept = accepted(rest, rest.send("POST", MEASURE, **ASYNC, **whole))
    assert rest.get(kept, **reading(rest, client, "system/MeasureReport.rs")).status_code == 403
    assert rest.get(kept, **reading(rest, client, "system/MeasureReport.cr")).status_code == 200


def test_what_an_import_says_is_for_who_may_import(rest, client):
    sent = {"data": b'{"resourceType": "Patient", "id": "x", "birthDate": "Geheim"}', "content_type": NDJSON}
    whole = bearer(client.token(rest))
    job = accepted(rest, rest.open("/fhir/$import", method="POST", headers=whole | ASYNC, **sent))
    reader = bearer(client.token(rest, "system/Measure.rs"))
    for path in (job, f"{job}/errors"):
        assert rest.get(path, **reader).status_code == 403
        assert rest.get(path, **whole).status_code == 200


@pytest.mark.parametrize(
    ("scope", "enough"),
    [
        ("system/*.cruds", ("system/*.cruds",)),
        ("system/Patient.cu", ("system/Patient.cu", "system/Patient.write", "system/*.cruds")),
        ("system/Patient.cu?gender=male", ("system/Patient.cu?gender=male", "system/Patient.cruds")),
    ],
)
def test_what_an_import_refused_is_for_who_may_do_as_much(rest, client, scope, enough):
    sent = {"data": b'{"resourceType": "Patient", "id": "x", "birthDate": "Geheim"}', "content_type": NDJSON}
    headers = bearer(client.token(rest, scope)) | ASYNC
    job = accepted(rest, rest.open("/fhir/$import", method="POST", headers=headers, **sent))
    for other in enough:
        told = rest.get(f"{job}/errors", **bearer(client.token(rest, other)))
        assert told.status_code == 200 and "Geheim" in told.text, other
    for other in ("system/Basic.c", "system/Patient.c", "system/Patient.cu?gender=female", "system/Observation.cruds"):
        token = bearer(client.token(rest, other))
        refused = rest.get(f"{job}/errors", **token)
        assert refused.status_code == 403 and "Geheim" not in refused.text, other
        assert "insufficient_scope" in refused.headers["WWW-Authenticate"]
        assert rest.get(job, **token).status_code == 200


def test_the_jobs_of_one_site_keep_no_other_from_asking(rest, client, monkeypatch):
    monkeypatch.setattr(http_jobs, "WAITING", 2)
    here, there = (bearer(each.token(rest)) for each in (client, SmartClient(rest.registry, site="other")))
    asked = [rest.get(MEASURE, **ASYNC, **here) for _ in range(3)]
    assert [each.status_code for each in asked] == [202, 202, 429]
    assert rest.get(MEASURE, **ASYNC, **there).status_code == 202
