"""The index date: rules C4 and C8 (first dose, or the day a combination is complete).

Resource: https://hl7.org/fhir/R4/medicationadministration.html
"""

import math
from typing import NamedTuple

from .disease import advanced_day
from .outcome import Evidence, Excluded
from .partial import imputation, impute, is_year
from .therapy import find_settings, systemic_therapies


class Index(NamedTuple):
    day: int  # days since 1970-01-01
    imputed: bool
    evidence: tuple  # of Evidence: the doses that make it


def find_index(facts, plan):
    """The index of usable data, or Excluded (no-index-drug, no-combination, index-date-unknown)."""
    parameters = plan.parameters
    doses = [a for a in facts.administrations if a.drug in parameters["indexDrugs"]]
    if not doses:
        return Excluded("no-index-drug")
    advanced = advanced_day(facts)
    partners = parameters.get("combineWith")
    if partners is None:
        periods = [(a.start_lo, a.start_hi, a.source) for a in doses]
        return _first_day(facts, periods, advanced) or Excluded("index-date-unknown")

    periods = [_given_in_advanced_disease(facts, wanted) for wanted in (parameters["indexDrugs"], partners)]
    if not all(periods):
        return Excluded("no-combination")
    first, second = (_first_day(facts, p, advanced) for p in periods)
    if first is None or second is None:
        return Excluded("index-date-unknown")
    if abs(first.day - second.day) > parameters["combinationWindowDays"]:
        return Excluded("no-combination")
    # The later of the two: a patient cannot die of waiting for the second drug.
    return max(first, second)._replace(evidence=first.evidence + second.evidence)


def _given_in_advanced_disease(facts, drugs):
    """(lo, hi, source) of the administrations of these drugs for advanced disease, or perhaps so, in order.

    What certainly began after another of them is left out.
    """
    setting = find_settings(facts)
    known = advanced_day(facts) is not None

    def may_be(therapy):
        # An early setting that is only for want of a date says nothing.
        return not known or setting(therapy) == "advanced" or (therapy.start_lo is None and therapy.intent is None)

    periods, end = [], math.inf
    for t in systemic_therapies(facts):
        if t.agent not in drugs or t.repeated:
            continue
        if periods and (t.start_lo is None or t.start_lo > end):
            break
        if may_be(t):
            periods.append((t.start_lo, t.start_hi, t.source))
            if t.start_lo is not None and not is_year(t.start_lo, t.start_hi):
                end = min(end, t.start_hi)
    return periods


def _first_day(facts, periods, advanced):
    """The first of the (lo, hi, source) periods as Index; None when it may be one known by its year at best."""
    dated = [p for p in periods if p[0] is not None]
    known = [p for p in dated if not is_year(p[0], p[1])]
    if not known:
        return None
    day, lo, hi, source = min(
        [(impute(lo, hi, advanced, facts.cutoff, facts.place), lo, hi, source) for lo, hi, source in known]
    )
    if len(known) < len(dated) and any(is_year(lo, hi) and hi < day for lo, hi, _ in dated):
        return None
    return Index(day, lo != hi, (Evidence("index", source, imputation(lo, hi)),))
