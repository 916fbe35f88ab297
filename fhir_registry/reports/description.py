"""Groups that describe a count or an amount per patient (section 1.4 of the definitions)."""

from ..stats.description import mean, quantile, standard_deviation
from .groups import PATIENTS, absent, quantity, slug
from .strata import sort_values

_ORDER = {
    "median": ("median", lambda counts: quantile(counts, 0.5)),
    "q1": ("first quartile (type 7)", lambda counts: quantile(counts, 0.25)),
    "q3": ("third quartile (type 7)", lambda counts: quantile(counts, 0.75)),
    "min": ("minimum", lambda counts: min(counts, default=None)),
    "max": ("maximum", lambda counts: max(counts, default=None)),
}
_MOMENTS = {"mean": ("mean", mean), "sd": ("standard deviation", standard_deviation)}


def add_order_statistics(groups, prefix, text, counts, unit):
    """Median, quartiles and range of {value: number of patients}; the groups by statistic."""
    return _add(groups, prefix, text, counts, unit, _ORDER)


def add_description(groups, prefix, text, counts, unit):
    """Mean, standard deviation, median, quartiles and range of {value: number of patients}; the groups by statistic."""
    return _add(groups, prefix, text, counts, unit, _MOMENTS | _ORDER)


def add_distribution(groups, prefix, text, counts, levels):
    """The number of patients by each value of a characteristic; levels: as of a Stratifier."""
    for value in sort_values(counts, levels):
        n = counts.get(value, 0)
        groups.add_number(f"{prefix}{slug(value)}", f"{text}: {value}: patients", n, PATIENTS, {"numerator": n})


def _add(groups, prefix, text, counts, unit, statistics):
    described = {"described": sum(counts.values())}
    return {
        code: groups.add_number(f"{prefix}{code}", f"{text}: {name}", statistic(counts), unit, described)
        for code, (name, statistic) in statistics.items()
    }


def stratify_description(groups, described, count, unit):
    """Give the groups of `add_description` their stratifiers; count: Tally of a stratum -> {value: patients}."""
    for code, (_, statistic) in (_MOMENTS | _ORDER).items():
        groups.stratify(described[code], _describer(statistic, count, unit))


def _describer(statistic, count, unit):
    def describe(stratum):
        counts = count(stratum)
        value = statistic(counts)
        return absent() if value is None else quantity(value, unit), {"described": sum(counts.values())}

    return describe
