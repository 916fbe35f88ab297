"""The history of a resource, a type or the whole site (https://hl7.org/fhir/R4/http.html#history)."""

import math
from functools import partial

from ..core.access import ANY
from ..core.paging import MAX_COUNT, go_on, parse_count, resume
from ..core.subset import parse_subset, subset
from ..fhir import json
from ..fhir.dates import instant, instant_interval, instant_literal
from ..fhir.errors import bad_parameter, error
from ..store.history import Span
from .read import check_type, may_see, splice
from .search_place import serves_all
from .withdrawn import refuse_unknown

LOOKED = 5_000  # versions that are judged for one page; a page may have less than was asked for
_STATUS = {"POST": "201 Created", "PUT": "200 OK", "DELETE": "204 No Content"}


def history(registry, site, parameters, client, type=None, id=None):
    """The versions of (type, id), of a type or of everything, newest first: a history Bundle as bytes.

    parameters: (name, value) pairs, of which _count, _since, _at, _summary, _elements and the _cursor of our own links
    are known. client: core.paging.Client. `total` is left out where counting would take long, and is that of the first
    page on all pages. For who may see only some resources so many versions are judged in one request and no more: a
    page may have less than `_count`, and the next link leads on. Raises FhirError: 404 for what never existed,
    bad-request (400), forbidden (403).
    """
    with registry.store.read(site) as connection:
        return history_in(registry, connection, site, parameters, client, type, id)


def history_in(registry, connection, site, parameters, client, type=None, id=None):
    """history inside a transaction."""
    if type:
        check_type(registry, type)
    place = "/".join(part for part in (type, id, "_history") if part)
    link = partial(registry.cursors.link, client, site, place)
    _, pairs, position = registry.cursors.follow(client, site, place, list(parameters))
    known, of_parts = _read_parameters(pairs)
    wanted = parse_subset(of_parts, (type,) if type else (), registry.content.definitions)
    asked = [(name, value) for name, value in (*known.items(), *of_parts) if value]
    histories = registry.store.histories
    count = parse_count(known["_count"])
    types, permitted = _permitted(registry, connection, site, type, "r" if id else "s")
    span, judged = _read_span(known), any(permitted.values())
    rid = id and _find(registry, connection, site, type, id, judged)
    read = partial(histories.page, connection, site, span=span, types=types, rid=rid)
    total = (lambda: None) if judged else partial(histories.total, connection, site, span, types, rid)
    after, total = resume(position, registry.access, total)
    stopped = None
    if judged:
        # Of one resource all are judged: a page without any would tell that there is something.
        found, stopped = _seen(registry, read, permitted, count + 1, after, most=math.inf if id else LOOKED)
        if id and not found and not _seen(registry, partial(read, span=Span()), permitted, 1)[0]:
            raise error("not-found", "not-found", f"{type}/{id} is not known")  # as if it had never been
    else:
        found = read(limit=count + 1, after=after)
    page = found[:count]
    if registry.trail:
        kind = "instance" if id else "type" if type else "system"
        registry.trail.note_history(f"history-{kind}", [past.stored for past in page])
    links = [{"relation": "self", "url": link(asked, position)}]
    last = page[-1] if page and len(found) > count else stopped
    if last:
        more = go_on([last.stored.updated, last.rid], total, registry.access)
        links.append({"relation": "next", "url": link(asked, more)})
    head = {"resourceType": "Bundle", "type": "history"} | ({} if total is None else {"total": total})
    part = partial(subset, definitions=registry.content.definitions, **wanted._asdict()) if wanted else None
    return splice({**head, "link": links}, [_entry(past, client.base, part) for past in page])


def _permitted(registry, connection, site, type, letter):
    """(types, or None for every one; {type: what its resources must meet, see Access.permits}) of what may be seen."""
    access = registry.access
    if type:
        return (type,), {type: access.require(type, letter)}
    if access.is_whole and serves_all(registry, connection, site):
        return None, {}
    found = {each: access.permits(each, letter) for each in sorted(registry.types)}
    seen = {each: alternatives for each, alternatives in found.items() if alternatives is not None}
    if not seen:
        access.require(ANY, letter)
    return tuple(seen), seen


def _seen(registry, read, permitted, limit, after=None, most=math.inf):
    """The first `limit` Past after a place that the client may see: each version is judged by itself.

    And the last Past that was judged, when `most` were and there may be more; else None.
    """
    seen, judged = [], 0
    while judged < most:
        found = read(limit=MAX_COUNT, after=after)
        seen += [past for past in found if may_see(registry, past.stored, permitted[past.stored.type])]
        if len(seen) >= limit or len(found) < MAX_COUNT:
            return seen[:limit], None
        judged += len(found)
        after = [found[-1].stored.updated, found[-1].rid]
    return seen, found[-1]


def _read_parameters(parameters):
    """({parameter: value}, the (name, value) pairs that ask for parts of resources)."""
    known, of_parts = {"_count": "", "_since": "", "_at": ""}, []
    for name, value in parameters:
        if name in ("_summary", "_elements"):
            of_parts.append((name, value))
            continue
        if name not in known:
            raise bad_parameter(name, "not-supported", f"The parameter '{name}' is not supported here")
        if known[name]:
            raise bad_parameter(name, "invalid", f"'{name}' may be given once only")
        known[name] = value
    return known, of_parts


def _read_span(known):
    since, at = (_read_time(known, *parser) for parser in (("_since", instant), ("_at", instant_interval)))
    return Span(since or 0, at)


def _read_time(known, name, parse):
    literal = known[name].replace(" ", "+")  # a raw + in a query arrives as a space
    try:
        return parse(literal) if literal else None
    except ValueError as problem:
        raise bad_parameter(name, "value", f"{name}: {problem}") from None


def _find(registry, connection, site, type, id, restricted):
    """The rid of a resource that exists or existed. restricted: whether the client sees some of the type only."""
    state = registry.store.reader.states(connection, site, [(type, id)]).get((type, id))
    if state is None and restricted:
        raise error("not-found", "not-found", f"{type}/{id} is not known")
    if state is None:
        refuse_unknown(registry, connection, site, type, id)
    return state.rid


def _entry(past, base, part):
    """An entry as bytes. part: function resource -> what is shown of it, None for all."""
    stored = past.stored
    url = f"{stored.type}/{stored.id}"
    head = {"fullUrl": f"{base}/{url}"}
    tail = {
        "request": {"method": stored.method, "url": stored.type if stored.method == "POST" else url},
        "response": {
            "status": "201 Created" if past.is_first and not stored.deleted else _STATUS[stored.method],
            "etag": f'W/"{stored.version}"',
            "lastModified": instant_literal(stored.updated),
        },
    }
    if stored.deleted:
        return json.dumps({**head, **tail})
    body = json.dumps(part(json.parse(stored.body))) if part else stored.body
    return b'%b,"resource":%b,%b' % (json.dumps(head)[:-1], body, json.dumps(tail)[1:])
