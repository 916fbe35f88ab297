"""What access tokens are worth (https://datatracker.ietf.org/doc/html/rfc6750)."""

import logging
import time
from pathlib import Path

import jwt
import pytest
from rest_client import issue, patient, serving
from smart_client import URL, SmartClient, authenticated, bearer, builtin, made, read

from fhir_registry.ops.clients import register
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.token_keys import TokenKeys, new_key


@pytest.fixture(scope="module")
def client(rest):
    return SmartClient(rest.registry)


def test_without_token(rest):
    for path in ("Patient", "Patient/a", "", "nothing/at/all/here"):
        response = rest.get(path)
        assert (response.status_code, issue(response)["code"]) == (401, "login")
        assert response.headers["WWW-Authenticate"] == "Bearer"
    assert rest.get("Patient", Authorization="Basic YTpi").headers["WWW-Authenticate"] == "Bearer"
    as_xml = rest.get("Patient", Accept="application/fhir+xml")
    assert as_xml.status_code == 401 and as_xml.mimetype == "application/fhir+xml"


def test_smart_31_tokens_that_are_refused(rest, client, settings, tmp_path):
    other = builtin(tmp_path)
    claims = read(client.token(rest))
    kid = jwt.get_unverified_header(client.token(rest))["kid"]
    refused = {
        "expired": made(settings, client, exp=int(time.time()) - 61),
        "other audience": made(settings, client, audience="https://other.example/fhir"),
        "the token endpoint": made(settings, client, audience=f"{URL}/auth/token"),
        "other issuer": made(settings, client, issuer="https://other.example"),
        "not yet": made(settings, client, nbf=int(time.time()) + 120),
        "other key": made(other, client),
        "alg none": jwt.encode(claims, None, "none", {"typ": "at+jwt", "kid": kid}),
        "HS256": jwt.encode(claims, "x" * 64, "HS256", {"typ": "at+jwt", "kid": kid}),
        "an ID token": id_token(settings, claims),
        "no jti": made(settings, client, jti=None),
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
    assert rest.get("Patient", **bearer(made(settings, client))).status_code == 200  # each has its reason


def id_token(settings, claims):
    """Of the same key, with the claims of the access token but for its type."""
    keys = TokenKeys([Path(settings["TOKEN_KEYS"]).read_bytes()], claims["iss"], claims["aud"])
    return jwt.encode(claims, keys._private, "ES384", {"typ": "JWT", "kid": keys._kid})


def test_smart_31_a_token_in_the_url_or_a_form_is_refused(rest, client):
    token = client.token(rest)
    for headers in ({}, bearer(token)):
        form = {"data": {"access_token": token}, "method": "POST", "headers": headers | {"Prefer": "handling=lenient"}}
        in_form = rest.open("/fhir/Patient/_search", **form), rest.open("/fhir/Measure/halaven-dcr/$evaluate", **form)
        for response in (rest.get(f"Patient?access_token={token}", **headers), *in_form):
            assert response.status_code == 401 and token not in response.text
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_the_word_bearer_is_of_any_case(rest, client):
    assert rest.get("Patient", Authorization=f"bearer {client.token(rest)}").status_code == 200


def test_two_keys_verify_and_the_first_signs(rest, client, settings, tmp_path):
    newer = tmp_path / "newer.pem"
    newer.write_bytes(new_key())
    url = rest.registry.store.database.engine.url.render_as_string(hide_password=False)
    old = client.token(rest)
    with serving(url, **settings | {"TOKEN_KEYS": f"{newer}:{settings['TOKEN_KEYS']}"}) as rotated:
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
    with registry.store.database.write(1) as connection:
        connection.execute(setting.update().where(setting.c.name == "content of site 2").values(value="{}"))
    registry.close()
    registry = open_registry(url, content)
    with registry.store.ask(1) as connection:
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
def test_log_02_no_token_assertion_or_key_in_logs_and_answers(rest, client, settings, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("fhir_registry").propagate = True
    token, assertion, expired = client.token(rest), client.assertion(), made(settings, client, exp=1)
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
    assert Path(settings["TOKEN_KEYS"]).read_text().splitlines()[1] not in told


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
