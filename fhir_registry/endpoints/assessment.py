"""Tumour assessments of one patient, one a day: rules C4 and C5 (RECIST 1.1, https://doi.org/10.1016/j.ejca.2008.10.026)."""

from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from .disease import shows_extent
from .facts import Source
from .partial import impute
from .usable import once

BEST_FIRST = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
# On one day the worst counts.
_WORST_FIRST = ("PD", "NON-CR/NON-PD", "SD", "PR", "CR", "NE")
_IMPROVED = "268910001"  # SNOMED CT: patient's condition improved


class Assessment(NamedTuple):
    day: int  # days since index
    value: str  # one of BEST_FIRST
    imaging: bool
    imputed: bool
    source: Source


@once
def daily_assessments(facts, index, upper, improved_is_response=True):
    """The assessments after the day `index`, one a day, in order of days.

    `facts` are usable data; `upper` is the last possible day (death or cut-off). Of several on a day what can be
    evaluated goes before what cannot, imaging before clinical judgement, then the worst.
    """
    kept = []
    for day, same_day in groupby(_assessments(facts, index, upper, improved_is_response), key=attrgetter("day")):
        if day > 0:
            same_day = list(same_day)
            kept.append(same_day[0] if len(same_day) == 1 else _one_of(same_day))
    return kept


def _one_of(same_day):
    evaluable = [a for a in same_day if a.value != "NE"] or same_day
    best_evidence = [a for a in evaluable if a.imaging] or evaluable
    return min(best_evidence, key=lambda a: _WORST_FIRST.index(a.value))


def _assessments(facts, index, upper, improved_is_response):
    """Assessments in order of days since index. A partial date of progression comes after earlier others."""
    dated = []
    for o in facts.observations:
        if o.topic == "response" and o.effective_lo is not None:
            value = _value(o, facts, improved_is_response)
            if value in BEST_FIRST:
                dated.append((o, value))
    others = [impute(o.effective_lo, o.effective_hi, None, upper, facts.place) for o, value in dated if value != "PD"]
    assessments = []
    for o, value in dated:
        day, lower = o.effective_lo, None
        imputed = o.effective_lo != o.effective_hi
        if imputed and value == "PD":
            lower = max((day for day in others if day < o.effective_hi), default=-1) + 1
        if imputed:
            day = impute(o.effective_lo, o.effective_hi, lower, upper, facts.place)
        assessments.append(Assessment(day - index, value, o.evidence == "imaging", imputed, o.source))
    return sorted(assessments)


def _value(observation, facts, improved_is_response):
    if observation.value_code == _IMPROVED and not improved_is_response:
        return "SD"
    if observation.value == "not-detected":
        # Nothing left of a disease that was there, or never looked at before.
        return "CR" if shows_extent(facts, "advanced", observation.effective_lo - 1) else "NE"
    return observation.value
