"""Partial dates as intervals: rule C2 and C4 of the oncology definitions, and R4 search by date."""

from datetime import UTC, date, datetime

import pytest

from fhir_registry.fhir.dates import day_interval, from_day, instant_interval, instant_literal, to_day

DAYS = [
    ("2024-03-01", date(2024, 3, 1), date(2024, 3, 1)),
    ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
    ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
    ("2023-12", date(2023, 12, 1), date(2023, 12, 31)),
    ("9999", date(9999, 1, 1), date(9999, 12, 31)),
    ("2024", date(2024, 1, 1), date(2024, 12, 31)),
    ("1969-12-31", date(1969, 12, 31), date(1969, 12, 31)),
    ("2024-03-01T23:30:00-05:00", date(2024, 3, 1), date(2024, 3, 1)),  # T38: the date as written, never UTC
    ("2024-03-01T00:30:00+08:00", date(2024, 3, 1), date(2024, 3, 1)),
]


@pytest.mark.parametrize(("literal", "lo", "hi"), DAYS)
def test_day_interval(literal, lo, hi):
    assert tuple(map(from_day, day_interval(literal))) == (lo, hi)


@pytest.mark.parametrize(
    "literal", ["", "x", "2024-1", "2024-03-01 ", "2024-03-011", "2024-13", "2024-02-30", "2023-02-29"]
)
def test_not_a_date(literal):
    with pytest.raises(ValueError):
        day_interval(literal)


def microseconds(*parts):
    return round(datetime(*parts, tzinfo=UTC).timestamp() * 1_000_000)


INSTANTS = [
    ("2024", microseconds(2024, 1, 1), microseconds(2025, 1, 1)),
    ("2024-02", microseconds(2024, 2, 1), microseconds(2024, 3, 1)),
    ("2024-03-01", microseconds(2024, 3, 1), microseconds(2024, 3, 2)),
    ("2024-03-01T10:20Z", microseconds(2024, 3, 1, 10, 20), microseconds(2024, 3, 1, 10, 21)),
    ("2024-03-01T10:20:30Z", microseconds(2024, 3, 1, 10, 20, 30), microseconds(2024, 3, 1, 10, 20, 31)),
    ("2024-03-01T10:20:30", microseconds(2024, 3, 1, 10, 20, 30), microseconds(2024, 3, 1, 10, 20, 31)),
    ("2024-03-01T23:30:00-05:00", microseconds(2024, 3, 2, 4, 30), microseconds(2024, 3, 2, 4, 30, 1)),
    ("2024-03-01T00:30:00+08:00", microseconds(2024, 2, 29, 16, 30), microseconds(2024, 2, 29, 16, 30, 1)),
    (
        "2024-03-01T10:20:30.5Z",
        microseconds(2024, 3, 1, 10, 20, 30, 500000),
        microseconds(2024, 3, 1, 10, 20, 30, 600000),
    ),
    (
        "2024-03-01T10:20:30.715Z",
        microseconds(2024, 3, 1, 10, 20, 30, 715000),
        microseconds(2024, 3, 1, 10, 20, 30, 716000),
    ),
    ("2016-12-31T23:59:60Z", microseconds(2017, 1, 1), microseconds(2017, 1, 1, 0, 0, 1)),  # a leap second
]


@pytest.mark.parametrize(("literal", "lo", "hi"), INSTANTS)
def test_instant_interval(literal, lo, hi):
    assert instant_interval(literal) == (lo, hi)


def test_nanoseconds_are_a_point():
    lo, hi = instant_interval("2024-03-01T10:20:30.123456789Z")
    assert (lo, hi) == (microseconds(2024, 3, 1, 10, 20, 30, 123456), lo + 1)


def test_instant_literal():
    assert instant_literal(microseconds(2024, 3, 1, 10, 20, 30, 715000)) == "2024-03-01T10:20:30.715Z"


def test_days_round_trip():
    assert to_day(date(1970, 1, 1)) == 0
    assert from_day(to_day(date(2024, 2, 29))) == date(2024, 2, 29)
