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
    doses = [(a, GIVEN) for a in facts.administrations if a.drug is None and a.drug_class is None]
    doses += [(s, TAKEN) for s in facts.statements if s.drug is None and s.drug_class is None]
    unclear = [a for a in facts.administrations if a.status in UNCLEAR]
    unclear += [s for s in facts.statements if s.status == "unknown"]
    responses = [
        o
        for o in facts.observations
        if o.topic == "response" and (o.effective_lo is None or o.value not in RESPONSES) and o.status in REPORTED
    ]
    holds = {
        "unread-drug": any(row.status in taken and seen(row.start_lo, cutoff) for row, taken in doses),
        "unread-response": any(seen(o.effective_lo, cutoff) for o in responses),
        "unread-status": any(seen(row.start_lo, cutoff) for row in unclear),
    }
    return frozenset(code for code, true in holds.items() if true)
