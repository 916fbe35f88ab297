"""patch and conditional patch (https://hl7.org/fhir/R4/http.html#patch)."""

from urllib.parse import urlencode

from flask import Blueprint, g, request

from fhir_registry.core.patch import FHIRPATH_PATCH, JSON_PATCH, MERGE_PATCH
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import error
from fhir_registry.ops import ingest

from .body import read_body, read_resource
from .exchange import config, refuse_parameters, registry, site
from .http_resources import acknowledge, check_path
from .negotiation import FHIR_FORMATS, entity_tags, media_type, require_known_encoding

patches = Blueprint("patches", __name__, url_prefix="/fhir")
patches.before_request(check_path)
ACCEPT_PATCH = f"{JSON_PATCH}, {MERGE_PATCH}, {FHIRPATH_PATCH}, application/fhir+xml"
# Of these the body may be something else than a FHIR resource.
_PLAIN_JSON = (JSON_PATCH, MERGE_PATCH, "application/json")


@patches.patch("/<type>/<id>")
def patch(type, id):
    refuse_parameters()
    return _patch(type, id)


@patches.patch("/<type>")
def patch_conditionally(type):
    return _patch(type, None, urlencode(g.parameters))


@patches.after_app_request
def _advertise(response):
    refused = request.method == "PATCH" and response.status_code == 415
    if refused or "PATCH" in response.headers.get("Allow", ""):
        response.headers["Accept-Patch"] = ACCEPT_PATCH
    return response


def _patch(type, id, criteria=None):
    if_match = entity_tags(request.headers, "If-Match")
    return acknowledge(ingest.patch(registry(), site(), type, id, *_read_patch(), if_match=if_match, criteria=criteria))


def _read_patch():
    """(parsed patch, its media type): read_resource refuses what is neither FHIR nor one of the other formats."""
    essence, parameters = media_type(request.headers.get("Content-Type", ""))
    limit = config().max_body_bytes
    if essence not in (*_PLAIN_JSON, *FHIR_FORMATS):
        message = f"A patch is not read from {essence or 'a body without Content-Type'}, but from {ACCEPT_PATCH}"
        raise error("unsupported-media-type", "not-supported", message)
    if essence not in _PLAIN_JSON:
        return read_resource(limit), FHIRPATH_PATCH
    if parameters.get("charset", "utf-8") not in ("utf-8", "utf8"):
        raise error("unsupported-media-type", "not-supported", "A patch is sent in UTF-8")
    require_known_encoding(request.headers.get("Content-Encoding"))
    data = read_body(limit)
    if not data.strip():
        raise error("malformed", "structure", "The body is empty; a patch is expected")
    return json.parse_sent(data), essence
