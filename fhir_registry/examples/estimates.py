"""Textbook estimators for the true outcome numbers (https://www.jstor.org/stable/2281868, Kaplan and Meier 1958).

Written apart from the server's statistics on purpose: the two are compared with each other.
"""

import math
from itertools import pairwise

LANDMARK_MONTHS = (12, 24, 36, 48, 60)
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


def rate_per_100_years(code, events, days):
    """Events per 100 years of 365.25 days with exact Poisson 95 % limits (Garwood 1936), None without any time."""
    from scipy.special import chdtri  # quantile of chi-square by the upper tail

    years = days / 365.25
    if not years:
        return with_limits(code, (None, None, None))
    lower = chdtri(2 * events, 0.975) / 2 if events else 0.0
    found = (events, lower, chdtri(2 * events + 2, 0.025) / 2)
    return with_limits(code, [100 * float(n) / years for n in found])


def with_limits(code, estimate):
    """(value, lower, upper) -> {group code: number or None}."""
    return dict(zip((code, f"{code}-ci-lower", f"{code}-ci-upper"), estimate, strict=True))


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


def survival_groups(code, times, landmarks=LANDMARK_MONTHS):
    """Median in months and survival in percent at months of [(day, event)]: {group code: number or None}."""
    curve = kaplan_meier(times)
    groups = with_limits(f"{code}-median", map(months, median_with_interval(curve)))
    for landmark in landmarks:
        found = survival_at(curve, times, landmark * DAYS_PER_MONTH)
        groups |= with_limits(f"{code}-rate-{landmark}m", (None if s is None else 100 * s for s in found))
    return groups


def incidence_groups(code, times, cause):
    """Cumulative incidence of a cause in percent at months of [(day, cause or None)]: {group code: number or None}."""
    groups = {}
    for landmark in LANDMARK_MONTHS:
        day = landmark * DAYS_PER_MONTH
        found = (None, None, None)
        if times and (day <= max(t for t, _ in times) or _all_failed(times)):
            found = [n if n is None else 100 * n for n in aalen_johansen(times, cause, day)]
        groups |= with_limits(f"{code}-{landmark}m", found)
    return groups


def _all_failed(times):
    """True when nobody is left at risk without an event after the last day."""
    last = max(t for t, _ in times)
    return all(cause is not None for t, cause in times if t == last)


def aalen_johansen(times, cause, day):
    """(incidence, lower, upper) of a cause by `day`; times: [(day, cause or None)].

    Variance by the sum over the days of events of Marubini and Valsecchi (1995), formula 10.12; limits by log(-log I).
    """
    steps, survival = [], 1.0  # (at risk, of any cause, of this cause, survival before)
    for t in sorted({t for t, which in times if which is not None and t <= day}):
        n = sum(other >= t for other, _ in times)
        failed = [which for other, which in times if other == t and which is not None]
        steps.append((n, len(failed), failed.count(cause), survival))
        survival *= 1 - len(failed) / n
    reached, incidence = [], 0.0
    for n, _, d, before in steps:
        incidence += before * d / n
        reached.append(incidence)
    if not incidence:
        return 0.0, 0.0, 0.0
    variance = 0.0
    for (n, failed, d, before), at in zip(steps, reached, strict=True):
        to_come = incidence - at
        if failed < n:
            variance += to_come**2 * failed / (n * (n - failed))
        variance += before**2 * (n - d) * d / n**3 - 2 * to_come * before * d / n**2
    if incidence > 1 - 1e-12:
        return incidence, None, None
    width = Z * math.sqrt(max(variance, 0)) / (incidence * abs(math.log(incidence)))
    return incidence, incidence ** math.exp(width), incidence ** math.exp(-width)


def months(day):
    """Days -> months of 30.4375 days; None stays None."""
    return None if day is None else day / DAYS_PER_MONTH
