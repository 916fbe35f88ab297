"""Groups that compare the strata of a time-to-event analysis (section 1.9 and section 6, rule 6, of the definitions).

Strata were not randomised and their effects are not tested for interaction: all of it is exploratory. Whose value is
missing is not compared.
"""

from ..stats.comparison import MIN_EVENTS, NotEstimable, hazard_ratios, log_rank
from ..stats.survival import Estimate
from .groups import RATIO, slug

_METHOD = "efron-wald"
_NOT_ESTIMABLE = {
    "few-events": f"fewer than {MIN_EVENTS} events in one of the two",
    "not-identifiable": "never at risk together",
    "monotone-likelihood": "the strata tell who has the event first",
    "no-convergence": "no maximum of the likelihood found",
}


def add_comparison(groups, code, text, stratifier, levels):
    """The hazard ratio of each level against the first, and the p of the log-rank test of all.

    levels: {value: {(days, event): patients}}, without the missing.
    """
    populations = _compared(groups.tally, levels)
    reference = next(iter(levels), None)
    text = f"{text}, {stratifier.text}"
    for level, found in hazard_ratios(levels, reference).items():
        words = f"{text}: hazard ratio of {level} against {reference} (Cox, Efron; exploratory)"
        if isinstance(found, NotEstimable):
            words += f", not estimable: {_NOT_ESTIMABLE[found.reason]}"
            ratio = Estimate(None, None, None)
        else:
            ratio = found.ratio
        groups.add_estimate(f"{code}-hr-{stratifier.code}-{slug(level)}", words, ratio, RATIO, _METHOD, populations)
    p = log_rank(levels).p
    compared = ", ".join(level for level, counts in levels.items() if counts) or "nobody"
    words = f"{text}: p of the log-rank test of {compared} (exploratory)"
    if p is None:
        words += ", nothing to compare"
    groups.add_number(f"{code}-logrank-{stratifier.code}", words, p, RATIO, populations)


def _compared(tally, levels):
    """The populations of a comparison: who has a value is compared."""
    observed = [(event, n) for counts in levels.values() for (_, event), n in counts.items()]
    n, events = sum(n for _, n in observed), sum(n for event, n in observed if event)
    return {
        "denominator": n,
        "denominator-exclusion": tally.initial - n,
        "events": events,
        "censored": n - events,
    }
