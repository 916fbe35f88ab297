"""From whom and from which message the writes of a request come (https://hl7.org/fhir/R4/provenance.html#header)."""

import hashlib
from dataclasses import replace

from flask import g, request

from fhir_registry.core.provenance import HEADER, Origin
from fhir_registry.ops.callers import NOBODY
from fhir_registry.ops.provenance import read_header

from .command_event import CLIENT, user_name
from .config import NONE
from .exchange import config, registry

_WRITING = ("POST", "PUT", "PATCH", "DELETE")


def note_origin():
    """Give the Registry of this request its Origin; before any route that may write. Raises FhirError."""
    header = request.headers.get(HEADER)
    known = config().access != NONE
    if request.method not in _WRITING or g.caller is NOBODY or (header is None and not known):
        return
    said = None if header is None else read_header(registry(), header)
    _set(Origin(g.caller.client if known else None, g.caller.user, g.request_id, said=said))


def note_body(data):
    """Remember the digest of what was sent, as bytes."""
    origin = registry().origin
    if origin:
        _set(origin._replace(digest=hashlib.sha256(data).hexdigest()))


def _set(origin):
    g.registry = replace(registry(), origin=origin)


def of_command(registry, config):
    """The Registry of a command that writes to the database itself."""
    if config.access == NONE:
        return registry
    return replace(registry, origin=Origin(CLIENT, user_name()))
