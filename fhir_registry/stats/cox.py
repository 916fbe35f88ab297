"""Cox proportional hazards regression with Efron's ties (https://doi.org/10.1080/01621459.1977.10480613).

Own code: with weights, lifelines takes a weighted row for one tied event instead of many.
"""

from math import erfc, exp, sqrt
from typing import NamedTuple

import numpy as np

from .comparison import Coefficient, NotEstimable
from .intervals import Z
from .risk_sets import count_by_death, sum_from
from .survival import Estimate

# The product of these two keeps the exponentials within what a float holds.
_MAX_ITERATIONS = 40
_LONGEST_STEP = 8.0  # between two patients' log hazards; a longer one leaves where the quadratic approximation holds
_SMALL_STEP = 1e-8  # the maximum is this near
_ROUNDING = 1e-12  # of the log-likelihood, relative
_NO_GAIN = 0.01  # of log-likelihood in the next step
_DIVERGED = 100.0  # a standard error of a log hazard ratio that tells nothing
_SINGULAR = 1e-9  # an eigenvalue of the information, scaled to a diagonal of ones, that is nothing but rounding


class Cox(NamedTuple):
    """A fitted model: coefficients in the order of the covariates, partial log-likelihoods with them and without."""

    coefficients: tuple[Coefficient, ...]
    covariance: tuple[tuple[float, ...], ...]
    log_likelihood: float
    null_log_likelihood: float
    iterations: int


class _Point(NamedTuple):
    log_likelihood: float
    gradient: np.ndarray
    information: np.ndarray


def cox(patterns):
    """The Cox model of {covariates: {(time, event): how many}}, or NotEstimable.

    The key of `patterns` is a tuple of numbers, one a covariate, the same length for all. Events come before
    censoring in a tie. `not-identifiable`: among those at risk at the events a covariate is constant or follows
    from the others; `monotone-likelihood`: the covariates tell who dies first, a coefficient is infinite or so
    uncertain that it might be.
    """
    leaving, dying = count_by_death(list(patterns.values()))
    if not dying.nnz:
        return NotEstimable("few-events")
    at_risk = leaving.sum(axis=0)  # at the first death
    ever = np.flatnonzero(at_risk)
    covariates = np.array(list(patterns), dtype=float)[ever]
    # Unit range and mean zero: the limits above are in these units, and no product overflows.
    scale = np.ptp(covariates, axis=0)
    if not scale.all():
        return NotEstimable("not-identifiable")
    centred = (covariates - np.average(covariates, axis=0, weights=at_risk[ever])) / scale
    if np.linalg.matrix_rank(centred) < len(scale):
        return NotEstimable("not-identifiable")
    data = _RiskSets(centred, leaving[:, ever], dying[:, ever])
    start = data.evaluate(np.zeros(len(scale)))
    found = _maximise(data, start)
    if isinstance(found, NotEstimable):
        return found
    beta, point, iterations = found
    covariance = np.linalg.inv(point.information) / np.outer(scale, scale)
    coefficients = tuple(map(_coefficient, (beta / scale).tolist(), np.sqrt(covariance.diagonal()).tolist()))
    rows = tuple(map(tuple, covariance.tolist()))
    return Cox(coefficients, rows, point.log_likelihood, start.log_likelihood, iterations)


class _RiskSets:
    """Who is at risk and who dies at each distinct time of death; sums over patterns, not over subjects."""

    def __init__(self, covariates, leaving, dying):
        self.covariates = covariates
        self._leaving, self._dying = leaving, dying
        self._dead = dying.sum(axis=0)  # by pattern
        self._deaths = dying.sum(axis=1).astype(int)  # by time
        products = covariates[:, :, None] * covariates[:, None, :]
        self._moments = np.hstack([np.ones((len(covariates), 1)), covariates, products.reshape(len(covariates), -1)])
        # Efron: of d tied deaths, the k-th sees the risk set less k/d of the dying.
        self._starts = np.cumsum(self._deaths) - self._deaths
        order = np.arange(self._deaths.sum()) - np.repeat(self._starts, self._deaths)
        self._share = order / np.repeat(self._deaths, self._deaths)

    def evaluate(self, beta):
        """The partial log-likelihood with its gradient and information at `beta`."""
        size = len(beta)
        score = self.covariates @ beta
        score -= score.max()
        moments = np.exp(score)[:, None] * self._moments
        risk = sum_from(self._leaving @ moments)
        tied = self._dying @ moments
        total = np.repeat(risk[:, 0], self._deaths) - self._share * np.repeat(tied[:, 0], self._deaths)
        once, twice = 1 / total, total**-2.0
        first = [self._sum(once), self._sum(self._share * once)]
        second = [self._sum(self._share**power * twice) for power in (0, 1, 2)]
        sums = first[0] @ risk - first[1] @ tied
        risk, tied = risk[:, 1 : size + 1], tied[:, 1 : size + 1]
        cross = risk.T @ (second[1][:, None] * tied)
        means = risk.T @ (second[0][:, None] * risk) - cross - cross.T + tied.T @ (second[2][:, None] * tied)
        return _Point(
            float(self._dead @ score - np.log(total).sum()),
            self._dead @ self.covariates - sums[1 : size + 1],
            sums[size + 1 :].reshape(size, size) - means,
        )

    def _sum(self, by_death):
        """Sums by time of what stands for each single death."""
        return np.add.reduceat(by_death, self._starts)


def _maximise(data, point):
    """(beta, its point, iterations) of Newton's method with step halving from zero, or NotEstimable."""
    beta = np.zeros(len(point.gradient))
    for iteration in range(_MAX_ITERATIONS):
        if _is_singular(point.information):
            return NotEstimable("monotone-likelihood" if iteration else "not-identifiable")
        step = np.linalg.solve(point.information, point.gradient)
        # Without a maximum the steps go on for ever while the likelihood becomes flat.
        if point.gradient @ step < _NO_GAIN and np.linalg.inv(point.information).diagonal().max() > _DIVERGED**2:
            return NotEstimable("monotone-likelihood")
        if np.abs(step).max() < _SMALL_STEP:
            return beta, point, iteration
        step *= min(1.0, _LONGEST_STEP / np.ptp(data.covariates @ step))
        enough = point.log_likelihood - _ROUNDING * abs(point.log_likelihood)
        while (reached := data.evaluate(beta + step)).log_likelihood < enough:
            step /= 2
        beta, point = beta + step, reached
    return NotEstimable("no-convergence")


def _is_singular(information):
    diagonal = information.diagonal()
    if not (diagonal > 0).all():
        return True
    root = np.sqrt(diagonal)
    return bool(np.linalg.eigvalsh(information / np.outer(root, root))[0] < _SINGULAR)


def _coefficient(value, se):
    limits = (exp(value - Z * se), exp(value + Z * se))
    return Coefficient(value, se, erfc(abs(value) / se / sqrt(2)), Estimate(exp(value), *limits))
