"""Groups of one proportion with its exact interval (https://hl7.org/fhir/R4/measurereport.html)."""

from ..stats.intervals import clopper_pearson
from .groups import PERCENT, estimated

_METHOD = "clopper-pearson"


def add_proportion(groups, code, text, x, n, populations=None):
    """The percentage x of n, of which the group is returned, and its Clopper-Pearson limits; absent where n is 0."""
    populations = {**(populations or {}), "numerator": x}
    return groups.add_estimate(code, text, percentage(x, n, clopper_pearson), PERCENT, _METHOD, populations)


def stratify_proportion(groups, group, count):
    """Give a group its stratifiers; count: Tally of a stratum -> (x, n)."""

    def describe(stratum):
        x, n = count(stratum)
        score = estimated(percentage(x, n, clopper_pearson), PERCENT, _METHOD)
        return score, {"denominator": n, "numerator": x}

    groups.stratify(group, describe)


def percentage(x, n, interval):
    """(percentage, low, high) by `interval(x, n)`; all None where n is 0."""
    if not n:
        return None, None, None
    low, high = interval(x, n)
    return 100 * x / n, 100 * low, 100 * high
