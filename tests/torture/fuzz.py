"""Many thousand odd requests: none may fail with 5xx, and what is stored must read back (docs/clarifications.md).

    python tests/torture/fuzz.py --requests 100000 --seed 1 [--database URL]

Prints the seed, the answers by status, the slowest requests, and every request that broke a rule; exits 1 if any did.
"""

import argparse
import json
import random
import sys
import tempfile
import time
import traceback
from collections import Counter

from fuzz_requests import Requests

from fhir_registry.content.registry import load_content
from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops.open import open_registry

SLOW_SECONDS = 2
SERVER_SET = ("versionId", "lastUpdated")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", help="URL of an empty database; a new SQLite file by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        registry = open_registry(options.database or f"sqlite:///{folder}/fuzz.sqlite", load_content())
        outcome = fuzz(registry, options.requests, options.seed, show=sys.stderr)
        registry.close()
    print(f"seed {options.seed}: {sum(outcome.statuses.values()):,} requests")
    print("answers  ", dict(sorted(outcome.statuses.items())), f"{outcome.read_back:,} stored and read back")
    for seconds, request in outcome.slowest:
        print(f"{seconds:6.2f} s  {request}")
    for problem in outcome.problems:
        print("PROBLEM", problem)
    sys.exit(bool(outcome.problems or outcome.slowest[0][0] > SLOW_SECONDS))


class Outcome:
    """statuses: answers by status; slowest: (seconds, request); problems: what broke a rule; read_back: resources."""

    def __init__(self):
        self.statuses, self.slowest, self.problems, self.read_back = Counter(), [], [], 0

    def time(self, seconds, request):
        self.slowest = sorted([*self.slowest, (seconds, request)], key=lambda pair: -pair[0])[:5]


def fuzz(registry, number, seed, show=None):
    """Send `number` requests to an application over this registry; returns Outcome. show: a file for progress."""
    client = create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": "unused"}), registry).test_client()
    requests = Requests(registry.content, random.Random(seed))
    outcome = Outcome()
    for done in range(number):
        request = requests.draw()
        start = time.perf_counter()
        try:
            response = client.open(request.path, method=request.method, data=request.data, headers=request.headers)
        except Exception:
            outcome.problems.append(f"{describe(request)}: {traceback.format_exc(limit=-3)}")
            continue
        outcome.time(time.perf_counter() - start, describe(request))
        outcome.statuses[response.status_code] += 1
        check(client, request, response, requests, outcome)
        if show and done % 1000 == 0:
            print(f"\r{done:,} of {number:,}", end="", file=show)
    return outcome


def describe(request):
    return f"{request.method} {request.path} {request.headers} {request.data[:600]!r}"


def check(client, request, response, requests, outcome):
    """Note whatever breaks a rule in one answer; teach `requests` what there is now."""
    status = response.status_code
    if status >= 500:
        outcome.problems.append(f"{status} {describe(request)} {response.data[:300]!r}")
    elif status >= 400 and request.method != "HEAD" and b"OperationOutcome" not in response.data:
        outcome.problems.append(f"{status} without OperationOutcome: {describe(request)} {response.data[:200]!r}")
    if status in (200, 201) and request.method in ("POST", "PUT", "PATCH") and "Location" in response.headers:
        read_back(client, request, response, requests, outcome)
    for link in next_links(response):
        requests.add_link(link)


def next_links(response):
    if response.status_code == 200 and response.data.startswith(b'{"resourceType":"Bundle"'):
        for link in json.loads(response.data).get("link", ()):
            yield link["url"]


def read_back(client, request, response, requests, outcome):
    """What was stored is what reads back, in JSON and, through XML, again."""
    path = "/fhir/" + response.headers["Location"].partition("/fhir/")[2]
    requests.add_stored(path.removeprefix("/fhir/").split("/_history")[0])
    stored = client.get(path, headers={"Accept": "application/fhir+json"})
    if stored.status_code != 200:
        outcome.problems.append(f"{stored.status_code} reading {path} after {describe(request)}")
        return
    outcome.read_back += 1
    sent, kept = request.sent, json.loads(stored.data, parse_float=str)
    if sent is not None and response.status_code == 201 and without_server_set(sent) != without_server_set(kept):
        outcome.problems.append(f"read back differs: {describe(request)} {stored.data[:300]!r}")
    as_xml = client.get(path, headers={"Accept": "application/fhir+xml"})
    if as_xml.status_code != 200:
        outcome.problems.append(f"{as_xml.status_code} reading {path} as XML after {describe(request)}")
        return
    again = client.put(
        f"/fhir/{path.removeprefix('/fhir/').split('/_history')[0]}",
        data=as_xml.data,
        headers={"Content-Type": "application/fhir+xml"},
    )
    # What differs in nothing makes no new version.
    if again.status_code >= 400 or again.headers["ETag"] != stored.headers["ETag"]:
        outcome.problems.append(
            f"{again.status_code} {again.data[:200]!r} storing the XML of {path}: {stored.data[:300]!r}"
        )


def without_server_set(resource):
    kept = {name: value for name, value in resource.items() if name != "id"}
    kept["meta"] = {name: value for name, value in kept.get("meta", {}).items() if name not in SERVER_SET}
    return kept


if __name__ == "__main__":
    main()
