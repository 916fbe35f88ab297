"""What an endpoint is asked and what it answers, and the count over all answers (rule C9 and section 5, item 10)."""

from collections import Counter, defaultdict
from itertools import chain
from operator import attrgetter
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

    def add(self, answer, unread=frozenset()):
        """Count an Analysed or Excluded, None for a person outside the initial population; `unread` as found."""
        self.add_all([(answer, unread)])

    def add_all(self, answers):
        """Count pairs (answer, unread), a column at a time: that is much faster than one by one."""
        analysed = []
        for answer, unread in answers:
            (self.unread_outside if answer is None else self.unread).update(unread)
            if isinstance(answer, Excluded):
                self.exclusions[answer.reason] += 1
            elif answer is not None:
                analysed.append(answer)
        if not analysed:
            return
        self._add_rows(analysed, analysed[0].row._fields)
        by_code = defaultdict(lambda: defaultdict(list))
        for answer in analysed:
            for code, value in answer.characteristics:
                by_code[code][value].append(answer)
        for code, values in by_code.items():
            self.supplemental[code].update({value: len(members) for value, members in values.items()})
            if code in self.strata:
                for value, members in values.items():
                    self.strata[code][value]._add_rows(members, self._stratified)

    def _add_rows(self, analysed, fields):
        self.denominator += len(analysed)
        self.indexes.update([answer.index for answer in analysed])
        self.flags.update(chain.from_iterable(answer.flags for answer in analysed))
        rows = [answer.row for answer in analysed]
        for field in fields:
            column = list(map(attrgetter(field), rows))
            if isinstance(column[0], Items):
                column = chain.from_iterable(column)
            self.fields[field].update(column)

    def merge(self, other, times=1):
        """Count all that another Tally counted, too; times -1: take it away."""
        self._merge_rows(other, times)
        for name in ("exclusions", "unread", "unread_outside"):
            _merge(getattr(self, name), getattr(other, name), times)
        for code, counts in other.supplemental.items():
            _merge(self.supplemental[code], counts, times)
        for code, strata in other.strata.items():
            for value, stratum in strata.items():
                self.strata[code][value]._merge_rows(stratum, times)

    def _merge_rows(self, other, times):
        self.denominator += times * other.denominator
        _merge(self.flags, other.flags, times)
        _merge(self.indexes, other.indexes, times)
        for field, counts in other.fields.items():
            _merge(self.fields[field], counts, times)

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


def _merge(counter, other, times):
    for value, n in other.items():
        total = counter.get(value, 0) + times * n
        if total:
            counter[value] = total
        else:
            del counter[value]
