"""What is true of one Measure: who counts, which numbers (https://hl7.org/fhir/R4/measurereport.html)."""

from collections.abc import Callable
from datetime import date
from re import fullmatch
from typing import NamedTuple

from .person import middle_day, written

AGES = ("<65", ">=65", "missing")


class Outcome(NamedTuple):
    """The truth of one Measure."""

    groups: Callable  # (people analysed, cut-off) -> {group code: number, None = not reached or not defined}
    stratified: str  # pattern of the codes of groups that are divided by age
    waived: frozenset = frozenset()  # reasons for which other measures of the registry leave patients out
    counts: Callable = lambda person: True  # of those analysed, is the person in the denominator of the first group?


def tell_truth(outcome, initial, cutoff):
    """{"populations", "groups", "strata"} of an Outcome; `initial` is the initial population, cutoff a day."""
    analysed = [p for p in initial if not _reason(outcome, p)]
    return {
        "populations": _count_populations(outcome, initial),
        "groups": outcome.groups(analysed, cutoff),
        "strata": {"age": {level: _tell_stratum(outcome, analysed, level, cutoff) for level in AGES}},
    }


def _reason(outcome, person):
    return None if person.excluded in outcome.waived else person.excluded


def _count_populations(outcome, initial):
    """The flow of patients; initial-population = denominator + denominator-exclusion."""
    reasons = [_reason(outcome, p) for p in initial]
    denominator = sum(not reason and outcome.counts(p) for p, reason in zip(initial, reasons, strict=True))
    return {
        "initial-population": len(initial),
        "denominator-exclusion": len(initial) - denominator,
        "denominator": denominator,
        **{f"exclusion-{reason}": reasons.count(reason) for reason in sorted({*filter(None, reasons)})},
    }


def _tell_stratum(outcome, analysed, level, cutoff):
    people = [p for p in analysed if age_group(p) == level]
    groups = outcome.groups(people, cutoff)
    return {
        "denominator": sum(map(outcome.counts, people)),
        **{code: number for code, number in groups.items() if fullmatch(outcome.stratified, code)},
    }


def age_group(person):
    """Completed years at the index, of AGES; a partial birth date is its middle."""
    epoch = date(1970, 1, 1).toordinal()
    birth = date.fromordinal(epoch + middle_day(written(person.birth, person.birth_precision)))
    index = date.fromordinal(epoch + person.index)
    years = index.year - birth.year - ((index.month, index.day) < (birth.month, birth.day))
    return "<65" if years < 65 else ">=65"
