"""Aalen-Johansen against section 4.6 of the definitions (R agrees), the textbook variance, and Kaplan-Meier."""

from collections import Counter
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_registry.stats.competing import aalen_johansen
from fhir_registry.stats.survival import Estimate, kaplan_meier

PROGRESSION, DEATH = 1, 2
AJ10 = Counter(zip([30, 60, 91, 122, 130, 152, 183, 244, 365, 400], [1, 0, 2, 1, 1, 0, 2, 0, 1, 0], strict=True))
NOT_ESTIMABLE = Estimate(None, None, None)


def about(expected):
    return pytest.approx(expected, abs=6e-7)  # the table gives six decimals


def test_aj10():
    curves = aalen_johansen(AJ10)
    progression, death = curves[PROGRESSION], curves[DEATH]
    assert [(s.time, s.at_risk, s.events) for s in progression.steps] == [
        (30, 10, 1),
        (122, 7, 1),
        (130, 6, 1),
        (365, 2, 1),
    ]
    assert [s.incidence for s in progression.steps] == about([0.1, 0.2125, 0.325, 0.535938])
    assert [s.se for s in progression.steps] == about([0.094868, 0.134033, 0.155071, 0.196988])
    assert progression.landmark(365.25) == about((0.535938, 0.138110, 0.821586))
    assert {s.time: s.incidence for s in death.steps} == about({91: 0.1125, 183: 0.253125})
    assert (progression.at_risk(365), progression.at_risk(365.25)) == (2, 1)
    assert progression.landmark(29) == Estimate(0, 0, 0)
    assert progression.landmark(401) == NOT_ESTIMABLE
    naive = kaplan_meier({(t, kind == PROGRESSION): n for (t, kind), n in AJ10.items()})
    assert 1 - naive.landmark(365).value == about(0.678571)


def test_nobody():
    assert aalen_johansen({}) == {}
    curve = aalen_johansen({}, causes=(PROGRESSION,))[PROGRESSION]
    assert (curve.steps, curve.last, curve.landmark(12), curve.at_risk(0)) == ([], None, NOT_ESTIMABLE, 0)


def test_one_patient():
    curve = aalen_johansen({(5, DEATH): 1})[DEATH]
    assert curve.steps == [(5, 1, 1, 1.0, 0.0, None, None)]
    assert curve.landmark(4) == Estimate(0, 0, 0)
    assert curve.landmark(99) == Estimate(1, None, None)


def test_all_censored():
    curve = aalen_johansen({(5, 0): 3, (9, 0): 1}, causes=(PROGRESSION, DEATH))[DEATH]
    assert curve.landmark(9) == Estimate(0, 0, 0)
    assert curve.landmark(10) == NOT_ESTIMABLE


def test_all_events_on_one_day():
    # Three of four progress, one dies: a proportion with its binomial error.
    curves = aalen_johansen({(5, PROGRESSION): 3, (5, DEATH): 1})
    (step,) = curves[PROGRESSION].steps
    assert (step.incidence, step.se) == pytest.approx((0.75, sqrt(0.75 * 0.25 / 4)))
    assert curves[DEATH].landmark(100).value == pytest.approx(0.25)


def test_a_cause_nobody_had():
    curve = aalen_johansen({(5, DEATH): 1, (6, 0): 1}, causes=(PROGRESSION,))[PROGRESSION]
    assert curve.landmark(6) == Estimate(0, 0, 0)


observations = st.dictionaries(st.tuples(st.integers(0, 30), st.integers(0, 3)), st.integers(0, 6), max_size=25)


@settings(deadline=None)
@given(observations)
def test_incidences_and_survival_are_one(data):
    overall = kaplan_meier(merged(data))
    curves = aalen_johansen(data)
    for time in range(31):
        survival = overall.landmark(time).value
        incidences = [curve.landmark(time).value for curve in curves.values()]
        if survival is None:
            assert not any(incidences)
        else:
            assert sum(incidences) + survival == pytest.approx(1, abs=1e-12)


@settings(deadline=None)
@given(observations)
def test_incidence_is_at_most_what_kaplan_meier_without_the_others_says(data):
    for cause, curve in aalen_johansen(data).items():
        alone = kaplan_meier(merged(data, cause))
        for step in curve.steps:
            assert step.incidence <= 1 - alone.landmark(step.time).value + 1e-12
            assert step.low is None or 0 <= step.low <= step.incidence + 1e-12 <= step.high + 2e-12 <= 1 + 2e-12


@settings(deadline=None)
@given(observations)
def test_one_cause_is_kaplan_meier_upside_down(data):
    data = {(t, min(kind, 1)): n for (t, kind), n in data.items()}
    curve = kaplan_meier({(t, bool(kind)): n for (t, kind), n in data.items()})
    for steps in (one.steps for one in aalen_johansen(data).values()):
        for mine, step in zip(steps, curve.steps, strict=True):
            assert mine[:3] == step[:3]
            assert mine.incidence == pytest.approx(1 - step.survival, abs=1e-12)
            assert mine.se == pytest.approx(step.se or 0, abs=1e-9)


@settings(deadline=None)
@given(observations)
def test_variance_by_the_formula_of_marubini_and_valsecchi(data):
    times = sorted({t for (t, kind), n in data.items() if kind and n})
    for cause, curve in aalen_johansen(data).items():
        table, survival, incidence = [], 1.0, 0.0
        for time in times:
            at_risk = sum(n for (t, _), n in data.items() if t >= time)
            died = sum(n for (t, kind), n in data.items() if t == time and kind)
            own = data.get((time, cause), 0)
            incidence += survival * own / at_risk
            if died == at_risk:
                break  # the first sum has no value there
            table.append((survival, incidence, at_risk, died, own))
            survival *= 1 - died / at_risk
            variance = sum(
                (incidence - f) ** 2 * d / (n * (n - d))
                + s**2 * k * (n - k) / n**3
                - 2 * (incidence - f) * s * k / n**2
                for s, f, n, d, k in table
            )
            if own:
                (step,) = (s for s in curve.steps if s.time == time)
                assert step.incidence == pytest.approx(incidence, abs=1e-12)
                assert step.se**2 == pytest.approx(variance, abs=1e-12)


def merged(data, cause=None):
    """Counts with an event of any cause, or of this cause and the others as censoring."""
    counts = Counter()
    for (time, kind), n in data.items():
        counts[time, kind == cause if cause else kind > 0] += n
    return counts
