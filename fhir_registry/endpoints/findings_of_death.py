"""What does not agree with the death of a patient: sections 1.5 and 5 (https://hl7.org/fhir/R4/patient.html)."""

from .finding import date_text, finding
from .usable import OF_DEATH
from .vital_status import is_contact, says_dead

_CONFLICT_DAYS = 30


def find_death_findings(facts, first_dose, cutoff):
    """Findings about the death, or about a death that is missing.

    facts: usable data. first_dose: the first dose of the index drug (Administration) or None. Only what is certain of
    partial dates is found. Days since 1970-01-01.
    """
    grave = [e for e in facts.adverse_events if e.grade == 5 or e.outcome == "fatal"]
    dated, undated = _deaths(facts, grave)
    if not dated and not undated:
        return [finding("grade-5-without-death", e, date_text(e.onset_lo, e.onset_hi)) for e in grave]
    if not dated:
        return [finding("death-without-date", undated[0])]
    lo, hi, row = dated[0]
    found = [
        finding("death-dates-conflict", other[2], f"{date_text(*other[:2])}, counts {date_text(lo, hi)}")
        for other in dated[1:]
        if other[0] - hi > _CONFLICT_DAYS or lo - other[1] > _CONFLICT_DAYS
    ]
    if first_dose is not None and hi < first_dose.start_lo:
        # One date is wrong, not all that came after it.
        note = f"{date_text(lo, hi)}, first dose {date_text(first_dose.start_lo, first_dose.start_hi)}"
        return [*found, finding("death-before-index", row, note)]
    return found + _find_after(facts, lo, hi, cutoff)


def _deaths(facts, grave):
    """([(lo, hi, row)] of the deaths with a date, the one that counts first; [rows of those without])."""
    told = [o for o in facts.observations if o.topic in OF_DEATH]
    ranked = [(0, o.effective_lo, o.effective_hi, o) for o in told if o.topic == "death"]
    ranked += [(1, p.death_lo, p.death_hi, p) for p in facts.patients if p.deceased]
    ranked += [(2, e.end_lo, e.end_hi, e) for e in grave if e.outcome == "fatal"]
    ranked += [(2, e.end_lo, e.end_hi, e) for e in facts.encounters if e.disposition == "exp"]
    # What says only that the patient is dead has the date on which it was said.
    ranked += [(3, None, None, o) for o in told if says_dead(o)]
    dated = sorted((death for death in ranked if death[1] is not None), key=lambda death: death[:3])
    return [death[1:] for death in dated], [death[3] for death in ranked if death[1] is None]


def _find_after(facts, lo, hi, cutoff):
    """Findings about what begins after the last possible day of the death [lo, hi], up to the cut-off."""
    contacts = [(e.start_lo, e.start_hi, e) for e in facts.encounters]
    contacts += [(p.start_lo, p.start_hi, p) for p in facts.procedures]
    contacts += [(o.effective_lo, o.effective_hi, o) for o in facts.observations if is_contact(o)]
    found = []
    for rule, rows in (
        ("dose-after-death", [(a.start_lo, a.start_hi, a) for a in facts.administrations]),
        ("contact-after-death", contacts),
        ("adverse-event-after-death", [(e.onset_lo, e.onset_hi, e) for e in facts.adverse_events]),
    ):
        for start_lo, start_hi, row in rows:
            if start_lo is not None and hi < start_lo <= cutoff:
                # On the day after, what was done the day before may have been written down.
                severity = "warning" if start_lo == hi + 1 else None
                note = f"{date_text(start_lo, start_hi)}, died {date_text(lo, hi)}"
                found.append(finding(rule, row, note, severity))
    return found
