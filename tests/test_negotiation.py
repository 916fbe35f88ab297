"""Which format is read and written (https://hl7.org/fhir/R4/http.html#mime-type); ids of the interface checklist."""

import gzip
import json

import pytest
from lxml import etree

from fhir_registry.core.xml import FHIR
from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops.open import open_registry

JSON, XML = "application/fhir+json", "application/fhir+xml"
PATIENT = f"""<Patient xmlns="{FHIR}"><id value="p1"/>
  <extension url="http://x.example/e"><valueDecimal value="1.00"/></extension>
  <name><family value="M&#252;ller"/></name><gender value="male"/>
</Patient>""".encode()
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def client(database, content, tmp_path):
    app = create_app(
        Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path), "FHIR_REGISTRY_MAX_BODY_BYTES": "100000"}),
        open_registry(database, content),
    )
    client = app.test_client()
    assert client.put("/fhir/Patient/p1", data=PATIENT, content_type=XML).status_code == 201
    yield client
    app.extensions["fhir_registry"].close()


def root(response):
    """The root element of an answer in XML; its content type must say so."""
    assert response.content_type == f"{XML}; charset=utf-8", response.data
    return etree.fromstring(response.data)


def name(element):
    return etree.QName(element).localname


def value(element, path):
    return element.find("/".join("{*}" + step for step in path.split("/"))).get("value")


def format_of(response):
    return {f"{JSON}; charset=utf-8": "json", f"{XML}; charset=utf-8": "xml"}[response.content_type]


def test_rest_001_to_007_accept(client):
    wanted = {
        None: "json",
        JSON: "json",
        "application/json": "json",
        "text/json": "json",
        "*/*": "json",
        "application/*": "json",
        "application/fhir+json; fhirVersion=4.0": "json",
        "application/fhir+json;charset=utf-8": "json",
        XML: "xml",
        "application/xml": "xml",
        "text/xml": "xml",
        "Application/FHIR+XML; fhirVersion=4.0; charset=UTF-8": "xml",
        "application/fhir+xml;q=1.0, application/fhir+json;q=1.0, application/xml+fhir;q=0.9, */*;q=0.1": "json",
        "application/fhir+xml;q=1.0, application/fhir+json;q=0.9": "xml",
        "application/fhir+json;q=0.5, application/xml+fhir": "xml",
        "application/json+fhir": "json",
        "application/fhir+json;q=0, */*": "xml",
        "application/fhir+json;fhirVersion=3.0, application/fhir+xml;fhirVersion=4.0": "xml",
        BROWSER: "xml",
    }
    answers = {
        accept: client.get("/fhir/Patient/p1", headers={"Accept": accept} if accept else {}) for accept in wanted
    }
    assert {accept: format_of(response) for accept, response in answers.items()} == wanted
    assert all(response.status_code == 200 and "Accept" in response.vary for response in answers.values())


@pytest.mark.parametrize(
    "accept",
    [
        "application/fhir+json; fhirVersion=3.0",  # REST-004
        "text/plain",  # REST-005
        "application/fhir",
        "text/html",
        "application/fhir+xml; charset=iso-8859-1",
        "application/fhir+json;q=0",
    ],
)
def test_rest_004_005_nothing_that_is_wanted_is_406_in_json(client, accept):
    response = client.get("/fhir/Patient/p1", headers={"Accept": accept})
    assert response.status_code == 406 and format_of(response) == "json"
    assert response.get_json(force=True)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("named", "format"),
    [
        ("json", "json"),
        ("application/json", "json"),
        ("application/fhir%2Bjson", "json"),
        ("application/fhir+json", "json"),  # the + arrives as a space
        ("application/fhir+json;fhirVersion=4.0", "json"),
        ("xml", "xml"),
        ("text/xml", "xml"),
        ("application/xml", "xml"),
        ("application/fhir%2bxml", "xml"),
        ("application/fhir+xml", "xml"),
    ],
)
def test_rest_008_009_format_goes_before_accept(client, named, format):
    for accept in (JSON, XML, "text/plain"):
        assert format_of(client.get(f"/fhir/Patient/p1?_format={named}", headers={"Accept": accept})) == format
        found = client.post(
            "/fhir/Patient/_search", data=f"_id=p1&_format={named}", content_type=FORM, headers={"Accept": accept}
        )
        assert found.status_code == 200 and format_of(found) == format


FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.parametrize("named", ["abc", "html", "text/turtle", "application/fhir%2Bjson;fhirVersion=3.0", ""])
def test_rest_010_another_format_is_406(client, named):
    assert client.get(f"/fhir/Patient/p1?_format={named}").status_code == 406
    found = client.post("/fhir/Patient/_search", data=f"_format={named}", content_type=FORM)
    assert found.status_code == 406 and format_of(found) == "json"


def test_a_format_once_only(client):
    assert client.get("/fhir/Patient/p1?_format=json&_format=json").status_code == 400
    assert client.post("/fhir/Patient/_search?_format=json", data="_format=xml", content_type=FORM).status_code == 400


def test_rest_011_pretty(client):
    pretty = client.get("/fhir/Patient/p1?_format=xml&_pretty=true").data
    compact = client.get("/fhir/Patient/p1?_format=xml").data
    assert b'\n  <id value="p1"/>\n' in pretty and b"\n" not in compact
    canonical = [etree.canonicalize(text.decode(), strip_text=True) for text in (pretty, compact)]
    assert canonical[0] == canonical[1]
    found = client.post("/fhir/Patient/_search", data="_id=p1&_pretty=true", content_type=FORM)
    assert found.data.startswith(b'{\n  "resourceType"')
    refused = client.get("/fhir/Patient/p1?_pretty=abc", headers={"Accept": XML})
    assert refused.status_code == 400 and name(root(refused)) == "OperationOutcome"


def test_rest_012_013_types_of_bodies(client):
    for content_type in ("application/xml", "text/xml", f"{XML}; charset=UTF-8", f"{XML};fhirVersion=4.0"):
        assert client.post("/fhir/Patient", data=PATIENT, content_type=content_type).status_code == 201
    for content_type in (
        None,
        "text/plain",
        f"{XML};fhirVersion=3.0",
        f"{XML};charset=latin-1",
        "application/xml+fhir",
    ):
        assert client.post("/fhir/Patient", data=PATIENT, content_type=content_type).status_code == 415
    assert client.post("/fhir/Patient", data=PATIENT, content_type=JSON).status_code == 400


def test_rest_006_xml_comes_in_and_goes_out(client):
    read = client.get("/fhir/Patient/p1", headers={"Accept": XML})
    patient = root(read)
    assert name(patient) == "Patient" and value(patient, "extension/valueDecimal") == "1.00"  # REST-034
    assert value(patient, "meta/versionId") == "1" and read.headers["ETag"] == 'W/"1"'
    # What was read can be sent back, and is no change.
    again = client.put(
        "/fhir/Patient/p1", data=read.data, content_type=XML, headers={"Accept": XML, "If-Match": 'W/"1"'}
    )
    assert again.status_code == 200 and again.headers["ETag"] == 'W/"1"'
    packed = client.post(
        "/fhir/Patient",
        data=gzip.compress(PATIENT),
        content_type=XML,
        headers={"Content-Encoding": "gzip", "Accept": XML},
    )
    assert packed.status_code == 201 and name(root(packed)) == "Patient"


def test_rest_039_json_comes_out_as_xml_and_back(client):
    patient = {
        "resourceType": "Patient",
        "id": "p2",
        "meta": {"tag": [{"code": "t"}], "profile": ["http://x.example/p"]},
        "contained": [{"resourceType": "Organization", "id": "o", "name": "O"}],
        "_birthDate": {"extension": [{"url": "http://x.example/e", "valueCode": "unknown"}]},
        "managingOrganization": {"reference": "#o"},
    }
    stored = client.put("/fhir/Patient/p2", data=json.dumps(patient), content_type=JSON).get_json(force=True)
    text = client.get("/fhir/Patient/p2", headers={"Accept": XML}).data
    back = client.put("/fhir/Patient/p2", data=text, content_type=XML).get_json(force=True)
    for resource in (stored, back):
        assert resource.pop("meta").items() >= patient["meta"].items()
    assert back == stored and stored["contained"] == patient["contained"]


def test_transactions_searches_histories_and_the_statement_in_xml(client):
    bundle = (
        f'<Bundle xmlns="{FHIR}"><type value="transaction"/><entry>'
        '<fullUrl value="urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"/>'
        f"<resource>{PATIENT.decode().replace(chr(34) + 'p1', chr(34) + 'p3')}</resource>"
        '<request><method value="POST"/><url value="Patient"/></request></entry></Bundle>'
    )
    response = client.post("/fhir", data=bundle.encode(), content_type=XML, headers={"Accept": XML})
    assert response.status_code == 200 and value(root(response), "entry/response/status").startswith("201")
    found = root(client.get("/fhir/Patient?family=mul", headers={"Accept": XML}))
    assert value(found, "type") == "searchset" and len(found.findall("{*}entry/{*}resource/{*}Patient")) == 2
    assert value(root(client.get("/fhir/Patient/p1/_history?_format=xml")), "type") == "history"
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
    ("method", "path", "status"),
    [
        ("GET", "/fhir/Patient/none", 404),
        ("GET", "/fhir/Foo/1", 404),
        ("GET", "/fhir/Patient?foo=1", 400),
        ("GET", "/nothing", 404),
        ("PUT", "/fhir/metadata/x/y", 405),
        ("POST", "/fhir/Patient", 415),
    ],
)
def test_rest_026_errors_are_in_the_format_that_is_wanted(client, method, path, status):
    for headers, query in (({"Accept": XML}, ""), ({}, ("&" if "?" in path else "?") + "_format=xml")):
        response = client.open(path + query, method=method, headers=headers)
        assert response.status_code == status
        assert name(root(response)) == "OperationOutcome" and value(root(response), "issue/severity") == "error"


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
    family = json.dumps({"resourceType": "Patient", "id": "odd", "name": [{"family": "a\uffffb"}]})
    assert client.put("/fhir/Patient/odd", data=family, content_type=JSON).status_code == 201
    response = client.get("/fhir/Patient/odd", headers={"Accept": XML})
    assert response.status_code == 406 and name(root(response)) == "OperationOutcome"
    assert client.get("/fhir/Patient/odd").get_json(force=True)["name"] == [{"family": "a\uffffb"}]
    quoted = client.get("/fhir/Patient?gender=%EF%BF%BF&_sort=%EF%BF%BF", headers={"Accept": XML})
    assert quoted.status_code == 400 and format_of(quoted) == "json"


def test_rest_014_015_018_019_entity_tags_do_not_depend_on_the_format(client):
    for tag in ('W/"1"', '"1"', "1", '"7", W/"1"', "*"):
        unchanged = client.get("/fhir/Patient/p1", headers={"If-None-Match": tag, "Accept": XML})
        assert (unchanged.status_code, unchanged.data) == (304, b"")
        assert unchanged.headers["ETag"] == 'W/"1"' and "Accept" in unchanged.vary
    for method in ("GET", "PUT", "DELETE"):
        header = "If-None-Match" if method == "GET" else "If-Match"
        for garbage in ('garbage"', '"a', '"a" "b"', "a b", "", ",", 'w/"1"'):
            response = client.open(
                "/fhir/Patient/p1",
                method=method,
                data=PATIENT,
                content_type=XML,
                headers={header: garbage, "Accept": XML},
            )
            assert response.status_code == 400, (method, garbage)


def test_rest_025_head(client):
    for path in ("/fhir/Patient/p1", "/fhir/Patient?family=mul", "/fhir/metadata", "/fhir/Patient/none"):
        got, head = (client.open(path, method=method, headers={"Accept": XML}) for method in ("GET", "HEAD"))
        assert head.status_code == got.status_code and head.data == b""
        same = ("Content-Type", "ETag", "Last-Modified", "Vary", "Content-Length")
        assert [head.headers.get(name) for name in same] == [got.headers.get(name) for name in same]


def test_rest_033_forwarded_headers_are_nobodys_word(client):
    forwarded = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Port": "1",
        "Forwarded": "host=evil.example;proto=https",
    }
    created = client.post("/fhir/Patient", data=PATIENT, content_type=XML, headers=forwarded)
    assert created.headers["Location"].startswith("http://localhost/fhir/Patient/")
    found = client.get("/fhir/Patient?_count=1", headers=forwarded)
    assert b"evil" not in found.data and b'"http://localhost/fhir/Patient?' in found.data
