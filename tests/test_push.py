"""The push client: what it sends, that sending again changes nothing, and how it waits for a server."""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from fhir_registry.edges.demo import start_server, stop_server, wait_until_ready
from fhir_registry.edges.push import PushError, find_files, push, read_parcels

URN = "urn:uuid:0b9f8a52-2f6e-4b55-9d2f-2f7f4f1c9a01"


def patient(id=None, **more):
    return {"resourceType": "Patient", **({"id": id} if id else {}), **more}


def transaction(*resources):
    entries = [{"resource": r, "request": {"method": "POST", "url": r["resourceType"]}} for r in resources]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def write(path, value):
    data = json.dumps(value).encode() if not isinstance(value, bytes) else value
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    server, base = start_server(folder)
    try:
        wait_until_ready(server, base, folder / "server.log")
        yield base
    finally:
        stop_server(server)


class TestFiles:
    def test_folders_files_and_patterns_once_each_in_order(self, tmp_path):
        for name in ("b.json", "a.ndjson", "c.json.gz", "d.txt", "deep/e.ndjson.gz"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()
        names = [p.name for p in find_files([tmp_path / "b.json", tmp_path, str(tmp_path / "*.json*")])]
        assert names == ["b.json", "a.ndjson", "c.json.gz", "e.ndjson.gz"]

    def test_a_path_to_nothing_is_an_error(self, tmp_path):
        with pytest.raises(PushError, match=r"nowhere: no such file"):
            find_files([tmp_path / "nowhere"])


class TestParcels:
    def test_a_bundle_goes_as_it_is(self, tmp_path):
        text = b'{ "resourceType": "Bundle", "type": "batch" }'
        (parcel,) = read_parcels(write(tmp_path / "x.json", text))
        assert (parcel.method, parcel.path, parcel.body) == ("POST", "", text)

    def test_a_packed_bundle_goes_packed(self, tmp_path):
        path = write(tmp_path / "x.json.gz", transaction(patient()))
        (parcel,) = read_parcels(path)
        assert parcel.body == path.read_bytes() and parcel.headers["Content-Encoding"] == "gzip"

    def test_a_resource_with_id_is_put(self, tmp_path):
        (parcel,) = read_parcels(write(tmp_path / "x.json", patient("p1")))
        assert (parcel.method, parcel.path) == ("PUT", "/Patient/p1")

    @pytest.mark.parametrize("name", ["x.json", "x.json.gz"])
    def test_a_resource_without_id_is_a_transaction_that_the_server_knows_again(self, tmp_path, name):
        text = b'{"resourceType":"Basic","code":{"extension":[{"url":"http://x","valueDecimal":1.10}]}}'
        (parcel,) = read_parcels(write(tmp_path / name, text))
        assert text in parcel.body and "Content-Encoding" not in parcel.headers
        bundle = json.loads(parcel.body)
        assert (parcel.method, parcel.path, bundle["type"]) == ("POST", "", "transaction")
        assert bundle["entry"][0]["request"] == {"method": "POST", "url": "Basic"}

    @pytest.mark.parametrize("name", ["x.ndjson", "x.ndjson.gz"])
    def test_lines_go_by_two_hundred(self, tmp_path, name):
        lines = b"\n".join(json.dumps(patient(f"n{i}")).encode() for i in range(450)) + b"\n\n"
        bundles = [json.loads(parcel.body) for parcel in read_parcels(write(tmp_path / name, lines))]
        assert [len(bundle["entry"]) for bundle in bundles] == [200, 200, 50]
        assert bundles[2]["entry"][49]["request"] == {"method": "PUT", "url": "Patient/n449"}

    @pytest.mark.parametrize(
        ("name", "text", "words"),
        [
            ("x.json", b"{", "not readable as JSON"),
            ("x.json", b"[]", "not a FHIR resource"),
            ("x.json.gz", gzip.compress(b"{}", mtime=0)[:-4], "not readable as JSON"),
            ("x.ndjson", b'{"resourceType":"Patient","id":"a"}\n{', "line 2"),
            ("x.ndjson", b"{}", "resourceType is missing"),
        ],
    )
    def test_what_is_not_fhir_is_named(self, tmp_path, name, text, words):
        (tmp_path / name).write_bytes(text)
        with pytest.raises(PushError, match=words):
            list(read_parcels(tmp_path / name))


def test_pushing_twice_changes_nothing(base, tmp_path):
    write(tmp_path / "1.json", transaction(patient(), patient(active=True)))
    write(tmp_path / "2.json.gz", transaction(patient(gender="female")))
    write(tmp_path / "3.json", patient("single"))
    write(tmp_path / "4.json", patient(birthDate="1961"))
    write(tmp_path / "5.ndjson", b"\n".join(json.dumps(patient(f"line-{i}")).encode() for i in range(3)))
    write(tmp_path / "truth.json", {"not": "FHIR"})
    lines = []
    first = push([tmp_path], base, report=lines.append)
    assert [d.problem for d in first] == [None] * 6
    assert [dict(d.statuses) for d in first] == [{201: 2}, {201: 1}, {201: 1}, {201: 1}, {201: 3}, {}]
    assert len(lines) == 6 and all(line.startswith(("ok", "empty")) for line in lines)
    before = requests.get(f"{base}/Patient?_summary=count", timeout=10).json()["total"]
    second = push([tmp_path], base, jobs=1, report=lines.append)
    assert [dict(d.statuses) for d in second] == [{200: 2}, {200: 1}, {200: 1}, {200: 1}, {200: 3}, {}]
    assert requests.get(f"{base}/Patient?_summary=count", timeout=10).json()["total"] == before


def test_a_refused_file_is_told_with_the_words_of_the_server(base, tmp_path):
    write(tmp_path / "bad.json", transaction(patient(gender="M")))
    lines = []
    (delivery,) = push([tmp_path], base, report=lines.append)
    assert "HTTP 400" in delivery.problem and "Bundle.entry[0].resource" in delivery.problem
    assert lines[0].startswith("FAILED") and len(lines) == 1


def test_a_refused_entry_of_a_batch_is_told(base, tmp_path):
    batch = transaction(patient(), patient(gender="M")) | {"type": "batch"}
    (delivery,) = push([write(tmp_path / "batch.json", batch)], base, report=lambda line: None)
    assert delivery.problem == "1 entries with status 400"


def test_a_file_may_refer_to_what_comes_later(base, tmp_path):
    condition = {"resourceType": "Condition", "subject": {"reference": "Patient?identifier=http://h|later"}}
    write(tmp_path / "1.json", transaction(condition))
    write(tmp_path / "2.json", transaction(patient(identifier=[{"system": "http://h", "value": "later"}])))
    deliveries = push([tmp_path], base, jobs=1, report=lambda line: None)
    assert [d.problem for d in deliveries] == [None, None]


class _Reluctant(BaseHTTPRequestHandler):
    """Answers by the next item of `server.script`: a status, or None to hang up."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.script.pop(0)
        if status is None:
            self.close_connection = True
            return
        body = (
            b'{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"201 Created"}}]}'
        )
        self.send_response(status)
        if status in (429, 503):
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Quiet."""


@pytest.fixture
def reluctant():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Reluctant)
    server.bodies = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("script", [[503, 429, 200], [None, 200]])
def test_a_busy_or_lost_server_gets_the_same_bundle_again(reluctant, tmp_path, script):
    reluctant.script = list(script)
    path = write(tmp_path / "x.json", transaction(patient()))
    (delivery,) = push([path], f"http://127.0.0.1:{reluctant.server_port}/fhir", report=lambda line: None)
    assert delivery.problem is None and dict(delivery.statuses) == {201: 1}
    assert reluctant.bodies == [path.read_bytes()] * len(script)
