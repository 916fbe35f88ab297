"""The operation $erase (docs/consent.md; https://hl7.org/fhir/R4/operations.html)."""

from flask import Blueprint, g, request

from fhir_registry.core.audit import Event
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import Issue, operation_outcome
from fhir_registry.ops.disclosure import require_erasure
from fhir_registry.ops.erase import erase

from .exchange import base_url, read_arguments, registry, respond, site
from .http_operations import posted_parameters
from .http_resources import check_path

erasures = Blueprint("erasures", __name__, url_prefix="/fhir")
erasures.before_request(check_path)
_ERASE = {"reason": "reason", "by": "by"}


@erasures.post("/<any(Patient):type>/<id>/$erase")
def erase_patient(type, id):
    require_erasure(registry())
    arguments = read_arguments(g.parameters + posted_parameters(), _ERASE)
    trail = registry().trail
    told = {"client": g.caller.client, "request": g.request_id, "method": "POST", "route": str(request.url_rule)}
    event = trail.event if trail else Event("destroy", **told)  # an erasure is recorded whoever may do it
    event = event._replace(interaction="destroy", user=arguments.get("by") or event.user, status=200)
    erased = erase(registry(), site(), id, arguments.get("reason"), event, base_url())
    if trail:
        trail.stored = True
    message = (
        f"{erased.resources} resources are erased, {erased.changed} have lost what named the patient. "
        "fhir-registry erase --purge takes what was deleted out of the files of the database"
    )
    return respond(json.dumps(operation_outcome([Issue("information", "informational", message)])))
