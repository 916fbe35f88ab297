"""What a long load measured is judged (torture/soak.py): what grows is told, what is only uneven is not (REL-24)."""

import argparse
import random

import pytest
from soak import Sample, Timing, judge

SECONDS = 600
OPTIONS = argparse.Namespace(minutes=SECONDS / 60, growth=0.05, drift=0.2, database="sqlite")


def measured(latency=lambda share: 0.01, memory=lambda share: 200e6, files=lambda share: 50, wal=lambda share: 4e6):
    """Timings and Samples; each argument is a function of the share of the time that has passed."""
    chance, timings = random.Random(1), []
    for number in range(30_000):
        due = SECONDS * number / 30_000
        timings.append(Timing(due, "read", latency(due / SECONDS) * chance.uniform(0.8, 1.2), None))
    shares = [second / SECONDS for second in range(SECONDS)]
    samples = [Sample(SECONDS * s, memory(s) * chance.uniform(0.99, 1.01), files(s), 4, wal(s)) for s in shares]
    return timings, samples


def test_what_is_steady_passes():
    assert judge(OPTIONS, *measured()) == []


def test_what_grows_only_at_first_passes():
    assert judge(OPTIONS, *measured(memory=lambda share: 200e6 * min(1, 0.5 + 3 * share))) == []


def test_what_is_slow_for_some_seconds_passes():
    assert judge(OPTIONS, *measured(latency=lambda share: 0.5 if 0.8 < share < 0.81 else 0.01)) == []


@pytest.mark.parametrize(
    ("grown", "told"),
    [
        ({"memory": lambda share: 200e6 * (1 + share / 5)}, "memory grew"),
        ({"files": lambda share: 50 + 20 * share}, "files grew"),
        ({"latency": lambda share: 0.01 * (1 + share)}, "read: the median grew"),
        ({"latency": lambda share: 0.01 * (20 if share > 0.7 and random.random() < 0.02 else 1)}, "read: p99 grew"),
        ({"wal": lambda share: 1e9 if 0.5 < share < 0.51 else 4e6}, "the write-ahead log had 1000 MB"),
    ],
)
def test_what_grows_is_told(grown, told):
    assert any(problem.startswith(told) for problem in judge(OPTIONS, *measured(**grown)))


def test_each_problem_is_told_once():
    timings, samples = measured()
    timings += [Timing(300, "write", 0.1, "write 500")] * 2
    assert judge(OPTIONS, timings, samples) == ["write 500"]
