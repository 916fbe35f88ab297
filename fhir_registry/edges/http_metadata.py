"""What the server says about itself (https://hl7.org/fhir/R4/http.html#capabilities)."""

import hashlib
from functools import lru_cache

from flask import Blueprint, Response, current_app, g, request

from fhir_registry.core.subset import parse_subset, subset
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import bad_parameter
from fhir_registry.ops.capability import capability, terminology_capability
from fhir_registry.ops.openapi import openapi

from .config import NONE
from .exchange import (
    base_url,
    config,
    negotiate,
    parse_parameters,
    read_arguments,
    refuse_parameters,
    registry,
    respond,
)
from .http_smart import oauth_uris
from .negotiation import entity_tags

metadata = Blueprint("metadata", __name__, url_prefix="/fhir")
_BASE = "https://base.invalid/fhir"  # in the place of each base that is asked, with any name of a site in it
_MODES = {
    "full": ("CapabilityStatement", capability),
    "terminology": ("TerminologyCapabilities", terminology_capability),
}


@metadata.get("/metadata")
def read_capabilities():
    negotiate()
    pairs = [pair for pair in g.parameters if pair[0] == "mode"]
    mode = read_arguments(pairs, {"mode": "mode"}).get("mode", "full")
    if mode not in _MODES:
        raise bad_parameter("mode", "not-supported", f"mode={mode} is not supported; supported: {', '.join(_MODES)}")
    type, describe = _MODES[mode]
    definitions = registry().content.definitions
    wanted = parse_subset([pair for pair in g.parameters if pair not in pairs], (type,), definitions)
    if wanted:
        body, _ = _describe(describe)
        return respond(json.dumps(subset(json.parse(body), definitions, *wanted)))
    return _answer(describe, respond)


@metadata.get("/openapi.json")
def read_openapi():
    g.parameters = parse_parameters(request.query_string)
    refuse_parameters()
    return _answer(openapi, lambda body, status, headers: Response(body, status, headers, mimetype="application/json"))


def _answer(describe, respond):
    body, tag = _describe(describe)
    headers = {"ETag": f'W/"{tag}"'}
    known = entity_tags(request.headers, "If-None-Match")
    if known and (known == "*" or tag in known):
        return respond(b"", 304, headers)
    return respond(body, 200, headers)


def _oauth_uris(describe):
    """More arguments of `describe`, for what tells of access control: where clients get tokens."""
    return (oauth_uris(),) if describe is not terminology_capability and config().access != NONE else ()


def _describe(describe):
    """(bytes, entity tag) of a description under the base of this request."""
    body, digest = _rendered(describe, current_app._get_current_object(), _oauth_uris(describe))
    base = json.dumps(base_url())[1:-1]
    return body.replace(_BASE.encode(), base), hashlib.sha256(digest + base).hexdigest()[:16]


@lru_cache(maxsize=16)
def _rendered(describe, app, more):
    """(bytes under _BASE, digest) of a description; content does not change while the process runs."""
    described = describe(app.extensions["fhir_registry"], _BASE, *more)
    # `date` must not change the tag from one worker process to the next.
    content = {name: value for name, value in described.items() if name != "date"}
    return json.dumps(described), hashlib.sha256(json.dumps(content)).digest()
