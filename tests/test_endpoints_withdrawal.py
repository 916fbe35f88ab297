"""Of who has withdrawn reports use what is dated up to that day (section 5, row 6), calculated by hand."""

from dataclasses import replace

import pytest
from erasure import consent
from lipusu_facts import PARAMETERS, eligible, treated
from patient_facts import day
from test_evaluate import BASE, SITE, count, group
from test_evaluate import treated as treated_in_halaven

from fhir_registry.endpoints.catalogue import ENDPOINTS, derive_all
from fhir_registry.endpoints.outcome import Analysed, Plan
from fhir_registry.ops import fsck, ingest
from fhir_registry.ops.evaluate import evaluate

DCO = day("2025-06-30")
OS = "overall-survival"


def person():
    """Doses every three weeks until day 294, seen on days 290 and 310, dead on day 500 after 2023-01-10."""
    return treated(*range(0, 295, 21)).seen(290).seen(310).died(500)


def survival(record, cutoff=DCO):
    plan = Plan("study", None, cutoff, ENDPOINTS[OS].check_parameters(PARAMETERS))
    (answer,) = derive_all(record.facts(), [(OS, plan)])
    return tuple(answer.row.primary) if isinstance(answer, Analysed) else None


def withdrawn(record, when, mode="retain-until-withdrawal"):
    return record.add("consent", mode=mode, **record.dates(withdrawn=when))


@pytest.mark.parametrize(
    "when, expected",
    [
        (300, (294, 0, "alive")),  # the last dose is the last contact up to that day
        (294, (294, 0, "alive")),
        (293, (290, 0, "alive")),
        ("2023-11", (294, 0, "alive")),  # from its first day on, which is day 295
        (499, (310, 0, "alive")),
        (500, (500, 1, "death")),
        ("2025-07-01", (500, 1, "death")),  # after the data cut-off
        (-1, None),  # before the index: no dose is seen
        (None, None),  # nobody knows when
    ],
)
def test_survival_ends_with_the_withdrawal(when, expected):
    assert survival(person()) == (500, 1, "death")
    assert survival(withdrawn(person(), when)) == expected
    assert survival(withdrawn(person(), when, "erase")) == expected


def test_the_earliest_of_several_counts():
    record = withdrawn(withdrawn(person(), 300), 293, "erase")
    assert survival(record) == (290, 0, "alive")
    assert survival(withdrawn(record, 5, "stop-collection")) == (290, 0, "alive")


def test_what_was_collected_before_stays_in_use():
    assert survival(withdrawn(person(), 300, "stop-collection")) == (500, 1, "death")


def test_an_earlier_data_cut_off_goes_before_the_withdrawal():
    assert survival(withdrawn(person(), 300), day("2023-01-10") + 100) == (84, 0, "alive")
    assert survival(withdrawn(eligible(), 300)) is None


def test_responses_are_counted_up_to_the_withdrawal(registry):
    """Two partial responses on 2024-03-15; one of the patients withdrew on 2024-03-01 and cannot be evaluated."""
    for id_ in ("a", "b"):
        ingest.bundle(registry, SITE, treated_in_halaven(id_, ("2024-03-15", "LA28369-9")), BASE)
    before = evaluate(registry, SITE, "halaven-dcr", period_end="2024-12-31", base=BASE)
    assert [count(before, f"bor-{best}") for best in ("pr", "ne")] == [2, 0]
    assert "withdrawn" not in {group["code"]["coding"][0]["code"] for group in before["group"]}
    told = {"resourceType": "Consent", "id": "w", **consent("b", "retain-until-withdrawal", "2024-03-01")}
    ingest.update(registry, SITE, "Consent", "w", told)
    after = evaluate(registry, SITE, "halaven-dcr", period_end="2024-12-31", base=BASE)
    assert [count(after, f"bor-{best}") for best in ("pr", "ne")] == [1, 1]
    assert count(after, "withdrawn") == 1 and after["group"][0]["population"] != []
    few = evaluate(replace(registry, small_cell=2), SITE, "halaven-dcr", period_end="2024-12-31", base=BASE)
    assert "value" not in group(few, "withdrawn")["measureScore"]  # as any small count
    assert list(fsck.check(registry, analyses=True, bases=(BASE,))) == []
