"""What a transaction will store is made before its lock; what has happened meanwhile goes before what was foreseen."""

from itertools import count

import pytest

from fhir_registry.examples import Example
from fhir_registry.fhir import json
from fhir_registry.ops import ingest, read
from fhir_registry.ops.foresee import foresee
from fhir_registry.ops.open import open_registry

BASE = "https://server.example/fhir"
PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": "1"}]}
NOTE = {"resourceType": "Basic", "code": {"text": "note"}, "subject": {"reference": "urn:uuid:" + "1" * 8}}
KNOWN = {"resourceType": "Basic", "id": "k", "code": {"text": "known"}}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [
        {
            "fullUrl": "urn:uuid:" + "1" * 8,
            "resource": PATIENT,
            "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=urn:mrn|1"},
        },
        {"resource": NOTE, "request": {"method": "POST", "url": "Basic"}},
        {"resource": KNOWN, "request": {"method": "PUT", "url": "Basic/k"}},
    ],
}


def planned(registry, bundle=BUNDLE):
    found = ingest.plan(registry, json.parse(json.dumps(bundle)), BASE)
    return found, foresee(registry, 1, found.writes)


def carry_out(registry, planned, foreseen):
    with registry.store.write(1) as writer:
        ingest.carry_out(registry, writer, planned, foreseen)
    return {entry.index: entry.outcome for entry in planned.entries}


def body(registry, outcome):
    return json.parse(read.read(registry, 1, outcome.type, outcome.id).body)


def test_what_was_foreseen_is_stored(registry):
    plan, foreseen = planned(registry)
    assert {type_ for type_, _ in foreseen.prepared} == {"Patient", "Basic"} and len(foreseen.prepared) == 3
    unstamped = foreseen.prepared["Basic", "k"].body
    patient, note, known = carry_out(registry, plan, foreseen).values()
    assert [outcome.status for outcome in (patient, note, known)] == [201, 201, 201]
    assert body(registry, note)["subject"]["reference"] == f"Patient/{patient.id}"
    stored = read.read(registry, 1, "Basic", "k")
    assert json.parse(stored.body)["meta"]["lastUpdated"] and stored.version == 1
    assert unstamped != stored.body  # the time was not known
    assert not foreseen.prepared  # each is given up as soon as it is stored


@pytest.mark.parametrize("type", ["Patient", "Basic"])
def test_what_others_store_meanwhile_goes_before(registry, type):
    """Between the look and the lock somebody stores the patient, or the resource that is to be updated (REL-10)."""
    plan, foreseen = planned(registry)
    if type == "Patient":
        other = ingest.create(registry, 1, "Patient", dict(PATIENT))
    else:
        other = ingest.update(registry, 1, "Basic", "k", {**KNOWN, "code": {"text": "other"}})
    patient, note, known = carry_out(registry, plan, foreseen).values()
    assert body(registry, note)["subject"]["reference"] == f"Patient/{patient.id}"
    if type == "Patient":
        assert (patient.status, patient.id, known.version) == (200, other.id, 1)
    else:
        assert (patient.status, known.status, known.version) == (201, 200, 2)
        assert body(registry, known)["code"]["text"] == "known"


def test_what_others_delete_meanwhile_is_made(registry):
    other = ingest.create(registry, 1, "Patient", dict(PATIENT))
    plan, foreseen = planned(registry)
    assert foreseen.places[0] == (("Patient", other.id), other.id)
    ingest.delete(registry, 1, "Patient", other.id)
    patient, note, _ = carry_out(registry, plan, foreseen).values()
    assert patient.status == 201 and patient.id != other.id
    assert body(registry, note)["subject"]["reference"] == f"Patient/{patient.id}"


def test_what_depends_on_what_is_stored_is_not_foreseen(registry):
    """Patches, conditional references, deletions; and bundles with mistakes, which are told where they always were."""

    def foreseen(*entries):
        return planned(registry, {**BUNDLE, "entry": list(entries)})[1]

    named = {**NOTE, "subject": {"reference": "Patient?identifier=urn:mrn|1"}}
    assert foreseen(BUNDLE["entry"][2]) is not None
    assert foreseen({"resource": named, "request": {"method": "POST", "url": "Basic"}}) is None
    assert foreseen(BUNDLE["entry"][2], {"request": {"method": "DELETE", "url": "Basic/x"}}) is None
    wrong = {"method": "POST", "url": "Basic", "ifNoneExist": "nothing=1"}
    assert foreseen({"resource": KNOWN, "request": wrong}) is None


def test_rows_are_the_same_with_and_without(new_database, content):
    """Every table holds the same."""
    bundles = [*Example("halaven", 2, seed=5).bundles()]
    tables = []
    for look in (lambda registry, plan: foresee(registry, 1, plan.writes), lambda registry, plan: None):
        fixed = {"clock": lambda: 1_710_000_000_000_000, "new_id": map("n{}".format, count()).__next__}
        registry = open_registry(new_database("sqlite"), content, **fixed)
        for bundle in bundles:
            plan = ingest.plan(registry, json.parse(json.dumps(bundle)), BASE)
            carry_out(registry, plan, look(registry, plan))
        with registry.store.read(1) as connection:
            found = registry.store.tables
            names = [found.resource, found.version, found.submission, found.change, *found.derived.values()]
            tables.append({table.name: sorted(map(repr, connection.execute(table.select()))) for table in names})
        registry.close()
    assert tables[0] == tables[1]
