"""A MeasureReport as a page over HTTP: who gets it, and what it may do in a browser."""

import base64
import hashlib
import json
import re

import pytest
from page_report import REPORT

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.examples import Example
from fhir_registry.fhir.json import dumps
from fhir_registry.ops import ingest

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
EVALUATE = "/fhir/Measure/halaven-dcr/$evaluate-measure?periodEnd=2017-12-31"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    app = create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path_factory.mktemp("data"))}))
    registry = app.extensions["fhir_registry"]
    for bundle in Example("halaven", 10, seed=20).bundles():
        ingest.bundle(registry, 1, json.loads(dumps(bundle)), "https://server.example/fhir")
    client = app.test_client()
    stored = client.put("/fhir/MeasureReport/os", data=dumps(REPORT), content_type="application/fhir+json")
    assert stored.status_code == 201, stored.get_data(as_text=True)
    yield client
    registry.close()


@pytest.mark.parametrize(
    "accept",
    [
        BROWSER,
        "text/html",
        "text/*",
        "text/html;q=0.5",
        "text/html, application/fhir+json;q=0.9",
        "*/*;q=0.1,text/html",
    ],
)
@pytest.mark.parametrize("path", ["/fhir/MeasureReport/os", "/fhir/MeasureReport/os/_history/1", EVALUATE])
def test_a_browser_gets_a_page(client, path, accept):
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8" and "Accept" in response.vary
    assert response.get_data(as_text=True).startswith("<!DOCTYPE html>\n")


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        "application/fhir+json",
        "application/json, text/html",
        "application/fhir+json, text/html;q=0.9",
        "text/html;q=0, */*",
        "text/html; fhirVersion=3.0, application/fhir+json",
    ],
)
@pytest.mark.parametrize("path", ["/fhir/MeasureReport/os", EVALUATE])
def test_a_client_gets_json(client, path, accept):
    response = client.get(path, headers={} if accept is None else {"Accept": accept})
    assert response.content_type == "application/fhir+json; charset=utf-8"
    assert response.get_json(force=True)["resourceType"] == "MeasureReport" and "Accept" in response.vary


@pytest.mark.parametrize("value", ["html", "text/html"])
def test_a_format_in_the_url_decides(client, value):
    json_only = {"Accept": "application/fhir+json"}
    response = client.get(f"/fhir/MeasureReport/os?_format={value}", headers=json_only)
    assert response.content_type.startswith("text/html")
    response = client.get("/fhir/MeasureReport/os?_format=json", headers={"Accept": BROWSER})
    assert response.content_type.startswith("application/fhir+json")
    twice = client.get(f"/fhir/MeasureReport/os?_format={value}&_format={value}")
    assert twice.status_code == 400 and "once" in twice.get_data(as_text=True)


def test_there_are_pages_of_reports_only(client):
    assert client.get("/fhir/Patient/p?_format=html").status_code == 406
    assert client.get("/fhir/MeasureReport?_format=html").status_code == 406
    assert client.get("/fhir/MeasureReport/os/_history?_format=html").status_code == 406
    # What a browser likes best of the rest is XML.
    response = client.get("/fhir/MeasureReport", headers={"Accept": BROWSER})
    assert response.content_type.startswith("application/fhir+xml")


def test_an_error_is_an_outcome_for_a_browser_too(client):
    response = client.get("/fhir/MeasureReport/none", headers={"Accept": BROWSER})
    assert response.status_code == 404
    assert response.get_json(force=True)["resourceType"] == "OperationOutcome"
    response = client.get("/fhir/MeasureReport/os?surprise=1", headers={"Accept": BROWSER})
    assert response.status_code == 400


def test_the_page_may_load_and_run_nothing(client):
    response = client.get("/fhir/MeasureReport/os", headers={"Accept": BROWSER})
    html = response.get_data(as_text=True)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; ")
    assert "unsafe" not in policy and "script-src" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in html and "http-equiv" not in html and " style=" not in html
    assert "@import" not in style and "url(" not in style


def test_a_page_is_always_new(client):
    """It changes with the server's version, which no entity tag of a resource tells."""
    response = client.get("/fhir/MeasureReport/os", headers={"Accept": BROWSER, "If-None-Match": 'W/"1"'})
    assert response.status_code == 200 and "ETag" not in response.headers
    response = client.get("/fhir/MeasureReport/os", headers={"If-None-Match": 'W/"1"'})
    assert response.status_code == 304 and "Accept" in response.vary


def test_the_measure_and_the_populations_are_told(client):
    html = client.get("/fhir/MeasureReport/os", headers={"Accept": BROWSER}).get_data(as_text=True)
    assert "<h1>Overall survival over five years</h1>" in html and "MeasureReport/os, version 1" in html
    assert "Analysed patients of whom a date that matters was partial or missing and has been imputed." in html
    html = client.get(EVALUATE, headers={"Accept": BROWSER}).get_data(as_text=True)
    assert "<h1>Disease control rate over 24 months</h1>" in html
