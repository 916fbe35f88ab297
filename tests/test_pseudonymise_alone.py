"""A site is made by one process at a time, and one that was killed holds up nobody (store/exclusive.py)."""

import os
import signal
import time
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest
from test_export_cli import BASE, run  # noqa: F401
from test_pseudonymise_cli import made

from fhir_registry.edges.export import read_secret
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.pseudonymise import pseudonymise

PATIENCE = 20  # seconds until a system has noticed that a process is gone


@pytest.fixture
def begin(run, prepared, content, tmp_path):  # noqa: F811
    """A function: a process that makes the site `office`, and stands still in this step of it."""
    started = []

    def start(step):
        context = get_context("fork")
        reached = context.Event()

        def make():
            def stand_still(text, *_):
                if text.startswith(step):
                    reached.set()
                    signal.pause()

            folder = tmp_path / "told"
            folder.mkdir()
            disguise = read_secret(Path("pseudonyms.key")), "office", (), BASE
            with closing(open_registry(prepared, content)) as registry:
                pseudonymise(registry, "office", (), disguise, folder, progress=stand_still)

        started.append(context.Process(target=make))
        started[0].start()
        assert reached.wait(60)
        return started[0]

    yield start
    for process in started:
        process.kill()
        process.join()


@pytest.mark.parametrize(("step", "then"), [("telling", "4 created"), ("storing", "4 unchanged")])
def test_a_second_run_is_refused_until_the_first_is_gone(run, begin, step, then):  # noqa: F811
    first = begin(step)
    problem = "Another fhir-registry pseudonymise is at work on office; wait until it has ended, then run this again"
    for command in (made(), ("pseudonymise", "--drop", "office")):
        code, lines = run(*command)
        assert code == 1 and lines[-1] == f"Error: {problem}"
    assert run(*made(into="another"))[1][0] == "another is made of default: 4 created"
    os.kill(first.pid, signal.SIGKILL)
    first.join()
    until = time.monotonic() + PATIENCE
    while (found := run(*made()))[0] and time.monotonic() < until:
        pass
    assert found[0] == 0 and found[1][0] == f"office is made of default: {then}"
