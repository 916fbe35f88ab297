"""Groups of progression-free survival and time to progression (sections 1.6 and 1.7 of the definitions)."""

from collections import Counter

from ..endpoints.partial import DAYS_PER_MONTH
from ..endpoints.time_to_event import COMPETING, EVENT
from ..stats.competing import aalen_johansen
from .asserted_line import add_asserted_line
from .curves import StratumCurve, add_curves
from .groups import PERCENT, Groups
from .time_to_event import LANDMARK_MONTHS, METHOD, add_curve, add_labels, add_primary_curve, observed, scaled

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
    "ttp-cif": (EVENT, "Cumulative incidence of progression, death competing"),
    "ttp-cif-death": (COMPETING, "Cumulative incidence of death without progression"),
}


def progression_free_groups(tally, stratifiers=()):
    """Groups of a Tally of ProgressionFree."""
    groups = Groups(tally, FLAGS, stratifiers)
    add_primary_curve(groups, "pfs", _PFS, "primary")
    add_labels(groups, tally, "pfs", _PFS, tally.counts("primary"), _EVENTS)
    for field, difference in _SENSITIVITIES.items():
        code, text = f"pfs-{field.replace('_', '-')}", f"{_PFS}, {difference}"
        add_curve(groups, code, text, tally.counts(field), _SENSITIVITY_MONTHS)
    add_asserted_line(groups)
    return groups


def progression_groups(tally, stratifiers=()):
    """Groups of a Tally of TimeToProgression: Kaplan-Meier with deaths censored, and Aalen-Johansen."""
    groups = Groups(tally, FLAGS, stratifiers)
    add_primary_curve(groups, "ttp", "Time to progression, free of it (deaths censored)", "primary")
    whole = _estimate_incidence(tally, (EVENT, COMPETING))
    strata = [
        _estimate_incidence(stratum, (EVENT,), stratifier.code, value)[EVENT]
        for stratifier, strata in groups.strata
        for value, stratum in strata
    ]
    for code, (cause, text) in _CAUSES.items():
        _add_incidence(groups, code, text, whole[cause].curve, _populations(whole))
        curves = [whole[cause], *(strata if cause == EVENT else ())]
        add_curves(groups, code, f"{text} (Aalen-Johansen)", curves)
    add_asserted_line(groups)
    return groups


def _estimate_incidence(tally, causes, stratifier=None, value=None):
    """{cause: StratumCurve}."""
    counts = Counter()
    for time, n in tally.counts("primary").items():
        counts[time.days, time.event] += n
    curves = aalen_johansen(counts, causes)
    return {cause: StratumCurve(_only(cause, counts), curves[cause], stratifier, value) for cause in curves}


def _only(cause, counts):
    """{(days, event): patients} of {(days, type): patients}, other causes censored."""
    only = Counter()
    for (days, kind), n in counts.items():
        only[days, kind == cause] += n
    return only


def _populations(incidence):
    events, competing = (observed(incidence[cause].counts)["events"] for cause in (EVENT, COMPETING))
    censored = sum(incidence[EVENT].counts.values()) - events - competing
    return {"events": events, "competing-events": competing, "censored": censored}


def _add_incidence(groups, code, text, curve, populations):
    for months in LANDMARK_MONTHS:
        day = months * DAYS_PER_MONTH
        groups.add_estimate(
            f"{code}-{months}m",
            f"{text} at {months} months (Aalen-Johansen)",
            scaled(curve.landmark(day), 100),
            PERCENT,
            METHOD,
            {**populations, "at-risk": curve.at_risk(day)},
        )
