"""The faults of tests/torture/faults.py in small: a server that clients write to while its database fails.

REL-03, REL-06, REL-07, and a database that stands still.
"""

import pytest
from faults import FAULTS, can_mount, world
from steady_load import SteadyLoad


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory):
    with world("postgresql", tmp_path_factory.mktemp("faults"), workers=1) as scene:
        yield scene


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory):
    with world("sqlite", tmp_path_factory.mktemp("faults"), workers=1) as scene:
        yield scene


def check(name, scene):
    if name in ("full", "read-only") and not can_mount():
        pytest.skip("only root may mount a small file system")
    with SteadyLoad(scene.port, seed=name) as load:
        FAULTS[name](scene, load, 1)
        load.check()
    assert load.problems == []
    assert load.acknowledged > 20


@pytest.mark.parametrize("name", FAULTS)
def test_postgresql(name, postgresql):
    check(name, postgresql)


@pytest.mark.parametrize("name", ["full", "read-only"])
def test_sqlite(name, sqlite):
    check(name, sqlite)
