"""Estimates are computed in a process beside the server's, which may end at any moment (stats/beside.py)."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import psutil
import pytest

import fhir_registry.stats.beside
from fhir_registry.fhir.errors import FhirError
from fhir_registry.stats.beside import stay_small
from fhir_registry.stats.comparison import hazard_ratios, log_rank
from fhir_registry.stats.intervals import clopper_pearson
from fhir_registry.stats.rates import exact_poisson
from fhir_registry.stats.survival import kaplan_meier

LEVELS = {
    "a": {(day, day % 3 > 0): 1 for day in range(5, 60, 5)},
    "b": {(day, day % 4 > 0): 2 for day in range(3, 90, 7)},
    "c": {(10, True): 1},
}
COMPUTED = [
    partial(clopper_pearson, 3, 10),
    partial(exact_poisson, 4, 12.5),
    partial(log_rank, LEVELS),
    partial(hazard_ratios, LEVELS, "a"),
    lambda: kaplan_meier(LEVELS["a"]).steps,
]


@pytest.fixture
def small(monkeypatch):
    """Gives a function that makes this process one that stays small."""
    monkeypatch.setattr(fhir_registry.stats.beside, "_of_this_process", None)
    yield stay_small
    for process in processes_beside():
        process.kill()
        process.wait(30)


def processes_beside():
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # a zombie
            found += [child] if "fhir_registry.stats.beside" in child.cmdline() else []
    return found


def test_estimates_are_the_same_beside(small):
    here = [compute() for compute in COMPUTED]
    small()
    assert [compute() for compute in COMPUTED] == here
    assert len(processes_beside()) == 1


def test_each_thread_gets_its_own_answers(small):
    questions = [(x, n) for n in range(1, 30) for x in range(n + 1)]
    here = [clopper_pearson(x, n) for x, n in questions]
    small()
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda question: clopper_pearson(*question), questions)) == here
    assert len(processes_beside()) == 1


def test_what_is_raised_there_is_raised_here(small):
    small()
    with pytest.raises(TypeError):
        clopper_pearson(1, "10")
    assert clopper_pearson(0, 10)[0] == 0


def test_an_idle_process_ends_and_another_answers(small):
    small(idle=0.01)
    before = clopper_pearson(3, 10)
    psutil.wait_procs(processes_beside(), timeout=30)
    assert not processes_beside()
    assert clopper_pearson(3, 10) == before


def test_a_killed_process_is_replaced_once(small, monkeypatch):
    small()
    before = clopper_pearson(3, 10)
    for process in processes_beside():
        process.kill()
    assert clopper_pearson(3, 10) == before
    monkeypatch.setattr(sys, "executable", "/bin/false")  # ends at once
    for process in processes_beside():
        process.kill()
    with pytest.raises(FhirError, match="give the server more memory") as refused:
        clopper_pearson(3, 10)
    assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "10"})
    monkeypatch.undo()


def test_one_that_stands_still_is_replaced(small):
    small(seconds=2)
    before = clopper_pearson(3, 10)
    (stopped,) = processes_beside()
    stopped.suspend()
    with ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(clopper_pearson, 3, 10) for _ in range(3)]
        answers = [each.exception() or each.result() for each in asked]
    late = [each for each in answers if isinstance(each, FhirError)]
    assert late and all("did not answer in time" in str(each) and each.status == 503 for each in late)
    assert all(each in late or each == before for each in answers)
    stopped.wait(30)
    assert clopper_pearson(3, 10) == before


def test_one_that_cannot_be_started_is_said(small, monkeypatch):
    small()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(FhirError, match="cannot be started \\(No such file") as refused:
        clopper_pearson(3, 10)
    assert refused.value.status == 503
    monkeypatch.undo()
    assert clopper_pearson(0, 10)[0] == 0


SERVER = """
import sys
from fhir_registry.stats.beside import stay_small
from fhir_registry.stats.survival import kaplan_meier
stay_small()
while True:
    kaplan_meier({(1, True): 2, (2, False): 1})
    print(*{"numpy", "scipy", "pandas", "lifelines"} & set(sys.modules), flush=True)
    sys.stdin.readline()
"""


def test_it_ends_with_its_process_only_which_loads_no_large_library():
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline() == "\n"
        (beside,) = psutil.Process(server.pid).children()
        for signal_ in (signal.SIGTERM, signal.SIGINT):  # sent to all; requests that are being handled still ask
            beside.send_signal(signal_)
        print(file=server.stdin, flush=True)
        assert server.stdout.readline() == "\n"
        assert psutil.Process(server.pid).children() == [beside]
        server.kill()
    beside.wait(30)


BUSY = """
from fhir_registry.stats.beside import _Beside
_Beside(60, 60).ask(exec, ("print('busy', flush=True); import time; time.sleep(600)",))
"""


def test_it_ends_with_its_process_amid_an_answer():
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline() == "busy\n"
        (beside,) = psutil.Process(server.pid).children()
        server.kill()
    beside.wait(30)
