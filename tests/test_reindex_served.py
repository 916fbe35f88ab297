"""Content changes beside a running server: `fhir-registry reindex` with real processes, over HTTP (docs/store.md)."""

import os
import subprocess
import sys
from threading import Thread

import pytest
import requests
from own_server import FHIR, OwnServer, wait_until
from test_reindex import dose, weight
from toy_registry import FILES, write_files


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_server_serves_on_and_follows_new_content_by_itself(kind, new_database, tmp_path):
    """Nothing that it acknowledged meanwhile is missing from the new index; its processes are started anew."""
    database, content = new_database(kind), tmp_path / "content"
    (content / "profiles").mkdir(parents=True)
    with OwnServer(database, tmp_path, workers=2, job_workers=0, content=content) as server:
        send(server, "MedicationAdministration", "d", dose(1))
        before = set(server.http_workers())
        write_files(content, FILES)
        environment = os.environ | {"FHIR_REGISTRY_CONTENT": str(content), "FHIR_REGISTRY_DATA_DIR": str(tmp_path)}
        command = [sys.executable, "-m", "fhir_registry.edges.cli", "reindex", "--database", database]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        acknowledged, refused = [], 0
        asking = [Thread(target=keep_searching, args=(server, process)) for _ in range(3)]
        for thread in asking:
            thread.start()
        while process.poll() is None or not refused:
            number = len(acknowledged)
            try:
                answer = send(server, "Observation", f"w{number}", weight(number))
            except requests.ConnectionError:  # to a process that ends; the same again is safe
                continue
            if answer.ok:
                acknowledged.append(f"w{number}")
            else:
                assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
                refused += 1
        assert process.returncode == 0
        wait_until(lambda: len(server.http_workers()) == 2 and not before & set(server.http_workers()))
        wait_until(lambda: found(server, "MedicationAdministration?dose-site=arm") == {"d"})
        assert len(acknowledged) > 1
        assert found(server, "Observation?code=http://loinc.org|29463-7&_count=1000") >= set(acknowledged)
        assert send(server, "Observation", "late", weight(1)).status_code == 201
        for thread in asking:
            thread.join()
        told = server.log.read_text()
        assert " ERROR " not in told and told.count("a table is not there") <= len(before)


def keep_searching(server, process):
    """Search until the switch has been for a while, on a new connection each time."""
    left = 30
    while left:
        left -= process.poll() is not None
        try:
            requests.get(f"{server.base}/Observation?status=final&_count=1", timeout=60)
        except requests.ConnectionError:  # to a process that ends
            continue


def send(server, type, id, more):
    body = {"resourceType": type, "id": id, **more}
    return requests.put(f"{server.base}/{type}/{id}", json=body, headers={"Content-Type": FHIR}, timeout=60)


def found(server, query):
    """The ids that a search finds; None when it is refused."""
    answer = requests.get(f"{server.base}/{query}", timeout=60)
    if answer.status_code != 200:
        return None
    return {entry["resource"]["id"] for entry in answer.json().get("entry", ())}
