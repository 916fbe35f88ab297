"""How fast bundles go in: the floor, in process, and over HTTP; printed with machine and size."""

import argparse
import gzip
import json
import os
import platform
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from fhir_registry.content.registry import load_content
from fhir_registry.fhir import json as fhir_json
from fhir_registry.ops import ingest
from fhir_registry.ops.open import open_registry

_thread = threading.local()
DEFAULT_DATA = Path(os.environ.get("FHIR_REGISTRY_CASES", "../shared")) / "data" / "synthea"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder of transaction bundles")
    parser.add_argument("--jobs", type=int, default=2, help="parallel connections of the HTTP client")
    parser.add_argument("--workers", type=int, default=1, help="worker processes of the server")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each figure; the median is printed")
    options = parser.parse_args()
    bodies = read_bodies(options.data)
    if not bodies:
        sys.exit(f"no bundles in {options.data}; name a folder with --data")
    resources = sum(len(json.loads(body)["entry"]) for body in bodies)
    megabytes = sum(map(len, bodies)) / 1e6
    print(f"machine    {cpu_model()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"size       {len(bodies)} bundles, {resources:,} resources, {megabytes:.1f} MB of JSON")
    for name, run, target in (
        ("floor", lambda: measure_floor(bodies), None),
        ("in-process import", lambda: measure_import(bodies), 10_000),
        (f"HTTP push, {options.workers} worker(s)", lambda: measure_push(bodies, options), 4_000),
    ):
        outcomes = [run() for _ in range(options.repeat)]
        rates = sorted(resources / outcome["seconds"] for outcome in outcomes)
        median, spread = rates[len(rates) // 2], f"{rates[0]:,.0f} to {rates[-1]:,.0f}"
        goal = f"   target {target:,}" if target else ""
        print(f"{name:26} {median:>8,.0f} resources/s ({spread}, {options.repeat} runs){goal}", flush=True)
        if "memory" in outcomes[0]:
            print(f"{'server memory, peak':26} {max(o['memory'] for o in outcomes):>8,.0f} MB   target 300")


def read_bodies(folder):
    bodies = []
    for path in sorted(folder.iterdir()):
        if path.name.endswith((".json", ".json.gz")):
            data = path.read_bytes()
            bodies.append(gzip.decompress(data) if path.suffix == ".gz" else data)
    return bodies


def measure_floor(bodies):
    """Parse, and insert each resource's text into one table, a transaction a bundle."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "floor.sqlite", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE resource (id INTEGER PRIMARY KEY, body TEXT)")
        start = time.perf_counter()
        for body in bodies:
            bundle = fhir_json.parse(body)
            rows = [(fhir_json.dumps(entry["resource"]).decode(),) for entry in bundle["entry"]]
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO resource (body) VALUES (?)", rows)
            connection.execute("COMMIT")
        seconds = time.perf_counter() - start
        connection.close()
    return {"seconds": seconds}


def measure_import(bodies):
    with tempfile.TemporaryDirectory() as folder:
        registry = open_registry(f"sqlite:///{folder}/bench.sqlite", load_content())
        start = time.perf_counter()
        for body in bodies:
            fhir_json.dumps(ingest.bundle(registry, 1, fhir_json.parse(body), "http://localhost/fhir"))
        seconds = time.perf_counter() - start
        registry.close()
    return {"seconds": seconds}


def measure_push(bodies, options):
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, "-m", "fhir_registry.edges.cli", "serve", "--port", str(port)]
        command += ["--database", f"sqlite:///{folder}/bench.sqlite", "--workers", str(options.workers)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            base = f"http://127.0.0.1:{port}"
            wait_until_ready(f"{base}/health", server)
            start = time.perf_counter()
            with ThreadPoolExecutor(options.jobs) as pool:
                for response in pool.map(lambda body: post_bundle(f"{base}/fhir", body), bodies):
                    if response.status_code != 200:
                        sys.exit(f"push failed: {response.status_code} {response.text[:400]}")
            return {"seconds": time.perf_counter() - start, "memory": peak_memory(server.pid)}
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
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if int(fields["Pid"]) == pid or int(fields["PPid"]) == pid:
            total += int(fields["VmHWM"].split()[0]) / 1024
    return total


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu_model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
