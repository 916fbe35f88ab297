"""Every request leaves its event: who, what, of which patients (AUD-01 to AUD-04; docs/audit.md)."""

from dataclasses import replace

import pytest
from audit_events import broken
from audited_client import AuditedClient, all_events, events_of, only_event, query_of, touched
from rest_client import BASE, body, issue, patient, serving
from smart_client import SmartClient, authenticated
from sqlalchemy import text
from test_import_job import import_body, lines

from fhir_registry.core.audit import READS, WRITES, Event
from fhir_registry.core.audit_event import number_events, render
from fhir_registry.ops.trail import Trail
from fhir_registry.store.wall import EVERYWHERE

PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."


@pytest.fixture(scope="module")
def client(rest):
    """One that has stored two patients, a and b, with an Observation each."""
    client = AuditedClient(rest)
    for id in "ab":  # apart, for a Provenance is about all whom its transaction has written
        assert client.push(put(named(id)), put(observation(f"of-{id}", id))).status_code == 200
    return client


@pytest.fixture(scope="module")
def auditor(rest):
    return AuditedClient(rest, "system/AuditEvent.rs", role="administrator")


def named(id, **members):
    return patient(id=id, **members)


def observation(id, of, **members):
    made = {"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "x"}}
    return made | {"subject": {"reference": f"Patient/{of}"}} | members


def put(resource):
    return {"resource": resource, "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}}


def get(url):
    return {"request": {"method": "GET", "url": url}}


# --- AUD-01: one call of each interaction -----------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "sent", "interaction", "told", "profile"),
    [
        ("GET", "Patient/a", None, "read", {"a": {("read", "Patient", "a", 1)}}, "PatientRead"),
        ("GET", "Observation/of-a", None, "read", {"a": {("read", "Observation", "of-a", 1)}}, "PatientRead"),
        ("GET", "Observation/of-a/_history/1", None, "vread", {"a": {("vread", "Observation", "of-a", 1)}},
         "PatientRead"),
        ("GET", "Measure/halaven-dcr", None, "read", {"": {("read", "Measure", "halaven-dcr", 1)}}, "Read"),
        ("GET", "Patient/a/_history", None, "history-instance", {"a": {("history-instance", "Patient", "a", None)}},
         None),
        ("GET", "Observation/_history", None, "history-type", {"a": set(), "b": set()}, None),
        ("GET", "_history?_count=1000", None, "history-system", {"a": set(), "b": set()}, None),
        ("GET", "Patient?_id=a", None, "search-type", {"a": set()}, "PatientQuery"),
        ("GET", "Patient?_id=nobody", None, "search-type", {}, "Query"),
        ("GET", "Observation?_count=10", None, "search-type", {"a": set(), "b": set()}, "PatientQuery"),
        ("GET", "Observation?_summary=count", None, "search-type", {}, "Query"),
        ("GET", "?_type=Patient,Observation", None, "search-system", {"a": set(), "b": set()}, "PatientQuery"),
        ("GET", "Patient/a/Observation", None, "search-type", {"a": set()}, "PatientQuery"),
        ("GET", "Patient?_id=b&_revinclude=Observation:subject", None, "search-type", {"b": set()}, "PatientQuery"),
        ("GET", "Observation?_id=of-b&_include=Observation:subject", None, "search-type", {"b": set()},
         "PatientQuery"),
        ("GET", "Patient/b/$everything", None, "operation", {"b": set()}, None),
        ("PUT", "Patient/new", named("new"), "update", {"new": {("update", "Patient", "new", 1)}}, "PatientUpdate"),
        ("PUT", "Observation/of-new", observation("of-new", "new"), "update",
         {"new": {("update", "Observation", "of-new", 1)}}, "PatientUpdate"),
        ("DELETE", "Observation/of-new", None, "delete", {"new": {("delete", "Observation", "of-new", 2)}},
         "PatientDelete"),
        ("DELETE", "Patient/new", None, "delete", {"new": {("delete", "Patient", "new", 2)}}, "PatientDelete"),
        ("DELETE", "Patient/never", None, "delete", {"never": {("delete", "Patient", "never", None)}}, "PatientDelete"),
        ("DELETE", "Basic/never", None, "delete", {"": {("delete", "Basic", "never", None)}}, "Delete"),
    ],
)  # fmt: skip
def test_aud_01(rest, client, auditor, method, path, sent, interaction, told, profile):
    response = client.send(method, path, sent)
    assert response.status_code in (200, 201, 204), response.text
    row = only_event(rest.registry, response)
    payload = row.payload
    assert (payload["interaction"], payload["client"], payload["role"]) == (interaction, client.id, "site")
    assert (payload["address"], payload["method"], payload["outcome"]) == ("127.0.0.1", method, "0")
    assert payload["status"] == response.status_code
    assert payload["route"].startswith("/fhir") and "Patient/a" not in payload["route"]
    assert row.chain == (WRITES if method in ("PUT", "DELETE") else READS)
    assert touched(row) == told
    asked = f"/fhir/{path}".replace("/?", "?")
    assert query_of(row) == (None if interaction in ("read", "vread") or row.chain == WRITES else asked)
    first = (0, 0) if not told else (1, min(1, len(next(iter(told.values())))))
    event = body(auditor.get("AuditEvent/{}-{}-{}-{}".format(row.chain, row.seq, *first)))
    assert event["meta"].get("profile") == ([f"{PROFILE}{profile}"] if profile else None)


def test_a_create_a_patch_and_a_form(rest, client):
    response = client.send("POST", "Observation", observation("x", "a"))
    id_ = body(response)["id"]
    assert touched(only_event(rest.registry, response)) == {"a": {("create", "Observation", id_, 1)}}
    change = [{"op": "replace", "path": "/status", "value": "amended"}]
    kind = {"Content-Type": "application/json-patch+json"}
    response = client.open(f"/fhir/Observation/{id_}", kind, method="PATCH", json=change)
    assert response.status_code == 200
    assert touched(only_event(rest.registry, response)) == {"a": {("patch", "Observation", id_, 2)}}
    response = client.open("/fhir/Observation/_search?_count=50", method="POST", data={"subject": "Patient/a"})
    row = only_event(rest.registry, response)
    assert touched(row) == {"a": set()} and row.payload["interaction"] == "search-type"
    assert query_of(row) == "/fhir/Observation/_search?_count=50&subject=Patient/a"
    client.send("DELETE", f"Observation/{id_}")


def test_a_token_in_a_form_is_not_kept(rest, client):
    sent = {"method": "POST", "data": {"_id": "a", "access_token": "geheim"}}
    response = client.open("/fhir/Patient/_search", {"Prefer": "handling=lenient"}, **sent)
    row = only_event(rest.registry, response)
    assert (response.status_code, row.payload["status"]) == (401, 401) and "geheim" not in str(row.private)


def test_head_and_not_modified_are_reads(rest, client):
    for response in (client.send("HEAD", "Patient/a"), client.get("Patient/a", If_None_Match='W/"1"')):
        row = only_event(rest.registry, response)
        assert touched(row) == {"a": {("read", "Patient", "a", 1)}} and row.payload["status"] == response.status_code


def test_an_update_that_changes_nothing_is_one(rest, client):
    response = client.put(named("a"))
    assert response.headers["ETag"] == 'W/"1"'
    assert touched(only_event(rest.registry, response)) == {"a": {("update", "Patient", "a", 1)}}


def test_a_conditional_create_that_finds_something_is_a_read(rest, client):
    found = client.send("POST", "Observation", observation("x", "b"), If_None_Exist="_id=of-a")
    assert found.status_code == 200
    assert touched(only_event(rest.registry, found)) == {"a": {("read", "Observation", "of-a", 1)}}


def test_a_deletion_is_of_the_patient_of_what_was_deleted(rest, client):
    client.put(observation("moving", "a"))
    client.put(observation("moving", "b"))
    assert touched(only_event(rest.registry, client.send("DELETE", "Observation/moving"))) == {
        "b": {("delete", "Observation", "moving", 3)}
    }
    past = client.get("Observation/moving/_history")  # each version by itself; of a deletion nobody can tell
    entry = ("history-instance", "Observation", "moving", None)
    assert touched(only_event(rest.registry, past)) == {"a": {entry}, "b": {entry}, "": {entry}}


def test_what_is_taken_from_a_patient_is_of_both(rest, client):
    moved = [observation("moved", of) for of in "abab"]
    assert client.put(moved[0]).status_code == 201
    change = [{"op": "replace", "path": "/subject/reference", "value": "Patient/a"}]
    kind = {"Content-Type": "application/json-patch+json"}
    responses = [
        client.put(moved[1]),
        client.open("/fhir/Observation/moved", kind, method="PATCH", json=change),
        client.push(put(moved[3])),
        client.push(put(moved[2]), type="batch"),
    ]
    for version, (how, response) in enumerate(zip(("update", "patch", "update", "update"), responses, strict=True), 2):
        told = {(how, "Observation", "moved", version)}
        assert touched(only_event(rest.registry, response)) == {"a": told, "b": told}, how
    client.put(observation("moved", "a", status="amended"))
    importing = replace(rest.registry, trail=Trail(Event("import", "c", request="r"), rest.registry.store))
    import_body(importing, lines(observation("moved", "b")))
    told = {("update", "Observation", "moved", 7)}
    assert touched(all_events(rest.registry)[-1]) == {"a": told, "b": told}
    client.send("DELETE", "Observation/moved")


def test_a_resource_of_several_patients(rest, client):
    """R4 says of a Group that each member is about it; and of a Provenance, its targets that are Patients."""
    group = {"resourceType": "Group", "id": "g", "type": "person", "actual": True}
    members = [{"entity": {"reference": f"Patient/{id}"}} for id in "ab"]
    response = client.put(group | {"member": members})
    entry = ("update", "Group", "g", 1)
    assert touched(only_event(rest.registry, response)) == {"a": {entry}, "b": {entry}}
    assert {*touched(only_event(rest.registry, client.get("Group?_id=g")))} == {"a", "b"}
    client.send("DELETE", "Group/g")


def test_a_reference_by_the_url_of_this_server(rest, client):
    made = observation("by-url", "a", subject={"reference": "http://localhost/fhir/Patient/b"})
    made["performer"] = [{"reference": "https://other.example/fhir/Patient/a"}]
    assert {*touched(only_event(rest.registry, client.put(made)))} == {"b"}
    assert {*touched(only_event(rest.registry, client.get("Observation/by-url")))} == {"b"}
    client.send("DELETE", "Observation/by-url")


def test_who_reads_the_log_is_in_it(rest, auditor):
    response = auditor.get("AuditEvent?patient=a&_count=1")
    row = only_event(rest.registry, response)
    assert {*touched(row)} == {"a"} and query_of(row) == "/fhir/AuditEvent?patient=a&_count=1"
    (found,) = body(response)["entry"]
    row = only_event(rest.registry, auditor.get(f"AuditEvent/{found['resource']['id']}"))
    assert {*touched(row)} == {"a"} and row.payload["interaction"] == "read"


def test_what_tells_of_the_server_only_is_not_recorded(rest, client):
    told = ("metadata", "openapi.json", ".well-known/smart-configuration")
    for path in ("/health", "/metrics", *(f"/fhir/{each}" for each in told)):
        response = rest.open(path)
        assert response.status_code == 200 and events_of(rest.registry, response) == []
    assert events_of(rest.registry, client.send("OPTIONS", "Patient/a")) == []


def test_the_address_is_that_of_the_client(new_registry, settings):
    with serving(new_registry("sqlite"), TRUSTED_PROXIES="1", **settings) as rest:
        client = AuditedClient(rest)
        sent = {
            **{"192.0.2.7": "192.0.2.7", "x, 2001:db8::1": "2001:db8::1", "unknown": None, "a:b:c": None},
            **{"192.0.2.7:51111": "192.0.2.7", "[2001:db8::1]": "2001:db8::1", "[2001:db8::1]:443": "2001:db8::1"},
        }
        for forwarded, address in sent.items():
            row = only_event(rest.registry, client.get("Patient/nobody", X_Forwarded_For=forwarded))
            assert row.payload.get("address") == address


# --- AUD-02: bundles --------------------------------------------------------------------------------


def test_aud_02_one_event_a_transaction(rest, client, auditor):
    entries = [named("c"), named("d"), observation("c1", "c"), observation("c2", "c"), observation("d1", "d")]
    response = client.push(*map(put, entries))
    row = only_event(rest.registry, response)
    assert (row.chain, row.payload["interaction"], row.payload["count"]) == (WRITES, "transaction", 5)
    kinds = {"c": {"Patient/c", "Observation/c1", "Observation/c2"}, "d": {"Patient/d", "Observation/d1"}}
    told = {id: {f"{type_}/{each}" for _, type_, each, _ in entries} for id, entries in touched(row).items()}
    assert told == kinds
    found = body(auditor.get("AuditEvent?date=ge2000&_count=1000&entity=Observation/c1"))["entry"]
    assert [entry["resource"]["subtype"][0]["code"] for entry in found] == ["update"]
    assert {
        each["what"]["identifier"]["value"]
        for each in found[0]["resource"]["entity"]
        if each.get("type", {}).get("code") == "XrequestId"
    } == {response.headers["X-Request-Id"]}


def test_aud_02_a_transaction_that_is_rolled_back(rest, client):
    lost = put(named("lost"))
    for bad in (put(observation("bad", "a") | {"status": "wrong"}), get("Patient/not-here")):
        response = client.push(lost, bad)
        assert response.status_code in (400, 404)
        row = only_event(rest.registry, response)
        assert (row.chain, row.payload["outcome"], row.payload["status"]) == (READS, "4", response.status_code)
        assert touched(row) == {} and row.payload["interaction"] == "transaction"
    stale = put(named("a", active=True))
    stale["request"]["ifMatch"] = 'W/"99"'
    response = client.push(lost, stale)  # refused when all before it was written
    assert response.status_code == 412 and only_event(rest.registry, response).payload["outcome"] == "4"
    assert client.get("Patient/lost").status_code == 404


def test_what_a_bundle_reads_stands_with_what_it_writes(rest, client, auditor):
    response = client.push(put(named("e")), get("Patient/a"), get("Observation?subject=Patient/b"))
    row = only_event(rest.registry, response)
    assert touched(row) == {
        "e": {("update", "Patient", "e", 1)},
        "a": {("read", "Patient", "a", 1)},
        "b": {("search-type", "", "", None)},
    }
    found = body(auditor.get(f"AuditEvent?_id=0-{row.seq}-2-1"))["entry"]  # parts in the order of patients
    assert found[0]["resource"]["subtype"][0]["code"] == "search-type"
    response = client.push(get("Patient/a"), get("Patient/b/$everything"), type="batch")
    row = only_event(rest.registry, response)
    assert (row.chain, row.payload["interaction"]) == (READS, "batch")
    assert touched(row) == {"a": {("read", "Patient", "a", 1)}, "b": {("operation", "", "", None)}}


def test_a_batch_tells_of_what_was_refused_too(rest, client):
    bad = put(observation("bad", "a") | {"status": "wrong"})
    response = client.push(put(named("f")), bad, get("Patient/not-here"), type="batch")
    done, refused = events_of(rest.registry, response)
    assert (done.chain, done.payload["outcome"]) == (WRITES, "0")
    assert touched(done) == {"f": {("update", "Patient", "f", 1)}}
    assert (refused.chain, refused.payload["outcome"], refused.payload["count"]) == (READS, "4", 2)
    assert query_of(refused) == "PUT Observation/bad\nGET Patient/not-here" and touched(refused) == {"not-here": set()}


def test_the_same_bundle_again_is_read(rest, client):
    def send():
        return client.push({"resource": observation("x", "a"), "request": {"method": "POST", "url": "Observation"}})

    first, again = (only_event(rest.registry, send()) for _ in range(2))
    (made,) = touched(first)["a"]
    assert made[0] == "create" and touched(again) == {"a": {("read", *made[1:])}}
    client.send("DELETE", f"Observation/{made[2]}")


# --- AUD-03: what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "patients"),
    [
        ("GET", "Patient/not-here", 404, {"not-here"}),
        ("GET", "Observation/not-here", 404, set()),
        ("GET", "Patient?wrong=1", 400, set()),
        ("GET", "Foo/1", 404, set()),
        ("GET", "a/b/c/d/e", 404, set()),
        ("DELETE", "Measure/halaven-dcr", 405, set()),
        ("PUT", "AuditEvent/0-1-1-1", 405, set()),
        ("POST", "Patient/a", 405, {"a"}),  # no route has the method
        ("TRACE", "Patient/a", 405, {"a"}),
        ("DELETE", "metadata", 405, set()),
        ("GET", "$import", 405, set()),
        ("PUT", "Patient/a", 415, {"a"}),
    ],
)
def test_aud_03_failures(rest, client, method, path, status, patients):
    response = client.send(method, path)
    assert response.status_code == status
    row = only_event(rest.registry, response)
    assert (row.chain, row.payload["outcome"], row.payload["status"]) == (READS, "4", status)
    assert row.payload["client"] == client.id and query_of(row) == f"/fhir/{path}"
    assert {*touched(row)} == patients


def test_aud_03_what_scopes_do_not_cover(rest, client):
    reader = AuditedClient(rest, "system/Patient.rs")
    for path, status in (("Observation/of-a", 403), ("Observation?_id=of-a", 403), ("Patient/a", 200)):
        response = reader.get(path)
        assert response.status_code == status
        payload = only_event(rest.registry, response).payload
        assert (payload["client"], payload["outcome"]) == (reader.id, "0" if status == 200 else "4")


def test_aud_03_who_is_not_known(rest):
    """In the chain of the first site, without what was asked: it may tell of a patient of another."""
    for headers in ({}, {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}, {"Authorization": "Basic YTpi"}):
        response = rest.get("Patient?identifier=secret", **headers)
        assert response.status_code == 401
        row = only_event(rest.registry, response)
        assert (row.payload["outcome"], row.payload["status"]) == ("4", 401)
        assert "client" not in row.payload and row.private == {"parts": []}


def test_aud_03_a_method_that_no_route_has(rest):
    """Who says who he is must be right, and is recorded; nobody else is."""
    nobody = rest.send("POST", "Patient/a")
    assert nobody.status_code == 405 and events_of(rest.registry, nobody) == []
    assert nobody.headers["Allow"]
    wrong = ({"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTpi"})
    answers = [rest.send("POST", "Patient/a", **headers) for headers in wrong]
    for response in (*answers, rest.send("POST", "Patient/a?access_token=x")):
        assert response.status_code == 401
        row = only_event(rest.registry, response)
        assert "client" not in row.payload and row.private == {"parts": []}
    registrar = AuditedClient(rest, "system/*.rs", site="*", role="registry")
    response = registrar.open("/fhir/Patient/secret", method="POST")  # of which site is not said
    row = only_event(rest.registry, response)
    assert (response.status_code, row.payload["client"], row.private) == (405, registrar.id, {"parts": []})
    response = registrar.open("/site/default/fhir/Patient/a", method="POST")
    assert response.status_code == 405 and {*touched(only_event(rest.registry, response))} == {"a"}
    response = registrar.open("/site/nowhere/fhir/Patient/secret", method="POST")
    assert response.status_code == 404 and "secret" not in str(only_event(rest.registry, response).private)
    assert registrar.open("/site/default/fhir/Patient/a", method="OPTIONS").status_code == 200


def test_what_is_refused_by_its_rate_is_not_recorded(new_registry, settings):
    limited = settings | {"MAX_FAILED_LOGINS_PER_MINUTE": "1"}
    with serving(new_registry("sqlite"), **limited) as rest:
        answers = [rest.get("Patient", Authorization="Bearer wrong") for _ in range(4)]
        found = [(each.status_code, len(events_of(rest.registry, each))) for each in answers]
        assert found == [(401, 1)] + [(429, 0)] * 3


def test_log_ins(rest):
    client = SmartClient(rest.registry)
    granted = rest.post_form("/auth/token", client.form())
    row = only_event(rest.registry, granted)
    assert (row.payload["interaction"], row.payload["client"], row.payload["outcome"]) == ("login", client.id, "0")
    token = granted.get_json()["access_token"]
    assertion = client.assertion()
    assert rest.post_form("/auth/token", client.form(assertion)).status_code == 200
    replayed = rest.post_form("/auth/token", client.form(assertion))
    other = rest.post_form("/auth/token", client.form(client.assertion(aud="https://other.example")))
    scope = rest.post_form("/auth/token", client.form(scope="openid"))
    told = ((replayed, "its jti was used before"), (scope, "invalid_scope"), (other, None))
    for response, why in told:
        row = only_event(rest.registry, response)
        assert (row.payload["interaction"], row.payload["client"], row.payload["outcome"]) == ("login", client.id, "4")
        assert why in (None, row.private["asked"]["reason"]) and "query" not in row.private["asked"]
    nobody = rest.post_form("/auth/token", client.form("a.b.c"))
    assert "client" not in only_event(rest.registry, nobody).payload
    for name, interaction in (("introspect", "operation"), ("revoke", "configure")):
        response = rest.post_form(f"/auth/{name}", authenticated(client, token, name))
        row = only_event(rest.registry, response)
        assert (row.payload["interaction"], row.payload["client"]) == (interaction, client.id)
    sent = [token, assertion, *client.form().values()]
    for row in all_events(rest.registry):
        kept = f"{row.payload} {row.private}"
        assert not any(each in kept for each in sent if len(each) > 100)


def test_another_site_has_its_own(rest, client):
    other = AuditedClient(rest, site="other")
    response = other.get("Patient/a")
    assert response.status_code == 404 and events_of(rest.registry, response) == []
    (row,) = events_of(rest.registry, response, site=2)
    assert row.payload["client"] == other.id
    auditor = AuditedClient(rest, "system/AuditEvent.rs", site="other", role="administrator")
    assert auditor.get(f"AuditEvent/{row.chain}-{row.seq}-1-0").status_code == 200
    assert client.id not in auditor.get("AuditEvent?_count=1000").text


def test_the_url_of_another_site_names_no_patient_of_this_one(rest, client):
    AuditedClient(rest, site="other")
    for site, path, status, patients in (
        ("other", "Patient/a", 404, set()),
        ("nowhere", "Patient/a?_pretty=true", 404, set()),
        ("other", "Patient/a/Observation", 404, set()),
        ("default", "Patient/not-here", 404, {"not-here"}),
        ("default", "Patient?_id=a", 200, {"a"}),
    ):
        response = client.open(f"/site/{site}/fhir/{path}")
        row = only_event(rest.registry, response)
        assert (response.status_code, {*touched(row)}) == (status, patients), path
        assert query_of(row) == f"/site/{site}/fhir/{path}"


def test_what_is_gone_is_not_named_again(rest, client):
    """A person who was erased: the event of that is the only one, and who asks later does not bring the id back."""
    client.put(named("erased"))
    client.get("Patient/erased")
    erased = client.send("POST", "Patient/erased/$erase?reason=consent-withdrawn")
    assert erased.status_code == 200, erased.text
    (row,) = events_of(rest.registry, erased)
    assert (row.payload["interaction"], row.payload["client"]) == ("destroy", client.id)
    assert (row.payload["address"], row.payload["role"]) == ("127.0.0.1", "site")
    assert client.get("Patient/erased").status_code == 410
    for again in (client.put(named("erased")), client.push(put(observation("of-erased", "erased")))):
        assert again.status_code == 422
        assert (only_event(rest.registry, again).payload["outcome"], query_of(only_event(rest.registry, again))) == (
            "4",
            None,
        )
    client.push(get("Patient/erased"), put(named("erased")), type="batch")
    assert "erased" not in str([row.private for row in all_events(rest.registry)])


def test_all_sites_at_once_are_in_the_first(rest, client):
    regulator = AuditedClient(rest, "system/Measure.rs system/MeasureReport.rs", site="*", role="regulator")
    for path in ("Measure/halaven-dcr", "Measure/halaven-dcr/$evaluate-measure?reportType=subject-list"):
        response = regulator.get(path)
        row = only_event(rest.registry, response)
        assert row.payload["client"] == regulator.id and row.payload["status"] == response.status_code


@pytest.mark.parametrize(
    "path",
    [
        "/fhir/Patient?identifier=geheim",
        "/fhir/Patient/geheim",
        "/site/nowhere/fhir/Patient?name=geheim",
        "/fhir/Measure/halaven-dcr/$evaluate-measure?subject=Patient/geheim",
    ],
)
def test_what_was_asked_of_no_site_may_be_of_another_than_the_first(rest, client, path):
    registrar = AuditedClient(rest, "system/*.rs", site="*", role="registry")
    response = registrar.open(path)
    row = only_event(rest.registry, response)
    assert (row.payload["client"], row.payload["status"]) == (registrar.id, response.status_code)
    assert response.status_code in (400, 404) and "geheim" not in str(row.private)


# --- AUD-04: what cannot be recorded ----------------------------------------------------------------


@pytest.fixture
def away(rest, client):
    """The table of events is not there."""
    store = rest.registry.store

    def rename(old, new):
        with store.database.write(EVERYWHERE) as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    rename("audit", "audit_away")
    yield
    rename("audit_away", "audit")


def test_aud_04_nothing_is_done_without_its_event(rest, client, away):
    for method, path, sent in (
        ("GET", "Patient/a", None),
        ("GET", "Patient?_id=a", None),
        ("GET", "Patient/not-here", None),
        ("PUT", "Patient/unseen", named("unseen")),
        ("DELETE", "Observation/of-a", None),
        ("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [put(named("unseen"))]}),
        ("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": [put(named("unseen"))]}),
    ):
        response = client.send(method, path, sent)
        assert response.status_code == 503 and "Retry-After" in response.headers, (method, path)
        assert issue(response)["code"] in ("transient", "exception") and "Sato" not in response.text


def test_aud_04_nothing_was_done(rest, client):
    assert client.get("Patient/unseen").status_code == 404
    assert client.get("Observation/of-a").status_code == 200
    assert broken(rest.registry.store) == {}


def test_aud_01_every_event_is_valid(rest, client, auditor):
    """Those of all tests before this one."""
    rows = all_events(rest.registry)
    assert rows
    events = [render(row, numbered, BASE) for row in rows for numbered in number_events(row)]
    for event in events:
        assert [each for each in rest.registry.validator.validate(event) if each.severity in ("error", "fatal")] == []


def test_without_access_control_nothing_is_recorded(new_registry):
    with serving(new_registry("sqlite")) as rest:
        rest.put(named("a"))
        rest.read("Patient/a")
        rest.read("Patient")
        assert all_events(rest.registry) == []
