"""The least and greatest value that a written precision may mean (http://hl7.org/fhirpath/#lowboundaryprecision-integer-decimal--date--datetime--time)."""

import re
from calendar import monthrange
from decimal import Decimal

_DATE_TIME = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T([^Z+-]*)(Z|[+-]\d\d:\d\d)?)?")


def half_unit(number):
    """Half a unit of the last written digit: `5.40` -> 0.005, `100` -> 0.5, `54e-1` -> 0.05."""
    exponent = number.as_tuple().exponent if isinstance(number, Decimal) else 0
    return Decimal((0, (5,), exponent - 1))


def number_boundary(number, high):
    """int or Decimal -> Decimal."""
    return number + half_unit(number) if high else number - half_unit(number)


def time_boundary(literal, high):
    """`12:34` -> `12:34:00.000` or `12:34:59.999`."""
    pattern = "23:59:59.999" if high else "00:00:00.000"
    return literal + pattern[len(literal) :]


def date_boundary(literal, high):
    """`1970-06` -> `1970-06-01` or `1970-06-30`; None for what is not a date."""
    match = _DATE_TIME.fullmatch(literal)
    if not match:
        return None
    year, month, day = match.group(1, 2, 3)
    month = month or ("12" if high else "01")
    if not 1 <= int(month) <= 12 or year == "0000":
        return None
    return f"{year}-{month}-{day or (monthrange(int(year), int(month))[1] if high else '01')}"


def date_time_boundary(literal, high):
    """`2010-10-10` -> `2010-10-10T00:00:00.000+14:00` or `2010-10-10T23:59:59.999-12:00`; None as above."""
    day = date_boundary(literal, high)
    if day is None:
        return None
    time, zone = _DATE_TIME.fullmatch(literal).group(4, 5)
    return f"{day}T{time_boundary(time or '', high)}{zone or ('-12:00' if high else '+14:00')}"
