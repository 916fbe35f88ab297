"""Groups of one time-to-event analysis: median, landmarks, strata, reasons (section 6 of the definitions)."""

from collections import Counter

from ..endpoints.partial import DAYS_PER_MONTH
from ..endpoints.time_to_event import EVENT
from ..stats.survival import Estimate, kaplan_meier, reverse
from .comparison import add_comparison
from .curves import StratumCurve, add_curves
from .groups import MONTHS, PERCENT, estimated
from .proportion import add_proportion
from .strata import MISSING

LANDMARK_MONTHS = (12, 24, 36, 48, 60)
METHOD = "log-log"
# Medians with partial dates read otherwise are published where one differs by more months than this (rule C4).
_MEDIANS_DIFFER = 0.1
_OTHER_DATES = {"earliest": "first", "latest": "last"}  # field of the row -> which possible day of partial dates


def observations(times):
    """{Time: patients} -> {(days, event): patients}, what is no EVENT censored."""
    counts = Counter()
    for time, n in times.items():
        counts[time.days, time.event == EVENT] += n
    return counts


def observed(counts):
    """The populations of {(days, event): patients}."""
    events = sum(n for (_, event), n in counts.items() if event)
    return {"events": events, "censored": sum(counts.values()) - events}


def add_primary_curve(groups, code, text, field):
    """Median and landmarks of a field of Times by Kaplan-Meier; its strata, their comparison, all curves.

    And what the median is when partial dates are read otherwise, where the rows tell it.
    """
    median, whole = add_curve(groups, code, text, groups.tally.counts(field))
    curves = {
        stratum: _estimate_curve(stratum.counts(field), stratifier.code, value)
        for stratifier, strata in groups.strata
        for value, stratum in strata
    }
    groups.stratify(median, lambda stratum: _describe_median(curves[stratum]))
    for stratifier, strata in groups.strata:
        levels = {value: curves[stratum].counts for value, stratum in strata if value != MISSING}
        add_comparison(groups, code, text, stratifier, levels)
    add_curves(groups, code, text, [whole, *curves.values()])
    _add_other_dates(groups, code, text, whole)


def _add_other_dates(groups, code, text, whole):
    """How much the median changes when all partial dates are their first or their last day; the medians, if much."""
    found = {field: groups.tally.counts(field) for field in _OTHER_DATES}
    if any(None in times for times in found.values()):
        return
    curves = {field: _estimate_curve(times) for field, times in found.items()}
    change = _largest_change([_median(each.curve)[0][0] for each in (whole, *curves.values())])
    meaning = f"{text}: largest change of the median when partial dates are their first or last possible day"
    groups.add_number(f"{code}-dates-change", meaning, change, MONTHS, observed(whole.counts))
    if change is None or change > _MEDIANS_DIFFER:
        for field, day in _OTHER_DATES.items():
            each = curves[field]
            words = f"{text}, partial dates being their {day} possible day: median (Kaplan-Meier)"
            _add_median(groups, f"{code}-dates-{field}-median", words, each.curve, observed(each.counts))


def _largest_change(medians):
    """From the first median to another; 0 where none is reached, None where only some are."""
    if None not in medians:
        return max(abs(median - medians[0]) for median in medians)
    return None if any(median is not None for median in medians) else 0


def add_curve(groups, code, text, times, months=LANDMARK_MONTHS):
    """Median and landmarks of {Time: patients} by Kaplan-Meier. Returns the median's group and the StratumCurve."""
    whole = _estimate_curve(times)
    curve, populations = whole.curve, observed(whole.counts)
    median = _add_median(groups, f"{code}-median", f"{text}: median (Kaplan-Meier)", curve, populations)
    for month in months:
        day = month * DAYS_PER_MONTH
        groups.add_estimate(
            f"{code}-rate-{month}m",
            f"{text} at {month} months (Kaplan-Meier)",
            scaled(curve.landmark(day), 100),
            PERCENT,
            METHOD,
            {**populations, "at-risk": curve.at_risk(day)},
        )
    return median, whole


def add_follow_up(groups, code, times):
    """Median follow-up of {Time: patients} by the reverse Kaplan-Meier method."""
    counts = observations(times)
    curve = kaplan_meier(reverse(counts))
    _add_median(groups, code, "Follow-up: median (reverse Kaplan-Meier)", curve, observed(counts))


def add_labels(groups, tally, code, text, times, labels):
    """The share of each of {label: words} among the events of {Time: patients}; the denominator is the events."""
    events = Counter()
    for time, n in times.items():
        if time.event == EVENT:
            events[time.label] += n
    n = events.total()
    populations = {"denominator": n, "denominator-exclusion": tally.initial - n}
    for label, words in labels.items():
        add_proportion(groups, f"{code}-events-{label}", f"{text}: {words}", events[label], n, populations)


def scaled(estimate, factor):
    """The estimate and its limits times `factor`; what cannot be estimated stays None."""
    return Estimate(*(None if number is None else number * factor for number in estimate))


def _estimate_curve(times, stratifier=None, value=None):
    counts = observations(times)
    return StratumCurve(counts, kaplan_meier(counts), stratifier, value)


def _add_median(groups, code, text, curve, populations):
    estimate, beyond = _median(curve)
    return groups.add_estimate(code, text, estimate, MONTHS, METHOD, populations, beyond)


def _describe_median(each):
    estimate, beyond = _median(each.curve)
    return estimated(estimate, MONTHS, METHOD, beyond), observed(each.counts)


def _median(curve):
    """Estimate of the median and the largest follow-up, in months."""
    beyond = None if curve.last is None else curve.last / DAYS_PER_MONTH
    return scaled(curve.quantile(0.5), 1 / DAYS_PER_MONTH), beyond
