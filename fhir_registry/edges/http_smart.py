"""Where and how clients get tokens for this server (https://hl7.org/fhir/smart-app-launch/conformance.html#using-well-known)."""

from flask import Blueprint, Response

from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError, error

from .config import BUILTIN, NONE
from .exchange import config
from .gate import auth_url, gate

smart = Blueprint("smart", __name__, url_prefix="/fhir")
CAPABILITIES = ["permission-v1", "permission-v2"]
SCOPES = ["system/*.rs", "system/*.cruds", "system/*.read", "system/*.write"]
# Of what a provider says about itself (https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata).
_TOLD = (
    "authorization_endpoint",
    "token_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "registration_endpoint",
    "management_endpoint",
    "grant_types_supported",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
)
_OAUTH_URIS = {
    "authorize": "authorization_endpoint",
    "token": "token_endpoint",
    "introspect": "introspection_endpoint",
    "revoke": "revocation_endpoint",
    "register": "registration_endpoint",
    "manage": "management_endpoint",
}


@smart.get("/.well-known/smart-configuration")
def read_configuration():
    if config().access == NONE:
        message = "This server knows no access control; FHIR_REGISTRY_ACCESS sets it"
        raise error("not-found", "not-found", message)
    told = _own() if config().access == BUILTIN else _of_provider()
    told |= {"scopes_supported": SCOPES, "code_challenge_methods_supported": ["S256"]}
    return Response(json.dumps(told), mimetype="application/json")


def oauth_uris():
    """((name, url) of each place where clients get tokens), as SMART v1 names them; () while it is not known.

    https://hl7.org/fhir/smart-app-launch/1.0.0/conformance/index.html#declaring-support-for-oauth2-endpoints
    """
    try:
        told = _own() if config().access == BUILTIN else gate().logins.configuration()
    except FhirError:  # the provider does not answer; what the server can do is told all the same
        return ()
    return tuple((name, told[member]) for name, member in _OAUTH_URIS.items() if isinstance(told.get(member), str))


def _own():
    from fhir_registry.ops.token_endpoint import ALGORITHMS

    return {
        "token_endpoint": auth_url(config(), "token"),
        "introspection_endpoint": auth_url(config(), "introspect"),
        "revocation_endpoint": auth_url(config(), "revoke"),
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": [*ALGORITHMS],
        "capabilities": ["client-confidential-asymmetric", *CAPABILITIES],
    }


def _of_provider():
    provider = gate().logins.configuration()
    told = {name: provider[name] for name in _TOLD if name in provider}
    methods = provider.get("token_endpoint_auth_methods_supported")
    asymmetric = isinstance(methods, list) and "private_key_jwt" in methods
    own = ["client-confidential-asymmetric"] if asymmetric else []
    return {"grant_types_supported": ["client_credentials"], **told, "capabilities": own + CAPABILITIES}
