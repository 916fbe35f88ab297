"""The clock steps while clients write: lastUpdated never runs backwards, `_since` skips nothing (REL-22)."""

import random
import threading
import time

from rest_client import Rest, basic

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops import ingest
from fhir_registry.ops.open import open_registry

HOUR = 3_600_000_000  # microseconds
STEPS = (
    0,
    -HOUR,
    HOUR,
    -1_000_000,
    1_000_000,
)  # daylight saving does not count: instants are UTC, a leap second is one
WRITERS = 4
EACH = 25


class SteppingClock:
    """The true time, and a step that is another one at each look."""

    def __init__(self, seed):
        self._dice = random.Random(seed)

    def __call__(self):
        return time.time_ns() // 1000 + self._dice.choice(STEPS)


def test_rel_22(database, content):
    registry = open_registry(database, content, clock=SteppingClock(22))
    rest = Rest(create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": "unused"}), registry))
    written, done = [], threading.Event()

    def write(number):
        for n in range(EACH):
            resource = basic(f"Patient/{n}", id=f"b{(number + n) % 5}", code={"text": f"{number}-{n}"})
            outcome = ingest.update(registry, 1, "Basic", resource["id"], resource)
            written.append((outcome.id, outcome.version))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    seen, since = set(), "2000-01-01T00:00:00Z"

    def follow(since):
        """Read what is new since the newest that was read before, as a client does who keeps a copy."""
        for entry in rest.read(f"Basic/_history?_since={since}&_count=1000").get("entry", ()):
            meta = entry["resource"]["meta"]
            seen.add((entry["resource"]["id"], int(meta["versionId"])))
            since = max(since, meta["lastUpdated"])
        return since

    def stop():
        for thread in threads:
            thread.join()
        done.set()

    threading.Thread(target=stop).start()
    while not done.is_set():
        since = follow(since)
    follow(since)
    assert len(written) == WRITERS * EACH
    assert seen == set(written)
    for number in range(5):
        entries = rest.read(f"Basic/b{number}/_history?_count=1000")["entry"]
        times = [entry["resource"]["meta"]["lastUpdated"] for entry in reversed(entries)]
        assert times == sorted(set(times))
        versions = [int(entry["resource"]["meta"]["versionId"]) for entry in reversed(entries)]
        assert versions == list(range(1, len(versions) + 1))
    registry.close()
