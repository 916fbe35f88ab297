"""Few threads at a time wait for others who may be slow (https://learn.microsoft.com/en-us/azure/architecture/patterns/bulkhead)."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fhir_registry.ops.turns import Turns


@pytest.fixture
def clock():
    return [1000.0]


@pytest.fixture
def turns(clock):
    return Turns(2, 60, lambda: clock[0])


@pytest.fixture
def other():
    """Another thread: `other(function)` is a Future of what it returns."""
    with ThreadPoolExecutor(1) as thread:
        yield thread.submit


def try_one(turns, waits=True):
    with turns.take(waits) as mine:
        return mine


def test_so_many_at_a_time(turns):
    with turns.take() as one, turns.take() as two:
        assert one and two and turns.taken
        assert not try_one(turns, waits=False)
    assert not turns.taken and try_one(turns)


def test_a_turn_that_ends_in_an_error_is_given_back(turns):
    for _ in range(3):
        with pytest.raises(ValueError), turns.take() as mine:
            assert mine
            raise ValueError


def test_who_comes_beyond_waits_for_one(turns, other):
    with turns.take():
        with turns.take():
            waiting = other(try_one, turns)
            time.sleep(0.1)
            assert not waiting.done()
        assert waiting.result(10)


def test_nobody_waits_when_the_latest_turn_is_old(turns, clock, other):
    with turns.take(), turns.take():
        clock[0] += 60
        assert not other(try_one, turns).result(10)


def test_nobody_waits_for_who_was_slow(turns, clock, other):
    with turns.take():
        clock[0] += 60
    with turns.take(), turns.take():
        assert not other(try_one, turns).result(10)
    with turns.take():  # the last took no time
        with turns.take():
            waiting = other(try_one, turns)
            time.sleep(0.1)
        assert waiting.result(10)
