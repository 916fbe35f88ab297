"""Cumulative incidence with competing risks by Aalen and Johansen (https://www.jstor.org/stable/4615704).

Own code: lifelines shifts tied times at random. The variance is that of the delta method (Marubini and
Valsecchi 1995, section 10), built step by step as Greenwood's is, so that nothing has to cancel.
"""

from math import exp, log, sqrt
from typing import NamedTuple

from .intervals import Z
from .survival import Estimate, StepCurve


class IncidenceStep(NamedTuple):
    """The incidence of one cause from `time` on, up to the next step; limits are None where not estimable."""

    time: float
    at_risk: int  # just before `time`
    events: int  # of this cause
    incidence: float
    se: float
    low: float | None
    high: float | None


class Incidence(StepCurve):
    """Cumulative incidence of one cause with an IncidenceStep at each distinct time of its events."""

    def landmark(self, time):
        """Estimate of the incidence at `time`; not estimable beyond the last observation unless all had an event."""
        if not self.is_observed(time):
            return Estimate(None, None, None)
        step = self.step_at(time)
        return Estimate(step.incidence, step.low, step.high) if step else Estimate(0.0, 0.0, 0.0)


class _Failures(NamedTuple):
    time: float
    at_risk: int
    total: int
    by_cause: dict


def aalen_johansen(counts, causes=None):
    """{cause: Incidence} of {(time, type): how many}; type is 0 (censored) or a cause (1 and up).

    causes: whose curves are wanted, also of causes that nobody had (default: those seen); the others compete
    all the same. Events come before censoring in a tie. Intervals are log-log.
    """
    leaving, failed = {}, {}
    for (time, kind), n in counts.items():
        if n:
            leaving[time] = leaving.get(time, 0) + n
            if kind:
                failed.setdefault(time, {})[kind] = n
    table, at_risk = [], sum(leaving.values())
    for time in sorted(leaving):
        if by_cause := failed.get(time):
            table.append(_Failures(time, at_risk, sum(by_cause.values()), by_cause))
        at_risk -= leaving[time]
    ended = bool(table) and table[-1].total == table[-1].at_risk
    if causes is None:
        causes = sorted({cause for by_cause in failed.values() for cause in by_cause})
    return {cause: Incidence(list(_steps(table, cause)), leaving, ended) for cause in causes}


def _steps(table, cause):
    """The steps of one cause; its variance needs that of overall survival and their covariance on the way."""
    survival, incidence, others = 1.0, 0.0, 0
    var_survival = var_incidence = covariance = 0.0
    for time, at_risk, total, by_cause in table:
        events = by_cause.get(cause, 0)
        others += total - events
        hazard, any_hazard = events / at_risk, total / at_risk
        # Variances of the two hazards, and their covariance, of a multinomial draw of those at risk.
        spread = survival**2 / at_risk
        var_incidence += (
            2 * hazard * covariance + hazard**2 * var_survival + spread * hazard * (at_risk - events) / at_risk
        )
        stay = (at_risk - total) / at_risk
        covariance = stay * (covariance + hazard * var_survival - spread * hazard)
        var_survival = stay * (stay * var_survival + spread * any_hazard)
        incidence += survival * hazard
        survival *= stay
        if events:
            if not survival and not others:
                incidence, var_incidence = 1.0, 0.0  # but for rounding
            se = sqrt(max(0.0, var_incidence))
            yield IncidenceStep(time, at_risk, events, incidence, se, *_log_log(incidence, se))


def _log_log(incidence, se):
    if incidence == 1:
        return None, None
    width = Z * se / (incidence * -log(incidence))
    return incidence ** exp(width), incidence ** exp(-width)
