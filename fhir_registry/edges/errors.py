"""Every error of every path is an OperationOutcome (https://hl7.org/fhir/R4/http.html#ops)."""

import logging
import traceback
from http import HTTPStatus

from flask import g, request
from werkzeug.exceptions import HTTPException

from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError, Issue, operation_outcome

from .exchange import respond, tell_sender

log = logging.getLogger("fhir_registry")
# Issue codes (http://hl7.org/fhir/issue-type) for what the framework itself refuses.
_CODES = {404: "not-found", 405: "not-supported", 413: "too-long", 414: "too-long", 431: "too-long"}


def render_errors(app):
    """Register the three handlers: ours, the framework's, and everything nobody expected."""
    app.register_error_handler(FhirError, render_fhir_error)
    app.register_error_handler(HTTPException, _render_http_exception)
    app.register_error_handler(Exception, _render_unexpected)


def render_fhir_error(problem):
    """The response for a FhirError, whose kind is in `g.refused`."""
    g.refused = problem.kind
    return _respond(tell_sender(problem.issues), problem.status, problem.headers)


def _render_http_exception(problem):
    status = problem.code or 500
    methods = sorted(getattr(problem, "valid_methods", None) or ())
    code = _CODES.get(status, "invalid" if status < 500 else "exception")
    root, name = request.script_root, request.path.rpartition("/")[2]  # root: with the name of a site
    if status == 405:
        message = f"{request.method} is not possible here; this path answers {', '.join(methods)}"
    elif status == 404 and name.startswith("$"):
        code = "not-supported"
        message = (
            f"There is no operation '{name}' at {root}{request.path}; GET /OperationDefinition lists those there are"
        )
    elif status == 404:
        message = f"There is nothing at {root}{request.path}; the FHIR base is {root}/fhir"
    else:
        message = HTTPStatus(status).phrase
    headers = {"Allow": ", ".join(methods)} if methods else {}
    return _respond([Issue("error", code, message)], status, headers)


def _render_unexpected(problem):
    # The message of an exception may quote a patient's data: the log gets its type and the places in the code only.
    places = " < ".join(
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
        for frame in reversed(traceback.extract_tb(problem.__traceback__)[-8:])
    )
    log.error("%s %s at %s", g.request_id, type(problem).__name__, places)
    issue = Issue("fatal", "exception", f"The server failed on this request; its log names it {g.request_id}")
    return _respond([issue], 500)


def _respond(issues, status, headers=None):
    outcome = json.dumps(operation_outcome(issues))
    try:
        return respond(outcome, status, headers)
    except FhirError:  # the message quotes a character that XML cannot hold
        g.format = "json"
        return respond(outcome, status, headers)
