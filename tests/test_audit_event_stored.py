"""Without access control AuditEvents are resources like all others; with it those are kept, and as if they were not.

(docs/audit.md, https://hl7.org/fhir/R4/auditevent.html)
"""

from contextlib import closing

import pytest
from audited_client import AuditedClient
from click.testing import CliRunner
from leak_requests import ALL, reading
from leak_world import OWN
from rest_client import body, issue, patient, serving
from smart_client import builtin
from test_leaks import SITE, compare, statement, worlds  # noqa: F401 - a fixture

from fhir_registry.edges.cli import main
from fhir_registry.ops.open import open_registry


def audit_event(id, of, **members):
    coded = {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110112"}
    return {
        "resourceType": "AuditEvent",
        "id": id,
        "type": coded,
        "recorded": "2013-06-20T23:42:24Z",
        "agent": [{"who": {"display": "Grahame"}, "requestor": True}],
        "source": {"observer": {"display": "Cloud"}},
        "entity": [{"what": {"reference": f"Patient/{of}"}}],
        **members,
    }


def basic(id, names):
    return {"resourceType": "Basic", "id": id, "code": {"text": "x"}, "subject": {"reference": names}}


@pytest.fixture
def settings(tmp_path):
    return builtin(tmp_path)


@pytest.fixture
def filled(prepared):
    """URL of a database with an AuditEvent, whom it is about, and what refers to it."""
    with serving(prepared) as rest:
        for resource in (patient(id="p1"), audit_event("a1", "p1"), basic("b1", "AuditEvent/a1")):
            assert rest.put(resource).status_code == 201
    return prepared


def found(bundle):
    return {f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in bundle.get("entry", ())}


def test_without_access_control_they_are_resources(filled):
    with serving(filled) as rest:
        for query in (
            "AuditEvent?patient=p1&type=110112&date=2013-06",
            "Patient?_id=p1&_revinclude=AuditEvent:patient",
            "Basic?_id=b1&_include=Basic:subject",
            "Patient/p1/AuditEvent",
            "Patient/p1/$everything",
            "?_type=AuditEvent",
            "?_lastUpdated=ge2000&_count=1000",
            "AuditEvent/_history",
            "AuditEvent/a1/_history",
        ):
            assert "AuditEvent/a1" in found(rest.read(query)), query
        assert found(rest.read("Patient?_has:AuditEvent:patient:type=110112")) == {"Patient/p1"}
        assert found(rest.read("Basic?subject:AuditEvent.type=110112")) == {"Basic/b1"}
        entry = {"resource": audit_event("a2", "p1"), "request": {"method": "PUT", "url": "AuditEvent/a2"}}
        assert rest.push(entry).status_code == 200
        patch = [{"op": "add", "path": "/outcome", "value": "0"}]
        headers = {"method": "PATCH", "json": patch, "content_type": "application/json-patch+json"}
        assert rest.open("/fhir/AuditEvent/a2", **headers).status_code == 200
        assert rest.read("AuditEvent/a2")["outcome"] == "0" and rest.total("AuditEvent?outcome=0") == 1
        assert rest.send("DELETE", "AuditEvent/a2").status_code == 204
        assert rest.get("AuditEvent/a2").status_code == 410


def test_nothing_is_recorded_then(filled):
    with serving(filled) as rest:
        assert rest.get("Patient/p1").status_code == 200
        assert found(rest.read("AuditEvent")) == {"AuditEvent/a1"}


HIDDEN = [audit_event("a1", "p1"), audit_event("a2", "p1", entity=[{"what": {"reference": "AuditEvent/a1"}}])]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_with_it_those_that_are_stored_are_as_if_they_were_not(kind, worlds, monkeypatch):  # noqa: F811
    monkeypatch.setattr("test_leaks.OWN", [*OWN, basic("b1", "AuditEvent/a1"), basic("b2", "Patient/p1")])
    full, bare = worlds(kind, SITE, HIDDEN)
    asked = [*reading(statement(full), HIDDEN, ()), *AROUND]
    asked.remove(("GET", f"AuditEvent?{ALL}"))  # the log itself, in which each log-in has its time
    for scopes in ("system/*.cruds", "system/*.cruds system/AuditEvent.rs", "system/*.rs"):
        seen = compare(full, bare, scopes, asked)
        assert seen[200] and seen[404] and seen[400]


AROUND = [
    ("GET", path)
    for path in (
        "Patient/p1/$everything",
        "Patient/p1/*",
        "Patient/p1/AuditEvent",
        "Patient/p1/$everything?_type=AuditEvent",
        "Patient?_revinclude=*",
        "Basic?_include=*",
        "Basic?_include=Basic:subject",
        "Basic?_include:iterate=*&_revinclude:iterate=*",
        "Basic?subject._lastUpdated=ge2000",
        "Basic?subject:AuditEvent=a1",
        "Basic?subject:missing=false",
        "?_lastUpdated=ge2000&_count=200",
        "?_id=a1",
        "_history?_since=2000-01-01T00:00:00Z&_count=200",
    )
]


def test_they_are_kept(filled, settings, tmp_path, monkeypatch):
    """Access control and back again: nothing was lost, and no command stumbles."""
    with serving(filled, **settings) as rest:
        client = AuditedClient(rest, "system/*.cruds system/AuditEvent.rs")
        assert client.get("AuditEvent/a1").status_code == 404
        assert client.get("Basic/b1").status_code == 200
        assert issue(client.send("DELETE", "AuditEvent/a1"))["code"] == "not-supported"
    for name, text in {"DATABASE": filled, **settings}.items():
        monkeypatch.setenv(f"FHIR_REGISTRY_{name}", text)
    copy = f"sqlite:///{tmp_path}/copy.sqlite"
    for command in (
        ("reindex", "--again"),
        ("fsck",),
        ("backup", f"{tmp_path}/b.zip"),
        ("restore", f"{tmp_path}/b.zip", "--database", copy),
        ("export", f"{tmp_path}/out", "--identified"),
    ):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, (command, result.output)
    assert b'"a1"' in (tmp_path / "out" / "AuditEvent.ndjson").read_bytes()
    for url in (filled, copy):
        with serving(url) as rest:
            assert body(rest.get("AuditEvent/a1"))["type"]["code"] == "110112"
            assert found(rest.read("AuditEvent?patient=p1")) == {"AuditEvent/a1"}


def test_a_search_over_all_types_is_as_before_where_there_are_none(prepared, content):
    """What is hidden costs a look at an index, and no criterion where there is nothing to hide."""
    from fhir_registry.ops.search_place import permitted_anywhere, read_place

    with closing(open_registry(prepared, content)) as opened:
        registry = opened.with_audit_log()
        with registry.store.read(1) as connection:
            assert permitted_anywhere(registry, connection, 1) is None
            assert read_place(registry, connection, 1, "").types == ()
