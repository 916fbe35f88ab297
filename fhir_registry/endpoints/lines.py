"""Lines of therapy: section 3.3 of the definitions (method: https://doi.org/10.1038/s41416-021-01319-8).

A line starts with its first dose. Its regimen is what is first given within the window; a drug that is not
of the regimen starts the next line, and so does any dose after the gap. Dropping a drug does not.
"""

from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from .facts import Source
from .parameters import LINES


class LineRules(NamedTuple):
    """The parameters LINES, in their order."""

    window_days: int = 28
    gap_days: int = 120
    maintained: frozenset = frozenset()  # with one of these a first endocrine agent is maintenance, not a new line
    substitutions: frozenset = frozenset()  # of frozensets: drugs that stand for each other within a line
    combinations: frozenset = frozenset()  # of (fixed combination, the drugs that it holds)


def line_rules(parameters):
    """The LineRules of the parameters of a Plan, of an endpoint that looks at lines or not."""
    return LineRules(*(parameters.get(name, parameter.default) for name, parameter in LINES.items()))


class Dose(NamedTuple):
    day: int  # days since 1970-01-01
    drug: str
    kind: str  # class: hormonal, chemo, targeted, immuno
    source: Source | None = None


class Line(NamedTuple):
    """`end` is the day of the last dose; `kinds` are the classes of its drugs."""

    start: int
    end: int
    drugs: frozenset
    kinds: frozenset


@lru_cache(maxsize=4096)
def parts(drug, combinations):
    """The drugs that a fixed combination holds; of any other drug itself. combinations: as in LineRules."""
    return next((held for whole, held in combinations if whole == drug), (drug,))


def lines_of_therapy(doses, rules):
    """Group doses (of one setting, ovarian suppression left out) into lines by LineRules, first line first."""
    lines = []
    for day, given in groupby(sorted(doses), key=attrgetter("day")):
        drugs = {part: dose.kind for dose in given for part in parts(dose.drug, rules.combinations)}
        line = lines[-1] if lines else None
        if line is None or day - line.end > rules.gap_days or not _belong(line, day, drugs, rules):
            line = _GrowingLine(day)
            lines.append(line)
        line.end = day
        line.drugs.update(drugs)
        line.kinds.update(drugs.values())
    return [Line(line.start, line.end, frozenset(line.drugs), frozenset(line.kinds)) for line in lines]


class _GrowingLine:
    """A Line that may go on."""

    __slots__ = Line._fields

    def __init__(self, start):
        self.start = self.end = start
        self.drugs, self.kinds = set(), set()


def _belong(line, day, drugs, rules):
    """True when all drugs of a day, {drug: class}, belong to the line."""
    if drugs.keys() <= line.drugs or day - line.start <= rules.window_days:
        return True
    return all(_belongs(line, drug, kind, rules) for drug, kind in drugs.items())


def _belongs(line, drug, kind, rules):
    if drug in line.drugs or any(drug in group and group & line.drugs for group in rules.substitutions):
        return True
    return kind == "hormonal" and "hormonal" not in line.kinds and not line.drugs.isdisjoint(rules.maintained)


def therapy_lines(therapies, until, rules):
    """Lines of these therapies, counting doses up to the day `until`."""
    doses = [Dose(day, t.agent, t.kind) for t in therapies if not t.suppression for day in t.dose_days(until)]
    return lines_of_therapy(doses, rules)
