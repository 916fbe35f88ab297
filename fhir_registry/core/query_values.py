"""The values of search parameters, by type of parameter (https://hl7.org/fhir/R4/search.html#ptypes)."""

import math
import re
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from ..fhir.dates import instant_interval
from ..fhir.errors import error
from .index import normalize

PREFIXES = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"})
MAX_CONTAINED = 20_000  # bytes to look for inside others; SQLite stops at patterns of 50,000, escapes included
MAX_BELOW = 150  # characters of a URL below which others lie: index keys hold the beginning of longer ones
MAX_ABOVE = 2000
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_PREFIXED = re.compile(r"([a-z]{2})?(.*)", re.DOTALL)


class Range(NamedTuple):
    """A value with a prefix. lo, hi: what it means, hi exclusive (microseconds for dates); value: as written."""

    prefix: str
    lo: float
    hi: float
    value: float | None = None
    system: str | None = None  # of a quantity: None for any, "" for none
    code: str | None = None


class Token(NamedTuple):
    """system: None for any, "" for none; code: None for any."""

    system: str | None
    code: str | None


class Target(NamedTuple):
    """What a reference must name; type: None for any, "" for what is not on this server (then `id` is the URL).

    url: the same as an absolute URL of this server, which a sender may have written.
    """

    type: str | None
    id: str
    url: str | None = None


def bad(message, code="invalid"):
    """The FhirError (400) for a query that cannot be honoured."""
    return error("bad-request", code, message)


def split(value, separator):
    """Split at separators that no backslash escapes; the escapes stay."""
    parts, start, position = [], 0, 0
    while position < len(value):
        if value[position] == "\\":
            if value[position + 1 : position + 2] not in (",", "|", "$", "\\"):
                raise bad("A backslash stands only before one of , | $ \\")
            position += 1
        elif value[position] == separator:
            parts.append(value[start:position])
            start = position + 1
        position += 1
    parts.append(value[start:])
    return parts


def unescape(value):
    """What an escaped text stands for."""
    return re.sub(r"\\(.)", r"\1", value)


def parse_string(name, part):
    """A text in the form that is compared."""
    value = normalize(unescape(part))
    if not value:
        raise bad(f"'{name}': '{part}' has no letter or digit")
    return value


def parse_contained(name, part):
    """A text that may stand anywhere in another."""
    value = parse_string(name, part)
    if len(value.encode()) > MAX_CONTAINED:
        raise bad(f"'{name}': a value has at most {MAX_CONTAINED:,} bytes", "too-costly")
    return value


def parse_exact(_name, part):
    """A text as it is written."""
    return unescape(part)


def parse_above(name, part):
    """A URL which others lie above."""
    return _path(name, part, MAX_ABOVE)


def parse_below(name, part):
    """A URL which others lie below."""
    return _path(name, part, MAX_BELOW)


def _path(name, part, most):
    value = unescape(part)
    if value.startswith("urn:"):
        raise bad(f"'{name}': nothing is above or below '{value}', which is no URL", "not-supported")
    if len(value) > most:
        raise bad(f"'{name}': a value has at most {most:,} characters", "too-costly")
    return value


def parse_token(name, part):
    """`code`, `system|code`, `|code` or `system|`."""
    parts = [unescape(p) for p in split(part, "|")]
    if len(parts) > 2 or parts == ["", ""]:
        raise bad(f"'{name}': '{part}' is not of the form system|code")
    if len(parts) == 1:
        return Token(None, parts[0])
    system, code = parts
    return Token(system, code or None)


def parse_of_type(name, part):
    """`system|code|value` of an identifier: the system and code of its type, and its value."""
    parts = [unescape(p) for p in split(part, "|")]
    if len(parts) != 3 or not parts[1] or not parts[2]:
        raise bad(f"'{name}': '{part}' is not of the form system|code|value")
    system, code, value = parts
    return Token(system, f"{code}|{value}")


def parse_date(name, part):
    """A date of any precision with a prefix, in microseconds; without a zone it is in UTC."""
    prefix, literal = _prefixed(unescape(part))
    try:
        # A '+' of the offset that was not percent-encoded arrives as a space.
        lo, hi = instant_interval(literal.replace(" ", "+"))
    except (ValueError, OverflowError):
        wanted = "a date such as 2024, 2024-12-31 or 2024-12-31T10:00:00Z, after a prefix such as ge or without"
        raise bad(f"'{name}': '{literal}' is not {wanted}") from None
    return Range(prefix, lo, hi)


def parse_number(name, part):
    """A number with a prefix; it stands for all that is rounded to its digits."""
    prefix, literal = _prefixed(part)
    if not _NUMBER.fullmatch(literal):
        raise bad(f"'{name}': '{literal}' is not a number")
    try:
        value = Decimal(literal)
        # Half a unit of the last digit written, where the exponent puts it.
        half = Decimal(5).scaleb(value.as_tuple().exponent - 1)
        if prefix == "ap":
            half = abs(value) / 10
        number = float(value)
        # More digits than a floating number has are that number alone.
        lo, hi = min(float(value - half), number), max(float(value + half), math.nextafter(number, math.inf))
        return Range(prefix, lo, hi, number)
    except (InvalidOperation, OverflowError):
        raise bad(f"'{name}': '{literal}' is out of range") from None


def parse_quantity(name, part):
    """`number` or `number|system|code`, with a prefix."""
    parts = [unescape(p) for p in split(part, "|")]
    if len(parts) not in (1, 3):
        raise bad(f"'{name}': '{part}' is not of the form number|system|code")
    number = parse_number(name, parts[0])
    if len(parts) == 1:
        return number
    # `||code` leaves the system open
    return number._replace(system=parts[1] or None, code=parts[2] or None)


def _prefixed(part):
    prefix, rest = _PREFIXED.fullmatch(part).groups()
    return (prefix, rest) if prefix in PREFIXES else ("eq", part)


# type of parameter -> {modifier: function (name, part) -> value}
PARSERS = {
    "string": {None: parse_string, "exact": parse_exact, "contains": parse_contained},
    "token": {None: parse_token, "not": parse_token},
    "date": {None: parse_date},
    "number": {None: parse_number},
    "quantity": {None: parse_quantity},
    "uri": {None: parse_exact, "above": parse_above, "below": parse_below},
}
