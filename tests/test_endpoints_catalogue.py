"""The catalogue of endpoints: what it promises of each, and all of them together."""

import pytest
from patient_facts import Record, day

from fhir_registry.endpoints.catalogue import ENDPOINTS, derive_all
from fhir_registry.endpoints.outcome import Analysed, Plan


def plans(cutoff="2024-12-31", **parameters):
    """A pair (endpoint, Plan) of every endpoint, with an index drug."""
    asked = {"indexDrugs": frozenset({"paclitaxel-liposome"}), **parameters}
    return [
        (name, Plan("study", None, day(cutoff), endpoint.check_parameters(asked)))
        for name, endpoint in ENDPOINTS.items()
    ]


def record():
    return Record().condition("breast", -10).dose("paclitaxel-liposome", 0, 21, 42).assessed(50, "PD").seen(60)


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=list(ENDPOINTS))
def test_fields_by_subgroup_are_fields_of_the_row(endpoint):
    assert endpoint.stratified
    assert set(endpoint.stratified) <= set(endpoint.row._fields)


def test_all_endpoints_are_answered_in_the_order_of_the_plans():
    asked = plans()
    for order in (asked, asked[::-1]):
        answers = derive_all(record().facts(), order)
        assert [type(answer) for answer in answers] == [Analysed] * len(ENDPOINTS)
        assert [type(answer.row) for answer in answers] == [ENDPOINTS[name].row for name, _ in order]
        assert answers == [ENDPOINTS[name].derive(record().facts(), plan) for name, plan in order]


def test_nothing_asked_is_nothing_answered():
    assert derive_all(record().facts(), []) == []
