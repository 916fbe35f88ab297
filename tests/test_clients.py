"""Clients that others have written work against the server as it is installed (docs/clients.md)."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from test_cli import COMMAND, free_port, start

from fhir_registry.edges.demo import wait_until_ready

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "tests" / "clients"
PYTHON = ("fhirpy_sync", "fhirpy_async", "fhirclient_models", "xml_pages")
NUMBERS = range(1, 26)


def entries():
    """25 patients of the family Page, each with a height, as entries of a transaction."""
    for number in NUMBERS:
        patient = {
            "resourceType": "Patient",
            "id": f"page-{number:02}",
            "name": [{"family": "Page", "given": [f"No. {number}"]}],
            "birthDate": f"{1950 + number * 7 % 25}-05-01",
        }
        height = {
            "resourceType": "Observation",
            "id": f"height-{number:02}",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2"}]},
            "subject": {"reference": f"Patient/page-{number:02}"},
            "valueQuantity": {"value": 150 + number, "unit": "cm"},
        }
        for resource in (patient, height):
            url = f"{resource['resourceType']}/{resource['id']}"
            yield {"fullUrl": f"http://a.example/{url}", "resource": resource, "request": {"method": "PUT", "url": url}}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The base URL of `fhir-registry serve` with the patients of `entries`."""
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    server = start(folder, [*COMMAND, "serve", "--port", str(port)])
    try:
        base = f"http://127.0.0.1:{port}/fhir"
        wait_until_ready(server, base, folder / "log")
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": list(entries())}
        requests.post(base, json=bundle, timeout=60).raise_for_status()
        yield base
    finally:
        server.terminate()
        server.wait(20)


def run(*command, folder=SCRIPTS):
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def miss(message):
    """A client that is not installed is a failure in continuous integration, and a skip elsewhere."""
    pytest.fail(message) if os.environ.get("FHIR_REGISTRY_REQUIRE_CLIENTS") else pytest.skip(message)


@pytest.mark.parametrize("script", PYTHON)
def test_python(base, script):
    run(sys.executable, str(SCRIPTS / f"{script}.py"), base)


def test_node(base, tmp_path):
    if not (shutil.which("node") and shutil.which("npm")):
        miss("no node and npm found")
    for name in ("package.json", "fhir_kit.mjs"):
        shutil.copy(SCRIPTS / name, tmp_path)
    install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"]
    installed = subprocess.run(install, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    if installed.returncode:
        miss(f"npm could not install the clients: {installed.stderr}")
    run("node", "fhir_kit.mjs", base, folder=tmp_path)


def test_r(base):
    needed = ["Rscript", "-e", "library(httr); library(xml2)"]
    if not shutil.which("Rscript") or subprocess.run(needed, capture_output=True, check=False).returncode:
        miss("no R with the packages httr and xml2 found (Debian: r-base-core, r-cran-httr, r-cran-xml2)")
    run("Rscript", str(SCRIPTS / "xml_pages.R"), base)


def test_the_document_shows_what_was_run():
    """Each line of code in docs/clients.md stands in a script."""
    scripts = {line.strip() for path in SCRIPTS.iterdir() for line in path.read_text().splitlines()}
    blocks = (ROOT / "docs" / "clients.md").read_text().split("```")[1::2]
    lines = {line.strip() for block in blocks for line in block.splitlines()[1:]} - {""}
    assert len(blocks) >= 5 and lines - scripts == set()
    assert json.loads((SCRIPTS / "package.json").read_text())["dependencies"].keys() == {"fhir-kit-client", "fhirpath"}
