"""Tokens that only the provider can read, over real connections (https://datatracker.ietf.org/doc/html/rfc7662)."""

import base64
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from rest_client import Rest, issue, serving
from test_identity_provider import AUDIENCE, ask, provider, rest, settings, shared, token  # noqa: F401

from fhir_registry.edges.config import ConfigError
from fhir_registry.edges.gate import ASKING
from fhir_registry.ops.introspection import KEPT_SECONDS
from fhir_registry.ops.outbound import Patience


class Introspecting:
    """What a provider says about the token "opaque"; it is asked by "registry" with its secret only."""

    def __init__(self, of, **told):
        self._told = {"active": True, "iss": of.issuer, "aud": AUDIENCE, "client_id": "app-1", "site": "default"}
        self._told |= {"scope": "system/*.rs", "exp": int(time.time()) + 300, "token_type": "Bearer"} | told
        self.asked = 0

    def __call__(self, headers, form):
        self.asked += 1
        # RFC 6749, 2.3.1: each of the two form-encoded, then together in base64.
        if headers["Authorization"] != f"Basic {base64.b64encode(b'registry:se%2Fcret').decode()}":
            return 401, {}, b"{}"
        told = self._told if form["token"] == "opaque" else {"active": False}
        told = {name: value for name, value in told.items() if value is not None}
        return 200, {"Content-Type": "application/json"}, json.dumps(told).encode()


class Hanging(Introspecting):
    """Says nothing about other tokens until it may."""

    def __init__(self, of):
        super().__init__(of)
        self.reached, self.may = threading.Semaphore(0), threading.Event()

    def __call__(self, headers, form):
        if form["token"] != "opaque":
            self.reached.release()
            self.may.wait(30)
        return super().__call__(headers, form)


@pytest.fixture
def asking(settings, provider, tmp_path):  # noqa: F811
    """Settings of a server that asks the provider."""
    (tmp_path / "secret").write_text("se/cret\n")
    discovered = json.loads(provider.answers["/.well-known/openid-configuration"][2])
    discovered["introspection_endpoint"] = f"{provider.issuer}/introspect"
    provider.answers["/.well-known/openid-configuration"] = (200, {}, json.dumps(discovered).encode())
    named = {"INTROSPECTION_CLIENT": "registry", "INTROSPECTION_SECRET_FILE": str(tmp_path / "secret")}
    return settings | named


@pytest.fixture
def asks(new_registry, asking):
    with serving(new_registry("sqlite"), **asking) as opened:
        yield opened


def test_a_token_that_only_the_provider_can_read(asks, token, provider):  # noqa: F811
    provider.answers["/introspect"] = introspecting = Introspecting(provider)
    for _ in range(3):
        assert ask(asks, "opaque").status_code == 200
    assert introspecting.asked == 1
    assert ask(asks, "other").status_code == 401
    asked = introspecting.asked
    assert ask(asks, token()).status_code == 200  # a JWT is read here
    assert introspecting.asked == asked


def test_what_was_revoked_goes_on_for_30_seconds_at_most(asks, provider, monkeypatch):  # noqa: F811
    assert KEPT_SECONDS == 30
    monkeypatch.setattr("fhir_registry.ops.introspection.KEPT_SECONDS", 0)
    provider.answers["/introspect"] = Introspecting(provider)
    assert [ask(asks, "opaque").status_code for _ in range(2)] == [200, 200]
    provider.answers["/introspect"] = Introspecting(provider, active=False)
    assert ask(asks, "opaque").status_code == 401


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"active": False}, 401),
        ({"active": "true"}, 401),
        ({"aud": "https://other.example"}, 401),
        ({"aud": None}, 401),
        ({"aud": ["x", AUDIENCE]}, 200),
        ({"iss": "https://other.example"}, 401),
        ({"iss": None}, 200),
        ({"exp": 1}, 401),
        ({"exp": None}, 200),
        ({"exp": "300"}, 401),
        ({"nbf": 2**40}, 401),
        ({"client_id": None}, 401),
        ({"site": None}, 403),
        ({"role": "king"}, 403),
        ({"scope": "openid"}, 403),
    ],
)
def test_what_the_provider_may_say(asks, provider, told, status):  # noqa: F811
    provider.answers["/introspect"] = Introspecting(provider, **told)
    assert ask(asks, "opaque").status_code == status


DOWN = [(503, {}, b""), (401, {}, b"{}"), (200, {}, b"no JSON"), (302, {"Location": "http://localhost/"}, b"")]


@pytest.mark.parametrize("answer", DOWN)
def test_the_provider_does_not_say(asks, provider, answer, caplog):  # noqa: F811
    provider.answers["/introspect"] = lambda *_: answer
    refused = ask(asks, "opaque")
    assert (refused.status_code, issue(refused)["code"]) == (503, "transient")
    assert refused.headers["Retry-After"] == "10"


def test_a_provider_that_hangs_holds_few_threads(asks, token, provider, monkeypatch):  # noqa: F811
    monkeypatch.setattr("fhir_registry.ops.introspection.PATIENCE", Patience(30, 30, 30))
    provider.answers["/introspect"] = hanging = Hanging(provider)
    with monkeypatch.context() as patch:
        patch.setattr("fhir_registry.ops.introspection.KEPT_SECONDS", 0)
        assert ask(asks, "opaque").status_code == 200  # known, and to be asked about again
    with ThreadPoolExecutor(ASKING) as threads:
        held = [threads.submit(ask, Rest(asks.app), f"wrong{number}") for number in range(ASKING)]
        try:
            assert all(hanging.reached.acquire(timeout=10) for _ in held)
            for number in range(3):
                refused = ask(asks, f"more{number}")
                assert (refused.status_code, issue(refused)["code"]) == (503, "transient")
                assert refused.headers["Retry-After"] == "10"
            assert not hanging.reached.acquire(blocking=False)  # about them nobody was asked
            assert ask(asks, token()).status_code == 200
            # Who was let in before is asked about all the same, and then not again.
            assert [ask(asks, "opaque").status_code for _ in range(2)] == [200, 200]
            assert hanging.asked == 2
        finally:
            hanging.may.set()
    assert {each.result().status_code for each in held} == {401}
    assert ask(asks, "more0").status_code == 401


def test_nobody_asks_twice_about_what_is_not_active(new_registry, asking, provider, monkeypatch):  # noqa: F811
    provider.answers["/introspect"] = introspecting = Introspecting(provider)
    limited = asking | {"MAX_FAILED_LOGINS_PER_MINUTE": "12"}  # what 10 seconds bring at once, beside the first
    with serving(new_registry("sqlite"), **limited) as opened:
        assert [ask(opened, "other").status_code for _ in range(4)] == [401] * 3 + [429]
        assert introspecting.asked == 1
    with serving(new_registry("sqlite"), **asking) as opened:
        monkeypatch.setattr("fhir_registry.ops.introspection.INACTIVE_SECONDS", 0)
        assert [ask(opened, "other").status_code for _ in range(2)] == [401] * 2
        assert introspecting.asked == 3


def test_only_so_many_tokens_that_are_not_active_are_remembered(asks, provider, monkeypatch):  # noqa: F811
    monkeypatch.setattr("fhir_registry.ops.introspection.MOST_INACTIVE", 3)
    provider.answers["/introspect"] = Introspecting(provider)
    for number in range(5):
        assert ask(asks, f"wrong{number}").status_code == 401
    remembered = asks.app.extensions["fhir_registry_gate"].logins._introspection._inactive
    assert 0 < len(remembered) <= 3
    assert all(len(digest) == 32 for digest in remembered)  # SHA-256, no tokens


def test_where_to_ask_may_stand_in_the_settings(new_registry, asking, provider):  # noqa: F811
    provider.answers["/elsewhere"] = Introspecting(provider)
    with serving(new_registry("sqlite"), **asking, INTROSPECTION_URL=f"{provider.issuer}/elsewhere") as opened:
        assert ask(opened, "opaque").status_code == 200
    assert [path for path, _ in provider.asked] == ["/elsewhere"]


def test_nobody_is_asked_unless_the_settings_say_so(rest, provider):  # noqa: F811
    assert ask(rest, "opaque").status_code == 401
    assert provider.asked == []


def test_a_secret_that_cannot_be_read_stops_the_start(new_registry, asking, tmp_path):
    asking["INTROSPECTION_SECRET_FILE"] = str(tmp_path / "none")
    read = pytest.raises(ConfigError, match=r"INTROSPECTION_SECRET_FILE=.* cannot be read")
    with read, serving(new_registry("sqlite"), **asking):
        pass
