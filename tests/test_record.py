"""Answers and Tallies come back as they were kept (endpoints/record.py)."""

import pytest

from fhir_registry.endpoints.adverse_events import AdverseEvents
from fhir_registry.endpoints.discontinuation import Discontinuation, Status
from fhir_registry.endpoints.facts import Source
from fhir_registry.endpoints.outcome import Analysed, Evidence, Excluded, Items, Tally
from fhir_registry.endpoints.prior_therapy import CELLS, PriorTherapy
from fhir_registry.endpoints.record import dump_tally, load_tally, read_answer, record_answer
from fhir_registry.endpoints.survival import Survival
from fhir_registry.endpoints.time_to_event import Time

EVIDENCE = (Evidence("death", Source("Patient/p", 2, 7), "C4 mid-month"),)
ROWS = [
    Survival(Time(1826.25, 0, "horizon"), Time(12, 1, "death"), None),
    Discontinuation(Status(True, "progression")),
    PriorTherapy(True, tuple(range(len(CELLS))), Items(["letrozole"]), "LET(adv) > FUL"),
    PriorTherapy(False, None, Items(), None),
    AdverseEvents(
        Items(["any"]), Items(), Items(), Items([("Nausea", 2)]), Items([("Gut", "Nausea", 2)]), *[Items()] * 3, 1, 5, 9
    ),
]


@pytest.mark.parametrize("row", ROWS)
def test_an_answer_comes_back(row):
    answer = Analysed(17595, row, frozenset({"imputed-dates"}), EVIDENCE, (("age", ">=65"),))
    back, unread = read_answer(record_answer(answer, frozenset({"unread-drug"})), type(row))
    assert (back, unread) == (answer._replace(evidence=()), frozenset({"unread-drug"}))
    for field, value in row._asdict().items():
        assert type(getattr(back.row, field)) is type(value)


def test_excluded_and_outsiders_come_back():
    record = record_answer(Excluded("under-age"), frozenset({"unread-drug"}))
    assert read_answer(record, Survival) == (Excluded("under-age"), frozenset({"unread-drug"}))
    assert read_answer(record_answer(None, frozenset({"unread-drug"})), Survival) == (None, frozenset({"unread-drug"}))
    assert record_answer(None) is None


@pytest.mark.parametrize("row", ROWS)
def test_a_tally_comes_back(row):
    field = row._fields[0]
    tally = Tally(("age",), (field,))
    tally.add(Analysed(17595, row, frozenset({"imputed-dates"}), EVIDENCE, (("age", ">=65"), ("sex", "female"))))
    tally.add(Excluded("under-age"), frozenset({"unread-drug"}))
    tally.add(None, frozenset({"unread-status"}))
    back = load_tally(dump_tally(tally), type(row), ("age",), (field,))
    assert dump_tally(back) == dump_tally(tally)
    for name in row._fields:
        assert back.counts(name) == tally.counts(name)
    assert back.strata["age"][">=65"].counts(field) == tally.counts(field)
    assert (back.initial, back.first_index, back.exclusions) == (2, 17595, {"under-age": 1})
    assert (back.unread, back.unread_outside) == ({"unread-drug": 1}, {"unread-status": 1})
    assert back.supplemental["sex"] == {"female": 1}


def test_what_is_taken_away_leaves_nothing():
    answers = [Analysed(17595, row, frozenset({"imputed-dates"}), (), (("age", "<65"),)) for row in ROWS[:1]]
    tally, other = Tally(("age",), ("primary",)), Tally(("age",), ("primary",))
    for answer in (*answers, Excluded("under-age"), None):
        tally.add(answer, frozenset({"unread-drug"}))
        other.add(answer, frozenset({"unread-drug"}))
    tally.merge(other, times=-1)
    assert tally.initial == 0
    assert not any(tally.fields.values())
    assert (tally.flags, tally.indexes, tally.unread, tally.unread_outside) == ({}, {}, {}, {})
    assert all(not any(s.fields.values()) for s in tally.strata["age"].values())
    assert tally.first_index is None
