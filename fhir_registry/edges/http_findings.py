"""The operation $findings (docs/findings.md; https://hl7.org/fhir/R4/operations.html)."""

from functools import partial

from flask import Blueprint, g, request

from fhir_registry.fhir import json
from fhir_registry.ops.findings import list_findings, write_findings

from .exchange import base_url, caller, negotiate, parse_parameters, registry, respond, respond_file, site
from .http_operations import posted_parameters
from .negotiation import FHIR_JSON, media_type

findings = Blueprint("findings", __name__, url_prefix="/fhir")
_CSV = "text/csv"
_JSON = media_type(FHIR_JSON)[0]


@findings.route("/ResearchStudy/<id>/$findings", methods=["GET", "POST"])
def find_findings(id):
    pairs = parse_parameters(request.query_string)
    if not _prefers_csv([value for name, value in pairs if name == "_format"]):
        negotiate()
        bundle = list_findings(registry(), site(), id, g.parameters + _posted(), base_url(), caller())
        return respond(json.dumps(bundle))
    parameters = [pair for pair in pairs if pair[0] != "_format"] + _posted()
    walk = partial(write_findings, registry(), site(), id, parameters, base_url())
    return respond_file(walk, _CSV, f"{id}-findings.csv")


def _posted():
    return posted_parameters() if request.method == "POST" else []


def _prefers_csv(formats):
    """`_format` decides, else Accept; JSON is what a client gets that likes both as much."""
    if formats:
        return media_type(formats[0])[0] in ("csv", _CSV)
    return request.accept_mimetypes.best_match((_JSON, "application/json", _CSV)) == _CSV
