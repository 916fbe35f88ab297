"""What the time-to-event endpoints share: population, index line, death, horizon (sections 1.1 and 1.5 to 1.8).

Guidance: https://www.fda.gov/media/71195/download
"""

from typing import NamedTuple

from .asserted_line import AssertedLine, check_line, find_asserted_line
from .index import Index
from .index_line import IndexLine, find_index_line
from .outcome import Excluded
from .parameters import ASSERTED, COMMON, LINES, Parameter
from .population import screen
from .usable import once_for
from .vital_status import Death, find_death

POPULATION = {
    **COMMON,
    **LINES,
    **ASSERTED,
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
    asserted: AssertedLine | None

    @property
    def line(self):
        """The LineCheck, None where no line is asserted."""
        return check_line(self.asserted, self.therapy.number)

    @property
    def evidence(self):
        """Of the index and of the asserted line."""
        return (*self.index.evidence, self.asserted.evidence) if self.asserted else self.index.evidence


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
    asserted = find_asserted_line(facts, plan.parameters, index.day)
    number = asserted.number if asserted and plan.parameters["trustAssertedLines"] else therapy.number
    if plan.parameters["firstLine"] and not _is_first_line(
        number, therapy.earlier, plan.parameters["maxEndocrineLines"]
    ):
        return Excluded("prior-advanced-therapy")
    if dead_before:
        return Excluded("death-before-index")
    return Subject(index, therapy, death, asserted)


def _is_first_line(number, earlier, max_endocrine_lines):
    """True for the first line of advanced disease, and for one after few lines that are endocrine alone.

    number: of the line at the index; earlier: the derived lines before it, which may be fewer or more.
    """
    if number == 1:
        return True
    return number - 1 <= min(len(earlier), max_endocrine_lines) and all(line.kinds == {"hormonal"} for line in earlier)


def within_horizon(time, horizon):
    """The Time, censored at the horizon (days) when it lies beyond it."""
    return Time(horizon, CENSORED, "horizon") if time.days > horizon else time
