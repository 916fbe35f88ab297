"""search of a type, of all types and in compartments, by GET and by POST (https://hl7.org/fhir/R4/http.html#search)."""

from flask import Blueprint, g, request

from fhir_registry.fhir.errors import error
from fhir_registry.ops.search import search

from .body import MAX_FORM_BYTES, read_body
from .exchange import client, config, parse_parameters, registry, respond, site, take_representation
from .gate import refuse_token
from .http_resources import check_path
from .negotiation import FORM, media_type, require_known_encoding

searches = Blueprint("searches", __name__, url_prefix="/fhir")
searches.before_request(check_path)


@searches.get("")
def search_all():
    return _search("", g.parameters)


@searches.post("/_search")
def search_all_by_form():
    return _search("", g.parameters + read_form())


@searches.get("/<type>")
def search_type(type):
    return _search(type, g.parameters)


@searches.post("/<type>/_search")
def search_type_by_form(type):
    return _search(type, g.parameters + read_form())


@searches.get("/<type>/<id>/<target>")
def search_compartment(type, id, target):
    return _search(f"{type}/{id}/{target}", g.parameters)


@searches.post("/<type>/<id>/_search")
@searches.post("/<type>/<id>/<target>/_search")
def search_compartment_by_form(type, id, target="*"):
    return _search(f"{type}/{id}/{target}", g.parameters + read_form())


def read_form():
    """The parameters of a form body; a request without a body has none. Raises unsupported-media-type (415)."""
    content_type = request.headers.get("Content-Type", "")
    require_known_encoding(request.headers.get("Content-Encoding"))
    data = read_body(min(MAX_FORM_BYTES, config().max_body_bytes))
    if data and media_type(content_type)[0] != FORM:
        raise error("unsupported-media-type", "not-supported", f"Send the parameters as {FORM}")
    pairs = parse_parameters(data)
    refuse_token(pairs)
    g.form = data
    return take_representation(pairs)


def _search(path, parameters):
    return respond(search(registry(), site(), path, parameters, client()))
