"""Groups of overall survival: median, landmarks, follow-up (section 1.5 of the definitions)."""

from .asserted_line import add_asserted_line
from .groups import Groups
from .time_to_event import add_curve, add_follow_up, add_primary_curve

# Field of Survival -> words; given when the Measure has the parameters that they take.
_SENSITIVITIES = {
    "last_contact": "Overall survival, the living censored at the last contact",
    "registry_through": "Overall survival, the living censored at the end of the death registry",
}


def survival_groups(tally, stratifiers=()):
    """Groups of a Tally of Survival."""
    groups = Groups(tally, stratifiers=stratifiers)
    add_primary_curve(groups, "os", "Overall survival", "primary")
    add_follow_up(groups, "os-follow-up-median", tally.counts("primary"))
    for field, text in _SENSITIVITIES.items():
        times = tally.counts(field)
        if times and None not in times:
            add_curve(groups, f"os-{field.replace('_', '-')}", text, times)
    add_asserted_line(groups)
    return groups
