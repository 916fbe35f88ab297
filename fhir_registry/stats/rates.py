"""Rates of events over person-time with exact Poisson intervals (Garwood 1936, https://doi.org/10.1093/biomet/28.3-4.437)."""

from .beside import beside
from .intervals import CONFIDENCE
from .survival import Estimate

DAYS_PER_YEAR = 365.25


@beside
def exact_poisson(events, person_time):
    """Estimate of the rate of events per unit of person-time, interval exact; not estimable without person-time."""
    from scipy.special import gammaincinv  # large

    if not person_time:
        return Estimate(None, None, None)
    tail = (1 - CONFIDENCE) / 2
    # Half the chi-square quantile of 2 a degrees of freedom is the gamma quantile of shape a.
    low = float(gammaincinv(events, tail)) if events else 0.0
    high = float(gammaincinv(events + 1, 1 - tail))
    return Estimate(events / person_time, low / person_time, high / person_time)


def rate_per_100_years(events, days):
    """Estimate of the exposure-adjusted rate: events per 100 patient-years of `days` under observation in all."""
    return exact_poisson(events, days / DAYS_PER_YEAR / 100)
