"""Kaplan-Meier curve, quantiles, landmarks and restricted mean (https://doi.org/10.1080/01621459.1958.10501452).

The product-limit curve comes from lifelines. Own code, because lifelines lacks them or differs: the log
interval, R's and SAS's midpoint rule, quantile intervals (Brookmeyer and Crowley 1982), numbers at risk.
"""

from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise
from math import exp, inf, log, sqrt
from typing import NamedTuple

from .beside import beside
from .intervals import Z

_FLAT = 1.5e-8  # a step this near to the wanted survival lies on it (survival:::quantile.survfit)


class Step(NamedTuple):
    """The curve from `time` on, up to the next step. `low` and `high` are None where not estimable."""

    time: float
    at_risk: int  # just before `time`
    events: int
    survival: float
    se: float | None  # Greenwood
    low: float | None
    high: float | None


class Estimate(NamedTuple):
    """A number with its 95 % interval; None is not estimable (a quantile: not reached)."""

    value: float | None
    low: float | None
    high: float | None


class RestrictedMean(NamedTuple):
    """Mean time up to `until` with its standard error; None is not estimable."""

    until: float | None
    value: float | None
    se: float | None


class StepCurve:
    """A curve that changes at `steps`; `last` is the last observed time, `ended`: everyone left had an event then."""

    def __init__(self, steps, leaving, ended):
        self.steps = steps
        self.last = max(leaving, default=None)
        self.ended = ended
        self._step_times = [step.time for step in steps]
        self._last_days = sorted(leaving)  # `leaving`: {time: number whose observation ends then}
        still = accumulate(leaving[time] for time in reversed(self._last_days))
        self._observed = [*reversed(list(still)), 0]  # up to each of these times at least

    def at_risk(self, time):
        """How many are observed up to `time` at least."""
        return self._observed[bisect_left(self._last_days, time)]

    def is_observed(self, time):
        """Is the curve known at `time`, not being beyond the last observation of anyone?"""
        return self.last is not None and (time <= self.last or self.ended)

    def step_at(self, time):
        """The last step up to `time`; None before the first."""
        position = bisect_right(self._step_times, time)
        return self.steps[position - 1] if position else None


class Curve(StepCurve):
    """A Kaplan-Meier curve with a Step at each distinct event time."""

    def landmark(self, time):
        """Estimate of survival at `time`; not estimable beyond the last observation unless nobody survives."""
        if not self.is_observed(time):
            return Estimate(None, None, None)
        step = self.step_at(time)
        return Estimate(step.survival, step.low, step.high) if step else Estimate(1.0, 1.0, 1.0)

    def restricted_mean(self, until=None):
        """RestrictedMean, the area under the curve from 0 to `until` (default: the last observation)."""
        until = self.last if until is None else until
        if until is None or not self.is_observed(until):
            return RestrictedMean(until, None, None)
        steps = [step for step in self.steps if step.time < until]
        corners = [(0, 1.0), *((step.time, step.survival) for step in steps), (until, 0.0)]
        pieces = [height * (end - start) for (start, height), (end, _) in pairwise(corners)]
        area, variance = 0.0, 0.0
        for step, piece in zip(reversed(steps), reversed(pieces[1:]), strict=True):
            area += piece  # from the step's time on
            if area:
                variance += area * area * _greenwood(step.events, step.at_risk)
        return RestrictedMean(until, area + pieces[0], sqrt(variance))

    def quantile(self, share=0.5):
        """Estimate of the time by which `share` had the event."""
        wanted = 1 - share
        return Estimate(
            self._crossing(wanted),
            next((s.time for s in self.steps if s.low is not None and s.low <= wanted), None),
            next((s.time for s in self.steps if s.high is not None and s.high <= wanted), None),
        )

    def _crossing(self, wanted):
        """The first time with survival at `wanted` or below; the middle of the step that lies on it."""
        for position, step in enumerate(self.steps):
            if abs(step.survival - wanted) < _FLAT and position + 1 < len(self.steps):
                return (step.time + self.steps[position + 1].time) / 2
            if step.survival <= wanted + _FLAT:
                return step.time
        return None


def kaplan_meier(counts, interval="log-log"):
    """The Curve of {(time, event): how many}; event is true or false (censored), events come first in a tie.

    interval: `log-log` (lifelines, SAS) or `log` (R's default), pointwise, Greenwood variance.
    """
    leaving, died = {}, {}
    for (time, event), n in counts.items():
        if n:
            leaving[time] = leaving.get(time, 0) + n
            if event:
                died[time] = died.get(time, 0) + n
    if not died:
        return Curve([], leaving, ended=False)
    survival = _product_limit(leaving, died)
    limits = {"log-log": _log_log, "log": _log}[interval]
    steps, greenwood, at_risk = [], 0.0, sum(leaving.values())
    for time in sorted(leaving):
        if d := died.get(time):
            greenwood += _greenwood(d, at_risk)
            # The last one at risk died: rounding of the product must not leave a trace of survival.
            s = survival[time] if d < at_risk else 0.0
            se = s * sqrt(greenwood) if s else None
            steps.append(Step(time, at_risk, d, s, se, *limits(s, greenwood)))
        at_risk -= leaving[time]
    return Curve(steps, leaving, ended=steps[-1].survival == 0)


def reverse(counts):
    """The same observations with follow-up as the event: what the reverse Kaplan-Meier curve is made of."""
    return {(time, not event): n for (time, event), n in counts.items()}


@beside
def _product_limit(leaving, died):
    from lifelines import KaplanMeierFitter  # 143 MB

    censored = {time: n - died.get(time, 0) for time, n in leaving.items() if n > died.get(time, 0)}
    rows = [(time, True, n) for time, n in died.items()] + [(time, False, n) for time, n in censored.items()]
    times, events, weights = zip(*rows, strict=True)
    fitter = KaplanMeierFitter().fit(times, events, weights=weights)
    return dict(zip(fitter.survival_function_.index, fitter.survival_function_.iloc[:, 0].tolist(), strict=True))


def _greenwood(died, at_risk):
    return died / (at_risk * (at_risk - died)) if died < at_risk else inf


def _log_log(s, greenwood):
    if s == 0:
        return None, None
    width = Z * sqrt(greenwood) / abs(log(s))
    return s ** exp(width), s ** exp(-width)


def _log(s, greenwood):
    if s == 0:
        return None, None
    width = Z * sqrt(greenwood)
    return s * exp(-width), min(1.0, s * exp(width))
