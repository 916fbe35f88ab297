"""The lexical rules of the primitive types (https://hl7.org/fhir/R4/datatypes.html#primitive)."""

import binascii
import re
from datetime import date
from decimal import Decimal

from ..fhir import json
from .narrative import narrative_problem

MAX_STRING = 1024 * 1024  # characters
MAX_INTEGER = 2**31 - 1
_SHOWN = 60

# White space is that of XML Schema (space, tab, line ends), so a no-break space is an ordinary character.
_YEAR = r"(?!0000)\d{4}"
_MONTH = r"-(?:0[1-9]|1[0-2])"
_DAY = r"-(?:0[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"


def _pattern(expression):
    return re.compile(expression, re.ASCII).fullmatch


_DATE = _pattern(f"{_YEAR}(?:{_MONTH}(?:{_DAY})?)?")
_DATE_TIME = _pattern(f"{_YEAR}(?:{_MONTH}(?:{_DAY}(?:T{_CLOCK}{_ZONE})?)?)?")
_INSTANT = _pattern(f"{_YEAR}{_MONTH}{_DAY}T{_CLOCK}{_ZONE}")
_PADDED_BASE64 = _pattern(r"[A-Za-z0-9+/=]+")


def shown(value):
    """A value as it may stand in a message: JSON, but for the quotes around a text, and short."""
    text = repr(value) if isinstance(value, str) else json.dumps(value).decode()
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def json_kind(value):
    """What JSON calls a parsed value."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, bool):
        return "a boolean"
    return "null" if value is None else "a number"


def _is_day(literal):
    # The pattern has said that the day is 01 to 31; only the end of the month is left to know.
    if literal[8:10] > "28":
        try:
            date(int(literal[:4]), int(literal[5:7]), int(literal[8:10]))
        except ValueError:
            return False
    return True


def _dated(match, what):
    def check(value, owner=None):
        if type(value) is not str:
            return f"must be a string, not {json_kind(value)}"
        if match(value) and _is_day(value):
            return None
        return f"{shown(value)} is not {what}"

    return check


def _literal(expression, what, longest=MAX_STRING):
    match = _pattern(expression)

    def check(value, owner=None):
        if type(value) is not str:
            return f"must be a string, not {json_kind(value)}"
        if match(value) and len(value) <= longest:
            return None
        return f"{shown(value)} is not {what}"

    return check


def _integer(low, what):
    def check(value, owner=None):
        if type(value) is int and low <= value <= MAX_INTEGER:
            return None
        return f"{shown(value)} is not {what}"

    return check


def check_string(value, owner=None):
    """None, or what is wrong with a `string` or `markdown`."""
    if type(value) is not str:
        return f"must be a string, not {json_kind(value)}"
    if not value:
        return "must not be empty"
    return None if len(value) <= MAX_STRING else f"is longer than {MAX_STRING} characters"


def check_boolean(value, owner=None):
    if value is True or value is False:
        return None
    return f"must be true or false, not {shown(value)}"


def check_decimal(value, owner=None):
    if type(value) is int or isinstance(value, (Decimal, float)):
        return None
    return f"must be a number, not {json_kind(value)}"


def check_base64(value, owner=None):
    if type(value) is not str:
        return f"must be a string, not {json_kind(value)}"
    packed = "".join(value.split())
    try:
        if _PADDED_BASE64(packed):
            binascii.a2b_base64(packed, strict_mode=True)
            return None
    except binascii.Error:
        pass
    return f"{shown(value)} is not base64"


def check_xhtml(value, owner=None):
    if type(value) is not str:
        return f"must be a string, not {json_kind(value)}"
    return narrative_problem(value)


# Type name -> function(value) -> None, or the end of a sentence that begins with the element.
PRIMITIVES = {
    "base64Binary": check_base64,
    "boolean": check_boolean,
    "canonical": _literal(r"\S+", "a canonical (no spaces, not empty)"),
    "code": _literal(r"\S+(?:\s\S+)*", "a code (no leading, trailing or double space, not empty)"),
    "date": _dated(_DATE, "a date (2024, 2024-12 or 2024-12-31)"),
    "dateTime": _dated(_DATE_TIME, "a dateTime (a time needs seconds and a zone)"),
    "decimal": check_decimal,
    "id": _literal(r"[A-Za-z0-9\-.]{1,64}", "an id (1 to 64 letters, digits, '-' or '.')"),
    "instant": _dated(_INSTANT, "an instant (date, time to the second, zone)"),
    "integer": _integer(-MAX_INTEGER - 1, "an integer of 32 bits"),
    "markdown": check_string,
    "oid": _literal(r"urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+", "an OID (urn:oid:...)"),
    "positiveInt": _integer(1, "a positive integer of 31 bits"),
    "string": check_string,
    "time": _literal(_CLOCK, "a time (hh:mm:ss)"),
    "unsignedInt": _integer(0, "an unsigned integer of 31 bits"),
    "uri": _literal(r"\S+", "a URI (no spaces, not empty)"),
    "url": _literal(r"\S+", "a URL (no spaces, not empty)"),
    "uuid": _literal(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "a UUID (urn:uuid:...)"),
    "xhtml": check_xhtml,
}
