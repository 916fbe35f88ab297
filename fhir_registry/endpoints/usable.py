"""Usable data at a cut-off: rules C1 (status) and C6 (duplicates) (https://hl7.org/fhir/R4/lifecycle.html)."""

from itertools import groupby

# Statuses of what happened (https://hl7.org/fhir/R4/valueset-medication-admin-status.html and its siblings).
GIVEN = frozenset({"completed", "in-progress", "stopped"})
_ORDERED = frozenset({"active", "completed", "stopped", "on-hold"})
TAKEN = frozenset({"active", "completed", "stopped", "on-hold"})
_STATED = TAKEN | {"not-taken"}
REPORTED = frozenset({"final", "amended", "corrected"})
SEEN = frozenset({"finished", "in-progress"})
_OF_DEATH = frozenset({"death", "dead", "vital-status"})
UNCONFIRMED = frozenset({"refuted", "entered-in-error", "unconfirmed", "provisional", "differential"})


def usable_data(facts, cutoff):
    """The facts an analysis may use: right status, dated up to `cutoff` (or undated), each once.

    `cutoff` is a day since 1970-01-01. Statements that a drug was *not* taken stay in: they are evidence.
    """
    return facts._replace(
        conditions=[c for c in facts.conditions if c.verification not in UNCONFIRMED and seen(c.onset_lo, cutoff)],
        administrations=_distinct(
            [
                a
                for a in _latest(facts.administrations)
                # A stopped administration of nothing exposed nobody.
                if a.status in GIVEN and a.dose != 0 and seen(a.start_lo, cutoff)
            ],
            lambda a: (a.drug, a.drug_code, a.drug_text, a.start, a.start_lo, a.dose, a.site, a.performer),
        ),
        statements=_distinct(
            [s for s in _latest(facts.statements) if s.status in _STATED and seen(s.start_lo, cutoff)],
            lambda s: (s.drug, s.drug_code, s.drug_text, s.status, s.start_lo, s.start_hi, s.end_lo, s.end_hi),
        ),
        requests=[r for r in facts.requests if r.status in _ORDERED and seen(r.authored_lo, cutoff)],
        observations=[
            o
            # Results of one specimen often share its identifier: they are one record when they are of one topic.
            for o in _latest(facts.observations, "topic")
            # A death told after the cut-off stays in: it may say that the patient was alive then, or was not.
            if o.status in REPORTED and (o.topic in _OF_DEATH or seen(o.effective_lo, cutoff))
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
            lambda e: e[1:],  # all but the source
        ),
        procedures=[p for p in facts.procedures if p.status in GIVEN and seen(p.start_lo, cutoff)],
        encounters=[e for e in facts.encounters if e.status in SEEN and seen(e.start_lo, cutoff)],
    )


def seen(day, cutoff):
    """True for a day up to `cutoff`, and for an unknown one."""
    return day is None or day <= cutoff


def _latest(rows, kind=None):
    """One row an identifier (and value of `kind`, a field): the one written last, be it to say that it was an error."""
    kept = {}
    for position, row in enumerate(rows):
        key = (row.identifier, kind and getattr(row, kind)) if row.identifier else position
        if key not in kept or _written(row) >= _written(kept[key]):
            kept[key] = row
    return list(kept.values())


def _written(row):
    return row.source.submission, row.source.version


def _distinct(rows, content):
    """Drop repeats among rows without identifier: the same content in another submission.

    Equal rows of one submission are distinct (two injections at one visit); the first submission stays.
    """
    identified = [r for r in rows if r.identifier]
    anonymous = [r for r in rows if not r.identifier]
    if len(anonymous) > 1:
        # Content may hold None, which does not sort: order by its text.
        anonymous.sort(key=lambda r: (repr(content(r)), r.source.submission))
        repeats = [list(group) for _, group in groupby(anonymous, content)]
        anonymous = [r for group in repeats for r in group if r.source.submission == group[0].source.submission]
    return identified + anonymous
