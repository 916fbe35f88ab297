"""Processes that work for another one end with it, and it with them (ops/workers.py)."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PARENT = """
import multiprocessing, os, time
from concurrent.futures import ProcessPoolExecutor
from fhir_registry.ops.workers import begin_work

def slow_pid():
    time.sleep(0.2)
    return os.getpid()

with ProcessPoolExecutor(2, multiprocessing.get_context("fork"), begin_work) as pool:
    pids = {future.result() for future in [pool.submit(slow_pid) for _ in range(8)]}
    print(*pids, flush=True)
    pool.submit(time.sleep, 120).result()
"""


def running(pid):
    try:
        # A zombie has ended; nobody has asked how.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc to look into")
def test_workers_end_when_their_process_is_killed():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(running(pid) for pid in pids)
        os.kill(parent.pid, 9)
    deadline = time.monotonic() + 30
    while any(running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(running(pid) for pid in pids)


WAITING = """
import multiprocessing, os, signal, time
from fhir_registry.ops.workers import begin_work, open_pool
with open_pool(2, begin_work, ()) as pool:
    asleep = [pool.submit(time.sleep, 3600) for _ in range(2)]
    while not all(future.running() for future in asleep):
        time.sleep(0.01)
    large = [pool.submit(len, bytes(1_000_000)) for _ in range(10)]  # more than goes into a pipe
    os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
    large[-1].result()
"""


def test_nobody_waits_for_ever_for_a_process_that_was_killed():
    process = subprocess.run([sys.executable, "-c", WAITING], stderr=subprocess.PIPE, text=True, timeout=60)
    assert process.returncode == -signal.SIGKILL, process.stderr
