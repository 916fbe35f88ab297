"""Exposure to the index drug between two visits: section 1.4, F2 (https://hl7.org/fhir/R4/medicationadministration.html)."""

import math
from functools import partial
from typing import NamedTuple

from .index import Index
from .observation_period import observation_period
from .outcome import Analysed, Evidence, Items
from .parameters import COMMON, Parameter, complete_parameters
from .population import screen
from .therapy import systemic_therapies
from .usable import usable_data

PARAMETERS = {
    **COMMON,
    "mgPerInjection": Parameter("decimal", 250.0, minimum=1e-9),
    "newCourseDays": Parameter("integer", 120, minimum=0),
}
check_parameters = partial(complete_parameters, PARAMETERS)


# Mg of a unit: UCUM codes, and units as sites write them.
MILLIGRAMS = {"mg": 1.0, "MG": 1.0, "milligram": 1.0, "milligrams": 1.0, "g": 1000.0}
# More is no dose of a drug but a slip: the amount is not known.
MOST_MG = 1e6


class Exposure(NamedTuple):
    """`mg` is None when a dose in mg is missing."""

    days: int  # distinct administration days within the observation period
    injections: int
    mg: float | None
    days_since_first: int  # the same from the first dose to the cut-off
    injections_since_first: int
    mg_since_first: float | None
    other_classes: Items = Items()  # classes of other anticancer drugs started within the observation period, sorted
    other_agents: Items = Items()  # their names, sorted


def derive(facts, plan):
    """Administration days, injections and mg -> Analysed(Exposure), Excluded or None."""
    facts = usable_data(facts, plan.cutoff)
    index = screen(facts, plan)
    if not isinstance(index, Index):
        return index
    drugs, mg_per_injection = plan.parameters["indexDrugs"], plan.parameters["mgPerInjection"]
    doses = [(a, dose_in_mg(a)) for a in facts.administrations if a.drug in drugs and a.start_lo is not None]
    period = observation_period(facts, plan, index.day)
    # A partial date counts when it may lie within.
    inside = [(a, mg) for a, mg in doses if a.start_hi >= period.start and a.start_lo <= period.end]
    others = _started(facts, drugs, period, plan.parameters["newCourseDays"])
    row = Exposure(
        *_amounts(inside, mg_per_injection),
        *_amounts(doses, mg_per_injection),
        Items(sorted({t.kind for t in others})),
        Items(sorted({t.agent for t in others})),
    )
    flags = {
        "imputed-dates": index.imputed,
        "visit-2-missing": not period.visit_2,
        "dose-unknown": any(mg is None for _, mg in doses),
        "date-straddles-visit": any(a.start_lo < period.start or a.start_hi > period.end for a, _ in inside),
    }
    evidence = [Evidence("dose", a.source, "" if mg is None else f"{mg:g} mg") for a, mg in inside]
    evidence += [Evidence("new-therapy", t.source, t.agent) for t in others]
    return Analysed(
        index.day, row, frozenset(flag for flag, holds in flags.items() if holds), (*index.evidence, *evidence)
    )


def _started(facts, index_drugs, period, new_course_days):
    """The first Therapy of each other drug that was started within the period: not given for so many days before."""
    started, last = {}, {}
    others = [t for t in systemic_therapies(facts) if t.agent not in index_drugs and not t.suppression]
    given = {t.agent for t in others if t.first_day is not None and max(t.first_day, t.end_hi or 0) >= period.start}
    others = [t for t in others if t.agent in given]
    doses = [(day, t.agent, number) for number, t in enumerate(others) for day in t.dose_days(period.end)]
    for day, agent, number in sorted(doses):
        known = others[number].start_lo is not None
        if known and day >= period.start and (agent not in last or day - last[agent] > new_course_days):
            started.setdefault(agent, others[number])
        last[agent] = day
    return list(started.values())


def _amounts(doses, mg_per_injection):
    """(administration days, injections, mg or None) of pairs (administration, its mg or None)."""
    amounts = [mg for _, mg in doses]
    return (
        len({(a.start_lo, a.start_hi) for a, _ in doses}),
        sum(count_injections(mg, mg_per_injection) for mg in amounts),
        None if None in amounts else math.fsum(amounts),
    )


def count_injections(mg, mg_per_injection):
    """The injections of one administration: one when its dose in mg is not known (None)."""
    return 1 if mg is None else max(1, math.floor(mg / mg_per_injection + 0.5))


def dose_in_mg(administration):
    """The dose in mg; None without one, and of more than MOST_MG."""
    factor = MILLIGRAMS.get(administration.dose_unit)
    if factor is None or administration.dose is None or administration.dose * factor > MOST_MG:
        return None
    return administration.dose * factor
