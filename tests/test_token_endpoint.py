"""Where access tokens come from, what is told of them, how they end (https://hl7.org/fhir/smart-app-launch/backend-services.html)."""

import json
import time

import jwt
import pytest
from rest_client import issue, serving
from smart_client import URL, SmartClient, authenticated, bearer, made, read

from fhir_registry.edges import gate

LABORATORY = "system/Observation.rs?category=laboratory"


@pytest.fixture(scope="module")
def client(rest):
    return SmartClient(rest.registry)


@pytest.mark.parametrize("accept", ["application/json", "application/fhir+xml", "text/html", "*/*"])
def test_smart_01_discovery_without_token(rest, accept):
    response = rest.get(".well-known/smart-configuration", Accept=accept, Origin="https://app.example")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_smart_02_and_03_what_is_told(rest):
    told = rest.get(".well-known/smart-configuration").get_json()
    assert told["token_endpoint"] == f"{URL}/auth/token"
    assert told["introspection_endpoint"] == f"{URL}/auth/introspect"
    assert told["revocation_endpoint"] == f"{URL}/auth/revoke"
    assert told["grant_types_supported"] == ["client_credentials"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert {*told["token_endpoint_auth_signing_alg_values_supported"]} == {"RS384", "ES384"}
    assert {*told["capabilities"]} == {"client-confidential-asymmetric", "permission-v1", "permission-v2"}
    assert "issuer" not in told and "jwks_uri" not in told and "authorization_endpoint" not in told
    assert told["scopes_supported"]


def test_the_capability_statement_tells_it_to_clients_of_smart_v1(rest):
    security = rest.read("metadata")["rest"][0]["security"]
    (coding,) = security["service"][0]["coding"]
    assert coding == {
        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
        "code": "SMART-on-FHIR",
    }
    (extension,) = security["extension"]
    assert extension["url"] == "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
    told = {each["url"]: each["valueUri"] for each in extension["extension"]}
    assert told == {name: f"{URL}/auth/{path}" for name, path in (("token", "token"), ("introspect", "introspect"),
                                                                  ("revoke", "revoke"))}  # fmt: skip
    assert "smart-configuration" in security["description"]
    assert rest.read("openapi.json")["security"] == [{"token": []}]


def test_smart_01_nothing_is_told_without_access_control(new_registry):
    with serving(new_registry("sqlite")) as open_to_all:
        response = open_to_all.get(".well-known/smart-configuration")
        assert response.status_code == 404 and issue(response)["code"] == "not-found"
        assert open_to_all.post_form("/auth/token", {}).status_code == 404


# --- the token endpoint --------------------------------------------------------------------------------


def test_smart_05_the_answer(rest, client):
    response = rest.post_form("/auth/token", client.form())
    assert response.status_code == 200 and response.mimetype == "application/json"
    assert (response.headers["Cache-Control"], response.headers["Pragma"]) == ("no-store", "no-cache")
    told = response.get_json()
    assert told.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("bearer", 300, "system/*.cruds")
    header, claims = jwt.get_unverified_header(told["access_token"]), read(told["access_token"])
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES384")
    assert claims.keys() == {"iss", "aud", "sub", "client_id", "scope", "iat", "exp", "jti"}
    assert claims["exp"] == claims["iat"] + 300 and abs(claims["iat"] - time.time()) < 5


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"grant_type": "not_a_grant_type"}, "unsupported_grant_type"),  # SMART-06
        ({"grant_type": None}, "invalid_request"),  # RFC 6749, 5.2: a parameter is missing
        ({"grant_type": ""}, "invalid_request"),  # 3.2: one without a value was not sent
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"client_assertion_type": "not_an_assertion_type"}, "invalid_request"),  # SMART-07
        ({"client_assertion_type": None}, "invalid_request"),
        ({"scope": None}, "invalid_request"),  # SMART-10
        ({"scope": ["system/*.rs", "system/*.cud"]}, "invalid_request"),
        ({"client_assertion": ["a", "b"]}, "invalid_request"),  # SMART-10
    ],
)
def test_smart_06_07_10_wrong_requests(rest, client, changes, code):
    form = {**client.form(), **changes}
    response = rest.post_form("/auth/token", {name: value for name, value in form.items() if value is not None})
    assert (response.status_code, response.get_json()["error"]) == (400, code)
    assert response.headers["Cache-Control"] == "no-store"


def test_smart_10_other_forms(rest, client):
    form = client.form()
    as_json = rest.post_form("/auth/token", json.dumps(form), content_type="application/json")
    assert (as_json.status_code, as_json.get_json()["error"]) == (400, "invalid_request")
    assert rest.post_form("/auth/token", form | {"x": "y" * 100_000}).status_code == 413
    for method in ("GET", "PUT", "DELETE"):
        response = rest.open("/auth/token", method=method)
        assert response.status_code == 405 and response.headers["Allow"]
    assert rest.post_form("/auth/token", form).status_code == 200  # none of them has used it up


@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke"])
def test_rfc_6749_3_2_nothing_is_read_from_the_url(rest, client, endpoint):
    """RFC 6749, 2.3.1: credentials must not be in the URI."""
    form = client.form() if endpoint == "token" else authenticated(client, "x", endpoint)
    refused = rest.post_form(f"/auth/{endpoint}?scope=x", form)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_request")
    assert rest.post_form(f"/auth/{endpoint}", form).status_code == 200  # it has not used up the assertion


@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke"])
def test_rfc_7521_4_2_client_id_names_the_same_client(rest, client, endpoint):
    other = SmartClient(rest.registry)
    form = client.form() if endpoint == "token" else authenticated(client, "x", endpoint)
    for wrong in (other.id, "nobody"):
        refused = rest.post_form(f"/auth/{endpoint}", form | {"client_id": wrong})
        assert (refused.status_code, refused.get_json()) == (401, {"error": "invalid_client"})
    assert rest.post_form(f"/auth/{endpoint}", form | {"client_id": client.id}).status_code == 200
    if endpoint == "token":  # RFC 6749, 3.2: one without a value was not sent
        assert rest.post_form("/auth/token", client.form() | {"client_id": ""}).status_code == 200


@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke"])
def test_rfc_6749_5_2_no_client_authentication_is_invalid_client(rest, client, endpoint):
    form = client.form() if endpoint == "token" else authenticated(client, "x", endpoint)
    without = {name: text for name, text in form.items() if not name.startswith("client_assertion")}
    for sent in (without, form | {"client_assertion": ""}):
        refused = rest.post_form(f"/auth/{endpoint}", sent)
        assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_client")
        assert "client_assertion" in refused.get_json()["error_description"]
        # RFC 9110, 15.5.2: a 401 has a challenge
        assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_client"'
    # RFC 6749, 5.2: who tried a scheme is answered in it
    tried = rest.post_form(f"/auth/{endpoint}", without, headers={"Authorization": "Basic YTpi"})
    assert (tried.status_code, tried.get_json()["error"]) == (401, "invalid_client")
    assert tried.headers["WWW-Authenticate"] == 'Basic realm="token"'


@pytest.mark.parametrize(
    ("registered", "asked", "granted"),
    [
        ("system/*.cruds", "system/Patient.r", "system/Patient.r"),
        ("system/*.rs", "system/Patient.r system/Observation.rs", "system/Patient.r system/Observation.rs"),
        ("system/*.rs", "system/*.read", "system/*.read"),  # SMART-29
        ("system/*.cruds", "system/Patient.write system/*.*", "system/Patient.write system/*.*"),  # SMART-29
        ("system/*.read system/*.cud", "system/Patient.cruds", "system/Patient.cruds"),
        ("system/Patient.rs", "system/*.rs", None),
        ("system/*.rs", "system/Patient.cruds system/Patient.s", "system/Patient.s"),  # SMART-09
        ("system/*.rs", "openid fhirUser user/*.rs patient/*.rs launch offline_access", None),
        ("system/*.cruds", "system/AuditEvent.rs", None),  # which a registration must name
        ("system/*.cruds", "system/AuditEvent.r system/Patient.r", "system/Patient.r"),
        ("system/*.cruds system/AuditEvent.rs", "system/AuditEvent.r", "system/AuditEvent.r"),
        ("system/AuditEvent.rs", "system/*.rs", None),
        ("system/*.rs", "system/Patient.sr", None),  # out of order
        ("system/*.rs", "system/Foo.rs system/Patient.x", None),
        ("system/Observation.rs", LABORATORY, LABORATORY),
        (LABORATORY, LABORATORY, LABORATORY),
        (LABORATORY, "system/Observation.rs", None),
        (LABORATORY, "system/Observation.rs?category=vital-signs", None),
        ("system/*.cruds", "system/Observation.rs?nonsense=x", None),  # SMART-28
        ("system/*.cruds", "system/Observation.rs?category:not=x", None),  # SMART-28
    ],
)  # fmt: skip
def test_smart_09_28_29_what_is_granted(rest, registered, asked, granted):
    client = SmartClient(rest.registry, scopes=registered)
    response = rest.post_form("/auth/token", client.form(scope=asked))
    if granted is None:
        assert (response.status_code, response.get_json()["error"]) == (400, "invalid_scope")
    else:
        assert (response.status_code, response.get_json()["scope"]) == (200, granted)
        assert read(response.get_json()["access_token"])["scope"] == granted


# --- introspection and revocation ----------------------------------------------------------------------


def introspect(rest, client, token):
    response = rest.post_form("/auth/introspect", authenticated(client, token, "introspect"))
    assert response.status_code == 200 and response.headers["Cache-Control"] == "no-store"
    return response.get_json()


def test_a_client_asks_about_its_token(rest, client):
    token = client.token(rest, "system/Patient.rs")
    told = introspect(rest, client, token)
    assert told["active"] is True and told["scope"] == "system/Patient.rs" and told["client_id"] == client.id


def test_smart_32_of_what_does_not_count_nothing_is_told(rest, client, settings):
    other, administrator = SmartClient(rest.registry), SmartClient(rest.registry, role="administrator")
    token = client.token(rest)
    assert introspect(rest, other, token) == {"active": False}
    assert introspect(rest, administrator, token)["active"] is True
    expired = made(settings, client, exp=int(time.time()) - 61)
    for wrong in ("", "x", "a.b.c", expired, token[:-4]):
        if wrong:
            assert introspect(rest, client, wrong) == {"active": False}
    rest.registry.store.clients.revoke(other.id)
    assert introspect(rest, administrator, made(settings, other)) == {"active": False}


def test_a_token_is_revoked(rest, client, monkeypatch):
    monkeypatch.setattr(gate, "LOOK_SECONDS", 0)
    token, other = client.token(rest), client.token(rest)
    assert rest.get("Patient", **bearer(token)).status_code == 200
    response = rest.post_form("/auth/revoke", authenticated(client, token, "revoke"))
    assert response.status_code == 200
    assert rest.get("Patient", **bearer(token)).status_code == 401
    assert rest.get("Patient", **bearer(other)).status_code == 200
    assert introspect(rest, client, token) == {"active": False}
    # RFC 7009, 2.2: one that does not count is no error
    assert rest.post_form("/auth/revoke", authenticated(client, "x", "revoke")).status_code == 200


def test_the_token_of_another_client_is_not_revoked(rest, client, monkeypatch):
    monkeypatch.setattr(gate, "LOOK_SECONDS", 0)
    token, other = client.token(rest), SmartClient(rest.registry)
    assert rest.post_form("/auth/revoke", authenticated(other, token, "revoke")).status_code == 200
    assert rest.get("Patient", **bearer(token)).status_code == 200


def test_who_asks_about_tokens_proves_who_he_is(rest, client):
    token = client.token(rest)
    for url in ("introspect", "revoke"):
        form = authenticated(client, token, url)
        assert rest.post_form(f"/auth/{url}", form).status_code == 200
        again = rest.post_form(f"/auth/{url}", form)
        assert (again.status_code, again.get_json()) == (401, {"error": "invalid_client"})
        assert again.headers["WWW-Authenticate"]
        assert rest.post_form(f"/auth/{url}", {**authenticated(client, token, "token"), "token": ""}).status_code == 400


def test_a_revoked_client_is_nobody(rest, monkeypatch):
    monkeypatch.setattr(gate, "LOOK_SECONDS", 0)
    client = SmartClient(rest.registry)
    token = client.token(rest)
    assert rest.get("Patient", **bearer(token)).status_code == 200
    rest.registry.store.clients.revoke(client.id)
    response = rest.get("Patient", **bearer(token))
    assert response.status_code == 401 and 'error="invalid_token"' in response.headers["WWW-Authenticate"]
