"""Clients and keys on the command line (docs/security.md)."""

import json
import re
import stat
import time
import uuid
from contextlib import closing

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from own_server import OwnServer
from smart_client import ASSERTION, Key, jwks, key
from test_cli import free_port, run

from fhir_registry.content.registry import load_content
from fhir_registry.ops import fsck
from fhir_registry.ops.open import open_registry
from fhir_registry.store.clients import open_clients
from fhir_registry.store.site import name_sites

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def database(new_registry):
    return new_registry("sqlite")


@pytest.fixture
def client(tmp_path, database):
    """A function: `fhir-registry client` with arguments."""
    (tmp_path / "keys.json").write_bytes(jwks(key()))

    def command(*arguments):
        return run(tmp_path, "client", *arguments, FHIR_REGISTRY_DATABASE=database)

    return command


REGISTER = ("register", "--name", "Klinik A", "--scopes", "system/*.rs system/Patient.cud", "--jwks", "keys.json")


def test_from_a_key_to_a_token_as_the_documents_say(tmp_path, database):
    """docs/security.md, step by step."""
    made = run(tmp_path, "key", "token.pem")
    assert made.returncode == 0 and "FHIR_REGISTRY_TOKEN_KEYS=token.pem" in made.stdout
    assert stat.S_IMODE((tmp_path / "token.pem").stat().st_mode) == 0o600
    made = run(tmp_path, "key", "client.pem", "--jwks", "client.json")
    assert made.returncode == 0 and "client register --jwks client.json" in made.stdout
    (public,) = json.loads((tmp_path / "client.json").read_text())["keys"]
    assert (public["kty"], public["crv"]) == ("EC", "P-384") and "d" not in public
    words = ("--name", "Klinik A", "--site", "klinik-a", "--scopes", "system/*.rs", "--jwks", "client.json")
    registered = run(tmp_path, "client", "register", *words, FHIR_REGISTRY_DATABASE=database)
    assert registered.returncode == 0, registered.stderr
    id_ = registered.stdout.strip()
    assert ID.fullmatch(id_)
    settings = {"access": "builtin", "token_keys": tmp_path / "token.pem", "job_workers": 0}
    with OwnServer(database, tmp_path, **settings) as server:
        url = f"{server.root}/auth/token"
        assertion = sign(tmp_path / "client.pem", public["kid"], id_, url)
        form = {"grant_type": "client_credentials", "scope": "system/*.rs", "client_assertion_type": ASSERTION}
        answer = requests.post(url, form | {"client_assertion": assertion}, timeout=20)
        assert answer.status_code == 200, answer.text
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert requests.get(f"{server.base}/Measure?_summary=count", headers=headers, timeout=20).json()["total"] > 0
        listed = run(tmp_path, "client", "list", FHIR_REGISTRY_DATABASE=database).stdout
        assert id_ in listed and "klinik-a site inline 'system/*.rs' Klinik A" in listed


def sign(path, kid, id, url):
    claims = {"iss": id, "sub": id, "aud": url, "exp": int(time.time()) + 240, "jti": str(uuid.uuid4())}
    return jwt.encode(claims, path.read_text(), "ES384", {"kid": kid})


def test_a_new_key_replaces_no_file(tmp_path):
    (tmp_path / "token.pem").write_text("mine")
    made = run(tmp_path, "key", "token.pem")
    assert made.returncode == 1 and "token.pem: File exists" in made.stderr
    assert (tmp_path / "token.pem").read_text() == "mine"


def test_register_list_rotate_and_revoke(client, database, tmp_path):
    assert client("list").stdout == "no clients\n"
    id_ = client(*REGISTER, "--site", "klinik-b").stdout.strip()
    (line,) = client("list").stdout.splitlines()
    assert re.fullmatch(rf"{id_} active \S+ klinik-b site inline 'system/\*\.rs system/Patient\.cud' Klinik A", line)
    assert client("rotate", id_, "--jwks-url", "https://klinik.example/keys").returncode == 0
    assert "https://klinik.example/keys" in client("list").stdout
    assert client("rotate", id_, "--jwks", "keys.json").returncode == 0
    assert client("revoke", id_).stdout == f"client {id_} is revoked\n"
    assert f"{id_} revoked " in client("list").stdout
    for command in (("revoke", id_), ("rotate", id_, "--jwks", "keys.json"), ("revoke", "nobody")):
        gone = client(*command)
        assert gone.returncode == 1 and "fhir-registry client list tells" in gone.stderr
    with closing(open_registry(database, load_content())) as registry:
        assert list(fsck.check(registry)) == []
        with registry.store.ask(1) as connection:
            (kept,) = connection.execute(registry.store.tables.clients.client.select()).all()
    assert json.loads(kept.jwks) == {"keys": [key().jwk()]} and kept.revoked >= kept.created


def test_a_client_of_all_sites(client, database):
    scopes = "system/*.rs system/Task.cu"
    id_ = client(*REGISTER, "--site", "*", "--role", "monitor", "--scopes", scopes).stdout.strip()
    (line,) = client("list").stdout.splitlines()
    assert re.fullmatch(rf"{id_} active \S+ \* monitor inline '{re.escape(scopes)}' Klinik A", line)
    with closing(open_registry(database, load_content())) as registry:
        assert name_sites(registry.store) == {1: "default"}  # none was made
        assert list(fsck.check(registry)) == []


def test_the_clients_of_a_site(client):
    ids = {site: client(*REGISTER, "--site", site).stdout.strip() for site in ("klinik-a", "klinik-b")}
    more = ("--site", "*", "--role", "monitor", "--scopes", "system/*.rs")
    ids["*"] = client(*REGISTER, *more).stdout.strip()
    assert len(client("list").stdout.splitlines()) == 3
    for site, id_ in ids.items():
        (line,) = client("list", "--site", site).stdout.splitlines()
        assert line.startswith(f"{id_} ")
    assert client("list", "--site", "default").stdout == "no clients\n"
    unknown = client("list", "--site", "klinik-c")
    told = "Error: there is no site 'klinik-c'; sites are *, default, klinik-a, klinik-b\n"
    assert (unknown.returncode, unknown.stderr) == (1, told)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"--role": "king"}, "'king' is no role; roles are site, registry, regulator, monitor, administrator"),
        ({"--scopes": "system/*.rs user/*.rs"}, "'user/*.rs' is no scope of a client"),
        ({"--scopes": "system/Patient.sr"}, "'system/Patient.sr' is no scope"),
        ({"--scopes": "system/Observation.rs?nonsense=1"}, "is no scope"),
        ({"--scopes": " "}, "A client needs a scope"),
        ({"--name": "a\tb"}, "name of a client"),
        ({"--site": ""}, "name of a site"),
        ({"--site": "a/b"}, "it has no /"),
        ({"--site": ".."}, "it has no /"),
        ({"--site": "*"}, "'*', are clients of the roles registry, regulator, monitor only"),
        ({"--site": "*", "--role": "administrator"}, "are clients of the roles registry, regulator, monitor only"),
        (
            {"--role": "monitor"},
            "'system/Patient.cud' is more than the role monitor permits: system/*.rs system/Task.cu",
        ),
        ({"--role": "registry", "--scopes": "system/AuditEvent.rs"}, "more than the role registry permits"),
        ({"--role": "regulator", "--scopes": "system/*.rs"}, "more than the role regulator permits: system/Measure.rs"),
        ({"--role": "regulator", "--scopes": "system/Patient.r"}, "more than the role regulator permits"),
        ({"--role": "administrator", "--scopes": "system/Patient.r"}, "more than the role administrator permits"),
        (
            {"--scopes": "system/AuditEvent.cruds"},
            "more than the role site permits: system/*.cruds",
        ),
        ({"--jwks": "private.json"}, "cannot be registered: key 1 holds private key material"),
        ({"--jwks": "text"}, "this is no JWKS"),
        ({"--jwks-url": "https://klinik.example/keys"}, "either a file with its public keys, or the URL"),
        ({"--jwks": None}, "either a file with its public keys, or the URL"),
        ({"--jwks": None, "--jwks-url": "http://klinik.example/keys"}, "must be an https: URL"),
        ({"--jwks": None, "--jwks-url": "https://me@klinik.example/keys"}, "must be an https: URL"),
    ],
)
def test_what_is_not_registered_is_one_clear_line(client, database, tmp_path, changes, words):
    (tmp_path / "private.json").write_bytes(jwks(key().jwk(private=True)))
    (tmp_path / "text").write_text("x")
    given = dict(zip(REGISTER[1::2], REGISTER[2::2], strict=True)) | changes
    result = client("register", *(word for pair in given.items() if pair[1] is not None for word in pair))
    assert result.returncode == 1 and "Traceback" not in result.stderr
    (line,) = (line for line in result.stderr.splitlines() if line.startswith("Error: "))
    assert words in line
    with open_clients(database) as clients, clients.ask() as connection:
        assert clients.list(connection) == []


def test_the_first_site_stays_the_first(tmp_path):
    """A client may be registered before the server was ever started."""
    (tmp_path / "keys.json").write_bytes(jwks(key()))
    url = f"sqlite:///{tmp_path / 'new.db'}"
    registered = run(tmp_path, "client", *REGISTER, "--site", "klinik-c", FHIR_REGISTRY_DATABASE=url)
    assert registered.returncode == 0, registered.stderr
    with closing(open_registry(url, load_content())) as registry, registry.store.ask(1) as connection:
        site = registry.store.tables.site.c
        rows = connection.execute(registry.store.tables.site.select().with_only_columns(site.site, site.name)).all()
    assert [tuple(row) for row in rows] == [(1, "default"), (2, "klinik-c")]


@pytest.mark.parametrize(
    ("pem", "words"),
    [(None, "No such file"), ("x", "is no private EC key on P-384"), ("ES256", "is no private EC key")],
)
def test_keys_that_cannot_sign_tokens_stop_the_start(tmp_path, pem, words):
    path = tmp_path / "token.pem"
    if pem == "ES256":
        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        path.write_bytes(Key("ES256").private.private_bytes(*form))
    elif pem:
        path.write_text(pem)
    settings = {"FHIR_REGISTRY_ACCESS": "builtin", "FHIR_REGISTRY_TOKEN_KEYS": str(path)}
    result = run(tmp_path, "serve", "--port", str(free_port()), **settings)
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert words in result.stderr and "fhir-registry key" in result.stderr
