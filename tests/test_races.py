"""The races of tests/torture/races.py in small: two servers over one database, on SQLite and on PostgreSQL.

REL-10 to REL-16 and REL-18; on SQLite REL-27 too: two servers on one local file are well, each behind the other's lock.
"""

import pytest
from races import RACES
from runners import track


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def runners(request, tmp_path_factory):
    with track(request.param, tmp_path_factory.mktemp("races"), servers=2, workers=1, clients=12, seed=1) as found:
        yield found


@pytest.mark.parametrize("name", sorted(RACES))
def test_race(runners, name):
    runners.statuses.clear()
    assert RACES[name](runners, 0.004) == []
    assert not [status for status in runners.statuses if status not in (200, 201, 412, 503, "abandoned")]
