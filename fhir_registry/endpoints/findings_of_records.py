"""What in the records of one patient cannot be read or cannot be: rules C1, C2 and section 5.

Each function walks over the rows of a view and adds to the list `found` what is wrong.
Resources: https://hl7.org/fhir/R4/resourcelist.html
"""

from .exposure import MILLIGRAMS, dose_in_mg
from .finding import date_text, finding
from .unread import RESPONSES, UNCLEAR
from .usable import GIVEN, REPORTED, SEEN, TAKEN, seen

_ECOG = frozenset("012345")


def read_statuses(stored, cutoff, found):
    """Drugs of which the status does not say whether they were taken."""
    for a in stored.administrations:
        if a.status in UNCLEAR and seen(a.start_lo, cutoff):
            found.append(finding("status-unclear", a, a.status))
    for s in stored.statements:
        if s.status == "unknown" and seen(s.start_lo, cutoff):
            found.append(finding("status-unclear", s, s.status))


def read_doses(stored, cutoff, found):
    """Doses below zero, and of more than a drug is given of."""
    for a in stored.administrations:
        if a.status not in GIVEN or a.dose is None or not seen(a.start_lo, cutoff):
            continue
        if a.dose < 0 or (a.dose_unit in MILLIGRAMS and dose_in_mg(a) is None):
            found.append(finding("dose-implausible", a, f"{a.dose:g}"))


def read_future(stored, today, found):
    """What has happened by its status on a day after `today`, births and deaths too."""
    for p in stored.patients:
        found += [_of_future(p, day) for day in (p.birth_lo, p.death_lo) if day is not None and day > today]
    for rows, statuses in (
        (stored.administrations, GIVEN),
        (stored.statements, TAKEN),
        (stored.procedures, GIVEN),
        (stored.encounters, SEEN),
    ):
        late = [row for row in rows if row.start_lo is not None and row.start_lo > today]
        found += [_of_future(row, row.start_lo) for row in late if row.status in statuses]
    late = [o for o in stored.observations if o.effective_lo is not None and o.effective_lo > today]
    found += [_of_future(o, o.effective_lo) for o in late if o.status in REPORTED]
    late = [e for e in stored.adverse_events if e.onset_lo is not None and e.onset_lo > today]
    found += [_of_future(e, e.onset_lo) for e in late if e.actuality == "actual" and not e.in_error]


def _of_future(row, day):
    return finding("future-date", row, date_text(day, day))


def read_administrations(administrations, asked, found):
    """Usable administrations. Returns the doses of index drugs with a date."""
    doses = []
    for a in administrations:
        if a.start_lo is None:
            found.append(finding("date-missing", a))
        elif a.end_hi is not None and a.end_hi < a.start_lo:
            found.append(_ended_before(a, a.start_lo, a.start_hi))
        if a.drug is None:
            if a.drug_class is None:
                found.append(finding("drug-unknown", a, a.drug_code or ""))
        elif a.drug in asked.drugs:
            if asked.mg and a.dose is not None and a.dose_unit not in MILLIGRAMS:
                found.append(finding("dose-unit-unknown", a, a.dose_unit or ""))
            if a.start_lo is not None:
                doses.append(a)
    return doses


def read_statements(statements, found):
    """Usable statements. Returns those of drugs that were taken."""
    taken = [s for s in statements if s.status in TAKEN]
    for s in taken:
        if s.drug is None and s.drug_class is None:
            found.append(finding("drug-unknown", s, s.drug_code or ""))
        if s.start_lo is not None and s.end_hi is not None and s.end_hi < s.start_lo:
            found.append(_ended_before(s, s.start_lo, s.start_hi))
    return taken


def read_observations(observations, found):
    """Usable observations. Returns (tumour responses with a value and a date, HER2 results)."""
    responses, her2 = [], []
    for o in observations:
        topic = o.topic
        if topic == "response":
            if o.value not in RESPONSES:
                found.append(finding("response-unknown", o, o.value_code or ""))
            elif o.effective_lo is None:
                found.append(finding("date-missing", o))
            else:
                responses.append(o)
        elif topic == "ecog":
            if not _is_ecog(o):
                found.append(finding("ecog-unknown", o, o.value_code or o.value or f"{o.value_number:g}"))
        elif topic is not None and topic.startswith("her2"):
            her2.append(o)
    return responses, her2


def _is_ecog(observation):
    """False for a code or a number that is no grade of ECOG; an answer in words is not looked at."""
    if observation.value is None and observation.value_number is None:
        return observation.value_code is None
    return observation.value in _ECOG or observation.value_number in range(6)


def read_adverse_events(adverse_events, found):
    """Usable adverse events."""
    for e in adverse_events:
        if e.onset_lo is None:
            found.append(finding("adverse-event-without-onset", e, e.term_code or ""))
        elif e.end_hi is not None and e.end_hi < e.onset_lo:
            found.append(_ended_before(e, e.onset_lo, e.onset_hi))


def read_visits(encounters, procedures, found):
    """Usable encounters and procedures: their dates, and the order of visit 1 and visit 2."""
    for row in (*encounters, *procedures):
        if row.start_lo is not None and row.end_hi is not None and row.end_hi < row.start_lo:
            found.append(_ended_before(row, row.start_lo, row.start_hi))
    first = [e.start_lo for e in encounters if e.visit == "visit-1" and e.start_lo is not None]
    for e in encounters if first else ():
        if e.visit == "visit-2" and e.start_hi is not None and e.start_hi < min(first):
            found.append(finding("visit-2-before-visit-1", e, date_text(e.start_lo, e.start_hi)))


def _ended_before(row, lo, hi):
    return finding("end-before-start", row, f"{date_text(row.end_lo, row.end_hi)} before {date_text(lo, hi)}")
