"""Access tokens for registered clients (https://hl7.org/fhir/smart-app-launch/backend-services.html, https://datatracker.ietf.org/doc/html/rfc6749#section-4.4)."""

import logging

from flask import Blueprint, Response, g, request

from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops.callers import NOBODY
from fhir_registry.ops.token_endpoint import OAuthError

from .audited import name_client
from .body import read_body
from .errors import render_fhir_error
from .exchange import config, parse_parameters
from .front import TOKENLESS
from .gate import auth_url, gate
from .negotiation import FORM, media_type

log = logging.getLogger("fhir_registry")
auth = Blueprint("auth", __name__, url_prefix="/auth")
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@auth.before_request
def _hold():
    gate().hold()


@auth.post("/token")
def grant_token():
    form = _read_form()
    if _require(form, "grant_type") != "client_credentials":
        raise OAuthError("unsupported_grant_type", "grant_type must be client_credentials")
    scope = _require(form, "scope")
    return _answer(gate().tokens.grant(_prove(form, "token"), scope))


@auth.post("/introspect")
def introspect_token():
    form = _read_form()
    token = _require(form, "token")
    return _answer(gate().tokens.introspect(_prove(form, "introspect"), token))


@auth.post("/revoke")
def revoke_token():
    form = _read_form()
    token = _require(form, "token")
    gate().tokens.revoke(_prove(form, "revoke"), token)
    return _answer({})


@auth.errorhandler(OAuthError)
def _refuse(problem):
    if problem.client:
        name_client(problem.client, str(problem.__cause__ or problem.code))
    if problem.code == "invalid_client":
        gate().count_failure()
        log.info("%s a client was refused: %s", g.request_id, problem.__cause__ or problem.message)
    told = {"error": problem.code} | ({"error_description": problem.message} if problem.message else {})
    if problem.code != "invalid_client":
        return _answer(told, 400)
    response = _answer(told, 401)
    # There is no scheme for assertions, and a 401 names one: that of a client which tries another way (RFC 6749,
    # section 5.2), or one for which no browser asks for a password.
    basic = request.authorization is not None and request.authorization.type == "basic"
    response.headers["WWW-Authenticate"] = 'Basic realm="token"' if basic else 'Bearer error="invalid_client"'
    return response


@auth.after_request
def _keep_nowhere(response):
    response.headers["Pragma"] = "no-cache"  # beside no-store (RFC 6749, section 5.1)
    return response


@auth.after_request
def _limit_strangers(response):
    """What is refused to nobody known leaves an event as well, and is limited as requests without a token are."""
    unknown = g.get("caller") is NOBODY  # front.py refuses before there is one, and without an event
    if unknown and response.status_code >= 400 and response.status_code not in (401, 429):  # 401: counted above
        try:
            gate().count_stranger()
        except FhirError as problem:
            return render_fhir_error(problem)
    return response


def _read_form():
    if request.query_string:  # where credentials would be in logs
        raise OAuthError("invalid_request", "Parameters are sent in the body only, none in the URL")
    if media_type(request.headers.get("Content-Type", ""))[0] != FORM:
        raise OAuthError("invalid_request", f"Send the parameters as {FORM}")
    pairs = parse_parameters(read_body(TOKENLESS))
    if len(dict(pairs)) < len(pairs):
        raise OAuthError("invalid_request", "A parameter is given twice")
    return dict(pairs)


def _prove(form, endpoint):
    """The Assertion of a form, whose client is the one of this request from here on."""
    if not form.get("client_assertion"):
        raise OAuthError("invalid_client", "The parameter client_assertion is missing")
    if form.get("client_assertion_type") != ASSERTION:
        raise OAuthError("invalid_request", f"client_assertion_type must be {ASSERTION}")
    proved = gate().tokens.prove(form["client_assertion"], auth_url(config(), endpoint), form.get("client_id"))
    name_client(proved.client)
    return proved


def _require(form, name):
    if not form.get(name):
        raise OAuthError("invalid_request", f"The parameter {name} is missing")
    return form[name]


def _answer(members, status=200):
    return Response(json.dumps(members), status, mimetype="application/json")
