"""Bodies in JSON and XML come in and go out (https://hl7.org/fhir/R4/http.html#mime-type)."""

import gzip
import json

import pytest
from xml_answers import name, root, value

from fhir_registry.core.xml import FHIR
from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops.open import open_registry

JSON, XML = "application/fhir+json", "application/fhir+xml"
PATIENT = f'<Patient xmlns="{FHIR}"><name><family value="{{}}"/></name><gender value="male"/></Patient>'


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content, tmp_path_factory):
    registry = open_registry(new_database(request.param), content)
    settings = {"DATA_DIR": str(tmp_path_factory.mktemp("data")), "MAX_BODY_BYTES": "100000"}
    config = Config.from_env({f"FHIR_REGISTRY_{name}": value for name, value in settings.items()})
    yield create_app(config, registry).test_client()
    registry.close()


def put(client, resource):
    return client.put(
        f"/fhir/{resource['resourceType']}/{resource['id']}", data=json.dumps(resource), content_type=JSON
    )


# REST-034
def test_decimals_keep_their_digits_in_both_formats(client):
    literals = ("1.00", "0.1234567890123456789", "1.0e2", "-0", "12345678901234567890")
    for position, literal in enumerate(literals):
        text = (
            f'{{"resourceType":"Observation","id":"d{position}","status":"final","code":{{"text":"c"}},'
            f'"valueQuantity":{{"value":{literal}}}}}'
        )
        assert client.put(f"/fhir/Observation/d{position}", data=text, content_type=JSON).status_code == 201
        read = client.get(f"/fhir/Observation/d{position}")
        assert f'"value":{literal}'.encode() in read.data
        as_xml = client.get(f"/fhir/Observation/d{position}", headers={"Accept": XML})
        assert value(root(as_xml), "valueQuantity/value") == literal
        again = client.put(f"/fhir/Observation/d{position}", data=as_xml.data, content_type=XML)
        assert f'"value":{literal}'.encode() in again.data
    too_large = client.post("/fhir/Observation", data=text.replace(literal, "1e400"), content_type=JSON)
    assert too_large.status_code == 400


@pytest.mark.parametrize(
    ("members", "where"),
    [
        # REST-035
        ({"name": []}, "Patient.name"),
        ({"text": {}}, "Patient.text"),
        ({"gender": None}, "Patient.gender"),
        ({"name": [{"family": ""}]}, "Patient.name[0].family"),
        # REST-036
        ({"gendre": "male"}, "Patient.gendre"),
        ({"active": "true"}, "Patient.active"),
        ({"birthDate": 1960}, "Patient.birthDate"),
        ({"resourceType": "Observation"}, "Patient.resourceType"),
    ],
)
def test_wrong_members_are_400_and_named(client, members, where):
    body = json.dumps({"resourceType": "Patient", **members})
    for accept in (JSON, XML):
        response = client.post("/fhir/Patient", data=body, content_type=JSON, headers={"Accept": accept})
        assert response.status_code == 400
        if accept == JSON:
            issues = response.get_json(force=True)["issue"]
            assert any(expression.startswith(where) for issue in issues for expression in issue["expression"])
        else:
            assert value(root(response), "issue/expression").startswith(where)


# REST-038
def test_a_byte_order_mark_is_read_over(client):
    for content_type, text in ((JSON, '{"resourceType":"Patient"}'), (XML, f'<Patient xmlns="{FHIR}"/>')):
        response = client.post("/fhir/Patient", data=text.encode("utf-8-sig"), content_type=content_type)
        assert response.status_code == 201, content_type
        assert client.post("/fhir/Patient", data=text.encode("utf-16"), content_type=content_type).status_code == 400


# REST-039
def test_rest_039_json_comes_out_as_xml_and_back(client):
    patient = {
        "resourceType": "Patient",
        "id": "p2",
        "meta": {"tag": [{"code": "t"}], "profile": ["http://x.example/p"]},
        "contained": [{"resourceType": "Organization", "id": "o", "name": "O"}],
        "_birthDate": {"extension": [{"url": "http://x.example/e", "valueCode": "unknown"}]},
        "managingOrganization": {"reference": "#o"},
    }
    stored = put(client, patient).get_json(force=True)
    text = client.get("/fhir/Patient/p2", headers={"Accept": XML}).data
    back = client.put("/fhir/Patient/p2", data=text, content_type=XML).get_json(force=True)
    for resource in (stored, back):
        assert resource.pop("meta").items() >= patient["meta"].items()
    assert back == stored and stored["contained"] == patient["contained"]


def test_transactions_searches_histories_and_the_statement_in_xml(client):
    bundle = (
        f'<Bundle xmlns="{FHIR}"><type value="transaction"/><entry>'
        '<fullUrl value="urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"/>'
        f"<resource>{PATIENT.format('Zwei')}</resource>"
        '<request><method value="POST"/><url value="Patient"/></request></entry></Bundle>'
    )
    response = client.post("/fhir", data=bundle.encode(), content_type=XML, headers={"Accept": XML})
    assert response.status_code == 200 and value(root(response), "entry/response/status").startswith("201")
    found = root(client.get("/fhir/Patient?family=zwei", headers={"Accept": XML}))
    assert value(found, "type") == "searchset" and len(found.findall("{*}entry/{*}resource/{*}Patient")) == 1
    (id,) = found.findall("{*}entry/{*}resource/{*}Patient/{*}id")
    history = client.get(f"/fhir/Patient/{id.get('value')}/_history?_format=xml")
    assert value(root(history), "type") == "history"
    assert value(root(client.get("/fhir/metadata", headers={"Accept": XML})), "fhirVersion") == "4.0.1"


def test_parameters_of_an_operation_in_xml(client):
    parameter = '<parameter><name value="{}"/><valueDate value="2020-01-01"/></parameter>'
    body = f'<Parameters xmlns="{FHIR}">{parameter}</Parameters>'
    url = "/fhir/Measure/halaven-dcr/$evaluate-measure"
    refused = client.post(url, data=body.format("periodStarts").encode(), content_type=XML, headers={"Accept": XML})
    assert refused.status_code == 400 and "periodStarts" in value(root(refused), "issue/diagnostics")
    evaluated = client.post(url, data=body.format("periodEnd").encode(), content_type=XML, headers={"Accept": XML})
    assert evaluated.status_code == 422 and name(root(evaluated)) == "OperationOutcome"  # nobody is stored


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", None),
        (b"  ", None),
        (b"{}", None),
        (b"<Patient", None),
        (b"\xff\xfe<\0P\0", None),
        (f'<!DOCTYPE P [<!ENTITY a "b">]><Patient xmlns="{FHIR}"/>'.encode(), None),
        (f'<Patient xmlns="{FHIR}"><gendre value="male"/></Patient>'.encode(), "Patient.gendre"),
        (f'<Patient xmlns="{FHIR}"><gender value="man"/></Patient>'.encode(), "Patient.gender"),
        (f'<Observation xmlns="{FHIR}"/>'.encode(), "Observation.status"),
    ],
)
# REST-037
def test_rest_037_bodies_that_are_no_resource_are_400(client, body, where):
    for path in ("/fhir/Patient", "/fhir"):
        response = client.post(path, data=body, content_type=XML, headers={"Accept": XML})
        assert response.status_code == 400 and name(root(response)) == "OperationOutcome"
    if where and where.startswith("Patient"):
        response = client.post("/fhir/Patient", data=body, content_type=XML, headers={"Accept": XML})
        assert value(root(response), "issue/expression") == where


def test_large_bodies_are_413(client):
    bomb = gzip.compress(b"<" * 200_000)
    response = client.post("/fhir", data=bomb, content_type=XML, headers={"Content-Encoding": "gzip", "Accept": XML})
    assert response.status_code == 413 and name(root(response)) == "OperationOutcome"


def test_what_xml_cannot_hold_is_406_in_json(client):
    assert put(client, {"resourceType": "Patient", "id": "odd", "name": [{"family": "a\uffffb"}]}).status_code == 201
    response = client.get("/fhir/Patient/odd", headers={"Accept": XML})
    assert response.status_code == 406 and name(root(response)) == "OperationOutcome"
    assert client.get("/fhir/Patient/odd").get_json(force=True)["name"] == [{"family": "a\uffffb"}]
    quoted = client.get("/fhir/Patient?gender=%EF%BF%BF&_sort=%EF%BF%BF", headers={"Accept": XML})
    assert quoted.status_code == 400 and quoted.get_json(force=True)["resourceType"] == "OperationOutcome"
