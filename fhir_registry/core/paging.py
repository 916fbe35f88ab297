"""Pages are cut by the last row of the page before (https://hl7.org/fhir/R4/http.html#paging)."""

import base64
import binascii

from ..fhir import json
from ..fhir.errors import FhirError, error

DEFAULT_COUNT = 50
MAX_COUNT = 1000


def parse_count(literal):
    """`_count` -> entries of a page, at most MAX_COUNT; '' is the default. Raises bad-request."""
    if literal == "":
        return DEFAULT_COUNT
    if not (literal.isascii() and literal.isdigit()):
        raise error("bad-request", "value", f"_count: '{literal}' is not a number of entries")
    return min(int(literal[:9]), MAX_COUNT)


def write_cursor(*values):
    """The place after the row with these values, as text that clients only hand back."""
    return base64.urlsafe_b64encode(json.dumps(values)).rstrip(b"=").decode()


def parse_cursor(literal, *types):
    """The values of a cursor, which must have these types. Raises bad-request for what is none of ours."""
    try:
        values = json.parse(base64.urlsafe_b64decode(literal.encode() + b"=="))
    except (binascii.Error, ValueError, FhirError):
        values = None
    if not isinstance(values, list) or [type(value) for value in values] != list(types):
        raise error("bad-request", "value", "_cursor is not one that this server gave for this search")
    return values
