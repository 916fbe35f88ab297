"""An import stores each unit once, says what it refused, and changes nothing when it is done again."""

import base64
import gzip
import os

import pytest
from sqlalchemy import select

from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops.import_job import KIND, KIND_OF_FILES, request_body, request_files
from fhir_registry.ops.ingest import bundle, delete
from fhir_registry.ops.jobs import do

SITE = 1
LIMIT = 1_000_000


def patient(family="Áo", **members):
    return {"resourceType": "Patient", **members, "name": [{"family": family}]}


def observation(subject, **members):
    code = {"text": "ECOG"}
    return {"resourceType": "Observation", "status": "final", "code": code, "subject": subject, **members}


def lines(*resources):
    return b"".join((r if isinstance(r, bytes) else json.dumps(r)) + b"\n" for r in resources)


def import_files(registry, *paths):
    return run(registry, KIND_OF_FILES, request_files(registry, SITE, paths, None, LIMIT, 1))


def import_body(registry, body, lines=True):
    return run(registry, KIND, request_body(registry, SITE, body, lines, "https://server.example/fhir", LIMIT))


def run(registry, kind, id):
    """(result, [(source, line, code, expression)]) of a job."""
    jobs = registry.store.jobs
    job = jobs.claim("me", [kind], id=id)
    do(registry, job)
    with registry.store.read(1) as connection:
        job = jobs.find(connection, id)
        errors = jobs.errors(connection, id)
    assert job.state == "completed", job.problem
    told = [(source, line, i["code"], i.get("expression")) for _, source, line, issues in errors for i in issues]
    assert job.result["refused"] == len(errors)
    return counts(job.result), told


def counts(result):
    return {o["type"]: (o["created"], o["updated"], o["unchanged"], o["deleted"]) for o in result["output"]}


def rows(registry):
    """Everything of the clients' resources: (type, id, version, body)."""
    resource, version = registry.store.tables.resource.c, registry.store.tables.version
    with registry.store.read(1) as connection:
        owned = {id_ for _, id_ in registry.owned}
        query = select(resource.type, resource.id, version.c.version, version.c.body)
        query = query.join_from(registry.store.tables.resource, version, resource.rid == version.c.rid)
        return sorted(tuple(row) for row in connection.execute(query) if row.id not in owned)


@pytest.fixture
def file(tmp_path):
    """A function (name, bytes) -> Path."""

    def write(name, data):
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


def test_lines_stand_alone_and_again_change_nothing(registry, file):  # IMP-01, IMP-02
    good = [patient(id=f"p{n}") for n in range(1000)]
    sent = [*good[:300], b"{", *good[300:600], {"resourceType": "Patient", "birthDate": "2020-13-45"}, *good[600:]]
    path = file("patients.ndjson", lines(*sent, patient(id="no id", gender="female")))
    found = [
        (str(path), 301, "structure", None),
        (str(path), 602, "value", ["Patient.birthDate"]),
        (str(path), 1003, "value", ["Patient.id"]),
    ]
    assert import_files(registry, path) == ({"Patient": (1000, 0, 0, 0)}, found)
    before = rows(registry)
    assert len(before) == 1000
    assert import_files(registry, path) == ({"Patient": (0, 0, 1000, 0)}, found)
    assert rows(registry) == before


def test_lines_without_id_are_known_again(registry, file):
    twice = patient("Twin")
    path = file("creates.ndjson", lines(patient("A"), twice, twice, patient("B")))
    assert import_files(registry, path) == ({"Patient": (3, 0, 1, 0)}, [])
    before = rows(registry)
    assert import_files(registry, path) == ({"Patient": (0, 0, 4, 0)}, [])
    assert rows(registry) == before
    delete(registry, SITE, "Patient", before[0][1])
    found, _ = import_files(registry, file("creates.ndjson.gz", lines(patient("A"), twice, patient("B"))))
    assert found == {"Patient": (1, 0, 2, 0)}


def test_a_single_resource_that_was_sent_as_a_transaction_is_known(registry, file):
    entry = {"resource": patient("A"), "request": {"method": "POST", "url": "Patient"}}
    bundle(registry, SITE, {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, None)
    assert import_files(registry, file("a.json", json.dumps(patient("A")))) == ({"Patient": (0, 0, 1, 0)}, [])


def test_what_is_referred_to_may_come_later(registry, file):
    by_identifier = {"reference": "Patient?identifier=urn:mrn|1"}
    referring = file(
        "a.ndjson", lines(observation(by_identifier, id="o1"), observation({"reference": "Patient/p"}, id="o2"))
    )
    nobody = file("b.ndjson", lines(observation({"reference": "Patient?identifier=urn:mrn|2"}, id="o3")))
    named = file("c.ndjson", lines(patient(id="p", identifier=[{"system": "urn:mrn", "value": "1"}])))
    lost = [(str(nobody), 1, "not-found", ["Observation.subject.reference"])]
    found = import_files(registry, referring, nobody, named)
    assert found == ({"Observation": (2, 0, 0, 0), "Patient": (1, 0, 0, 0)}, lost)
    before = rows(registry)
    assert [json.parse(row[3].encode())["subject"] for row in before[:2]] == [{"reference": "Patient/p"}] * 2
    again = import_files(registry, referring, nobody, named)
    assert again == ({"Observation": (0, 0, 2, 0), "Patient": (0, 0, 1, 0)}, lost)
    assert rows(registry) == before


def test_an_id_with_two_contents_is_stored_once(registry, file):
    first = file("first.ndjson", lines(patient("A", id="p"), patient("B", id="p"), patient("A", id="p")))
    second = file("second.ndjson", lines(*(patient(id=f"q{n}") for n in range(1500)), patient("C", id="p")))
    refused = [(str(first), 2, "duplicate", ["Patient"]), (str(second), 1501, "duplicate", ["Patient"])]
    assert import_files(registry, first, second) == ({"Patient": (1501, 0, 1, 0)}, refused)
    before = rows(registry)
    assert import_files(registry, first, second) == ({"Patient": (0, 0, 1502, 0)}, refused)
    assert rows(registry) == before
    # By itself it is what is newer.
    assert import_files(registry, second) == ({"Patient": (0, 1, 1500, 0)}, [])


def test_an_id_with_two_contents_is_stored_once_whatever_has_to_be_searched_for(registry, file):
    sent = (observation({"reference": reference}, id="o") for reference in ("Patient/q", "Patient?_id=p", "Patient/q"))
    path = file("a.ndjson", lines(patient(id="p"), *sent, observation({"reference": "Patient?_id=p"}, id="o2")))
    refused = [(str(path), 3, "duplicate", ["Observation"])]
    assert import_files(registry, path) == ({"Patient": (1, 0, 0, 0), "Observation": (2, 0, 1, 0)}, refused)
    before = rows(registry)
    assert import_files(registry, path) == ({"Patient": (0, 0, 1, 0), "Observation": (0, 0, 3, 0)}, refused)
    assert rows(registry) == before


def test_bundles_keep_their_meaning(registry, file):
    def entry(method, url, resource=None):
        return {"request": {"method": method, "url": url}} | ({"resource": resource} if resource else {})

    def sent(type, *entries):
        return {"resourceType": "Bundle", "type": type, "entry": list(entries)}

    bad = {"resourceType": "Patient", "id": "bad", "gender": "x"}
    path = file(
        "bundles.ndjson",
        lines(
            sent("transaction", entry("PUT", "Patient/a", patient(id="a")), entry("PUT", "Patient/bad", bad)),
            sent("batch", entry("PUT", "Patient/b", patient(id="b")), entry("PUT", "Patient/bad", bad)),
            patient(id="c"),
            sent("transaction", entry("DELETE", "Patient/b"), entry("DELETE", "Patient/none")),
        ),
    )
    where = ["Bundle.entry[1].resource.gender"]
    refused = [(str(path), 1, "code-invalid", where), (str(path), 2, "code-invalid", where)]
    assert import_files(registry, path) == ({"Patient": (2, 0, 1, 1)}, refused)
    assert [row[:3] for row in rows(registry)] == [("Patient", "b", 1), ("Patient", "b", 2), ("Patient", "c", 1)]


def test_a_batch_that_was_stored_in_part_is_not_done_twice(registry, file):
    data = base64.b64encode(b'[{"op": "add", "path": "/active", "value": true}]').decode()
    patch = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    entries = [
        {"request": {"method": "PUT", "url": "Patient/a"}, "resource": patient(id="a")},
        {"request": {"method": "PATCH", "url": "Patient?identifier=later"}, "resource": patch},
    ]
    later = patient(id="p", identifier=[{"value": "later"}])
    path = file("a.ndjson", lines({"resourceType": "Bundle", "type": "batch", "entry": entries}))
    assert import_files(registry, path, file("b.ndjson", lines(later))) == (
        {"Patient": (2, 0, 0, 0)},
        [(str(path), 1, "not-found", ["Bundle.entry[1].resource"])],
    )
    assert import_files(registry, path) == ({"Patient": (0, 1, 1, 0)}, [])  # by itself, afterwards


def test_a_conditional_reference_in_a_batch_is_refused(registry, file):
    resource = observation({"reference": "Patient?identifier=urn:mrn|1"}, id="o")
    entry = {"request": {"method": "PUT", "url": "Observation/o"}, "resource": resource}
    named = patient(id="p", identifier=[{"system": "urn:mrn", "value": "1"}])
    path = file("a.ndjson", lines(named, {"resourceType": "Bundle", "type": "batch", "entry": [entry]}))
    where = ["Bundle.entry[0].resource.subject.reference"]
    assert import_files(registry, path) == ({"Patient": (1, 0, 0, 0)}, [(str(path), 2, "not-supported", where)])


def test_what_is_no_resource_is_said(registry, file):
    owned = {"resourceType": "Measure", "id": "halaven-dcr", "status": "draft"}
    wrong = [b"[]", b"{}", b'{"resourceType": "Nothing"}', b"[" * 70 + b"]" * 70, b'"\xff"', b"{" * 70_000, owned]
    path = file("wrong.ndjson", lines(*wrong, patient(id="p")))
    found, told = import_files(registry, path)
    assert found == {"Patient": (1, 0, 0, 0)}
    assert [code for _, _, code, _ in told] == [
        "structure", "required", "not-supported", "too-costly", "structure", "structure", "business-rule",
    ]  # fmt: skip
    assert import_files(registry, file("truth.json", b'{"a": 1}')) == ({}, [])


def test_a_body_is_kept_until_it_is_stored(registry):
    body = lines(*(patient(id=f"p{n}", text=narrative(2000)) for n in range(1200)))
    assert len(body) > 2 * 1_000_000  # several parts
    assert import_body(registry, body) == ({"Patient": (1200, 0, 0, 0)}, [])
    with registry.store.read(1) as connection:
        assert connection.execute(registry.store.tables.jobs.part.select()).all() == []


def narrative(size):
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{"x" * size}</div>'}


def test_a_source_that_changed_on_the_way_is_not_mixed(registry, file):
    path = file("a.ndjson", lines(patient(id="p1"), patient(id="p2")))
    id_ = request_files(registry, SITE, [path], None, LIMIT, 1)
    jobs = registry.store.jobs
    job = jobs.claim("before", [KIND_OF_FILES], id=id_)
    begun = {"round": 1, "source": 0, "line": 1, "end": 10, "identity": "another", "counts": {}}
    with registry.store.database.write(1) as connection:
        job.save(connection, begun | dict.fromkeys(("units", "empty", "refused", "mended", "errors", "parts"), 0))
    job.give_back()
    assert run(registry, KIND_OF_FILES, id_) == ({}, [(str(path), 0, "conflict", None)])
    # Another content is another job; the one of before is not left behind.
    left = request_files(registry, SITE, [file("a.ndjson", lines(patient(id="p3")))], None, LIMIT, 1)
    newest = request_files(registry, SITE, [file("a.ndjson", lines(patient(id="p4444")))], None, LIMIT, 1)
    assert (jobs.get(left).state, jobs.get(newest).state) == ("cancelled", "requested")


def test_a_name_that_is_not_utf_8_is_told(registry, tmp_path):
    path = tmp_path / os.fsdecode(b"patients-\xfc.ndjson")
    with pytest.raises(FhirError, match=r"udcfc.ndjson' is not UTF-8; rename it"):
        import_files(registry, path)


def test_a_cancelled_import_stores_nothing_more(registry, file):
    id_ = request_files(registry, SITE, [file("a.ndjson", lines(patient(id="p1")))], None, LIMIT, 1)
    job = registry.store.jobs.claim("me", [KIND_OF_FILES], id=id_)
    registry.store.jobs.cancel(id_)
    do(registry, job)
    assert rows(registry) == []
