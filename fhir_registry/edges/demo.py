"""The whole walk in a minute: serve, push made-up patients, evaluate, compare with the truth (docs/cli.md)."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

from fhir_registry.examples import REGISTRIES, write
from fhir_registry.fhir import json

from .comparison import compare
from .config import PREFIX, local_url
from .evaluation import EvaluationError, request_report
from .push import PushError, push
from .serve import own_command

SEED = 1
START_SECONDS = 30


class DemoError(Exception):
    """The demonstration cannot go on; the message says why."""


def run_demo(patients, output, keep, say):
    """Run it; returns the number of statistics that differ from the generator's truth.

    patients: of each registry. output: folder of the MeasureReports, a Path. keep: leave the server running.
    say: prints one line. Raises DemoError.
    """
    started = time.monotonic()
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise DemoError(f"cannot write to {output}: {e.strerror}; choose another folder with --output") from None
    folder = Path(tempfile.mkdtemp(prefix="fhir-registry-demo-"))
    server, base = start_server(folder)
    finished = False
    try:
        say(f"server      {base} on {folder / 'demo.db'}")
        truths = {name: _make_patients(folder / name, name, patients, say) for name in REGISTRIES}
        wait_until_ready(server, base, folder / "server.log")
        for name in REGISTRIES:
            _push_patients(folder / name, base, say)
        results = [_evaluate(truth, base, output, say) for truth in truths.values()]
        finished = True
    finally:
        if not (keep and finished):
            stop_server(server)
            shutil.rmtree(folder, ignore_errors=True)
    compared = sum(numbers for numbers, _ in results)
    differences = sum(len(different) for _, different in results)
    say("")
    verdict = f"{differences} of {compared} numbers differ from" if differences else f"all {compared} numbers equal"
    say(f"{'✗' if differences else '✓'} {verdict} the truth; {time.monotonic() - started:.0f} s in all")
    say(f"reports     {output}/ (one MeasureReport a measure)")
    if keep:
        _say_what_runs(server, base, folder, truths, say)
    else:
        say(f"next        {own_command()} demo --keep   leaves the server running for you to look around")
    return differences


def _say_what_runs(server, base, folder, truths, say):
    measure, end = next((name, truth["periodEnd"]) for truth in truths.values() for name in truth["measures"])
    say(f"next        {own_command()} evaluate {measure} --from {base} --end {end}")
    say(f"            curl '{base}/Patient?birthdate=lt1960&_count=10'")
    say(f"server      keeps running at {base} (stop it with: kill {server.pid})")
    say(f"            its data is in {folder}")


def start_server(folder):
    """Start the server on a free loopback port with its data in `folder`; returns (process, base URL)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Settings meant for the user's own server must not lead the demonstration to the user's data.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {PREFIX + "DATA_DIR": str(folder), PREFIX + "LOG_LEVEL": "warning"}
    environment[PREFIX + "SMALL_CELL"] = "0"  # nobody to protect, and every number to compare
    command = [sys.executable, "-m", "fhir_registry.edges.cli", "serve", "--port", str(port)]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--database", str(folder / "demo.db")],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return server, local_url("127.0.0.1", port)


def wait_until_ready(server, base, log):
    """Return when the server answers; raises DemoError with the end of its log when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if requests.get(base.removesuffix("/fhir") + "/health", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    words = log.read_text(errors="replace").strip().splitlines()
    raise DemoError(f"the server did not start: {words[-1] if words else 'it wrote nothing to its log'}")


def stop_server(server):
    """End the server and its workers; waits until they are gone."""
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _make_patients(folder, name, patients, say):
    paths = write(name, patients, SEED, folder)
    say(f"made up     {patients} patients of {name}: {len(paths)} bundles")
    return json.parse((folder / "truth.json").read_bytes())


def _push_patients(folder, base, say):
    started = time.monotonic()
    try:
        deliveries = push([folder], base, report=None)
    except PushError as e:
        raise DemoError(str(e)) from None
    for delivery in deliveries:
        if delivery.problem:
            raise DemoError(f"{delivery.path.name} was refused: {delivery.problem}")
    resources = sum(sum(delivery.statuses.values()) for delivery in deliveries)
    seconds = time.monotonic() - started
    say(f"pushed      {resources} resources of {folder.name} in {seconds:.1f} s, {resources / seconds:.0f} a second")


def _evaluate(truth, base, output, say):
    """Evaluate the measures of one registry; print computed beside true; returns (how many numbers, differences)."""
    compared, different = 0, []
    for measure, expected in truth["measures"].items():
        try:
            report, text = request_report(base, measure, truth["periodStart"], truth["periodEnd"])
        except EvaluationError as e:
            raise DemoError(str(e)) from None
        (output / f"{measure}.json").write_bytes(text)
        comparison = compare(report, expected)
        say("")
        say(f"== {measure}, {truth['periodStart']} to {truth['periodEnd']}")
        for line in (*comparison.lines, *(f"✗ {difference}" for difference in comparison.different)):
            say(line)
        compared += comparison.compared
        different += comparison.different
    return compared, different
