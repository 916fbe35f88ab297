"""What /metadata advertises is served, and what is served is advertised; generated from the statement (REST-141)."""

import json

import pytest
from least_resource import least_resource

from fhir_registry.core.query_hints import MODIFIERS
from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops.open import open_registry

FHIR = "application/fhir+json"
TREE, SET = "http://a.example/tree", "http://a.example/set"
TERMINOLOGY = (
    {
        "resourceType": "CodeSystem",
        "id": "tree",
        "url": TREE,
        "status": "active",
        "content": "complete",
        "hierarchyMeaning": "is-a",
        "concept": [{"code": "a", "concept": [{"code": "b"}]}],
    },
    {
        "resourceType": "ValueSet",
        "id": "set",
        "url": SET,
        "status": "active",
        "compose": {"include": [{"system": TREE}]},
    },
)
# A value of the right form for each search parameter type, and for each modifier.
VALUES = {
    "string": "x",
    "token": f"{TREE}|a",
    "date": "ge2020-01",
    "number": "gt1",
    "quantity": "5|http://unitsofmeasure.org|mg",
    "reference": "Patient/p",
    "uri": "http://a.example/x",
}
MODIFIED = {
    ("reference", "identifier"): "http://a.example|v",
    ("token", "in"): SET,
    ("token", "not-in"): SET,
    ("token", "of-type"): "http://a.example|MR|1",
    ("token", "text"): "x",
    ("reference", "text"): "x",
}
# https://hl7.org/fhir/R4/search.html#modifiers, and one that nobody knows
ALL_MODIFIERS = {
    "above", "below", "contains", "exact", "identifier", "in", "nonsense", "not", "not-in", "of-type", "text",
}  # fmt: skip
OF_SOME_VALUES = {"identifier", "of-type", "text"}  # served where values of the parameter can have it
HIERARCHY = {"above", "below"}
AT_ONCE = 40  # parameters in one request


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def app(request, new_database, content, tmp_path_factory):
    registry = open_registry(new_database(request.param), content)
    config = Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path_factory.mktemp("data"))})
    yield create_app(config, registry)
    registry.close()


@pytest.fixture(scope="module")
def client(app):
    client = app.test_client()
    for resource in TERMINOLOGY:
        put(client, resource)
    return client


@pytest.fixture(scope="module")
def rest(client):
    return client.get("/fhir/metadata").get_json(force=True)["rest"][0]


def put(client, resource):
    path = f"/fhir/{resource['resourceType']}/{resource['id']}"
    assert client.put(path, data=json.dumps(resource), content_type=FHIR).status_code in (200, 201)
    return path


def found(response):
    assert response.status_code == 200, response.text[:1000]
    bundle = response.get_json(force=True)
    assert bundle["type"] == "searchset"
    assert not [e for e in bundle.get("entry", ()) if e["search"]["mode"] == "outcome"], response.text[:1000]
    return bundle


def search(client, type, pairs, always=()):
    """POST _search of (name, value) pairs, some at a time, with those of `always`; answered without a warning."""
    for start in range(0, len(pairs), AT_ONCE):
        data = {}
        for name, value in [*pairs[start : start + AT_ONCE], ("_count", "1"), *always]:
            data.setdefault(name, []).append(value)
        found(client.post(f"/fhir/{type}/_search", data=data))


def value_of(param):
    if param.type == "composite":
        return "$".join(VALUES[part.type] for part in param.alternatives[0].components)
    return "x" if param.code == "_id" else VALUES[param.type]


# --- interactions -----------------------------------------------------------------------------------


def test_every_interaction_of_every_type(app, client, rest):
    content = app.extensions["fhir_registry"].content
    for resource in rest["resource"]:
        type = resource["type"]
        lived = live_through(client, type, least_resource(content.definitions, type))
        assert lived == {i["code"] for i in resource["interaction"]}, type
        assert resource["versioning"] == "versioned" and resource["readHistory"] and resource["updateCreate"]
        assert resource["conditionalCreate"] and resource["conditionalUpdate"]
        assert (resource["conditionalRead"], resource["conditionalDelete"]) == ("full-support", "single")


def live_through(client, type, resource):
    """The codes of the interactions that a resource of this type has lived through, conditional ones too."""
    path = f"/fhir/{type}"
    created = client.post(path, data=json.dumps(resource), content_type=FHIR)
    assert created.status_code == 201, (type, created.text)
    body = created.get_json(force=True)
    criteria = f"_id={body['id']}"
    one, same = f"{path}/{body['id']}", f"{path}?{criteria}"
    read = client.get(one)
    assert read.status_code == 200
    assert client.get(one, headers={"If-None-Match": read.headers["ETag"]}).status_code == 304
    assert client.get(created.headers["Location"]).status_code == 200
    assert client.get(one, headers={"Accept": "application/fhir+xml"}).data.startswith(b"<")
    body["language"] = "fr"
    assert client.put(one, data=json.dumps(body), content_type=FHIR).status_code == 200
    body["language"] = "de"
    assert client.put(same, data=json.dumps(body), content_type=FHIR).status_code == 200
    patch = [{"op": "replace", "path": "/language", "value": "en"}]
    patched = client.patch(one, data=json.dumps(patch), content_type="application/json-patch+json")
    assert patched.get_json(force=True)["language"] == "en", type
    again = client.post(path, data=json.dumps(resource), content_type=FHIR, headers={"If-None-Exist": criteria})
    assert again.status_code == 200
    assert client.get(f"{one}/_history").get_json(force=True)["total"] == 4
    assert len(client.get(f"{path}/_history?_count=4").get_json(force=True)["entry"]) == 4
    assert found(client.get(same))["total"] == 1
    assert client.delete(same).status_code == 204
    assert client.get(one).status_code == 410
    back = client.put(f"{path}/of-client", data=json.dumps(resource | {"id": "of-client"}), content_type=FHIR)
    assert back.status_code == 201
    assert client.delete(f"{path}/of-client").status_code == 204
    return {
        "create", "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "search-type",
    }  # fmt: skip


def test_every_interaction_of_the_system(client, rest):
    tried = set()
    for code in ("batch", "transaction"):
        get = {"request": {"method": "GET", "url": "Patient?_id=x"}}
        bundle = {"resourceType": "Bundle", "type": code, "entry": [get]}
        response = client.post("/fhir", data=json.dumps(bundle), content_type=FHIR)
        assert response.get_json(force=True)["type"] == f"{code}-response"
        tried.add(code)
    found(client.get("/fhir?_type=Patient,Observation&_id=x"))
    assert client.get("/fhir/_history?_count=1").get_json(force=True)["type"] == "history"
    assert tried | {"search-system", "history-system"} == {i["code"] for i in rest["interaction"]}


def test_every_patch_format(client):
    statement = client.get("/fhir/metadata").get_json(force=True)
    path = put(client, {"resourceType": "Patient", "id": "patched"})
    parts = [
        {"name": "type", "valueCode": "add"},
        {"name": "path", "valueString": "Patient"},
        {"name": "name", "valueString": "language"},
        {"name": "value", "valueCode": "fr"},
    ]
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    xml = (
        '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>'
        '<part><name value="type"/><valueCode value="delete"/></part>'
        '<part><name value="path"/><valueString value="Patient.language"/></part></parameter></Parameters>'
    )
    bodies = {
        "application/fhir+json": (json.dumps(parameters), "fr"),
        "application/fhir+xml": (xml, None),
        "application/json-patch+json": ('[{"op":"add","path":"/language","value":"de"}]', "de"),
        "application/merge-patch+json": ('{"language":"en"}', "en"),
    }
    assert set(bodies) == set(statement["patchFormat"])
    for media, (body, language) in bodies.items():
        response = client.patch(path, data=body, content_type=media)
        assert response.status_code == 200, response.text
        assert response.get_json(force=True).get("language") == language, media


def test_every_format(client):
    formats = client.get("/fhir/metadata").get_json(force=True)["format"]
    assert set(formats) == {"json", "xml", "application/fhir+json", "application/fhir+xml"}
    for format in formats:
        for path in ("metadata", "Patient", "CodeSystem/tree", "CodeSystem/tree/_history"):
            response = client.get(f"/fhir/{path}", query_string={"_format": format})
            assert response.mimetype == ("application/fhir+xml" if "xml" in format else FHIR), path


# --- search -----------------------------------------------------------------------------------------


def test_every_search_parameter(app, client, rest):
    compiled = app.extensions["fhir_registry"].content.search_params
    for resource in rest["resource"]:
        type = resource["type"]
        params = {param.code: param for param in compiled[type]}
        advertised = {p["name"]: (p["definition"], p["type"]) for p in resource["searchParam"]}
        assert advertised == {code: (param.url, param.type) for code, param in params.items()}, type
        simple = [param for param in params.values() if param.type != "composite"]
        search(client, type, [(code, value_of(param)) for code, param in params.items()])
        search(client, type, [(f"{param.code}:missing", "true") for param in simple])


def test_what_is_not_advertised_is_refused(app, client, rest):
    """What the standard defines and this server does not search for, by name."""
    refused = set()
    compiled = app.extensions["fhir_registry"].content.search_params
    for resource in rest["resource"]:
        advertised = {p["name"] for p in resource["searchParam"]}
        for code in compiled.unindexed(resource["type"]).keys() - advertised:
            response = client.get(f"/fhir/{resource['type']}?{code}=x")
            assert response.status_code == 400, (resource["type"], code)
            refused.add(code)
    assert {"_text", "_content", "near"} <= refused


def test_every_modifier_is_served_or_refused(app, client, rest):
    """:above and :below of references depend on the types that they name: see test_modifiers_of_references."""
    compiled = app.extensions["fhir_registry"].content.search_params
    for kind, names in MODIFIERS.items():
        assert f"{kind} {' '.join(f':{name}' for name in names)}" in rest["documentation"]
    one_of_each = {param.type: param for param in compiled["Observation"] if not param.code.startswith("_")}
    for resource in rest["resource"]:
        type, pairs = resource["type"], []
        for param in compiled[type]:
            served = modifiers_of(param)
            pairs += [(f"{param.code}:{name}", modified_value(param, name)) for name in sorted(served)]
            if param in one_of_each.values():
                for name in ALL_MODIFIERS - served - (HIERARCHY if param.type == "reference" else set()):
                    response = client.get(f"/fhir/{type}?{param.code}:{name}={TREE}|a")
                    assert response.status_code == 400, (param.code, name)
        search(client, type, pairs)


def modifiers_of(param):
    """Names of the modifiers that are served for a SearchParam, but :missing and those of hierarchies of references."""
    if param.code in ("_id", "_lastUpdated"):
        return {"not"} if param.code == "_id" else set()
    names = set(MODIFIERS.get(param.type, ())) - OF_SOME_VALUES - {"[type]"}
    if param.type == "reference":
        names = names - HIERARCHY | {(*param.targets, "Patient")[0]}
    return names | {suffix.removeprefix(":") for suffix in param.derived}


def modified_value(param, name):
    return MODIFIED.get((param.type, name), "p" if name[0].isupper() else value_of(param))


@pytest.mark.parametrize("criterion", ["Location?partof:below=a", "Organization?partof:above=a,b"])
def test_modifiers_of_references(client, criterion):
    found(client.get(f"/fhir/{criterion}"))


def test_every_include(app, client, rest):
    definitions = app.extensions["fhir_registry"].content.definitions
    types = [resource["type"] for resource in rest["resource"]]
    entries = [
        {"resource": least_resource(definitions, t) | {"id": "i"}, "request": {"method": "PUT", "url": f"{t}/i"}}
        for t in types
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    assert client.post("/fhir", data=json.dumps(bundle), content_type=FHIR).status_code == 200
    done = set()
    for resource in rest["resource"]:
        type = resource["type"]
        pairs = [("_include", value) for value in resource["searchInclude"]]
        pairs += [("_revinclude", value) for value in resource["searchRevInclude"]]
        # What names resources of any type is looked for once, and parsed for each.
        search(client, type, [pair for pair in pairs if pair not in done])
        search(client, type, [pair for pair in pairs if pair in done], [("_id", "none")])
        done.update(pairs)


def test_every_parameter_of_all_types(client, rest):
    assert {"_id", "_lastUpdated", "_profile", "_security", "_source", "_tag"} == {
        p["name"] for p in rest["searchParam"]
    }
    for param in rest["searchParam"]:
        found(client.get("/fhir", query_string={param["name"]: VALUES[param["type"]], "_count": "1"}))
    for name, value in (("_has:Observation:subject:code", "x"), ("_list", "a")):
        assert name.partition(":")[0] in rest["documentation"]
        found(client.get("/fhir/Patient", query_string={name: value}))


def test_every_result_parameter(client, rest):
    values = {
        "_count": "1",
        "_sort": "-_lastUpdated,_id",
        "_total": "accurate",
        "_summary": "true",
        "_elements": "url",
        "_include": "CodeSystem:supplements",
        "_revinclude": "List:item",
    }
    for name, value in values.items():
        assert name in rest["documentation"]
        assert found(client.get("/fhir/CodeSystem", query_string={"_id": "tree", name: value}))["entry"]
    assert "_explain" in rest["documentation"]
    assert client.get("/fhir/CodeSystem?_id=tree&_explain=true").get_json(force=True)["resourceType"] == "Parameters"


def test_every_compartment(client, rest):
    for canonical in rest["compartment"]:
        name = canonical.rpartition("/")[2]
        type = name[0].upper() + name[1:]
        path = put(client, {"resourceType": type, "id": "c"} | COMPARTMENT_ROOTS.get(type, {}))
        assert [e["resource"]["id"] for e in found(client.get(f"{path}/{type}"))["entry"]] == ["c"]
        assert found(client.get(f"{path}/*"))["entry"]
    assert len(rest["compartment"]) == 5


COMPARTMENT_ROOTS = {
    "Encounter": {"status": "planned", "class": {"code": "AMB"}},
    "RelatedPerson": {"patient": {"reference": "Patient/c"}},
}
