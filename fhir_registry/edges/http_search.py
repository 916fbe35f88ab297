"""search by GET and by POST (https://hl7.org/fhir/R4/http.html#search)."""

from flask import Blueprint, g, request

from fhir_registry.fhir.errors import error
from fhir_registry.ops import search

from .body import read_body
from .exchange import SITE, base_url, config, negotiate, parse_parameters, registry, respond, take_representation
from .http_resources import check_type
from .negotiation import FORM, media_type, prefers_lenient, require_known_encoding

searches = Blueprint("searches", __name__, url_prefix="/fhir")


@searches.before_request
def _check_path():
    negotiate()
    check_type(request.view_args.get("type"))


@searches.get("/<type>")
def search_by_url(type):
    return _search(type, g.parameters)


@searches.post("/<type>/_search")
def search_by_form(type):
    return _search(type, g.parameters + read_form())


def read_form():
    """The parameters of a form body; a request without a body has none. Raises unsupported-media-type (415)."""
    content_type = request.headers.get("Content-Type", "")
    require_known_encoding(request.headers.get("Content-Encoding"))
    data = read_body(config().max_body_bytes)
    if data and media_type(content_type)[0] != FORM:
        raise error("unsupported-media-type", "not-supported", f"Send the parameters as {FORM}")
    return take_representation(parse_parameters(data))


def _search(type, parameters):
    lenient = prefers_lenient(request.headers.get("Prefer"))
    return respond(search.search(registry(), SITE, type, parameters, base_url(), strict=not lenient))
