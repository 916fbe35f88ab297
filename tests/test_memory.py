"""The processes of a server stay small, after a push, an evaluation and a table (docs/operations.md)."""

import pickle
import sys
import tracemalloc
from pathlib import Path

import psutil
import pytest
import requests

from fhir_registry.content.errors import ContentError
from fhir_registry.core import index_values
from fhir_registry.core.index_texts import normalize
from fhir_registry.edges.demo import start_server, stop_server, wait_until_ready
from fhir_registry.examples import Example
from fhir_registry.fhir import json
from fhir_registry.fhir.dates import instant_interval
from fhir_registry.fhir.errors import error

MEGABYTE = 1024  # KiB


def peak(process):
    """Peak resident memory in KiB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def peaks_by_module(processes):
    """{the module that a process runs: its peak}."""
    return {process.cmdline()[2].removeprefix("fhir_registry."): peak(process) for process in processes}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_each_process_of_a_server_that_has_evaluated_stays_small(tmp_path):
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
        # Parquet needs the next largest, in the process that serves.
        table = period | {"table": "adtte", "_format": "parquet"}
        assert requests.get(f"{base}/ResearchStudy/lipusu-her2/$table", table, timeout=60).ok
        watching = psutil.Process(server.pid)
        found = peaks_by_module([watching, *watching.children(recursive=True)])
        assert found.keys() == {"edges.cli", "edges.server_process", "edges.worker", "stats.beside"}
        assert found["edges.cli"] < 35 * MEGABYTE  # holds no content
        assert found["edges.server_process"] < 190 * MEGABYTE
        assert 100 * MEGABYTE < found["stats.beside"] < 180 * MEGABYTE  # less would be without lifelines
        assert found["edges.worker"] < 55 * MEGABYTE  # it reads the content when there is a job
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


def test_what_is_remembered_of_values_stays_small():
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(30_000):
            normalize(f"{number} {'x' * 1000}")
            normalize(f"name {number}")
            instant_interval(f"2024-03-{number % 28 + 1:02}T10:00:{number % 60:02}.{number:05}Z")
            index_values._split(f"https://hospital.example/fhir/Observation/{number}")
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 10_000_000  # bytes; the values alone are 36 MB
