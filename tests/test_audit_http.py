"""AuditEvents over HTTP: read only, for everybody (AUD-05)."""

import pytest
from audit_events import append, pushed, read, searched
from rest_client import BASE, body, issue, patient, serving


@pytest.fixture
def rest(prepared):
    with serving(prepared) as rest:
        append(rest.registry.store, read("p1"))
        append(rest.registry.store, searched("p1"))
        yield rest


def ids(bundle):
    return [entry["resource"]["id"] for entry in bundle["entry"]]


def test_they_are_read(rest):
    response = rest.get("AuditEvent/1-1-1-1")
    assert response.status_code == 200 and response.headers["ETag"] == 'W/"1"'
    assert body(response)["resourceType"] == "AuditEvent" and body(response)["id"] == "1-1-1-1"
    assert body(rest.get("AuditEvent/1-1-1-1/_history/1")) == body(response)
    assert rest.get("AuditEvent/1-1-1-1?_format=xml").mimetype == "application/fhir+xml"
    for path in ("AuditEvent/1-9-1-1", "AuditEvent/x", "AuditEvent/1-1-1-1/_history/2"):
        assert issue(rest.get(path))["code"] == "not-found" and rest.get(path).status_code == 404
    assert rest.get("AuditEvent/1-1-1-1?_elements=id").status_code == 400


def test_they_are_searched(rest):
    bundle = rest.read("AuditEvent?patient=p1&_count=1")
    assert ids(bundle) == ["1-2-1-0"] and bundle["type"] == "searchset"
    links = {link["relation"]: link["url"] for link in bundle["link"]}
    assert links["self"] == f"{BASE}/AuditEvent?patient=p1&_count=1"
    assert ids(rest.read(links["next"].removeprefix(f"{BASE}/"))) == ["1-1-1-1"]
    form = {"data": {"patient": "p1", "subtype": "read"}}
    assert ids(body(rest._client.post("/fhir/AuditEvent/_search", **form))) == ["1-1-1-1"]
    assert issue(rest.get("AuditEvent?patiant=p1"))["code"] == "not-supported"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["AuditEvent", "AuditEvent/1-1-1-1", "AuditEvent/new", "AuditEvent?_id=1-1-1-1"])
def test_nobody_writes_them(rest, method, path):
    event = body(rest.get("AuditEvent/1-1-1-1"))
    response = rest.send(method, path, event)
    assert response.status_code == 405 and response.headers["Allow"] == "GET, HEAD"
    assert "nobody changes them" in issue(response)["diagnostics"]
    assert body(rest.get("AuditEvent/1-1-1-1")) == event and rest.get("AuditEvent/new").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nor_in_a_bundle(rest, method):
    resource = body(rest.get("AuditEvent/1-1-1-1"))
    url = "AuditEvent" if method == "POST" else "AuditEvent/1-1-1-1"
    response = rest.push(
        {"request": {"method": "POST", "url": "Patient"}, "resource": patient(1)},
        {"request": {"method": method, "url": url}, **({} if method == "DELETE" else {"resource": resource})},
    )
    assert response.status_code == 404 and rest.total("Patient?identifier=1") == 0


def test_they_are_in_no_other_search(rest):
    append(rest.registry.store, pushed("p9"), chain=0)
    types = {entry["resource"]["resourceType"] for entry in rest.read("?_count=1000")["entry"]}
    assert "Patient" not in types and "AuditEvent" not in types
    assert rest.get("?_type=AuditEvent").status_code == 400
    assert rest.get("AuditEvent/_history").status_code == 404


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
def test_no_search_leads_through_them(rest, query):
    told = issue(rest.get(query))
    assert told["code"] == "not-supported" and "found by [base]/AuditEvent only" in told["diagnostics"]


def test_a_lenient_search_says_that_it_includes_none(rest):
    bundle = body(rest.get("Patient?_revinclude=AuditEvent:patient", Prefer="handling=lenient"))
    (entry,) = bundle["entry"]
    assert entry["search"]["mode"] == "outcome" and "_revinclude" not in str(bundle["link"])
    assert "found by [base]/AuditEvent only and was ignored" in entry["resource"]["issue"][0]["diagnostics"]


def test_what_can_be_done_is_advertised(rest):
    (resource,) = (r for r in rest.read("metadata")["rest"][0]["resource"] if r["type"] == "AuditEvent")
    assert [each["code"] for each in resource["interaction"]] == ["read", "vread", "search-type"]
    names = {each["name"] for each in resource["searchParam"]}
    assert names == {"_id", "action", "agent", "date", "entity", "outcome", "patient", "subtype", "type"}
    assert {"updateCreate", "conditionalCreate", "searchInclude", "searchRevInclude", "operation"}.isdisjoint(resource)
    values = {"date": "ge2020", "patient": "p1", "entity": "Patient/p1"}
    for name in names:
        assert rest.read(f"AuditEvent?{name}={values.get(name, 'x')}")["type"] == "searchset"
