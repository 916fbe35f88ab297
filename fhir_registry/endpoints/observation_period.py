"""The observation period between two visits: section 1.4 (https://hl7.org/fhir/R4/encounter.html)."""

from typing import NamedTuple

from .vital_status import find_death, last_known_alive


class Period(NamedTuple):
    """Days since 1970-01-01, both inclusive."""

    start: int  # visit 1
    end: int  # visit 2, else the last contact or death
    visit_2: bool  # False: there was none


def observation_period(facts, plan, index):
    """The Period of usable data; `index` is the day of the first dose."""
    start, end = _visit_1(facts, plan.study, index), _visit_2(facts, plan.parameters["indexDrugs"])
    if end is None:
        return Period(start, _last_day(facts, plan.cutoff), False)
    return Period(start, end, True)


def _visit_1(facts, study, index):
    """The coded first visit; else the first encounter since enrolment; else the index."""
    coded = [e.start_lo for e in facts.encounters if e.visit == "visit-1" and e.start_lo is not None]
    enrolled = [s.start_lo for s in facts.research_subjects if s.study == study and s.start_lo is not None]
    return min(coded or _encounters_since(facts, min(enrolled, default=index)) or [index])


def _visit_2(facts, drugs):
    """The coded second visit; else the first encounter on or after the end of the drug; else None."""
    coded = [e.start_lo for e in facts.encounters if e.visit == "visit-2" and e.start_lo is not None]
    if coded:
        return min(coded)
    ends = [
        s.end_lo
        for s in facts.statements
        if s.drug in drugs and s.status in ("completed", "stopped") and s.end_lo is not None
    ]
    if not ends:
        return None
    return min(_encounters_since(facts, max(ends)), default=None)


def _encounters_since(facts, day):
    return [e.start_lo for e in facts.encounters if e.start_lo is not None and e.start_lo >= day]


def _last_day(facts, cutoff):
    """Observation without a second visit ends with the last contact or death."""
    death = find_death(facts, cutoff)
    last = last_known_alive(facts, cutoff)
    return min(last, death.day) if death else last
