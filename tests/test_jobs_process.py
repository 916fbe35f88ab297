"""Processes that do jobs, killed and stopped at any moment (ops/jobs.py, edges/worker.py)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_analyse import forget
from test_evaluate import BASE, SITE, treated

from fhir_registry.edges.config import ConfigError
from fhir_registry.edges.worker import run_worker
from fhir_registry.fhir import json
from fhir_registry.ops import ingest
from fhir_registry.ops.evaluate import evaluate
from fhir_registry.ops.evaluate_later import request_evaluation

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc to look into")
PATIENTS = 12
# Two patients in a range, two processes; a range takes a moment.
WORKER = """
import os, sys, time
from fhir_registry.edges import worker
from fhir_registry.ops import analyse, derivation, job_watch

derive_range = derivation._derive_range

def slowly(*asked):
    time.sleep(float(sys.argv[1]))
    return derive_range(*asked)

derivation._derive_range, derivation.FEW, analyse.RANGE, analyse.PROCESSES = slowly, 1, 2, 2
worker.PATIENCE, job_watch.BEAT = float(sys.argv[2]), 0.2
worker.run_worker(os.getppid())
"""


@pytest.fixture
def twelve(registry):
    for number in range(PATIENTS):
        ingest.bundle(registry, SITE, treated(f"p{number:02}", ("2024-03-15", "LA28369-9")), BASE)
    return registry


@pytest.fixture
def start(prepared):
    """A function that starts a worker; `pause`: seconds that each range takes; `patience`: that it waits for a job."""
    started = []

    def begin(pause, patience=60):
        environment = {**os.environ, "FHIR_REGISTRY_DATABASE": prepared, "FHIR_REGISTRY_SMALL_CELL": "0"}
        started.append(subprocess.Popen([sys.executable, "-c", WORKER, str(pause), str(patience)], env=environment))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def requested(registry, cutoff="2025-06-30"):
    return request_evaluation(registry, SITE, "halaven-dcr", {"period_end": cutoff}, BASE, keep=False)


def wait_for(condition, what):
    deadline = time.monotonic() + 120
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not {what}"
        time.sleep(0.05)
    return found


def wait_until(registry, id, condition, what):
    def fulfilled():
        job = registry.store.jobs.get(id)
        return job if condition(job) else None

    return wait_for(fulfilled, what)


def descendants(pid):
    """The numbers of the processes below one."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[1]) == pid:
            found += [int(place.parent.name), *descendants(int(place.parent.name))]
    return found


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def reported(job):
    (entry,) = job.result["entry"]
    return json.dumps({name: value for name, value in entry["resource"].items() if name != "date"})


def test_killed_again_and_again_it_reports_the_same(twelve, start):
    id_, done = requested(twelve), 0
    for _ in range(2):
        worker = start(0.5)
        job = wait_until(twelve, id_, lambda job: job.done > done, "got on")  # noqa: B023 - called in this turn
        below = descendants(worker.pid)
        assert len(below) >= 2  # the process of the job, and those that derive for it
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        wait_for(lambda: not any(running(pid) for pid in below), "ended with the worker")  # noqa: B023
        done = twelve.store.jobs.get(id_).done
        assert (job.state, job.total) == ("in-progress", PATIENTS // 2 + 1)
    assert done <= PATIENTS // 2
    start(0)
    job = wait_until(twelve, id_, lambda job: job.state == "completed", "completed")
    assert job.attempt == 3
    forget(twelve)
    whole = evaluate(twelve, SITE, "halaven-dcr", period_end="2025-06-30", base=BASE)
    assert reported(job) == json.dumps({name: value for name, value in whole.items() if name != "date"})


def test_cancelled_while_it_is_done_it_stops_and_the_next_is_done(twelve, start):
    first, second = requested(twelve), requested(twelve, "2025-05-31")
    worker = start(1)
    wait_until(twelve, first, lambda job: job.done > 0, "got on")
    assert twelve.store.jobs.get(second).state == "requested"  # one at a time
    assert twelve.store.jobs.cancel(first)
    below = set(descendants(worker.pid))
    wait_until(twelve, second, lambda job: job.state == "in-progress", "begun")
    wait_for(lambda: not any(running(pid) for pid in below), "ended")
    assert twelve.store.jobs.get(first).state == "cancelled"
    assert worker.poll() is None


def test_stopped_it_gives_its_job_back(twelve, start):
    id_ = requested(twelve)
    worker = start(1)
    wait_until(twelve, id_, lambda job: job.done > 0, "got on")
    with twelve.store.read(1) as connection:
        assert len(twelve.store.jobs.seen(connection)) == 1
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    job = twelve.store.jobs.get(id_)
    assert (job.state, job.tries, job.problem, job.due) == ("requested", 0, None, 0)
    with twelve.store.read(1) as connection:
        assert twelve.store.jobs.seen(connection) == {}
    assert twelve.store.jobs.claim("next", ("evaluate",)).checkpoint["after"]


def test_when_the_process_of_a_job_is_killed_it_is_tried_again_later(twelve, start):
    id_ = requested(twelve)
    worker = start(30)
    wait_until(twelve, id_, lambda job: job.state == "in-progress", "begun")
    (child, *_) = wait_for(lambda: descendants(worker.pid), "forked")
    os.kill(child, signal.SIGKILL)
    job = wait_until(twelve, id_, lambda job: job.state == "requested", "given back")
    assert (job.tries, "was killed" in str(job.error())) == (1, True)
    assert job.due > twelve.store.now()
    assert worker.poll() is None


def test_it_is_seen_while_a_job_takes_long(twelve, start):
    id_ = requested(twelve)
    start(1)
    wait_until(twelve, id_, lambda job: job.state == "in-progress", "begun")

    def seen():
        with twelve.store.read(1) as connection:
            return connection.execute(twelve.store.tables.jobs[3].select()).one().seen

    before = seen()
    wait_for(lambda: seen() > before, "seen again")
    assert twelve.store.jobs.get(id_).state == "in-progress"


def test_without_more_jobs_it_ends_so_that_one_without_content_is_started(twelve, start):
    worker = start(0, patience=1)
    wait_for(lambda: worker_names(twelve), "seen")
    id_ = requested(twelve)
    wait_until(twelve, id_, lambda job: job.state == "completed", "completed")
    assert worker.wait(60) == 0
    assert not worker_names(twelve)


def worker_names(registry):
    with registry.store.read(1) as connection:
        return set(registry.store.jobs.seen(connection))


def test_a_worker_makes_no_database_where_none_is(tmp_path):
    with pytest.raises(ConfigError, match="there is no file"):
        run_worker(database=str(tmp_path / "mistyped.db"))
    assert list(tmp_path.iterdir()) == []
