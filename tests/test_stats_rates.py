"""Rates with exact Poisson intervals (section 4.3 of the definitions)."""

import pytest

from fhir_registry.stats.rates import exact_poisson, rate_per_100_years
from fhir_registry.stats.survival import Estimate


@pytest.mark.parametrize(
    "events, years, expected",
    [
        (0, 3.5, (0, 0, 105.3966)),
        (5, 3.5, (142.8571, 46.3853, 333.3809)),
        (12, 20, (60, 31.0029, 104.8079)),
        (661, 283.4, (233.2392, 215.7951, 251.7181)),
    ],
)
def test_events_in_years(events, years, expected):
    assert exact_poisson(events, years / 100) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    "events, days, expected",
    [(4, 272, (537.1324, 146.3505, 1375.2722)), (6, 679, (322.7541, 118.4450, 702.4997))],
    ids=["patients to their first event", "events in the window"],
)
def test_adverse_events_of_the_cohort(events, days, expected):
    assert rate_per_100_years(events, days) == pytest.approx(expected, abs=5e-5)


def test_nobody_observed():
    assert rate_per_100_years(0, 0) == Estimate(None, None, None)
