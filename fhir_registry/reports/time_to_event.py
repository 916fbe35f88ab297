"""Groups of one time-to-event analysis: median, landmarks, reasons (section 6 of the definitions, rules 5 and 6)."""

from collections import Counter

from ..endpoints.partial import DAYS_PER_MONTH
from ..endpoints.time_to_event import EVENT
from ..stats.survival import Estimate, kaplan_meier, reverse
from .groups import MONTHS, PERCENT
from .proportion import add_proportion

LANDMARK_MONTHS = (12, 24, 36, 48, 60)
METHOD = "log-log"


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


def add_curve(groups, code, text, times, months=LANDMARK_MONTHS):
    """Median and landmarks of {Time: patients} by Kaplan-Meier."""
    counts = observations(times)
    curve, populations = kaplan_meier(counts), observed(counts)
    _add_median(groups, f"{code}-median", f"{text}: median (Kaplan-Meier)", curve, populations)
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


def _add_median(groups, code, text, curve, populations):
    beyond = None if curve.last is None else curve.last / DAYS_PER_MONTH
    estimate = scaled(curve.quantile(0.5), 1 / DAYS_PER_MONTH)
    groups.add_estimate(code, text, estimate, MONTHS, METHOD, populations, beyond)
