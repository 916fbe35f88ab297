"""What an endpoint is asked and what it answers, and the count over all answers (rule C9 and section 5, item 10)."""

from collections import Counter
from typing import NamedTuple

from .facts import Source


class Plan(NamedTuple):
    """One analysis: the part of the Measure and of the request that an endpoint needs."""

    study: str | None  # id of the ResearchStudy
    start: int | None  # earliest index day, None: no bound
    cutoff: int  # data cut-off (DCO): what is dated later is not seen
    parameters: dict  # complete, as Endpoint.check_parameters returns them


class Items(tuple):
    """A field of a row that is counted item by item: the adverse events of a patient, the classes of drugs taken.

    A patient counts as often as an item is in it: keep items distinct to count patients.
    """

    __slots__ = ()


class Evidence(NamedTuple):
    """A source row that an answer rests on: what a trace shows, never counted."""

    role: str  # what it proves: index, progression, death, new-therapy, last-dose, last-contact ...
    source: Source
    note: str = ""  # the rule or the value, short: "PD", "C4 mid-month"


class Analysed(NamedTuple):
    """A patient in the denominator. Equal rows are counted together, so a row holds nothing of the person.

    The fields of a row are analysed separately: a statistic reads one field, and a nested tuple is one value, unless
    it is Items.
    """

    index: int  # days since 1970-01-01
    row: tuple  # the endpoint's own NamedTuple
    flags: frozenset = frozenset()  # codes of CodeSystem registry-population, such as imputed-dates
    evidence: tuple = ()  # of Evidence


class Excluded(NamedTuple):
    """A patient of the initial population who is not analysed, for one reason."""

    reason: str


class Tally:
    """Counts of answers: initial == denominator + sum of exclusions, always."""

    def __init__(self):
        self.rows = Counter()
        self.exclusions = Counter()
        self.flags = Counter()
        self.first_index = None
        self.unread = Counter()  # codes of records not understood: patients of the initial population
        self.unread_outside = Counter()  # the same of everybody else
        self.strays = 0  # records whose subject is no Patient here

    def add(self, answer, unread=frozenset()):
        """Count an Analysed or Excluded, None for a person outside the initial population; `unread` as found."""
        (self.unread_outside if answer is None else self.unread).update(unread)
        if answer is None:
            return
        if isinstance(answer, Excluded):
            self.exclusions[answer.reason] += 1
            return
        self.rows[answer.row] += 1
        self.flags.update(answer.flags)
        if self.first_index is None or answer.index < self.first_index:
            self.first_index = answer.index

    def counts(self, field):
        """{value of a field of the rows: number of patients}; of a field of Items: {item: how often}."""
        counts = Counter()
        for row, n in self.rows.items():
            value = getattr(row, field)
            for item in value if isinstance(value, Items) else (value,):
                counts[item] += n
        return counts

    @property
    def denominator(self):
        return self.rows.total()

    @property
    def initial(self):
        return self.denominator + self.exclusions.total()
