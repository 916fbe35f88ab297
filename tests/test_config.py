"""Settings: defaults, errors that name the setting, and the table of docs/configuration.md."""

import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from fhir_registry.edges.app import open_configured
from fhir_registry.edges.config import PREFIX, TEST_SETTINGS, Config, ConfigError, Settings, is_loopback

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "configuration.md"
HOME = {"XDG_DATA_HOME": "/srv/share"}


def test_without_settings_a_sqlite_file_in_the_data_folder_on_loopback():
    config = Config.from_env(HOME)
    assert config.database == "sqlite:////srv/share/fhir-registry/registry.db"
    assert (config.host, config.port, config.workers, config.content) == ("127.0.0.1", 8080, 1, ())
    assert config.max_body_bytes == 50_000_000 and config.max_bundle_entries == 10_000
    assert config.small_cell == 5


def test_a_relative_data_home_is_ignored():
    assert Config.from_env({"XDG_DATA_HOME": "share"}).data_dir == Path.home() / ".local/share/fhir-registry"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("/x.db", "sqlite:////x.db"),
        ("sqlite:///x.db", "sqlite:///x.db"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
    ],
)
def test_a_database_is_a_url_or_a_file(given, expected):
    assert Config.from_env(HOME | {"FHIR_REGISTRY_DATABASE": given}).database == expected


def test_the_password_may_be_in_a_file(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("a:b@c/d%\u00e9\n")
    file = HOME | {"FHIR_REGISTRY_DATABASE_PASSWORD_FILE": str(secret)}

    def database(url):
        return Config.from_env(file | {"FHIR_REGISTRY_DATABASE": url}).database

    # RFC 3986, 3.2.1: what has a meaning in a URL is percent-encoded
    assert database("postgresql://u@h/d") == "postgresql://u:a%3Ab%40c%2Fd%25%C3%A9@h/d"
    for given in ("postgresql+psycopg://u:p@h/d", "postgresql://h/d", "sqlite:////srv/a@b.db"):
        assert database(given) == given
    secret.write_text("\n")
    with pytest.raises(ConfigError, match="is empty"):
        database("postgresql://u@h/d")
    secret.unlink()
    with pytest.raises(ConfigError, match=r"FHIR_REGISTRY_DATABASE_PASSWORD_FILE=.*cannot be read"):
        database("postgresql://u@h/d")


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("FHIR_REGISTRY_DATABSE", "x", "FHIR_REGISTRY_DATABASE"),
        ("FHIR_REGISTRY_PROT", "1", "FHIR_REGISTRY_PORT"),
        ("FHIR_REGISTRY_port", "1", "FHIR_REGISTRY_PORT"),
        ("FHIR_REGISTRY_PORT", "eighty", "FHIR_REGISTRY_PORT=eighty"),
        ("FHIR_REGISTRY_PORT", "65536", "FHIR_REGISTRY_PORT=65536"),
        ("FHIR_REGISTRY_WORKERS", "0", "FHIR_REGISTRY_WORKERS=0"),
        ("FHIR_REGISTRY_SMALL_CELL", "-1", "FHIR_REGISTRY_SMALL_CELL=-1"),
        ("FHIR_REGISTRY_LOG_LEVEL", "loud", "FHIR_REGISTRY_LOG_LEVEL=loud"),
        ("FHIR_REGISTRY_DATABASE", "mysql://u:secret@h/d", "FHIR_REGISTRY_DATABASE=mysql: is neither"),
        ("FHIR_REGISTRY_DATABASE", "/no/such/folder/x.db", "there is no folder /no/such/folder"),
        ("FHIR_REGISTRY_BASE_URL", "registry.hospital.org", "not an absolute http(s) URL"),
        ("FHIR_REGISTRY_CORS_ORIGINS", "loopback, tool.hospital.org", "'tool.hospital.org' is no origin"),
        ("FHIR_REGISTRY_CONTENT", "/no/such/folder", "/no/such/folder"),
        ("FHIR_REGISTRY_HOST", "0.0.0.0", "FHIR_REGISTRY_INSECURE_OPEN_ACCESS=yes"),
        ("FHIR_REGISTRY_HOST", "registry.hospital.org", "FHIR_REGISTRY_ACCESS is none"),
    ],
)
def test_a_mistake_is_an_error_that_names_it(variable, value, words):
    with pytest.raises(ConfigError, match=re.escape(words)):
        Config.from_env(HOME | {variable: value})


def test_open_access_is_possible_on_demand():
    given = {"FHIR_REGISTRY_HOST": "0.0.0.0", "FHIR_REGISTRY_INSECURE_OPEN_ACCESS": "yes"}
    assert Config.from_env(HOME | given).host == "0.0.0.0"


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("::", False)]
)
def test_loopback(host, expected):
    assert is_loopback(host) is expected


def test_settings_of_the_test_suite_are_no_mistake():
    assert Config.from_env(HOME | dict.fromkeys(TEST_SETTINGS, "x")).port == 8080


def test_the_document_lists_every_setting_with_its_default():
    rows = dict(re.findall(r"^\| `(FHIR_REGISTRY_\w+)` \| (.+?) \|", DOCUMENT.read_text(), re.MULTILINE))
    assert set(rows) == {PREFIX + name.upper() for name in Settings._declared_fields}
    for name, field in Settings._declared_fields.items():
        if (
            isinstance(field.load_default, (int, str))
            and not isinstance(field.load_default, bool)
            and field.load_default
        ):
            assert rows[PREFIX + name.upper()] == f"`{field.load_default}`"


@pytest.mark.parametrize(
    ("database", "reason"),
    [
        ("postgresql+psycopg://user:secret@127.0.0.1:1/x", "refused"),
        ("postgresql+psycopg://user:secret@host:port/x", "no URL"),
        ("sqlite:///:memory:", "needs a file"),
        ("{folder}/text.db", "not a database"),
        ("{folder}/other.db", "tables of something else"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_clear_line(tmp_path, database, reason):
    (tmp_path / "text.db").write_text("not a database " * 100)
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE resource (name TEXT)")
    other.close()
    config = Config.from_env(HOME | {"FHIR_REGISTRY_DATABASE": database.format(folder=tmp_path)})
    with pytest.raises(ConfigError, match=reason) as problem:
        open_configured(replace(config, data_dir=tmp_path))
    assert "secret" not in str(problem.value) and "\n" not in str(problem.value)
