"""Last known alive and death: rules C4, C7 and section 1.5 (https://hl7.org/fhir/R4/patient.html#Patient.deceased[x])."""

from typing import NamedTuple

from .facts import Source
from .outcome import Evidence
from .partial import imputation, impute, middle
from .usable import once

# Observations that are not a contact with the patient.
_NO_CONTACT = frozenset({"death", "dead", "no-prior-therapy"})


class Death(NamedTuple):
    day: int  # days since 1970-01-01
    imputed: bool
    evidence: Evidence


class Contact(NamedTuple):
    day: int  # days since 1970-01-01
    source: Source


@once
def contacts(facts, cutoff):
    """[(day, source)] of all days up to `cutoff` on which somebody saw the patient, in no order.

    `facts` are usable data. A partial date counts from its first day: the patient was alive on that day.
    """
    rows = (*facts.encounters, *facts.administrations, *facts.procedures)
    found = [(row.start_lo, row.source) for row in rows if row.start_lo is not None and row.start_lo <= cutoff]
    found += [(row.end_lo, row.source) for row in rows if row.end_lo is not None and row.end_lo <= cutoff]
    observed = [o for o in facts.observations if o.effective_lo is not None and o.effective_lo <= cutoff]
    found += [(o.effective_lo, o.source) for o in observed if is_contact(o)]
    events = [e for e in facts.adverse_events if e.onset_lo is not None and e.onset_lo <= cutoff]
    return found + [(e.onset_lo, e.source) for e in events]


def is_contact(observation):
    """True when somebody saw the patient alive."""
    if observation.topic == "vital-status":
        return observation.value == "alive"
    return observation.topic not in _NO_CONTACT


def says_dead(observation):
    """True when the patient was dead on that day; it need not be that of the death."""
    return observation.topic == "dead" or (observation.topic == "vital-status" and observation.value == "dead")


@once
def last_contact(facts, cutoff):
    """The last Contact up to `cutoff` (of usable data), or None."""
    found = contacts(facts, cutoff)
    return Contact(*max(found)) if found else None


def last_known_alive(facts, cutoff):
    """The day of the last contact up to `cutoff` (of usable data), or None."""
    contact = last_contact(facts, cutoff)
    return contact and contact.day


@once
def find_death(facts, cutoff):
    """The death up to `cutoff` (of usable data), or None.

    Dates take precedence in the order: death certificate or registry (Observation), Patient.deceasedDateTime,
    end of a fatal adverse event or of a stay that ended in death. A death without any date is put midway
    between the last contact and the day it was known first: stored here, found as a vital status, recorded as an event.
    """
    certificates = [(o.effective_lo, o.effective_hi, o.source) for o in facts.observations if o.topic == "death"]
    persons = [(p.death_lo, p.death_hi, p.source) for p in facts.patients if p.deceased]
    fatal = [(e.end_lo, e.end_hi, e.source) for e in facts.adverse_events if e.outcome == "fatal"]
    fatal += [(e.end_lo, e.end_hi, e.source) for e in facts.encounters if e.disposition == "exp"]
    for told in (certificates, persons, fatal):
        dated = [dates for dates in told if dates[0] is not None]
        if dated:
            return _dated_death(facts, *min(dated), cutoff)
    dead = [(None, None, o.source) for o in facts.observations if says_dead(o)]
    for *_, source in (*certificates, *persons, *fatal, *dead):
        return _undated_death(facts, source, cutoff)
    return None


def _first_known(facts):
    known = [facts.first_known_dead, *(o.effective_hi for o in facts.observations if says_dead(o))]
    known += [e.recorded_hi for e in facts.adverse_events if e.outcome == "fatal"]
    return min((day for day in known if day is not None), default=None)


def _dated_death(facts, lo, hi, source, cutoff):
    if lo > cutoff:
        return None
    day = impute(lo, hi, last_known_alive(facts, cutoff), cutoff, facts.place)
    return Death(day, lo != hi, Evidence("death", source, imputation(lo, hi)))


def _undated_death(facts, source, cutoff):
    alive, known = last_known_alive(facts, cutoff), _first_known(facts)
    known = cutoff if known is None else known
    day = known if alive is None else (alive + max(known, alive)) // 2
    if day > cutoff:
        return None
    if facts.place is not middle and alive is not None:
        day = facts.place(alive, max(alive, min(known, cutoff)))
    return Death(day, True, Evidence("death", source, "C4 midway from last contact to first knowledge"))
