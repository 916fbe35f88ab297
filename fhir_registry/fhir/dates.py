"""Partial dates are intervals (https://hl7.org/fhir/R4/datatypes.html#dateTime)."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

EPOCH = date(1970, 1, 1)
_EPOCH_ORDINAL = EPOCH.toordinal()
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T.*)?)?)?")
_DATE_TIME = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
SECOND = 1_000_000  # microseconds


def to_day(value):
    """datetime.date -> whole days since 1970-01-01."""
    return value.toordinal() - _EPOCH_ORDINAL


def from_day(day):
    """Whole days since 1970-01-01 -> datetime.date."""
    return date.fromordinal(day + _EPOCH_ORDINAL)


@lru_cache(maxsize=8192)
def day_interval(literal):
    """The calendar days a FHIR date, dateTime or instant may mean, as written by the site.

    Returns (lo, hi), whole days since 1970-01-01, both inclusive. The zone is not applied: rule C2 of the
    oncology definitions ("date part of the literal"). Raises ValueError for what is not a date.
    """
    match = _DATE.fullmatch(literal)
    if not match:
        raise ValueError(f"'{literal}' is not a date")
    year, month, day = match.groups()
    year = int(year)
    if day:
        lo = date(year, int(month), int(day)).toordinal() - _EPOCH_ORDINAL
        return lo, lo
    first, last = (int(month), int(month)) if month else (1, 12)
    lo = date(year, first, 1).toordinal() - _EPOCH_ORDINAL
    return lo, date(year, last, monthrange(year, last)[1]).toordinal() - _EPOCH_ORDINAL


@lru_cache(maxsize=8192)
def instant_interval(literal):
    """The instants a FHIR date, dateTime or instant may mean: (lo, hi) in microseconds since the epoch, hi exclusive.

    A literal without zone is read in UTC. Raises ValueError for what is not a date.
    """
    match = _DATE_TIME.fullmatch(literal)
    if not match:
        raise ValueError(f"'{literal}' is not a date")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if hour is None:
        lo, hi = day_interval(literal)
        return lo * 86400 * SECOND, (hi + 1) * 86400 * SECOND
    leap = second == "60"  # R4 allows leap seconds; the clock here does not know them
    moment = datetime(
        int(year), int(month), int(day), int(hour), int(minute), 59 if leap else int(second or 0), tzinfo=UTC
    )
    lo = round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)) + leap * SECOND
    if zone and zone != "Z":
        offset = (int(zone[1:3]) * 60 + int(zone[4:6])) * 60 * SECOND
        lo += -offset if zone[0] == "+" else offset
    if second is None:
        return lo, lo + 60 * SECOND
    if fraction is None:
        return lo, lo + SECOND
    lo += int(fraction[:6].ljust(6, "0"))
    return lo, lo + 10 ** (6 - min(len(fraction), 6))


def instant(literal):
    """FHIR instant -> microseconds since the epoch. Raises ValueError for what is none: seconds and zone are a must."""
    if not _INSTANT.fullmatch(literal):
        raise ValueError(f"'{literal}' is not an instant with seconds and a time zone")
    return instant_interval(literal)[0]


def instant_literal(microseconds):
    """Microseconds since the epoch -> FHIR instant in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(microseconds // SECOND, UTC)
    return f"{moment.isoformat()[:19]}.{microseconds % SECOND // 1000:03d}Z"  # strftime pads no years
