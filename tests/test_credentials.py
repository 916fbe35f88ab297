"""Commands that say who asks: tokens of a real server and of a provider, renewed when they count no more."""

import http.server
import json
import stat
import threading
import time
from contextlib import closing, contextmanager

import jwt
import pytest
import requests
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from https_server import make_certificate, serving_https
from own_server import OwnServer, wait_until
from smart_client import Key, jwks, key

from fhir_registry.edges.cli import main
from fhir_registry.edges.credentials import BackendClient, CredentialsError, TokenFile, read_key
from fhir_registry.edges.push import open_session, push
from fhir_registry.ops.clients import check_keys, register
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.token_keys import new_key, public_key_set

AUDIENCE = "https://registry.hospital.example/fhir"


def invoke(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def patients(folder, *ids):
    for id_ in ids:
        (folder / f"{id_}.json").write_text(json.dumps({"resourceType": "Patient", "id": id_}))
    return folder


@pytest.fixture(scope="module")
def builtin(new_registry, content, tmp_path_factory):
    """A server that makes tokens; `client` is the id of one registered by the key in `pem`."""
    folder, database = tmp_path_factory.mktemp("server"), new_registry("sqlite")
    (folder / "token.pem").write_bytes(new_key())
    pem = folder / "client.pem"
    pem.write_bytes(new_key())
    with closing(open_registry(database, content)) as registry:
        keys = check_keys(public_key_set(pem.read_bytes()), None)
        client = register(registry, "test", "default", "site", "system/*.cruds", keys)
        reader = register(registry, "reader", "default", "site", "system/Patient.rs", keys)
    settings = {"access": "builtin", "token_keys": folder / "token.pem", "job_workers": 0}
    with OwnServer(database, folder, **settings) as server:
        server.pem, server.client, server.reader = pem, client, reader
        yield server


class TestTokensOfTheServer:
    def test_each_command(self, builtin, tmp_path):
        who = ("--client", builtin.client, "--key", builtin.pem)
        sent = invoke("push", patients(tmp_path, "a", "b"), "--to", builtin.base, *who)
        assert sent.exit_code == 0 and "2 files sent, 2 resources" in sent.output
        evaluated = invoke("evaluate", "lipusu-her2-os", "--from", builtin.base, *who)
        assert "HTTP 422: Nobody is in the initial population" in evaluated.output
        asked = [
            ("findings", "lipusu-her2", "--from", builtin.base, "--output", tmp_path / "findings.csv"),
            ("tables", "lipusu-her2", "--from", builtin.base, "--out", tmp_path / "out", "--table", "adsl"),
        ]
        for words in asked:
            answered = invoke(*words, *who)
            assert answered.exit_code == 0, answered.output
        for path in (tmp_path / "findings.csv", tmp_path / "out" / "lipusu-her2-adsl.csv"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600  # data of patients
        for words in (("evaluate", "lipusu-her2-os", "--from", builtin.base), *asked):
            refused = invoke(*words)
            assert refused.exit_code == 1 and "HTTP 401" in refused.output and "--token-file" in refused.output

    def test_a_push_without_a_token_says_what_it_needs(self, builtin, tmp_path):
        refused = invoke("push", patients(tmp_path, "a"), "--to", builtin.base)
        assert refused.exit_code == 1 and "HTTP 401" in refused.output and "--client and --key" in refused.output

    def test_a_token_that_was_revoked_is_renewed(self, builtin):
        auth = BackendClient(builtin.base, builtin.client, builtin.pem, "system/*.rs")
        with open_session(auth) as session:
            first = session.get(f"{builtin.base}/Patient")
            token = first.request.headers["Authorization"].partition(" ")[2]
            self.revoke(builtin, token)

            def renewed():
                answer = session.get(f"{builtin.base}/Patient")
                assert answer.status_code == 200
                return answer.request.headers["Authorization"] != f"Bearer {token}"

            wait_until(renewed)

    def revoke(self, server, token):
        private, algorithm, kid = read_key(server.pem)
        claims = {"iss": server.client, "sub": server.client, "aud": f"{server.root}/auth/revoke", "jti": token[-20:]}
        form = {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(claims | {"exp": int(time.time()) + 200}, private, algorithm, {"kid": kid}),
            "token": token,
        }
        assert requests.post(f"{server.root}/auth/revoke", form, timeout=20).status_code == 200

    def test_the_scope_is_that_of_the_registration(self, builtin, tmp_path):
        words = (
            "push",
            patients(tmp_path, "a"),
            "--to",
            builtin.base,
            "--client",
            builtin.reader,
            "--key",
            builtin.pem,
        )
        refused = invoke(*words)
        assert refused.exit_code == 1 and "invalid_scope" in refused.output and "--scope" in refused.output
        refused = invoke(*words, "--scope", "system/Patient.rs")
        assert refused.exit_code == 1 and "HTTP 403" in refused.output and "system/Patient.u" in refused.output

    def test_a_client_that_is_not_registered(self, builtin, tmp_path):
        words = ("push", patients(tmp_path, "a"), "--to", builtin.base, "--client", "nobody", "--key", builtin.pem)
        refused = invoke(*words)
        assert refused.exit_code == 1 and "invalid_client; is the client registered at this server" in refused.output


class TestFiles:
    def test_a_token_of_a_file(self, builtin, tmp_path):
        with open_session() as session:
            made = BackendClient(builtin.base, builtin.client, builtin.pem, "system/*.rs")
            token = session.get(f"{builtin.base}/Patient", auth=made).request.headers["Authorization"].split()[1]
        path = tmp_path / "token"
        path.write_text(f"{token}\n")
        assert invoke("findings", "lipusu-her2", "--from", builtin.base, "--token-file", path).exit_code == 0
        path.write_text("wrong")
        refused = invoke("findings", "lipusu-her2", "--from", builtin.base, "--token-file", path)
        assert refused.exit_code == 1 and "HTTP 401: The token is not valid here" in refused.output

        with open_session(TokenFile(builtin.base, path)) as session:
            assert session.get(f"{builtin.base}/Patient").status_code == 401
            path.write_text(token)  # whoever renews it
            assert session.get(f"{builtin.base}/Patient").status_code == 200

    @pytest.mark.parametrize("text", ["", "two words", "é", "a\nb"])
    def test_a_file_that_holds_no_token(self, builtin, tmp_path, text):
        path = tmp_path / "token"
        path.write_text(text)
        refused = invoke("findings", "lipusu-her2", "--from", builtin.base, "--token-file", path)
        assert refused.exit_code == 1 and f"{path} holds no token" in refused.output

    @pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
    def test_keys_as_pem_and_as_jwk(self, tmp_path, algorithm):
        made, path = key(algorithm), tmp_path / "key"
        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        path.write_bytes(made.private.private_bytes(*form))
        assert read_key(path)[1] == algorithm
        path.write_text(json.dumps(made.jwk(private=True)))
        private, found, kid = read_key(path)
        assert (found, kid) == (algorithm, made.kid)
        assert private.private_numbers() == made.private.private_numbers()

    @pytest.mark.parametrize("what", ["junk", "public", "no kid", "P-256", "{", "[]"])
    def test_what_is_no_key(self, tmp_path, what):
        public, private = key().jwk(), key().jwk(private=True)
        texts = {"public": json.dumps(public), "no kid": json.dumps(private | {"kid": None})}
        if what == "P-256":
            form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            texts["P-256"] = Key("ES256").private.private_bytes(*form).decode()
        path = tmp_path / "key"
        path.write_text(texts.get(what, what))
        with pytest.raises(CredentialsError, match="is no private key that signs"):
            read_key(path)

    @pytest.mark.parametrize(
        "more", [("--client", "a"), ("--key", __file__), ("--client", "a", "--key", __file__, "--token-file", __file__)]
    )
    def test_options_that_do_not_go_together(self, more):
        refused = invoke("findings", "lipusu-her2", "--from", "http://127.0.0.1:1/fhir", *more)
        assert refused.exit_code == 2 and "--client and --key together" in refused.output

    def test_no_token_goes_over_a_line_that_others_read(self, tmp_path):
        (tmp_path / "token").write_text("x")
        words = ("findings", "lipusu-her2", "--token-file", tmp_path / "token", "--from")
        refused = invoke(*words, "http://registry.hospital.example/fhir")
        assert refused.exit_code == 1 and "tokens are sent to https: URLs" in refused.output


@contextmanager
def answering(status, **headers):
    """The URL of a server that answers everything so; `asked` are the headers of each request."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(dict(self.headers))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_):
            pass

    asked = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/fhir", asked
        server.shutdown()
        thread.join()


def test_a_redirect_leads_no_token_elsewhere(tmp_path):
    (tmp_path / "token").write_text("secret-token")
    with (
        answering(401) as (elsewhere, there),
        answering(302, Location=elsewhere) as (base, here),
        open_session(TokenFile(base, tmp_path / "token")) as session,
    ):
        assert session.get(f"{base}/Patient").status_code == 401
    assert [each.get("Authorization") for each in here] == ["Bearer secret-token"]
    assert len(there) == 1 and "Authorization" not in there[0]


def test_a_server_that_makes_no_tokens(new_registry, tmp_path):
    (tmp_path / "key").write_bytes(new_key())
    with OwnServer(new_registry("sqlite"), tmp_path, job_workers=0) as server:
        words = ("findings", "lipusu-her2", "--from", server.base, "--client", "a", "--key", tmp_path / "key")
        refused = invoke(*words)
    assert refused.exit_code == 1 and "HTTP 404" in refused.output
    assert "smart-configuration does not tell where tokens are" in refused.output


class Provider:
    """What an identity provider answers to clients. lives: `expires_in` of its tokens; late: of the first, its exp."""

    def __init__(self, issuer, client_key, lives=300, late=None):
        self.issuer, self._key, self._lives, self._late = issuer, client_key, lives, late
        self.assertions = []

    def __call__(self, headers, form):
        public = self._key.private.public_key()
        claims = jwt.decode(form["client_assertion"], public, ["ES384"], audience=f"{self.issuer}/token")
        assert claims["iss"] == claims["sub"] == "app-1" and claims["exp"] <= time.time() + 300
        self.assertions.append(claims["jti"])
        now = int(time.time())
        end = now + self._late if self._late and len(self.assertions) == 1 else now + 300
        made = {"iss": self.issuer, "aud": AUDIENCE, "exp": end, "client_id": "app-1", "site": "default"}
        made |= {"scope": form["scope"], "jti": claims["jti"]}
        answer = {"access_token": key().sign(made, typ="at+jwt"), "token_type": "Bearer", "expires_in": self._lives}
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()


@pytest.fixture(scope="module")
def oidc(new_registry, tmp_path_factory):
    """A server with an identity provider, `issuer`, which runs beside it."""
    folder = tmp_path_factory.mktemp("oidc")
    certificate = make_certificate(folder)
    with pytest.MonkeyPatch.context() as patch, serving_https(certificate) as issuer:
        patch.setenv("SSL_CERT_FILE", str(certificate))
        patch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        url = f"https://localhost:{issuer.port}"
        told = {"issuer": url, "jwks_uri": f"{url}/keys", "token_endpoint": f"{url}/token"}
        issuer.answers["/.well-known/openid-configuration"] = 200, {}, json.dumps(told).encode()
        issuer.answers["/keys"] = 200, {}, jwks(key())
        settings = {"access": "oidc", "issuer": url, "audience": AUDIENCE, "job_workers": 0}
        settings["jwks_hosts"] = f"localhost:{issuer.port}=127.0.0.0/8"
        with OwnServer(new_registry("sqlite"), folder, **settings) as server:
            server.issuer, server.url = issuer, url
            yield server


@pytest.fixture
def client_key(tmp_path):
    made = Key("ES384", "mine")
    made.path = tmp_path / "client.json"
    made.path.write_text(json.dumps(made.jwk(private=True)))
    return made


class TestTokensOfAProvider:
    def deliver(self, oidc, client_key, folder, provider, jobs=1):
        oidc.issuer.answers["/token"] = provider
        auth = BackendClient(oidc.base, "app-1", client_key.path, "system/*.cruds")
        deliveries = push([folder], oidc.base, jobs, report=None, auth=auth)
        assert [delivery.problem for delivery in deliveries] == [None] * len(deliveries)
        assert len({*provider.assertions}) == len(provider.assertions)
        return len(provider.assertions)

    def test_one_token_is_enough(self, oidc, client_key, tmp_path):
        (tmp_path / "in").mkdir()
        folder = patients(tmp_path / "in", *"abcdefgh")
        assert self.deliver(oidc, client_key, folder, Provider(oidc.url, client_key), jobs=4) == 1

    def test_a_token_is_renewed_before_its_end(self, oidc, client_key, tmp_path):
        (tmp_path / "in").mkdir()
        folder = patients(tmp_path / "in", "i", "j", "k")
        assert self.deliver(oidc, client_key, folder, Provider(oidc.url, client_key, lives=20)) == 3

    def test_a_token_that_has_expired_is_renewed(self, oidc, client_key, tmp_path):
        (tmp_path / "in").mkdir()
        folder = patients(tmp_path / "in", "l", "m", "n")
        assert self.deliver(oidc, client_key, folder, Provider(oidc.url, client_key, late=-100)) == 2
