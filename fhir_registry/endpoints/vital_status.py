"""Last known alive and death: rules C4, C7 and section 1.5 (https://hl7.org/fhir/R4/patient.html#Patient.deceased[x])."""

from typing import NamedTuple

from .partial import impute

# Observations that are not a contact with the patient.
_NO_CONTACT = frozenset({"death", "no-prior-therapy"})


class Death(NamedTuple):
    day: int  # days since 1970-01-01
    imputed: bool


def last_known_alive(facts, cutoff):
    """The last day up to `cutoff` on which somebody saw the patient, or None.

    `facts` are usable data. A partial date counts from its first day: the patient was alive on that day.
    """
    days = [
        *(d for e in facts.encounters for d in (e.start_lo, e.end_lo)),
        *(d for a in facts.administrations for d in (a.start_lo, a.end_lo)),
        *(d for p in facts.procedures for d in (p.start_lo, p.end_lo)),
        *(o.effective_lo for o in facts.observations if o.topic not in _NO_CONTACT),
        *(e.onset_lo for e in facts.adverse_events),
    ]
    return max((d for d in days if d is not None and d <= cutoff), default=None)


def find_death(facts, cutoff):
    """The death up to `cutoff` (of usable data), or None.

    Dates take precedence in the order: death certificate or registry (Observation), Patient.deceasedDateTime,
    end of a fatal adverse event or of a stay that ended in death. A death without any date is put midway
    between the last contact and the day the server first knew of it.
    """
    certificates = [(o.effective_lo, o.effective_hi) for o in facts.observations if o.topic == "death"]
    persons = [(p.death_lo, p.death_hi) for p in facts.patients if p.deceased]
    fatal = [(e.end_lo, e.end_hi) for e in facts.adverse_events if e.outcome == "fatal"]
    fatal += [(e.end_lo, e.end_hi) for e in facts.encounters if e.disposition == "exp"]
    for source in (certificates, persons, fatal):
        dated = [dates for dates in source if dates[0] is not None]
        if dated:
            return _dated_death(*min(dated), last_known_alive(facts, cutoff), cutoff)
    if certificates or persons or fatal:
        return _undated_death(last_known_alive(facts, cutoff), facts.first_known_dead, cutoff)
    return None


def _dated_death(lo, hi, alive, cutoff):
    if lo > cutoff:
        return None
    return Death(impute(lo, hi, alive, cutoff), lo != hi)


def _undated_death(alive, known, cutoff):
    known = cutoff if known is None else known
    day = known if alive is None else (alive + max(known, alive)) // 2
    return Death(day, True) if day <= cutoff else None
