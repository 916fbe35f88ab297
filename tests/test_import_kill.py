"""An import that is killed goes on where it was; the result is that of one that was not (IMP-03)."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import select

from fhir_registry.ops.import_job import KIND, request_body, request_files
from fhir_registry.ops.jobs import do
from fhir_registry.ops.open import open_registry
from fhir_registry.store.process import is_gone

SITE, LIMIT, BASE = 1, 1_000_000, "https://server.example/fhir"


def patient(number):
    id_ = {"id": f"p{number}"} if number % 8 else {}
    return {"resourceType": "Patient", **id_, "name": [{"family": f"family {number}"}]}


LINES = [json.dumps(patient(number)).encode() for number in range(4000)]
LINES[1000] = LINES[3000] = b"{"
LINES[2000] = json.dumps(
    {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": "Patient?family=none"}}
).encode()
LINES.append(json.dumps(patient(1) | {"gender": "female"}).encode())  # the second of its id
DATA = b"\n".join(LINES)


def stored(registry):
    """What clients have: [(type, body, id, version, method)], without the ids and times that the server gave."""
    resource, version = registry.store.tables.resource, registry.store.tables.version
    query = select(resource.c.type, resource.c.id, version.c.version, version.c.method, version.c.body)
    query = query.join_from(resource, version, resource.c.rid == version.c.rid).where(resource.c.type == "Patient")
    with registry.store.read(1) as connection:
        return sorted((row.type, *plain(row), row.version, row.method) for row in connection.execute(query))


def plain(row):
    body = json.loads(row.body)
    del body["meta"]["lastUpdated"]
    if row.method == "POST":
        del body["id"]
    return json.dumps(body), row.id if row.method == "PUT" else ""


def told(registry, id):
    """What a finished job says: counts, and the lines that were refused."""
    job = registry.store.jobs.get(id)
    assert job.state == "completed", (job.state, job.problem)
    with registry.store.read(1) as connection:
        errors = registry.store.jobs.errors(connection, id)
    return job.result["output"], job.result["refused"], [line for _, _, line, _ in errors]


def start(*command, database):
    environment = os.environ | {"FHIR_REGISTRY_DATABASE": database, "FHIR_REGISTRY_LOG_LEVEL": "error"}
    command = [sys.executable, "-m", "fhir_registry.edges.cli", *map(str, command)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def kill_on_the_way(process, registry, id):
    """Kill it when it has stored something, and not all; nothing of it is left then."""
    jobs = registry.store.jobs
    while not (job := jobs.get(id)).done:
        assert process.poll() is None, process.returncode
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert job.state == "in-progress" and 0 < len(stored(registry)) < len(LINES) - 4


def finish(registry, id):
    """Claim the job when the processes that did it are gone, and do it here."""
    while not (job := registry.store.jobs.claim("me", [KIND], id, is_gone)):
        time.sleep(0.01)
    assert job.attempt == 2 and 0 < job.checkpoint["line"] < len(LINES)
    do(registry, job)


@pytest.fixture(scope="module")
def clean(new_database, content):
    """(what is stored, what is told) of an import that nobody disturbed."""
    registry = open_registry(new_database("sqlite"), content)
    id_ = request_body(registry, SITE, DATA, True, BASE, LIMIT)
    do(registry, registry.store.jobs.claim("me", [KIND], id_))
    yield stored(registry), told(registry, id_)
    registry.close()


def test_the_same_command_goes_on(registry, prepared, clean, tmp_path):
    path = tmp_path / "patients.ndjson"
    path.write_bytes(DATA)
    id_ = request_files(registry, SITE, [path], None, 50_000_000, 1)  # what the command finds is its own
    kill_on_the_way(start("import", path, database=prepared), registry, id_)
    there = path.stat()
    assert registry.store.jobs.get(id_).checkpoint["identity"] == f"{there.st_size} {there.st_mtime_ns}"
    again = start("import", path, "--errors", tmp_path / "errors.ndjson", database=prepared)
    output, _ = again.communicate()
    assert again.returncode == 1, output
    assert "Patient" in output and "3,997 created" in output
    outcomes = [json.loads(line) for line in (tmp_path / "errors.ndjson").read_bytes().splitlines()]
    places = [o["issue"][0]["diagnostics"].partition(": ")[0] for o in outcomes]
    assert places == [f"{path}, line {line}" for line in (1001, 2001, 3001, 4001)]
    assert outcomes[1]["issue"][0]["expression"] == ["Basic.subject.reference"]
    assert registry.store.jobs.get(id_).attempt == 2
    assert (stored(registry), told(registry, id_)) == clean


def test_another_worker_goes_on(registry, prepared, clean):
    id_ = request_body(registry, SITE, DATA, True, BASE, LIMIT)
    kill_on_the_way(start("worker", database=prepared), registry, id_)
    finish(registry, id_)
    assert (stored(registry), told(registry, id_)) == clean
