"""Search: parameters in, a searchset Bundle out, spliced from stored text (https://hl7.org/fhir/R4/search.html)."""

from typing import NamedTuple
from urllib.parse import urlencode

from ..content.searchparams import SearchParam
from ..core.paging import parse_count, parse_cursor, write_cursor
from ..core.query import Filter, find_param, parse_filter, parse_pairs
from ..fhir import json
from ..fhir.errors import Issue, error, operation_outcome
from ..store.search_order import SortKey
from .history import history_in
from .read import check_type, read_in, splice

# _sort -> type of its values
_SORTS = {"": (), "_id": (str,), "_lastUpdated": (int,)}
_CHOICES = {"_total": ("none", "estimate", "accurate"), "_summary": ("count", "false")}
_INCLUDES = ("_include", "_revinclude")
MAX_INCLUDES = 50  # _include and _revinclude of one search
MAX_INCLUDED = 1000  # resources beside the matches of one page


class _Include(NamedTuple):
    """One _include or _revinclude; target: the type to which it is restricted, None for any."""

    reverse: bool
    param: SearchParam
    target: str | None


class _Search(NamedTuple):
    """What was asked: which resources, and how they are shown.

    sort: key of _SORTS; after: cursor of the page before, or None; shown: the parameters that links repeat.
    """

    filter: Filter
    includes: list[_Include]
    count: int
    only_count: bool
    with_total: bool
    sort: str
    descending: bool
    after: list | None
    shown: list[tuple[str, str]]


def search(registry, site, type, params, base, strict=True):
    """Search resources of a type; returns the searchset Bundle as bytes.

    params: (name, value) pairs, percent-decoded. base: URL of this server. What cannot be honoured is refused with a
    FhirError (400), never ignored; only when not `strict`, parameters with an unknown name are left out, of the self
    link too, and an OperationOutcome entry says so.
    """
    with registry.store.read() as connection:
        return search_in(registry, connection, site, type, params, base, strict)


def search_in(registry, connection, site, type, params, base, strict=True):
    """search inside a transaction."""
    check_type(registry, type)
    asked = _parse(registry, type, params, base, strict)
    links = [{"relation": "self", "url": _url(base, type, asked.shown)}]
    head = {"resourceType": "Bundle", "type": "searchset"}
    if asked.with_total:
        head["total"] = registry.store.search.prepare(connection, site, asked.filter).total(exact=True)
    head["link"] = links
    entries, notes = [], [f"The parameter '{name}' is not known and was ignored" for name in asked.filter.unknown]
    if not asked.only_count:
        rids, cursor = _page(registry, connection, site, asked)
        if cursor:
            links.append({"relation": "next", "url": _url(base, type, [*asked.shown, ("_cursor", cursor)])})
        others = _included(registry, connection, site, asked, rids)
        if len(others) > MAX_INCLUDED:
            notes.append(f"More than {MAX_INCLUDED} resources to include, the rest is left out; lower _count")
        entries = _entries(registry, connection, rids, others[:MAX_INCLUDED], base)
    if notes:
        entries.append(_warning(notes))
    return splice(head, entries)


def find(registry, connection, site, type, criteria):
    """Ids (at most two) of the resources that the criteria of a conditional interaction select.

    criteria: `identifier=s|v`, percent-encoded or not. Raises FhirError (400) when they would select every resource.
    """
    pairs = parse_pairs(criteria)
    filter = parse_filter((type,), pairs, registry.content.search_params, None)
    if not filter.criteria:
        raise error("bad-request", "invalid", f"The condition '{criteria}' would match every {type}")
    return registry.store.search.find(connection, site, filter)


def answer_get(registry, connection, site, url, base, caller):
    """The response entry of a GET in a batch or transaction: read, vread, history or search. Raises FhirError."""
    place, _, query = url.partition("?")
    pairs = parse_pairs(query)
    match place.split("/"):
        case ["_history"]:
            return _answer_json(history_in(registry, connection, site, base, caller, pairs))
        case [type_, "_history"]:
            return _answer_json(history_in(registry, connection, site, base, caller, pairs, type_))
        case [type_]:
            return _answer_json(search_in(registry, connection, site, type_, pairs, base))
        case [type_, id_, "_history"]:
            return _answer_json(history_in(registry, connection, site, base, caller, pairs, type_, id_))
        case [type_, id_] | [type_, id_, "_history", _] if not pairs:
            version = place.split("/")[3] if "/_history/" in place else None
            stored = read_in(registry, connection, site, type_, id_, version)
            entry = _answer_json(stored.body)
            entry["response"]["etag"] = f'W/"{stored.version}"'
            return {"fullUrl": f"{base}/{type_}/{id_}", **entry}
    raise error("bad-request", "not-supported", f"GET {url} is not supported in a Bundle")


def _answer_json(body):
    return {"resource": json.parse(body), "response": {"status": "200 OK"}}


# --- what is asked ----------------------------------------------------------------------------------


def _parse(registry, type, params, base, strict):
    search_params = registry.content.search_params
    control = {"_count": "", "_sort": "", "_total": "", "_summary": "", "_cursor": ""}
    includes, others = [], []
    for name, value in params:
        if name in _INCLUDES:
            includes.append(_include(search_params, type, name, value))
        elif name not in control:
            others.append((name, value))
        elif control[name] and value:
            raise error("bad-request", "invalid", f"'{name}' may be given once only")
        else:
            control[name] = control[name] or value
    for name, known in _CHOICES.items():
        if control[name] and control[name] not in known:
            raise error("bad-request", "not-supported", f"{name} must be one of {', '.join(known)}")
    sort = control["_sort"].removeprefix("-")
    if sort not in _SORTS:
        raise error("bad-request", "not-supported", f"_sort is by _id or _lastUpdated, not by '{sort}'")
    count = parse_count(control["_count"])
    only_count = control["_summary"] == "count" or count == 0
    if includes and control["_summary"] == "count":
        raise error("bad-request", "invalid", "_summary=count has no place for _include and _revinclude")
    if len(includes) > MAX_INCLUDES:
        raise error("bad-request", "too-costly", f"A search has at most {MAX_INCLUDES} _include and _revinclude")
    after = parse_cursor(control["_cursor"], str, *_SORTS[sort], int) if control["_cursor"] else None
    if after and after[0] != control["_sort"]:
        raise error("bad-request", "value", "_cursor belongs to another order")
    filter = parse_filter((type,), others, search_params, base, strict)
    kept = {**control, "_count": control["_count"] and str(count), "_cursor": ""}
    shown = [*filter.used, *((n, v) for n, v in params if n in _INCLUDES), *((n, v) for n, v in kept.items() if v)]
    with_total = only_count or control["_total"] != "none"
    return _Search(
        filter, includes, count, only_count, with_total, sort, control["_sort"].startswith("-"), after, shown
    )


def _include(search_params, type, name, value):
    """`Observation:subject:Patient` -> _Include."""
    source, _, rest = value.partition(":")
    code, _, target = rest.partition(":")
    param = find_param(search_params, source, code) if source in search_params else None
    if param is None or param.type != "reference" or (name == "_include" and source != type):
        raise error("bad-request", "not-supported", f"{name}={value} is not of the form Type:reference:target")
    if target and target not in search_params:
        raise error("bad-request", "not-supported", f"{name}={value}: '{target}' is not a resource type")
    if name == "_revinclude" and target not in ("", type):
        raise error("bad-request", "invalid", f"{name}={value} does not lead to {type}")
    return _Include(name == "_revinclude", param, target or None)


# --- what is answered -------------------------------------------------------------------------------


def _page(registry, connection, site, asked):
    """(rids of the page, cursor of the next one or None)."""
    after = asked.after and asked.after[1:]
    order = (SortKey(asked.sort, asked.descending),) if asked.sort else ()
    query = registry.store.search.prepare(connection, site, asked.filter, order)
    rows = query.page(asked.count + 1, after)
    page = rows[: asked.count]
    name = f"-{asked.sort}" if asked.descending else asked.sort
    cursor = write_cursor(name, *page[-1].keys) if len(rows) > len(page) else None
    return [row.rid for row in page], cursor


def _included(registry, connection, site, asked, rids):
    """rids of what is included with a page, without the matches; more than MAX_INCLUDED say that there are too many."""
    matches, included = set(rids), {}
    search, enough = registry.store.search, MAX_INCLUDED + len(rids) + 1
    for include in asked.includes if rids else ():
        if include.reverse:
            found = search.including(connection, site, rids, asked.filter.types, (include.param.id,), enough)
        else:
            found = search.included(connection, site, rids, (include.param.id,), include.target, enough)
        included.update((rid, None) for rid in found if rid not in matches)
    return list(included)


def _entries(registry, connection, rids, others, base):
    bodies = registry.store.reader.current(connection, [*rids, *others]) if rids else {}
    return [
        *(_entry(base, b"match", *bodies[rid]) for rid in rids),
        *(_entry(base, b"include", *bodies[rid]) for rid in others),
    ]


def _entry(base, mode, type, id, body):
    full_url = f"{base}/{type}/{id}".encode()
    return b'{"fullUrl":"%b","resource":%b,"search":{"mode":"%b"}}' % (full_url, body, mode)


def _warning(notes):
    issues = [Issue("warning", "not-supported", note) for note in notes]
    return json.dumps({"resource": operation_outcome(issues), "search": {"mode": "outcome"}})


def _url(base, type, pairs):
    return f"{base}/{type}" + (f"?{urlencode(pairs)}" if pairs else "")
