"""What an endpoint is asked and what it answers, and the count over all answers (rule C9 and section 5, item 10)."""

from collections import Counter, defaultdict
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
    characteristics: tuple = ()  # pairs (code, value) of the stratifiers and supplemental data of the Measure


class Excluded(NamedTuple):
    """A patient of the initial population who is not analysed, for one reason."""

    reason: str


class Tally:
    """Counts of answers: initial == denominator + sum of exclusions, always.

    stratifiers: codes of characteristics; of each stratum the fields named in `stratified` are counted too.
    """

    def __init__(self, stratifiers=(), stratified=()):
        self.denominator = 0
        self.exclusions = Counter()
        self.flags = Counter()
        self.indexes = Counter()  # days
        self.unread = Counter()  # codes of records not understood: patients of the initial population
        self.unread_outside = Counter()  # the same of everybody else
        self.strays = 0  # records whose subject is no Patient here
        self.fields = defaultdict(Counter)
        self.supplemental = defaultdict(Counter)  # characteristic -> {value: patients}
        self.strata = {code: defaultdict(Tally) for code in stratifiers}
        self._stratified = stratified

    def add(self, answer, unread=frozenset(), times=1):
        """Count an Analysed or Excluded, None for a person outside the initial population; `unread` as found.

        times: -1 takes away what was counted before.
        """
        _count(self.unread_outside if answer is None else self.unread, unread, times)
        if answer is None:
            return
        if isinstance(answer, Excluded):
            _count(self.exclusions, (answer.reason,), times)
            return
        self._add_row(answer, answer.row._fields, times)
        for code, value in answer.characteristics:
            _count(self.supplemental[code], (value,), times)
            if code in self.strata:
                self.strata[code][value]._add_row(answer, self._stratified, times)

    def _add_row(self, answer, fields, times):
        self.denominator += times
        _count(self.flags, answer.flags, times)
        _count(self.indexes, (answer.index,), times)
        for field in fields:
            value = getattr(answer.row, field)
            _count(self.fields[field], value if isinstance(value, Items) else (value,), times)

    def merge(self, other):
        """Count all that another Tally counted, too."""
        self._merge_rows(other)
        for name in ("exclusions", "unread", "unread_outside"):
            getattr(self, name).update(getattr(other, name))
        for code, counts in other.supplemental.items():
            self.supplemental[code].update(counts)
        for code, strata in other.strata.items():
            for value, stratum in strata.items():
                self.strata[code][value]._merge_rows(stratum)

    def _merge_rows(self, other):
        self.denominator += other.denominator
        self.flags.update(other.flags)
        self.indexes.update(other.indexes)
        for field, counts in other.fields.items():
            self.fields[field].update(counts)

    def counts(self, field):
        """Counter {value of a field of the rows: number of patients}; of a field of Items: {item: how often}."""
        return Counter(self.fields.get(field, ()))

    @property
    def first_index(self):
        """The earliest index day, None without any."""
        return min(self.indexes, default=None)

    @property
    def initial(self):
        return self.denominator + self.exclusions.total()


def _count(counter, values, times):
    for value in values:
        n = counter.get(value, 0) + times
        if n:
            counter[value] = n
        else:
            del counter[value]
