"""Lines of therapy: section 3.3 of the definitions (method: https://doi.org/10.1038/s41416-021-01319-8).

A line starts with its first dose. Its regimen is what is first given within the window; a drug that is not
of the regimen starts the next line, and so does any dose after the gap. Dropping a drug does not.
"""

from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from .facts import Source

# Drugs that stand for each other within a line.
_SUBSTITUTES = (
    frozenset({"paclitaxel", "nab-paclitaxel", "paclitaxel-liposome"}),
    frozenset({"cisplatin", "carboplatin"}),
)
# Fixed combinations and what they hold.
_FIXED = {"trastuzumab-pertuzumab": ("trastuzumab", "pertuzumab")}
# With one of these in the regimen a first endocrine agent is maintenance, not a new line.
MAINTAINED = frozenset(
    {
        "inetetamab",
        "lapatinib",
        "margetuximab",
        "neratinib",
        "pertuzumab",
        "pyrotinib",
        "trastuzumab",
        "trastuzumab-deruxtecan",
        "trastuzumab-emtansine",
        "tucatinib",
        "zanidatamab",
    }
)


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


def parts(drug):
    """The drugs that a fixed combination holds; of any other drug itself."""
    return _FIXED.get(drug, (drug,))


def lines_of_therapy(doses, window_days=28, gap_days=120, maintained=MAINTAINED):
    """Group doses (of one setting, ovarian suppression left out) into lines, first line first.

    maintained: drugs to which a first endocrine agent may be added within the line.
    """
    lines = []
    for day, given in groupby(sorted(doses), key=attrgetter("day")):
        drugs = {part: dose.kind for dose in given for part in parts(dose.drug)}
        line = lines[-1] if lines else None
        if line is None or day - line.end > gap_days or not _belong(line, day, drugs, window_days, maintained):
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


def _belong(line, day, drugs, window_days, maintained):
    """True when all drugs of a day, {drug: class}, belong to the line."""
    if drugs.keys() <= line.drugs or day - line.start <= window_days:
        return True
    return all(_belongs(line, drug, kind, maintained) for drug, kind in drugs.items())


def _belongs(line, drug, kind, maintained):
    if drug in line.drugs or any(drug in group and group & line.drugs for group in _SUBSTITUTES):
        return True
    return kind == "hormonal" and "hormonal" not in line.kinds and not line.drugs.isdisjoint(maintained)


def therapy_lines(therapies, until, window_days=28, gap_days=120, maintained=MAINTAINED):
    """Lines of these therapies, counting doses up to the day `until`."""
    doses = [Dose(day, t.agent, t.kind) for t in therapies if not t.suppression for day in t.dose_days(until)]
    return lines_of_therapy(doses, window_days, gap_days, maintained)
