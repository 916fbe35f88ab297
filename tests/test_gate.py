"""Every route but the public ones needs a token (https://owasp.org/API-Security/editions/2023/en/0xa5-broken-function-level-authorization/)."""

import time

import pytest
import requests
from audited_client import all_events
from own_server import OwnServer
from rest_client import Rest, issue, serving
from smart_client import SmartClient

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.edges.gate import MOST, PUBLIC, Gate
from fhir_registry.fhir.errors import FhirError, error
from fhir_registry.ops.callers import EVERYBODY, Login
from fhir_registry.ops.open import open_registry
from fhir_registry.store.site import add_site

# What stands here was looked at: a new route is in one of the two, or the test below fails.
PUBLIC_PATHS = {
    "/health",
    "/health/live",
    "/health/ready",
    "/fhir/metadata",
    "/fhir/openapi.json",
    "/fhir/.well-known/smart-configuration",
    "/auth/token",
    "/auth/introspect",
    "/auth/revoke",
}
OF_THIS_MACHINE = {"/metrics"}
WITH_TOKEN = {
    *("/fhir", "/fhir/_search", "/fhir/_history", "/fhir/$import", "/fhir/$job/<id>", "/fhir/$job/<id>/errors"),
    *("/fhir/<type>", "/fhir/<type>/_search", "/fhir/<type>/_history"),
    *("/fhir/<type>/<id>", "/fhir/<type>/<id>/_history", "/fhir/<type>/<id>/_history/<version>"),
    *("/fhir/<type>/<id>/_search", "/fhir/<type>/<id>/<target>", "/fhir/<type>/<id>/<target>/_search"),
    *("/fhir/Measure/<id>/$evaluate-measure", "/fhir/Measure/<id>/$evaluate"),
    *("/fhir/ResearchStudy/<id>/$findings", "/fhir/<any(Measure, ResearchStudy):type>/<id>/$table"),
    "/fhir/<any(Patient, Encounter):type>/<id>/$everything",
    "/fhir/<any(Patient):type>/<id>/$erase",
    *("/fhir/AuditEvent", "/fhir/AuditEvent/_search", "/fhir/AuditEvent/<id>"),
    "/fhir/AuditEvent/<id>/_history/<version>",
}
FILLED = {"type": "Patient", "id": "a", "version": "1", "target": "Observation", "name": "$x", "rest": "a/b"}


@pytest.fixture(scope="module")
def app(new_registry, settings):
    settings = {"DATABASE": new_registry("sqlite"), **settings}
    app = create_app(Config.from_env({f"FHIR_REGISTRY_{name}": text for name, text in settings.items()}))
    yield app
    app.extensions["fhir_registry"].close()


@pytest.fixture(scope="module")
def rest(app):
    return Rest(app)


def requests_of(app):
    """(rule, method, path) of every route."""
    for rule in app.url_map.iter_rules():
        filled = {name: FILLED[name] for name in rule.arguments} | (rule.defaults or {})
        if "any(" in rule.rule:
            filled["type"] = "Measure" if "Measure" in rule.rule else "Patient"
        for method in rule.methods - {"OPTIONS"}:
            yield rule, method, _fill(rule.rule, filled)


def _fill(rule, values):
    parts = [values[part[1:-1].rpartition(":")[2]] if part.startswith("<") else part for part in rule.split("/")]
    return "/".join(parts)


def test_sec_30_every_route_is_declared(app):
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert rules == PUBLIC_PATHS | OF_THIS_MACHINE | WITH_TOKEN
    assert {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule in PUBLIC_PATHS} == PUBLIC


def test_sec_30_without_token(app, rest):
    for rule, method, path in requests_of(app):
        response = rest.open(path, method=method, environ_overrides={"REMOTE_ADDR": "10.0.0.1"})
        if rule.rule in PUBLIC_PATHS:
            assert response.status_code not in (401, 403), (method, path)
        else:
            assert response.status_code == 401, (method, path)
            assert response.headers["WWW-Authenticate"] == "Bearer"


def test_sec_30_what_is_no_route_needs_one_too(rest):
    for path in ("/", "/admin", "/fhir/.well-known/other", "/fhir/a/b/c/d/e", "/server.py", "/auth/keys"):
        assert rest.open(path).status_code == 401, path
    assert rest.open("/fhir/Patient/a", method="OPTIONS").status_code == 401
    for path in ("/fhir/.well-known/smart-configuration", "/fhir/metadata"):
        assert rest.open(path, method="PUT", data=b"{}").status_code == 405


def test_preflights_carry_no_token(rest):
    sent = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    assert rest.open("/fhir/Patient", method="OPTIONS", headers=sent).status_code == 204


def test_metrics_are_for_this_machine_and_for_who_watches(rest):
    from_elsewhere = {"environ_overrides": {"REMOTE_ADDR": "10.0.0.1"}}
    assert rest.open("/metrics").status_code == 200  # 127.0.0.1
    for header in ("X-Forwarded-For", "Forwarded"):  # a proxy here hands on what comes from elsewhere
        assert rest.open("/metrics", headers={header: "127.0.0.1"}).status_code == 401
    for role, status in (("site", 403), ("regulator", 403), ("monitor", 200), ("administrator", 200)):
        token = SmartClient(rest.registry, role=role).token(rest)
        headers = {"Authorization": f"Bearer {token}"}
        assert rest.open("/metrics", headers=headers, **from_elsewhere).status_code == status, role


def test_metrics_of_several_sites_are_for_clients_of_all(new_registry, settings):
    clients = [("monitor", "default"), ("administrator", "default"), ("regulator", "*"), ("monitor", "*")]
    with serving(new_registry("sqlite"), **settings) as rest:
        tokens = [SmartClient(rest.registry, role=role, site=site).token(rest) for role, site in clients]

        def ask(token):
            headers = {"Authorization": f"Bearer {token}"}
            return rest.open("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": "10.0.0.1"})

        assert [ask(token).status_code for token in tokens] == [200, 200, 403, 200]
        add_site(rest.registry.store, "klinik-b")
        assert [ask(token).status_code for token in tokens] == [403, 403, 403, 200]
        told = issue(ask(tokens[0]))["diagnostics"]
        assert "this machine" in told and "clients of all sites" in told
        assert rest.open("/metrics").status_code == 200


# --- without access control: DNS rebinding ---------------------------------------------------------------


@pytest.fixture(scope="module")
def open_to_all(new_registry):
    with serving(new_registry("sqlite"), BASE_URL="https://registry.hospital.example/fhir") as opened:
        yield opened


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:99", "[::1]", "[::1]:8080",
                                  "registry.hospital.example", "REGISTRY.hospital.example:443"])  # fmt: skip
def test_hosts_that_are_this_machine(open_to_all, host):
    assert open_to_all.get("Patient", Host=host).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "10.0.0.1", "localhost.evil.example",
                                  "127.0.0.1.evil.example", "evil.localhost.example", "[2001:db8::1]"])  # fmt: skip
@pytest.mark.parametrize("path", ["/fhir/Patient", "/fhir/metadata", "/metrics", "/health"])
def test_a_page_whose_name_stands_for_this_machine(open_to_all, host, path):
    response = open_to_all.open(path, headers={"Host": host})
    assert response.status_code == 421 and "BASE_URL" in issue(response)["diagnostics"]


def test_who_opens_the_port_to_all_is_called_by_any_name(new_registry):
    with serving(new_registry("sqlite"), INSECURE_OPEN_ACCESS="yes") as opened:
        assert opened.get("Patient", Host="registry.example").status_code == 200


# --- failed log-ins --------------------------------------------------------------------------------------


class Logins:
    """Lets "good" in; counts how often it was asked."""

    asked = 0

    def log_in(self, token, known=False):
        self.asked += 1
        return Login(EVERYBODY, 2**40)

    def look_again(self, login):
        return login


def test_a_process_remembers_only_so_many_tokens(app):
    gate = Gate(Logins())
    with app.test_request_context():
        for number in range(MOST + 10):
            gate.admit(f"t{number}")
    assert len(gate._known) <= MOST


class NoTurn(Logins):
    """Lets in all but who asks first; meanwhile others do."""

    def __init__(self, meanwhile):
        self._meanwhile = meanwhile

    def log_in(self, token, known=False):
        login = super().log_in(token)
        if self.asked == 1:
            self._meanwhile()
            raise error("unavailable", "transient", "the provider is asked enough")
        return login


def test_who_gets_no_turn_to_ask_knows_what_others_were_told(app):
    gate = Gate(NoTurn(lambda: gate.admit("t")))
    with app.test_request_context():
        assert gate.admit("t") is EVERYBODY
    gate = Gate(NoTurn(lambda: gate.admit("other")))
    with app.test_request_context(), pytest.raises(FhirError):
        gate.admit("t")


def test_sec_22_failed_logins_are_limited_by_address(new_registry, settings):
    limits = settings | {"MAX_FAILED_LOGINS_PER_MINUTE": "1", "TRUSTED_PROXIES": "1"}
    with serving(new_registry("sqlite"), **limits) as rest:
        client = SmartClient(rest.registry)
        good = {"Authorization": f"Bearer {client.token(rest)}", "X-Forwarded-For": "10.0.0.1"}
        assert rest.open("/fhir/Patient", headers=good).status_code == 200
        bad = {"Authorization": "Bearer wrong", "X-Forwarded-For": "10.0.0.1"}
        statuses = [rest.open("/fhir/Patient", headers=bad).status_code for _ in range(6)]
        assert statuses == [401] + [429] * 5  # one a minute
        refused = rest.open("/fhir/Patient", headers=bad)
        assert 1 <= int(refused.headers["Retry-After"]) <= 60 and issue(refused)["code"] == "throttled"
        # A token that is known is none that fails; others are others.
        assert rest.open("/fhir/Patient", headers=good).status_code == 200
        assert rest.open("/fhir/Patient", headers=bad | {"X-Forwarded-For": "10.0.0.2"}).status_code == 401
        # Assertions count as tokens do.
        sent = {"headers": {"X-Forwarded-For": "10.0.0.1"}}
        assert rest.post_form("/auth/token", client.form(), **sent).status_code == 429
        assert rest.post_form("/auth/token", client.form()).status_code == 200
        sent = {"headers": {"X-Forwarded-For": "10.0.0.3"}}
        wrong = [rest.post_form("/auth/token", client.form("a.b.c"), **sent).status_code for _ in range(4)]
        assert wrong == [401] + [429] * 3


def test_sec_22_requests_without_a_token_fill_no_log_and_keep_nobody_out(new_registry, settings):
    limits = settings | {"MAX_FAILED_LOGINS_PER_MINUTE": "1", "TRUSTED_PROXIES": "1"}
    with serving(new_registry("sqlite"), **limits) as rest:
        sent = {"headers": {"X-Forwarded-For": "10.0.0.1"}}
        paths = ("/fhir/Patient", "/no/route", "/fhir/Patient?access_token=x", "/site/default/fhir/Patient/a")
        answers = [rest.open(path, **sent) for path in paths]
        assert [answer.status_code for answer in answers] == [401] + [429] * 3
        assert 1 <= int(answers[1].headers["Retry-After"]) <= 60 and issue(answers[1])["code"] == "throttled"
        assert [row.payload["status"] for row in all_events(rest.registry)] == [401]
        # Who has a token there, or gets one, goes on.
        client = SmartClient(rest.registry)
        answer = rest.post_form("/auth/token", client.form(), **sent)
        headers = sent["headers"] | {"Authorization": f"Bearer {answer.get_json()['access_token']}"}
        assert rest.open("/fhir/Patient", headers=headers).status_code == 200
        assert rest.open("/fhir/Patient", headers={"X-Forwarded-For": "10.0.0.2"}).status_code == 401


@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke"])
def test_sec_22_forms_that_prove_nothing_fill_no_log_and_keep_nobody_out(new_registry, settings, endpoint):
    """What is no form, says something twice or too much, or lacks something: each is an event of nobody."""
    limits = settings | {"MAX_FAILED_LOGINS_PER_MINUTE": "1", "TRUSTED_PROXIES": "1"}
    wrong = [
        (400, "?x", {}, {}),
        (400, "", b"{}", {"content_type": "application/json"}),
        (400, "", b"scope=a&scope=b", {"content_type": "application/x-www-form-urlencoded"}),
        (413, "", {"x": "y" * 100_000}, {}),
        (400, "", {}, {}),
        (400, "", {"token": "x", "scope": "x", "grant_type": "client_credentials", "client_assertion": "x"}, {}),
    ]
    with serving(new_registry("sqlite"), **limits) as rest:
        for number, (status, query, form, more) in enumerate(wrong):
            sent = {"headers": {"X-Forwarded-For": f"10.0.0.{number}"}}
            before = len(all_events(rest.registry))
            answers = [rest.post_form(f"/auth/{endpoint}{query}", form, **sent, **more) for _ in range(4)]
            assert [answer.status_code for answer in answers] == [status] + [429] * 3, wrong[number]
            assert 1 <= int(answers[1].headers["Retry-After"]) <= 60 and issue(answers[1])["code"] == "throttled"
            assert len(all_events(rest.registry)) == before + 1
            # Who proves there who he is goes on.
            assert rest.post_form("/auth/token", SmartClient(rest.registry).form(), **sent).status_code == 200


def test_processes_share_what_failed_and_what_was_revoked(new_registry, settings, content, tmp_path):
    """Two processes: a token of one is known to the other, and a revoked client stops in both within 5 seconds."""
    database = new_registry("sqlite")
    registry = open_registry(database, content)
    client = SmartClient(registry)
    told = {name.lower(): text for name, text in settings.items() if name != "BASE_URL"}
    told |= {"workers": 2, "job_workers": 0, "max_failed_logins_per_minute": 30}
    try:
        with OwnServer(database, tmp_path, **told) as server:
            url = f"{server.root}/auth/token"
            answer = requests.post(url, client.form(client.assertion(aud=url)), timeout=20)
            headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            for _ in range(40):  # of new connections either process takes some
                assert requests.get(f"{server.base}/Patient", headers=headers, timeout=20).status_code == 200
            registry.store.clients.revoke(client.id)
            time.sleep(5)
            answers = [requests.get(f"{server.base}/Patient", headers=headers, timeout=20) for _ in range(40)]
            assert {answer.status_code for answer in answers} == {401, 429}
    finally:
        registry.close()
