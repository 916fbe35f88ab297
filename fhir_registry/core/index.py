"""Search index rows of a resource (https://hl7.org/fhir/R4/search.html#ptypes)."""

import re
import sys
import unicodedata
from functools import lru_cache

from ..fhir.dates import instant_interval
from ..fhir.references import split_reference

# Ends of an open Period, in microseconds: beyond all dates, and within 64 bits.
ALWAYS = (-(2**62), 2**62)
_GREATEST = sys.float_info.max
_CURRENCIES = "urn:iso:std:iso:4217"
# Punctuation, symbols and the marks that NFKD splits off letters; % and _ stay: they are no wildcards here.
_IGNORED = re.compile(r"[^\w\s%]")
_WORD = re.compile(r"[\s-]+(?=\S)")

# Answered by the table of resources, without rows of their own.
_OF_THE_RESOURCE = frozenset({"_id", "_lastUpdated"})

_split = lru_cache(maxsize=65536)(split_reference)


@lru_cache(maxsize=65536)
def normalize(text):
    """What a string search compares: no case, accents or punctuation, single spaces."""
    folded = _IGNORED.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return " ".join(folded.split())


def index_rows(resource, params):
    """The index rows of a resource: {kind: list of distinct rows}, only kinds that have some.

    params: the tuple of SearchParam of its type. Every row begins with the number of the parameter and the item, 0.
    Then: string norm, exact · token system, code · date lo, hi, microseconds, hi exclusive · number lo, hi, value ·
    quantity lo, hi, value, system, code, unit, lo and hi inclusive, equal for a plain number · reference type, id,
    type '' and the URL for what is not local · uri value. What cannot be read gives no row. `_id` and `_lastUpdated`
    have none.
    """
    found = {}
    for param, get, emitters in _applicable(params, tuple(resource)):
        values = get(resource)
        if values:
            rows = found.get(param.type)
            if rows is None:
                rows = found[param.type] = []
            for type_name, value in values:
                emit = emitters.get(type_name)
                if emit is not None:
                    emit(param, value, rows)
    return {kind: rows if len(rows) < 2 else list(dict.fromkeys(rows)) for kind, rows in found.items() if rows}


@lru_cache(maxsize=8192)
def _applicable(params, members):
    """The (param, get, emitters) that may find something in a resource with these members.

    Resources of one sender have few different sets of members, so that this is mostly looked up.
    """
    by_member, always = _plan(params)
    wanted = always.copy()
    for member in members:
        if member in by_member:
            wanted.update(by_member[member])
    return tuple((param, param.get, emitters) for param, emitters in wanted.items())


@lru_cache(maxsize=1024)
def _plan(params):
    """({member of the resource: {param: emitters}}, {param: emitters} for every resource).

    Most parameters of a type have no value in a given resource: they are looked up by what it has.
    """
    by_member, always = {}, {}
    for param in params:
        if param.code in _OF_THE_RESOURCE:
            continue
        emitters = _EMITTERS[param.type]
        if param.roots is None:
            always[param] = emitters
        for member in param.roots or ():
            by_member.setdefault(member, {})[param] = emitters
    return by_member, always


# --- string -----------------------------------------------------------------------------------------


def _string(param, value, rows):
    if param.code == "family":
        _family(param, value, rows)
    else:
        rows.append((param.id, 0, normalize(value), value))


def _family(param, value, rows):
    rows.append((param.id, 0, normalize(value), value))
    # `de Quiñones` is also found by `quinones`; such a row is never the exact text.
    for word in _WORD.finditer(value):
        rows.append((param.id, 0, normalize(value[word.end() :]), ""))


def _parts(*names):
    def emit(param, value, rows):
        for name in names:
            part = value.get(name)
            if part is None:
                continue
            if name == "family":
                _family(param, part, rows)
            elif isinstance(part, list):
                rows.extend((param.id, 0, normalize(text), text) for text in part if text is not None)
            else:
                rows.append((param.id, 0, normalize(part), part))

    return emit


# --- token ------------------------------------------------------------------------------------------


def _coding(param, value, rows):
    code = value.get("code")
    if code is not None:
        rows.append((param.id, 0, value.get("system", ""), code))


def _concept(param, value, rows):
    for coding in value.get("coding", ()):
        code = coding.get("code")
        if code is not None:
            rows.append((param.id, 0, coding.get("system", ""), code))


def _identifier(param, value, rows):
    text = value.get("value")
    if text is not None:
        rows.append((param.id, 0, value.get("system", ""), text))


def _code(param, value, rows):
    rows.append((param.id, 0, param.systems.get(value, ""), value))


def _boolean(param, value, rows):
    rows.append((param.id, 0, "", "true" if value else "false"))


def _plain(param, value, rows):
    rows.append((param.id, 0, "", value))


def _contact_point(param, value, rows):
    text = value.get("value")
    if text is not None:
        rows.append((param.id, 0, "", text))


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


# --- reference and uri ------------------------------------------------------------------------------


def _reference(param, value, rows):
    literal = value.get("reference")
    if literal is not None:
        _url(param, literal, rows)


def _url(param, literal, rows):
    if literal[0] == "#":
        return
    parts = _split(literal)
    if parts and parts[0] is None:
        rows.append((param.id, 0, parts[1], parts[2]))
    else:
        rows.append((param.id, 0, "", literal))


def _canonical(param, value, rows):
    _url(param, value, rows)
    url, bar, _ = value.partition("|")
    if url and bar:  # found with its version and without
        _url(param, url, rows)


def _resource(param, value, rows):
    if "id" in value:
        rows.append((param.id, 0, value["resourceType"], value["id"]))


def _uri(param, value, rows):
    rows.append((param.id, 0, value))


# --- which is for what ------------------------------------------------------------------------------


def _extension(param, value, rows):
    for key, inner in value.items():
        if key.startswith("value"):
            name = key[5:]
            emitters = _EMITTERS[param.type]
            emit = emitters.get(name) or emitters.get(name[0].lower() + name[1:])
            if emit is not None:
                emit(param, inner, rows)


_quantities = dict.fromkeys(("Quantity", "Age", "Duration", "Distance", "Count"), _quantity)

# search type -> value type -> function (param, value, rows) that appends rows
_EMITTERS = {
    "string": {
        **dict.fromkeys(("string", "markdown", "code"), _string),
        "HumanName": _parts("text", "family", "given", "prefix", "suffix"),
        "Address": _parts("text", "line", "city", "district", "state", "postalCode", "country"),
    },
    "token": {
        **dict.fromkeys(("string", "id", "uri"), _plain),
        "CodeableConcept": _concept,
        "Coding": _coding,
        "Identifier": _identifier,
        "code": _code,
        "boolean": _boolean,
        "ContactPoint": _contact_point,
    },
    "date": {
        **dict.fromkeys(("date", "dateTime", "instant"), _date),
        "Period": _period,
        "Timing": _timing,
    },
    "number": {
        **dict.fromkeys(("decimal", "integer", "positiveInt", "unsignedInt"), _number),
        "Range": _number_range,
    },
    "quantity": {**_quantities, "Range": _quantity_range, "Money": _money},
    "reference": {
        "Reference": _reference,
        **dict.fromkeys(("canonical", "uri"), _canonical),
        "Resource": _resource,
    },
    "uri": dict.fromkeys(("uri", "url", "canonical"), _uri),
}
for _emitters in _EMITTERS.values():
    _emitters["Extension"] = _extension
