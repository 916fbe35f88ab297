"""Systemic anticancer therapies of one patient, their class and setting: sections 3.1 and 3.2 of the definitions.

Resources: https://hl7.org/fhir/R4/medicationstatement.html, https://hl7.org/fhir/R4/medicationadministration.html
"""

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

    @property
    def first_day(self):
        """The first day that the record tells of: the start, else the end, else the day it was told; or None."""
        return next((d for d in (self.start_lo, self.end_lo, self.asserted_lo) if d is not None), None)

    @property
    def latest_start(self):
        """The day by which it has begun, or None: a period counts from its first day, a single dose from its last."""
        return self.start_lo if self.repeated else self.start_hi

    def dose_days(self, until):
        """Days up to `until` on which the agent counts as given: a period stands for a dose every 28 days."""
        first = self.first_day
        if first is None or first > until:
            return []
        last = first if self.end_hi is None else min(self.end_hi, until)
        if self.repeated:
            return [first, *range(first + 28, last + 1, 28)]
        return [first, last] if last - first > _INFUSION_DAYS else [first]


@once
def systemic_therapies(facts):
    """Therapies of usable data, in order of start; supportive, ignored and unclassified drugs are none."""
    therapies = [_therapy(row, None, None, False) for row in facts.administrations]
    taken = [row for row in facts.statements if row.status in TAKEN]
    therapies += [_therapy(row, row.asserted_lo, row.asserted_hi, True) for row in taken]
    therapies = [t for t in therapies if t is not None]
    return sorted(therapies, key=lambda t: (t.start_lo is None, t.start_lo or 0, t.agent))


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
    return Therapy(
        agent=agent,
        kind=drug_class.partition("/")[0],
        suppression=drug_class == "hormonal/ofs",
        start_lo=row.start_lo,
        start_hi=row.start_hi,
        end_lo=row.end_lo,
        end_hi=row.end_hi,
        asserted_lo=asserted_lo,
        asserted_hi=asserted_hi,
        intent=row.intent,
        repeated=repeated,
        source=row.source,
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
