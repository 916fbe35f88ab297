"""Best overall response: section 1.2 of the definitions (RECIST 1.1, https://doi.org/10.1016/j.ejca.2008.10.026)."""

from functools import partial
from typing import NamedTuple

from .assessment import BEST_FIRST, daily_assessments
from .index import Index
from .outcome import Analysed, Evidence
from .parameters import COMMON, Parameter, complete_parameters
from .population import screen_living
from .therapy import systemic_therapies
from .usable import usable_data
from .vital_status import find_death

PARAMETERS = {
    **COMMON,
    "windowDays": Parameter("decimal", 730.0, minimum=1),
    "sdMinDays": Parameter("integer", 42, minimum=0),
    "confirmDays": Parameter("integer", 0, minimum=0),
    "improvedIsResponse": Parameter("boolean", True),
}
check_parameters = partial(complete_parameters, PARAMETERS)

_STABLE = ("SD", "NON-CR/NON-PD")


class Response(NamedTuple):
    best: str  # one of BEST_FIRST
    assessed: bool  # False: no assessment after the index at all


def derive(facts, plan):
    """Best overall response within the window -> Analysed(Response), Excluded or None."""
    facts = usable_data(facts, plan.cutoff)
    index = screen_living(facts, plan)
    if not isinstance(index, Index):
        return index
    death = find_death(facts, plan.cutoff)
    assessments = _countable(facts, plan, index.day, death)
    best = best_response(
        [(a.day, a.value) for a in assessments], plan.parameters["sdMinDays"], plan.parameters["confirmDays"]
    )
    imputed = index.imputed or any(a.imputed for a in assessments)
    return Analysed(
        index.day,
        Response(best, bool(assessments)),
        frozenset({"imputed-dates"} if imputed else ()),
        (*index.evidence, *(Evidence("assessment", a.source, a.value) for a in assessments)),
    )


def best_response(assessments, sd_min_days=42, confirm_days=0):
    """The best of [(days since index, value)], in order of days and ending with the first PD.

    With `confirm_days` CR and PR count when confirmed that much later; unconfirmed, they are stable disease.
    """
    reached = {"NE"}
    for position, (day, value) in enumerate(assessments):
        if value in _STABLE and day < sd_min_days:
            continue
        if value in ("CR", "PR") and confirm_days:
            later = assessments[position + 1 :]
            if _is_confirmed(day, value, later, confirm_days):
                reached.add(value)
            elif day >= sd_min_days:
                reached.add("SD")
        else:
            reached.add(value)
    return min(reached, key=BEST_FIRST.index)


def _is_confirmed(day, value, later, confirm_days):
    """As good or better at least confirm_days later, in between nothing else but one NE, and never PR after CR."""
    not_evaluable, complete = 0, value == "CR"
    for next_day, next_value in later:
        if next_value == "NE" and not not_evaluable:
            not_evaluable += 1
            continue
        if next_value not in ("CR", "PR") or (complete and next_value == "PR"):
            return False
        if next_day - day >= confirm_days:
            return True
        complete = next_value == "CR"
    return False


def _countable(facts, plan, index, death):
    """Assessments after the index, one a day, up to the window, the first PD and the start of a new therapy."""
    limit = plan.parameters["windowDays"]
    new_therapy = _new_therapy_day(facts, plan.parameters["indexDrugs"], index)
    if new_therapy is not None:
        limit = min(limit, new_therapy - index)
    upper = min(plan.cutoff, death.day) if death else plan.cutoff
    kept = []
    for assessment in daily_assessments(facts, index, upper, plan.parameters["improvedIsResponse"]):
        if assessment.day <= limit:
            kept.append(assessment)
            if assessment.value == "PD":
                break
    return kept


def _new_therapy_day(facts, index_drugs, index):
    """The first day after the index on which an anticancer drug starts that was not given before, or None."""
    first = {}
    for t in systemic_therapies(facts):
        if t.agent not in index_drugs and not t.suppression and t.start_lo is not None:
            first.setdefault(t.agent, t.start_lo)
    return min((day for day in first.values() if day > index), default=None)
