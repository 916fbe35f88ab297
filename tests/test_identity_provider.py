"""Tokens of an identity provider of others, over real connections (https://datatracker.ietf.org/doc/html/rfc9068#section-4)."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
from audited_client import only_event
from https_server import make_certificate, serving_https
from rest_client import Rest, issue, patient, serving
from smart_client import Key, jwks, key, keyed_with_public

from fhir_registry.edges.config import Config, ConfigError
from fhir_registry.ops.open import make_site, open_registry
from fhir_registry.ops.outbound import Patience
from fhir_registry.ops.remove_site import remove_site

AUDIENCE = "https://registry.hospital.example/fhir"


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    certificate = make_certificate(tmp_path_factory.mktemp("certificate"))
    with pytest.MonkeyPatch.context() as patch, serving_https(certificate) as server:
        patch.setenv("SSL_CERT_FILE", str(certificate))
        yield server


@pytest.fixture
def provider(shared):
    """The https server as a provider with one key; `issuer` is its URL."""
    shared.issuer = f"https://localhost:{shared.port}"
    told = {
        "issuer": shared.issuer,
        "jwks_uri": f"{shared.issuer}/keys",
        "token_endpoint": f"{shared.issuer}/token",
        "authorization_endpoint": f"{shared.issuer}/authorize",
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    }
    shared.answers.clear()
    shared.asked.clear()
    shared.answers |= {
        "/.well-known/openid-configuration": (200, {}, json.dumps(told).encode()),
        "/keys": (200, {}, jwks(key())),
    }
    return shared


@pytest.fixture
def settings(provider):
    return {
        "ACCESS": "oidc",
        "ISSUER": provider.issuer,
        "AUDIENCE": AUDIENCE,
        "JWKS_HOSTS": f"localhost:{provider.port}=127.0.0.0/8",
        "MAX_FAILED_LOGINS_PER_MINUTE": "0",
    }


@pytest.fixture
def rest(new_registry, settings):
    with serving(new_registry("sqlite"), **settings) as opened:
        yield opened


@pytest.fixture
def token(provider):
    def make(signer=None, algorithm=None, header=None, **changes):
        now = int(time.time())
        claims = {"iss": provider.issuer, "aud": AUDIENCE, "exp": now + 300, "client_id": "app-1", "site": "default"}
        claims |= {"scope": "system/*.cruds"} | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        return (signer or key()).sign(claims, algorithm, **(header or {"typ": "at+jwt"}))

    return make


def ask(rest, token, path="Patient"):
    return rest.get(path, Authorization=f"Bearer {token}")


def test_a_token_of_the_provider(rest, token, provider):
    for _ in range(3):
        assert ask(rest, token()).status_code == 200
    assert [path for path, _ in provider.asked] == ["/.well-known/openid-configuration", "/keys"]


def test_the_user_is_in_the_audit_log_and_in_the_provenance(rest, token):
    """BALP: agent[user] beside agent[client]; of a client alone `sub` is the client (RFC 9068, 2.2)."""
    for path, outcome in (("Patient", "0"), ("Patient/not-here", "4")):
        payload = only_event(rest.registry, ask(rest, token(sub="dr-sato"), path)).payload
        assert (payload["client"], payload["user"], payload["outcome"]) == ("app-1", "dr-sato", outcome)
    for sub in ("app-1", None):
        assert "user" not in only_event(rest.registry, ask(rest, token(sub=sub))).payload
    stored = rest.put(patient(id="entered"), Authorization=f"Bearer {token(sub='dr-sato')}")
    assert only_event(rest.registry, stored).payload["user"] == "dr-sato"
    written = ask(rest, token(), "Provenance?target=Patient/entered").json["entry"][0]["resource"]
    assert [agent["who"]["identifier"]["value"] for agent in written["agent"]] == ["app-1", "dr-sato"]


def test_its_clients_are_in_the_audit_log(rest, token):
    for path, outcome in (("Patient", "0"), ("Patient/not-here", "4")):
        payload = only_event(rest.registry, ask(rest, token(role="registry"), path)).payload
        assert (payload["client"], payload["role"], payload["outcome"]) == ("app-1", "registry", outcome)
    payload = only_event(rest.registry, ask(rest, token(site="nowhere"))).payload
    assert ("client" in payload, payload["status"]) == (False, 403)


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "PS256", "ES256", "ES384"])
def test_the_algorithms_that_are_allowed(rest, token, provider, algorithm):
    signer = key("ES256") if algorithm == "ES256" else key("ES384") if algorithm == "ES384" else key("RS384")
    provider.answers["/keys"] = (200, {}, jwks(signer))
    assert ask(rest, token(signer, algorithm)).status_code == 200


def test_smart_31_tokens_that_are_refused(rest, token, provider):
    now = int(time.time())
    claims = {"iss": provider.issuer, "aud": AUDIENCE, "exp": now + 300, "client_id": "app-1", "site": "default"}
    refused = {
        "expired": token(exp=now - 61),
        "not yet": token(nbf=now + 120),
        "no exp": token(exp=None),
        "exp is a text": token(exp=str(now + 300)),
        "other audience": token(aud="https://other.example"),
        "no audience": token(aud=None),
        "other issuer": token(iss="https://other.example"),
        "issuer with a slash": token(iss=f"{provider.issuer}/"),
        "alg none": jwt.encode(claims, None, "none", {"kid": "one"}),
        "HS256": keyed_with_public(key(), claims, typ="at+jwt"),
        "other key": token(Key("ES384")),
        "other kid": token(header={"kid": "two"}),
        "key of its own": token(header={"jwk": key().jwk()}),
        "an ID token": token(header={"typ": "JWT"}, at_hash="x"),
        "an ID token of Keycloak": token(header={"typ": "JWT"}, typ="ID"),
        "a logout token": token(header={"typ": "logout+jwt"}),
        "no client": token(client_id=None),
    }  # fmt: skip
    for name, each in refused.items():
        response = ask(rest, each)
        assert (response.status_code, issue(response)["code"]) == (401, "login"), name
    for good in (token(exp=now - 50), token(nbf=now + 50), token(aud=["x", AUDIENCE]), token(header={"typ": "JWT"})):
        assert ask(rest, good).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"site": "nowhere"}, 403),
        ({"site": None}, 403),
        ({"site": 1}, 403),
        ({"site": "a\0b"}, 403),
        ({"role": "king"}, 403),
        ({"role": {"roles": ["regulator"]}}, 403),  # what cannot be read is not the same as none
        ({"role": []}, 403),
        ({"role": ""}, 403),
        ({"role": 1}, 403),
        ({"role": "monitor\n"}, 403),
        ({"role": ["registry", "monitor"]}, 403),
        ({"role": ["registry"]}, 200),
        ({"site": ["default"]}, 200),
        ({"role": "registry"}, 200),
        ({"scope": None}, 403),  # SMART-26
        ({"scope": "openid"}, 403),
        ({"scope": None, "scp": "system/Patient.rs"}, 200),
        ({"scope": None, "scp": ["system/Observation.r", "system/Patient.rs"]}, 200),
        ({"client_id": None, "azp": "app-2"}, 200),
        ({"client_id": None, "sub": "app-3"}, 200),
    ],
)
def test_what_claims_say(rest, token, changes, status):
    response = ask(rest, token(**changes))
    assert response.status_code == status
    if status == 403:
        assert issue(response)["code"] == "forbidden"


def test_claims_may_have_other_names(new_registry, settings, token):
    named = {"SITE_CLAIM": "hospital", "ROLE_CLAIM": "registry_role", "SCOPE_CLAIM": "perms", "CLIENT_CLAIM": "appid"}
    changes = {"site": None, "scope": None, "client_id": None, "perms": "system/*.rs", "appid": "a"}
    with serving(new_registry("sqlite"), **settings, **named) as rest:
        assert ask(rest, token(**changes, hospital="default", registry_role="monitor")).status_code == 200
        assert ask(rest, token(**changes, hospital="default", registry_role="king")).status_code == 403
        assert ask(rest, token()).status_code == 401  # names no client


def test_the_site_is_that_of_the_token(new_registry, settings, token, content):
    url = new_registry("sqlite")
    open_registry(url, content, sites=("default", "other")).close()
    with serving(url, **settings) as rest:
        here, there = ({"Authorization": f"Bearer {token(site=name)}"} for name in ("default", "other"))
        assert rest.put(patient(id="a"), **here).status_code == 201
        assert rest.get("Patient/a", **here).status_code == 200
        assert rest.get("Patient/a", **there).status_code == 404


def test_two_names_of_sites_are_not_the_name_of_another(new_registry, settings, token, content):
    url = new_registry("sqlite")
    open_registry(url, content, sites=("default", "other", "default other")).close()
    with serving(url, **settings) as rest:
        assert ask(rest, token(site="default other")).status_code == 200
        assert ask(rest, token(site=["default", "other"])).status_code == 403


def test_a_token_may_be_of_all_sites(new_registry, settings, token, content):
    url = new_registry("sqlite")
    open_registry(url, content, sites=("default", "other")).close()
    with serving(url, **settings) as rest:
        assert rest.put(patient(id="a"), Authorization=f"Bearer {token(site='other')}").status_code == 201
        everywhere = {"Authorization": f"Bearer {token(site='*', role='registry')}"}
        assert rest.open("/site/other/fhir/Patient/a", headers=everywhere).status_code == 200
        assert rest.open("/site/default/fhir/Patient/a", headers=everywhere).status_code == 404
        assert issue(rest.get("Patient/a", **everywhere))["code"] == "required"
        assert rest.open("/site/other/fhir/Patient/a", method="DELETE", headers=everywhere).status_code == 403
        for role in ("site", "administrator"):
            assert rest.get("Patient/a", Authorization=f"Bearer {token(site='*', role=role)}").status_code == 403


def test_a_site_that_is_removed_lets_nobody_in(rest, token, monkeypatch):
    """Nor does a token that was good before."""
    monkeypatch.setattr("fhir_registry.edges.gate.LOOK_SECONDS", 0)
    make_site(rest.registry, "office", "by what it is made")
    here, there = token(), token(site="office")
    everywhere = {"Authorization": f"Bearer {token(site='*', role='registry')}"}

    def statuses():
        told = ask(rest, here), ask(rest, there), rest.open("/site/default/fhir/Patient", headers=everywhere)
        return [each.status_code for each in told]

    assert [statuses() for _ in range(2)] == [[200, 200, 200]] * 2
    remove_site(rest.registry, "office")
    assert [statuses() for _ in range(2)] == [[200, 401, 200], [200, 403, 200]]


def test_keys_change_and_old_ones_go(rest, token, provider, monkeypatch):
    new = Key("ES384", "two")
    assert ask(rest, token()).status_code == 200
    provider.answers["/keys"] = (200, {}, jwks(key(), new))
    assert ask(rest, token(new)).status_code == 401  # keys were fetched a moment ago
    monkeypatch.setattr("fhir_registry.ops.key_sets.RETRY_SECONDS", 0)
    assert ask(rest, token(new)).status_code == 200
    provider.answers["/keys"] = (200, {}, jwks(new))
    monkeypatch.setattr("fhir_registry.ops.key_sets.FRESH_SECONDS", -1)
    assert ask(rest, token(jti="other")).status_code == 401


def test_the_provider_is_down_from_the_start(rest, token, provider):
    answers = dict(provider.answers)
    for path in ("/keys", "/.well-known/openid-configuration"):
        provider.answers[path] = (503, {}, b"")
    response = ask(rest, token())
    assert (response.status_code, issue(response)["code"]) == (503, "transient")
    assert response.headers["Retry-After"] == "10" and "cannot be fetched" in issue(response)["diagnostics"]
    assert rest.get(".well-known/smart-configuration").status_code == 503
    provider.answers |= answers


def test_the_provider_is_down_later(rest, token, provider, monkeypatch):
    assert ask(rest, token()).status_code == 200
    provider.answers.clear()
    monkeypatch.setattr("fhir_registry.ops.key_sets.FRESH_SECONDS", 0)
    monkeypatch.setattr("fhir_registry.ops.key_sets.RETRY_SECONDS", 0)
    assert ask(rest, token(jti="other")).status_code == 200
    assert len(provider.asked) > 2  # it was asked, in vain


def test_a_provider_that_hangs_holds_one_thread(rest, token, provider, monkeypatch):
    for name, value in (("PATIENCE", Patience(30, 30, 30)), ("RETRY_SECONDS", 0), ("SLOW_SECONDS", 0.1)):
        monkeypatch.setattr(f"fhir_registry.ops.key_sets.{name}", value)
    assert ask(rest, token()).status_code == 200
    new, reached, may = Key("ES384", "two"), threading.Event(), threading.Event()

    def hang():
        reached.set()
        may.wait(30)
        return 200, {}, jwks(key(), new)

    provider.answers["/keys"] = hang
    with ThreadPoolExecutor(1) as threads:
        held = threads.submit(ask, Rest(rest.app), token(new))
        try:
            assert reached.wait(10)
            for signer in (new, Key("ES384", "three")):  # it may be a new one, or none
                refused = ask(rest, token(signer, jti="other"))
                assert (refused.status_code, issue(refused)["code"]) == (503, "transient")
            assert ask(rest, token(jti="other")).status_code == 200
        finally:
            may.set()
    assert held.result().status_code == 200


OTHERS = ({"issuer": "https://other.example"}, {"jwks_uri": None}, {"jwks_uri": "http://localhost/keys"})


@pytest.mark.parametrize("told", [*OTHERS, {"jwks_uri": "https://localhost:1/keys"}])
def test_a_provider_that_is_not_who_it_should_be(rest, token, provider, told):
    path = "/.well-known/openid-configuration"
    provider.answers[path] = (200, {}, json.dumps(json.loads(provider.answers[path][2]) | told).encode())
    assert ask(rest, token()).status_code == 503


def test_a_provider_whose_keys_are_no_keys(rest, token, provider):
    path = "/.well-known/openid-configuration"
    told = json.loads(provider.answers[path][2]) | {"jwks_uri": f"{provider.issuer}{path}"}
    provider.answers[path] = (200, {}, json.dumps(told).encode())
    assert ask(rest, token()).status_code == 503


def test_the_keys_may_be_where_the_settings_say(new_registry, settings, token, provider):
    with serving(new_registry("sqlite"), **settings, JWKS_URL=f"{provider.issuer}/keys") as rest:
        assert ask(rest, token()).status_code == 200
    assert [path for path, _ in provider.asked] == ["/keys"]


def test_smart_02_discovery_leads_to_the_provider(rest, provider):
    told = rest.get(".well-known/smart-configuration").get_json()
    assert told["token_endpoint"] == f"{provider.issuer}/token"
    assert told["authorization_endpoint"] == f"{provider.issuer}/authorize"
    assert told["grant_types_supported"] == ["authorization_code", "client_credentials"]
    assert {*told["capabilities"]} == {"client-confidential-asymmetric", "permission-v1", "permission-v2"}
    assert rest.post_form("/auth/token", {}).status_code == 401  # it is no route of this mode
    security = rest.read("metadata")["rest"][0]["security"]
    told = {each["url"]: each["valueUri"] for each in security["extension"][0]["extension"]}
    assert told == {"token": f"{provider.issuer}/token", "authorize": f"{provider.issuer}/authorize"}


@pytest.mark.parametrize("methods", [None, 1, {}])
def test_discovery_takes_whatever_a_provider_tells(rest, provider, methods):
    path, told = "/.well-known/openid-configuration", {"token_endpoint_auth_methods_supported": methods}
    provider.answers[path] = (200, {}, json.dumps(json.loads(provider.answers[path][2]) | told).encode())
    answer = rest.get(".well-known/smart-configuration")
    assert answer.status_code == 200
    assert answer.get_json()["capabilities"] == ["permission-v1", "permission-v2"]


def test_the_capability_statement_does_not_wait_for_the_provider(rest, provider):
    provider.answers.clear()
    security = rest.read("metadata")["rest"][0]["security"]
    assert security["service"] and "extension" not in security


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ACCESS": "oidc", "AUDIENCE": "x"}, "FHIR_REGISTRY_ACCESS=oidc needs FHIR_REGISTRY_ISSUER"),
        ({"ACCESS": "oidc", "ISSUER": "https://a.example"}, "FHIR_REGISTRY_ACCESS=oidc needs FHIR_REGISTRY_AUDIENCE"),
        ({"ACCESS": "oidc", "ISSUER": "http://a.example"}, "FHIR_REGISTRY_ISSUER=http://a.example"),
        ({"ACCESS": "oidc", "JWKS_URL": "a.example/keys"}, "FHIR_REGISTRY_JWKS_URL=a.example/keys"),
        ({"TOKEN_ALGORITHMS": "RS256,HS256"}, "'HS256' is not one of"),
        ({"TOKEN_ALGORITHMS": "none"}, "'none' is not one of"),
        ({"ACCESS": "open"}, "FHIR_REGISTRY_ACCESS=open"),
        ({"ACCESS": "builtin"}, "fhir-registry key FILE makes one"),
        (
            {"ACCESS": "oidc", "ISSUER": "https://a.example", "AUDIENCE": "x", "INTROSPECTION_CLIENT": "a"},
            "INTROSPECTION_SECRET_FILE, the file of its secret, go together",
        ),
        ({"ACCESS": "builtin", "TOKEN_KEYS": "/x", "HOST": "0.0.0.0"}, "needs FHIR_REGISTRY_BASE_URL"),
    ],
)
def test_a_mistake_in_the_settings_stops_the_start(settings, words):
    with pytest.raises(ConfigError) as caught:
        Config.from_env({f"FHIR_REGISTRY_{name}": text for name, text in settings.items()})
    assert words in str(caught.value)


def test_access_control_may_listen_on_all_addresses():
    settings = {"ACCESS": "oidc", "ISSUER": "https://a.example", "AUDIENCE": "x", "HOST": "0.0.0.0"}
    assert Config.from_env({f"FHIR_REGISTRY_{name}": text for name, text in settings.items()}).host == "0.0.0.0"
