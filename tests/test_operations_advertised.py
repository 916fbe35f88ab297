"""Each operation that /metadata advertises is served and defined, and no other is served (REST-141)."""

import json

import pytest
from least_resource import least_resource

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config

FHIR = "application/fhir+json"


@pytest.fixture
def app(registry, tmp_path):
    return create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path)}), registry)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def rest(client):
    return client.get("/fhir/metadata").get_json(force=True)["rest"][0]


def test_every_operation(registry, client, rest):
    for type in ("Patient", "Encounter"):
        resource = least_resource(registry.content.definitions, type) | {"id": "operated"}
        assert client.put(f"/fhir/{type}/operated", data=json.dumps(resource), content_type=FHIR).status_code == 201
    calls = {
        ("Measure", "evaluate-measure"): ("halaven-dcr", [], 422),  # nobody is in this registry
        ("Measure", "table"): ("halaven-dcr", [("table", "adsl")], 200),
        ("ResearchStudy", "table"): ("halaven", [("table", "adsl")], 200),
        ("ResearchStudy", "findings"): ("halaven", [], 200),
        ("Patient", "everything"): ("operated", [], 200),
        ("Encounter", "everything"): ("operated", [], 200),
        ("Patient", "erase"): ("operated", [], 400),  # without a reason
    }
    advertised = {(r["type"], o["name"]) for r in rest["resource"] for o in r.get("operation", ())}
    assert advertised == set(calls)
    for (type, name), (id, pairs, status) in calls.items():
        path = f"/fhir/{type}/{id}/${name}"
        parameters = [{"name": n, "valueCode": value} for n, value in pairs]
        posted = json.dumps({"resourceType": "Parameters"} | ({"parameter": parameters} if parameters else {}))
        changes = name == "erase"
        for response in (
            *([] if changes else [client.get(path, query_string=pairs, buffered=True)]),
            client.post(path, data=dict(pairs), buffered=True),
            client.post(path, data=posted, content_type=FHIR, buffered=True),
        ):
            assert response.status_code == status, (type, name, response.text)


def test_operations_of_the_system(client, rest):
    assert [operation["name"] for operation in rest["operation"]] == ["import"]
    line = b'{"resourceType": "Patient"}'
    headers = {"Prefer": "respond-async"}
    response = client.post("/fhir/$import", data=line, content_type="application/fhir+ndjson", headers=headers)
    assert response.status_code == 202, response.text


def test_no_other_operation_is_served(app, rest):
    router = app.url_map.bind("localhost")
    system = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/fhir/$")}
    assert {rule for rule in system if "$job" not in rule} == {"/fhir/$import"}
    names = {rule.rule.rpartition("/$")[2] for rule in app.url_map.iter_rules() if "/$" in rule.rule}
    for resource in rest["resource"]:
        paths = {n: f"/fhir/{resource['type']}/a/${n}" for n in names}
        served = {n for n, path in paths.items() if router.allowed_methods(path)}
        assert served - {"evaluate"} == {o["name"] for o in resource.get("operation", ())}, resource["type"]


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
CHANGING = ("erase", "import")  # R4, operations: only what does not change a thing may be asked by GET


def test_another_method_of_an_operation_is_405_with_allow(client, rest):
    """R4, http: 405 for a method that this path does not have; also before it is looked whether there is such an id."""
    paths = {f"/fhir/${each['name']}": each["name"] for each in rest["operation"]}
    for resource in rest["resource"]:
        for each in resource.get("operation", ()):
            paths[f"/fhir/{resource['type']}/nobody/${each['name']}"] = each["name"]
    assert len(paths) == 8
    for path, name in paths.items():
        served = {"POST"} if name in CHANGING else {"GET", "HEAD", "POST"}
        for method in METHODS - served:
            refused = client.open(path, method=method)
            assert refused.status_code == 405, (method, path, refused.text)
            assert set(refused.headers["Allow"].split(", ")) == served | {"OPTIONS"}
            if method != "HEAD":
                (issue,) = json.loads(refused.data)["issue"]
                assert issue["code"] == "not-supported" and "POST" in issue["diagnostics"]
        assert set(client.options(path).headers["Allow"].split(", ")) == served | {"OPTIONS"}


@pytest.mark.parametrize(
    "path",
    [
        "$export",
        "Patient/$everything",
        "Patient/$nothing",
        "Group/a/$everything",
        "Group/a/$erase",
        "Patient/a/$import",
    ],
)
def test_what_is_no_operation_is_404_by_any_method(client, path):
    for method in METHODS - {"HEAD"}:
        refused = client.open(f"/fhir/{path}", method=method)
        assert refused.status_code == 404, (method, refused.text)
        (issue,) = json.loads(refused.data)["issue"]
        assert issue["code"] == "not-supported" and path.rpartition("/")[2] in issue["diagnostics"]


def test_every_operation_is_defined(client, rest):
    """Its OperationDefinition can be read here, under the canonical that is advertised or as one that constrains it."""
    held = [
        entry["resource"] for entry in client.get("/fhir/OperationDefinition?_count=100").get_json(force=True)["entry"]
    ]
    for operation in rest["operation"]:
        (definition,) = (d for d in held if operation["definition"] == d["url"])
        assert (definition["code"], definition["system"]) == (operation["name"], True)
    for resource in rest["resource"]:
        for operation in resource.get("operation", ()):
            (definition,) = (d for d in held if operation["definition"] in (d.get("url"), d.get("base")))
            assert (definition["code"], definition["instance"]) == (operation["name"], True)
            assert resource["type"] in definition["resource"]
