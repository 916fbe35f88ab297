"""What in the records of one patient cannot be read or cannot be: rules C1, C2 and section 5.

Each function walks over the rows of a view (as stored, without repeats), adds to the list `found` what is wrong and
returns the rows that count. Resources: https://hl7.org/fhir/R4/resourcelist.html
"""

from .exposure import MILLIGRAMS
from .finding import date_text, finding
from .unread import RESPONSES, UNCLEAR
from .usable import GIVEN, REPORTED, SEEN, TAKEN

_ECOG = frozenset("012345")


def read_administrations(administrations, asked, found):
    """The doses of index drugs with a date."""
    doses = []
    for a in administrations:
        lo = a.start_lo
        if lo is not None and lo > asked.last_day and _is_not_seen(a, lo, a.status in GIVEN, asked, found):
            continue
        if a.status not in GIVEN:
            if a.status in UNCLEAR:
                found.append(finding("status-unclear", a, a.status))
            continue
        if lo is None:
            found.append(finding("date-missing", a))
        elif a.end_hi is not None and a.end_hi < lo:
            found.append(_ended_before(a, lo, a.start_hi))
        if a.drug is None:
            if a.drug_class is None:
                found.append(finding("drug-unknown", a, a.drug_code or ""))
        elif a.drug in asked.drugs:
            if asked.mg and a.dose is not None and a.dose_unit not in MILLIGRAMS:
                found.append(finding("dose-unit-unknown", a, a.dose_unit or ""))
            if lo is not None and a.dose != 0:
                doses.append(a)
    return doses


def read_statements(statements, asked, found):
    """The statements of drugs that were taken."""
    taken = []
    for s in statements:
        lo = s.start_lo
        if lo is not None and lo > asked.last_day and _is_not_seen(s, lo, s.status in TAKEN, asked, found):
            continue
        if s.status not in TAKEN:
            if s.status == "unknown":
                found.append(finding("status-unclear", s, s.status))
            continue
        if s.drug is None and s.drug_class is None:
            found.append(finding("drug-unknown", s, s.drug_code or ""))
        if lo is not None and s.end_hi is not None and s.end_hi < lo:
            found.append(_ended_before(s, lo, s.start_hi))
        taken.append(s)
    return taken


def read_observations(observations, asked, found):
    """(tumour responses with a value and a date, HER2 results)."""
    responses, her2 = [], []
    for o in observations:
        if o.status not in REPORTED:
            continue
        lo, topic = o.effective_lo, o.topic
        if lo is not None and lo > asked.last_day and _is_not_seen(o, lo, True, asked, found):
            continue
        if topic == "response":
            if o.value not in RESPONSES:
                found.append(finding("response-unknown", o, o.value_code or ""))
            elif lo is None:
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


def read_adverse_events(adverse_events, asked, found):
    """Look at events that happened."""
    for e in adverse_events:
        if e.actuality != "actual" or e.in_error:
            continue
        lo = e.onset_lo
        if lo is None:
            found.append(finding("adverse-event-without-onset", e, e.term_code or ""))
        elif lo > asked.last_day and _is_not_seen(e, lo, True, asked, found):
            continue
        elif e.end_hi is not None and e.end_hi < lo:
            found.append(_ended_before(e, lo, e.onset_hi))


def read_visits(encounters, procedures, asked, found):
    """Look at the order of visit 1 and visit 2 and at the dates of stays and procedures."""
    seen = [e for e in encounters if e.status in SEEN]
    for row in seen + [p for p in procedures if p.status in GIVEN]:
        lo = row.start_lo
        if lo is None:
            continue
        if lo > asked.last_day:
            _is_not_seen(row, lo, True, asked, found)
        elif row.end_hi is not None and row.end_hi < lo:
            found.append(_ended_before(row, lo, row.start_hi))
    first = [e.start_lo for e in seen if e.visit == "visit-1" and e.start_lo is not None]
    if first:
        for e in seen:
            if e.visit == "visit-2" and e.start_hi is not None and e.start_hi < min(first) <= asked.cutoff:
                found.append(finding("visit-2-before-visit-1", e, date_text(e.start_lo, e.start_hi)))


def _is_not_seen(row, lo, happened, asked, found):
    """True for a row of a day after the cut-off; a day that is yet to come is found."""
    if happened and asked.today is not None and lo > asked.today:
        found.append(finding("future-date", row, date_text(lo, lo)))
    return lo > asked.cutoff


def _ended_before(row, lo, hi):
    return finding("end-before-start", row, f"{date_text(row.end_lo, row.end_hi)} before {date_text(lo, hi)}")
