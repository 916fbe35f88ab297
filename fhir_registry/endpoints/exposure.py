"""Exposure to the index drug between two visits: section 1.4, F2 (https://hl7.org/fhir/R4/medicationadministration.html)."""

import math
from typing import NamedTuple

from .index import Index
from .outcome import Analysed
from .parameters import COMMON, Parameter, complete_parameters
from .population import screen
from .usable import usable_data
from .vital_status import find_death, last_known_alive

PARAMETERS = {**COMMON, "mgPerInjection": Parameter("decimal", 250.0, minimum=1e-9)}


class Exposure(NamedTuple):
    """`mg` is None when a dose in mg is missing."""

    days: int  # distinct administration days within the observation period
    injections: int
    mg: float | None
    days_since_first: int  # the same from the first dose to the cut-off
    injections_since_first: int
    mg_since_first: float | None


def check_parameters(parameters):
    """PARAMETERS completed; ValueError for a bad one."""
    return complete_parameters(PARAMETERS, parameters)


def derive(facts, plan):
    """Administration days, injections and mg -> Analysed(Exposure), Excluded or None."""
    facts = usable_data(facts, plan.cutoff)
    index = screen(facts, plan)
    if not isinstance(index, Index):
        return index
    drugs, mg_per_injection = plan.parameters["indexDrugs"], plan.parameters["mgPerInjection"]
    doses = [a for a in facts.administrations if a.drug in drugs and a.start_lo is not None]
    visit_1, visit_2 = _visit_1(facts, plan.study, index.day), _visit_2(facts, drugs)
    end = _last_day(facts, plan.cutoff) if visit_2 is None else visit_2
    # A partial date counts when it may lie within.
    inside = [a for a in doses if a.start_hi >= visit_1 and a.start_lo <= end]

    flags = {
        "imputed-dates": index.imputed,
        "visit-2-missing": visit_2 is None,
        "dose-unknown": any(_mg(a) is None for a in doses),
        "date-straddles-visit": any(a.start_lo < visit_1 or a.start_hi > end for a in inside),
    }
    return Analysed(
        index.day,
        Exposure(*_amounts(inside, mg_per_injection), *_amounts(doses, mg_per_injection)),
        frozenset(flag for flag, holds in flags.items() if holds),
    )


def _amounts(doses, mg_per_injection):
    """(administration days, injections, mg or None) of these administrations."""
    amounts = [_mg(a) for a in doses]
    return (
        len({(a.start_lo, a.start_hi) for a in doses}),
        sum(1 if mg is None else max(1, math.floor(mg / mg_per_injection + 0.5)) for mg in amounts),
        None if None in amounts else math.fsum(amounts),
    )


def _mg(administration):
    return administration.dose if administration.dose_unit == "mg" else None


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
