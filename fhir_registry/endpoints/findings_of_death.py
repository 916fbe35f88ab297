"""What does not agree with the death of a patient: sections 1.5 and 5 (https://hl7.org/fhir/R4/patient.html)."""

from .finding import date_text, finding
from .usable import GIVEN, REPORTED, SEEN
from .vital_status import is_contact, says_dead

_CONFLICT_DAYS = 30


def find_death_findings(facts, first_dose, cutoff):
    """Findings about the death, or about a death that is missing.

    facts: as stored, without repeats. first_dose: the first dose of the index drug (Administration) or None.
    Only what is certain of partial dates is found. Days since 1970-01-01.
    """
    events = [
        e
        for e in facts.adverse_events
        if (e.grade == 5 or e.outcome == "fatal") and e.actuality == "actual" and not e.in_error
    ]
    dated, undated = _deaths(facts, events)
    if not dated and not undated:
        return [finding("grade-5-without-death", e, date_text(e.onset_lo, e.onset_hi)) for e in events]
    if not dated:
        return [finding("death-without-date", undated[0])]
    lo, hi, row = dated[0]
    found = [
        finding("death-dates-conflict", other[2], f"{date_text(*other[:2])}, counts {date_text(lo, hi)}")
        for other in dated[1:]
        if other[0] - hi > _CONFLICT_DAYS or lo - other[1] > _CONFLICT_DAYS
    ]
    if lo > cutoff:
        return found
    died = date_text(lo, hi)
    if first_dose is not None and hi < first_dose.start_lo:
        note = f"{died}, first dose {date_text(first_dose.start_lo, first_dose.start_hi)}"
        found.append(finding("death-before-index", row, note))
    return found + _find_after(facts, hi, died, cutoff)


def _deaths(facts, events):
    """([(lo, hi, row)] of the deaths with a date, the one that counts first; [rows of those without])."""
    told = [o for o in facts.observations if o.topic in _OF_DEATH and o.status in REPORTED]
    ranked = [(0, o.effective_lo, o.effective_hi, o) for o in told if o.topic == "death"]
    ranked += [(1, p.death_lo, p.death_hi, p) for p in facts.patients if p.deceased]
    ranked += [(2, e.end_lo, e.end_hi, e) for e in events if e.outcome == "fatal"]
    ranked += [(2, e.end_lo, e.end_hi, e) for e in facts.encounters if e.disposition == "exp" and e.status in SEEN]
    # What says only that the patient is dead has the date on which it was said.
    ranked += [(3, None, None, o) for o in told if says_dead(o)]
    dated = sorted((death for death in ranked if death[1] is not None), key=lambda death: death[:3])
    return [death[1:] for death in dated], [death[3] for death in ranked if death[1] is None]


_OF_DEATH = frozenset({"death", "dead", "vital-status"})


def _find_after(facts, death, died, cutoff):
    """Findings about what begins later than `death`, the last possible day of it, and up to the cut-off."""
    found = []
    # A day after death may be the day on which it was written: look at it, but it need not be wrong.
    for rule, rows in (
        ("dose-after-death", [(a.start_lo, a.start_hi, a) for a in facts.administrations if a.status in GIVEN]),
        ("contact-after-death", _contacts(facts)),
    ):
        for lo, hi, row in rows:
            if lo is not None and death < lo <= cutoff:
                severity = "error" if lo > death + 1 else "warning"
                found.append(finding(rule, row, f"{date_text(lo, hi)}, died {died}", severity))
    for e in facts.adverse_events:
        if e.onset_lo is not None and death < e.onset_lo <= cutoff and e.actuality == "actual" and not e.in_error:
            note = f"{date_text(e.onset_lo, e.onset_hi)}, died {died}"
            found.append(finding("adverse-event-after-death", e, note))
    return found


def _contacts(facts):
    """[(lo, hi, row)] of visits, procedures and observations of the living."""
    contacts = [(e.start_lo, e.start_hi, e) for e in facts.encounters if e.status in SEEN]
    contacts += [(p.start_lo, p.start_hi, p) for p in facts.procedures if p.status in GIVEN]
    observed = [o for o in facts.observations if o.status in REPORTED and is_contact(o)]
    return contacts + [(o.effective_lo, o.effective_hi, o) for o in observed]
