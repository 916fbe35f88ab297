"""Whether the process of a name still runs (store/process.py)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fhir_registry.store.process import is_gone, this_process

SAY_NAME = "from fhir_registry.store.process import this_process; print(this_process(), flush=True); input()"
pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc to look into")


def test_a_process_is_gone_when_it_has_ended():
    with subprocess.Popen([sys.executable, "-c", SAY_NAME], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        name = other.stdout.readline().decode().strip()
        assert name != this_process()
        assert not is_gone(name)
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # nobody has asked yet how it ended
        assert is_gone(name)
    assert is_gone(name)


def test_who_has_the_number_now_is_another():
    *place, started = this_process().rpartition("/")
    assert not is_gone(this_process())
    assert is_gone(f"{''.join(place)}{int(started) - 1}")


def test_of_other_machines_and_containers_nothing_is_known():
    machine, number, started = this_process().rsplit("/", 2)
    for other in (f"{machine}2", f"other{machine}", machine.replace("[", "[1")):
        assert not is_gone(f"{other}/{number}/{int(started) - 1}")
