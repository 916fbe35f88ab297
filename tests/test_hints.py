"""Errors say what may have been meant (https://hl7.org/fhir/R4/operationoutcome.html)."""

import pytest
from rest_client import serving

from fhir_registry.fhir.errors import nearest

PATIENT = {"resourceType": "Patient"}


@pytest.fixture(scope="module")
def rest(tmp_path_factory):
    with serving(f"sqlite:///{tmp_path_factory.mktemp('hints') / 'registry.sqlite'}") as rest:
        yield rest


@pytest.mark.parametrize(
    ("path", "status", "hint"),
    [
        ("patient/1", 404, "did you mean 'Patient'?"),
        ("Observatoin", 404, "did you mean 'Observation'?"),
        ("Patient/1/everything", 404, "operations begin with $"),
        ("Measure/halaven-dcr/evaluate-measure", 404, "operations begin with $"),
        ("Patient/1/$everythng", 404, "GET /OperationDefinition"),
        ("$export", 404, "GET /OperationDefinition"),
        ("Patient?birthDate=1960", 400, "did you mean 'birthdate'?"),
        ("Patient?_lastupdated=1960", 400, "did you mean '_lastUpdated'?"),
        ("Patient?_cuont=1", 400, "did you mean '_count'?"),
        ("Patient?_offset=50", 400, "next"),
        ("Observation?subject:Patient.nmae=x", 400, "no target of 'subject'"),
        ("Observation?_has:Provenance:targt:agent=1", 400, "did you mean 'target'?"),
        ("?name=x", 400, "_type"),
        ("?_type=patient", 400, "did you mean 'Patient'?"),
        ("Patient?birthdate=1.2.1960", 400, "2024-12-31"),
        ("Patient?birthdate:ge=1960", 400, "prefixes before the value"),
        ("Patient?family:exakt=x", 400, ":exact"),
        ("Patient?organization:Organisation=1", 400, ":[type]"),
        ("Patient?gender:of-type=a|b|c", 400, "it has :above :below :in :not :not-in :text :missing"),
        ("Observation?_sort=-Date", 400, "did you mean 'date'?"),
        ("Observation?_sort:desc=date", 400, "_sort=-date"),
        ("Observation?_sort=date:desc", 400, "; -date sorts"),
        ("Observation?_include=subject", 400, "Type:reference"),
        ("Observation?_include=Observation:subjct", 400, "did you mean 'subject'?"),
        ("Observation?_include=Observation:code", 400, "Observation has based-on"),
    ],
)
def test_what_is_not_known_is_named_with_what_is(rest, path, status, hint):
    answer = rest.get(path)
    assert (answer.status_code, hint in answer.get_json()["issue"][0]["diagnostics"]) == (status, True), answer.text


def test_writes_say_what_is_missing(rest):
    sent = PATIENT | {"gender": "M"}
    codes = "administrative-gender (female, male, other, unknown)"
    assert codes in rest.send("POST", "Patient", sent).get_json()["issue"][0]["diagnostics"]
    assert "its type" in rest.send("POST", "", PATIENT).get_json()["issue"][0]["diagnostics"]
    assert "an id in the path" in rest.send("PUT", "Patient", PATIENT).get_json()["issue"][0]["diagnostics"]
    gone = rest.put(PATIENT | {"id": "none"}, If_Match='W/"1"')
    assert gone.status_code == 412
    assert "Patient/none is not here" in gone.get_json()["issue"][0]["diagnostics"]
    gone = rest.send("PUT", "Patient?family=nobody", PATIENT, If_Match='W/"1"')
    assert gone.status_code == 412
    assert "nothing matches family=nobody" in gone.get_json()["issue"][0]["diagnostics"]


def test_no_hint_where_nothing_is_like_it(rest):
    assert nearest("zzz", ["name", "family"]) == nearest("name", ["name"]) == ""
    assert nearest("n" * 1_000_000, ["name"]) == ""
    assert "did you mean" not in rest.get("Patient?zzz=1").text
