"""Partial dates in the roles of an analysis: rule C4 (https://hl7.org/fhir/R4/datatypes.html#dateTime)."""

DAYS_PER_MONTH = 30.4375  # 365.25 / 12, the only month of every analysis (rule C2)


def middle(lo, hi):
    """The day that stands for a partial date: the 15th of a month, 1 July of a year; a full date stands for itself."""
    if lo == hi:
        return lo
    if hi - lo <= 30:
        return lo + 14
    return hi - 183  # 1 July, counted from 31 December whether the year is leap or not


def first_day(lo, hi):
    """The earliest that a partial date can mean."""
    return lo


def last_day(lo, hi):
    """The latest that a partial date can mean."""
    return hi


def impute(lo, hi, lower=None, upper=None, place=middle):
    """The day of [lo, hi] by `place`, moved into [lower, upper] but never out of what was written.

    Days since 1970-01-01. place: middle, first_day or last_day.
    """
    if lo == hi:
        return lo
    day = place(lo, hi)
    if lower is not None and day < lower:
        day = min(lower, hi)
    if upper is not None and day > upper:
        day = max(upper, lo)
    return day


def imputation(lo, hi):
    """The rule that dates [lo, hi], in words for a trace; empty for a full date."""
    if lo == hi:
        return ""
    return "C4 mid-year" if is_year(lo, hi) else "C4 mid-month"


def is_year(lo, hi):
    """True when a date is known by its year at best."""
    return hi - lo > 30
