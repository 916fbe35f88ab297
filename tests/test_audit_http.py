"""AuditEvents over HTTP where the audit log makes them: read only, for everybody (AUD-05)."""

import pytest
from audit_events import append, pushed, read, searched
from audited_client import AuditedClient
from rest_client import BASE, body, issue, patient, serving
from smart_client import builtin

from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest


@pytest.fixture
def client(prepared, tmp_path):
    """A client that may do all that any client may."""
    with serving(prepared, **builtin(tmp_path)) as rest:
        append(rest.registry.store, read("p1"))
        append(rest.registry.store, searched("p1"))
        yield AuditedClient(rest, "system/*.cruds system/AuditEvent.rs")


def ids(bundle):
    return [entry["resource"]["id"] for entry in bundle["entry"]]


def test_they_are_read(client):
    response = client.get("AuditEvent/1-1-1-1")
    assert response.status_code == 200 and response.headers["ETag"] == 'W/"1"'
    assert body(response)["resourceType"] == "AuditEvent" and body(response)["id"] == "1-1-1-1"
    assert body(client.get("AuditEvent/1-1-1-1/_history/1")) == body(response)
    assert client.get("AuditEvent/1-1-1-1?_format=xml").mimetype == "application/fhir+xml"
    for path in ("AuditEvent/1-9999-1-1", "AuditEvent/x", "AuditEvent/1-1-1-1/_history/2"):
        response = client.get(path)
        assert issue(response)["code"] == "not-found" and response.status_code == 404
    assert client.get("AuditEvent/1-1-1-1?_elements=id").status_code == 400


def test_they_are_searched(client):
    bundle = body(client.get("AuditEvent?patient=p1&_count=1"))
    assert ids(bundle) == ["1-2-1-0"] and bundle["type"] == "searchset"
    links = {link["relation"]: link["url"] for link in bundle["link"]}
    assert links["self"] == f"{BASE}/AuditEvent?patient=p1&_count=1"
    assert ids(body(client.get(links["next"].removeprefix(f"{BASE}/")))) == ["1-1-1-1"]
    form = {"method": "POST", "data": {"patient": "p1", "subtype": "read"}}
    assert ids(body(client.open("/fhir/AuditEvent/_search", **form))) == ["1-1-1-1"]
    assert issue(client.get("AuditEvent?patiant=p1"))["code"] == "not-supported"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["AuditEvent", "AuditEvent/1-1-1-1", "AuditEvent/new", "AuditEvent?_id=1-1-1-1"])
def test_nobody_writes_them(client, method, path):
    event = body(client.get("AuditEvent/1-1-1-1"))
    response = client.send(method, path, event)
    assert response.status_code == 405 and response.headers["Allow"] == "GET, HEAD"
    assert "nobody changes them" in issue(response)["diagnostics"]
    assert body(client.get("AuditEvent/1-1-1-1")) == event and client.get("AuditEvent/new").status_code == 404


@pytest.mark.parametrize("path", ["AuditEvent", "AuditEvent/1-1-1-1", "AuditEvent/1-1-1-1/_history/1"])
def test_options_tell_that_they_are_only_read(client, path):
    response = client.send("OPTIONS", path)
    assert {*response.headers["Allow"].split(", ")} == {"GET", "HEAD", "OPTIONS"}
    assert "Accept-Patch" not in response.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nor_in_a_bundle(client, method):
    resource = body(client.get("AuditEvent/1-1-1-1"))
    url = "AuditEvent" if method == "POST" else "AuditEvent/1-1-1-1"
    entries = (
        {"request": {"method": "POST", "url": "Patient"}, "resource": patient(1)},
        {"request": {"method": method, "url": url}, **({} if method == "DELETE" else {"resource": resource})},
    )
    told = issue(response := client.push(*entries))
    assert response.status_code == 405 and told["expression"] == ["Bundle.entry[1].request.url"]
    assert "nobody changes them" in told["diagnostics"]
    assert body(client.get("Patient?identifier=1&_summary=count"))["total"] == 0
    _, refused = body(client.push(*entries, type="batch"))["entry"]
    assert refused["response"]["status"].startswith("405")


def test_nor_in_an_import(client):
    event = body(client.get("AuditEvent/1-1-1-1"))
    with pytest.raises(FhirError, match="nobody changes them") as refused:
        ingest.plan_resource(client.rest.registry, event)
    assert refused.value.status == 405


def test_they_are_in_no_other_search(client):
    append(client.rest.registry.store, pushed("p9"), chain=0)
    types = {entry["resource"]["resourceType"] for entry in body(client.get("?_count=1000"))["entry"]}
    assert types and "Patient" not in types and "AuditEvent" not in types
    assert client.get("?_type=AuditEvent").status_code == 400
    response = client.get("AuditEvent/_history")
    assert response.status_code == 404 and "found by [base]/AuditEvent only" in issue(response)["diagnostics"]


THROUGH = (
    "Patient?_has:AuditEvent:patient:date=2020",
    "Practitioner?_has:Patient:general-practitioner:_has:AuditEvent:patient:_id=1-1-1-1",
    "Patient?_revinclude=AuditEvent:patient",
    "Patient?_revinclude:iterate=AuditEvent:entity",
    "?_include=AuditEvent:patient",
    "Provenance?_include=Provenance:target:AuditEvent",
    "Provenance?target:AuditEvent.date=2020",
)


@pytest.mark.parametrize("query", THROUGH)
def test_no_search_leads_through_them(client, query):
    told = issue(client.get(query))
    assert told["code"] == "not-supported" and "found by [base]/AuditEvent only" in told["diagnostics"]


def test_a_lenient_search_says_that_it_includes_none(client):
    bundle = body(client.get("Patient?_revinclude=AuditEvent:patient", Prefer="handling=lenient"))
    (entry,) = bundle["entry"]
    assert entry["search"]["mode"] == "outcome" and "_revinclude" not in str(bundle["link"])
    assert "found by [base]/AuditEvent only and was ignored" in entry["resource"]["issue"][0]["diagnostics"]


def test_what_can_be_done_is_advertised(client):
    resources = body(client.get("metadata"))["rest"][0]["resource"]
    (resource,) = (each for each in resources if each["type"] == "AuditEvent")
    assert [each["code"] for each in resource["interaction"]] == ["read", "vread", "search-type"]
    names = {each["name"] for each in resource["searchParam"]}
    assert names == {"_id", "action", "agent", "date", "entity", "outcome", "patient", "subtype", "type"}
    assert {"updateCreate", "conditionalCreate", "searchInclude", "searchRevInclude", "operation"}.isdisjoint(resource)
    values = {"date": "ge2020", "patient": "p1", "entity": "Patient/p1"}
    for name in names:
        assert body(client.get(f"AuditEvent?{name}={values.get(name, 'x')}"))["type"] == "searchset"
    paths = body(client.get("openapi.json"))["paths"]
    assert {path: set(verbs) for path, verbs in paths.items() if path.startswith("/AuditEvent")} == {
        "/AuditEvent": {"get"},
        "/AuditEvent/_search": {"post"},
        "/AuditEvent/{id}": {"get"},
        "/AuditEvent/{id}/_history/{version}": {"get"},
    }
