"""read, vread, history, create, update and delete (https://hl7.org/fhir/R4/http.html#3.1.0)."""

import re

from flask import Blueprint, g, request
from werkzeug.http import http_date, parse_date

from fhir_registry.fhir import json
from fhir_registry.fhir.dates import SECOND
from fhir_registry.fhir.errors import error, operation_outcome
from fhir_registry.ops import ingest, read

from .body import read_resource
from .exchange import SITE, base_url, config, negotiate, refuse_parameters, registry, respond
from .negotiation import entity_tags, preferred_return
from .report_page import respond_page

resources = Blueprint("resources", __name__, url_prefix="/fhir")
_WITH_PAGE = ("resources.read_current", "resources.read_version")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@resources.before_request
def _check_path():
    negotiate(page=request.endpoint in _WITH_PAGE and request.view_args["type"] == "MeasureReport")
    check_type(request.view_args.get("type"))
    _check_id(request.view_args.get("id"))


def check_type(type):
    """Raise not-supported (404) unless this is one of R4's resource types that can be stored."""
    if type is not None and type.startswith("$"):
        raise error("not-supported", "not-supported", f"The operation '{type}' is not supported on the whole system")
    if type is not None:
        read.check_type(registry(), type)


def _check_id(id):
    if id is None or _ID.fullmatch(id):
        return
    if id.startswith("$"):
        raise error("not-supported", "not-supported", f"The operation '{id}' is not supported")
    raise error("bad-request", "value", "An id has 1 to 64 characters out of A-Z a-z 0-9 - .")


@resources.get("/<type>/<id>")
def read_current(type, id):
    refuse_parameters()
    return _represent(read.read(registry(), SITE, type, id))


@resources.get("/<type>/<id>/_history/<version>")
def read_version(type, id, version):
    refuse_parameters()
    return _represent(read.vread(registry(), SITE, type, id, version))


@resources.get("/<type>/<id>/_history")
def read_history(type, id):
    return respond(read.history(registry(), SITE, type, id, base_url(), g.parameters))


@resources.post("/<type>")
def create(type):
    refuse_parameters()
    resource = read_resource(config().max_body_bytes)
    criteria = request.headers.get("If-None-Exist")
    if criteria is not None and not criteria.isascii():  # in which encoding was it sent?
        raise error("bad-request", "invalid", "If-None-Exist must be percent-encoded")
    outcome = ingest.create(registry(), SITE, type, resource, criteria)
    return _acknowledge(outcome)


@resources.put("/<type>/<id>")
def update(type, id):
    refuse_parameters()
    resource = read_resource(config().max_body_bytes)
    return _acknowledge(
        ingest.update(
            registry(),
            SITE,
            type,
            id,
            resource,
            if_match=entity_tags(request.headers.get("If-Match")),
            if_none_match=entity_tags(request.headers.get("If-None-Match")),
        )
    )


@resources.delete("/<type>/<id>")
def delete(type, id):
    refuse_parameters()
    outcome = ingest.delete(registry(), SITE, type, id, if_match=entity_tags(request.headers.get("If-Match")))
    return respond(b"", outcome.status, {"ETag": f'W/"{outcome.version}"'} if outcome.version else {})


@resources.route("/<type>/<id>", methods=["PATCH", "POST"])
def refuse_method(type, id):
    raise error(
        "method-not-allowed",
        "not-supported",
        f"{request.method} is not supported on [type]/[id]; read the resource, change it and PUT it with If-Match",
        headers={"Allow": "DELETE, GET, HEAD, OPTIONS, PUT"},
    )


@resources.get("/_history")
@resources.get("/<type>/_history")
def refuse_wide_history(type=None):
    raise error("bad-request", "not-supported", "Only the history of one resource is supported: [type]/[id]/_history")


@resources.route("/<type>", methods=["PUT", "DELETE"])
def refuse_conditional(type):
    raise error(
        "method-not-allowed",
        "not-supported",
        "Conditional update and delete are not supported in this version; name the resource: [type]/[id]",
        headers={"Allow": "GET, HEAD, OPTIONS, POST"},
    )


@resources.route("/<type>/<id>/<path:rest>", methods=["GET", "POST"])
def refuse_deeper(type, id, rest):
    if rest.startswith("$"):
        raise error("not-supported", "not-supported", f"The operation '{rest}' is not supported on {type}")
    raise error(
        "bad-request",
        "not-supported",
        f"Compartments are not supported in this version; search {rest} by its reference",
    )


def _represent(stored):
    """A stored version, or 304 when the client holds it already (RFC 9110, 13.2.2); a report as a page if so asked."""
    if g.page:
        return respond_page(json.parse(stored.body))
    headers = _version_headers(stored)
    if stored.type == "MeasureReport":
        headers["Vary"] = "Accept"
    known = entity_tags(request.headers.get("If-None-Match"))
    if known is not None:
        unchanged = known == "*" or str(stored.version) in known
    else:
        since = parse_date(request.headers.get("If-Modified-Since"))
        unchanged = since is not None and stored.updated // SECOND <= since.timestamp()
    if unchanged:
        return respond(b"", 304, headers)
    return respond(stored.body, 200, headers)


def _acknowledge(outcome):
    """The answer to a write, in the form that Prefer asks for."""
    headers = _version_headers(outcome)
    if outcome.status == 201 or request.method == "POST":
        headers["Location"] = f"{base_url()}/{outcome.type}/{outcome.id}/_history/{outcome.version}"
    preferred = preferred_return(request.headers.get("Prefer"))
    if preferred == "minimal":
        return respond(b"", outcome.status, headers)
    body = json.dumps(operation_outcome([])) if preferred == "OperationOutcome" else outcome.body
    return respond(body, outcome.status, headers)


def _version_headers(stored):
    return {"ETag": f'W/"{stored.version}"', "Last-Modified": http_date(stored.updated // SECOND)}
