"""What is exported of who has withdrawn (docs/deidentification.md, docs/consent.md; oncology.md section 5, row 6)."""

import pytest
from erasure import consent
from test_export_cli import condition, patient

from fhir_registry.core.pseudonyms import KEY_BYTES, Pseudonyms
from fhir_registry.fhir import json
from fhir_registry.ops import ingest
from fhir_registry.ops.export import export

SITE, KEY = 1, bytes(KEY_BYTES)
DAYS = {"before": "2024-06-01", "after": "2024-07-15"}


@pytest.fixture
def registry(registry):
    """Patients that died on 2024-08-01, each with a condition before and after a withdrawal, of a mode or none."""
    for mode in ("stop-collection", "retain-until-withdrawal", "erase", "none"):
        own = [{"system": "urn:mrn", "value": mode}]
        person = patient(mode, identifier=own, deceasedDateTime="2024-08-01")
        held = [condition(f"{mode}-{name}", f"Patient/{mode}", day) for name, day in DAYS.items()]
        for resource in (person, *held):
            ingest.update(registry, SITE, resource["resourceType"], resource["id"], resource)
        if mode != "none":
            told = {"resourceType": "Consent", "id": mode, **consent(mode, mode, "2024-06-30")}
            ingest.update(registry, SITE, "Consent", mode, told)
    return registry


def told_of(folder, type):
    path = folder / f"{type}.ndjson"
    return [*map(json.parse, path.read_bytes().splitlines())] if path.exists() else []


@pytest.mark.parametrize("mode, told", [("erase", 0), ("retain-until-withdrawal", 1), ("stop-collection", 2)])
def test_who_is_no_patient_here_any_more_has_withdrawn_too(registry, tmp_path, mode, told):
    """The Patient was deleted, or never came; the records and the Consent are there."""
    ingest.delete(registry, SITE, "Patient", mode)
    export(registry, tmp_path, "default", ("Condition",), (KEY, "trial", (), "https://server.example/fhir"))
    person = Pseudonyms(KEY, "trial", "default").of("Patient", mode)
    stays = [each for each in told_of(tmp_path, "Condition") if each["subject"]["reference"] == f"Patient/{person}"]
    assert len(stays) == told


def test_nothing_after_a_withdrawal_is_told(registry, tmp_path):
    done = export(registry, tmp_path, "default", disguise=(KEY, "trial", (), "https://server.example/fhir"))
    told = {path.stem: [*map(json.parse, path.read_bytes().splitlines())] for path in tmp_path.glob("*.ndjson")}
    assert {type: len(resources) for type, resources in told.items()} == {"Condition": 5, "Patient": 3}
    of = {each["id"]: 0 for each in told["Patient"]}
    for each in told["Condition"]:
        of[each["subject"]["reference"].removeprefix("Patient/")] += 1
    # Who has stopped the collection and who has not withdrawn: all; who retains: what is before, and is alive then.
    died = {each["id"]: "deceasedDateTime" in each for each in told["Patient"]}
    assert sorted((of[id], died[id]) for id in of) == [(1, False), (2, True), (2, True)]
    left_out = done.manifest["leftOut"]
    assert left_out["Condition"] == {"withdrawn": 3} and left_out["Patient"] == {"withdrawn": 1}
    assert left_out["Consent"] == {"type-not-told": 3}
