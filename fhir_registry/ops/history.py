"""The history of a resource, a type or the whole site (https://hl7.org/fhir/R4/http.html#history)."""

from urllib.parse import urlencode

from ..core.paging import parse_count
from ..fhir import json
from ..fhir.dates import instant, instant_interval, instant_literal
from ..fhir.errors import error
from ..store.history import Span
from .read import check_type, splice

_STATUS = {"POST": "201 Created", "PUT": "200 OK", "DELETE": "204 No Content"}


def history(registry, site, base, caller, parameters=(), type=None, id=None):
    """The versions of (type, id), of a type or of everything, newest first: a history Bundle as bytes.

    base: URL of this server. caller: who asks; cursors are bound to it. parameters: (name, value) pairs, of which
    _count, _since, _at and the _cursor of our own links are known. `total` is left out where counting would take long,
    and is that of the first page on all pages. Raises FhirError: 404 for what never existed, bad-request (400).
    """
    with registry.store.read() as connection:
        return history_in(registry, connection, site, base, caller, parameters, type, id)


def history_in(registry, connection, site, base, caller, parameters=(), type=None, id=None):
    """history inside a transaction."""
    known = _read_parameters(parameters)
    if type:
        check_type(registry, type)
    place = "/".join(part for part in (type, id, "_history") if part)
    asked = [(name, value) for name, value in known.items() if value and name != "_cursor"]
    scope = ("history", site, place, asked)
    histories = registry.store.histories
    count = parse_count(known["_count"])
    meant = {"span": _read_span(known), "type": type, "rid": id and _find(registry, connection, site, type, id)}
    if known["_cursor"]:
        *after, total = registry.cursors.read(known["_cursor"], caller, scope)
    else:
        after, total = None, histories.total(connection, site, **meant)
    found = histories.page(connection, site, limit=count + 1, after=after, **meant)
    page = found[:count]
    links = [{"relation": "self", "url": _url(base, place, [(n, v) for n, v in known.items() if v])}]
    if page and len(found) > count:
        cursor = registry.cursors.write(caller, scope, [page[-1].stored.updated, page[-1].rid, total])
        links.append({"relation": "next", "url": _url(base, place, [*asked, ("_cursor", cursor)])})
    head = {"resourceType": "Bundle", "type": "history"} | ({} if total is None else {"total": total})
    return splice({**head, "link": links}, [_entry(past, base) for past in page])


def _read_parameters(parameters):
    known = {"_count": "", "_since": "", "_at": "", "_cursor": ""}
    for name, value in parameters:
        if name not in known:
            raise error("bad-request", "not-supported", f"The parameter '{name}' is not supported here")
        if known[name]:
            raise error("bad-request", "invalid", f"'{name}' may be given once only")
        known[name] = value
    return known


def _read_span(known):
    # A raw + in a query arrives as a space.
    since, at = (known[name].replace(" ", "+") for name in ("_since", "_at"))
    try:
        return Span(instant(since) if since else 0, instant_interval(at) if at else None)
    except ValueError as problem:
        raise error("bad-request", "value", f"{'_at' if at else '_since'}: {problem}") from None


def _find(registry, connection, site, type, id):
    """The rid of a resource that exists or existed."""
    state = registry.store.reader.states(connection, site, [(type, id)]).get((type, id))
    if state is None:
        raise error("not-found", "not-found", f"{type}/{id} is not known")
    return state.rid


def _entry(past, base):
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
    return b'%b,"resource":%b,%b' % (json.dumps(head)[:-1], stored.body, json.dumps(tail)[1:])


def _url(base, place, pairs):
    return f"{base}/{place}" + (f"?{urlencode(pairs)}" if pairs else "")
