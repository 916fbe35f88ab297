"""The short form of torture/fuzz.py, on both databases."""

from fuzz import fuzz


def test_odd_requests_break_nothing(registry):
    outcome = fuzz(registry, 1500, seed=20261121)
    assert outcome.problems == []
    assert outcome.read_back > 150  # or nothing would have been compared
    assert min(outcome.statuses[status] for status in (200, 201, 400, 404, 415)) > 0
