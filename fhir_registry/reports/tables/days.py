"""Days as ADaM has them: study days without a zero, flags of imputed dates (https://www.cdisc.org/standards/foundational/adam)."""

from ...endpoints.partial import impute, is_year


def study_day(day, start):
    """The study day of a day: 1 on the day `start`, -1 on the day before it; None without a day."""
    if day is None or start is None:
        return None
    return day - start + (day >= start)


def imputation_flag(lo, hi):
    """What was imputed in a date known as [lo, hi]: `D` the day, `M` month and day, None nothing."""
    if lo is None or lo == hi:
        return None
    return "M" if is_year(lo, hi) else "D"


def dated(name, lo, hi, upper=None):
    """{name: the day that stands for [lo, hi], name + "F": its imputation flag}; {} when unknown.

    The middle stands for a partial date, no later than `upper` when that is possible.
    """
    if lo is None:
        return {}
    return {name: impute(lo, hi, upper=upper), f"{name}F": imputation_flag(lo, hi)}
