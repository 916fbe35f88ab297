"""OperationOutcome.issue.expression says which element or parameter is wrong (docs/http.md, Errors)."""

import pytest

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import Issue, at_parameter, error

FHIR = "application/fhir+json"
EVALUATE, EVERYTHING, ERASE = "Measure/halaven-dcr/$evaluate-measure", "Patient/p/$everything", "Patient/p/$erase"
TABLE, FINDINGS = "Measure/halaven-dcr/$table", "ResearchStudy/halaven/$findings"
PATIENT = {"resourceType": "Patient", "id": "p", "active": True}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    app = create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path_factory.mktemp("data"))}))
    client = app.test_client()
    assert client.put("/fhir/Patient/p", data=json.dumps(PATIENT), content_type=FHIR).status_code == 201
    yield client
    app.extensions["fhir_registry"].close()


def issue(response, status=400):
    assert response.status_code == status, response.text
    return json.parse(response.data)["issue"][0]


def parameters(**named):
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name, "valueString": value} for name, value in named.items()],
    }


IN_URL = {
    "Patient?nam=x": "nam",
    "Patient?name:foo=x": "name",
    "Patient?birthdate=soon": "birthdate",
    "Patient?name=a%5Cb": "name",
    "Patient?organization.nam=x": "organization.nam",
    "Patient?_has:Observation:patient:colour=x": "_has",
    "Observation?code:in=http://nowhere.example/vs": "code",
    "Patient?_lastUpdated=x": "_lastUpdated",
    "Patient?_count=x": "_count",
    "Patient?_count=1&_count=2": "_count",
    "Patient?_sort=colour": "_sort",
    "Patient?_elements=colour": "_elements",
    "Patient?_summary=most": "_summary",
    "Patient?_total=some": "_total",
    "Patient?_include=Patient:colour": "_include",
    "Patient?_include:twice=Patient:organization": "_include",
    "Patient?_cursor=x": "_cursor",
    "Patient?_pretty=x": "_pretty",
    "?_type=Nothing": "_type",
    "Patient/p?colour=x": "colour",
    "Patient/p?_elements=colour": "_elements",
    "Patient/p/_history?_since=x": "_since",
    "Patient/p/_history?_at=x": "_at",
    "Patient/p/_history?colour=x": "colour",
    "metadata?mode=x": "mode",
    "openapi.json?colour=x": "colour",
    f"{EVERYTHING}?start=x": "start",
    f"{EVERYTHING}?_type=Nothing": "_type",
    f"{EVERYTHING}?colour=x": "colour",
    f"{EVALUATE}?periodStart=x": "periodStart",
    f"{EVALUATE}?periodEnd=x": "periodEnd",
    f"{EVALUATE}?periodStart=2025&periodEnd=2024": "periodStart",
    f"{EVALUATE}?reportType=x": "reportType",
    f"{EVALUATE}?reportType=individual": "subject",
    f"{EVALUATE}?colour=x": "colour",
    TABLE: "table",
    f"{TABLE}?table=x": "table",
    f"{TABLE}?table=adtte&periodEnd=x": "periodEnd",
    f"{FINDINGS}?rule=x": "rule",
    f"{FINDINGS}?periodEnd=x": "periodEnd",
}


@pytest.mark.parametrize("path", IN_URL)
def test_a_parameter_of_a_url_is_at_http_and_its_name(client, path):
    assert issue(client.get(f"/fhir/{path}"))["expression"] == [f"http.{IN_URL[path]}"]


@pytest.mark.parametrize("path", ["Patient?_format=x", f"{TABLE}?table=adtte&_format=x"])
def test_a_format_that_is_not_offered_is_at_its_parameter(client, path):
    assert issue(client.get(f"/fhir/{path}"), 406)["expression"] == ["http._format"]


@pytest.mark.parametrize(
    ("path", "sent", "status", "place"),
    [
        (EVALUATE, parameters(reportType="summary", periodEnd="x"), 400, "Parameters.parameter[1]"),
        (EVALUATE, parameters(colour="x"), 400, "Parameters.parameter[0]"),
        (EVALUATE, parameters(subject="Patient/none"), 404, "Parameters.parameter[0]"),
        (EVALUATE, parameters(reportType="individual"), 400, "Parameters.parameter"),  # the subject is missing
        (f"{EVALUATE}?periodEnd=x", parameters(reportType="summary"), 400, "http.periodEnd"),
        (EVERYTHING, parameters(start="x"), 400, "Parameters.parameter[0]"),
        (ERASE, parameters(by="me", reason="x"), 400, "Parameters.parameter[1]"),
        (ERASE, parameters(by="me"), 400, "Parameters.parameter"),
        (FINDINGS, parameters(rule="x"), 400, "Parameters.parameter[0]"),
        (TABLE, parameters(table="x"), 400, "Parameters.parameter[0]"),
    ],
)
def test_a_parameter_of_a_body_is_at_its_place_in_it(client, path, sent, status, place):
    response = client.post(f"/fhir/{path}", data=json.dumps(sent), content_type=FHIR)
    assert issue(response, status)["expression"] == [place]


def test_a_parameter_of_a_form_is_as_one_of_a_url(client):
    for path, name in ((EVALUATE, "periodEnd"), ("Patient/_search", "birthdate")):
        assert issue(client.post(f"/fhir/{path}", data={name: "x"}))["expression"] == [f"http.{name}"]


def test_a_warning_has_a_place_too(client):
    answer = client.get("/fhir/Patient?colour=x&_count=5000", headers={"Prefer": "handling=lenient"})
    outcome = json.parse(answer.data)["entry"][-1]["resource"]
    assert [each["expression"] for each in outcome["issue"]] == [["http.colour"], ["http._count"]]


@pytest.mark.parametrize(
    ("method", "url", "more", "place"),
    [
        ("GET", "Patient?nam=x", {}, "url"),
        ("PUT", "Patient?nam=x", {}, "url"),
        ("DELETE", "Patient?nam=x", {}, "url"),
        ("POST", "Patient", {"ifNoneExist": "nam=x"}, "ifNoneExist"),
    ],
)
def test_a_condition_of_a_bundle_is_at_its_place_in_it(client, method, url, more, place):
    resource = {"resource": {"resourceType": "Patient"}} if method in ("PUT", "POST") else {}
    entry = {"request": {"method": method, "url": url, **more}, **resource}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    response = client.post("/fhir", data=json.dumps(bundle), content_type=FHIR)
    assert issue(response)["expression"] == [f"Bundle.entry[0].request.{place}"]


def test_a_condition_of_a_request_is_at_its_parameter(client):
    body, headers = json.dumps({"resourceType": "Patient"}), {"If-None-Exist": "nam=x"}
    for response in (
        client.delete("/fhir/Patient?nam=x"),
        client.put("/fhir/Patient?nam=x", data=body, content_type=FHIR),
        client.post("/fhir/Patient", data=body, content_type=FHIR, headers=headers),
    ):
        assert issue(response)["expression"] == ["http.nam"]


def test_what_is_around_a_parameter_tells_more_than_its_name():
    with pytest.raises(Exception) as raised, at_parameter("code:in"), at_parameter("url"):
        raise error("bad-request", "value", "no")
    assert [each.expression for each in raised.value.issues] == ["http.code"]
    assert Issue("error", "value", "no", "http.code").prefixed("Bundle.entry[0]").expression == "Bundle.entry[0]"
    at_element = error("bad-request", "value", "no", "Patient.name").located("X")
    assert at_element.issues[0].expression == "Patient.name"


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_a_header_is_named(client, header):
    put = client.put("/fhir/Patient/p", data=json.dumps(PATIENT), content_type=FHIR, headers={header: "a b"})
    assert issue(put)["diagnostics"].startswith(f"{header} is 'a b', not a list of entity tags")


def test_a_patch_of_another_format_is_told_those_of_patches(client):
    xml = client.patch("/fhir/Patient/p", data=b"<diff/>", content_type="application/xml-patch+xml")
    assert issue(xml, 415)["diagnostics"].startswith("A patch is not read from application/xml-patch+xml, but from")


@pytest.mark.parametrize("value", [True, {"a": None}, [True]])
def test_a_value_is_shown_as_json(client, value):
    patient = {"resourceType": "Patient", "id": "p", "contained": [{"resourceType": value}]}
    said = issue(client.put("/fhir/Patient/p", data=json.dumps(patient), content_type=FHIR))["diagnostics"]
    assert said == f"Patient.contained[0].resourceType: {json.dumps(value).decode()} is not a resource type"
