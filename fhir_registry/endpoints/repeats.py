"""Records of one patient that were told more than once: rule C6 (https://hl7.org/fhir/R4/datatypes.html#Identifier)."""

from .usable import GIVEN, REPORTED, TAKEN, seen, usable_data


def find_repeats(facts, cutoff):
    """The rows up to `cutoff` that usable_data leaves out because another row says the same. `facts` as stored."""
    if not (
        _may_repeat(facts.administrations, "drug", "start_lo")
        or _may_repeat(facts.statements, "drug", "start_lo")
        or _may_repeat(facts.adverse_events, "term", "onset_lo")
        or _share_identifier([(o.identifier, o.topic) for o in facts.observations if o.identifier])
    ):
        return []
    usable = usable_data(facts, cutoff)
    kept = {row.source for rows in usable[3:] for row in rows}
    told = [a for a in facts.administrations if a.status in GIVEN and a.dose != 0 and seen(a.start_lo, cutoff)]
    told += [s for s in facts.statements if s.status in TAKEN and seen(s.start_lo, cutoff)]
    told += [o for o in facts.observations if o.status in REPORTED and seen(o.effective_lo, cutoff)]
    told += [
        e
        for e in facts.adverse_events
        if e.actuality == "actual" and not e.in_error and seen(e.onset_lo, cutoff) and seen(e.detected_lo, cutoff)
    ]
    return [row for row in told if row.source not in kept]


def _may_repeat(rows, what, when):
    """False when certainly no row repeats another: most patients need no closer look."""
    if len(rows) < 2:
        return False
    if _share_identifier([row.identifier for row in rows if row.identifier]):
        return True
    if len({row.source.submission for row in rows}) == 1:
        return False
    contents = {(getattr(row, what), getattr(row, when), row.source.submission) for row in rows if not row.identifier}
    return len({content[:2] for content in contents}) < len(contents)


def _share_identifier(identifiers):
    return len(set(identifiers)) < len(identifiers)
