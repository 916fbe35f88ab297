"""What answers tell browsers and caches not to do, on every path (https://owasp.org/www-project-secure-headers/)."""

import re

import pytest
import requests
from own_server import OwnServer
from rest_client import body, patient, serving
from smart_client import SmartClient, bearer, builtin

PAGE = "https://tool.hospital.example"
PATHS = ("Patient", "Patient/nobody", "Patient?foo=1", "metadata", "nothing/at/all/here", "openapi.json", "_history")


@pytest.fixture(scope="module")
def rest(new_registry):
    with serving(new_registry("sqlite")) as opened:
        yield opened


@pytest.fixture(scope="module")
def closed(new_registry, tmp_path_factory):
    """A Rest on a server that wants tokens; `token` is the header of one."""
    with serving(new_registry("sqlite"), **builtin(tmp_path_factory.mktemp("keys"))) as opened:
        opened.token = bearer(SmartClient(opened.registry).token(opened))
        yield opened


def policy(response):
    return {each.strip() for each in response.headers["Content-Security-Policy"].split(";")}


def test_every_answer_is_data_and_nothing_else(rest, closed):
    answers = [rest.get(path) for path in PATHS] + [closed.get(path) for path in PATHS]
    answers += [closed.get(path, **closed.token) for path in PATHS]
    answers += [rest.open(path) for path in ("/", "/health", "/metrics", "/health/live")]
    answers += [rest.send("TRACE", "Patient"), rest.post(patient(gender="x")), closed.post_form("/auth/token", {})]
    assert {answer.status_code for answer in answers} >= {200, 400, 401, 404, 405}
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert policy(answer) >= {"default-src 'none'", "frame-ancestors 'none'"}
        assert answer.headers["Cache-Control"] in ("no-store", "private, no-cache")
        assert "Strict-Transport-Security" not in answer.headers  # its base URL is http


def test_hsts_where_the_base_url_is_https(new_registry):
    with serving(new_registry("sqlite"), BASE_URL="https://registry.hospital.example/fhir") as rest:
        for path in ("Patient", "metadata", "nothing/at/all/here"):
            assert int(re.fullmatch(r"max-age=(\d+)", rest.get(path).headers["Strict-Transport-Security"])[1]) > 1e7


def test_no_cache_keeps_data_of_patients(closed):
    """ASVS 14.3.2; who has a version asks with its entity tag all the same."""
    stored = closed.put(patient(id="kept"), **closed.token)
    for path in ("Patient/kept", "Patient", "Patient/kept/_history", "Patient/kept/$everything"):
        assert closed.get(path, **closed.token).headers["Cache-Control"] == "no-store"
    assert closed.get("Patient/kept").headers["Cache-Control"] == "no-store"  # 401
    again = closed.get("Patient/kept", If_None_Match=stored.headers["ETag"], **closed.token)
    assert (again.status_code, again.data, again.headers["Cache-Control"]) == (304, b"", "no-store")
    assert closed.get("metadata").headers["Cache-Control"] == "private, no-cache"
    assert closed.post_form("/auth/token", {}).headers["Cache-Control"] == "no-store"


FILES = (
    ("ResearchStudy/halaven/$table?table=adsl", "text/csv"),
    ("ResearchStudy/halaven/$table?table=adsl&_format=parquet", "application/vnd.apache.parquet"),
    ("ResearchStudy/halaven/$findings", "text/csv"),
)


def test_nor_what_is_sent_as_a_file(rest, closed):
    for path, mimetype in FILES:
        answers = rest.get(path, Accept=mimetype), closed.get(path, Accept=mimetype, **closed.token)
        assert [(answer.status_code, answer.mimetype) for answer in answers] == [(200, mimetype)] * 2
        assert [answer.headers["Cache-Control"] for answer in answers] == ["private, no-cache", "no-store"]
        for answer in answers:
            assert "Accept-Ranges" not in answer.headers  # the next request makes another file
            answer.close()


@pytest.mark.parametrize("origin", [PAGE, "null", "http://localhost:3000", "http://127.0.0.1"])
def test_sec_34_no_page_is_let_in_where_tokens_are(closed, origin):
    asking = {"Access_Control_Request_Method": "GET", "Access_Control_Request_Headers": "authorization"}
    answers = [closed.get("Patient", Origin=origin, **closed.token), closed.get("Patient", Origin=origin)]
    answers += [closed.send("OPTIONS", "Patient", Origin=origin, **asking)]
    for answer in answers:
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    assert closed.get("metadata", Origin=origin).headers["Access-Control-Allow-Origin"] == "*"


def test_sec_34_a_page_that_is_named_is_let_in(new_registry, tmp_path):
    with serving(new_registry("sqlite"), **builtin(tmp_path), CORS_ORIGINS=PAGE) as rest:
        token = bearer(SmartClient(rest.registry).token(rest))
        answer = rest.get("Patient", Origin=PAGE, **token)
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Access-Control-Allow-Origin" not in rest.get("Patient", Origin="http://localhost", **token).headers


PICTURE = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciPjxzY3JpcHQ+YWxlcnQoMSk8L3NjcmlwdD48L3N2Zz4="


@pytest.mark.parametrize("type", ["text/html", "image/svg+xml", "application/xhtml+xml"])
def test_sec_12_what_a_binary_or_attachment_holds_is_never_a_document(rest, type):
    binary = {"resourceType": "Binary", "id": "b", "contentType": type, "data": PICTURE}
    document = {"resourceType": "DocumentReference", "id": "d", "status": "current"}
    document["content"] = [{"attachment": {"contentType": type, "data": PICTURE, "title": "x.html"}}]
    for resource in (binary, document):
        assert rest.put(resource).status_code in (200, 201)
        path = f"{resource['resourceType']}/{resource['id']}"
        for accept in (type, f"{type},application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "*/*"):
            answer = rest.get(path, Accept=accept)
            if answer.status_code == 406:  # asked for nothing but what it never is
                assert accept == type
                continue
            assert answer.mimetype in ("application/fhir+json", "application/fhir+xml")
            assert b"<script" not in answer.data and "sandbox" in policy(answer)


@pytest.mark.parametrize(
    "div",
    [
        "<script>alert(1)</script>",
        "<p onload='alert(1)'>x</p>",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe src='https://evil.example'/>",
        "<form action='https://evil.example'/>",
        "<object data='https://evil.example'/>",
    ],
)
def test_sec_11_a_narrative_holds_nothing_that_runs(rest, div):
    text = {"status": "generated", "div": f"<div xmlns='http://www.w3.org/1999/xhtml'>{div}</div>"}
    answer = rest.post(patient(text=text))
    assert answer.status_code == 400 and body(answer)["resourceType"] == "OperationOutcome"


def test_sec_33_no_header_tells_what_the_server_is_made_of(new_registry, tmp_path):
    with OwnServer(new_registry("sqlite"), tmp_path, job_workers=0) as server:
        for path in ("/fhir/Patient", "/fhir/metadata", "/nothing", "/health"):
            headers = requests.get(f"{server.root}{path}", timeout=20).headers
            told = " ".join(f"{name}: {text}" for name, text in headers.items() if name not in ("Date", "ETag"))
            assert not re.search(r"granian|python|werkzeug|flask|\d\.\d|X-Powered-By", told, re.IGNORECASE), told
