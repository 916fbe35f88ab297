"""Whole-system interactions and operations (https://hl7.org/fhir/R4/http.html#transaction)."""

from flask import Blueprint, g, request

from fhir_registry.fhir import json
from fhir_registry.fhir.errors import error
from fhir_registry.ops import evaluate, ingest, publish
from fhir_registry.ops.evaluate_later import request_evaluation
from fhir_registry.store.site import EVERY_NUMBER

from .body import read_resource
from .exchange import base_url, caller, config, negotiate, read_arguments, refuse_parameters, registry, respond, site
from .http_jobs import accept, require_room
from .http_search import read_form
from .negotiation import media_type, preferred_return, prefers_async
from .report_page import respond_report

operations = Blueprint("operations", __name__, url_prefix="/fhir")
# Operation parameter -> argument of the walk.
_EVALUATE = {
    "periodStart": "period_start",
    "periodEnd": "period_end",
    "reportType": "report_type",
    "subject": "subject",
}


@operations.before_request
def _negotiate():
    negotiate(page=request.endpoint == "operations.evaluate_measure")


@operations.post("")
def submit_bundle():
    refuse_parameters()
    bundle = read_resource(config().max_body_bytes)
    prefer = preferred_return(request.headers.get("Prefer"))
    return respond(json.dumps(ingest.bundle(registry(), site(), bundle, base_url(), prefer, caller())))


@operations.route("/Measure/<id>/$evaluate-measure", methods=["GET", "POST"])
@operations.route("/Measure/<id>/$evaluate", methods=["GET", "POST"])
def evaluate_measure(id):
    pairs = g.parameters + (posted_parameters() if request.method == "POST" else [])
    arguments = read_arguments(pairs, _EVALUATE)
    if request.method == "POST":
        if site() == EVERY_NUMBER:
            message = "A report of all sites is of none of them and cannot be kept; ask for it by GET, or name a site"
            raise error("bad-request", "not-supported", message)
        registry().access.require("MeasureReport", "c")
    if prefers_async(request.headers.get("Prefer")):
        require_room()
        return accept(request_evaluation(registry(), site(), id, arguments, base_url(), keep=request.method == "POST"))
    evaluated = evaluate.evaluate_measure(registry(), site(), id, **arguments, base=base_url())
    if request.method == "GET":
        return respond_report(evaluated.report)
    stored = publish.publish(registry(), site(), evaluated)
    response = respond_report(json.parse(stored.body))
    response.headers["Location"] = f"{base_url()}/MeasureReport/{stored.id}/_history/{stored.version}"
    return response


def posted_parameters():
    """Operation parameters of the body, a form or a Parameters resource, as (name, value) pairs of strings."""
    if not request.headers.get("Content-Type") or media_type(request.headers["Content-Type"])[0].endswith("urlencoded"):
        return read_form()
    resource = read_resource(config().max_body_bytes)
    if resource.get("resourceType") != "Parameters":
        raise error("malformed", "invalid", "The body of an operation is a Parameters resource")
    parameters = resource.get("parameter", [])
    if not isinstance(parameters, list):
        raise error("malformed", "structure", "Parameters.parameter must be an array", "Parameters.parameter")
    pairs, g.places = [], {}
    for position, parameter in enumerate(parameters):
        where = f"Parameters.parameter[{position}]"
        values = [v for k, v in parameter.items() if k.startswith("value")] if isinstance(parameter, dict) else []
        if len(values) != 1 or type(values[0]) not in (str, int) or not isinstance(parameter.get("name"), str):
            raise error("malformed", "invalid", "A parameter has a name and one date, code or integer as value", where)
        pairs.append((parameter["name"], str(values[0])))
        g.places[parameter["name"]] = where
    return pairs
