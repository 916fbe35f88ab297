"""Groups of overall survival: median, landmarks, follow-up (section 6 of the definitions, rules 5 and 6)."""

from ..endpoints.partial import DAYS_PER_MONTH
from ..stats.survival import Estimate, kaplan_meier, reverse
from .groups import MONTHS, PERCENT, Groups

LANDMARK_MONTHS = (12, 24, 36, 48, 60)
_METHOD = "log-log"


def survival_groups(tally):
    """Groups of {Survival row: count}."""
    groups = Groups(tally)
    counts = {}
    for row, n in tally.rows.items():
        counts[row.days, row.event] = counts.get((row.days, row.event), 0) + n
    events = sum(n for (_, event), n in counts.items() if event)
    observed = {"events": events, "censored": tally.denominator - events}
    curve = kaplan_meier(counts)
    _add_median(groups, "os-median", "Overall survival: median (Kaplan-Meier)", curve, observed)
    for months in LANDMARK_MONTHS:
        day = months * DAYS_PER_MONTH
        groups.add_estimate(
            f"os-rate-{months}m",
            f"Overall survival at {months} months (Kaplan-Meier)",
            _scaled(curve.landmark(day), 100),
            PERCENT,
            _METHOD,
            {**observed, "at-risk": curve.at_risk(day)},
        )
    follow_up = kaplan_meier(reverse(counts))
    _add_median(groups, "os-follow-up-median", "Follow-up: median (reverse Kaplan-Meier)", follow_up, observed)
    return groups.groups


def _add_median(groups, code, text, curve, populations):
    beyond = None if curve.last is None else curve.last / DAYS_PER_MONTH
    estimate = _scaled(curve.quantile(0.5), 1 / DAYS_PER_MONTH)
    groups.add_estimate(code, text, estimate, MONTHS, _METHOD, populations, beyond)


def _scaled(estimate, factor):
    return Estimate(*(None if number is None else number * factor for number in estimate))
