"""Log-rank and Cox against R's survival package, published tables, and lifelines on single subjects."""

import numpy as np
import pandas
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from lifelines.statistics import multivariate_logrank_test
from scipy.optimize import linprog
from survival_data import PLACEBO, SIX_MP, counts, published

from fhir_registry.stats.comparison import hazard_ratios, log_rank
from fhir_registry.stats.cox import Cox, NotEstimable, cox

# AJ10 of the definitions, every other patient in a group of its own.
ODD = counts("30 91+ 130 183+ 365")
EVEN = counts("60+ 122 152+ 244+ 400+")


def about(expected):
    return pytest.approx(expected, abs=6e-7)  # the tables give six decimals


def test_published_data_sets_as_in_r(cases):
    for name, expected, groups in published(cases):
        levels = {group: data for group, data in groups.items() if group}
        test, wanted = log_rank(levels), expected["logrank"]
        # R printed eleven digits.
        assert (test.chi_square, test.p) == pytest.approx((wanted["chisq"], wanted["p"]), rel=1e-9), name
        assert test.df == wanted["df"]
        reference, other = levels
        (wanted,) = expected["cox_efron_by_group"]
        found = hazard_ratios(levels, reference)[other]
        assert wanted["term"] == f"group{other}"
        assert (found.value, found.se, found.p) == pytest.approx((wanted["coef"], wanted["se"], wanted["p"]), abs=1e-6)
        assert found.ratio == pytest.approx((wanted["hr"], wanted["lower"], wanted["upper"]), abs=1e-6), name


def test_two_groups_of_five():
    test = log_rank({"odd": ODD, "even": EVEN})
    assert test.observed == {"odd": 3, "even": 1}
    assert test.expected == about({"odd": 1.928571, "even": 2.071429})
    assert test.variance[0] == about((0.994898, -0.994898))
    assert (test.chi_square, test.df, test.p) == about((1.153846, 1, 0.282745))
    (effect,) = cox({(1,): ODD, (0,): EVEN}).coefficients
    assert effect.ratio == about((3.236068, 0.335432, 31.219814))
    assert hazard_ratios({"odd": ODD, "even": EVEN}, "even") == {"odd": NotEstimable("few-events")}


def test_freireich():
    test = log_rank({"6-MP": SIX_MP, "placebo": PLACEBO})
    assert test.chi_square == about(16.792941)
    effect = hazard_ratios({"6-MP": SIX_MP, "placebo": PLACEBO}, "placebo")["6-MP"]
    assert (effect.value, effect.se, effect.ratio.value) == about((-1.572125, 0.412397, 0.207604))
    inverse = hazard_ratios({"6-MP": SIX_MP, "placebo": PLACEBO}, "6-MP")["placebo"]
    assert inverse.ratio.value == pytest.approx(4.8169, abs=5e-5)
    assert inverse.value == pytest.approx(-effect.value, abs=1e-9)


@pytest.mark.parametrize(
    "levels",
    [
        {},
        {"a": {}},
        {"a": counts("1 2 3+")},
        {"a": counts("1 2 3+"), "b": {}},
        {"a": counts("1+ 2+"), "b": counts("3+")},
        {"a": counts("5 5"), "b": counts("5 5 5")},
        {"a": counts("5 6"), "b": counts("4+")},
    ],
    ids=[
        "no level",
        "nobody",
        "one level",
        "an empty level",
        "all censored",
        "all on one day",
        "none at risk together",
    ],
)
def test_nothing_to_compare(levels):
    test = log_rank(levels)
    assert (test.chi_square, test.df, test.p) == (None, 0, None)
    assert sum(test.expected.values()) == sum(test.observed.values())


def test_a_level_that_nobody_is_in_takes_no_degree_of_freedom():
    two = log_rank({"odd": ODD, "even": EVEN})
    three = log_rank({"odd": ODD, "none": {}, "even": EVEN, "early": counts("1+")})
    assert (three.chi_square, three.df) == (pytest.approx(two.chi_square), 1)


def test_levels_with_few_events_have_no_hazard_ratio():
    levels = {"6-MP": SIX_MP, "few": counts("3 5 9 9 30+"), "placebo": PLACEBO}
    found = hazard_ratios(levels, "placebo")
    assert found["few"] == NotEstimable("few-events")
    assert found["6-MP"].value == about(-1.572125)
    assert set(hazard_ratios(levels, "few").values()) == {NotEstimable("few-events")}
    assert hazard_ratios({"only": PLACEBO}, "only") == {}
    assert hazard_ratios({}, "none") == {}


@pytest.mark.parametrize(
    "patterns, reason",
    [
        ({}, "few-events"),
        ({(0,): {}, (1,): {}}, "few-events"),
        ({(0,): counts("5+"), (1,): counts("4+ 9+")}, "few-events"),
        ({(0,): counts("5 6 7+")}, "not-identifiable"),
        ({(0,): counts("7 7 9+"), (1,): counts("1+ 2+")}, "not-identifiable"),
        ({(0, 1): counts("5 6 7+"), (1, 1): counts("4 5 9")}, "not-identifiable"),
        ({(0, 1): counts("5 6 7+"), (1, 0): counts("4 5 9")}, "not-identifiable"),
        ({(0,): counts("5+"), (1,): counts("6 7")}, "not-identifiable"),
        ({(0,): counts("6 7 8 9 10"), (1,): counts("1 2 3 4 5")}, "monotone-likelihood"),
        ({(0,): counts("20+ 30+"), (1,): counts("1 2 3 4 5")}, "monotone-likelihood"),
        # The second covariate separates, the first does not.
        (
            {(0, 0): counts("9 9 9"), (1, 0): counts("8 9"), (0, 1): counts("1 2"), (1, 1): counts("1 2 2")},
            "monotone-likelihood",
        ),
    ],
)
def test_no_finite_coefficient(patterns, reason):
    assert cox(patterns) == NotEstimable(reason)


def test_all_events_on_one_day():
    # By hand: exp(b) = r, two of four die, one of each kind: log L = b - log(2 + 2 r) - log((3 + 3 r) / 2); r = 1.
    (effect,) = cox({(0,): counts("5 6+"), (1,): counts("5 6+")}).coefficients
    assert effect.ratio.value == pytest.approx(1, abs=1e-9)
    assert effect.p == pytest.approx(1, abs=1e-9)
    # Minus the second derivative there: 2 r / (1 + r)^2.
    assert effect.se == pytest.approx(2**0.5, abs=1e-9)


def test_a_rare_level_with_a_great_effect():
    # From zero, where there is next to no information, the first step of Newton's method leads far beyond the maximum.
    rare, common = counts("1 2 3 4 5 6"), counts("1.5 2.5 3.5 4.5 5.5 6.5") | {(9, False): 1_000_000}
    (effect,) = cox({(1,): rare, (0,): common}).coefficients
    # The score equation by hand: deaths among the rare are as many as expected.
    at_risk = [(7 - day, 1_000_007 - day) for day in range(1, 7)] + [(6 - day, 1_000_007 - day) for day in range(1, 6)]
    expected_deaths = sum(effect.ratio.value * a / (effect.ratio.value * a + b) for a, b in at_risk)
    assert expected_deaths == pytest.approx(6, abs=1e-6)
    assert effect.ratio.value > 1000


def test_units_and_origin_of_a_covariate_do_not_matter():
    data = [SIX_MP, PLACEBO, ODD]
    plain = cox({(x,): own for x, own in enumerate(data)})
    years = cox({(1900 + 12.5 * x,): own for x, own in enumerate(data)})
    assert years.coefficients[0].value * 12.5 == pytest.approx(plain.coefficients[0].value, rel=1e-9)
    assert years.coefficients[0].se * 12.5 == pytest.approx(plain.coefficients[0].se, rel=1e-9)
    assert years.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)


observations = st.dictionaries(st.tuples(st.integers(1, 9), st.booleans()), st.integers(1, 4), min_size=2, max_size=10)


@settings(max_examples=25, deadline=None)
@given(st.lists(observations, min_size=2, max_size=4))
def test_log_rank_of_counts_is_that_of_subjects(groups):
    test = log_rank(dict(enumerate(groups)))
    assume(test.df == len(groups) - 1)
    subjects = [(t, event, g) for g, data in enumerate(groups) for (t, event), n in data.items() for _ in range(n)]
    times, events, labels = zip(*subjects, strict=True)
    assert test.chi_square == pytest.approx(multivariate_logrank_test(times, labels, events).test_statistic, rel=1e-8)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.tuples(*[st.integers(0, 2)] * 2), observations, min_size=4, max_size=6))
def test_cox_of_counts_is_that_of_subjects(patterns):
    fitted = cox(patterns)
    assume(isinstance(fitted, Cox) and all(effect.se < 3 for effect in fitted.coefficients))
    theirs = expanded(patterns)
    assert [effect.value for effect in fitted.coefficients] == pytest.approx(theirs.params_.tolist(), abs=1e-6)
    assert [effect.se for effect in fitted.coefficients] == pytest.approx(theirs.standard_errors_.tolist(), abs=1e-6)
    assert fitted.covariance == pytest.approx(theirs.variance_matrix_.to_numpy(), abs=1e-6)
    assert fitted.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=1e-8)


@settings(deadline=None)
@given(st.dictionaries(st.tuples(*[st.integers(0, 2)] * 2), observations, min_size=2, max_size=5))
def test_a_coefficient_is_infinite_when_a_direction_tells_who_dies_first(patterns):
    subjects = [(x, t, event) for x, data in patterns.items() for t, event in data]
    deaths = [(x, t) for x, t, event in subjects if event]
    # Those who die less those at risk: no direction may have all of these on one side.
    pairs = {(x[0] - y[0], x[1] - y[1]) for x, time in deaths for y, t, _ in subjects if t >= time}
    pairs = np.array(sorted(pairs - {(0, 0)}) or [(0, 0)])
    fitted = cox(patterns)
    if not deaths:
        assert fitted == NotEstimable("few-events")
    elif np.linalg.matrix_rank(pairs) < 2:
        assert fitted == NotEstimable("not-identifiable")
    elif linprog(-pairs.sum(axis=0), A_ub=-pairs, b_ub=np.zeros(len(pairs)), bounds=(-1, 1)).fun < -1e-9:
        assert fitted == NotEstimable("monotone-likelihood")
    else:
        assert isinstance(fitted, Cox)


def expanded(patterns):
    """lifelines' model, a row for each subject."""
    rows = [(*x, t, event) for x, data in patterns.items() for (t, event), n in data.items() for _ in range(n)]
    names = [f"x{i}" for i in range(len(rows[0]) - 2)]
    frame = pandas.DataFrame(rows, columns=[*names, "time", "event"])
    return CoxPHFitter().fit(frame, "time", "event", fit_options={"precision": 1e-12, "step_size": 1.0})
