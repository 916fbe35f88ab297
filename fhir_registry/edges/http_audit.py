"""AuditEvents of the audit log are read and searched, and nobody writes them (docs/audit.md, https://hl7.org/fhir/R4/auditevent.html)."""

from flask import Blueprint, g, request

from fhir_registry.core.bundle import refuse_audit
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import error
from fhir_registry.ops.audit import TYPE, read_audit, search_audit

from .exchange import base_url, client, refuse_parameters, registry, respond, site
from .http_resources import check_path
from .http_search import read_form

audit = Blueprint("audit", __name__, url_prefix="/fhir/AuditEvent")
audit.before_request(check_path)
WRITING = ("POST", "PUT", "PATCH", "DELETE")


@audit.get("")
def search():
    return respond(search_audit(registry(), site(), g.parameters, client()))


@audit.post("/_search")
def search_by_form():
    return respond(search_audit(registry(), site(), g.parameters + read_form(), client()))


@audit.get("/<id>")
@audit.get("/<id>/_history/<version>")
def read(id, version="1"):
    refuse_parameters()
    event = read_audit(registry(), site(), id, base_url())
    if version != event["meta"]["versionId"]:
        raise error("not-found", "not-found", f"Version {version} of AuditEvent/{id} is not known; there is one only")
    return respond(json.dumps(event), headers={"ETag": f'W/"{version}"'})


@audit.route("", methods=WRITING, provide_automatic_options=False)
@audit.route("/<id>", methods=WRITING, provide_automatic_options=False)
def refuse_writes(id=None):
    refuse_audit(request.method, TYPE, registry().types)
