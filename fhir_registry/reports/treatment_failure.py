"""Groups of time to treatment failure and to discontinuation (section 1.8 of the definitions)."""

from .groups import Groups
from .time_to_event import add_curve, add_labels

_CURVES = {
    "ttf": ("ttf", "Time to treatment failure, free of it"),
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


def treatment_failure_groups(tally):
    """Groups of {TreatmentFailure row: count}."""
    groups = Groups(tally)
    for field, (code, text) in _CURVES.items():
        add_curve(groups, code, text, tally.counts(field))
    for code, name in (("ttf", "Treatment failures"), ("ttd", "Discontinuations")):
        labels = {label: f"by {words}" for label, words in _REASONS.items()}
        add_labels(groups, tally, code, name, tally.counts(code), labels)
    return groups.groups
