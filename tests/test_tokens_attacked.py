"""The short form of torture/tokens.py: wrong tokens hurt nobody else, keys change amid load (SEC-22, vector 9)."""

import argparse

import pytest
from tokens import run


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_wrong_tokens_hurt_nobody_else_and_keys_change_amid_load(database, tmp_path, capsys):
    chosen = argparse.Namespace(database=database, seed=20261122, seconds=3, rate=3000, clients=2)
    assert run(chosen, tmp_path) == []
    told = capsys.readouterr().out
    assert "20 times at once: {200: 1, 401: 19}" in told or "{401: 19, 200: 1}" in told
    assert "429" in told.partition("wrong ones:")[2]  # the limit was met
