"""Asserted lines of therapy beside derived ones, one row a case; expected values by hand: sections 2.4 and 3.3."""

import pytest
from lipusu_facts import LIPOSOME, TRASTUZUMAB, derive, eligible, treated
from patient_facts import Record, day

from fhir_registry.endpoints import prior_therapy
from fhir_registry.endpoints.outcome import Analysed, Excluded, Plan

ENDPOINTS = ("overall-survival", "progression-free-survival", "time-to-progression", "time-to-treatment-failure")


def both(**values):
    """Both drugs from day 0 on, the liposome with these values."""
    return eligible().dose(LIPOSOME, 0, 21, **values).dose(TRASTUZUMAB, 0, 21)


def second_line():
    """After an endocrine line, which may precede the first line."""
    return treated(0, 21).condition("distant", -60).dose("letrozole", -29)


def after_chemo():
    return treated(0, 21).condition("distant", -200).dose("capecitabine", -150)


# Record -> asserted line, derived line, the record that tells; None where nothing does.
CASES = {
    "nothing asserted": (treated(0, 21), None),
    "the dose at the index": (both(line=1), (1, 1, "medication_administration/1")),
    "another line than derived": (both(line=2), (2, 1, "medication_administration/1")),
    "dose of the partner": (
        eligible().dose(LIPOSOME, 0).dose(TRASTUZUMAB, 0, line=1),
        (1, 1, "medication_administration/2"),
    ),
    "a later dose": (treated(0).dose(LIPOSOME, 21, line=2), None),
    "a dose of another drug": (treated(0).dose("zoledronic-acid", 0, line=3), None),
    "a dose of the month": (both(line=1).dose(LIPOSOME, "2023-01", line=2), (1, 1, "medication_administration/1")),
    "two doses that differ": (both(line=1).dose(TRASTUZUMAB, 0, line=2), (2, 1, "medication_administration/5")),
    "dose of an adjuvant line": (treated(0).dose(TRASTUZUMAB, 0, line=1, intent="adjuvant"), None),
    "a dose not given": (treated(0).dose(LIPOSOME, 0, status="not-done", line=1), None),
    "statement": (treated(0).took(LIPOSOME, 0, 40, line=1), (1, 1, "medication_statement/1")),
    "statement without end": (treated(0).took(LIPOSOME, -3, line=1), (1, 1, "medication_statement/1")),
    "statement that ended before": (treated(0).took(TRASTUZUMAB, -20, -1, line=1), None),
    "not taken": (treated(0).took(LIPOSOME, 0, status="not-taken", line=1), None),
    "order 28 days before": (treated(0).ordered(LIPOSOME, -28, line=1), (1, 1, "medication_request/1")),
    "order 29 days before": (treated(0).ordered(LIPOSOME, -29, line=1), None),
    "order of later": (treated(0).ordered(LIPOSOME, 1, line=1), None),
    "order of another drug": (treated(0).ordered("capecitabine", 0, line=1), None),
    "order in error": (treated(0).ordered(LIPOSOME, 0, status="entered-in-error", line=1), None),
    "episode": (treated(0).episode(1, 0, 100), (1, 1, "episode_of_care/1")),
    "episode without end": (treated(0).episode(2, -5), (2, 1, "episode_of_care/1")),
    "episode of one day": (treated(0).episode(1, 0, 0), (1, 1, "episode_of_care/1")),
    "episode that ended the day before": (treated(0).episode(1, -100, -1), None),
    "episode that begins the day after": (treated(0).episode(1, 1), None),
    "episode known by its month": (treated(0).episode(1, "2023-01"), (1, 1, "episode_of_care/1")),
    "episode without period": (treated(0).episode(1), None),
    "episode without number": (treated(0).episode(None, 0), None),
    "several episodes": (treated(0).episode(1, -200, -1).episode(2, -1).episode(3, 200), (2, 1, "episode_of_care/2")),
    "episodes without ends": (treated(0).episode(2, -3).episode(1, -200), (2, 1, "episode_of_care/1")),
    "number in the earlier episode only": (
        treated(0).episode(1, -200).episode(None, 0),
        (1, 1, "episode_of_care/1"),
    ),
    "episode entered in error": (treated(0).episode(1, 0, status="entered-in-error"), None),
    "episode cancelled": (treated(0).episode(1, 0, status="cancelled"), None),
    "episode planned": (treated(0).episode(1, 0, status="planned"), None),
    "episode on hold": (treated(0).episode(1, 0, status="onhold"), (1, 1, "episode_of_care/1")),
    "palliative episode": (treated(0).episode(1, 0, intent="palliative"), (1, 1, "episode_of_care/1")),
    "curative episode": (treated(0).episode(1, 0, intent="curative"), None),
    "dose before episode": (both(line=1).episode(2, 0), (1, 1, "medication_administration/1")),
    "statement before order": (
        treated(0).ordered(LIPOSOME, 0, line=2).took(LIPOSOME, 0, line=1),
        (1, 1, "medication_statement/1"),
    ),
    "order before episode": (treated(0).episode(2, 0).ordered(LIPOSOME, 0, line=1), (1, 1, "medication_request/1")),
    "second line, agreed": (second_line().episode(2, 0), (2, 2, "episode_of_care/1")),
    "second line, asserted as the first": (second_line().episode(1, -60), (1, 2, "episode_of_care/1")),
}


@pytest.mark.parametrize(("record", "expected"), CASES.values(), ids=CASES)
def test_asserted_line_at_the_index(record, expected):
    answer = derive("overall-survival", record.facts())
    assert isinstance(answer, Analysed)
    told = [(e.source.resource, e.note) for e in answer.evidence if e.role == "asserted-line"]
    if expected is None:
        assert (answer.row.line, told) == (None, [])
    else:
        asserted, derived, source = expected
        assert (answer.row.line.asserted, answer.row.line.derived) == (asserted, derived)
        assert told == [(source, f"line {asserted}")]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_time_to_event_says_so(endpoint):
    answer = derive(endpoint, second_line().episode(1, -60).facts())
    assert answer.row.line == (1, 2)
    assert [e.source.resource for e in answer.evidence if e.role == "asserted-line"] == ["episode_of_care/1"]


# Record -> is the patient analysed as in the first line, by the derived number, by the asserted one?
FIRST_LINE = {
    "nothing asserted": (treated(0), True, True),
    "nothing asserted, chemotherapy before": (after_chemo(), False, False),
    "asserted first, chemotherapy before": (after_chemo().episode(1, 0), False, True),
    "asserted second, chemotherapy before": (after_chemo().episode(2, 0), False, False),
    "asserted second, nothing before": (treated(0).episode(2, 0), True, False),
    "agreed, an endocrine line before": (second_line().episode(2, 0), True, True),
    "asserted first, an endocrine line before": (second_line().episode(1, 0), True, True),
    "asserted third, an endocrine line before": (second_line().episode(3, 0), True, False),
    # Which of the two was not counted is not known: it may have been the endocrine one.
    "asserted second, chemotherapy and an endocrine line before": (
        treated(0).condition("distant", -400).dose("capecitabine", -300).dose("letrozole", -100).episode(2, 0),
        False,
        False,
    ),
}


@pytest.mark.parametrize(("record", "derived", "asserted"), FIRST_LINE.values(), ids=FIRST_LINE)
def test_first_line_by_the_derived_number_unless_the_asserted_one_is_trusted(record, derived, asserted):
    for trusted, first in ((False, derived), (True, asserted)):
        answer = derive("overall-survival", record.facts(), trustAssertedLines=trusted)
        if first:
            assert isinstance(answer, Analysed)
        else:
            assert answer == Excluded("prior-advanced-therapy")


def test_two_endocrine_lines_may_be_allowed():
    record = treated(0).condition("distant", -700).dose("letrozole", -600).dose("exemestane", -300).episode(3, 0)
    for trusted in (False, True):
        answer = derive("overall-survival", record.facts(), maxEndocrineLines=2, trustAssertedLines=trusted)
        assert answer.row.line == (3, 3)


@pytest.mark.parametrize(("line", "expected"), [(None, None), (2, (2, 2)), (1, (1, 2))])
def test_prior_therapies(line, expected):
    record = Record("2009-10-05").condition("breast", "2003").condition("distant", "2008-12-01")
    record.dose("fulvestrant", 0, line=line).took("letrozole", "2009-01", "2009-09")
    parameters = prior_therapy.check_parameters({"indexDrugs": frozenset({"fulvestrant"})})
    answer = prior_therapy.derive(record.facts(), Plan("faslodex", None, day("2012-12-31"), parameters))
    assert answer.row.line == expected
    assert [(e.role, e.note) for e in answer.evidence] == ([("asserted-line", f"line {line}")] if line else [])
