"""Systemic anticancer therapies of one patient, their class and setting: sections 3.1 and 3.2 of the definitions.

Resources: https://hl7.org/fhir/R4/medicationstatement.html, https://hl7.org/fhir/R4/medicationadministration.html
"""

from operator import attrgetter
from typing import NamedTuple

from .disease import advanced_since
from .facts import Source
from .partial import DAYS_PER_MONTH
from .usable import TAKEN, once

CLASSES = ("hormonal", "chemo", "targeted", "immuno")
SETTINGS = ("early", "advanced")
_ADVANCED_MARGIN_DAYS = 14  # therapy often starts before the metastasis is on record
_BEFORE_SURGERY_DAYS = 9 * DAYS_PER_MONTH
_AFTER_SURGERY_DAYS = 12 * DAYS_PER_MONTH
_INFUSION_DAYS = 2  # a longer period of one administration is a cycle: it has a first and a last dose


class Therapy(NamedTuple):
    """One agent over one period. Days since 1970-01-01, None unknown."""

    agent: str
    kind: str  # one of CLASSES
    suppression: bool  # ovarian function suppression: never a line by itself
    start_lo: int | None
    start_hi: int | None
    end_lo: int | None
    end_hi: int | None
    asserted_lo: int | None
    asserted_hi: int | None
    intent: str | None
    repeated: bool  # told as a period of repeated doses (a statement), not as one administration
    source: Source
    first_day: int | None  # that the record tells of: the start, else the end, else the day it was told
    latest_start: int | None  # by which it has begun: a period counts from its first day, a single dose from its last

    def dose_days(self, until):
        """Days up to `until` on which the agent counts as given: a period stands for a dose every 28 days."""
        first = self.first_day
        if first is None or first > until:
            return []
        if self.end_hi is None:
            return [first]
        last = min(self.end_hi, until)
        if self.repeated:
            return [first, *range(first + 28, last + 1, 28)]
        return [first, last] if last - first > _INFUSION_DAYS else [first]


@once
def systemic_therapies(facts):
    """Therapies of usable data, in order of start, undated ones last.

    Supportive, ignored and unclassified drugs are none.
    """
    told = [_therapy(row, None, None, False) for row in facts.administrations]
    taken = [row for row in facts.statements if row.status in TAKEN]
    told += [_therapy(row, row.asserted_lo, row.asserted_hi, True) for row in taken]
    therapies = [t for t in told if t is not None]
    dated = [t for t in therapies if t.start_lo is not None]
    undated = [t for t in therapies if t.start_lo is None]
    return sorted(dated, key=attrgetter("start_lo", "agent")) + sorted(undated, key=attrgetter("agent"))


def therapy_class(row):
    """The drug_class of an administration, statement or request: `chemo`, `hormonal/ofs` ..., None when no therapy."""
    if row.drug_class == "hormonal-if-breast-cancer":
        return "hormonal/progestogen" if getattr(row, "indication", None) == "breast-cancer" else None
    return None if row.drug_class in (None, "supportive", "ignored") else row.drug_class


def _therapy(row, asserted_lo, asserted_hi, repeated):
    drug_class = therapy_class(row)
    agent = row.drug or row.drug_text or row.drug_code
    if drug_class is None or agent is None:
        return None
    first_day = row.start_lo
    if first_day is None:
        first_day = asserted_lo if row.end_lo is None else row.end_lo
    return Therapy(
        agent,
        drug_class.partition("/")[0],
        drug_class == "hormonal/ofs",
        row.start_lo,
        row.start_hi,
        row.end_lo,
        row.end_hi,
        asserted_lo,
        asserted_hi,
        row.intent,
        repeated,
        row.source,
        first_day,
        row.start_lo if repeated else row.start_hi,
    )


@once
def find_settings(facts):
    """A function Therapy -> `neoadjuvant`, `adjuvant`, `early` (unknown which) or `advanced` for this patient."""
    since = advanced_since(facts)
    surgeries = [p.start_lo for p in facts.procedures if p.kind == "breast-surgery" and p.start_lo is not None]

    def setting(therapy):
        if therapy.intent in ("neoadjuvant", "adjuvant"):
            return therapy.intent
        if therapy.intent == "palliative":
            return "advanced"
        start = therapy.start_lo
        if start is None:
            return "early"
        if therapy.intent != "curative" and since is not None and therapy.latest_start >= since - _ADVANCED_MARGIN_DAYS:
            return "advanced"
        if any(0 < surgery - start <= _BEFORE_SURGERY_DAYS for surgery in surgeries):
            return "neoadjuvant"
        after = [start - surgery for surgery in surgeries if surgery <= start]
        if after and (therapy.kind == "hormonal" or min(after) <= _AFTER_SURGERY_DAYS):
            return "adjuvant"
        return "early"

    return setting
