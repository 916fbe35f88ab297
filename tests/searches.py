"""Asking a server over HTTP, for tests of searches."""

from contextlib import contextmanager
from urllib.parse import quote

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.fhir import json
from fhir_registry.ops.open import open_registry

BASE = "http://localhost/fhir"
LENIENT = {"Prefer": "handling=lenient"}


@contextmanager
def served(url, content, *resources):
    """A test client of a server on a database, with these resources stored."""
    registry = open_registry(url, content)
    try:
        client = create_app(Config.from_env({}), registry).test_client()
        if resources:
            store(client, *resources)
        yield client
    finally:
        registry.close()


@contextmanager
def served_fixture(url, content, cases):
    """A test client of a server that holds the outside fixture of searches."""
    with served(url, content) as client:
        submit(client, json.parse((cases / "cases/interop/search_fixture.transaction.json").read_bytes()))
        yield client


def store(client, *resources):
    """Put resources, which have ids, in one transaction."""
    entries = [
        {"resource": r, "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"}} for r in resources
    ]
    submit(client, {"resourceType": "Bundle", "type": "transaction", "entry": entries})


def submit(client, bundle):
    response = client.post("/fhir", data=json.dumps(bundle), content_type="application/fhir+json")
    assert response.status_code == 200, response.text
    return response.get_json()


def get(client, request, status=200, **headers):
    """The JSON that answers a GET of `Type?query`, below the base or absolute."""
    url = request if request.startswith("http") else f"{BASE}/{quote(request, safe='/?&=%+:,$*')}"
    response = client.get(url, headers=headers)
    assert response.status_code == status, response.text
    return response.get_json()


def post(client, path, form, status=200, **headers):
    """The JSON that answers a POST of a form, a dict or the encoded text."""
    response = client.post(
        f"/fhir/{path}", data=form, content_type="application/x-www-form-urlencoded", headers=headers
    )
    assert response.status_code == status, response.text
    return response.get_json()


def ids(bundle, mode="match"):
    """The ids of the entries of a mode, in their order."""
    return [e["resource"]["id"] for e in bundle.get("entry", ()) if e["search"]["mode"] == mode]


def warnings(bundle):
    """What the OperationOutcome of a Bundle says; each is a warning."""
    entries = bundle.get("entry", ())
    issues = [issue for e in entries if e["search"]["mode"] == "outcome" for issue in e["resource"]["issue"]]
    assert {issue["severity"] for issue in issues} <= {"warning"}
    return [issue["diagnostics"] for issue in issues]


def link(bundle, relation):
    """The URL of a link, None when there is none."""
    return next((entry["url"] for entry in bundle["link"] if entry["relation"] == relation), None)


def pages(client, request):
    """All Bundles of a search, by its next links."""
    while request:
        bundle = get(client, request)
        yield bundle
        request = link(bundle, "next")
