"""Why the index drug had been stopped at the second visit: section 1.4, F3 (https://hl7.org/fhir/R4/medicationstatement.html)."""

from functools import partial
from typing import NamedTuple

from .index import Index
from .observation_period import observation_period
from .outcome import Analysed, Evidence
from .parameters import COMMON, Parameter, complete_parameters
from .population import screen
from .stop_reason import find_stops, first_reason
from .usable import usable_data
from .vital_status import find_death

PARAMETERS = {
    **COMMON,
    "discontinuationGapDays": Parameter("integer", 120, minimum=1),
    "progressionWindowDays": Parameter("integer", 42, minimum=0),
}
check_parameters = partial(complete_parameters, PARAMETERS)

ONGOING = "ongoing"


class Status(NamedTuple):
    visit_2: bool  # False: observation ended with the last contact
    reason: str  # one of stop_reason.REASONS, or ONGOING


class Discontinuation(NamedTuple):
    status: Status


class _Ending(NamedTuple):
    reason: str
    day: int | None  # of the stop
    evidence: tuple
    by_gap: bool = False  # nothing is recorded but that no more doses came


def derive(facts, plan):
    """The primary reason of discontinuation -> Analysed(Discontinuation), Excluded or None."""
    facts = usable_data(facts, plan.cutoff)
    index = screen(facts, plan)
    if not isinstance(index, Index):
        return index
    period = observation_period(facts, plan, index.day)
    ending = _ending(facts, plan, index, period)
    flags = {
        "imputed-dates": index.imputed,
        "visit-2-missing": not period.visit_2,
        "progression-without-pd": ending.reason in ("progression", "no-response")
        and not _has_progression(facts, ending.day, plan.parameters["progressionWindowDays"]),
        "stop-by-gap": ending.by_gap,
    }
    return Analysed(
        index.day,
        Discontinuation(Status(period.visit_2, ending.reason)),
        frozenset(flag for flag, holds in flags.items() if holds),
        (*index.evidence, *ending.evidence),
    )


def _ending(facts, plan, index, period):
    """How treatment stood at the end of the period: by the recorded reason, by death, by silence, or ongoing."""
    drugs, gap = plan.parameters["indexDrugs"], plan.parameters["discontinuationGapDays"]
    doses = [a for a in facts.administrations if a.drug in drugs and a.start_lo is not None]
    last = max((a for a in doses if a.start_lo <= period.end), key=lambda a: a.start_hi, default=None)
    # All doses may come after the second visit; treatment then goes on from the index.
    last_day = index.day if last is None else last.start_hi
    last_dose = () if last is None else (Evidence("last-dose", last.source),)

    until = period.end if period.visit_2 else plan.cutoff
    stops = find_stops(facts.stored, drugs, [a.start_lo for a in doses], until)
    told = first_reason(stops)
    if told:
        reason, stop = told
        return _Ending(
            reason,
            last_day if stop.day is None else stop.day,
            (*last_dose, Evidence("end-of-treatment", stop.source, reason)),
        )
    death = find_death(facts, plan.cutoff)
    if death and death.day <= until and death.day - last_day <= gap:
        return _Ending("death", death.day, (*last_dose, death.evidence))
    silent = [stop for same_source in stops for stop in same_source]
    if silent:
        stop = silent[0]
        return _Ending("unknown", stop.day, (*last_dose, Evidence("end-of-treatment", stop.source)))
    if period.end - last_day > gap:
        return _Ending("unknown", last_day, last_dose, by_gap=True)
    return _Ending(ONGOING, None, last_dose)


def _has_progression(facts, day, window):
    """True when a progressive disease was found within the window around the day."""
    return any(
        o.topic == "response"
        and o.value == "PD"
        and o.effective_lo is not None
        and o.effective_lo - window <= day <= o.effective_hi + window
        for o in facts.observations
    )
