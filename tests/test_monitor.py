"""A monitor reads all data of a site and asks about them by Tasks: it writes nothing else (docs/security.md, https://hl7.org/fhir/R4/task.html)."""

from dataclasses import replace

import pytest
from audited_client import AuditedClient, only_event
from rest_client import BASE, body, patient, serving
from smart_client import builtin
from test_importing import entry, transaction, units

from fhir_registry.core.access import Access
from fhir_registry.fhir import json
from fhir_registry.ops.callers import MOST, most_of
from fhir_registry.ops.importing import import_units

QUERY = {
    "resourceType": "Task",
    "status": "requested",
    "intent": "order",
    "authoredOn": "2026-03-01",
    "for": {"reference": "Patient/asked"},
    "focus": {"reference": "Patient/asked"},
    "description": "The chart has another date of birth",
}
DONE = json.dumps([{"op": "replace", "path": "/status", "value": "completed"}])
JSON_PATCH = "application/json-patch+json"
SAID = {"resourceType": "Provenance", "recorded": "2026-03-01T09:30:00Z", "agent": [{"who": {"display": "monitor"}}]}
CHANGED = patient(id="asked", birthDate="1950-01-01")


@pytest.fixture(scope="module")
def hospital(rest):
    """A client of the site, which has stored the patient who is asked about."""
    client = AuditedClient(rest)
    assert client.put(patient(id="asked")).status_code == 201
    return client


@pytest.fixture(scope="module", params=["default", "*"])
def monitor(request, rest, hospital):
    """A function that sends a request of a monitor: of one of the site, or of all sites to this one."""
    client = AuditedClient(rest, MOST["monitor"], role="monitor", site=request.param)
    base = "/fhir" if request.param == "default" else "/site/default/fhir"

    def send(method, path, resource=None, kind="application/fhir+json", **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if resource is None:
            return client.open(f"{base}/{path}", sent, method=method)
        data = resource if type(resource) is bytes else json.dumps(resource)
        return client.open(f"{base}/{path}".rstrip("/"), sent, method=method, data=data, content_type=kind)

    return send


def query(id, **members):
    return QUERY | {"id": id} | members


def test_a_query_is_raised_answered_and_closed(rest, hospital, monitor):
    raised = QUERY | {"identifier": [{"system": "urn:query", "value": "1"}]}
    made = monitor("POST", "Task", raised)
    assert made.status_code == 201 and only_event(rest.registry, made).payload["role"] == "monitor"
    id = body(made)["id"]
    # How old it is: by Task.authoredOn, and by when it was changed last.
    for search in ("authored-on=lt2026-03-02", "_lastUpdated=gt2026-01-01", "patient=asked", "focus=Patient/asked"):
        found = body(hospital.get(f"Task?status=requested&{search}"))["entry"]
        assert id in {each["resource"]["id"] for each in found}, search
    answered = raised | {"id": id, "status": "in-progress", "note": [{"text": "corrected"}]}
    assert hospital.put(answered).status_code == 200
    assert monitor("PUT", f"Task/{id}", answered | {"priority": "urgent"}).status_code == 200
    closed = monitor("PATCH", f"Task/{id}", DONE, JSON_PATCH)
    assert closed.status_code == 200 and body(closed)["status"] == "completed"
    again = monitor("POST", "Task", raised, If_None_Exist="identifier=urn:query|1")
    assert again.status_code == 200 and body(again)["id"] == id
    assert monitor("PUT", "Task?identifier=urn:query|1", raised).status_code == 200
    assert hospital.send("DELETE", f"Task/{id}").status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "sent", "more"),
    [
        ("PUT", "Patient/asked", CHANGED, {}),
        ("POST", "Patient", patient(), {}),
        ("PUT", "Patient?_id=asked", CHANGED, {}),
        ("PATCH", "Patient/asked", DONE, {"kind": JSON_PATCH}),
        ("DELETE", "Patient/asked", None, {}),
        ("POST", "Patient/asked/$erase?reason=consent-withdrawn", None, {}),
        ("POST", "Provenance", SAID | {"target": [{"reference": "Patient/asked"}]}, {}),
        ("DELETE", "Task/open", None, {}),
        ("DELETE", "Task?_id=open", None, {}),
        ("PUT", "Task/new", query("new"), {"X_Provenance": json.dumps(SAID).decode()}),
        ("POST", "Measure/halaven-dcr/$evaluate-measure?periodEnd=2024-12-31", None, {}),
    ],
)
def test_nothing_else_is_written(rest, hospital, monitor, method, path, sent, more):
    hospital.put(query("open"))
    refused = monitor(method, path, sent, **more)
    assert refused.status_code == 403, refused.text
    assert only_event(rest.registry, refused).payload["outcome"] == "4"
    as_it_was(hospital)
    assert hospital.get("Task/open").status_code == 200


def as_it_was(hospital):
    assert hospital.get("Patient/asked").headers["ETag"] == 'W/"1"'
    assert hospital.get("Task/new").status_code in (404, 410)


def test_entries_of_a_bundle_are_judged_one_by_one(hospital, monitor):
    hospital.put(query("open"))
    raised, changed = entry("PUT", "Task/new", query("new")), entry("PUT", "Patient/asked", CHANGED)
    why = entry("POST", "Provenance", SAID | {"target": [{"reference": "Task/new"}]})
    for more in (changed, why, entry("DELETE", "Task/open")):
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [raised, more]}
        assert monitor("POST", "", bundle).status_code == 403
    as_it_was(hospital)
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [raised, changed, why]}
    told = body(monitor("POST", "", batch))["entry"]
    assert [each["response"]["status"][:3] for each in told] == ["201", "403", "403"]
    assert hospital.send("DELETE", "Task/new").status_code == 204


def test_an_import_stores_no_more(rest, hospital):
    most = most_of("monitor", rest.registry.content.search_params)
    registry = replace(rest.registry, access=Access("monitor", most, most))
    both = transaction(entry("PUT", "Task/both", query("both")), entry("PUT", "Patient/asked", CHANGED))
    bodies = [json.dumps(CHANGED), json.dumps(query("imported")), both]
    done = [each for some in import_units(registry, 1, units(bodies), BASE, 1) for each in some]
    assert [each.error and each.error.status for each in done] == [403, None, 403]
    assert hospital.get("Task/imported").status_code == 200 and hospital.get("Task/both").status_code == 404
    as_it_was(hospital)


def test_at_no_site_there_is_nothing_to_ask_about(rest):
    everywhere = AuditedClient(rest, MOST["monitor"], role="monitor", site="*")
    assert everywhere.send("POST", "Task", QUERY).status_code == 400


def test_where_corrections_need_a_reason_a_query_is_raised_only(new_registry, tmp_path):
    with serving(new_registry("sqlite"), **builtin(tmp_path), REQUIRE_REASON="yes") as rest:
        monitor = AuditedClient(rest, MOST["monitor"], role="monitor")
        assert monitor.put(query("a", **{"for": {"display": "x"}, "focus": {"display": "x"}})).status_code == 201
        assert monitor.put(query("a", status="completed")).status_code == 422
