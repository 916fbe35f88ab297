"""A table of analysis data: its columns, and one person as its rows are made from (https://www.cdisc.org/standards/foundational/adam)."""

from collections.abc import Callable
from typing import NamedTuple

from ...content.measures import Measure
from ...endpoints.outcome import Analysed, Excluded, Plan
from ...endpoints.usable import UsableData

TEXT, INTEGER, NUMBER, DATE = "text", "integer", "number", "date"


class Column(NamedTuple):
    """`name` and `label` are CDISC's where it has them."""

    name: str
    label: str
    type: str = TEXT  # or INTEGER, NUMBER; DATE: days since 1970-01-01


class Answer(NamedTuple):
    """What one measure says of one person."""

    measure: Measure
    plan: Plan
    outcome: Analysed | Excluded | None

    @property
    def version(self):
        """The value of the column MEASURE."""
        return f"{self.measure.id}|{self.measure.version}"


class Person(NamedTuple):
    """One person of a study. All answers are of one period."""

    site: int
    facts: UsableData
    answers: list[Answer]  # of all measures of the request, one at least

    def analysed(self, *endpoints):
        """The Answers that are Analysed: of these endpoints (names), or of all."""
        return [
            answer
            for answer in self.answers
            if isinstance(answer.outcome, Analysed) and (not endpoints or answer.measure.endpoint in endpoints)
        ]

    def rows_of(self, source):
        """The mapped rows of a Source."""
        views = (rows for rows in self.facts if isinstance(rows, list))
        return [row for rows in views for row in rows if row.source == source]

    @property
    def cutoff(self):
        return self.answers[0].plan.cutoff

    @property
    def index(self):
        """The earliest index of the measures that analyse the person, None when none does."""
        return min((answer.outcome.index for answer in self.analysed()), default=None)

    def key(self):
        """The values of the columns KEY."""
        return {"STUDYID": self.answers[0].plan.study, "USUBJID": self.facts.subject, "SITEID": str(self.site)}


class Table(NamedTuple):
    """`columns(measures)` of a request are Columns, `rows(Person)` dicts {name of a column: value}.

    What is missing is None, empty or left out.
    """

    title: str
    columns: Callable
    rows: Callable


KEY = (
    Column("STUDYID", "Study Identifier"),
    Column("USUBJID", "Unique Subject Identifier"),
    Column("SITEID", "Study Site Identifier"),
)
MEASURE = Column("MEASURE", "Measure and Version")
SOURCE = (
    Column("SRCDOM", "Source Resource Type"),
    Column("SRCSEQ", "Source Resource Id"),
    Column("SRCVER", "Source Resource Version", INTEGER),
)


def source_columns(source):
    """The values of the columns SOURCE."""
    domain, _, id_ = source.resource.partition("/")
    return {"SRCDOM": domain, "SRCSEQ": id_, "SRCVER": source.version}


def yes(flag):
    """True -> `Y`, False -> `N`, None -> None."""
    return None if flag is None else "Y" if flag else "N"
