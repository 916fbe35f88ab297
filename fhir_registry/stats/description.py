"""Mean, standard deviation and quantiles of counted values (type 7: https://doi.org/10.2307/2684934)."""

from math import floor, fsum, sqrt


def mean(counts):
    """Mean of {value: how often}; None of nothing."""
    n = sum(counts.values())
    return fsum(value * k for value, k in counts.items()) / n if n else None


def standard_deviation(counts):
    """Sample standard deviation (n - 1) of {value: how often}; None of fewer than two."""
    n = sum(counts.values())
    if n < 2:
        return None
    centre = mean(counts)
    return sqrt(fsum(k * (value - centre) ** 2 for value, k in counts.items()) / (n - 1))


def quantile(counts, share):
    """Quantile of type 7 (R's and numpy's default; SAS's differs) of {value: how often}; None of nothing."""
    n = sum(counts.values())
    if not n:
        return None
    place = (n - 1) * share
    below = floor(place)
    low, high = _order_statistic(counts, below), _order_statistic(counts, min(below + 1, n - 1))
    return low + (place - below) * (high - low)


def _order_statistic(counts, position):
    """The value at this position, from 0, of all values in ascending order."""
    for value in sorted(counts):
        position -= counts[value]
        if position < 0:
            return value
    raise IndexError("beyond the last value")
