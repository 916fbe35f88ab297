"""Each benchmark (bench/README.md) runs to its end, in its smallest form; what it measures is not judged here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parent.parent / "bench"
SMALLEST = {
    "access": "--database sqlite --pushes 1 --reads 100",
    "audit": "--database sqlite --callers 1 --seconds 0.1 --entries 5 --events 10",
    "evaluate": "--patients 10",
    "growth": "--database sqlite postgresql --to 200 --step 100 --folder {folder} --processes 1",
    "other_sites": "--database sqlite --patients 2 --requests 2 --most 1000",
    "provenance": "--database sqlite --patients 2 --entries 5 --creates 2",
    "push": "--database sqlite postgresql-tuned --data {folder}/none --patients 1 --repeat 1 --processes 1",
    "search": "--database sqlite --resources 300 --requests 2",
    "stats": "--patients 1000 --repeat 1",
}
LIBRARIES = {"databases", "machine", "many_patients", "many_resources"}


def test_every_benchmark_is_here():
    assert {path.stem for path in BENCH.glob("*.py")} == {*SMALLEST, *LIBRARIES}


@pytest.mark.parametrize("name", SMALLEST)
def test_it_runs_to_its_end(name, tmp_path):
    command = [sys.executable, str(BENCH / f"{name}.py"), *SMALLEST[name].format(folder=tmp_path).split()]
    environment = os.environ | {"PYTHONPATH": str(BENCH.parent)}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "cores, Python" in done.stdout  # a figure without its machine says nothing
