"""read, vread, history, create, update, delete, with and without conditions (https://hl7.org/fhir/R4/http.html)."""

import re
from urllib.parse import urlencode

from flask import Blueprint, g, request
from werkzeug.http import http_date
from werkzeug.routing import BaseConverter

from fhir_registry.core.subset import parse_subset, subset
from fhir_registry.fhir import json
from fhir_registry.fhir.dates import SECOND
from fhir_registry.fhir.errors import error, operation_outcome
from fhir_registry.ops import history, ingest, read
from fhir_registry.ops.answers import told

from .body import read_resource
from .exchange import base_url, client, config, negotiate, refuse_parameters, registry, respond, site
from .negotiation import entity_tags, http_moment, preferred_return
from .report_page import respond_page

resources = Blueprint("resources", __name__, url_prefix="/fhir")
_WITH_PAGE = ("resources.read_current", "resources.read_version")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


class Segment(BaseConverter):
    """A type, an id or a version in a path; the converter of the application where a route names none.

    Not the names that stand for something else, operations above all: another method on those is 405, not an unknown
    type or a bad id.
    """

    regex = r"(?!(?:_history|_search|metadata|openapi\.json|\.well-known)\Z)[^/$][^/]*"
    part_isolating = True


@resources.before_request
def check_path():
    """Negotiate, and check type and id, before any route of a resource runs."""
    negotiate(page=request.endpoint in _WITH_PAGE and request.view_args["type"] == "MeasureReport")
    check_type(request.view_args.get("type"))
    _check_id(request.view_args.get("id"))
    if request.method in ("PUT", "PATCH", "DELETE") and "If-None-Exist" in request.headers:
        message = "If-None-Exist is for creates only; put the criteria into the URL"
        raise error("bad-request", "invalid", message)


def check_type(type):
    """Raise not-supported (404) unless this is one of R4's resource types that can be stored."""
    if type is not None:
        read.check_type(registry(), type)


def _check_id(id):
    if id is not None and not _ID.fullmatch(id):
        raise error("bad-request", "value", "An id has 1 to 64 characters out of A-Z a-z 0-9 - .")


@resources.get("/<type>/<id>")
def read_current(type, id):
    return _represent(read.read(registry(), site(), type, id))


@resources.get("/<type>/<id>/_history/<version>")
def read_version(type, id, version):
    return _represent(read.vread(registry(), site(), type, id, version))


@resources.get("/_history")
@resources.get("/<type>/_history")
@resources.get("/<type>/<id>/_history")
def read_history(type=None, id=None):
    return respond(history.history(registry(), site(), g.parameters, client(), type, id))


@resources.post("/<type>")
def create(type):
    resource = read_resource(config().max_body_bytes)
    criteria = request.headers.get("If-None-Exist")
    if criteria is not None and not criteria.isascii():  # in which encoding was it sent?
        raise error("bad-request", "invalid", "If-None-Exist must be percent-encoded")
    if g.parameters:  # the way of some clients to say the same
        if criteria is not None:
            raise error("bad-request", "invalid", "The conditions of the URL and of If-None-Exist exclude each other")
        criteria = urlencode(g.parameters)
    return acknowledge(ingest.create(registry(), site(), type, resource, criteria))


@resources.put("/<type>/<id>")
def update(type, id):
    refuse_parameters()
    return _update(type, id)


@resources.put("/<type>")
def update_conditionally(type):
    return _update(type, None, urlencode(g.parameters))


def _update(type, id, criteria=None):
    resource = read_resource(config().max_body_bytes)
    conditions = {
        "if_match": entity_tags(request.headers, "If-Match"),
        "if_none_match": entity_tags(request.headers, "If-None-Match"),
        "criteria": criteria,
    }
    return acknowledge(ingest.update(registry(), site(), type, id, resource, **conditions))


@resources.delete("/<type>/<id>")
def delete(type, id):
    refuse_parameters()
    return _delete(type, id)


@resources.delete("/<type>")
def delete_conditionally(type):
    return _delete(type, None, urlencode(g.parameters))


def _delete(type, id, criteria=None):
    if_match = entity_tags(request.headers, "If-Match")
    outcome = ingest.delete(registry(), site(), type, id, if_match=if_match, criteria=criteria)
    return respond(b"", outcome.status, {"ETag": f'W/"{outcome.version}"'} if outcome.version else {})


def _represent(stored):
    """A stored version, as a page or a part of it if so asked; 304 when the client holds it already.

    The entity tag is that of the version (RFC 9110, 13.2.2), whatever is shown of it.
    """
    definitions = registry().content.definitions
    wanted = parse_subset(g.parameters, (stored.type,), definitions)
    if g.page and wanted:
        raise error("bad-request", "not-supported", "A page is of the whole report; _summary and _elements are not")
    if g.page:
        return respond_page(json.parse(stored.body))
    headers = _version_headers(stored)
    known = entity_tags(request.headers, "If-None-Match")
    if known is not None:
        unchanged = known == "*" or str(stored.version) in known
    else:
        since = http_moment(request.headers.get("If-Modified-Since"))
        unchanged = since is not None and stored.updated // SECOND <= since.timestamp()
    if unchanged:
        return respond(b"", 304, headers)
    body = json.dumps(subset(json.parse(stored.body), definitions, *wanted)) if wanted else stored.body
    return respond(body, 200, headers)


def acknowledge(outcome):
    """The answer to a write, in the form that Prefer asks for."""
    headers = _version_headers(outcome)
    if outcome.status == 201 or "id" not in request.view_args:  # the client does not know the id
        headers["Location"] = f"{base_url()}/{outcome.type}/{outcome.id}/_history/{outcome.version}"
    preferred = preferred_return(request.headers.get("Prefer"))
    if preferred == "minimal":
        return respond(b"", outcome.status, headers)
    body = json.dumps(operation_outcome([told(outcome)])) if preferred == "OperationOutcome" else outcome.body
    return respond(body, outcome.status, headers)


def _version_headers(stored):
    return {"ETag": f'W/"{stored.version}"', "Last-Modified": http_date(stored.updated // SECOND)}
