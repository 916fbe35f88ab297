"""A server does jobs by a process that it keeps: started anew when it dies, and gone when the server is."""

import sys

import pytest
import requests
from own_server import FHIR, OwnServer, wait_until
from test_evaluate import treated
from test_workers import running

from fhir_registry.fhir import json


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request, new_database, tmp_path):
    with OwnServer(new_database(request.param), tmp_path) as server:
        yield server


def evaluated(server, cutoff):
    """What a POST that does not wait answers at last: the entry of its batch-response."""
    url = f"{server.base}/Measure/halaven-dcr/$evaluate-measure?periodEnd={cutoff}"
    accepted = requests.post(url, headers={"Prefer": "respond-async"}, timeout=30)
    assert accepted.status_code == 202, accepted.text
    at = accepted.headers["Content-Location"]
    wait_until(lambda: requests.get(at, timeout=30).status_code == 200)
    (entry,) = requests.get(at, timeout=30).json()["entry"]
    return entry


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has ended")
def test_a_server_keeps_a_process_for_jobs(server):
    bundle = treated("a", ("2024-03-15", "LA28369-9"))
    sent = requests.post(server.base, json.dumps(bundle), headers={"Content-Type": FHIR}, timeout=30)
    assert sent.status_code == 200
    entry = evaluated(server, "2025-06-30")
    kept = requests.get(entry["response"]["location"], timeout=30).json()
    assert kept == entry["resource"]
    wait_until(lambda: len(server.job_workers()) == 1)
    (killed,) = server.job_workers()
    killed.kill()
    assert evaluated(server, "2025-05-31")["resource"]["period"]["end"] == "2025-05-31"
    wait_until(lambda: len(server.job_workers()) == 1)  # the process of the job itself has ended
    (worker,) = server.job_workers()
    assert worker != killed
    server.process.kill()
    wait_until(lambda: not running(worker.pid))


def test_what_computes_estimates_is_no_process_for_jobs(server):
    bundle = treated("a", ("2024-03-15", "LA28369-9"))
    requests.post(server.base, json.dumps(bundle), headers={"Content-Type": FHIR}, timeout=30)
    url = f"{server.base}/Measure/halaven-dcr/$evaluate-measure?periodEnd=2025-06-30"
    assert requests.get(url, timeout=60).status_code == 200
    assert any("fhir_registry.stats.beside" in process.cmdline() for process in server.processes())
    assert [process.cmdline()[2] for process in server.job_workers()] == ["fhir_registry.edges.worker"]
