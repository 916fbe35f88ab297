"""Usable data at a cut-off: rules C1 (status) and C6 (duplicates) (https://hl7.org/fhir/R4/lifecycle.html)."""

from collections.abc import Callable
from functools import wraps
from itertools import groupby

from .facts import PatientFacts
from .partial import middle
from .withdrawal import last_day

# Statuses of what happened (https://hl7.org/fhir/R4/valueset-medication-admin-status.html and its siblings).
GIVEN = frozenset({"completed", "in-progress", "stopped"})
_ORDERED = frozenset({"active", "completed", "stopped", "on-hold"})
TAKEN = frozenset({"active", "completed", "stopped", "on-hold"})
STATED = TAKEN | {"not-taken"}
REPORTED = frozenset({"final", "amended", "corrected"})
SEEN = frozenset({"finished", "in-progress"})
_CARED_FOR = frozenset({"active", "onhold", "finished"})
OF_DEATH = frozenset({"death", "dead", "vital-status"})
_UNCONFIRMED = frozenset({"refuted", "entered-in-error", "unconfirmed", "provisional", "differential"})


class UsableData(PatientFacts):
    """The facts of one patient that an analysis may use, and what is worked out from them (see `once`)."""

    stored: PatientFacts  # all that is known, usable or not
    cutoff: int  # the person's own, which may be before that of the analysis
    place: Callable  # how partial dates are read: middle, first_day or last_day of partial.py
    known: dict


def usable_data(facts, cutoff):
    """The facts an analysis may use: right status, dated up to `cutoff` (or undated), each once.

    `cutoff` is a day since 1970-01-01; an earlier one counts for somebody who has withdrawn. Statements that a drug was
    *not* taken stay in: they are evidence. UsableData of that cut-off are answered as they are, so that several
    endpoints share them.
    """
    cutoff = last_day(((consent.mode, consent.withdrawn_lo) for consent in facts.consents), cutoff)
    if isinstance(facts, UsableData):
        if facts.cutoff == cutoff:
            return facts
        facts = facts.stored
    usable = UsableData(
        subject=facts.subject,
        first_known_dead=facts.first_known_dead,
        patients=facts.patients,
        conditions=[c for c in facts.conditions if c.verification not in _UNCONFIRMED and seen(c.onset_lo, cutoff)],
        administrations=_distinct(
            [a for a in _latest(facts.administrations) if exposed(a) and seen(a.start_lo, cutoff)],
            lambda a: (a.drug, a.start_lo),
            lambda a: (a.drug, a.drug_code, a.drug_text, a.start, a.start_lo, a.dose, a.site, a.performer),
        ),
        statements=_distinct(
            [s for s in _latest(facts.statements) if s.status in STATED and seen(s.start_lo, cutoff)],
            lambda s: (s.drug, s.start_lo),
            lambda s: (s.drug, s.drug_code, s.drug_text, s.status, s.start_lo, s.start_hi, s.end_lo, s.end_hi),
        ),
        requests=[r for r in facts.requests if r.status in _ORDERED and seen(r.authored_lo, cutoff)],
        observations=[
            o
            # Results of one specimen often share its identifier: they are one record when they are of one topic.
            for o in _latest(facts.observations, "topic")
            # A death told after the cut-off stays in: it may say that the patient was alive then, or was not.
            if o.status in REPORTED and (seen(o.effective_lo, cutoff) or o.topic in OF_DEATH)
        ],
        adverse_events=_distinct(
            [
                e
                for e in _latest(facts.adverse_events)
                if e.actuality == "actual"
                and not e.in_error
                and seen(e.onset_lo, cutoff)
                and seen(e.detected_lo, cutoff)
            ],
            lambda e: (e.term, e.onset_lo),
            lambda e: e[1:],  # all but the source
        ),
        procedures=[p for p in facts.procedures if p.status in GIVEN and seen(p.start_lo, cutoff)],
        encounters=[e for e in facts.encounters if e.status in SEEN and seen(e.start_lo, cutoff)],
        research_subjects=facts.research_subjects,
        episodes_of_care=[e for e in facts.episodes_of_care if e.status in _CARED_FOR and seen(e.start_lo, cutoff)],
        consents=facts.consents,
    )
    usable.stored, usable.cutoff, usable.place, usable.known = facts, cutoff, middle, {}
    return usable


def own_plan(usable, plan):
    """The Plan for one person: up to the cut-off of these UsableData, which that of the plan gave."""
    return plan if usable.cutoff == plan.cutoff else plan._replace(cutoff=usable.cutoff)


def once(function):
    """Have `function(facts, *arguments)` worked out once for the same UsableData and arguments."""

    @wraps(function)
    def answer(facts, *arguments):
        key = (function, *arguments)
        if key not in facts.known:
            facts.known[key] = function(facts, *arguments)
        return facts.known[key]

    return answer


@once
def read_dates(facts, place):
    """The same UsableData with partial dates read otherwise, and nothing worked out yet; place: as in UsableData."""
    other = UsableData(*facts)
    other.stored, other.cutoff, other.place, other.known = facts.stored, facts.cutoff, place, {}
    return other


def once_for(*parameters):
    """The same for a `function(facts, plan)` that reads study, start, cut-off and these parameters of the plan."""

    def decorate(function):
        @wraps(function)
        def answer(facts, plan):
            key = (function, plan.study, plan.start, *map(plan.parameters.get, parameters))
            if key not in facts.known:
                facts.known[key] = function(facts, plan)
            return facts.known[key]

        return answer

    return decorate


def exposed(administration):
    """Whether an administration exposed somebody: not one stopped at nothing, nor one of less than nothing."""
    return administration.status in GIVEN and (administration.dose is None or administration.dose > 0)


def seen(day, cutoff):
    """True for a day up to `cutoff`, and for an unknown one."""
    return day is None or day <= cutoff


def _latest(rows, kind=None):
    """One row an identifier (and value of `kind`, a field): the one written last, be it to say that it was an error."""
    identifiers = [row.identifier for row in rows if row.identifier]
    if len(set(identifiers)) == len(identifiers):
        return rows
    kept = {}
    for position, row in enumerate(rows):
        key = (row.identifier, kind and getattr(row, kind)) if row.identifier else position
        if key not in kept or _written(row) >= _written(kept[key]):
            kept[key] = row
    return list(kept.values())


def _written(row):
    return row.source.submission, row.source.version


def _distinct(rows, brief, content):
    """Drop repeats among rows without identifier: the same content in another submission.

    Equal rows of one submission are distinct (two injections at one visit); the first submission stays. Rows of the
    same content are the same in `brief` too.
    """
    anonymous = [r for r in rows if not r.identifier]
    if not anonymous:
        return rows
    identified = [r for r in rows if r.identifier]
    if len(set(map(brief, anonymous))) == len(anonymous):
        return identified + anonymous
    # Content may hold None, which does not sort: order by its text.
    anonymous.sort(key=lambda r: (repr(content(r)), r.source.submission))
    repeats = [list(group) for _, group in groupby(anonymous, content)]
    return identified + [r for group in repeats for r in group if r.source.submission == group[0].source.submission]
