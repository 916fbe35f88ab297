"""read, vread and the history of a resource (https://hl7.org/fhir/R4/http.html#read)."""

import re
from urllib.parse import urlencode

from ..core.bundle import NOT_STORED
from ..core.paging import parse_count, parse_cursor, write_cursor
from ..fhir import json
from ..fhir.dates import instant_interval, instant_literal
from ..fhir.errors import error

_VERSION = re.compile(r"[1-9]\d{0,8}")
_LATEST = 2**31 - 1
# method -> status of its history entry, when it is not the first version
_STATUS = {"POST": "201 Created", "PUT": "200 OK", "DELETE": "204 No Content"}


def read(registry, site, type, id):
    """The current version as Stored. Raises FhirError: not-found (404), deleted (410)."""
    with registry.store.read() as connection:
        return read_in(registry, connection, site, type, id)


def vread(registry, site, type, id, version):
    """One version (a string, as in the URL) as Stored. Raises FhirError: not-found (404), deleted (410)."""
    with registry.store.read() as connection:
        return read_in(registry, connection, site, type, id, version)


def read_in(registry, connection, site, type, id, version=None):
    """read or vread inside a transaction."""
    check_type(registry, type)
    stored = None
    if version is None or _VERSION.fullmatch(str(version)):
        number = None if version is None else int(version)
        stored = registry.store.reader.read(connection, site, type, id, number)
    what = f"{type}/{id}" if version is None else f"Version {version} of {type}/{id}"
    return refuse_absent(stored, what)


def refuse_absent(stored, what):
    """A Stored, when there is one. Raises FhirError: not-found (404), deleted (410).

    what: how messages name it, such as Patient/p.
    """
    if stored is None:
        raise error("not-found", "not-found", f"{what} is not known")
    if stored.deleted:
        headers = {"ETag": f'W/"{stored.version}"'}
        message = f"{stored.type}/{stored.id} was deleted (version {stored.version})"
        raise error("deleted", "deleted", message, headers=headers)
    return stored


def history(registry, site, type, id, base, parameters=()):
    """The versions of a resource, newest first: a history Bundle as bytes.

    parameters: (name, value) pairs, of which _count, _since and the _cursor of our own links are known. Raises
    FhirError: not-found (404), bad-request (400).
    """
    with registry.store.read() as connection:
        return history_in(registry, connection, site, type, id, base, parameters)


def history_in(registry, connection, site, type, id, base, parameters=()):
    """history inside a transaction."""
    check_type(registry, type)
    known = {"_count": "", "_since": "", "_cursor": ""}
    for name, value in parameters:
        if name not in known or known[name]:
            message = f"The parameter '{name}' is not supported here" if name not in known else f"'{name}' occurs twice"
            raise error("bad-request", "not-supported" if name not in known else "invalid", message)
        known[name] = value
    count = parse_count(known["_count"])
    since = _parse_since(known["_since"])
    before = parse_cursor(known["_cursor"], int)[0] if known["_cursor"] else _LATEST
    reader = registry.store.reader
    total = reader.count_versions(connection, site, type, id, since)
    if not total and reader.read(connection, site, type, id) is None:
        raise error("not-found", "not-found", f"{type}/{id} is not known")
    versions = reader.history(connection, site, type, id, before, count + 1, since)
    page = versions[:count]
    kept = [(name, known[name]) for name in ("_count", "_since") if known[name]]
    links = [{"relation": "self", "url": _url(base, type, id, [(n, v) for n, v in known.items() if v])}]
    if page and len(versions) > count:
        cursor = write_cursor(page[-1].version)
        links.append({"relation": "next", "url": _url(base, type, id, [*kept, ("_cursor", cursor)])})
    head = {"resourceType": "Bundle", "type": "history", "total": total, "link": links}
    return splice(head, [_history_entry(stored, base) for stored in page])


def splice(bundle, entries):
    """A Bundle (dict without entry) with entries that are JSON bytes already."""
    text = json.dumps(bundle)
    return b'%b,"entry":[%b]}' % (text[:-1], b",".join(entries)) if entries else text


def _history_entry(stored, base):
    url = f"{stored.type}/{stored.id}"
    created = stored.version == 1
    head = {"fullUrl": f"{base}/{url}"}
    tail = {
        "request": {"method": stored.method, "url": stored.type if stored.method == "POST" else url},
        "response": {
            "status": "201 Created" if created else _STATUS[stored.method],
            "etag": f'W/"{stored.version}"',
            "lastModified": instant_literal(stored.updated),
        },
    }
    if stored.deleted:
        return json.dumps({**head, **tail})
    return b'%b,"resource":%b,%b' % (json.dumps(head)[:-1], stored.body, json.dumps(tail)[1:])


def _parse_since(literal):
    if not literal:
        return 0
    literal = literal.replace(" ", "+")
    try:
        if "T" not in literal or not re.search(r"(Z|[+-]\d\d:\d\d)$", literal):
            raise ValueError
        return instant_interval(literal)[0]
    except ValueError:
        raise error("bad-request", "value", f"_since: '{literal}' is not an instant with a time zone") from None


def check_type(registry, type):
    """Raise not-supported (404) for what is no resource type that can be stored."""
    if type not in registry.content.definitions.resource_types or type in NOT_STORED:
        raise error("not-supported", "not-supported", f"'{type}' is not a resource type of this server")


def _url(base, type, id, pairs):
    return f"{base}/{type}/{id}/_history" + (f"?{urlencode(pairs)}" if pairs else "")
