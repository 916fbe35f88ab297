"""read and vread (https://hl7.org/fhir/R4/http.html#read)."""

import re

from ..core.access import AUDIT
from ..core.query_params import OF_AUDIT
from ..fhir import json
from ..fhir.errors import error, nearest
from ..store.permitted import is_permitted
from .withdrawn import refuse_unknown

_VERSION = re.compile(r"[1-9]\d{0,8}")


def read(registry, site, type, id):
    """The current version as Stored. Raises FhirError: not-found (404), deleted (410)."""
    with registry.store.ask(site) as connection:
        return read_in(registry, connection, site, type, id)


def vread(registry, site, type, id, version):
    """One version (a string, as in the URL) as Stored. Raises FhirError: not-found (404), deleted (410)."""
    with registry.store.ask(site) as connection:
        return read_in(registry, connection, site, type, id, version)


def read_in(registry, connection, site, type, id, version=None):
    """read or vread inside a transaction."""
    stored = find_in(registry, connection, site, type, id, version)
    if registry.trail:
        registry.trail.note_read("read" if version is None else "vread", stored)
    return stored


def find_in(registry, connection, site, type, id, version=None):
    """As read_in, for what is not answered itself."""
    check_type(registry, type)
    permitted = registry.access.require(type, "r")
    stored = None
    if version is None or _VERSION.fullmatch(str(version)):
        number = None if version is None else int(version)
        stored = registry.store.reader.read(connection, site, type, id, number)
    what = f"{type}/{id}" if version is None else f"Version {version} of {type}/{id}"
    if stored is None and not permitted:
        refuse_unknown(registry, connection, site, type, id, what)
    return refuse_absent(stored if may_see(registry, stored, permitted) else None, what)


def may_see(registry, stored, permitted):
    """Whether a client may know of a Stored. permitted: what Access.permits gave for its type.

    Of what was deleted nobody can tell any more what it was.
    """
    if stored is None or not permitted:
        return True
    return not stored.deleted and is_permitted(registry.store.rows.index(json.parse(stored.body)), permitted)


def may_meet(registry, type, body):
    """Whether the client may read a resource (bytes) of the type, or find it by a search."""
    permitted = [found for letter in "rs" if (found := registry.access.permits(type, letter)) is not None]
    if not permitted or () in permitted:
        return bool(permitted)
    rows = registry.store.rows.index(json.parse(body))
    return any(is_permitted(rows, each) for each in permitted)


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


def splice(bundle, entries):
    """A Bundle (dict without entry) with entries that are JSON bytes already."""
    text = json.dumps(bundle)
    return b'%b,"entry":[%b]}' % (text[:-1], b",".join(entries)) if entries else text


def check_type(registry, type):
    """Raise not-supported (404) for what is no resource type that is stored."""
    if type == AUDIT and AUDIT not in registry.types:
        raise error("not-supported", "not-supported", f"This {OF_AUDIT}")
    if type not in registry.types:
        hint = nearest(type, registry.types)
        if not hint and type[:1].islower():
            hint = "; names of operations begin with $"
        raise error("not-supported", "not-supported", f"'{type}' is not a resource type of this server{hint}")
