"""Exact JSON: what was sent comes back (https://hl7.org/fhir/R4/json.html).

The standard library's parser is used because it is the one that can refuse duplicate keys and keep
decimal literals; the writer is orjson, which copies those literals back.
"""

import json
import re
from decimal import Decimal

import orjson

from .errors import error

MAX_DEPTH = 64
MAX_NUMBER_LENGTH = 64
# Bytes say little of the memory that is needed: `[],` takes as much as a date. Usual are 20 bytes a mark.
MAX_MARKS = 1_000_000
_CONTAINERS = frozenset({dict, list})
_NUMBER_BOUND = Decimal("1e308")
# What only an escape can smuggle in: control characters below space (but \t \n \r) and surrogates.
_SUSPECT_ESCAPE = re.compile(rb"\\u(?:00[01]|[dD][89a-fA-F])|\\[bf]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class JsonDecimal(Decimal):
    """A decimal that remembers how it was written (`1.10`, `1.0e2`)."""

    __slots__ = ("literal",)

    def __new__(cls, literal):
        if len(literal) > MAX_NUMBER_LENGTH:
            raise ValueError(f"number with more than {MAX_NUMBER_LENGTH} characters")
        self = Decimal.__new__(cls, literal)
        if not -_NUMBER_BOUND < self < _NUMBER_BOUND:
            raise ValueError(f"number {literal} is out of range")
        self.literal = literal
        return self

    def __reduce__(self):
        return (JsonDecimal, (self.literal,))

    def __deepcopy__(self, memo):
        return self


def parse_integer(literal):
    """An int, or a JsonDecimal where the literal says more (`-0`) or is long."""
    if len(literal) > 18 or literal == "-0":
        return JsonDecimal(literal)
    return int(literal)


def _object(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        seen = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"property '{key}' occurs twice in one object")
            seen.add(key)
    return members


def _constant(name):
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=JsonDecimal,
    parse_int=parse_integer,
    parse_constant=_constant,
    strict=True,
)


def parse(data):
    """Parse a request body.

    data: bytes, UTF-8 (a leading byte order mark is allowed).
    Returns dict, list or scalar; decimals are JsonDecimal.
    Raises FhirError("malformed") for anything that is not exact FHIR JSON: invalid UTF-8, duplicate
    keys, NaN, NUL and other control characters, lone surrogates, nesting beyond MAX_DEPTH.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise error("malformed", "structure", f"The body is not valid UTF-8 (byte {e.start})") from None
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as e:
        raise error(
            "malformed", "structure", f"The body is not valid JSON: {e.msg} (line {e.lineno}, column {e.colno})"
        ) from None
    except RecursionError:
        raise error("malformed", "too-costly", f"The body is nested deeper than {MAX_DEPTH} levels") from None
    except (ValueError, ArithmeticError) as e:
        raise error("malformed", "structure", f"The body is not valid JSON: {e}") from None
    check_depth(value)
    # Raw control characters are refused by the decoder (strict); escaped ones only where an escape says so.
    if _SUSPECT_ESCAPE.search(data):
        _check_strings(value)
    return value


def parse_sent(data):
    """`parse` what a client sends; raises too-large as well, when it has more than MAX_MARKS of `,`, `[` and `{`."""
    refuse_many(data, b",[{", MAX_MARKS)
    return parse(data)


def refuse_many(data, marks, most):
    """Raise too-large when the bytes of `marks` occur more than `most` times in the data."""
    # One pass; bytes.count takes four times as long where there is much to count.
    if len(data) - len(data.translate(None, marks)) > most:
        raise error("too-large", "too-costly", "The body has too many elements; send it in parts")


def check_depth(value):
    """Raise malformed for a JSON value that is nested deeper than MAX_DEPTH."""
    # After parsing: the C scanner stops by itself (RecursionError) long before the stack is in danger.
    # Level by level, because one comprehension a level costs far less than one call a container.
    level, depth = [value] if type(value) in _CONTAINERS else [], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise error("malformed", "too-costly", f"The body is nested deeper than {MAX_DEPTH} levels")
        level = [
            member
            for container in level
            for member in (container.values() if type(container) is dict else container)
            if type(member) in _CONTAINERS
        ]


def _check_strings(value):
    if isinstance(value, str):
        if _FORBIDDEN.search(value):
            raise error("malformed", "value", "A string holds a control character or a lone surrogate")
    elif isinstance(value, dict):
        for key, member in value.items():
            _check_strings(key)
            _check_strings(member)
    elif isinstance(value, list):
        for item in value:
            _check_strings(item)


def _default(value):
    if isinstance(value, JsonDecimal):
        return orjson.Fragment(value.literal)
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def dumps(value, *, pretty=False):
    """Compact UTF-8 JSON bytes; key order and number literals as parsed."""
    return orjson.dumps(value, _default, orjson.OPT_INDENT_2 if pretty else None)
