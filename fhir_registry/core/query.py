"""The query of a search becomes criteria (https://hl7.org/fhir/R4/search.html)."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from ..content.searchparams import SearchParam
from ..fhir.dates import instant_interval
from ..fhir.errors import error
from .index import normalize

MAX_PARAMETERS = 1000
MAX_CRITERIA = 100
MAX_VALUES = 500  # alternatives in one query; SQLite stops at expressions 1,000 deep
MAX_COMPARISONS = 4000  # values times the types that chains lead to; SQLite stops at 32,766 bound values
MAX_CHAIN = 3  # SQLite's parser gives up on deeper subqueries
MAX_LINKS = 200  # types that the references of one search may lead to, so that any type (148) is possible once
MAX_CONTAINED = 20_000  # bytes to look for inside others; SQLite stops at patterns of 50,000, escapes included
PREFIXES = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"})
MODIFIERS = {"string": ("exact", "contains"), "token": ("not",), "date": (), "number": (), "quantity": (), "uri": ()}
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
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


class Criterion(NamedTuple):
    """One parameter with its alternatives. modifier: None, exact, contains or not."""

    param: SearchParam
    modifier: str | None
    values: tuple[Any, ...]


class Missing(NamedTuple):
    """The parameter has no value (or, when not missing, has one)."""

    param: SearchParam
    missing: bool


class Ids(NamedTuple):
    """Logical ids."""

    values: tuple[str, ...]


class LastUpdated(NamedTuple):
    """When the current version was stored: Ranges in microseconds."""

    values: tuple[Range, ...]


class Chain(NamedTuple):
    """The reference names a resource of `type` for which the criterion holds; one link for each type."""

    param: SearchParam
    links: tuple[tuple[str, Any], ...]


class Has(NamedTuple):
    """A resource of `type` for which the criterion holds names this one in `param`."""

    type: str
    param: SearchParam
    criterion: Any


class Filter(NamedTuple):
    """What a resource of `type` must meet; `used`: the parameters that were understood, `unknown`: the others."""

    type: str
    criteria: tuple[Any, ...]
    used: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]


def parse_pairs(query):
    """`a=1&b=%C3%A9` -> [("a", "1"), ("b", "é")].

    Raises FhirError (400) for escapes that are not UTF-8, for control characters and for too many parameters.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise _bad("The parameters are not percent-encoded UTF-8") from None
    except ValueError:
        raise _bad(f"More than {MAX_PARAMETERS} parameters", "too-costly") from None
    for name, value in pairs:
        if not (name + value).isprintable() and any(c < " " for c in name + value):
            raise _bad("A parameter holds a control character")
    return pairs


def parse_filter(type, pairs, search_params, base, strict=True):
    """Parse the parameters that select resources.

    pairs: (name, value), percent-decoded once. search_params: type -> SearchParams. base: URL of this server,
    for references to itself. Raises FhirError (400) for whatever it cannot honour; parameters with an empty value are
    ignored, as are (when not strict) those whose name is unknown.
    """
    parser = _Parser(search_params, base)
    criteria, used, unknown = [], [], []
    for name, value in pairs:
        if value == "":
            continue
        if not strict and not parser.knows(type, name):
            unknown.append(name)
            continue
        criteria.append(parser.criterion(type, name, value))
        used.append((name, value))
    if len(criteria) > MAX_CRITERIA:
        raise error("bad-request", "too-costly", f"A search has at most {MAX_CRITERIA} parameters")
    return Filter(type, tuple(criteria), tuple(used), tuple(unknown))


def find_param(search_params, type, code):
    """The SearchParam of a resource type, None when there is none that can be searched."""
    return next((param for param in search_params[type] if param.code == code), None)


class _Parser:
    def __init__(self, search_params, base):
        self._params = search_params
        self._base = base and base.rstrip("/") + "/"
        self._values = 0
        self._comparisons = 0
        self._links = 0

    def knows(self, type, name):
        code = re.split(r"[:.]", name, maxsplit=1)[0]
        return code in ("_id", "_lastUpdated", "_has") or find_param(self._params, type, code) is not None

    def criterion(self, type, name, value, depth=0):
        """The criterion that `name=value` puts to resources of `type`."""
        if depth > MAX_CHAIN:
            raise error("bad-request", "too-costly", f"'{name}' is chained more than {MAX_CHAIN} times")
        if name.startswith("_has:"):
            return self._has(name, value, depth)
        head, dot, rest = name.partition(".")
        code, colon, modifier = head.partition(":")
        modifier = modifier if colon else None
        if code in ("_id", "_lastUpdated") and not dot:
            if modifier is not None:
                raise _bad(f"'{name}': the modifier :{modifier} is not supported", "not-supported")
            parts = self._split(name, value)
            if code == "_id":
                return Ids(tuple(_unescape(part) for part in parts))
            return LastUpdated(tuple(_date(name, part) for part in parts))
        param = self._param(type, code, name)
        if dot:
            return self._chain(param, modifier, rest, value, depth, name)
        if modifier == "missing":
            if value not in ("true", "false"):
                raise _bad(f"'{name}' must be true or false, not '{value}'")
            return Missing(param, value == "true")
        return self._simple(param, modifier, name, value)

    def _param(self, type, code, name):
        param = find_param(self._params, type, code)
        if param is None:
            raise _bad(f"'{name}': {type} has no search parameter '{code}'", "not-supported")
        return param

    def _simple(self, param, modifier, name, value):
        kind = param.type
        typed = kind == "reference" and modifier in self._params
        if modifier is not None and not typed and modifier not in MODIFIERS.get(kind, ()):
            raise _bad(f"'{name}': the modifier :{modifier} is not supported for type {kind}", "not-supported")
        parts = self._split(name, value)
        if kind == "reference":
            return Criterion(param, None, tuple(self._reference(name, part, modifier) for part in parts))
        if kind == "string" and modifier == "exact":
            return Criterion(param, modifier, tuple(_unescape(part) for part in parts))
        values = tuple(_PARSE[kind](name, part) for part in parts)
        if modifier == "contains" and max(len(value.encode()) for value in values) > MAX_CONTAINED:
            raise _bad(f"'{name}': a value has at most {MAX_CONTAINED:,} bytes", "too-costly")
        return Criterion(param, modifier, values)

    def _split(self, name, value):
        parts = [part for part in _split(value, ",") if part]
        self._values += len(parts)
        self._comparisons += len(parts)
        if self._comparisons > MAX_COMPARISONS:
            raise _bad(f"'{name}' leads to too many types for {len(parts)} values; name the types", "too-costly")
        if self._values > MAX_VALUES:
            raise error("bad-request", "too-costly", f"A search has at most {MAX_VALUES} values")
        if not parts:
            raise _bad(f"'{name}' has no value")
        return parts

    def _reference(self, name, part, type):
        value = _unescape(part)
        if self._base and value.startswith(self._base):
            value = value[len(self._base) :]
        if "://" in value or value.startswith("urn:"):
            return Target("", value)
        head, slash, id_ = value.partition("/")
        if not slash:
            return Target(type, value, self._base and type and f"{self._base}{type}/{value}")
        if head not in self._params:
            raise _bad(f"'{name}': '{value}' is not a reference")
        if type is not None and head != type:
            return Target(type, value)  # no id has a slash: nothing matches
        id_ = id_.partition("/")[0]
        return Target(head, id_, self._base and f"{self._base}{head}/{id_}")

    def _chain(self, param, type, rest, value, depth, name):
        if param.type != "reference":
            raise _bad(f"'{name}': '{param.code}' is not a reference and cannot be chained")
        if type is not None and type not in self._params:
            raise _bad(f"'{name}': the modifier :{type} is not a resource type", "not-supported")
        code = re.split(r"[:.]", rest, maxsplit=1)[0]
        types = [type] if type else sorted(t for t in param.targets if self.knows(t, code))
        if not types:
            raise _bad(f"'{name}': no target of '{param.code}' has a search parameter '{code}'", "not-supported")
        self._links += len(types)
        if self._links > MAX_LINKS:
            message = f"'{name}' leads to more than {MAX_LINKS} types; name them, as in {param.code}:{types[0]}.{rest}"
            raise _bad(message, "too-costly")
        counted = self._values
        links = []
        for target in types:
            self._values = counted  # alternatives of one value, not values of their own
            links.append((target, self.criterion(target, rest, value, depth + 1)))
        return Chain(param, tuple(links))

    def _has(self, name, value, depth):
        parts = name.split(":", 3)
        if len(parts) != 4 or parts[1] not in self._params:
            raise _bad(f"'{name}' is not of the form _has:Type:reference:parameter")
        _, type_, code, rest = parts
        param = self._param(type_, code, name)
        if param.type != "reference":
            raise _bad(f"'{name}': '{code}' is not a reference")
        return Has(type_, param, self.criterion(type_, rest, value, depth + 1))


def _bad(message, code="invalid"):
    return error("bad-request", code, message)


def _split(value, separator):
    """Split at separators that no backslash escapes; the escapes stay."""
    parts, start, position = [], 0, 0
    while position < len(value):
        if value[position] == "\\":
            if value[position + 1 : position + 2] not in (",", "|", "$", "\\"):
                raise _bad("A backslash stands only before one of , | $ \\")
            position += 1
        elif value[position] == separator:
            parts.append(value[start:position])
            start = position + 1
        position += 1
    parts.append(value[start:])
    return parts


def _unescape(value):
    return re.sub(r"\\(.)", r"\1", value)


def _string(name, part):
    value = normalize(_unescape(part))
    if not value:
        raise _bad(f"'{name}': '{part}' has no letter or digit")
    return value


def _uri(_name, part):
    return _unescape(part)


def _token(name, part):
    parts = [_unescape(p) for p in _split(part, "|")]
    if len(parts) > 2 or parts == ["", ""]:
        raise _bad(f"'{name}': '{part}' is not of the form system|code")
    if len(parts) == 1:
        return Token(None, parts[0])
    system, code = parts
    return Token(system, code or None)


def _prefixed(part):
    prefix, rest = _PREFIXED.fullmatch(part).groups()
    return (prefix, rest) if prefix in PREFIXES else ("eq", part)


def _date(name, part):
    prefix, literal = _prefixed(_unescape(part))
    try:
        # A '+' of the offset that was not percent-encoded arrives as a space.
        lo, hi = instant_interval(literal.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise _bad(f"'{name}': '{literal}' is not a date") from None
    return Range(prefix, lo, hi)


def _number(name, part, literal=None):
    prefix, literal = _prefixed(part)
    if not _NUMBER.fullmatch(literal):
        raise _bad(f"'{name}': '{literal}' is not a number")
    try:
        value = Decimal(literal)
        # Half a unit of the last digit written, where the exponent puts it.
        half = Decimal(5).scaleb(value.as_tuple().exponent - 1)
        if prefix == "ap":
            half = abs(value) / 10
        return Range(prefix, float(value - half), float(value + half), float(value))
    except (InvalidOperation, OverflowError):
        raise _bad(f"'{name}': '{literal}' is out of range") from None


def _quantity(name, part):
    parts = [_unescape(p) for p in _split(part, "|")]
    if len(parts) not in (1, 3):
        raise _bad(f"'{name}': '{part}' is not of the form number|system|code")
    number = _number(name, parts[0])
    if len(parts) == 1:
        return number
    # `||code` leaves the system open
    return number._replace(system=parts[1] or None, code=parts[2] or None)


_PARSE = {"string": _string, "token": _token, "date": _date, "number": _number, "quantity": _quantity, "uri": _uri}
