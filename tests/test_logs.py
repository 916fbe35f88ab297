"""No log line, metric or health answer names a patient (https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html)."""

import gzip
import itertools
import json
import re
import time

import pytest
import requests
from own_server import FHIR, OwnServer

MARK = re.compile(r"Zq\d{4}")  # no word of the software
XML = "application/fhir+xml"


class Marks:
    """Makes marked data: each mark is sent once only, and known to belong to its request."""

    def __init__(self):
        self._numbers = itertools.count(1000)

    def __call__(self):
        return f"Zq{next(self._numbers)}"

    def patient(self, **members):
        named = [{"family": self(), "given": [self()]}]
        return {
            "resourceType": "Patient",
            "identifier": [{"system": "urn:mrn", "value": self()}],
            "name": named,
        } | members


@pytest.fixture(scope="module", params=[("sqlite", "text"), ("postgresql", "json")], ids="-".join)
def server(request, new_database, tmp_path_factory):
    kind, form = request.param
    folder = tmp_path_factory.mktemp("server")
    settings = {"log_level": "debug", "log_format": form, "body_seconds": 2, "max_bundle_entries": 20}
    with OwnServer(new_database(kind), folder, workers=2, **settings) as server:
        yield server


def transaction(*resources):
    entries = [{"resource": each, "request": {"method": "POST", "url": each["resourceType"]}} for each in resources]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def good_requests(mark):
    """(method, path, body, headers) of requests that are carried out."""
    yield "POST", "Patient", mark.patient(), {}
    yield "PUT", f"Patient/{mark()}", None, {}
    yield "POST", "", transaction(mark.patient(), mark.patient()), {}
    yield "POST", "Patient", mark.patient(), {"If-None-Exist": f"identifier=urn:mrn|{mark()}"}
    yield "PUT", f"Patient?identifier={mark()}", mark.patient(), {}
    for query in (
        "name",
        "identifier",
        "given:exact",
        "_id",
        "birthdate:missing=true&family",
        "general-practitioner:Practitioner.name",
    ):
        yield "GET", f"Patient?{query}={mark()}", None, {}
    yield "GET", f"Observation?subject:Patient.name={mark()}&_sort=date", None, {}
    yield "GET", f"Patient/{mark()}/_history", None, {}
    yield "GET", f"Patient/{mark()}/$everything", None, {}
    yield "DELETE", f"Patient/{mark()}", None, {}
    yield "GET", "metadata", None, {"X-Request-Id": f"{mark()} {mark()}", "User-Agent": mark(), "Authorization": mark()}
    yield "GET", "metadata", None, {"Cookie": f"a={mark()}", "X-Forwarded-For": mark(), "Referer": f"http://{mark()}/"}


def failing_requests(mark):
    """(method, path, body, headers) of requests that are refused, in as many places as there are."""
    yield "POST", "Patient", mark.patient(gender=mark()), {}
    yield "POST", "Patient", mark.patient(birthDate=mark()), {}
    yield "POST", "Patient", mark.patient(**{mark(): "x"}), {}
    yield "POST", "Patient", mark.patient(resourceType=mark()), {}
    yield "POST", "Patient", f'{{"resourceType":"Patient","name":[{{"family":"{mark()}"', {}
    yield "POST", "Patient", f'{{"resourceType":"Patient","id":"{mark()}","id":"{mark()}"}}', {}
    yield "POST", "Patient", f"<Patient><name value='{mark()}'>", {"Content-Type": XML}
    yield "POST", "Patient", f"<!DOCTYPE {mark()}><Patient xmlns='http://hl7.org/fhir'/>", {"Content-Type": XML}
    yield "POST", "Patient", mark.patient(), {"Content-Type": f"text/{mark()}"}
    yield "POST", "Patient", mark.patient(), {"Content-Encoding": mark()}
    yield "POST", "Patient", mark.patient(), {"Content-Encoding": "gzip"}
    yield "POST", "Patient", mark.patient(), {"If-None-Exist": f"{mark()}={mark()}"}
    yield "POST", "", transaction(mark.patient(), mark.patient(gender=mark())), {}
    yield "POST", "", transaction(*(mark.patient() for _ in range(21))), {}
    yield "POST", "", transaction({"resourceType": "Basic", "subject": {"reference": f"Patient?name={mark()}"}}), {}
    yield "PUT", f"Patient/{mark()}", mark.patient(id=mark()), {}
    yield "PUT", f"Patient/{mark()}", mark.patient(), {"If-Match": f"{mark()} {mark()}"}
    yield (
        "PATCH",
        f"Patient/{mark()}",
        f'[{{"op":"{mark()}","path":"/{mark()}"}}]',
        {"Content-Type": "application/json-patch+json"},
    )
    yield "GET", f"{mark()}/{mark()}", None, {}
    yield "GET", f"Patient?{mark()}={mark()}", None, {}
    yield "GET", f"Patient?birthdate={mark()}", None, {}
    yield "GET", f"Patient?_cursor={mark()}", None, {}
    yield "GET", f"Patient?name={mark()}%FF", None, {}
    yield "GET", f"Patient/{mark()}/{mark()}/{mark()}", None, {}
    yield "GET", f"Measure/{mark()}/$evaluate-measure?periodEnd={mark()}", None, {}
    yield "GET", f"ResearchStudy/{mark()}/$table?table={mark()}", None, {}
    yield "GET", f"${mark()}", None, {}
    yield "GET", f"$job/{mark()}", None, {}
    yield mark().upper(), f"Patient/{mark()}", None, {}
    yield "GET", "Patient", None, {"Accept": mark()}
    yield "GET", "Patient", None, {"X-Long": mark() * 2000}
    yield "POST", "$import", mark.patient(), {"Prefer": "respond-async"}


def send(server, method, path, body, headers):
    data = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": FHIR} | headers
    return requests.request(method, f"{server.base}/{path}", data=data, headers=headers, timeout=30)


def finish(server, accepted):
    """What an asynchronous request came to."""
    assert accepted.status_code == 202, accepted.text
    place, until = accepted.headers["Content-Location"], time.monotonic() + 60
    while (answer := requests.get(place, timeout=30)).status_code == 202:
        assert time.monotonic() < until
        time.sleep(0.2)
    return answer


def unmarked(server):
    """What may hold no mark: the log of all processes, metrics, health."""
    told = [
        server.log.read_text(),
        *(requests.get(f"{server.root}/{path}", timeout=30).text for path in ("metrics", "health")),
    ]
    return "\n".join(told)


# LOG-01; LOG-02: the header Authorization; of tokens that count, see test_tokens.py
def test_log_01_marked_data_are_nowhere_but_in_the_answers_to_who_sent_them(server):
    mark = Marks()
    for number, (method, path, body, headers) in enumerate(
        itertools.chain(good_requests(mark), failing_requests(mark))
    ):
        own = f"{method} {path} {body} {headers}"
        answer = send(server, method, path, body, {"X-Request-Id": f"r{number}"} | headers)
        assert answer.status_code < 500, (own, answer.text)
        if answer.status_code >= 400:
            foreign = {found for found in MARK.findall(answer.text) if found not in own}
            assert not foreign, (own, answer.text)
    with server.connect() as slow:  # 408, with a marked body
        slow.sendall(f"POST /fhir HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{mark()}".encode())
        assert b"408" in slow.recv(4096)
    server.exchange(f"{mark()} /{mark()} HTTP/1.1\r\n{mark()}\r\n\r\n".encode())
    lines = "\n".join([json.dumps(mark.patient(id="in")), json.dumps(mark.patient(gender=mark())), f'{{"{mark()}"'])
    sent = {"Content-Type": "application/fhir+ndjson", "Prefer": "respond-async"}
    assert finish(server, send(server, "POST", "$import", lines, sent)).status_code == 200
    evaluated = "Measure/lipusu-her2-os/$evaluate-measure?periodEnd=2024-01-01&subject=Patient/"
    finish(server, send(server, "GET", evaluated + mark(), None, {"Prefer": "respond-async"}))
    assert not MARK.search(unmarked(server)), MARK.search(unmarked(server))
    written = server.log.read_text()
    assert " POST /fhir" in written or '"method":"POST"' in written  # requests are told
    assert "r0" in written and "job" in written


# LOG-03
@pytest.mark.parametrize("name", ["X-Request-Id", "User-Agent", "Referer", "X-Forwarded-For"])
def test_log_03_no_header_makes_a_line_of_its_own(server, name):
    before = len(server.log.read_text().splitlines())
    for value in ("a%0d%0aSet-Cookie:x", "a\tb", "a\u2028b".encode().decode("latin1"), "a\x85b"):
        answer = requests.get(f"{server.root}/health/live", headers={name: value.encode("latin1")}, timeout=20)
        assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", answer.headers["X-Request-Id"])
    assert len(server.log.read_text().splitlines()) == before + 4


def test_lines_are_as_the_settings_say(server):
    requests.get(f"{server.base}/Patient/nobody", headers={"X-Request-Id": "seen-1"}, timeout=20)
    line = next(line for line in server.log.read_text().splitlines() if "seen-1" in line)
    if line.startswith("{"):
        told = json.loads(line)
        assert told.keys() == {"time", "level", "process", "id", "method", "route", "status", "ms", "bytes"}
        assert (told["id"], told["method"], told["route"], told["status"]) == (
            "seen-1",
            "GET",
            "/fhir/<type>/<id>",
            404,
        )
    else:
        assert re.fullmatch(r"\S+ \S+ INFO seen-1 GET /fhir/<type>/<id> 404 [\d.]+ ms \d+ bytes", line)


def test_a_packed_body_is_told_no_more_than_a_plain_one(server):
    packed = gzip.compress(json.dumps(Marks().patient(gender="x")).encode())
    headers = {"Content-Type": FHIR, "Content-Encoding": "gzip"}
    assert requests.post(f"{server.base}/Patient", packed, headers=headers, timeout=20).status_code == 400
    assert not MARK.search(server.log.read_text())
