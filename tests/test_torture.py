"""The short forms of torture/kill.py, linearizable.py and soak.py (REL-01, REL-02, REL-03, REL-17, REL-24)."""

import argparse

import pytest
from kill import Outcome, kill_again_and_again
from linearizable import record_and_check
from soak import soak

BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


def options(database, **values):
    return argparse.Namespace(database=database, seed=20261121, workers=2, **values)


@BOTH
def test_nothing_is_lost_in_kills(database, tmp_path):
    outcome = Outcome()
    chosen = options(database, writers=6, seconds=1.5, imports=2)
    kill_again_and_again(chosen, tmp_path / "kill", range(2), outcome, show=None)
    assert outcome.problems == []
    assert outcome.acknowledged > 20


@BOTH
def test_concurrent_histories_have_an_order(database, tmp_path):
    problems, _ = record_and_check(options(database, clients=16, seconds=4, kills=2), 7, tmp_path)
    assert problems == []


@BOTH
def test_a_mixed_load_makes_no_error_and_leaves_nothing_open(database, tmp_path, capsys):
    # In seconds neither memory nor latency has settled: only what must not grow at all is judged.
    chosen = options(database, resources=0, minutes=0.1, peak_seconds=2, clients=4, growth=1, drift=1000)
    assert soak(chosen, tmp_path) == []
    assert "0 of them with problems" in capsys.readouterr().out
