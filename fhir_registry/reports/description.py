"""Groups that describe a count or an amount per patient (section 1.4 of the definitions)."""

from ..stats.description import mean, quantile, standard_deviation

_ORDER = {
    "median": ("median", lambda counts: quantile(counts, 0.5)),
    "q1": ("first quartile (type 7)", lambda counts: quantile(counts, 0.25)),
    "q3": ("third quartile (type 7)", lambda counts: quantile(counts, 0.75)),
    "min": ("minimum", lambda counts: min(counts, default=None)),
    "max": ("maximum", lambda counts: max(counts, default=None)),
}
_MOMENTS = {"mean": ("mean", mean), "sd": ("standard deviation", standard_deviation)}


def add_order_statistics(groups, prefix, text, counts, unit):
    """Median, quartiles and range of {value: number of patients}."""
    _add(groups, prefix, text, counts, unit, _ORDER)


def add_description(groups, prefix, text, counts, unit):
    """Mean, standard deviation, median, quartiles and range of {value: number of patients}."""
    _add(groups, prefix, text, counts, unit, _MOMENTS | _ORDER)


def _add(groups, prefix, text, counts, unit, statistics):
    described = {"described": sum(counts.values())}
    for code, (name, statistic) in statistics.items():
        groups.add_number(f"{prefix}{code}", f"{text}: {name}", statistic(counts), unit, described)
