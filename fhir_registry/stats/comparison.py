"""Survival compared between levels: log-rank test and hazard ratios (https://doi.org/10.1111/j.2517-6161.1972.tb00899.x).

Subgroups of a registry are not randomised: what is found here is exploratory.
"""

from typing import NamedTuple

from .beside import beside
from .survival import Estimate

MIN_EVENTS = 5  # in a level, for a hazard ratio to be reported


class LogRank(NamedTuple):
    """Log-rank test; `chi_square` and `p` are None when `df` is 0: nothing to compare at any event."""

    observed: dict  # level: events
    expected: dict  # level: events if all levels had the same hazard
    variance: tuple[tuple[float, ...], ...]  # of observed - expected, in the order of the levels
    chi_square: float | None
    df: int
    p: float | None


class Coefficient(NamedTuple):
    """Effect of one unit of a covariate: log hazard ratio with Wald test, and hazard ratio with 95 % interval."""

    value: float
    se: float
    p: float
    ratio: Estimate


class NotEstimable(NamedTuple):
    """Why there is no hazard ratio: `few-events`, `not-identifiable`, `monotone-likelihood` or `no-convergence`."""

    reason: str


@beside
def log_rank(levels):
    """LogRank of {level: {(time, event): how many}}; events come before censoring in a tie."""
    import numpy as np  # large
    from scipy.special import chdtrc

    from .risk_sets import count_by_death, sum_from

    leaving, dying = count_by_death(list(levels.values()))
    at_risk, events = sum_from(leaving.toarray()).T, dying.toarray().T
    total, died = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / total
    observed, expected = events.sum(axis=1).astype(int), (share * died).sum(axis=1)
    spread = died * (total - died) / np.maximum(total - 1, 1)  # hypergeometric; the last one at risk has none
    variance = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    # All levels at risk at the first event are linked by it, so the others' differences give that of the last.
    free = np.flatnonzero((share * (1 - share) * spread).sum(axis=1) > 0)[:-1]
    difference = (observed - expected)[free]
    chi_square = float(difference @ np.linalg.solve(variance[np.ix_(free, free)], difference)) if free.size else None
    return LogRank(
        dict(zip(levels, observed.tolist(), strict=True)),
        dict(zip(levels, expected.tolist(), strict=True)),
        tuple(map(tuple, variance.tolist())),
        chi_square,
        free.size,
        None if chi_square is None else float(chdtrc(free.size, chi_square)),
    )


@beside
def hazard_ratios(levels, reference):
    """{level: Coefficient or NotEstimable} against `reference`, of {level: {(time, event): how many}}.

    One Cox model of all levels with at least five events; the others are left out of it and are NotEstimable,
    as are all when the reference is one of them.
    """
    from .cox import cox  # with numpy

    results = {level: NotEstimable("few-events") for level in levels if level != reference}
    enough = [level for level, counts in levels.items() if _events(counts) >= MIN_EVENTS]
    compared = [level for level in enough if level != reference]
    if reference not in enough or not compared:
        return results
    fitted = cox({tuple(float(level == other) for other in compared): levels[level] for level in enough})
    outcomes = [fitted] * len(compared) if isinstance(fitted, NotEstimable) else fitted.coefficients
    return results | dict(zip(compared, outcomes, strict=True))


def _events(counts):
    return sum(n for (_, event), n in counts.items() if event)
