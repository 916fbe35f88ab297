"""What the time-to-event endpoints share: population, index line, death, horizon (sections 1.1 and 1.5 to 1.8).

Guidance: https://www.fda.gov/media/71195/download
"""

from typing import NamedTuple

from .index import Index
from .index_line import IndexLine, find_index_line
from .outcome import Excluded
from .parameters import COMMON, LINES, Parameter
from .population import screen
from .usable import once_for
from .vital_status import Death, find_death

POPULATION = {
    **COMMON,
    **LINES,
    "combineWith": Parameter("drugs"),
    "combinationWindowDays": Parameter("integer", 28, minimum=0),
    "firstLine": Parameter("boolean", False),
    "maxEndocrineLines": Parameter("integer", 1, minimum=0),
}
PARAMETERS = {**POPULATION, "horizonDays": Parameter("decimal", 1826.25, minimum=1)}

CENSORED, EVENT, COMPETING = 0, 1, 2


class Time(NamedTuple):
    """The answer of one time-to-event analysis for one patient."""

    days: float  # since index; an integer but at the horizon
    event: int  # CENSORED, EVENT or COMPETING
    label: str  # what happened, or why it is censored


def earlier(first, second):
    """The earlier of two Times, in a tie the first; of None and a Time the Time."""
    return second if first is None or second.days < first.days else first


class Subject(NamedTuple):
    """A patient who is analysed."""

    index: Index
    therapy: IndexLine
    death: Death | None


@once_for(*POPULATION)
def find_subject(facts, plan):
    """The Subject, Excluded or None of usable data: the common criteria, then first line, then death before index."""
    index = screen(facts, plan)
    if not isinstance(index, Index):
        return index
    death = find_death(facts, plan.cutoff)
    dead_before = death is not None and death.day < index.day
    # What is on record as given after death was not given.
    therapy = find_index_line(facts, plan, index, death.day if death and not dead_before else plan.cutoff)
    if plan.parameters["firstLine"] and not _is_first_line(therapy.earlier, plan.parameters["maxEndocrineLines"]):
        return Excluded("prior-advanced-therapy")
    if dead_before:
        return Excluded("death-before-index")
    return Subject(index, therapy, death)


def _is_first_line(earlier, max_endocrine_lines):
    """True when the lines of advanced disease before the one at the index are few and endocrine alone."""
    return len(earlier) <= max_endocrine_lines and all(line.kinds == {"hormonal"} for line in earlier)


def within_horizon(time, horizon):
    """The Time, censored at the horizon (days) when it lies beyond it."""
    return Time(horizon, CENSORED, "horizon") if time.days > horizon else time
