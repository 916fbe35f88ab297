"""Methods of a path, and pages of other origins (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

import pytest
from rest_client import issue, patient, serving

PAGE = "https://tool.hospital.example"
ASKING = {"Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "if-match, content-type"}
EXPOSED = {"ETag", "Location", "Content-Location", "Last-Modified", "X-Request-Id", "Retry-After", "X-Progress"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def rest(request, new_database):
    with serving(new_database(request.param)) as opened:
        yield opened


def names(header):
    return {name.strip() for name in header.split(",")}


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1", "https://[::1]:8443"])
def test_rest_032_a_page_of_this_machine(rest, origin):
    """REST-032: preflights are answered on every path, and pages see the headers they need."""
    for path in ("Patient", "Patient/1", "Patient/1/_history", "", "_history", "Foo", "Patient/1/2/3/4"):
        response = rest.send("OPTIONS", path, Origin=origin, **ASKING)
        assert (response.status_code, response.data) == (204, b"")
        assert response.headers["Access-Control-Allow-Origin"] == origin
        assert names(response.headers["Access-Control-Allow-Methods"]) >= {"PUT", "PATCH", "DELETE", "HEAD"}
        assert names(response.headers["Access-Control-Allow-Headers"]) >= {"If-Match", "Content-Type", "If-None-Exist"}
    for response in (rest.post(patient(), Origin=origin), rest.get("Foo", Origin=origin)):
        assert response.headers["Access-Control-Allow-Origin"] == origin
        assert names(response.headers["Access-Control-Expose-Headers"]) >= EXPOSED
        assert "Origin" in names(response.headers["Vary"])


@pytest.mark.parametrize("origin", [PAGE, "null", "http://localhost.evil.example", "http://127.0.0.1.evil.example"])
def test_other_pages_are_not_let_in(rest, origin):
    for response in (rest.get("Patient", Origin=origin), rest.send("OPTIONS", "Patient", Origin=origin, **ASKING)):
        assert not [name for name, _ in response.headers if name.startswith("Access-Control")]
        assert "Origin" in names(response.headers["Vary"])
    assert rest.get("metadata", Origin=origin).headers["Access-Control-Allow-Origin"] == "*"


def test_requests_of_no_page_are_as_ever(rest):
    response = rest.get("Patient")
    assert response.status_code == 200
    assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [("*", {PAGE: "*", "null": "*"}), (f"{PAGE}, loopback", {PAGE: PAGE, "http://localhost": "http://localhost"}),
     ("none", {PAGE: None, "http://localhost": None})],
)  # fmt: skip
def test_origins_are_configured(new_database, setting, allowed):
    with serving(new_database("sqlite"), CORS_ORIGINS=setting) as rest:
        for origin, expected in allowed.items():
            response = rest.get("Patient", Origin=origin)
            assert response.headers.get("Access-Control-Allow-Origin") == expected


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("Patient", {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}),
        ("Patient/1", {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"}),
        ("Patient/1/_history", {"GET", "HEAD", "OPTIONS"}),
        ("Patient/1/_history/1", {"GET", "HEAD", "OPTIONS"}),
        ("Patient/_history", {"GET", "HEAD", "OPTIONS"}),
        ("_history", {"GET", "HEAD", "OPTIONS"}),
        ("metadata", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_rest_032_options_and_405_name_the_methods(rest, path, methods):
    """REST-032: OPTIONS tells what a path answers, and so does a 405."""
    response = rest.send("OPTIONS", path)
    assert response.status_code == 200 and response.data == b""
    assert names(response.headers["Allow"]) == methods
    refused = rest.send("TRACE", path)
    assert refused.status_code == 405 and names(refused.headers["Allow"]) >= methods and issue(refused)


@pytest.mark.parametrize(
    "path", ["Patient?_id=h", "Patient/h", "Patient/h/_history", "Patient/h/_history/1", "_history"]
)
def test_rest_025_head_of_every_get(rest, path):
    """REST-025: the headers of GET, without a body."""
    rest.put(patient(id="h"))
    head, get = rest.send("HEAD", path), rest.get(path)
    assert (head.status_code, head.data) == (200, b"")
    skipped = ("X-Request-Id",)
    assert [pair for pair in head.headers if pair[0] not in skipped] == [p for p in get.headers if p[0] not in skipped]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "metadata", "GET"),
        ("DELETE", "openapi.json", "GET"),
        ("POST", "_history", "GET"),
        ("PUT", "_search", "POST"),
        ("DELETE", "Patient/_history", "GET"),
        ("GET", "Patient/_search", "POST"),
        ("PUT", "Patient/_search", "POST"),
        ("DELETE", "Patient/1/_search", "POST"),
    ],
)
def test_rest_026_another_method_on_what_is_no_type_and_no_id(rest, method, path, allowed):
    """REST-026: 405 with Allow, not that `_history` were an unknown type or a bad id."""
    refused = rest.send(method, path)
    assert refused.status_code == 405 and issue(refused)
    assert allowed in names(refused.headers["Allow"]) and method not in names(refused.headers["Allow"])
