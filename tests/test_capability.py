"""The CapabilityStatement is valid R4, and what it advertises is there."""

import json
import tarfile

import pytest

from fhir_registry.content.registry import load_content
from fhir_registry.core.validate import Validator
from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops.capability import SYSTEM_INTERACTIONS, TYPE_INTERACTIONS
from fhir_registry.ops.open import open_registry

FHIR = "application/fhir+json"
# A value of the right form for each search parameter type.
VALUES = {
    "string": "x",
    "token": "http://s|c",
    "date": "ge2020-01",
    "number": "gt1",
    "quantity": "5|http://unitsofmeasure.org|mg",
    "reference": "Patient/p",
    "uri": "http://x",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    app = create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path_factory.mktemp("data"))}))
    yield app
    app.extensions["fhir_registry"].close()


@pytest.fixture(scope="module")
def client(app):
    return app.test_client()


@pytest.fixture(scope="module")
def statement(client):
    return client.get("/fhir/metadata").get_json(force=True)


@pytest.fixture(scope="module")
def resources(statement):
    return statement["rest"][0]["resource"]


def test_rest_140_it_has_what_clients_require(statement):
    for name in ("status", "date", "kind", "fhirVersion", "format", "software", "implementation", "rest"):
        assert statement[name], name
    assert (statement["kind"], statement["fhirVersion"]) == ("instance", "4.0.1")
    assert statement["implementation"]["url"] == "http://localhost/fhir"


def test_rest_146_it_is_valid_r4(app, statement):
    content = app.extensions["fhir_registry"].content
    assert Validator(content.definitions, content.profiles, content.value_sets).validate(statement) == []


def test_rest_146_no_type_and_no_parameter_twice(resources):
    types = [r["type"] for r in resources]
    assert len(types) == len(set(types)) and {"Patient", "Observation", "Measure"} <= set(types)
    for resource in resources:
        names = [p["name"] for p in resource.get("searchParam", ())]
        assert len(names) == len(set(names)), resource["type"]


def test_rest_144_tag(client):
    etag = client.get("/fhir/metadata").headers["ETag"]
    assert client.get("/fhir/metadata", headers={"If-None-Match": etag}).status_code == 304


def test_every_worker_process_has_the_same_tag(tmp_path):
    seen = []
    for clock in (1_700_000_000_000_000, 1_800_000_000_000_000):
        config = Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path)})
        registry = open_registry(config.database, load_content(), clock=lambda clock=clock: clock)
        response = create_app(config, registry).test_client().get("/fhir/metadata")
        seen.append((response.headers["ETag"], response.get_json(force=True)["date"]))
        registry.close()
    assert seen[0][0] == seen[1][0] and seen[0][1] != seen[1][1]


def test_rest_141_every_search_parameter_is_answered(client, resources):
    for resource in resources:
        for parameter in resource.get("searchParam", ()):
            query = {parameter["name"]: "true" if parameter["name"] == "active" else VALUES[parameter["type"]]}
            response = client.get(f"/fhir/{resource['type']}", query_string=query)
            assert response.status_code == 200, (resource["type"], query, response.text)
            assert response.get_json(force=True)["type"] == "searchset"


def test_rest_141_every_type_is_routed(client, resources):
    for resource in resources:
        assert {i["code"] for i in resource["interaction"]} == set(TYPE_INTERACTIONS)
        path = f"/fhir/{resource['type']}"
        for tail in ("/none", "/none/_history", "/none/_history/1"):
            response = client.get(path + tail)
            assert response.status_code == 404, path + tail
            assert response.get_json(force=True)["issue"][0]["code"] == "not-found", path + tail
        assert client.delete(f"{path}/none").status_code == 204


def test_rest_141_every_interaction_on_the_official_examples(client, cases, resources):
    seen = set()
    with tarfile.open(cases / "data" / "r4-examples" / "valid.tar.gz") as archive:
        for member in archive:
            if not member.name.endswith(".json"):
                continue
            text = archive.extractfile(member).read()
            type = json.loads(text).get("resourceType")
            if type in seen or type not in {r["type"] for r in resources}:
                continue
            if live_through(client, type, text):
                seen.add(type)
    assert len(seen) > 30


def live_through(client, type, text):
    """create, read, vread, update, history-instance, search-type, delete; False for what is no valid resource."""
    created = client.post(f"/fhir/{type}", data=text, content_type=FHIR)
    if created.status_code == 400:
        return False
    assert created.status_code == 201, (type, created.text)
    body = created.get_json(force=True)
    path = f"/fhir/{type}/{body['id']}"
    assert client.get(path).status_code == 200
    assert client.get(created.headers["Location"]).status_code == 200
    changed = body | {"language": "fr" if body.get("language") != "fr" else "de"}
    assert client.put(path, data=json.dumps(changed), content_type=FHIR).status_code == 200, type
    assert client.get(f"{path}/_history").get_json(force=True)["total"] == 2
    assert client.get(f"/fhir/{type}?_id={body['id']}").get_json(force=True)["total"] == 1
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 410
    return True


@pytest.mark.parametrize("code", SYSTEM_INTERACTIONS)
def test_rest_141_system_interactions(client, statement, code):
    assert code in {i["code"] for i in statement["rest"][0]["interaction"]}
    bundle = {"resourceType": "Bundle", "type": code, "entry": [{"request": {"method": "GET", "url": "Patient?_id=x"}}]}
    response = client.post("/fhir", data=json.dumps(bundle), content_type=FHIR)
    assert response.status_code == 200 and response.get_json(force=True)["type"] == f"{code}-response"


def test_rest_141_operations(client, resources):
    measure = next(r for r in resources if r["type"] == "Measure")
    assert [o["name"] for o in measure["operation"]] == ["evaluate-measure", "table"]
    study = next(r for r in resources if r["type"] == "ResearchStudy")
    assert [o["name"] for o in study["operation"]] == ["findings", "table"]
    assert client.get("/fhir/ResearchStudy/halaven/$findings").get_json(force=True)["total"] == 0
    ids = ["faslodex-injections", "faslodex-prior-therapies", "halaven-dcr", "lipusu-her2-os"]
    documentation = measure["operation"][0]["documentation"]
    for id in ids:
        assert id in documentation
        # 422: nobody is in this registry.
        assert client.get(f"/fhir/Measure/{id}/$evaluate-measure").status_code == 422


def test_profiles_that_are_held_are_advertised(app, resources):
    held = {p["url"] for r in app.extensions["fhir_registry"].content.resources for p in [r] if "url" in p}
    for resource in resources:
        for url in resource.get("supportedProfile", ()):
            assert url in held
