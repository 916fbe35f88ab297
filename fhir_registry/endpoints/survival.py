"""Overall survival: section 1.5 of the definitions (https://www.fda.gov/media/71195/download)."""

from typing import NamedTuple

from .index import Index
from .lines import therapy_lines
from .outcome import Analysed, Excluded
from .parameters import COMMON, LINES, Parameter, complete_parameters
from .population import screen
from .therapy import find_settings, systemic_therapies
from .usable import usable_data
from .vital_status import find_death, last_known_alive

PARAMETERS = {
    **COMMON,
    **LINES,
    "combineWith": Parameter("drugs"),
    "combinationWindowDays": Parameter("integer", 28, minimum=0),
    "firstLine": Parameter("boolean", False),
    "maxEndocrineLines": Parameter("integer", 1, minimum=0),
    "horizonDays": Parameter("decimal", 1826.25, minimum=1),
    "osCensoring": Parameter("code", "last-contact", codes=("last-contact", "registry-through")),
    "deathRegistryThrough": Parameter("date"),
}


class Survival(NamedTuple):
    days: float  # since index; an integer but at the horizon
    event: bool  # False: censored
    label: str  # death | alive | horizon


def check_parameters(parameters):
    """PARAMETERS completed; ValueError for a bad one."""
    complete = complete_parameters(PARAMETERS, parameters)
    if complete["osCensoring"] == "registry-through" and complete["deathRegistryThrough"] is None:
        raise ValueError("parameter 'deathRegistryThrough' is needed with osCensoring 'registry-through'")
    return complete


def derive(facts, plan):
    """Time from index to death of any cause -> Analysed(Survival), Excluded or None."""
    facts = usable_data(facts, plan.cutoff)
    index = screen(facts, plan)
    if not isinstance(index, Index):
        return index
    if plan.parameters["firstLine"] and not _is_first_line(facts, plan, index.day):
        return Excluded("prior-advanced-therapy")
    death = find_death(facts, plan.cutoff)
    if death and death.day < index.day:
        return Excluded("death-before-index")
    imputed = index.imputed or bool(death and death.imputed)
    return Analysed(
        index.day, _survival(facts, plan, index.day, death), frozenset({"imputed-dates"} if imputed else ())
    )


def _survival(facts, plan, index, death):
    if death:
        days, event, label = death.day - index, True, "death"
    else:
        # An imputed index may lie after the first day of the very dose that it stands for.
        days, event, label = max(0, _censoring_day(facts, plan) - index), False, "alive"
    horizon = plan.parameters["horizonDays"]
    return Survival(horizon, False, "horizon") if days > horizon else Survival(days, event, label)


def _censoring_day(facts, plan):
    if plan.parameters["osCensoring"] == "registry-through":
        return min(plan.cutoff, plan.parameters["deathRegistryThrough"])
    return last_known_alive(facts, plan.cutoff)


def _is_first_line(facts, plan, index):
    """True when the lines of advanced disease before the one at the index are few and endocrine alone."""
    setting = find_settings(facts)
    therapies = [t for t in systemic_therapies(facts) if setting(t) == "advanced"]
    lines = therapy_lines(therapies, plan.cutoff, plan.parameters["lineWindowDays"], plan.parameters["lineGapDays"])
    started = [line for line in lines if line.start <= index]
    # The last line started by the index is the index line.
    earlier = started[:-1]
    return len(earlier) <= plan.parameters["maxEndocrineLines"] and all(line.kinds == {"hormonal"} for line in earlier)
