"""The CapabilityStatement is valid R4 for everybody who reads it, the same for every process, and can be shortened."""

import json

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.terminologycapabilities import TerminologyCapabilities
from fhirclient.models.capabilitystatement import CapabilityStatement as ClientStatement

from fhir_registry.content.registry import load_content
from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops.open import open_registry


@pytest.fixture
def app(registry, tmp_path):
    return create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path)}), registry)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def statement(client):
    return client.get("/fhir/metadata").get_json(force=True)


def test_it_has_what_clients_require(statement):  # REST-140
    for name in ("status", "date", "kind", "fhirVersion", "format", "patchFormat", "software", "implementation"):
        assert statement[name], name
    assert (statement["kind"], statement["fhirVersion"]) == ("instance", "4.0.1")
    assert statement["implementation"]["url"] == "http://localhost/fhir"
    (rest,) = statement["rest"]
    assert rest["mode"] == "server"
    for name in ("documentation", "security", "resource", "interaction", "searchParam", "compartment"):
        assert rest[name], name


def test_each_type_says_what_it_has(statement):  # REST-142
    patient = next(r for r in statement["rest"][0]["resource"] if r["type"] == "Patient")
    assert patient["profile"] == "http://hl7.org/fhir/StructureDefinition/Patient"
    assert patient["referencePolicy"] == ["literal", "logical"]
    assert {
        "name": "birthdate",
        "definition": "http://hl7.org/fhir/SearchParameter/individual-birthdate",
        "type": "date",
    } in patient["searchParam"]
    assert "Patient:general-practitioner" in patient["searchInclude"]
    assert "Observation:subject" in patient["searchRevInclude"]
    assert "Observation:encounter" not in patient["searchRevInclude"]
    assert {o["name"]: o["definition"] for o in patient["operation"]} == {
        "erase": "https://registry.example/OperationDefinition/patient-erase",
        "everything": "http://hl7.org/fhir/OperationDefinition/Patient-everything",
    }


def test_parameters_of_two_values(statement):  # REST-142
    observation = next(r for r in statement["rest"][0]["resource"] if r["type"] == "Observation")
    kinds = {p["name"]: p["type"] for p in observation["searchParam"]}
    assert kinds["code-value-quantity"] == "composite"
    assert {"_id", "_lastUpdated", "_profile", "_security", "_source", "_tag"} <= kinds.keys()


def test_profiles_that_are_held(registry, statement):  # REST-142
    held = {r["url"] for r in registry.content.resources if "url" in r}
    supported = [url for r in statement["rest"][0]["resource"] for url in r.get("supportedProfile", ())]
    assert supported and held.issuperset(supported)


def test_without_access_control_it_says_so(client, statement):
    security = statement["rest"][0]["security"]
    assert security == {"description": "There is no access control: the server is for its own machine."}
    assert client.get("/fhir/openapi.json").get_json()["security"] == [{}]


def test_tag(client):  # REST-144
    etag = client.get("/fhir/metadata").headers["ETag"]
    assert client.get("/fhir/metadata", headers={"If-None-Match": etag}).status_code == 304
    assert client.get("/fhir/metadata", headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_terminology(client, statement):  # REST-145
    terminology = client.get("/fhir/metadata?mode=terminology").get_json(force=True)
    assert terminology["resourceType"] == "TerminologyCapabilities"
    assert "https://registry.example/CodeSystem/drug" in {s["uri"] for s in terminology["codeSystem"]}
    assert client.get("/fhir/metadata?mode=full").get_json(force=True)["rest"] == statement["rest"]
    refused = client.get("/fhir/metadata?mode=normative")
    assert refused.status_code == 400 and "terminology" in refused.text


def test_shorter(client, statement):  # REST-145
    """Elements of the summary: https://hl7.org/fhir/R4/capabilitystatement.html, flag Σ."""
    short = client.get("/fhir/metadata?_summary=true").get_json(force=True)
    assert short["fhirVersion"] == "4.0.1" and len(json.dumps(short)) < len(json.dumps(statement))
    assert "documentation" in statement["rest"][0] and "referencePolicy" not in short["rest"][0]["resource"][0]
    one = client.get("/fhir/metadata?_elements=fhirVersion").get_json(force=True)
    assert "rest" not in one and one["fhirVersion"] == "4.0.1"
    for each in (short, one):
        assert [tag["code"] for tag in each["meta"]["tag"]] == ["SUBSETTED"]


@pytest.mark.parametrize("mode", ["full", "terminology"])
def test_it_is_valid_r4(registry, client, mode):  # REST-146
    statement = client.get(f"/fhir/metadata?mode={mode}").get_json(force=True)
    assert registry.validator.validate(statement) == []
    model = CapabilityStatement if mode == "full" else TerminologyCapabilities
    assert model.model_validate(statement).status == "active"


def test_strict_models_of_fhirclient_read_it(statement):  # REST-146
    read = ClientStatement(statement, strict=True)
    assert read.fhirVersion == "4.0.1" and read.as_json()["rest"] == statement["rest"]


def test_no_type_and_no_parameter_twice(statement):  # REST-146
    """Invariants cpb-9 and cpb-12."""
    resources = statement["rest"][0]["resource"]
    types = [r["type"] for r in resources]
    assert len(types) == len(set(types)) and {"Patient", "Observation", "Measure"} <= set(types)
    for resource in resources:
        for element in ("searchParam", "operation"):
            names = [each["name"] for each in resource.get(element, ())]
            assert len(names) == len(set(names)), resource["type"]


def test_the_measures_that_can_be_evaluated_are_named(statement):
    measure = next(r for r in statement["rest"][0]["resource"] if r["type"] == "Measure")
    documentation = next(o["documentation"] for o in measure["operation"] if o["name"] == "evaluate-measure")
    for id in ("faslodex-injections", "faslodex-prior-therapies", "halaven-dcr", "lipusu-her2-os"):
        assert id in documentation


def test_every_worker_process_has_the_same_tag(tmp_path):
    seen = []
    for clock in (1_700_000_000_000_000, 1_800_000_000_000_000):
        config = Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path)})
        registry = open_registry(config.database, load_content(), clock=lambda clock=clock: clock)
        client = create_app(config, registry).test_client()
        statement, document = client.get("/fhir/metadata"), client.get("/fhir/openapi.json")
        seen.append((statement.headers["ETag"], document.headers["ETag"], statement.get_json(force=True)["date"]))
        registry.close()
    assert seen[0][:2] == seen[1][:2] and seen[0][2] != seen[1][2]
