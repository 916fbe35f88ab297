"""Groups of progression-free survival and time to progression (sections 1.6 and 1.7 of the definitions)."""

from ..endpoints.partial import DAYS_PER_MONTH
from ..endpoints.time_to_event import COMPETING, EVENT
from ..stats.competing import aalen_johansen
from .groups import PERCENT, Groups
from .time_to_event import LANDMARK_MONTHS, METHOD, add_curve, add_labels, scaled

FLAGS = ("no-evaluable-assessment",)

_PFS = "Progression-free survival"
# Field of ProgressionFree -> what differs.
_SENSITIVITIES = {
    "s1_30": "deaths only within 30 days after the last assessment",
    "s1_60": "deaths only within 60 days after the last assessment",
    "s1_90": "deaths only within 90 days after the last assessment",
    "s2": "progression within 14 days after the index ignored",
    "s3": "censored at a new therapy without progression",
    "s4": "treatment change is never an event",
    "s5": "followed until more than 90 days without contact",
    "s6": "from the start of the line",
}
_SENSITIVITY_MONTHS = (12,)
_EVENTS = {
    "progression": "events that are progressions",
    "death": "events that are deaths",
    "treatment-change": "events that are treatment changes, for want of any assessment",
}
_CAUSES = {
    "ttp-cif": (EVENT, "Cumulative incidence of progression, death competing,"),
    "ttp-cif-death": (COMPETING, "Cumulative incidence of death without progression"),
}


def progression_free_groups(tally):
    """Groups of {ProgressionFree row: count}."""
    groups = Groups(tally, FLAGS)
    times = tally.counts("primary")
    add_curve(groups, "pfs", _PFS, times)
    add_labels(groups, tally, "pfs", _PFS, times, _EVENTS)
    for field, difference in _SENSITIVITIES.items():
        code, text = f"pfs-{field.replace('_', '-')}", f"{_PFS}, {difference}"
        add_curve(groups, code, text, tally.counts(field), _SENSITIVITY_MONTHS)
    return groups.groups


def progression_groups(tally):
    """Groups of {TimeToProgression row: count}: Kaplan-Meier with deaths censored, and Aalen-Johansen."""
    groups = Groups(tally, FLAGS)
    times = tally.counts("primary")
    add_curve(groups, "ttp", "Time to progression, free of it (deaths censored)", times)
    counts = {}
    for time, n in times.items():
        counts[time.days, time.event] = counts.get((time.days, time.event), 0) + n
    totals = {kind: sum(n for (_, k), n in counts.items() if k == kind) for kind in (EVENT, COMPETING)}
    curves = aalen_johansen(counts, (EVENT, COMPETING))
    populations = {
        "events": totals[EVENT],
        "competing-events": totals[COMPETING],
        "censored": tally.denominator - sum(totals.values()),
    }
    for code, (cause, text) in _CAUSES.items():
        for months in LANDMARK_MONTHS:
            day = months * DAYS_PER_MONTH
            groups.add_estimate(
                f"{code}-{months}m",
                f"{text} at {months} months (Aalen-Johansen)",
                scaled(curves[cause].landmark(day), 100),
                PERCENT,
                METHOD,
                {**populations, "at-risk": curves[cause].at_risk(day)},
            )
    return groups.groups
