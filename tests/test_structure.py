"""The shape of the project: what the README promises and the layers of docs/architecture.md."""

import ast
import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = (
    "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/fhir-registry demo",
    "python3 -m venv .venv && .venv/bin/pip install '.[test]' && .venv/bin/pytest",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_readme_has_the_two_commands_word_for_word(command):
    assert command in (ROOT / "README.md").read_text().splitlines()


def test_links_between_documents_lead_somewhere():
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_the_architecture_names_files_that_exist():
    document = (ROOT / "docs" / "architecture.md").read_text()
    named = re.findall(r"`([a-z_0-9]+/[a-z_0-9.]+\.(?:py|gz))`", document)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / "fhir_registry" / name).exists()] == []


def test_every_package_is_listed_for_installation():
    listed = configparser.ConfigParser()
    listed.read(ROOT / "setup.cfg")
    packages = set(listed["options"]["packages"].split())
    for init in (ROOT / "fhir_registry").rglob("__init__.py"):
        assert ".".join(init.parent.relative_to(ROOT).parts) in packages


def test_what_is_imported_is_declared():
    listed = configparser.ConfigParser()
    listed.read(ROOT / "setup.cfg")
    declared = set(re.findall(r"^([\w.]+)", listed["options"]["install_requires"], re.MULTILINE))
    imported = set()
    for file in (ROOT / "fhir_registry").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Import):
                imported.update(alias.name.partition(".")[0] for alias in node.names)
    # werkzeug is the lower half of flask; the driver is an extra.
    others = imported - sys.stdlib_module_names - {"fhir_registry", "werkzeug", "psycopg"}
    distributions = {"fhir": "fhir.resources", "jwt": "pyjwt"}
    assert {distributions.get(name, name) for name in others} <= declared


def test_imports_go_one_way():
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_modules_are_readable_in_one_sitting():
    for module in (ROOT / "fhir_registry").rglob("*.py"):
        lines = len(module.read_text().splitlines())
        assert lines <= 500, f"{module.relative_to(ROOT)} has {lines} lines"
