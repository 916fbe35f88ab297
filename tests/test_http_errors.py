"""Every error is an OperationOutcome, on every path, also over a real socket (https://hl7.org/fhir/R4/http.html#ops)."""

import gzip
import io
import json
import logging
import tracemalloc
from urllib.parse import quote

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from own_server import exchange

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.edges.demo import start_server, stop_server, wait_until_ready

FHIR, XML = "application/fhir+json", "application/fhir+xml"
PATIENT = b'<Patient xmlns="http://hl7.org/fhir"><id value="1"/></Patient>'
LIMIT = 10_000


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    settings = {
        "DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "MAX_BODY_BYTES": str(LIMIT),
        "MAX_BUNDLE_ENTRIES": "3",
    }
    app = create_app(Config.from_env({f"FHIR_REGISTRY_{name}": value for name, value in settings.items()}))
    app.add_url_rule("/fhir/-fails", view_func=lambda: {}["Patient Smith, born 1961"])
    yield app.test_client()
    app.extensions["fhir_registry"].close()


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """FHIR base of a server in a process of its own."""
    folder = tmp_path_factory.mktemp("server")
    server, base = start_server(folder)
    try:
        wait_until_ready(server, base, folder / "server.log")
        yield base
    finally:
        stop_server(server)


def issue(response):
    """The first issue of the answer, which must be an OperationOutcome."""
    assert response.headers["Content-Type"].startswith(FHIR), response.headers
    body = json.loads(response.data if hasattr(response, "data") else response.content)
    assert body["resourceType"] == "OperationOutcome"
    return body["issue"][0]


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/", 404, "/fhir"),
        ("GET", "/nothing/here", 404, "/fhir"),
        ("POST", "/health", 405, "POST"),
        ("PUT", "/fhir", 405, "POST"),
        ("DELETE", "/fhir/metadata", 405, "GET"),
        ("TRACE", "/fhir/Patient/1", 405, "TRACE"),
        ("POST", "/fhir/Patient/1", 405, "POST"),
        ("PATCH", "/fhir/Patient/1", 415, "Content-Type"),
        ("DELETE", "/fhir/Patient", 400, "every Patient"),
        ("GET", "/fhir/_history?_sort=_id", 400, "_sort"),
        ("POST", "/fhir/Patient/1/$validate", 404, "$validate"),
        ("GET", "/fhir/Patient/1/Foo", 404, "Foo"),
        ("GET", "/fhir/Group/1/$everything", 404, "$everything"),
        ("GET", "/fhir/$export", 404, "$export"),
        ("POST", "/fhir/Patient/$validate", 404, "$validate"),
        ("GET", "/fhir/metadata?mode=normative", 400, "terminology"),
        ("GET", "/fhir/Patient?name=%FF%FE", 400, "UTF-8"),
        ("GET", "/fhir/Patient?name=%00", 400, "control"),
        ("GET", "/fhir/Patient?" + "a=1&" * 1001, 400, "1000"),
    ],
)
def test_refusals_say_what_is_wrong(client, method, path, status, words):
    response = client.open(path, method=method)
    assert response.status_code == status
    assert words in issue(response)["diagnostics"]
    if status == 405:
        assert response.headers["Allow"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"[]",
        b'"x"',
        b"12",
        b"null",
        b'{"resourceType":"Patient"',
        b'{"resourceType":"Patient","id":"a","id":"b"}',
        b'{"resourceType":"Patient","x":NaN}',
        b'{"resourceType":"Patient","name":[{"family":"\\ud800"}]}',
        b'{"resourceType":"Patient","name":[{"family":"\\u0000"}]}',
        b'{"resourceType":"Observation"}',
        b'{"resourceType":12}',
        b"{}",
        b"\xff\xfe{}",
        b"[" * 4000,
    ],
)
@pytest.mark.parametrize("path", ["/fhir", "/fhir/Patient"])
# REST-037
def test_rest_037_sec_bodies_that_are_no_resource_are_400(client, path, body):
    response = client.post(path, data=body, content_type=FHIR)
    assert response.status_code == 400
    assert issue(response)["severity"] == "error"


@pytest.mark.parametrize("bundle_type", [None, "document", "collection", "searchset"])
# REST-120
def test_rest_120_only_batch_and_transaction_are_processed(client, bundle_type):
    bundle = {"resourceType": "Bundle"} | ({"type": bundle_type} if bundle_type else {})
    response = client.post("/fhir", data=json.dumps(bundle), content_type=FHIR)
    assert response.status_code == 400 and issue(response)


# REST-124
def test_rest_124_too_many_entries_are_413(client):
    entry = {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry] * 4}
    response = client.post("/fhir", data=json.dumps(bundle), content_type=FHIR)
    assert response.status_code == 413 and issue(response)["code"] == "too-costly"


def test_sec_01_25_too_large_bodies_are_413(client):
    big = b" " * (LIMIT + 1)
    for data, headers in ((big, {}), (gzip.compress(big), {"Content-Encoding": "gzip"})):
        response = client.post("/fhir", data=data, content_type=FHIR, headers=headers)
        assert response.status_code == 413 and issue(response)["code"] == "too-long"


def test_sec_25_a_gzip_bomb_is_not_unpacked(client):
    bomb = gzip.compress(b" " * 9_000_000)
    assert len(bomb) < LIMIT
    tracemalloc.start()
    try:
        response = client.post("/fhir", data=bomb, content_type=FHIR, headers={"Content-Encoding": "gzip"})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert response.status_code == 413 and peak < 1_000_000


def test_a_chunked_body_is_read_no_further_than_the_limit(client):
    body = io.BytesIO(b" " * 10 * LIMIT)
    response = client.post(
        "/fhir",
        input_stream=body,
        content_type=FHIR,
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert response.status_code == 413 and issue(response)["code"] == "too-long"
    assert body.tell() <= LIMIT + 1


@pytest.mark.parametrize(
    ("data", "encoding", "status"),
    [
        (b"not gzip", "gzip", 400),
        (gzip.compress(b"{}" * 99, mtime=0)[:-9], "gzip", 400),
        (b"{}", "br", 415),
        (b"{}", "deflate", 415),
    ],
)
def test_wrong_content_encoding(client, data, encoding, status):
    response = client.post("/fhir/Patient", data=data, content_type=FHIR, headers={"Content-Encoding": encoding})
    assert response.status_code == status and issue(response)


def test_search_form_of_another_type_is_415(client):
    response = client.post("/fhir/Patient/_search", data="{}", content_type=FHIR)
    assert response.status_code == 415 and issue(response)


def test_a_failure_of_the_server_tells_nothing_but_its_number(client):
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    log = logging.getLogger("fhir_registry")
    log.addHandler(handler)
    try:
        response = client.get("/fhir/-fails", headers={"X-Request-Id": "r-1"})
    finally:
        log.removeHandler(handler)
    assert response.status_code == 500
    assert "r-1" in issue(response)["diagnostics"] and "Smith" not in response.text
    failure = next(line for line in lines if line.startswith("r-1 KeyError"))
    assert "test_http_errors.py" in failure
    assert not any("Smith" in line for line in lines)


WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)
LIKELY = st.sampled_from(
    ["*", 'W/"1"', "application/fhir+json;q=0.5, */*;q=0", "return=minimal;x", ",;,", "identifier=a|b", "gzip", "_id=x"]
)


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"]),
    path=st.lists(
        st.one_of(st.sampled_from(["Patient", "_history", "_search", "$x", "metadata", "1"]), WORDS), max_size=4
    ),
    query=st.one_of(LIKELY, WORDS, st.text(max_size=20)),
    headers=st.dictionaries(
        st.sampled_from(
            ["Accept", "If-Match", "If-None-Match", "If-Modified-Since", "If-None-Exist", "Prefer", "Content-Encoding"]
        ),
        st.one_of(LIKELY, WORDS),
        max_size=3,
    ),
    content_type=st.one_of(st.sampled_from([FHIR, XML, "application/x-www-form-urlencoded"]), WORDS),
    body=st.one_of(st.sampled_from([b'{"resourceType":"Patient","id":"1"}', PATIENT]), st.binary(max_size=60)),
)
def test_no_request_fails_the_server(client, method, path, query, headers, content_type, body):
    url = "/fhir/" + "/".join(quote(part, safe="") for part in path)
    sent = {name: value.strip() for name, value in headers.items()}
    response = client.open(
        url, method=method, query_string=quote(query, safe="=&_:"), headers=sent, content_type=content_type, data=body
    )
    assert response.status_code < 500, response.text
    if response.status_code >= 400 and method != "HEAD":
        assert issue(response)["severity"] == "error"


@pytest.mark.parametrize("host", ["a b", "x/y", "<script>", "localhost:port"])
def test_links_are_not_made_from_a_host_that_is_none(client, host):
    response = client.post("/fhir/Patient", json={"resourceType": "Patient"}, headers={"Host": host})
    assert response.status_code == 400
    assert "Host" in issue(response)["diagnostics"]


class TestOverASocket:
    def test_chunked_create(self, base):
        response = requests.post(
            f"{base}/Patient",
            data=iter([b'{"resourceType":', b'"Patient"}']),
            headers={"Content-Type": FHIR},
            timeout=10,
        )
        assert response.status_code == 201
        assert response.headers["Location"].startswith(f"{base}/Patient/")

    # REST-025
    def test_rest_025_head(self, base):
        get, head = requests.get(f"{base}/metadata", timeout=10), requests.head(f"{base}/metadata", timeout=10)
        assert head.status_code == 200 and head.content == b""
        assert (
            head.headers["ETag"] == get.headers["ETag"] and head.headers["Content-Type"] == get.headers["Content-Type"]
        )

    def test_not_modified_has_no_body(self, base):
        etag = requests.get(f"{base}/metadata", timeout=10).headers["ETag"]
        response = requests.get(f"{base}/metadata", headers={"If-None-Match": etag}, timeout=10)
        assert response.status_code == 304 and response.content == b"" and response.headers["ETag"] == etag

    def test_a_gzip_bomb_is_413(self, base):
        response = requests.post(
            base,
            data=gzip.compress(b" " * 60_000_000),
            headers={"Content-Type": FHIR, "Content-Encoding": "gzip"},
            timeout=30,
        )
        assert response.status_code == 413 and issue(response)["code"] == "too-long"

    def test_sec_01_announced_too_large_is_413_before_the_body(self, base):
        answer = post(base, b"Content-Length: 60000000\r\n\r\n{")
        assert answer.startswith(b"HTTP/1.1 413") and b"OperationOutcome" in answer

    def test_sec_01_a_body_shorter_than_announced_does_not_hurt(self, base):
        post(base, b'Content-Length: 500\r\n\r\n{"resourceType":"Patient"}', close=True)
        post(base, b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", close=True)
        assert requests.get(base.removesuffix("/fhir") + "/health", timeout=10).status_code == 200

    def test_a_body_that_ends_early_is_not_taken_for_a_whole_one(self, base):
        answer = post(base, b'Content-Length: 500\r\n\r\n{"resourceType":"Bundle","type":"batch"}', close=True)
        assert answer.startswith(b"HTTP/1.1 400") and b"Content-Length" in answer

    @pytest.mark.parametrize(
        ("query", "headers", "status"), [("a" * 70_000, {}, 414), ("", {f"X-{n}": "a" for n in range(200)}, 431)]
    )
    def test_what_never_reaches_the_application_has_a_bare_status(self, base, query, headers, status):
        response = requests.get(f"{base}/Patient?name={query}", headers=headers, timeout=10)
        assert (response.status_code, response.content) == (status, b"")

    def test_an_unknown_method_is_405(self, base):
        response = requests.request("BREW", f"{base}/Patient/1", timeout=10)
        assert response.status_code == 405 and issue(response) and "GET" in response.headers["Allow"]

    def test_base_url_follows_the_host_asked_for(self, base):
        location = base.replace("127.0.0.1", "localhost")
        response = requests.post(f"{location}/Patient", json={"resourceType": "Patient"}, timeout=10)
        assert response.headers["Location"].startswith(f"{location}/Patient/")


def post(base, tail, close=False):
    """POST /fhir with the given last headers and body, byte for byte; what the server answers first."""
    host, port = base.removeprefix("http://").removesuffix("/fhir").split(":")
    head = f"POST /fhir HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: {FHIR}\r\n"
    return exchange((host, int(port)), head.encode() + tail, close, until=b'"diagnostics"')


def test_a_condition_in_raw_letters_is_refused(client):
    sent = {"resourceType": "Patient", "name": [{"family": "Müller"}]}
    response = client.post("/fhir/Patient", json=sent, headers={"If-None-Exist": "family=M\u00fcller"})
    assert response.status_code == 400
    assert "percent-encoded" in issue(response)["diagnostics"]
