"""Numbers of a report as a person reads them: rounded, with their unit, or why there is none (docs/outcomes.md)."""

from typing import NamedTuple

from ..reading import MASKED, Statistic

SUPPRESSED = "suppressed"
NOT_ESTIMABLE = "not estimable"
NOT_REACHED = "not reached"

# Unit as the report has it -> decimals, words behind the number.
_UNITS = {"%": (1, "%"), "mo": (2, " months"), "d": (1, " days"), "mg": (1, " mg"), "1": (2, "")}
_OTHER = 2  # decimals
_SMALLEST_P = 0.0001


class Line(NamedTuple):
    """One or several statistics that are read together.

    text: what it is. value: with its unit. spread: "95% CI 62.7 to 95.3", "SD 4.0", "24.1% of 112" or nothing. n: the
    patients that it is about, in words. statistic: the first of them. interval: (low, high) as numbers, both None where
    there is none.
    """

    code: str
    text: str
    value: str
    spread: str
    n: str
    statistic: Statistic
    interval: tuple


def say_line(row, statistics):
    """A Row of lay_out and {code: Statistic} -> Line."""
    first, *others = (statistics[code] for code in row.codes)
    suffixes = [code.rpartition("-")[2] for code in row.codes[1:]]
    text = first.text if row.label == row.codes[0] else first.text.rpartition(": ")[0] or first.text
    value, spread, interval = say_value(first), "", (None, None)
    if suffixes == ["lower", "upper"]:
        spread, interval = say_interval(*others, say_missing(first.code)), (others[0].value, others[1].value)
    elif suffixes == ["upper"]:  # a second interval of a number that stands in the line before
        spread = say_interval(first, *others, say_missing(first.code))
        text, value = f"{text} (Wilson)", ""
    elif suffixes == ["sd"]:
        text, spread = f"{text}: mean", f"SD {say_number(others[0])}"
    elif suffixes == ["q1", "q3"]:
        text, spread = f"{text}: median", f"quartiles {say_number(others[0])} to {say_number(others[1])}"
    elif suffixes == ["max"]:
        text, value = f"{text}: range", f"{say_number(first)} to {say_value(others[0])}"
    elif suffixes:
        text, value = (
            first.text.replace(" 0 ", " 0, 1, 2, 3 or more ", 1),
            " / ".join(map(say_number, (first, *others))),
        )
    else:
        spread = say_share(first)
    return Line(first.code, text, value, spread, _say_base(first), first, interval)


def say_share(statistic):
    """A count of patients as a part of all: '24.1% of 112'."""
    n, whole = statistic.counts.get("numerator"), statistic.counts.get("denominator")
    if statistic.unit or statistic.value is None or n != statistic.value or not whole:
        return ""
    return f"{round_number(100 * n / whole, '%')}% of {whole:,}"


def _say_base(statistic):
    n = say_count(statistic.n, statistic.counts, statistic.base)
    return f"{n} at risk" if statistic.base == "at-risk" and n != SUPPRESSED else n


def say_value(statistic):
    """The number with its unit: '59.99 months', 'not reached (> 59.99 months)', 'suppressed'."""
    number = say_number(statistic)
    if statistic.value is None:
        return number
    number += _UNITS.get(statistic.unit, (0, f" {statistic.unit}" if statistic.unit else ""))[1]
    return f"{NOT_REACHED} (> {number})" if statistic.comparator == ">" else f"{statistic.comparator} {number}".strip()


def say_number(statistic):
    """The number without its unit; nothing where nothing is said of it."""
    if statistic.absent == MASKED:
        return SUPPRESSED
    if statistic.value is None:
        return say_missing(statistic.code) if statistic.absent else ""
    if "logrank" in statistic.code:
        return f"< {_SMALLEST_P}" if statistic.value < _SMALLEST_P else f"{statistic.value:.4f}"
    return round_number(statistic.value, statistic.unit)


def say_interval(low, high, missing):
    """Two Statistics, the limits -> '95% CI 62.7 to 95.3'; nothing when neither is known."""
    if low.value is None and high.value is None:
        return ""
    return f"95% CI {_limit(low, missing)} to {_limit(high, missing)}"


def say_range(statistic):
    """The interval that a Statistic carries itself: '95% CI 62.7 to 95.3', 'upper limit not reached', or nothing."""
    if statistic.open == ("high",):
        return f"upper limit {say_missing(statistic.code)}"
    if statistic.low is None or statistic.high is None:
        return ""
    return f"95% CI {round_number(statistic.low, statistic.unit)} to {round_number(statistic.high, statistic.unit)}"


def say_missing(code):
    """What the absence of the number of this code means."""
    return NOT_REACHED if "-median" in code else NOT_ESTIMABLE


def say_count(count, counts=(), code=None):
    """A number of patients; 'suppressed' where the population is there without its count."""
    if count is None:
        return SUPPRESSED if code in counts else ""
    return f"{count:,}"


def round_number(value, unit):
    """'86.1' of a percentage, '59.99' of months, '1,204' of whole numbers that are counts."""
    decimals, _ = _UNITS.get(unit, (_OTHER, ""))
    whole = float(value).is_integer() and unit not in ("%", "mo", "1")
    return f"{value:,.{0 if whole else decimals}f}"


def _limit(statistic, missing):
    return missing if statistic.value is None and statistic.absent != MASKED else say_number(statistic)
