"""At start the log tells of secrets that others can read (docs/security.md)."""

import logging
import os

import pytest
from own_server import OwnServer

from fhir_registry.edges import secret_files
from fhir_registry.edges.config import Config
from fhir_registry.edges.secret_files import warn_of_readable
from fhir_registry.ops.token_keys import new_key

SETTINGS = {
    "TOKEN_KEYS": {"ACCESS": "builtin"},
    "AUDIT_KEY": {"AUDIT_CHECKPOINTS": "checkpoints"},
    "INTROSPECTION_SECRET_FILE": {},
    "DATABASE_PASSWORD_FILE": {"DATABASE": "postgresql+psycopg://registry@db/registry"},
}


@pytest.fixture
def warned(tmp_path, caplog, monkeypatch):
    """A function: what the log says of secret.txt with a mode, named by a setting."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "secret.txt"
    path.write_text("secret")

    def of(mode, setting="TOKEN_KEYS"):
        path.chmod(mode)
        caplog.clear()
        given = {setting: "secret.txt"} | SETTINGS[setting]
        with caplog.at_level(logging.WARNING, "fhir_registry"):
            warn_of_readable(Config.from_env({f"FHIR_REGISTRY_{name}": value for name, value in given.items()}))
        return caplog.messages

    of.path = path
    return of


@pytest.mark.parametrize("setting", SETTINGS)
def test_each_secret(warned, setting):
    told = [f"others on this machine can read the secret in {warned.path}: chmod 600 {warned.path}"]
    assert warned(0o644, setting) == told
    assert warned(0o600, setting) == []


@pytest.mark.parametrize(("mode", "number"), [(0o400, 0), (0o640, 1), (0o604, 1)])
def test_by_mode(warned, mode, number):
    assert len(warned(mode)) == number


def test_not_of_who_cannot_change_it(warned, monkeypatch):
    """Of another user's file nothing is said, nor of one where containers have them."""
    monkeypatch.setattr(os, "geteuid", lambda: warned.path.stat().st_uid + 1)
    assert warned(0o644) == []
    monkeypatch.undo()
    monkeypatch.chdir(warned.path.parent)
    monkeypatch.setattr(secret_files, "MOUNTED", warned.path.parent)
    assert warned(0o644) == []


def test_once_at_the_start_of_a_server(new_registry, tmp_path):
    path = tmp_path / "token.pem"
    path.write_bytes(new_key())
    path.chmod(0o644)
    with OwnServer(new_registry("sqlite"), tmp_path, workers=2, access="builtin", token_keys=path) as server:
        assert server.log.read_text().count(f"chmod 600 {path}") == 1
