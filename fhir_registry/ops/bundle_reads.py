"""A GET inside a batch or transaction (https://hl7.org/fhir/R4/http.html#transaction)."""

from ..core.paging import Client
from ..core.query import parse_pairs
from ..core.subset import parse_subset, subset
from ..fhir import json
from ..fhir.errors import error
from .everything import OWNERS, everything_in
from .history import history_in
from .read import read_in
from .search import search_in


def answer_get(registry, connection, site, url, base, caller):
    """The response entry of a GET in a batch or transaction: read, vread, history, search or $everything.

    url: below the base. caller: who asks; cursors are bound to it. Raises FhirError.
    """
    path, _, query = url.partition("?")
    pairs, client = parse_pairs(query), Client(base, caller=caller)
    match path.split("/"):
        case [*place, "_history"] if len(place) < 3:
            return _answer(history_in(registry, connection, site, pairs, client, *place))
        case [owner, id_, "$everything"] if owner in OWNERS:
            return _answer(everything_in(registry, connection, site, owner, id_, pairs, client))
        case [type_, id_] | [type_, id_, "_history", _]:
            version = path.split("/")[3] if "/_history/" in path else None
            stored = read_in(registry, connection, site, type_, id_, version)
            entry = _answer(stored.body)
            definitions = registry.content.definitions
            wanted = parse_subset(pairs, (type_,), definitions)
            entry["resource"] = subset(entry["resource"], definitions, *wanted)
            entry["response"]["etag"] = f'W/"{stored.version}"'
            return {"fullUrl": f"{base}/{type_}/{id_}", **entry}
        case [_] | [_, _, _]:
            return _answer(search_in(registry, connection, site, path, pairs, client))
    raise error("bad-request", "not-supported", f"GET {url} is not supported in a Bundle")


def _answer(body):
    return {"resource": json.parse(body), "response": {"status": "200 OK"}}
