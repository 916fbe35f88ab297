"""Which format is read and written (https://hl7.org/fhir/R4/http.html#mime-type); ids of the interface checklist."""

import gzip

import pytest
from lxml import etree
from xml_answers import name, root, value

from fhir_registry.core.xml import FHIR
from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops.open import open_registry

JSON, XML = "application/fhir+json", "application/fhir+xml"
PATIENT = f"""<Patient xmlns="{FHIR}"><id value="p1"/>
  <extension url="http://x.example/e"><valueDecimal value="1.00"/></extension>
  <name><family value="M&#252;ller"/></name><gender value="male"/>
</Patient>""".encode()
FORM = "application/x-www-form-urlencoded; charset=utf-8"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content, tmp_path_factory):
    registry = open_registry(new_database(request.param), content)
    settings = {"DATA_DIR": str(tmp_path_factory.mktemp("data")), "MAX_BODY_BYTES": "100000"}
    config = Config.from_env({f"FHIR_REGISTRY_{name}": value for name, value in settings.items()})
    client = create_app(config, registry).test_client()
    assert client.put("/fhir/Patient/p1", data=PATIENT, content_type=XML).status_code == 201
    yield client
    registry.close()


def format_of(response):
    return {f"{JSON}; charset=utf-8": "json", f"{XML}; charset=utf-8": "xml"}[response.content_type]


# REST-001 to REST-007
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
        "application/fhir+xml;q=0, application/fhir+json;q=0.3, */*": "json",
        "application/fhir+json;fhirVersion=3.0, application/fhir+xml;fhirVersion=4.0": "xml",
        BROWSER: "xml",
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2": "json",  # java.net.HttpURLConnection
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
# REST-004, REST-005
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
# REST-008, REST-009
def test_rest_008_009_format_goes_before_accept(client, named, format):
    for accept in (JSON, XML, "text/plain"):
        assert format_of(client.get(f"/fhir/Patient/p1?_format={named}", headers={"Accept": accept})) == format
        found = client.post(
            "/fhir/Patient/_search", data=f"_id=p1&_format={named}", content_type=FORM, headers={"Accept": accept}
        )
        assert found.status_code == 200 and format_of(found) == format


@pytest.mark.parametrize("named", ["abc", "html", "text/turtle", "application/fhir%2Bjson;fhirVersion=3.0"])
# REST-010
def test_rest_010_another_format_is_406(client, named):
    assert client.get(f"/fhir/Patient/p1?_format={named}").status_code == 406
    found = client.post("/fhir/Patient/_search", data=f"_format={named}", content_type=FORM)
    assert found.status_code == 406 and format_of(found) == "json"


def test_a_format_once_only(client):
    assert client.get("/fhir/Patient/p1?_format=json&_format=json").status_code == 400
    assert client.post("/fhir/Patient/_search?_format=json", data="_format=xml", content_type=FORM).status_code == 400


# REST-009, REST-011
def test_without_a_value_they_say_nothing(client):
    found = client.get("/fhir/Patient/p1?_format=&_pretty=", headers={"Accept": XML})
    assert format_of(found) == "xml" and found.status_code == 200
    found = client.post("/fhir/Patient/_search?_format=xml", data="_id=p1&_format=", content_type=FORM)
    assert format_of(found) == "xml" and found.status_code == 200


# REST-011
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


# REST-012, REST-013
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


# REST-006
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
    # Also when it came in XML and has more in its meta.
    tagged = PATIENT.replace(b'"p1"/>', b'"p9"/><meta><tag><code value="t"/></tag></meta>')
    assert client.put("/fhir/Patient/p9", data=tagged, content_type=XML).status_code == 201
    read = client.get("/fhir/Patient/p9", headers={"Accept": XML})
    again = client.put("/fhir/Patient/p9", data=read.data, content_type=XML)
    assert value(root(read), "meta/tag/code") == "t" and again.headers["ETag"] == 'W/"1"'
    packed = client.post(
        "/fhir/Patient",
        data=gzip.compress(PATIENT),
        content_type=XML,
        headers={"Content-Encoding": "gzip", "Accept": XML},
    )
    assert packed.status_code == 201 and name(root(packed)) == "Patient"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/fhir/Patient/none", 404),
        ("GET", "/fhir/Foo/1", 404),
        ("GET", "/fhir/Patient?foo=1", 400),
        ("GET", "/nothing", 404),
        ("PUT", "/fhir/Patient/x/y", 405),
        ("POST", "/fhir/Patient", 415),
    ],
)
# REST-026
def test_rest_026_errors_are_in_the_format_that_is_wanted(client, method, path, status):
    for headers, query in (({"Accept": XML}, ""), ({}, ("&" if "?" in path else "?") + "_format=xml")):
        response = client.open(path + query, method=method, headers=headers)
        assert response.status_code == status
        assert name(root(response)) == "OperationOutcome" and value(root(response), "issue/severity") == "error"


# REST-014, REST-015, REST-018, REST-019
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


# REST-025
def test_rest_025_head(client):
    for path in ("/fhir/Patient/p1", "/fhir/Patient?family=mul", "/fhir/metadata", "/fhir/Patient/none"):
        got, head = (client.open(path, method=method, headers={"Accept": XML}) for method in ("GET", "HEAD"))
        assert head.status_code == got.status_code and head.data == b""
        same = ("Content-Type", "ETag", "Last-Modified", "Vary", "Content-Length")
        assert [head.headers.get(name) for name in same] == [got.headers.get(name) for name in same]


# REST-033
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
