"""The operation $everything (https://hl7.org/fhir/R4/patient-operation-everything.html)."""

from flask import Blueprint, g, request

from fhir_registry.ops.everything import everything

from .exchange import client, registry, respond, site
from .http_operations import posted_parameters
from .http_resources import check_path

compartments = Blueprint("compartments", __name__, url_prefix="/fhir")
compartments.before_request(check_path)


@compartments.route("/<any(Patient, Encounter):type>/<id>/$everything", methods=["GET", "POST"])
def find_everything(type, id):
    pairs = g.parameters + (posted_parameters() if request.method == "POST" else [])
    return respond(everything(registry(), site(), type, id, pairs, client()))
