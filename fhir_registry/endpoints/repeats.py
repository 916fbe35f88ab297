"""Records of one patient that were told more than once: rule C6 (https://hl7.org/fhir/R4/datatypes.html#Identifier)."""

from .usable import OF_DEATH, REPORTED, STATED, exposed, seen

# View -> whether a row would be usable up to the cut-off, did no other row say the same.
_COUNTS = {
    "administrations": lambda a, cutoff: exposed(a) and seen(a.start_lo, cutoff),
    "statements": lambda s, cutoff: s.status in STATED and seen(s.start_lo, cutoff),
    "observations": lambda o, cutoff: o.status in REPORTED and (seen(o.effective_lo, cutoff) or o.topic in OF_DEATH),
    "adverse_events": lambda e, cutoff: (
        e.actuality == "actual" and not e.in_error and seen(e.onset_lo, cutoff) and seen(e.detected_lo, cutoff)
    ),
}


def find_repeats(usable):
    """The stored rows that are left out of UsableData because another row says the same."""
    repeats = []
    for view, counts in _COUNTS.items():
        stored, kept = getattr(usable.stored, view), getattr(usable, view)
        if len(stored) > len(kept):
            sources = {row.source for row in kept}
            repeats += [row for row in stored if row.source not in sources and counts(row, usable.cutoff)]
    return repeats
