"""Without the driver of PostgreSQL each command on a database says what to install (docs/cli.md)."""

import sys

import pytest
from click.testing import CliRunner

from fhir_registry.edges.cli import main
from fhir_registry.store.database import Database

COMMANDS = (
    "worker",
    "jobs",
    "client list",
    "client revoke x",
    "import one.json",
    "export out --identified",
    "fsck",
    "reindex",
    "audit verify",
    "backup new.zip",
    "restore old.zip",
    "erase --purge",
)
URL = "postgresql+psycopg://registry@127.0.0.1:1/registry"


@pytest.fixture
def without_driver(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as if it were not installed: `import psycopg` fails


@pytest.fixture(scope="module")
def folder(tmp_path_factory, new_registry):
    """With a file to import, and a backup."""
    made = tmp_path_factory.mktemp("commands")
    (made / "one.json").write_text('{"resourceType": "Patient"}')
    url = new_registry("sqlite")
    assert CliRunner().invoke(main, ["backup", str(made / "old.zip"), "--database", url]).exit_code == 0
    return made


@pytest.mark.parametrize("command", COMMANDS)
def test_one_line_says_what_to_install(without_driver, folder, command, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("FHIR_REGISTRY_DATABASE", URL)
    more = ["--database", URL] if command.startswith("restore") else []
    result = CliRunner().invoke(main, [*command.split(), *more])
    assert isinstance(result.exception, SystemExit) and result.exit_code == 1, result.exception
    (line,) = (line for line in result.stderr.splitlines() if line)
    assert line.startswith("Error: ") and "'.[postgresql]'" in line and "'psycopg[binary]'" in line


@pytest.mark.parametrize("url", ["postgresql+psycopg2://u@h/d", "postgresql+nonsense://u@h/d"])
def test_another_driver_is_told_which(url):
    with pytest.raises(ValueError, match=r"postgresql\+psycopg://"):
        Database(url)
