"""_summary and _elements of one resource, over HTTP (https://hl7.org/fhir/R4/http.html#parameters)."""

import json

import pytest
from lxml import etree

from fhir_registry.core.subset import SUBSETTED
from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops.open import open_registry

FHIR = "application/fhir+json"
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'},
    "gender": "male",
    "maritalStatus": {"text": "m"},
}


@pytest.fixture
def client(prepared, content, tmp_path):
    registry = open_registry(prepared, content)
    client = create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path)}), registry).test_client()
    assert put(client, PATIENT).status_code == 201
    yield client
    registry.close()


def put(client, resource):
    return client.put(f"/fhir/Patient/{resource['id']}", data=json.dumps(resource), content_type=FHIR)


@pytest.mark.parametrize(
    ("query", "members"),
    [
        ("_summary=true", {"gender"}),  # https://hl7.org/fhir/R4/patient.html: maritalStatus has no flag Σ
        ("_summary=text", {"text"}),
        ("_summary=data", {"gender", "maritalStatus"}),
        ("_elements=id,gender", {"gender"}),
        ("_elements=Patient.maritalStatus", {"maritalStatus"}),
    ],
)
@pytest.mark.parametrize("path", ["Patient/p1", "Patient/p1/_history/1"])
# REST-040
def test_rest_040_part_of_a_resource(client, path, query, members):
    response = client.get(f"/fhir/{path}?{query}")
    part = response.get_json(force=True)
    assert part.keys() == {"resourceType", "id", "meta"} | members
    assert part["meta"]["tag"] == [SUBSETTED] and part["meta"]["versionId"] == "1"
    assert response.headers["ETag"] == 'W/"1"'
    unchanged = client.get(f"/fhir/{path}?{query}", headers={"If-None-Match": 'W/"1"'})
    assert unchanged.status_code == 304
    # REST-040: what is not whole must not replace the whole.
    refused = put(client, part)
    assert refused.status_code == 422
    assert refused.get_json(force=True)["issue"][0]["expression"] == ["Patient.meta.tag"]
    assert client.get("/fhir/Patient/p1").headers["ETag"] == 'W/"1"'


# REST-040
def test_rest_040_also_in_a_transaction(client):
    part = client.get("/fhir/Patient/p1?_summary=text").get_json(force=True)
    entry = {"resource": part, "request": {"method": "PUT", "url": "Patient/p1"}}
    for kind, status in (("transaction", 422), ("batch", 200)):
        response = client.post(
            "/fhir", data=json.dumps({"resourceType": "Bundle", "type": kind, "entry": [entry]}), content_type=FHIR
        )
        assert response.status_code == status
    assert response.get_json(force=True)["entry"][0]["response"]["status"].startswith("422")


def test_the_whole_is_answered_as_it_is_stored(client):
    whole = client.get("/fhir/Patient/p1").data
    for query in ("_summary=false", "_summary=", "_elements="):
        assert client.get(f"/fhir/Patient/p1?{query}").data == whole


def test_a_part_in_xml(client):
    part = etree.fromstring(client.get("/fhir/Patient/p1?_elements=gender&_format=xml").data)
    assert [etree.QName(child).localname for child in part] == ["id", "meta", "gender"]


@pytest.mark.parametrize(
    "query",
    ["_elements=foo", "_elements=gender,foo", "_summary=xyz", "_summary=count", "_elements=id&_summary=text", "x=1"],
)
def test_p15_p17_what_cannot_be_honoured_is_refused(client, query):
    response = client.get(f"/fhir/Patient/p1?{query}", headers={"Prefer": "handling=lenient"})
    assert response.status_code == 400
    assert response.get_json(force=True)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("path", ["Patient/p1/_history", "Patient/_history"])
def test_parts_of_versions(client, path):
    put(client, PATIENT | {"gender": "female"})
    page = etree.fromstring(client.get(f"/fhir/{path}?_count=1&_elements=gender&_format=xml").data)
    assert shown(page) == [("2", "female")]
    # The link leads to the rest in the same form.
    (following,) = page.xpath("*[local-name()='link'][*[@value='next']]/*[local-name()='url']/@value")
    assert shown(etree.fromstring(client.get(following).data)) == [("1", "male")]


def shown(bundle):
    """[(version, gender)] of a Bundle of Patients (element), which must have nothing else that is their own."""
    patients = list(bundle.iter("{*}Patient"))
    for patient in patients:
        assert [etree.QName(child).localname for child in patient] == ["id", "meta", "gender"]
        assert patient.find("{*}meta/{*}tag/{*}code").get("value") == "SUBSETTED"
    return [tuple(p.find(path).get("value") for path in ("{*}meta/{*}versionId", "{*}gender")) for p in patients]


def test_parts_of_all_versions_may_be_of_any_type(client):
    bundle = client.get("/fhir/_history?_count=1&_elements=Observation.code,gender").get_json(force=True)
    assert bundle["entry"][0]["resource"].keys() == {"resourceType", "id", "meta", "gender"}
    refused = client.get("/fhir/_history?_elements=foo")
    assert refused.status_code == 400 and "any type" in refused.get_json(force=True)["issue"][0]["diagnostics"]


def test_a_page_is_whole(client):
    report = {
        "resourceType": "MeasureReport",
        "id": "r",
        "status": "complete",
        "type": "summary",
        "measure": "http://x.example/m",
        "period": {"start": "2020", "end": "2021"},
    }
    assert client.put("/fhir/MeasureReport/r", data=json.dumps(report), content_type=FHIR).status_code == 201
    assert client.get("/fhir/MeasureReport/r?_format=html").content_type.startswith("text/html")
    assert client.get("/fhir/MeasureReport/r?_format=html&_summary=true").status_code == 400
