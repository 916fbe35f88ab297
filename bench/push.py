"""How fast bundles go in: the floor, in process, and over HTTP; printed with machine and size."""

import argparse
import gzip
import itertools
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import requests
from databases import SQLite, new_database, postgresql_server, processes, processor_time
from machine import print_machine

from fhir_registry.content.registry import load_content
from fhir_registry.examples import REGISTRIES, Example
from fhir_registry.fhir import json as fhir_json
from fhir_registry.ops import ingest
from fhir_registry.ops.import_units import Unit
from fhir_registry.ops.importing import import_units
from fhir_registry.ops.open import open_registry, spare_collector

_thread = threading.local()
DEFAULT_DATA = Path(os.environ.get("FHIR_REGISTRY_CASES", "../shared")) / "data" / "synthea"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder of transaction bundles")
    parser.add_argument("--patients", type=int, default=120, help="made-up patients of each registry")
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql", "postgresql-tuned"), nargs="+", default=["sqlite"]
    )
    parser.add_argument("--jobs", type=int, default=2, help="parallel connections of the HTTP client")
    parser.add_argument("--workers", type=int, default=1, help="worker processes of the server")
    parser.add_argument("--processes", type=int, default=2, help="processes that prepare bundles for the import")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each figure; the median is printed")
    parser.add_argument("--tables", action="store_true", help="print the bytes an entry of every table and index")
    options = parser.parse_args()
    print_machine()
    sets = {}
    if options.data.is_dir():
        sets[f"bundles of {options.data.name}"] = read_bodies(options.data)
    else:
        print(f"no folder {options.data}: the made-up patients only; name one with --data")
    sets[f"made-up patients, 3 x {options.patients}"] = make_bodies(options.patients)
    for kind in options.database:
        with databases(kind) as make:
            for title, bodies in sets.items():
                measure(f"{kind}, {title}", bodies, options, make)


@contextmanager
def databases(kind):
    """A function that makes a new, empty database of the kind."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            numbers = itertools.count()
            yield lambda: SQLite(f"{folder}/bench-{next(numbers)}.sqlite")
        else:
            os.chmod(folder, 0o755)  # run as root, PostgreSQL is another user
            with postgresql_server(folder, tuned=kind.endswith("tuned")) as server:
                yield lambda: new_database(server, "bench")


def measure(title, bodies, options, make):
    """Print the size of a data set and every figure of it, in databases that `make` makes."""
    resources = sum(len(json.loads(body)["entry"]) for body in bodies)
    size = sum(map(len, bodies))
    print(f"\n{title}: {len(bodies)} bundles, {resources:,} entries, {size / 1e6:.1f} MB of JSON")
    content = load_content()
    for name, run, target in (
        ("floor", lambda: measure_floor(bodies), None),
        ("in process, one by one", lambda: measure_walk(bodies, content, make), None),
        (f"import, 1 + {options.processes} processes", lambda: measure_import(bodies, content, options, make), 10_000),
        (f"HTTP push, {options.workers} worker(s)", lambda: measure_push(bodies, options, make), 4_000),
    ):
        outcomes = [run() for _ in range(options.repeat)]
        rates = sorted(resources / outcome["seconds"] for outcome in outcomes)
        median, spread = rates[len(rates) // 2], f"{rates[0]:,.0f} to {rates[-1]:,.0f}"
        goal = f"   target {target:,}" if target else ""
        print(f"{name:26} {median:>8,.0f} entries/s ({spread}), {processor(outcomes, resources)}{goal}", flush=True)
        if "memory" in outcomes[0]:
            print(f"{'server memory, peak':26} {max(o['memory'] for o in outcomes):>8,.0f} MB   target 300")
        if "rows" in outcomes[0]:
            report_size(size, resources, outcomes[0], options.tables)


def processor(outcomes, resources):
    """The processor time of an entry, of the run that took least: of the registry, and of the database's server."""
    least = min(outcomes, key=lambda outcome: outcome["cpu"] + outcome.get("server", 0))
    told = f"{least['cpu'] / resources * 1e6:.0f} us of processor each"
    return f"{told}, {least['server'] / resources * 1e6:.0f} us of PostgreSQL" if least.get("server") else told


def report_size(size, resources, outcome, tables):
    """What an entry takes: bytes sent, rows, bytes of database and of WAL; with `tables` of every table and index."""
    stored = sum(outcome["bytes"].values())
    ahead = f", {outcome['wal'] / resources:,.0f} bytes of WAL" if "wal" in outcome else ""
    print(
        f"{'an entry':26} {size / resources:>8,.0f} bytes sent, {outcome['rows'] / resources:.1f} rows, "
        f"{stored / resources:,.0f} bytes of database{ahead}"
    )
    for name, number in sorted(outcome["bytes"].items(), key=lambda item: -item[1]) if tables else ():
        if number >= resources:
            print(f"    {name:32} {number / resources:>8,.0f} bytes")


def read_bodies(folder):
    bodies = []
    for path in sorted(folder.iterdir()):
        if path.name.endswith((".json", ".json.gz")):
            data = path.read_bytes()
            bodies.append(gzip.decompress(data) if path.suffix == ".gz" else data)
    return bodies


def make_bodies(patients):
    """The bundles of `fhir-registry examples`, of all registries."""
    return [
        fhir_json.dumps(bundle) for name in sorted(REGISTRIES) for bundle in Example(name, patients, seed=1).bundles()
    ]


@contextmanager
def timed(outcome, database=None):
    """Put the seconds of the block, and of processor time with its child processes, into `outcome`."""
    server = database.processor_time() if database else 0
    start, before = time.perf_counter(), os.times()
    yield
    after = os.times()
    outcome["seconds"] = time.perf_counter() - start
    outcome["cpu"] = sum(after[:4]) - sum(before[:4])
    outcome["server"] = database.processor_time() - server if database else 0


def measure_floor(bodies):
    """Parse, and insert each resource's text into one table, a transaction a bundle."""
    outcome = {}
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "floor.sqlite", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE resource (id INTEGER PRIMARY KEY, body TEXT)")
        with timed(outcome):
            for body in bodies:
                bundle = fhir_json.parse(body)
                rows = [(fhir_json.dumps(entry["resource"]).decode(),) for entry in bundle["entry"]]
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT INTO resource (body) VALUES (?)", rows)
                connection.execute("COMMIT")
        connection.close()
    return outcome


@contextmanager
def opened(content, database):
    """A registry on an empty database, and an outcome that at the end holds what has been stored in it."""
    registry = open_registry(database.url, content)
    spare_collector()
    rows, sizes = database.rows(), database.sizes()
    ahead = getattr(database, "written_ahead", None)  # of PostgreSQL
    outcome = {"wal": -ahead()} if ahead else {}
    try:
        yield registry, outcome
    finally:
        registry.close()
    if ahead:
        outcome["wal"] += ahead()
    outcome["rows"] = database.rows() - rows
    outcome["bytes"] = {name: size - sizes.get(name, 0) for name, size in database.sizes().items()}


def measure_walk(bodies, content, make):
    """Each bundle by itself in one process, as the server does it, without HTTP."""
    database = make()
    with opened(content, database) as (registry, outcome), timed(outcome, database):
        for body in bodies:
            fhir_json.dumps(ingest.bundle(registry, 1, fhir_json.parse(body), "http://localhost/fhir"))
    return {name: outcome[name] for name in ("seconds", "cpu", "server")}


def measure_import(bodies, content, options, make):
    """All bundles with several processes that prepare and one that writes."""
    database = make()
    with opened(content, database) as (registry, outcome), timed(outcome, database):
        units = (Unit(number, 0, None, 0, body) for number, body in enumerate(bodies))
        for group in import_units(registry, 1, units, "http://localhost/fhir", options.processes):
            if any(done.error for done in group):
                sys.exit("import failed")
    return outcome


def measure_push(bodies, options, make):
    """All bundles over HTTP, over several connections."""
    database, port = make(), free_port()
    command = [sys.executable, "-m", "fhir_registry.edges.cli", "serve", "--port", str(port)]
    command += ["--database", database.url, "--workers", str(options.workers)]
    quiet = {**os.environ, "FHIR_REGISTRY_LOG_LEVEL": "warning"}
    server = subprocess.Popen(command, env=quiet, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        base = f"http://127.0.0.1:{port}"
        wait_until_ready(f"{base}/health", server)
        outcome = {"cpu": -processor_time(server.pid), "server": -database.processor_time()}
        start = time.perf_counter()
        with ThreadPoolExecutor(options.jobs) as pool:
            for response in pool.map(lambda body: post_bundle(f"{base}/fhir", body), bodies):
                if response.status_code != 200:
                    sys.exit(f"push failed: {response.status_code} {response.text[:400]}")
        outcome["seconds"] = time.perf_counter() - start
        outcome["cpu"] += processor_time(server.pid)
        outcome["server"] += database.processor_time()
        return {**outcome, "memory": peak_memory(server.pid)}
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(10)


def post_bundle(url, body):
    if not hasattr(_thread, "session"):
        _thread.session = requests.Session()
    return _thread.session.post(url, data=body, headers={"Content-Type": "application/fhir+json"}, timeout=300)


def wait_until_ready(url, server):
    for _ in range(200):
        if server.poll() is not None:
            sys.exit("the server did not start")
        try:
            if requests.get(url, timeout=2).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    sys.exit("the server did not become ready in 20 s")


def peak_memory(pid):
    """Peak resident memory of a process and its children, MB."""
    statuses = ((folder / "status").read_text() for folder in processes(pid))
    return sum(int(re.search(r"VmHWM:\s+(\d+)", status)[1]) for status in statuses) / 1024


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


if __name__ == "__main__":
    main()
