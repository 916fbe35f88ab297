"""Subgroups of the main figures, side by side on one scale (section 6, rule 6 of the definitions)."""

import math
from typing import NamedTuple

from ..groups import slug
from ..strata import MISSING
from .wording import say_count, say_range, say_value

GRADE = "max-grade"  # a stratifier of adverse events that has a table of its own

_RATIO_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
_WIDEST_RATIO = (0.05, 20)


class Scale(NamedTuple):
    """Where a number stands, in percent of the width."""

    low: float
    high: float
    ratio: bool  # logarithmic, with a line at 1

    def place(self, value):
        """Percent from the left, as text; beyond the ends stands at them."""
        value = min(max(float(value), self.low), self.high)
        low, high = (math.log(end) if self.ratio else end for end in (self.low, self.high))
        return f"{100 * ((math.log(value) if self.ratio else value) - low) / (high - low):.2f}"

    @property
    def ticks(self):
        """(label, percent from the left)."""
        if not self.ratio:
            return [(f"{tick}%", self.place(tick)) for tick in (0, 50, 100)]
        ticks = [tick for tick in _RATIO_TICKS if self.low <= tick <= self.high]
        return [(f"{tick:g}", self.place(tick)) for tick in ticks]


PERCENTS = Scale(0, 100, False)


class Mark(NamedTuple):
    """A number and its interval on a scale: percents from the left, as text; `low` is None without an interval."""

    at: str
    low: str | None
    high: str | None


class Subgroup(NamedTuple):
    """One line. comparison: a hazard ratio in words, "reference", or nothing. mark: None where there is no number."""

    stratum: str
    n: str
    events: str
    value: str
    spread: str
    comparison: str
    mark: Mark | None


class SideBySide(NamedTuple):
    """Several figures beside each other. by: {words of a stratifier: {stratum: a Subgroup or None for each figure}}.

    text: what the figures have in common, before a colon; texts: what each is.
    """

    text: str
    texts: list
    by: dict


class Subgroups(NamedTuple):
    """The strata of one figure. by: {words of a stratifier: its Subgroups}. tests: {the same: p value in words}.

    scale: of the marks, None where there is nothing to draw. timed: whether events are counted. compared: whether
    hazard ratios are given.
    """

    code: str
    text: str
    by: dict
    tests: dict
    scale: Scale | None
    timed: bool
    compared: bool


def read_subgroups(statistics):
    """{code: Statistic} -> list of Subgroups, one a figure that is stratified."""
    return [
        _read(statistic, statistics)
        for statistic in statistics.values()
        if any(code != GRADE for code, _, _ in statistic.strata)
    ]


def set_side_by_side(figures):
    """Subgroups of several figures -> SideBySide; None without any."""
    by = {}
    for number, figure in enumerate(figures):
        for name, rows in figure.by.items():
            for row in rows:
                by.setdefault(name, {}).setdefault(row.stratum, [None] * len(figures))[number] = row
    if not figures:
        return None
    common = figures[0].text.rpartition(": ")[0]
    if not all(figure.text.startswith(f"{common}: ") for figure in figures):
        common = ""
    return SideBySide(common, [figure.text.removeprefix(f"{common}: ") for figure in figures], by)


def is_comparison(code):
    """Whether a statistic compares subgroups and stands in these tables only."""
    return "-hr-" in code or "-logrank-" in code


def mark(value, low, high, scale):
    """Numbers -> Mark; None without a number."""
    if value is None:
        return None
    known = low is not None and high is not None
    return Mark(scale.place(value), scale.place(low) if known else None, scale.place(high) if known else None)


def _read(statistic, statistics):
    prefix = statistic.code.removesuffix("-median")
    ratios = {
        code.removeprefix(f"{prefix}-hr-"): ratio
        for code, ratio in statistics.items()
        if code.startswith(f"{prefix}-hr-") and "-ci-" not in code
    }
    scale = _ratio_scale(ratios.values()) if ratios else PERCENTS if statistic.unit == "%" else None
    by, tests = {}, {}
    for (code, name, stratum), part in statistic.strata.items():
        if code == GRADE:
            continue
        if ratios:
            compared = ratios.get(f"{code}-{slug(stratum)}")
            is_reference = compared is None and stratum != MISSING
        else:
            compared, is_reference = (part if scale else None), False
        by.setdefault(name, []).append(_subgroup(stratum, part, compared, is_reference, scale))
        test = statistics.get(f"{prefix}-logrank-{code}")
        if test is not None:
            tests[name] = say_value(test)
    return Subgroups(statistic.code, statistic.text, by, tests, scale, "events" in statistic.counts, bool(ratios))


def _subgroup(stratum, part, compared, is_reference, scale):
    comparison = "1 (reference)" if is_reference else ""
    if compared is not None and compared is not part:
        why = say_range(compared) or compared.text.partition(", not estimable: ")[2]
        comparison = f"{say_value(compared)} ({why})" if why else say_value(compared)
    if is_reference:
        place = mark(1, None, None, scale)
    else:
        place = compared and mark(compared.value, compared.low, compared.high, scale)
    counts = part.counts
    return Subgroup(
        stratum,
        say_count(part.n, counts, part.base),
        say_count(counts.get("events"), counts, "events"),
        say_value(part) if part.n != 0 else "–",
        say_range(part),
        comparison,
        place,
    )


def _ratio_scale(ratios):
    """The ticks around all intervals, 0.5 to 2 at least."""
    numbers = [float(n) for ratio in ratios for n in (ratio.low, ratio.value, ratio.high) if n]
    low, high = min([0.5, *numbers]), max([2, *numbers])
    narrowest, widest = _WIDEST_RATIO
    return Scale(
        max([tick for tick in _RATIO_TICKS if tick <= max(low, narrowest)]),
        min([tick for tick in _RATIO_TICKS if tick >= min(high, widest)]),
        True,
    )
