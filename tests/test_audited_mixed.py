"""The short form of torture/audited.py: every request is in the log, once, with the right patients (AUD-01 to 03)."""

import argparse
import random

import pytest
from audited import ask


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_request_is_found_once(database, tmp_path):
    seed = random.randrange(2**32)
    print("seed", seed)
    options = argparse.Namespace(database=database, requests=300, clients=4, workers=2, seed=seed)
    problems, requests, statuses = ask(options, tmp_path)
    assert problems == []
    assert requests >= 300 and {200, 201, 204, 400, 401, 403, 404, 410, 412} <= statuses.keys()
