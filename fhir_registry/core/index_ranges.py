"""Index rows of dates, numbers and quantities (https://hl7.org/fhir/R4/search.html#date, #number, #quantity).

A function takes a SearchParam, a value and the list that it appends rows to; see `index_rows` for the rows.
"""

import sys
from decimal import Decimal
from math import isfinite

from ..fhir.dates import instant_interval

# Ends of an open Period, in microseconds: beyond all dates, and within 64 bits.
ALWAYS = (-(2**62), 2**62)
_GREATEST = sys.float_info.max
_CURRENCIES = "urn:iso:std:iso:4217"


# --- date -------------------------------------------------------------------------------------------


def _date(param, value, rows):
    try:
        lo, hi = instant_interval(value)
    except ValueError:
        return
    rows.append((param.id, 0, lo, hi))


def _bounds(period):
    """(lo, hi) of a Period in microseconds, None when nothing of it can be read."""
    start, end = period.get("start"), period.get("end")
    if start is None and end is None:
        return None
    try:
        return (
            ALWAYS[0] if start is None else instant_interval(start)[0],
            ALWAYS[1] if end is None else instant_interval(end)[1],
        )
    except ValueError:
        return None


def _period(param, value, rows):
    bounds = _bounds(value)
    if bounds:
        rows.append((param.id, 0, *bounds))


def _timing(param, value, rows):
    found = [_bounds({"start": event, "end": event}) for event in value.get("event", ()) if event is not None]
    found.append(_bounds(value.get("repeat", {}).get("boundsPeriod", {})))
    known = [bounds for bounds in found if bounds]
    if known:
        rows.append((param.id, 0, min(lo for lo, _ in known), max(hi for _, hi in known)))


# --- number and quantity ----------------------------------------------------------------------------


def _number(param, value, rows):
    number = float(value)
    rows.append((param.id, 0, number, number, number))


def _limits(low, high):
    """(lo, hi, value) of a range whose ends may be open; None without ends."""
    if low is None and high is None:
        return None
    lo = -_GREATEST if low is None else float(low)
    hi = _GREATEST if high is None else float(high)
    return lo, hi, hi if low is None else lo


def _ends(value):
    low, high = value.get("low", {}), value.get("high", {})
    return _limits(low.get("value"), high.get("value")), low if "value" in low else high


def _number_range(param, value, rows):
    limits, _ = _ends(value)
    if limits:
        rows.append((param.id, 0, *limits))


def _quantity(param, value, rows):
    number = value.get("value")
    if number is None:
        return
    comparator = value.get("comparator")
    if comparator is None:
        number = float(number)
        limits = (number, number, number)
    else:
        limits = _limits(None, number) if comparator[0] == "<" else _limits(number, None)
    rows.append((param.id, 0, *limits, value.get("system", ""), value.get("code", ""), value.get("unit", "")))


def _quantity_range(param, value, rows):
    limits, unit = _ends(value)
    if limits:
        rows.append((param.id, 0, *limits, unit.get("system", ""), unit.get("code", ""), unit.get("unit", "")))


def _money(param, value, rows):
    if "value" in value:
        number = float(value["value"])
        rows.append((param.id, 0, number, number, number, _CURRENCIES, value.get("currency", ""), ""))


def _sampled_data(param, value, rows):
    """The bounds of the samples; open where one is beyond what could be measured (`L`, `U`)."""
    samples, origin = value.get("data", "").split(), value.get("origin", {})
    try:
        numbers = [Decimal(sample) for sample in samples if sample not in ("E", "L", "U")]
        zero, factor = Decimal(origin.get("value", 0)), Decimal(value.get("factor", 1))
        bounds = [float(zero + factor * number) for number in (min(numbers), max(numbers))] if numbers else []
    except ArithmeticError:
        return
    if not all(map(isfinite, bounds)):
        return
    lo = None if "L" in samples else min(bounds, default=None)
    hi = None if "U" in samples else max(bounds, default=None)
    limits = _limits(lo, hi)
    if limits:
        rows.append((param.id, 0, *limits, origin.get("system", ""), origin.get("code", ""), origin.get("unit", "")))


# value type -> function
DATES = {**dict.fromkeys(("date", "dateTime", "instant"), _date), "Period": _period, "Timing": _timing}
NUMBERS = {**dict.fromkeys(("decimal", "integer", "positiveInt", "unsignedInt"), _number), "Range": _number_range}
QUANTITIES = {
    **dict.fromkeys(("Quantity", "Age", "Duration", "Distance", "Count"), _quantity),
    "Range": _quantity_range,
    "Money": _money,
    "SampledData": _sampled_data,
}
