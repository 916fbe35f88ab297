"""The catalogue of endpoints: what it promises of each, and all of them together."""

import pytest
from patient_facts import Record, day

from fhir_registry.endpoints.catalogue import ENDPOINTS, derive_all
from fhir_registry.endpoints.outcome import Analysed, Plan
from fhir_registry.endpoints.usable import once, once_for, usable_data


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


def test_usable_data_are_of_their_cut_off():
    facts = record().facts()
    early = usable_data(facts, day("2023-01-31"))
    assert len(early.administrations) == 2
    assert usable_data(early, day("2023-01-31")) is early
    assert len(usable_data(early, day("2023-12-31")).administrations) == 3
    assert early.stored is facts


def test_what_is_worked_out_once_is_worked_out_for_each_patient_and_argument():
    asked = []

    @once
    def doses(facts, drug):
        asked.append(drug)
        return [a for a in facts.administrations if a.drug == drug]

    facts = usable_data(record().facts(), day("2023-12-31"))
    assert [len(doses(facts, drug)) for drug in ("paclitaxel-liposome", "eribulin", "paclitaxel-liposome")] == [3, 0, 3]
    assert asked == ["paclitaxel-liposome", "eribulin"]
    assert len(doses(usable_data(record().facts(), day("2023-01-31")), "paclitaxel-liposome")) == 2


def test_what_is_worked_out_for_parameters_is_shared_by_plans_that_agree_in_them():
    asked = []

    @once_for("minAge")
    def least(facts, plan):
        asked.append(plan)
        return plan.parameters["minAge"]

    facts = usable_data(record().facts(), day("2023-12-31"))
    adult = Plan("study", None, facts.cutoff, {"minAge": 18, "extent": "any"})
    others = [
        adult._replace(parameters={"minAge": 18, "extent": "advanced"}),
        adult._replace(parameters={"minAge": 65, "extent": "any"}),
        adult._replace(start=19000),
        adult._replace(study="other"),
    ]
    assert [least(facts, plan) for plan in (adult, *others)] == [18, 18, 65, 18, 18]
    assert asked == [adult, *others[1:]]
