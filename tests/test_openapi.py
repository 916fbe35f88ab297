"""The OpenAPI document is valid, and says what the server does."""

import re

import openapi_spec_validator
import pytest
from conftest import ROOT

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """On one database: nothing here is read from it."""
    app = create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path_factory.mktemp("data"))}))
    yield app
    app.extensions["fhir_registry"].close()


@pytest.fixture(scope="module")
def document(app):
    response = app.test_client().get("/fhir/openapi.json")
    assert response.status_code == 200 and response.mimetype == "application/json"
    return response.get_json()


def test_it_is_openapi_3_1(document):
    assert document["openapi"] == "3.1.0" and document["servers"] == [{"url": "http://localhost/fhir"}]
    openapi_spec_validator.validate(document)


def test_it_holds_what_the_capability_statement_advertises(app, document):
    rest = app.test_client().get("/fhir/metadata").get_json(force=True)["rest"][0]
    shared = document["components"]["parameters"]
    for resource in rest["resource"]:
        type = resource["type"]
        search = document["paths"][f"/{type}"]["get"]["parameters"]
        names = {shared[p["$ref"].rpartition("/")[2]]["name"] for p in search}
        assert names >= {p["name"] for p in resource["searchParam"]}, type
        for operation in resource.get("operation", ()):
            assert f"/{type}/{{id}}/${operation['name']}" in document["paths"]
        assert set(document["paths"][f"/{type}/{{id}}"]) == {"get", "put", "patch", "delete"}


def test_every_path_and_method_is_routed(app, document):
    """Whatever the answer is, it is not that there is no such method or route."""
    router = app.url_map.bind("localhost")
    values = {"{id}": "a", "{version}": "1", "{type}": "Observation"}
    for path, verbs in document["paths"].items():
        for name, value in values.items():
            path = path.replace(name, value)
        for verb in verbs:
            endpoint, _ = router.match(f"/fhir{path}".rstrip("/"), method=verb.upper())
            assert "refuse" not in endpoint, (verb, path)


def test_every_route_is_in_it(app, document):
    """But those that refuse; of routes for any type, as it is for Patient."""
    names = {"<id>": "{id}", "<version>": "{version}", "<target>": "{type}"}
    for rule in app.url_map.iter_rules():
        place = rule.rule.removeprefix("/fhir")
        if ".refuse" in rule.endpoint or place == rule.rule or place.endswith("/$evaluate"):
            continue
        for name, value in names.items():
            place = place.replace(name, value)
        group = re.search(r"<any\((.*)\):type>|<type>", place)
        types = re.split(", *", group[1]) if group and group[1] else ["Patient"]
        for type in types:
            path = place.replace(group[0], type) if group else place
            missing = {m.lower() for m in rule.methods} - {"head", "options"} - set(document["paths"][path or "/"])
            assert not missing, path


def headers_of(document, path, verb):
    shared = document["components"]["parameters"]
    told = (shared[p["$ref"].rpartition("/")[2]] for p in document["paths"][path][verb]["parameters"] if "$ref" in p)
    return {parameter["name"] for parameter in told if parameter["in"] == "header"}


READS, WRITES = {"If-None-Match", "If-Modified-Since"}, {"Prefer", "X-Provenance"}
HEADERS = {
    ("/", "get"): {"Prefer"},
    ("/", "post"): WRITES,
    ("/_search", "post"): {"Prefer"},
    ("/_history", "get"): set(),
    ("/metadata", "get"): {"If-None-Match"},
    ("/openapi.json", "get"): {"If-None-Match"},
    ("/$import", "post"): WRITES,
    ("/Patient", "get"): {"Prefer"},
    ("/Patient", "post"): WRITES | {"If-None-Exist"},
    ("/Patient", "put"): WRITES | {"If-Match", "If-None-Match"},
    ("/Patient", "patch"): WRITES | {"If-Match"},
    ("/Patient", "delete"): {"If-Match", "X-Provenance"},
    ("/Patient/_search", "post"): {"Prefer"},
    ("/Patient/{id}", "get"): READS,
    ("/Patient/{id}", "put"): WRITES | {"If-Match", "If-None-Match"},
    ("/Patient/{id}", "patch"): WRITES | {"If-Match"},
    ("/Patient/{id}", "delete"): {"If-Match", "X-Provenance"},
    ("/Patient/{id}/_history/{version}", "get"): READS,
    ("/Patient/{id}/$everything", "get"): set(),
    ("/Patient/{id}/{type}", "get"): {"Prefer"},
    ("/Patient/{id}/_search", "post"): {"Prefer"},
    ("/Measure/{id}/$evaluate-measure", "get"): {"Prefer"},
}


@pytest.mark.parametrize(("path", "verb"), HEADERS)
def test_headers_that_are_understood(document, path, verb):
    """By the routes, as docs/http.md says; `Prefer` of a search is handling=lenient."""
    assert headers_of(document, path, verb) == HEADERS[path, verb] | {"X-Request-Id"}


def test_the_headers_are_those_of_the_documentation(document):
    section = (ROOT / "docs" / "http.md").read_text().partition("## Headers of a request")[2].partition("\n## ")[0]
    shared = document["components"]["parameters"].values()
    assert set(re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE)) == {
        parameter["name"] for parameter in shared if parameter["in"] == "header"
    }


def test_media_types_are_those_of_the_statement(app, document):
    statement = app.test_client().get("/fhir/metadata").get_json(force=True)
    bodies = document["components"]["requestBodies"]
    assert set(bodies["Patch"]["content"]) == set(statement["patchFormat"])
    assert set(bodies["Patient"]["content"]) <= set(statement["format"])


def test_tag(app):
    client = app.test_client()
    etag = client.get("/fhir/openapi.json").headers["ETag"]
    assert client.get("/fhir/openapi.json", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("parameter", ["foo=1", "_format=xml"])
def test_it_has_no_parameters(app, parameter):
    assert app.test_client().get(f"/fhir/openapi.json?{parameter}").status_code == 400
