"""Kaplan-Meier curve, quantiles and landmarks (https://doi.org/10.1080/01621459.1958.10501452).

The product-limit curve comes from lifelines. Own code, because lifelines lacks them or differs: the log
interval, R's and SAS's midpoint rule, quantile intervals (Brookmeyer and Crowley 1982), numbers at risk.
"""

from bisect import bisect_right
from math import exp, inf, log, sqrt
from typing import NamedTuple

from .intervals import Z

_FLAT = 1.5e-8  # a step this near to the wanted survival lies on it (survival:::quantile.survfit)


class Step(NamedTuple):
    """The curve from `time` on, up to the next step. `low` and `high` are None where not estimable."""

    time: float
    at_risk: int  # just before `time`
    events: int
    survival: float
    low: float | None
    high: float | None


class Estimate(NamedTuple):
    """A number with its 95 % interval; None is not estimable (a quantile: not reached)."""

    value: float | None
    low: float | None
    high: float | None


class Curve:
    """A Kaplan-Meier curve: `steps` at the distinct event times, `times` {time: number leaving then}, `last`."""

    def __init__(self, steps, times):
        self.steps = steps
        self.last = max(times, default=None)
        self._times = times
        self._step_times = [step.time for step in steps]

    def at_risk(self, time):
        """How many are observed up to `time` at least."""
        return sum(n for t, n in self._times.items() if t >= time)

    def landmark(self, time):
        """Estimate of survival at `time`; not estimable beyond the last observation unless nobody survives."""
        position = bisect_right(self._step_times, time) - 1
        if self.last is None or (time > self.last and (position < 0 or self.steps[position].survival > 0)):
            return Estimate(None, None, None)
        if position < 0:
            return Estimate(1.0, 1.0, 1.0)
        return Estimate(*self.steps[position][3:])

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
        return Curve([], leaving)
    survival = _product_limit(leaving, died)
    limits = {"log-log": _log_log, "log": _log}[interval]
    steps, greenwood, at_risk = [], 0.0, sum(leaving.values())
    for time in sorted(leaving):
        if d := died.get(time):
            greenwood += d / (at_risk * (at_risk - d)) if d < at_risk else inf
            # The last one at risk died: rounding of the product must not leave a trace of survival.
            s = survival[time] if d < at_risk else 0.0
            steps.append(Step(time, at_risk, d, s, *limits(s, greenwood)))
        at_risk -= leaving[time]
    return Curve(steps, leaving)


def reverse(counts):
    """The same observations with follow-up as the event: what the reverse Kaplan-Meier curve is made of."""
    return {(time, not event): n for (time, event), n in counts.items()}


def _product_limit(leaving, died):
    from lifelines import KaplanMeierFitter  # 143 MB: only the process that evaluates pays for it

    censored = {time: n - died.get(time, 0) for time, n in leaving.items() if n > died.get(time, 0)}
    rows = [(time, True, n) for time, n in died.items()] + [(time, False, n) for time, n in censored.items()]
    times, events, weights = zip(*rows, strict=True)
    fitter = KaplanMeierFitter().fit(times, events, weights=weights)
    return dict(zip(fitter.survival_function_.index, fitter.survival_function_.iloc[:, 0].tolist(), strict=True))


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
