"""The short form of torture/parsers.py, and what its long form has found."""

import random

import pytest
from parser_targets import Broken, Targets
from parsers import Outcome, run_inputs

from fhir_registry.core.bundle import plan_bundle
from fhir_registry.core.index import index_rows
from fhir_registry.core.query import parse_filter
from fhir_registry.core.xml import Xml
from fhir_registry.edges.negotiation import http_moment
from fhir_registry.fhir.dates import instant_literal
from fhir_registry.fhir.errors import FhirError, error

SEED = 20261121


@pytest.fixture
def targets(registry):
    made = Targets(registry, random.Random(SEED))
    yield made
    made.close()


def test_mutated_inputs_are_refused_or_read_back(targets):
    outcome = Outcome()
    run_inputs(targets, SEED, range(6000), outcome)
    assert outcome.problems == []
    assert outcome.inputs == 6000
    for target in targets.all:  # or there would be nothing that could read back, or nothing wrong
        assert outcome.answers[target.name, "accepted"], target.name
        assert outcome.answers[target.name, "refused"], target.name


def test_an_input_is_the_same_by_its_number(targets):
    drawn = [targets.draw(random.Random(f"{SEED}/{number}")) for number in (7, 8, 7)]
    assert drawn[0] == drawn[2] != drawn[1]


def test_what_is_not_declared_is_a_problem(targets):
    target = targets.all[0]._replace(run=lambda given: 1 / 0)
    targets.all = (target,)
    outcome = Outcome()
    run_inputs(targets, SEED, range(3), outcome)
    assert len(outcome.problems) == 3 and "ZeroDivisionError" in outcome.problems[0]
    with pytest.raises(Broken):
        targets.run(target._replace(run=_book), b"")


def _book(given):
    raise error("malformed", "value", "x" * 30_000)


def test_a_wrong_encoding_is_not_repeated_whole(content):
    body = b'<?xml version="1.0" encoding="' + b"<name>" * 10_000 + b'"?><Patient xmlns="http://hl7.org/fhir"/>'
    with pytest.raises(FhirError) as refused:
        Xml(content.definitions).read(body)
    assert len(str(refused.value)) < 300


def test_what_is_not_ascii_is_no_base64(content):
    patch = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": "\u202e"}
    entry = {"resource": patch, "request": {"method": "PATCH", "url": "Patient/a"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    with pytest.raises(FhirError, match="not base64") as refused:
        plan_bundle(bundle, "http://a.example/fhir", {"Patient"}, 10)
    assert refused.value.kind == "malformed"


@pytest.mark.parametrize("code", ["combo-code", "combo-value-quantity"])
def test_has_wants_a_reference_of_parameters_that_are_several(content, code):
    with pytest.raises(FhirError, match="is not a reference") as refused:
        parse_filter(("Patient",), [(f"_has:Observation:{code}:code", "a")], content.search_params, None)
    assert refused.value.kind == "bad-request"


def test_a_date_of_many_digits_is_ignored():
    assert http_moment("Sat, 21 Nov 2026" + "26" * 40 + " 10:00:00 GMT") is None
    assert http_moment("Sat, 21 Nov 2026 10:00:00 GMT").timestamp() == 1795255200


@pytest.mark.parametrize("family", ["a" + " " * 200_000, "a " * 100_000, "-" * 200_000])
def test_a_long_family_name_costs_no_more_than_its_length(content, family):
    # It was quadratic: this would take minutes.
    rows = index_rows({"resourceType": "Patient", "id": "a", "name": [{"family": family}]}, content.search_params)
    assert len(rows["string"]) < 10


def test_an_instant_of_an_early_year_has_four_digits():
    assert instant_literal(-61_562_592_000_000_000) == "0019-02-28T00:00:00.000Z"
