"""Clients prove who they are by signed assertions (https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html)."""

import base64
import ipaddress
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import jwt
import pytest
from https_server import make_certificate, serving_https
from rest_client import serving
from smart_client import TOKEN_URL, Key, SmartClient, builtin, jwks, key, keyed_with_public

from fhir_registry.core.jose import LEEWAY
from fhir_registry.fhir.dates import SECOND
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops.clients import check_keys
from fhir_registry.ops.key_sets import LIMIT, KeySets
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.outbound import Host, Patience


@pytest.fixture(scope="module")
def shared_https(tmp_path_factory):
    """A server of keys; the registry is told of its port when it starts."""
    certificate = make_certificate(tmp_path_factory.mktemp("certificate"))
    with pytest.MonkeyPatch.context() as patch, serving_https(certificate) as server:
        patch.setenv("SSL_CERT_FILE", str(certificate))
        yield server


@pytest.fixture
def https(shared_https):
    shared_https.answers.clear()
    shared_https.asked.clear()
    return shared_https


@pytest.fixture(scope="module")
def settings(tmp_path_factory, shared_https):
    return builtin(tmp_path_factory.mktemp("keys"), JWKS_HOSTS=f"localhost:{shared_https.port}=127.0.0.0/8")


@pytest.fixture(scope="module")
def client(rest):
    return SmartClient(rest.registry)


@pytest.fixture(autouse=True)
def telling(caplog):
    caplog.set_level(logging.INFO, logger="fhir_registry")
    logging.getLogger("fhir_registry").propagate = True


def accepted(rest, client, assertion):
    response = rest.post_form("/auth/token", client.form(assertion))
    assert response.status_code == 200, response.text
    return response.get_json()


def refused(rest, client, assertion, caplog, why):
    """SMART-08: the caller is told nothing; the log says why."""
    caplog.clear()
    response = rest.post_form("/auth/token", client.form(assertion))
    assert (response.status_code, response.get_json()) == (401, {"error": "invalid_client"})
    told = [record.getMessage() for record in caplog.records if "a client was refused" in record.getMessage()]
    assert len(told) == 1 and why in told[0], told
    assert assertion.rpartition(".")[2] not in caplog.text or not assertion.rpartition(".")[2]


def now():
    return int(time.time())


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
def test_vectors_1_and_2_good(rest, algorithm):
    client = SmartClient(rest.registry, key_=key(algorithm))
    told = accepted(rest, client, client.assertion())
    claims = jwt.decode(told["access_token"], options={"verify_signature": False})
    assert claims["client_id"] == claims["sub"] == client.id
    assert claims["aud"] == "http://localhost/fhir"
    assert claims["exp"] - claims["iat"] == 300


def test_vector_3_the_clock_of_the_client_is_ahead(rest, client):
    accepted(rest, client, client.assertion(exp=now() + 330, iat=now() + 30, nbf=now() + 30))


@pytest.mark.parametrize("seconds", [-61, -3600])
def test_vector_4_expired(rest, client, caplog, seconds):
    refused(rest, client, client.assertion(exp=now() + seconds), caplog, "ExpiredSignatureError")


def test_vector_5_valid_for_too_long(rest, client, caplog):
    refused(rest, client, client.assertion(exp=now() + 3600), caplog, "for too long")


def test_vector_6_no_exp(rest, client, caplog):
    refused(rest, client, client.assertion(exp=None), caplog, "MissingRequiredClaimError")


@pytest.mark.parametrize("exp", ["{}.5", "{}e0", "NaN", "Infinity", "true", "[]", '"{}"', "1e999", "9" * 5000])
def test_vector_7_exp_is_no_whole_number(rest, client, caplog, exp):
    payload = json.dumps(client.claims(exp=0)).replace('"exp": 0', f'"exp": {exp.format(now() + 240)}')
    refused(rest, client, client.key.sign(payload.encode()), caplog, "it")


@pytest.mark.parametrize("jti", [None, "", 7])
def test_vector_8_no_jti(rest, client, caplog, jti):
    refused(rest, client, client.assertion(jti=jti), caplog, "")


def test_vector_9_an_assertion_counts_once(rest, client, caplog, settings):
    assertion = client.assertion()
    accepted(rest, client, assertion)
    refused(rest, client, assertion, caplog, "jti was used before")
    refused(rest, client, client.assertion(jti=jwt.decode(assertion, options={"verify_signature": False})["jti"]),
            caplog, "jti was used before")  # fmt: skip
    other = SmartClient(rest.registry)  # another's may have the same
    same = jwt.decode(assertion, options={"verify_signature": False})["jti"]
    accepted(rest, other, other.assertion(jti=same))
    url = rest.registry.store.database.engine.url.render_as_string(hide_password=False)
    with serving(url, **settings) as restarted:
        refused(restarted, client, assertion, caplog, "jti was used before")


def test_vector_9_nor_is_it_forgotten_by_a_clock_that_is_ahead(rest, client, caplog, content):
    assertion = client.assertion(exp=now() - 30)
    accepted(rest, client, assertion)
    url = rest.registry.store.database.engine.url.render_as_string(hide_password=False)
    with closing(open_registry(url, content, clock=lambda: (now() + LEEWAY) * SECOND)) as ahead:
        clients = ahead.store.clients
        with clients.write() as connection:
            assert clients.use(connection, clients.find(connection, client.id), "another", 2**60)
    refused(rest, client, assertion, caplog, "jti was used before")


def test_vector_9_one_of_20_at_once(rest, client, settings):
    assertion = client.assertion()
    url = rest.registry.store.database.engine.url.render_as_string(hide_password=False)
    with serving(url, **settings) as other, ThreadPoolExecutor(20) as threads:
        sent = [threads.submit(each.post_form, "/auth/token", client.form(assertion)) for each in [rest, other] * 10]
        statuses = sorted(each.result().status_code for each in sent)
    assert statuses == [200] + [401] * 19


def test_vector_10_iss_is_not_sub(rest, client, caplog):
    refused(rest, client, client.assertion(sub="someone-else"), caplog, "sub is not its iss")
    refused(rest, client, client.assertion(sub=None), caplog, "MissingRequiredClaimError")


@pytest.mark.parametrize("iss", ["nobody", "", 7, None, "a\0b", "\ud800", "x" * 500, ["a"]])
def test_vector_11_unknown_iss(rest, client, caplog, iss):
    refused(rest, client, client.assertion(iss=iss, sub=iss), caplog, "no such client")


@pytest.mark.parametrize(
    "aud",
    [
        "https://other.example/auth/token",
        "http://localhost/fhir",
        "http://localhost",
        "http://localhost/auth/token/",
        "http://localhost/auth/introspect",
        ["http://localhost/fhir", "https://other.example/auth/token"],
        [],
        None,
    ],
)
def test_vector_12_for_another_server(rest, client, caplog, aud):
    refused(rest, client, client.assertion(aud=aud), caplog, "")


def test_vector_12_for_us_too(rest, client):
    accepted(rest, client, client.assertion(aud=["https://other.example/token", TOKEN_URL]))


def test_vector_12_the_host_header_does_not_say_who_we_are(rest, client):
    assertion = client.assertion(aud="http://other.example/auth/token")
    sent = client.form(assertion)
    assert rest.post_form("/auth/token", sent, headers={"Host": "other.example"}).status_code == 401


def test_vector_13_alg_none(rest, client, caplog):
    assertion = jwt.encode(client.claims(), None, "none", {"kid": "one"})
    refused(rest, client, assertion, caplog, "algorithm is not allowed")


def test_vector_14_keyed_with_our_public_key(rest, client, caplog):
    refused(rest, client, keyed_with_public(client.key, client.claims()), caplog, "algorithm is not allowed")


def test_vector_15_an_algorithm_that_is_not_listed(rest, caplog):
    client = SmartClient(rest.registry, key_=key("RS384"))
    refused(rest, client, client.key.sign(client.claims(), "RS256"), caplog, "algorithm is not allowed")
    refused(rest, client, client.key.sign(client.claims(), "PS384"), caplog, "algorithm is not allowed")


def test_vector_16_kid_unknown(rest, client, caplog):
    refused(rest, client, client.key.sign(client.claims(), kid="nope"), caplog, "no key with its kid")
    refused(rest, client, jwt.encode(client.claims(), client.key.private, "ES384"), caplog, "no kid")


def test_vector_16_a_new_key_is_fetched_though_not_often(rest, caplog, https, monkeypatch):
    old, new = key(), key(kid="two")
    https.answers["/keys0"] = (200, {}, jwks(old))
    client = SmartClient(rest.registry, key_=old, jwks_url=f"https://localhost:{https.port}/keys0")
    accepted(rest, client, client.assertion())
    https.answers["/keys0"] = (200, {}, jwks(old, new))
    for _ in range(3):  # within 10 seconds of the first
        refused(rest, client, new.sign(client.claims()), caplog, "no key with its kid")
    assert len(https.asked) == 1
    monkeypatch.setattr("fhir_registry.ops.key_sets.RETRY_SECONDS", 0)
    accepted(rest, client, new.sign(client.claims()))
    accepted(rest, client, client.assertion())
    assert len(https.asked) == 2


def test_vector_17_kid_twice(rest, caplog, https):
    https.answers["/keys1"] = (200, {}, jwks(key(), Key("ES384")))
    client = SmartClient(rest.registry, jwks_url=f"https://localhost:{https.port}/keys1")
    refused(rest, client, client.assertion(), caplog, "several keys have its kid")


def test_vector_18_the_key_is_not_one_for_the_algorithm(rest, client, caplog):
    refused(rest, client, key("RS384").sign(client.claims()), caplog, "not one for its algorithm")


def test_vector_19_jku(rest, client, caplog, https):
    url = f"https://localhost:{https.port}/keys2"
    https.answers["/keys2"] = (200, {}, jwks(key()))
    refused(rest, client, client.key.sign(client.claims(), jku=url), caplog, "jku is not the URL")
    assert https.asked == []  # nobody was asked
    by_url = SmartClient(rest.registry, jwks_url=url)
    refused(rest, by_url, by_url.key.sign(by_url.claims(), jku=f"{url}?a"), caplog, "jku is not the URL")
    assert https.asked == []
    accepted(rest, by_url, by_url.key.sign(by_url.claims(), jku=url))


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"jwk": Key("ES384").jwk()}, "brings its own key"),
        ({"x5u": "https://localhost/cert"}, "brings its own key"),
        ({"x5c": ["MIIB"]}, "brings its own key"),
        ({"crit": ["exp"], "exp": 1}, "no JWT"),
    ],
)
def test_vector_20_keys_of_its_own(rest, client, caplog, header, why):
    refused(rest, client, client.key.sign(client.claims(), **header), caplog, why)


def test_vector_21_the_signature_of_another_client(rest, client, caplog):
    other = SmartClient(rest.registry, key_=Key("ES384"))
    refused(rest, client, other.key.sign(client.claims()), caplog, "InvalidSignatureError")


def test_vector_22_keys_that_cannot_be_fetched(rest, caplog, https, monkeypatch):
    monkeypatch.setattr("fhir_registry.ops.key_sets.PATIENCE", Patience(0.5, 0.5, 0.5))
    url = f"https://localhost:{https.port}"
    good = jwks(key())

    def slow():
        time.sleep(1)
        return 200, {}, good

    https.answers |= {
        "/down": (503, {}, good),
        "/slow": slow,
        "/large": (200, {}, good.ljust(LIMIT + 1)),
        "/away": (302, {"Location": f"{url}/good"}, good),
        "/good": (200, {}, good),
        "/none": (200, {}, b"<html>"),
        "/deep": (200, {}, b'{"keys":' + b"[" * 100_000),
    }
    for path in ("/down", "/slow", "/large", "/away", "/none", "/deep", "/missing"):
        client = SmartClient(rest.registry, jwks_url=url + path)
        refused(rest, client, client.assertion(), caplog, "cannot be fetched")
    assert "/good" not in {path for path, _ in https.asked}  # redirects are not followed
    nobody = SmartClient(rest.registry, jwks_url="https://localhost:1/keys3")
    refused(rest, nobody, nobody.assertion(), caplog, "cannot be fetched")


@pytest.mark.parametrize("url", ["https://127.0.0.1/keys3", "https://10.0.0.1/keys3", "https://[::1]/keys3"])
def test_vector_22_no_inner_address_is_asked(rest, caplog, url):
    client = SmartClient(rest.registry, jwks_url=url)
    refused(rest, client, client.assertion(), caplog, "cannot be fetched")
    assert "outside the public internet" in caplog.text


def test_vector_22_keys_are_kept_while_their_url_is_down(https):
    clock = [1000.0]
    sets = KeySets([Host("localhost", https.port, ipaddress.ip_network("127.0.0.0/8"))], clock=lambda: clock[0])
    url = f"https://localhost:{https.port}/keys4"
    https.answers["/keys4"] = (200, {"Cache-Control": "public, max-age=7200"}, jwks(key()))
    assert sets.find(url, "one", "ES384")
    https.answers["/keys4"] = (503, {}, b"")
    for passed, asked in ((599, 1), (602, 2), (605, 2), (7199, 3)):
        clock[0] = 1000 + passed
        assert sets.find(url, "one", "ES384") and len(https.asked) == asked
    clock[0] = 1000 + 7201
    with pytest.raises(FhirError) as caught:
        sets.find(url, "one", "ES384")
    assert caught.value.status == 503 and caught.value.headers["Retry-After"] == "10"
    https.answers["/keys4"] = (200, {"Cache-Control": "no-store"}, jwks(key()))
    clock[0] += 11
    assert sets.find(url, "one", "ES384")
    https.answers["/keys4"] = (503, {}, b"")
    clock[0] += 700
    with pytest.raises(FhirError):
        sets.find(url, "one", "ES384")


def test_threads_fetch_once_and_all_have_the_keys(https):
    """At start, and when a key is new."""
    clock = [1000.0]
    sets = KeySets([Host("localhost", https.port, ipaddress.ip_network("127.0.0.0/8"))], lambda: clock[0])
    url = f"https://localhost:{https.port}/shared"
    for asked, keys in enumerate(((key(),), (key(), key(kid="two"))), 1):

        def slow(keys=keys):
            time.sleep(0.3)
            return 200, {}, jwks(*keys)

        https.answers["/shared"] = slow
        with ThreadPoolExecutor(8) as threads:
            found = [threads.submit(sets.find, url, keys[-1].kid, "ES384") for _ in range(8)]
        assert all(each.result() for each in found) and len(https.asked) == asked
        clock[0] += 11


def test_vector_23_a_client_that_was_revoked(rest, caplog):
    client = SmartClient(rest.registry)
    accepted(rest, client, client.assertion())
    assert rest.registry.store.clients.revoke(client.id)
    refused(rest, client, client.assertion(), caplog, "was revoked")


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ([key().jwk(private=True)], "private key material"),
        ([key("RS384").jwk(private=True)], "private key material"),
        ([{"kty": "oct", "k": base64.b64encode(b"x" * 48).decode(), "kid": "one"}], "private key material"),
        ([Key("RS384", bits=1024).jwk()], "2048 bits"),
        ([key(), Key("ES384")], "the `kid` of another key"),
        ([Key("ES256").jwk()], "fits none of ES384, RS384"),
        ([{"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "kid": "one"}], "fits none of"),
        ([key().jwk(use="enc")], "fits none of"),
        ([key().jwk(alg="ES256")], "fits none of"),
        ([{name: text for name, text in key().jwk().items() if name != "kid"}], "no `kid`"),
        ([key().jwk(x="!")], "cannot be read"),
        ([], "has no key"),
        (["x"], "no JWKS"),
    ],
)
def test_vectors_24_and_25_keys_that_are_not_registered(keys, why):
    with pytest.raises(FhirError) as caught:
        check_keys(jwks(*keys), None)
    assert why in str(caught.value) and caught.value.kind == "bad-request"


def test_vectors_24_and_25_nor_used_from_a_url(rest, caplog, https):
    for path, signer, given, why in (
        ("/private", key(), key().jwk(private=True), "private key material"),
        ("/small", key("RS384"), Key("RS384", bits=1024).jwk(), "2048 bits"),
    ):
        https.answers[path] = (200, {}, jwks(given))
        client = SmartClient(rest.registry, jwks_url=f"https://localhost:{https.port}{path}")
        refused(rest, client, signer.sign(client.claims()), caplog, why)


def test_keys_are_rotated(rest, caplog):
    client = SmartClient(rest.registry)
    other = Key("ES384", "two")
    clients = rest.registry.store.clients
    assert clients.rotate(client.id, *check_keys(jwks(client.key, other), None))
    accepted(rest, client, client.assertion())
    accepted(rest, client, other.sign(client.claims()))
    assert clients.rotate(client.id, *check_keys(jwks(other), None))
    refused(rest, client, client.assertion(), caplog, "no key with its kid")
    accepted(rest, client, other.sign(client.claims()))


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "e30.e30.", "é", "." * 200, "eyJhbGciOiJFUzM4NCJ9.e30.AAAA"])
def test_texts_that_are_no_assertion(rest, client, text):
    response = rest.post_form("/auth/token", client.form() | {"client_assertion": text})
    assert response.status_code in (400, 401)
    assert response.get_json()["error"] in ("invalid_client", "invalid_request")


def test_a_deep_header_is_no_assertion(rest, client):
    deep = base64.urlsafe_b64encode(b'{"alg":"ES384","kid":"one","a":' + b"[" * 20_000).decode().rstrip("=")
    assert rest.post_form("/auth/token", client.form(f"{deep}.e30.AAAA")).status_code == 401
