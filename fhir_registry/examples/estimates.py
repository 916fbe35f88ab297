"""Textbook estimators for the true outcome numbers (https://www.jstor.org/stable/2281868, Kaplan and Meier 1958).

Written apart from the server's statistics on purpose: the two are compared with each other.
"""

import math
from itertools import pairwise

Z = 1.959963984540054  # 97.5 % quantile of the normal distribution
DAYS_PER_MONTH = 30.4375


def percent_with_limits(code, x, n):
    """`x` of `n` in percent with Clopper-Pearson 95 % limits: {group code: percent}, None of nobody."""
    lower, upper = clopper_pearson(x, n) if n else (None, None)
    return {
        code: 100 * x / n if n else None,
        f"{code}-ci-lower": lower,
        f"{code}-ci-upper": upper,
    }


def clopper_pearson(x, n):
    """Exact 95 % limits in percent: quantiles of the beta distribution (Clopper and Pearson 1934)."""
    from scipy.special import betaincinv

    lower = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, 0.025))
    upper = 1.0 if x == n else float(betaincinv(x + 1, n - x, 0.975))
    return 100 * lower, 100 * upper


def wilson_limits(code, x, n):
    """Wilson's 95 % limits (1927): {group code: percent}, None of nobody."""
    lower = upper = None
    if n:
        p = x / n
        middle = p + Z * Z / (2 * n)
        half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        scale = 1 + Z * Z / n
        lower, upper = 100 * (middle - half) / scale, 100 * (middle + half) / scale
    return {f"{code}-wilson-ci-lower": lower, f"{code}-wilson-ci-upper": upper}


def quantile(values, share):
    """Type 7 quantile, linear between order statistics (Hyndman and Fan 1996); None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def describe(prefix, values):
    """Mean, sample SD, median, quartiles and range of counts: {group code: number or None}."""
    n = len(values)
    mean = math.fsum(values) / n if n else None
    sd = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1)) if n > 1 else None
    return {f"{prefix}mean": mean, f"{prefix}sd": sd, **order_statistics(prefix, values)}


def order_statistics(prefix, values):
    """Median, quartiles (type 7) and range: {group code: number or None}."""
    return {
        f"{prefix}median": quantile(values, 0.5),
        f"{prefix}q1": quantile(values, 0.25),
        f"{prefix}q3": quantile(values, 0.75),
        f"{prefix}min": min(values, default=None),
        f"{prefix}max": max(values, default=None),
    }


def kaplan_meier(times):
    """Product-limit curve of [(day, event)]: [(day, survival, lower, upper)], one a distinct event day.

    Limits are pointwise, 95 %, by log(-log S); None where S is 0.
    """
    curve = []
    survival, greenwood = 1.0, 0.0
    for day in sorted({t for t, event in times if event}):
        at_risk = sum(t >= day for t, _ in times)
        deaths = sum(t == day and bool(event) for t, event in times)
        if deaths == at_risk:
            curve.append((day, 0.0, None, None))
            break
        survival *= 1 - deaths / at_risk
        greenwood += deaths / (at_risk * (at_risk - deaths))
        width = Z * math.sqrt(greenwood) / abs(math.log(survival))
        curve.append((day, survival, survival ** math.exp(width), survival ** math.exp(-width)))
    return curve


def median_with_interval(curve):
    """(median, lower, upper) in the curve's unit; None = not reached.

    Where the curve runs along 0.5 the median is the middle of that step, as R's survfit has it.
    """
    median = None
    for (day, survival, *_), following in pairwise([*curve, None]):
        if abs(survival - 0.5) < 1.5e-8 and following:
            median = (day + following[0]) / 2
            break
        if survival <= 0.5 + 1.5e-8:
            median = day
            break
    lower = next((day for day, _, low, _ in curve if low is not None and low <= 0.5), None)
    upper = next((day for day, _, _, high in curve if high is not None and high <= 0.5), None)
    return median, lower, upper


def survival_at(curve, times, day):
    """(S, lower, upper) at `day`; all None beyond the last observation unless everybody had the event."""
    passed = [step for step in curve if step[0] <= day]
    reached = (passed[-1][1:] if passed else (1.0, 1.0, 1.0)) if times else (None, None, None)
    if reached[0] != 0 and (not times or day > max(t for t, _ in times)):
        return None, None, None
    return reached


def months(day):
    """Days -> months of 30.4375 days; None stays None."""
    return None if day is None else day / DAYS_PER_MONTH
