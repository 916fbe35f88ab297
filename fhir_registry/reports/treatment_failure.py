"""Groups of time to treatment failure and to discontinuation (section 1.8 of the definitions)."""

from .asserted_line import add_asserted_line
from .curves import add_curves
from .groups import Groups
from .time_to_event import add_curve, add_labels, add_primary_curve

_SECONDARY = {
    "ttd": ("ttd", "On treatment (time to discontinuation of all drugs)"),
    "ttd_index": ("ttd-index-drug", "On the index drug (time to its discontinuation)"),
}
# Label of an event -> words.
_REASONS = {
    "progression": "disease progression",
    "death": "death",
    "treatment-change": "a next line, no reason on record",
    "gap": "no dose for too long, no reason on record",
    "stopped": "end on record without a reason",
    "adverse-event": "adverse event",
    "patient-decision": "decision of the patient",
    "physician-decision": "decision of the physician",
    "pregnancy": "pregnancy",
    "access": "financial reasons or not available",
    "lost-to-follow-up": "lost to follow-up or moved away",
    "completed": "completed as planned",
    "other": "another reason",
}


def treatment_failure_groups(tally, stratifiers=()):
    """Groups of a Tally of TreatmentFailure; stratifiers apply to the time to treatment failure."""
    groups = Groups(tally, stratifiers=stratifiers)
    add_primary_curve(groups, "ttf", "Time to treatment failure, free of it", "ttf")
    for field, (code, text) in _SECONDARY.items():
        _, whole = add_curve(groups, code, text, tally.counts(field))
        add_curves(groups, code, text, [whole])
    for code, name in (("ttf", "Treatment failures"), ("ttd", "Discontinuations")):
        labels = {label: f"by {words}" for label, words in _REASONS.items()}
        add_labels(groups, tally, code, name, tally.counts(code), labels)
    add_asserted_line(groups)
    return groups
