"""An answer for which the disk for temporary files has no room is an OperationOutcome (docs/store.md)."""

import resource
import sys
import tempfile
from functools import partial

import pytest
import requests
from flask import Flask
from own_server import OwnServer
from rest_client import body, serving

from fhir_registry.edges import exchange
from fhir_registry.edges.front import ANSWER_IN_MEMORY
from fhir_registry.fhir.errors import FhirError

LARGE = {"resourceType": "Basic", "id": "a", "code": {"coding": [{"display": "x" * (ANSWER_IN_MEMORY // 2)}] * 3}}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the files of another process")
def test_a_large_answer_waits_for_room_and_small_ones_do_not(new_database, tmp_path):
    with OwnServer(new_database("sqlite"), tmp_path) as server:
        (worker,) = server.http_workers()
        assert requests.put(f"{server.base}/Basic/a", json=LARGE, timeout=30).status_code == 201
        before = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (ANSWER_IN_MEMORY // 2, resource.RLIM_INFINITY))
        refused = requests.get(f"{server.base}/Basic/a", timeout=30)
        assert (refused.status_code, refused.headers["Retry-After"]) == (507, "60")
        (issue,) = refused.json()["issue"]
        assert issue["code"] == "no-store" and "ask for less, or later" in issue["diagnostics"]
        assert requests.get(f"{server.base}/Basic?_summary=count", timeout=30).status_code == 200
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, before)
        assert requests.get(f"{server.base}/Basic/a", timeout=30).json()["code"] == LARGE["code"]
        assert server.log.read_text().count("could not be kept in the folder for temporary files: File too large") == 1


def test_a_table_without_a_place_for_it_is_refused(new_database, tmp_path, monkeypatch):
    with serving(new_database("sqlite")) as rest:
        path = "ResearchStudy/halaven/$table?table=adsl"
        with rest.get(path) as answered:
            assert answered.status_code == 200
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
        refused = rest.get(path)
        assert refused.status_code == 507 and body(refused)["issue"][0]["code"] == "no-store"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a device that is always full")
@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_a_small_table_finds_no_room_when_it_ends(new_database, monkeypatch, format):
    with serving(new_database("sqlite")) as rest:
        monkeypatch.setattr(exchange, "TemporaryFile", partial(open, "/dev/full", "w+b"))
        refused = rest.get(f"ResearchStudy/halaven/$table?table=adsl&_format={format}")
        assert refused.status_code == 507 and body(refused)["issue"][0]["code"] == "no-store"
        monkeypatch.setattr(exchange, "TemporaryFile", partial(open, 0x7FFFFFF))  # no such descriptor
        assert rest.get(f"ResearchStudy/halaven/$table?table=adsl&_format={format}").status_code == 500


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a device that is always full")
def test_what_is_still_to_be_written_finds_no_room(monkeypatch):
    monkeypatch.setattr(exchange, "TemporaryFile", partial(open, "/dev/full", "w+b"))
    with Flask(__name__).test_request_context(), pytest.raises(FhirError) as refused:
        exchange.respond_file(lambda sink: sink.write(b"a,b"), "text/csv", "a.csv")
    assert refused.value.status == 507
