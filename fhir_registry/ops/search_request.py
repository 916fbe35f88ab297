"""What a search asks for beside criteria: order, pages, totals, parts (https://hl7.org/fhir/R4/search.html#return)."""

from functools import partial
from typing import NamedTuple

from ..core.criteria import Filter
from ..core.paging import MAX_COUNT, Client, parse_count
from ..core.query import OF_THE_RESOURCE, find_params, parse_filter
from ..core.subset import parse_elements
from ..fhir.errors import Issue, bad_parameter, nearest, parameter_place
from ..store.search_order import SORTABLE, SortKey
from .includes import Include, parse_include, tell_hidden
from .search_place import choose_types, compartment, permitted_types, read_place
from .terminology import Terminology

MAX_INCLUDES = 50  # _include and _revinclude of one search
MAX_SORT_KEYS = 10
_CHOICES = {
    "_total": ("none", "estimate", "accurate"),
    "_totalMethod": ("count",),  # what fhirpy sends for a total that must be there
    "_summary": ("true", "text", "data", "count", "false"),
    "_explain": ("true", "false"),
}
_INCLUDES = ("_include", "_revinclude")


class Request(NamedTuple):
    """One search.

    path: below the base. shown: the (name, value) pairs that were understood, which links repeat. order: () for that of
    creation. count: matches of a page, 0 for the total alone. total: none, accurate, or "" for one that costs little.
    summary: true, text, data or ""; elements: names, () for all. position: what the page before has handed on, None on
    the first. issues: warnings of what was left out or changed.
    """

    path: str
    client: Client
    shown: list[tuple[str, str]]
    filter: Filter
    order: tuple[SortKey, ...]
    includes: list[Include]
    count: int
    total: str
    summary: str
    elements: tuple[str, ...]
    explain: bool
    position: list | None
    issues: list[Issue]


def parse_request(registry, connection, site, path, pairs, client):
    """Read the (name, value) pairs of a search below a path, percent-decoded; returns a Request.

    Raises FhirError: 404 for a path that leads nowhere, 400 for what cannot be honoured. When the client is not
    strict, parameters, types, sort keys, elements and includes that are not known become issues instead.
    """
    client, pairs, position = registry.cursors.follow(client, site, path, pairs)
    place = read_place(registry, connection, site, path)
    asked, includes, criteria = _sort_out(pairs, place)
    _check_choices(asked, includes)
    issues = []
    leave_out = partial(_leave_out, client, issues)
    types = choose_types(registry, place, asked.get("_type"), leave_out)
    if "_type" in asked:
        asked["_type"] = ",".join(types)
    types, permitted = permitted_types(registry, place, types, "_type" in asked)
    params = registry.content.search_params
    home = registry.home or client.base
    terminology = Terminology(registry, connection, site, home)
    asks = client.strict, terminology, registry.access, client.base, registry.types
    filter = parse_filter(types, criteria, params, home, *asks)
    for name in filter.unknown:
        leave_out(name, f"The parameter '{name}' is not known")
    within = (compartment(registry, *place.owner, types, home),) if place.owner else ()
    order, asked["_sort"] = _parse_order(params, types, asked.get("_sort", ""), leave_out)
    elements, unknown = parse_elements(asked.get("_elements", ""), types, registry.content.definitions)
    for name in unknown:
        leave_out("_elements", f"_elements: '{name}' is no element of {' or '.join(types) or 'any type'}")
    asked["_elements"] = ",".join(elements)
    parsed = [(pair, parse_include(params, registry.types, types, *pair, leave_out)) for pair in includes]
    known = [(pair, include) for pair, include in parsed if include]
    hidden = (tell_hidden(registry.types, registry.access, *pair, include) for pair, include in known)
    issues += [Issue("information", "suppressed", message) for message in hidden if message]
    count = 0 if asked.get("_summary") == "count" else _parse_count(asked, issues)
    return Request(
        path=path,
        client=client,
        shown=[*filter.used, *(pair for pair, _ in known), *((name, value) for name, value in asked.items() if value)],
        filter=filter._replace(criteria=(*within, *permitted, *filter.criteria)),
        order=order,
        includes=[include for _, include in known],
        count=count,
        total=_parse_total(asked, count),
        summary=asked.get("_summary", "").removeprefix("false"),
        elements=elements,
        explain=asked.get("_explain") == "true",
        position=position,
        issues=issues,
    )


def _sort_out(pairs, place):
    """({parameter of the result: value}, includes, criteria) out of (name, value) pairs."""
    known = {*_CHOICES, "_count", "_sort", "_elements", *(["_type"] if place.open else [])}
    asked, includes, criteria = {}, [], []
    for name, value in pairs:
        if name in known:
            if value and asked.get(name):
                raise bad_parameter(name, "invalid", f"'{name}' may be given once only")
            asked[name] = value or asked.get(name, "")
        elif name.partition(":")[0] not in _INCLUDES:
            criteria.append((name, value))
        elif value:
            includes.append((name, value))
    return asked, includes, criteria


def _check_choices(asked, includes):
    for name, known in _CHOICES.items():
        if asked.get(name) and asked[name] not in known:
            raise bad_parameter(name, "not-supported", f"{name} must be one of {', '.join(known)}")
    summary = asked.get("_summary")
    if includes and summary in ("text", "count"):
        raise bad_parameter("_summary", "invalid", f"_summary={summary} has no place for _include and _revinclude")
    if asked.get("_elements") and summary not in (None, "", "false"):
        raise bad_parameter("_elements", "invalid", "_elements and _summary cannot be asked for together")
    if len(includes) > MAX_INCLUDES:
        raise bad_parameter("_include", "too-costly", f"A search has at most {MAX_INCLUDES} _include and _revinclude")


def _parse_count(asked, issues):
    """Matches of a page; what is more than a page holds becomes what it holds, and an issue."""
    literal = asked.get("_count", "")
    count = parse_count(literal)
    if literal:
        asked["_count"] = str(count)
        if asked["_count"] != (literal.lstrip("0") or "0"):
            issues.append(Issue("warning", "too-costly", f"_count is at most {MAX_COUNT}", parameter_place("_count")))
    return count


def _parse_total(asked, count):
    if not count or asked.get("_totalMethod") or asked.get("_total") in ("estimate", "accurate"):
        return "accurate"
    return asked.get("_total", "")


def _parse_order(search_params, types, literal, leave_out):
    """(sort keys, `_sort` without what is not known)."""
    keys, known = [], []
    for part in literal.split(",") if literal else ():
        code = part.removeprefix("-")
        by = _sorted_by(search_params, types, code)
        if by is None:
            codes = {param.code for type in types or ("Basic",) for param in search_params[type]}
            name, colon, _ = code.partition(":")
            hint = f"; -{name} sorts the other way round" if colon else nearest(name, {*codes, *OF_THE_RESOURCE})
            leave_out("_sort", f"_sort: '{code}' is no parameter by which this can be sorted{hint}")
        else:
            keys.append(SortKey(by, part.startswith("-")))
            known.append(part)
    if len(keys) > MAX_SORT_KEYS:
        raise bad_parameter("_sort", "too-costly", f"_sort has at most {MAX_SORT_KEYS} keys")
    return tuple(keys), ",".join(known)


def _sorted_by(search_params, types, code):
    """`_id`, `_lastUpdated`, or the SearchParams of this code, one for each type; None when there are none."""
    if code in OF_THE_RESOURCE:
        return code
    params = find_params(search_params, types, code)
    return params if params and params[0].type in SORTABLE else None


def _leave_out(client, issues, name, message):
    """Refuse what is not known, or note that it is ignored."""
    if client.strict:
        raise bad_parameter(name, "not-supported", message)
    issues.append(Issue("warning", "not-supported", f"{message} and was ignored", parameter_place(name)))
