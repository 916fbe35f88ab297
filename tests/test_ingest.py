"""Writes: create, update, delete and their conditions (https://hl7.org/fhir/R4/http.html)."""

import threading

import pytest

from fhir_registry.core.paging import Client
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest, read, search
from fhir_registry.ops.history import history
from fhir_registry.ops.open import open_registry

BASE = "https://hospital.example/fhir"


def patient(**more):
    return {"resourceType": "Patient", "name": [{"family": "Sato"}], **more}


def refused(kind):
    return pytest.raises(FhirError, check=lambda problem: problem.kind == kind)


def total(registry, query="", type="Patient", site=1):
    pairs = [tuple(part.split("=", 1)) for part in query.split("&") if part]
    return json.parse(search.search(registry, site, type, [*pairs, ("_summary", "count")], Client(BASE)))["total"]


def test_create_replaces_id_and_version(registry):
    sent = patient(id="mine", meta={"versionId": "9", "lastUpdated": "2001-01-01T00:00:00Z", "tag": [{"code": "x"}]})
    made = ingest.create(registry, 1, "Patient", sent)
    assert (made.status, made.version) == (201, 1)
    assert made.id != "mine"
    stored = read.read(registry, 1, "Patient", made.id)
    assert stored.body == made.body
    body = json.parse(stored.body)
    assert body["id"] == made.id
    assert body["meta"]["versionId"] == "1"
    assert body["meta"]["lastUpdated"] > "2020"
    assert body["meta"]["tag"] == [{"code": "x"}]


def test_numbers_and_text_come_back_as_written(registry):
    sent = json.parse(
        '{"resourceType":"Observation","status":"final","code":{"text":"Größe  ½"},'
        '"valueQuantity":{"value":1.50,"unit":"m"},"component":[{"code":{"text":"x"},"valueQuantity":{"value":1.0e2}}]}'.encode()
    )
    made = ingest.create(registry, 1, "Observation", sent)
    assert b'"value":1.50,' in made.body
    assert b'"value":1.0e2}' in made.body
    assert "Größe  ½".encode() in read.read(registry, 1, "Observation", made.id).body


def test_update_creates_and_counts_versions(registry):
    assert ingest.update(registry, 1, "Patient", "p1", patient(id="p1")).status == 201
    second = ingest.update(registry, 1, "Patient", "p1", patient(id="p1", gender="male"))
    assert (second.status, second.version) == (200, 2)


def test_update_without_change_makes_no_version(registry):
    first = ingest.update(registry, 1, "Patient", "p1", patient(id="p1"))
    again = ingest.update(registry, 1, "Patient", "p1", json.parse(first.body))
    assert (again.status, again.version, again.updated) == (200, 1, first.updated)
    assert json.parse(history(registry, 1, [], Client(BASE), type="Patient", id="p1"))["total"] == 1


def test_a_changed_literal_is_a_change(registry):
    for version, literal in enumerate((b"1.0", b"1.00"), 1):
        sent = json.parse(
            b'{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"valueQuantity":{"value":%b}}'
            % literal
        )
        assert ingest.update(registry, 1, "Observation", "o", sent).version == version


@pytest.mark.parametrize("sent", [patient(), patient(id="p2")])
def test_update_needs_the_id_of_the_url(registry, sent):
    with refused("malformed") as problem:
        ingest.update(registry, 1, "Patient", "p1", sent)
    assert problem.value.issues[0].expression == "Patient.id"


def test_invalid_resources_are_refused_with_their_place(registry):
    with refused("malformed") as problem:
        ingest.create(registry, 1, "Patient", patient(gender="m"))
    assert [issue.expression for issue in problem.value.issues] == ["Patient.gender"]
    assert total(registry) == 0


def test_deleted_is_gone_and_its_versions_stay(registry):
    ingest.update(registry, 1, "Patient", "p1", patient(id="p1"))
    assert ingest.delete(registry, 1, "Patient", "p1").status == 204
    with refused("deleted"):
        read.read(registry, 1, "Patient", "p1")
    with refused("deleted"):
        read.vread(registry, 1, "Patient", "p1", "2")
    assert not read.vread(registry, 1, "Patient", "p1", "1").deleted
    assert total(registry) == total(registry, "family=sato") == total(registry, "gender:missing=true") == 0
    assert ingest.delete(registry, 1, "Patient", "p1").version == 2
    back = ingest.update(registry, 1, "Patient", "p1", patient(id="p1"))
    assert (back.status, back.version) == (201, 3)
    assert total(registry, "family=sato") == 1


def test_delete_of_what_never_was(registry):
    assert ingest.delete(registry, 1, "Patient", "never").status == 204
    with refused("not-found"):
        read.read(registry, 1, "Patient", "never")


def test_search_follows_an_update(registry):
    ingest.update(registry, 1, "Patient", "p1", patient(id="p1", gender="male", birthDate="1950-01-02"))
    ingest.update(registry, 1, "Patient", "p1", {"resourceType": "Patient", "id": "p1", "gender": "female"})
    assert total(registry, "gender=male") == total(registry, "family=sato") == total(registry, "birthdate=1950") == 0
    assert total(registry, "gender=female") == 1


def test_if_match(registry):
    ingest.update(registry, 1, "Patient", "p1", patient(id="p1"))
    with refused("precondition-failed"):
        ingest.update(registry, 1, "Patient", "p1", patient(id="p1", gender="male"), if_match=["2"])
    with refused("precondition-failed"):
        ingest.delete(registry, 1, "Patient", "p1", if_match=["7"])
    assert ingest.update(registry, 1, "Patient", "p1", patient(id="p1", gender="male"), if_match=["1"]).version == 2
    assert ingest.update(registry, 1, "Patient", "p1", patient(id="p1"), if_match="*").version == 3
    with refused("precondition-failed"):
        ingest.update(registry, 1, "Patient", "p2", patient(id="p2"), if_match="*")
    assert total(registry) == 1


def test_if_none_match(registry):
    assert ingest.update(registry, 1, "Patient", "p1", patient(id="p1"), if_none_match="*").status == 201
    with refused("precondition-failed"):
        ingest.update(registry, 1, "Patient", "p1", patient(id="p1"), if_none_match="*")


def test_conditional_create(registry):
    sent = patient(identifier=[{"system": "urn:mrn", "value": "1"}])
    first = ingest.create(registry, 1, "Patient", sent, "identifier=urn:mrn|1")
    again = ingest.create(registry, 1, "Patient", sent, "Patient?identifier=urn%3Amrn%7C1")
    assert (first.status, again.status) == (201, 200)
    assert (again.id, again.version, again.body) == (first.id, 1, first.body)
    ingest.create(registry, 1, "Patient", sent)
    with refused("precondition-failed"):
        ingest.create(registry, 1, "Patient", sent, "identifier=urn:mrn|1")


@pytest.mark.parametrize("criteria", ["", "foo=1", "_sort=_id", "identifier=", "identifier=%00", "identifier=%FF"])
def test_a_condition_that_cannot_be_judged_is_refused(registry, criteria):
    with refused("bad-request"):
        ingest.create(registry, 1, "Patient", patient(), criteria)
    assert total(registry) == 0


def test_parallel_conditional_creates_make_one(database, content):
    registries = [open_registry(database, content) for _ in range(2)]  # as two processes would
    statuses = []

    def push(number):
        sent = patient(identifier=[{"system": "urn:mrn", "value": "1"}])
        made = ingest.create(registries[number % 2], 1, "Patient", sent, "identifier=urn:mrn|1")
        statuses.append(made.status)

    threads = [threading.Thread(target=push, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 15 + [201]
    assert total(registries[0]) == 1
    for registry in registries:
        registry.close()


def test_a_conditional_reference_outside_a_transaction(registry):
    sent = {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": "Patient?identifier=1"}}
    with refused("malformed") as problem:
        ingest.create(registry, 1, "Basic", sent)
    assert problem.value.issues[0].expression == "Basic.subject.reference"


def test_sites_do_not_see_each_other(database, content):
    registry = open_registry(database, content, sites=("north", "south"))
    sent = patient(id="p1", identifier=[{"system": "urn:mrn", "value": "1"}])
    ingest.update(registry, 1, "Patient", "p1", sent)
    with refused("not-found"):
        read.read(registry, 2, "Patient", "p1")
    with refused("not-found"):
        history(registry, 2, [], Client(BASE), type="Patient", id="p1")
    assert total(registry, site=2) == total(registry, "identifier=1", site=2) == 0
    assert ingest.create(registry, 2, "Patient", sent, "identifier=1").status == 201
    assert ingest.update(registry, 2, "Patient", "p1", sent).version == 1
    registry.close()


def test_content_is_readable_and_not_writable(registry):
    measure = next(iter(registry.content.measures))
    assert json.parse(read.read(registry, 1, "Measure", measure).body)["id"] == measure
    assert total(registry, type="Measure") == len(registry.content.measures)
    with refused("method-not-allowed"):
        ingest.update(registry, 1, "Measure", measure, {"resourceType": "Measure", "id": measure, "status": "draft"})
    with refused("method-not-allowed"):
        ingest.delete(registry, 1, "Measure", measure)


def test_last_updated_never_goes_back(database, content):
    now = [2_000_000_000_000_000]
    registry = open_registry(database, content, clock=lambda: now[0])
    first = ingest.update(registry, 1, "Patient", "p1", patient(id="p1"))
    now[0] -= 3_600_000_000
    second = ingest.update(registry, 1, "Patient", "p1", patient(id="p1", gender="male"))
    other = ingest.update(registry, 1, "Patient", "p2", patient(id="p2"))
    assert first.updated < second.updated <= other.updated
    registry.close()
