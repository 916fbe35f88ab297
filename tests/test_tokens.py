"""Access tokens: where they come from, what they are worth, how they end (https://hl7.org/fhir/smart-app-launch/backend-services.html)."""

import json
import logging
import time

import jwt
import pytest
from rest_client import issue, patient, serving
from smart_client import ASSERTION, SmartClient

from fhir_registry.edges import gate
from fhir_registry.ops.clients import register
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.token_keys import TokenKeys, new_key

URL = "http://localhost"
LABORATORY = "system/Observation.rs?category=laboratory"


@pytest.fixture(scope="module")
def token_key(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "token.pem"
    path.write_bytes(new_key())
    return path


@pytest.fixture(scope="module")
def settings(token_key):
    return {
        "ACCESS": "builtin",
        "TOKEN_KEYS": str(token_key),
        "BASE_URL": f"{URL}/fhir",
        "MAX_FAILED_LOGINS_PER_MINUTE": "0",
    }


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def rest(request, new_registry, settings):
    with serving(new_registry(request.param), **settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(rest):
    return SmartClient(rest.registry)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


# --- discovery -----------------------------------------------------------------------------------------


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


def read(token):
    return jwt.decode(token, options={"verify_signature": False})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"grant_type": "not_a_grant_type"}, "unsupported_grant_type"),  # SMART-06
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"client_assertion_type": "not_an_assertion_type"}, "invalid_request"),  # SMART-07
        ({"client_assertion_type": None}, "invalid_request"),
        ({"client_assertion": None}, "invalid_request"),
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


def authenticated(client, token, url):
    return {
        "client_assertion_type": ASSERTION,
        "client_assertion": client.assertion(aud=f"{URL}/auth/{url}"),
        "token": token,
    }


def introspect(rest, client, token):
    response = rest.post_form("/auth/introspect", authenticated(client, token, "introspect"))
    assert response.status_code == 200 and response.headers["Cache-Control"] == "no-store"
    return response.get_json()


def test_a_client_asks_about_its_token(rest, client):
    token = client.token(rest, "system/Patient.rs")
    told = introspect(rest, client, token)
    assert told["active"] is True and told["scope"] == "system/Patient.rs" and told["client_id"] == client.id


def test_smart_32_of_what_does_not_count_nothing_is_told(rest, client, token_key):
    other, administrator = SmartClient(rest.registry), SmartClient(rest.registry, role="administrator")
    token = client.token(rest)
    assert introspect(rest, other, token) == {"active": False}
    assert introspect(rest, administrator, token)["active"] is True
    expired = made(token_key, client, exp=int(time.time()) - 61)
    for wrong in ("", "x", "a.b.c", expired, token[:-4]):
        if wrong:
            assert introspect(rest, client, wrong) == {"active": False}
    rest.registry.store.clients.revoke(other.id)
    assert introspect(rest, administrator, other_token(token_key, other)) == {"active": False}


def other_token(token_key, client):
    return made(token_key, client)


def made(token_key, client, issuer=f"{URL}/auth", audience=f"{URL}/fhir", **changes):
    """A token that a server with this key would make."""
    now = int(time.time())
    claims = {"sub": client.id, "client_id": client.id, "scope": "system/*.cruds", "iat": now, "exp": now + 300}
    return TokenKeys([token_key.read_bytes()], issuer, audience).sign(claims | {"jti": "j" * 22} | changes)


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
        assert rest.post_form(f"/auth/{url}", {"token": token}).status_code == 400
        assert rest.post_form(f"/auth/{url}", {**authenticated(client, token, "token"), "token": ""}).status_code == 400


def test_a_revoked_client_is_nobody(rest, monkeypatch):
    monkeypatch.setattr(gate, "LOOK_SECONDS", 0)
    client = SmartClient(rest.registry)
    token = client.token(rest)
    assert rest.get("Patient", **bearer(token)).status_code == 200
    rest.registry.store.clients.revoke(client.id)
    response = rest.get("Patient", **bearer(token))
    assert response.status_code == 401 and 'error="invalid_token"' in response.headers["WWW-Authenticate"]


# --- tokens on requests --------------------------------------------------------------------------------


def test_without_token(rest):
    for path in ("Patient", "Patient/a", "", "nothing/at/all/here"):
        response = rest.get(path)
        assert (response.status_code, issue(response)["code"]) == (401, "login")
        assert response.headers["WWW-Authenticate"] == "Bearer"
    assert rest.get("Patient", Authorization="Basic YTpi").headers["WWW-Authenticate"] == "Bearer"
    as_xml = rest.get("Patient", Accept="application/fhir+xml")
    assert as_xml.status_code == 401 and as_xml.mimetype == "application/fhir+xml"


def test_smart_31_tokens_that_are_refused(rest, client, token_key, tmp_path):
    other_key = tmp_path / "other.pem"
    other_key.write_bytes(new_key())
    claims = read(client.token(rest))
    kid = jwt.get_unverified_header(client.token(rest))["kid"]
    refused = {
        "expired": made(token_key, client, exp=int(time.time()) - 61),
        "other audience": made(token_key, client, audience="https://other.example/fhir"),
        "the token endpoint": made(token_key, client, audience=f"{URL}/auth/token"),
        "other issuer": made(token_key, client, issuer="https://other.example"),
        "not yet": made(token_key, client, nbf=int(time.time()) + 120),
        "other key": made(other_key, client),
        "alg none": jwt.encode(claims, None, "none", {"typ": "at+jwt", "kid": kid}),
        "HS256": jwt.encode(claims, "x" * 64, "HS256", {"typ": "at+jwt", "kid": kid}),
        "an ID token": id_token(token_key, claims),
        "no jti": made(token_key, client, jti=None),
        "an assertion": client.assertion(),
        "cut": client.token(rest)[:-3],
        "two": f"{client.token(rest)},Bearer {client.token(rest)}",
        "words": "a b c",
        "nothing of a JWT": "garbage",
        "no ASCII": "\xe9\xff",
    }
    for name, token in refused.items():
        response = rest.get("Patient", **bearer(token))
        assert (response.status_code, issue(response)["code"]) == (401, "login"), name
        assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"', name
    assert rest.get("Patient", **bearer(made(token_key, client))).status_code == 200  # each has its reason


def id_token(token_key, claims):
    """Of the same key, with the claims of the access token but for its type."""
    keys = TokenKeys([token_key.read_bytes()], claims["iss"], claims["aud"])
    return jwt.encode(claims, keys._private, "ES384", {"typ": "JWT", "kid": keys._kid})


def test_smart_31_a_token_in_the_url_is_refused(rest, client):
    token = client.token(rest)
    for headers in ({}, bearer(token)):
        response = rest.get(f"Patient?access_token={token}", **headers)
        assert response.status_code == 401 and token not in response.text
    form = rest.post_form("/fhir/Patient/_search", {"access_token": token}, headers=bearer(token))
    assert form.status_code == 400 and token not in form.text


def test_the_word_bearer_is_of_any_case(rest, client):
    assert rest.get("Patient", Authorization=f"bearer {client.token(rest)}").status_code == 200


def test_two_keys_verify_and_the_first_signs(rest, client, token_key, settings, tmp_path):
    newer = tmp_path / "newer.pem"
    newer.write_bytes(new_key())
    url = rest.registry.store.database.engine.url.render_as_string(hide_password=False)
    old = client.token(rest)
    with serving(url, **settings | {"TOKEN_KEYS": f"{newer}:{token_key}"}) as rotated:
        new = client.token(rotated)
        assert rotated.get("Patient", **bearer(old)).status_code == 200
        assert rotated.get("Patient", **bearer(new)).status_code == 200
    assert rest.get("Patient", **bearer(new)).status_code == 401  # which does not know the newer one
    with serving(url, **settings | {"TOKEN_KEYS": str(newer)}) as alone:
        assert alone.get("Patient", **bearer(old)).status_code == 401
        assert alone.get("Patient", **bearer(new)).status_code == 200


def test_a_client_works_on_its_site(rest):
    here, there = SmartClient(rest.registry), SmartClient(rest.registry, site="elsewhere")
    stored = rest.put(patient(id="of-here"), **bearer(here.token(rest)))
    assert stored.status_code == 201
    assert rest.get("Patient/of-here", **bearer(here.token(rest))).status_code == 200
    foreign = bearer(there.token(rest))
    assert rest.get("Patient/of-here", **foreign).status_code == 404
    assert rest.get("Patient", **foreign).get_json(force=True)["total"] == 0
    assert rest.get("Measure", **foreign).get_json(force=True)["total"] > 0  # its content was stored there
    assert rest.put(patient(id="of-here"), **foreign).headers["ETag"] == 'W/"1"'


def test_content_of_all_sites_follows_the_files(new_registry, content):
    """A new release, or another file: the sites of clients follow at the next start, as the first one does."""
    url = new_registry("sqlite")
    registry = open_registry(url, content)
    register(registry, "x", "elsewhere", "site", "system/*.rs", ('{"keys":[]}', None))
    setting = registry.store.tables.setting
    with registry.store.database.write() as connection:
        connection.execute(setting.update().where(setting.c.name == "content of site 2").values(value="{}"))
    registry.close()
    registry = open_registry(url, content)
    with registry.store.ask() as connection:
        kept = connection.execute(setting.select().where(setting.c.name == "content of site 2")).one()
    registry.close()
    assert content.hash in kept.value


def test_cursors_are_of_one_client(rest):
    one, other = SmartClient(rest.registry), SmartClient(rest.registry)
    for name in ("c1", "c2"):
        assert rest.put(patient(id=name), **bearer(one.token(rest))).status_code in (200, 201)
    page = rest.get("Patient?_count=1", **bearer(one.token(rest))).get_json(force=True)
    following = next(link["url"] for link in page["link"] if link["relation"] == "next").removeprefix(f"{URL}/fhir/")
    assert rest.get(following, **bearer(one.token(rest))).status_code == 200
    assert rest.get(following, **bearer(other.token(rest))).status_code == 400


# LOG-02
def test_log_02_no_token_assertion_or_key_in_logs_and_answers(rest, client, token_key, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("fhir_registry").propagate = True
    token, assertion, expired = client.token(rest), client.assertion(), made(token_key, client, exp=1)
    answers = [
        rest.get("Patient", **bearer(token)),
        rest.get("Patient", **bearer(expired)),
        rest.get("Patient", **bearer(f"{token}x")),
        rest.get(f"Patient?access_token={token}"),
        rest.get(f"Patient?_cursor={token}", **bearer(token)),
        rest.post_form("/auth/token", client.form(assertion, client_assertion_type="x")),
        rest.post_form("/auth/token", client.form(f"{assertion}x")),
        rest.post_form("/auth/token", client.form(expired)),
        rest.post_form("/auth/introspect", authenticated(client, expired, "introspect")),
        rest.post_form("/auth/revoke", authenticated(client, token, "revoke")),
    ]
    told = caplog.text + "".join(f"{answer.headers}{answer.text}" for answer in answers)
    for secret in (token, assertion, expired):
        for part in secret.split(".")[1:]:
            assert part not in told
    assert token_key.read_text().splitlines()[1] not in told


def test_what_has_expired_is_forgotten(registry):
    clients = registry.store.clients
    kept = (registry.store.tables.clients.assertion, registry.store.tables.clients.revoked_token)
    register(registry, "x", "default", "site", "system/*.rs", ('{"keys":[]}', None))
    with clients.ask() as connection:
        ((client, _),) = clients.list(connection)
    for jti, expires in (("past", 1), ("past", 2**60), ("future", 2**60)):
        with clients.write() as connection:
            assert clients.use(connection, client, jti, expires)
            clients.revoke_token(connection, 1, jti, expires)
    with clients.ask() as connection:
        for table in kept:
            assert {row.expires for row in connection.execute(table.select())} == {2**60}, table
    with clients.write() as connection:
        assert not clients.use(connection, client, "past", 2**60)
