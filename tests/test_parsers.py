"""The short form of torture/parsers.py, and what its long form has found."""

import random

import pytest
from parser_targets import Broken, Targets
from parsers import Outcome, run_inputs

from fhir_registry.core.xml import Xml
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


def test_an_instant_of_an_early_year_has_four_digits():
    assert instant_literal(-61_562_592_000_000_000) == "0019-02-28T00:00:00.000Z"
