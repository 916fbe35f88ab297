"""Why a drug was stopped: section 1.4, F3 (https://hl7.org/fhir/R4/medicationstatement.html)."""

import json
from functools import lru_cache
from typing import NamedTuple

from .facts import Source

# Of several reasons the first counts.
REASONS = (
    "death",
    "progression",
    "no-response",  # counts as progression
    "adverse-event",
    "patient-decision",
    "physician-decision",
    "pregnancy",
    "access",
    "lost-to-follow-up",
    "completed",
    "other",
    "unknown",
)
_RESUMED_DAYS = 28  # a dose later than this after a stop: it was an interruption
_ORDER_ENDED = frozenset({"cancelled", "completed", "stopped"})


class Stop(NamedTuple):
    """A record that says that a drug was stopped."""

    day: int | None  # since 1970-01-01; None: not told
    reasons: tuple  # of REASONS; empty: not told
    source: Source


def find_stops(facts, drugs, doses, until):
    """The stops of these drugs that hold on the day `until`, the weightiest source first.

    Three lists: of statements, of requests, of administrations. `facts` are not restricted to usable data: a dose that
    was not given may say why. `doses` are the days of those given; what was given again had not been stopped.
    """
    statements = [
        Stop(s.end_hi, reasons_of(s), s.source)
        for s in facts.statements
        if s.drug in drugs and s.status in ("completed", "stopped") and _told_by(until, s.start_lo, s.end_lo)
    ]
    # Orders end, and doses are left out, for many reasons: only those that give one tell of a stop.
    orders = [r for r in facts.requests if r.drug in drugs and _told_by(until, r.authored_lo)]
    requests = [
        Stop(None, reasons_of(r), r.source)
        for r in orders
        if r.status in _ORDER_ENDED and reasons_of(r) and not _is_replaced(r, orders)
    ]
    administrations = [
        Stop(a.start_hi, reasons_of(a), a.source)
        for a in facts.administrations
        if a.drug in drugs and a.status in ("not-done", "stopped") and _told_by(until, a.start_lo) and reasons_of(a)
    ]
    return tuple(
        [stop for stop in stops if not _was_resumed(stop, doses, until)]
        for stops in (statements, requests, administrations)
    )


def _told_by(until, *days):
    return all(day is None or day <= until for day in days)


def _is_replaced(order, orders):
    """True when an order of the same drugs is active that is not older, as far as it is known."""
    return any(
        other.status == "active"
        and (order.authored_lo is None or other.authored_lo is None or other.authored_lo >= order.authored_lo)
        for other in orders
    )


def _was_resumed(stop, doses, until):
    if stop.day is None:
        return any(day > until for day in doses)
    return any(stop.day + _RESUMED_DAYS < day <= until for day in doses)


def first_reason(stops):
    """(reason, Stop) of the weightiest reason in lists of stops, the weightiest list first; None when none is known."""
    for same_source in stops:
        told = [(REASONS.index(reason), stop) for stop in same_source for reason in stop.reasons if reason != "unknown"]
        if told:
            rank, stop = min(told, key=lambda item: item[0])
            return REASONS[rank], stop
    return None


def reasons_of(row):
    """The reasons (of REASONS) that an administration, statement or request gives."""
    return () if row.reasons is None else _read(row.reasons)


@lru_cache(maxsize=1024)
def _read(reasons):
    return tuple(json.loads(reasons))
