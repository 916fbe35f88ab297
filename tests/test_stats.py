"""Estimators against R's survival package, published tables and hand calculation (section 4.6 of the definitions)."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from survival_data import KM10, PLACEBO, SIX_MP, counts, published

from fhir_registry.stats.description import mean, quantile, standard_deviation
from fhir_registry.stats.intervals import clopper_pearson, wilson
from fhir_registry.stats.survival import Estimate, kaplan_meier, reverse


def about(expected):
    return pytest.approx(expected, abs=6e-7)  # the tables give six decimals


def test_km10():
    curve = kaplan_meier(KM10)
    assert {s.time: s.survival for s in curve.steps} == about(
        {30: 0.9, 91: 0.7875, 122: 0.5625, 183: 0.421875, 365: 0.2109375}
    )
    assert {s.time: (s.low, s.high) for s in curve.steps} == {
        30: about((0.473009, 0.985281)),
        91: about((0.380882, 0.942591)),
        122: about((0.209421, 0.809171)),
        183: about((0.111029, 0.712567)),
        365: about((0.012764, 0.573899)),
    }
    assert curve.quantile(0.5) == Estimate(183, 30, None)
    assert (curve.quantile(0.25).value, curve.quantile(0.75).value) == (122, 365)
    assert curve.landmark(365.25).value == about(0.2109375)
    assert curve.at_risk(365.25) == 1


def test_km10_with_log_intervals():
    curve = kaplan_meier(KM10, interval="log")
    assert curve.landmark(122)[1:] == about((0.316475, 0.999781))
    assert curve.landmark(183)[1:] == about((0.188277, 0.945299))
    assert curve.quantile(0.5) == Estimate(183, 122, None)


def test_km10_follow_up():
    assert kaplan_meier(reverse(KM10)).quantile(0.5) == Estimate(244, 60, None)


def test_median_on_a_flat_step_is_its_middle():
    assert kaplan_meier(counts("100 200 300 400")).quantile(0.5).value == 250
    # A curve that ends on it has no other end to take the middle with.
    assert kaplan_meier(counts("100 200 300+ 400+")).quantile(0.5).value == 200


def test_freireich():
    treated = kaplan_meier(SIX_MP)
    assert [treated.landmark(t).value for t in (6, 7, 10, 13, 16, 22, 23)] == [
        about(s) for s in (0.857143, 0.806723, 0.752941, 0.690196, 0.627451, 0.537815, 0.448179)
    ]
    assert treated.quantile() == Estimate(23, 13, None)
    assert kaplan_meier(SIX_MP, "log").quantile() == Estimate(23, 16, None)
    assert kaplan_meier(PLACEBO).quantile() == Estimate(8, 4, 11)
    assert kaplan_meier(PLACEBO, "log").quantile() == Estimate(8, 4, 12)


def published_sets(cases):
    """(name, counts, what R says) of each data set and each of its groups."""
    for name, expected, groups in published(cases):
        for group, data in groups.items():
            yield f"{name} {group}", data, expected["by_group"][group] if group else expected["overall"]


def test_published_data_sets_as_in_r(cases):
    compared = 0
    for name, data, expected in published_sets(cases):
        assert data.total() == expected["n"], name
        assert sum(n for (_, event), n in data.items() if event) == expected["events"], name
        for interval in ("log", "log-log"):
            curve = kaplan_meier(data, interval)
            quantiles = expected[f"median_ci_{interval}"]
            median = tuple(quantiles[key] for key in ("median", "median_lower", "median_upper"))
            if (name, interval) == ("aml_maint None", "log"):
                # The upper limit rises again after day 45 (.4584, .4623). The file has the answer of R's quantile(),
                # which sorts the limits; the first day at or below 0.5, as R prints the curve, is 45.
                assert median == (27, 18, 48)
                median = (27, 18, 45)
            assert curve.quantile(0.5) == median, name
            assert [curve.quantile(q).value for q in (0.25, 0.75)] == [quantiles["q25"], quantiles["q75"]], name
            for point in expected[f"landmarks_{interval}"]:
                found = curve.landmark(point["t"])
                wanted = (point["surv"], point["lower"], point["upper"])
                # R printed eleven digits.
                assert found == pytest.approx(wanted, rel=1e-10), (name, interval, point["t"])
                assert curve.step_at(point["t"]).se == pytest.approx(point["se"], rel=1e-10), (name, point["t"])
                assert curve.at_risk(point["t"]) == point["at_risk"], (name, point["t"])
                compared += 1
        mean = kaplan_meier(data).restricted_mean()
        assert mean[1:] == pytest.approx((expected["rmean"], expected["rmean_se"]), abs=1e-9), name
        follow_up = kaplan_meier(reverse(data)).quantile().value
        assert follow_up == expected.get("median_followup_reverse_km", follow_up), name
    assert compared >= 40


def test_nobody():
    curve = kaplan_meier({})
    assert curve.quantile() == curve.landmark(12) == Estimate(None, None, None)
    assert (curve.at_risk(0), curve.last) == (0, None)
    assert curve.restricted_mean() == (None, None, None)
    assert curve.restricted_mean(12) == (12, None, None)


def test_one_patient():
    assert kaplan_meier({(5, True): 1}).quantile() == Estimate(5, None, None)
    assert kaplan_meier({(5, False): 1}).quantile() == Estimate(None, None, None)


def test_all_censored():
    curve = kaplan_meier({(5, False): 3, (9, False): 1})
    assert curve.landmark(9) == Estimate(1, 1, 1)
    assert curve.landmark(9.5) == Estimate(None, None, None)
    assert (curve.last, curve.at_risk(6)) == (9, 1)
    assert curve.restricted_mean() == (9, 9, 0)
    assert curve.restricted_mean(10) == (10, None, None)


def test_all_events_on_one_day():
    curve = kaplan_meier({(5, True): 4})
    assert curve.quantile() == Estimate(5, None, None)
    assert curve.landmark(4) == Estimate(1, 1, 1)
    # Beyond the follow-up, yet known: nobody survived.
    assert curve.landmark(100) == Estimate(0, None, None)
    assert curve.restricted_mean(100) == (100, 5, 0)
    assert curve.restricted_mean(3) == (3, 3, 0)


def test_restricted_mean_of_complete_data_is_the_mean():
    # Of the times cut at 350: 100, 200, 300, 350; the error is sd / sqrt(n), sd with n for its divisor.
    mean = kaplan_meier(counts("100 200 300 400")).restricted_mean(350)
    assert mean == pytest.approx((350, 237.5, 96.01432 / 2), abs=1e-5)


def test_event_and_censoring_on_one_day():
    # The censored one is at risk of the event of that day: S = 1 - 1/2.
    assert kaplan_meier({(5, True): 1, (5, False): 1}).landmark(5).value == pytest.approx(0.5, abs=1e-15)


@given(st.dictionaries(st.tuples(st.integers(0, 30), st.booleans()), st.integers(1, 5), max_size=20))
def test_curve_by_hand(data):
    curve = kaplan_meier(data)
    survival = 1.0
    for step, time in zip(curve.steps, sorted({t for t, event in data if event}), strict=True):
        at_risk = sum(n for (t, _), n in data.items() if t >= time)
        died = data[time, True]
        survival *= 1 - died / at_risk
        assert (step.time, step.at_risk, step.events) == (time, at_risk, died)
        assert step.survival == pytest.approx(survival, abs=1e-12)
        assert step.low is None or 0 <= step.low <= step.survival <= step.high <= 1


@pytest.mark.parametrize(
    "x, n, exact, score",
    [
        (0, 10, (0, 0.308497), (0, 0.277533)),
        (10, 10, (0.691503, 1), (0.722467, 1)),
        (1, 10, (0.002529, 0.445016), (0.017876, 0.404150)),
        (14, 32, (0.263638, 0.623374), (0.281653, 0.606744)),
        (25, 32, (0.600272, 0.907228), (0.612450, 0.889762)),
        (42, 80, (0.410228, 0.637866), (0.416956, 0.630753)),
        (841, 951, (0.862280, 0.903970), (0.862441, 0.903131)),
        (6, 13, (0.192232, 0.748655), (0.232061, 0.708562)),
    ],
)
def test_intervals_of_proportions(x, n, exact, score):
    assert clopper_pearson(x, n) == about(exact)
    assert wilson(x, n) == about(score)


def test_description_of_eight_patients():
    # F11; SAS's default would give quartiles of 3.5 and 7.
    values = Counter([6, 3, 6, 5, 1, 8, 12, 4])
    assert mean(values) == 5.625
    assert standard_deviation(values) == pytest.approx(3.3354, abs=5e-5)
    assert [quantile(values, q) for q in (0.25, 0.5, 0.75)] == [3.75, 5.5, 6.5]


def test_description_of_nobody_and_of_one():
    assert (mean({}), standard_deviation({}), quantile({}, 0.5)) == (None, None, None)
    assert (mean({7: 1}), standard_deviation({7: 1}), quantile({7: 1}, 0.25)) == (7, None, 7)
