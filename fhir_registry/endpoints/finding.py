"""What may be wrong with the data of one patient: section 5 (https://hl7.org/fhir/R4/detectedissue.html)."""

from typing import NamedTuple

from ..fhir.dates import from_day
from .partial import is_year


class Rule(NamedTuple):
    severity: str  # error: cannot be true or cannot be read, so that it is left out; warning: counts as it stands
    text: str


# Codes and words of CodeSystem finding-rule.
RULES = {
    # Not understood
    "drug-unknown": Rule("error", "a drug taken that no ConceptMap knows"),
    "status-unclear": Rule("error", "a drug of which the status does not say whether it was taken"),
    "response-unknown": Rule("error", "a tumour response without a known value"),
    "date-missing": Rule("error", "a dose or a tumour response without a date"),
    "dose-unit-unknown": Rule("warning", "a dose of the index drug in a unit that is not understood"),
    "dose-implausible": Rule("error", "a dose below zero or of more than 1 kg"),
    "ecog-unknown": Rule("warning", "an ECOG performance status other than 0 to 5"),
    "record-repeated": Rule("warning", "a record told again, of which one counts"),
    # Dates that cannot be
    "future-date": Rule("error", "dated after the day of the analysis"),
    "end-before-start": Rule("error", "ended before it began"),
    "birth-after-index": Rule("error", "born after the first dose of the index drug"),
    "under-age": Rule("error", "younger than the study requires at the first dose of the index drug"),
    "index-date-by-year": Rule("error", "the first dose of the index drug is known by its year at best"),
    "birth-dates-conflict": Rule("warning", "merged patients with different dates of birth"),
    # Death
    "death-before-index": Rule("error", "died before the first dose of the index drug"),
    "dose-after-death": Rule("error", "a dose after death"),
    "contact-after-death": Rule("error", "seen after death"),
    "adverse-event-after-death": Rule("warning", "an adverse event that began after death"),
    "death-dates-conflict": Rule("warning", "a date of death more than 30 days from the one that counts"),
    "death-without-date": Rule("warning", "a death of which no date is known"),
    "grade-5-without-death": Rule("warning", "an adverse event of grade 5, and no death on record"),
    # Disease and treatment
    "metastasis-before-primary": Rule("warning", "a distant metastasis before the primary tumour"),
    "progression-before-treatment": Rule("warning", "a progressive disease before any treatment on record"),
    "progression-without-pd": Rule("warning", "stopped for progression without a progressive disease around that day"),
    "responses-differ": Rule("warning", "tumour responses of one day that differ"),
    "her2-negative": Rule("warning", "HER2-negative in a study of HER2-positive disease"),
    "adverse-event-without-onset": Rule("warning", "an adverse event without onset"),
    "visit-2-before-visit-1": Rule("warning", "visit 2 before visit 1"),
    "pregnancy-of-male": Rule("error", "a male patient who stopped for pregnancy"),
}


class Finding(NamedTuple):
    """One rule that does not hold for one resource."""

    rule: str  # of RULES
    severity: str  # error or warning
    resource: str  # "Observation/123"
    version: int
    note: str  # dates and codes that show it; no text that somebody typed


class Asked(NamedTuple):
    """What the measures of one study ask of the data."""

    drugs: frozenset  # index drugs
    min_age: int  # years at the first dose
    her2: bool  # HER2-positive disease is required
    mg: bool  # doses of the index drugs are read in mg
    window: int  # days around a stop for progression within which the progression is looked for
    cutoff: int  # days since 1970-01-01; what is dated later is not looked at


def asked_by(plans, cutoff):
    """The Asked of the Plans of the measures of one study."""
    parameters = [plan.parameters for plan in plans]
    return Asked(
        drugs=frozenset().union(*(p["indexDrugs"] for p in parameters)),
        min_age=max((p["minAge"] for p in parameters), default=0),
        her2=any(p["her2"] == "positive" for p in parameters),
        mg=any("mgPerInjection" in p for p in parameters),
        window=max((p.get("progressionWindowDays", 42) for p in parameters), default=42),
        cutoff=cutoff,
    )


def finding(rule, row, note="", severity=None):
    """The Finding of a rule about a row of facts."""
    source = row.source
    return Finding(rule, severity or RULES[rule].severity, source.resource, source.version, note)


def date_text(lo, hi):
    """The date that was written as the interval [lo, hi] of days: 2024, 2024-03 or 2024-03-05; empty without one."""
    if lo is None:
        return ""
    text = from_day(lo).isoformat()
    if lo == hi:
        return text
    return text[:4] if is_year(lo, hi) else text[:7]
