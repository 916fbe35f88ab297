"""Confidence intervals of proportions (https://doi.org/10.1214/ss/1009213286, Brown, Cai and DasGupta 2001)."""

from math import sqrt
from statistics import NormalDist

from .beside import beside

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)


@beside
def clopper_pearson(x, n):
    """Exact 95 % interval (low, high) of x out of n > 0, as fractions."""
    from scipy.special import betaincinv  # large

    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, tail))
    high = 1.0 if x == n else float(betaincinv(x + 1, n - x, 1 - tail))
    return low, high


def wilson(x, n):
    """Wilson score 95 % interval (low, high) of x out of n > 0, as fractions."""
    p = x / n
    centre = p + Z * Z / (2 * n)
    half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    # At the ends the formula is exact but for rounding.
    return 0.0 if x == 0 else (centre - half) / scale, 1.0 if x == n else (centre + half) / scale
