"""The line of therapy as the record asserts it, beside the derived one: sections 2.4 and 3.3 of the definitions.

Resource: https://hl7.org/fhir/R4/episodeofcare.html
"""

import math
from typing import NamedTuple

from .outcome import Evidence
from .usable import TAKEN

_EARLY = frozenset({"neoadjuvant", "adjuvant", "curative"})  # intents of lines that are not of advanced disease


class LineCheck(NamedTuple):
    """Number of the line at the index among those of advanced disease, 1 the first."""

    asserted: int
    derived: int


class AssertedLine(NamedTuple):
    number: int
    evidence: Evidence


def find_asserted_line(facts, parameters, index):
    """The AssertedLine of usable data on the day `index`, None where nothing tells.

    Told by the first of: a dose of an index drug or its partner, a statement, an order (up to `lineWindowDays` before),
    an episode of care; of several of a kind by the one that began last.
    """
    doses = [a for a in facts.administrations if a.line is not None]
    statements = [s for s in facts.statements if s.line is not None]
    orders = [r for r in facts.requests if r.line is not None]
    if not (doses or statements or orders or facts.episodes_of_care):
        return None
    drugs = parameters["indexDrugs"] | (parameters.get("combineWith") or frozenset())
    return (
        _latest([(a.start_lo, _last(a.end_hi, a.start_hi), a) for a in doses if a.drug in drugs], index)
        or _latest(
            [(s.start_lo, _last(s.end_hi), s) for s in statements if s.drug in drugs and s.status in TAKEN], index
        )
        or _latest([(r.authored_lo, _valid_until(r, parameters), r) for r in orders if r.drug in drugs], index)
        or _latest(_episodes(facts), index)
    )


def find_asserted_number(facts, row, day):
    """The line asserted of an administration or statement: its own, else that of the episode of care on a day."""
    if row.line is not None or day is None:
        return row.line
    told = _latest(_episodes(facts), day, early=True)
    return told and told.number


def check_line(asserted, derived):
    """The LineCheck of an AssertedLine and the number of the derived line; None where nothing is asserted."""
    return LineCheck(asserted.number, derived) if asserted else None


def _episodes(facts):
    return [(e.start_lo, _last(e.end_hi), e) for e in facts.episodes_of_care if e.line is not None]


def _last(end, otherwise=math.inf):
    return otherwise if end is None else end


def _valid_until(order, parameters):
    return None if order.authored_hi is None else order.authored_hi + parameters["lineWindowDays"]


def _latest(told, day, early=False):
    """The AssertedLine of the (first day, last day, row) that began last of those that the day is in; or None.

    early: those of early disease tell, too.
    """
    found = [
        (first, row.line, row.source)
        for first, last, row in told
        if first is not None and first <= day <= last and (early or row.intent not in _EARLY)
    ]
    if not found:
        return None
    _, number, source = max(found)
    return AssertedLine(number, Evidence("asserted-line", source, f"line {number}"))
