"""Records that enter no number because they are not understood: rule C1 (https://hl7.org/fhir/R4/conceptmap.html)."""

from .assessment import BEST_FIRST
from .usable import GIVEN, REPORTED, TAKEN, seen

# What a patient has at least one record of -> words.
UNREAD = {
    "unread-drug": "a drug taken that no ConceptMap knows",
    "unread-response": "a tumour response without a known value or without a date",
    "unread-status": "a drug of which the status does not say whether it was taken",
}
UNCLEAR = frozenset({"on-hold", "unknown"})  # of an administration; of a statement on-hold is an interruption
RESPONSES = frozenset({*BEST_FIRST, "not-detected"})


def find_unread(facts, cutoff):
    """The codes of UNREAD that hold for a patient. Facts as stored; those dated after `cutoff` (a day) are left out."""
    administrations = [a for a in facts.administrations if seen(a.start_lo, cutoff)]
    statements = [s for s in facts.statements if seen(s.start_lo, cutoff)]
    taken = [a for a in administrations if a.status in GIVEN] + [s for s in statements if s.status in TAKEN]
    responses = [
        o for o in facts.observations if o.topic == "response" and o.status in REPORTED and seen(o.effective_lo, cutoff)
    ]
    holds = {
        "unread-drug": any(t.drug is None and t.drug_class is None for t in taken),
        "unread-response": any(o.value not in RESPONSES or o.effective_lo is None for o in responses),
        "unread-status": any(a.status in UNCLEAR for a in administrations)
        or any(s.status == "unknown" for s in statements),
    }
    return frozenset(code for code, true in holds.items() if true)
