"""What the Provenance of each write costs: pushes of 500 entries and single creates, with it and without, in turns."""

import argparse
import os
import statistics
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from databases import SQLite, new_database, postgresql_server
from machine import print_machine
from push import make_bodies

from fhir_registry.content.registry import load_content
from fhir_registry.core.provenance import Origin
from fhir_registry.fhir import json
from fhir_registry.ops import ingest
from fhir_registry.ops.open import open_registry, spare_collector

SITE, BASE = 1, "http://localhost/fhir"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--patients", type=int, default=120, help="made-up patients of each registry")
    parser.add_argument("--entries", type=int, default=500, help="of one push, at least")
    parser.add_argument("--creates", type=int, default=400, help="single creates")
    options = parser.parse_args()
    print_machine()
    content = load_content()
    pushes = [json.dumps(bundle) for bundle in join(make_bodies(options.patients), options.entries)]
    entries = sum(len(json.parse(body)["entry"]) for body in pushes)
    observation = next(r for body in pushes for r in resources(body) if r["resourceType"] == "Observation")
    spare_collector()
    for kind in options.database:
        with databases(kind, content) as (databases_, without, known):
            print(f"\n{kind}")
            walks = (without, known)
            took = in_turns(databases_, walks, [lambda reg, body=body: push(reg, body) for body in pushes])
            report(f"{len(pushes)} pushes, {entries:,} entries", took, entries, "entry")
            creates = [lambda reg: ingest.create(reg, SITE, "Observation", observation)] * options.creates
            report(f"{len(creates)} creates", in_turns(databases_, walks, creates), len(creates), "create")


def join(bodies, entries):
    """Transactions of at least so many entries, made of smaller ones."""
    waiting = []
    for body in bodies:
        waiting += json.parse(body)["entry"]
        if len(waiting) >= entries:
            yield {"resourceType": "Bundle", "type": "transaction", "entry": waiting}
            waiting = []


def resources(body):
    return (entry["resource"] for entry in json.parse(body)["entry"])


@contextmanager
def databases(kind, content):
    """(two new databases, a registry on the first, one on the second whose writes are known to come from somebody)."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        if kind == "sqlite":
            both = [SQLite(f"{folder}/{name}.sqlite") for name in ("without", "known")]
        else:
            os.chmod(folder, 0o755)  # run as root, PostgreSQL is another user
            server = stack.enter_context(postgresql_server(folder))
            both = [new_database(server, name) for name in ("without", "known")]
        registries = [open_registry(database.url, content) for database in both]
        for registry in registries:
            stack.callback(registry.close)
        origin = Origin(
            "0190b2a4-7c1e-7d44-9a53-000000000001", request=os.urandom(16).hex(), digest=os.urandom(32).hex()
        )
        yield both, registries[0], replace(registries[1], origin=origin)


def push(registry, body):
    json.dumps(ingest.bundle(registry, SITE, json.parse(body), BASE))


def in_turns(databases_, walks, works):
    """Seconds of processor time that each work took, for each of the walks: [[own, of the database's server]]."""
    took = [[], []]
    for number, work in enumerate(works):
        for which in (0, 1) if number % 2 else (1, 0):
            server, own = databases_[which].processor_time(), time.process_time()
            work(walks[which])
            took[which].append((time.process_time() - own, databases_[which].processor_time() - server))
    return took


def report(title, took, number, what):
    """The sums, and the median of what each work took more: the load of others moves the former."""
    own = [sum(each for each, _ in some) for some in took]
    server = [sum(each for _, each in some) for some in took]
    more = statistics.median(b / a - 1 for (a, _), (b, _) in zip(*took, strict=True))
    for name, *seconds in (("own", *own), ("server", *server)):
        if all(seconds):
            without, known = (each / number * 1e6 for each in seconds)
            told = f"{without:7,.0f} us each {what} without, {known:7,.0f} with ({known / without - 1:+.1%})"
            print(f"{title:32} {name:7} {told}")
    whole = [a + b for a, b in zip(own, server, strict=True)]
    print(f"{title:32} together {whole[1] / whole[0] - 1:+.1%}, median of its own {more:+.1%}", flush=True)


if __name__ == "__main__":
    main()
