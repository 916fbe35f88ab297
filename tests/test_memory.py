"""The server stays small: after a push and an evaluation, and in the process that only watches."""

import pickle
import sys
from pathlib import Path

import pytest
import requests

from fhir_registry.content.errors import ContentError
from fhir_registry.edges.demo import start_server, stop_server, wait_until_ready
from fhir_registry.examples import Example
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import error

MEGABYTE = 1024  # KiB


def peaks(pid):
    """Peak resident memory in KiB: (of a process, of each of its children)."""
    own, below = 0, []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        except OSError:
            continue  # it has just ended
        if "VmHWM" in fields:
            peak = int(fields["VmHWM"].split()[0])
            own += peak if int(fields["Pid"]) == pid else 0
            below += [peak] if int(fields["PPid"]) == pid else []
    return own, below


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_server_stays_below_300_mb_when_it_has_evaluated(tmp_path):
    example = Example("lipusu-her2", 40, seed=20)
    server, base = start_server(tmp_path)
    try:
        wait_until_ready(server, base, tmp_path / "server.log")
        headers = {"Content-Type": "application/fhir+json"}
        for bundle in example.bundles():
            assert requests.post(base, json.dumps(bundle), headers=headers, timeout=30).ok
        period = {"periodEnd": example.truth()["periodEnd"]}
        # Survival curves load lifelines, the largest library there is here.
        assert requests.get(f"{base}/Measure/lipusu-her2-os/$evaluate", period, timeout=60).ok
        # Parquet needs the next largest.
        table = period | {"table": "adtte", "_format": "parquet"}
        assert requests.get(f"{base}/ResearchStudy/lipusu-her2/$table", table, timeout=60).ok
        watcher, (job_worker, worker) = peaks(server.pid)[0], sorted(peaks(server.pid)[1])
        assert watcher < 35 * MEGABYTE  # holds no content
        assert worker > 100 * MEGABYTE  # lifelines is there: this test measures what it should
        assert watcher + worker < 300 * MEGABYTE
        assert job_worker < 55 * MEGABYTE  # it reads the content when there is a job
    finally:
        stop_server(server)


@pytest.mark.parametrize(
    "problem",
    [
        error("unavailable", "transient", "gone", "Patient.id", headers={"Retry-After": "5"}),
        ContentError("a.json", "Patient.id", "is missing"),
    ],
)
def test_errors_travel_between_processes(problem):
    arrived = pickle.loads(pickle.dumps(problem))
    assert type(arrived) is type(problem)
    assert vars(arrived) == vars(problem)
    assert str(arrived) == str(problem) != ""
