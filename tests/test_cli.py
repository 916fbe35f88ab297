"""The command line as it is installed: exit codes, one-line errors, serving and stopping."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from fhir_registry.edges.demo import wait_until_ready

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("serve", "push", "import", "evaluate", "findings", "tables", "examples", "demo")
COMMANDS += (
    "reindex",
    "fsck",
    "backup",
    "restore",
    "export",
    "pseudonymise",
    "key",
    "client register",
    "client list",
    "client rotate",
    "client revoke",
)
COMMAND = [sys.executable, "-m", "fhir_registry.edges.cli"]


def environment(folder, **settings):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FHIR_REGISTRY_")}
    return kept | {"FHIR_REGISTRY_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)} | settings


def run(folder, *arguments, **settings):
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(folder, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(folder, command, **settings):
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, cwd=folder, env=environment(folder, **settings), stdout=log, stderr=log)


@pytest.mark.parametrize("arguments", [["--help"], *([*name.split(), "--help"] for name in COMMANDS)])
def test_help(tmp_path, arguments):
    result = run(tmp_path, *arguments)
    assert result.returncode == 0 and "Usage" in result.stdout


def test_every_command_and_option_is_documented(tmp_path):
    document = (ROOT / "docs" / "cli.md").read_text()
    for name in COMMANDS:
        for option in re.findall(r"^  (--[a-z-]+)", run(tmp_path, *name.split(), "--help").stdout, re.MULTILINE):
            assert f"`{option}" in document, f"{name} {option}"


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (["serve"], {"FHIR_REGISTRY_PROT": "1"}, "did you mean FHIR_REGISTRY_PORT"),
        (["serve", "--host", "0.0.0.0"], {}, "refusing to listen on 0.0.0.0"),
        (["serve", "--port", "99999"], {}, "FHIR_REGISTRY_PORT=99999"),
        (["serve", "--database", "nonsense://x"], {}, "nonsense: is neither sqlite nor postgresql"),
        (["serve", "--database", "none/x.db"], {}, "there is no folder"),
        (["push", "nowhere", "--to", "http://127.0.0.1:1/fhir"], {}, "nowhere: no such file"),
        (["push", "one.json", "--to", "http://127.0.0.1:1/fhir"], {}, "is the server running?"),
        (["evaluate", "halaven-dcr", "--from", "http://127.0.0.1:1/fhir"], {}, "is the server running?"),
        (["findings", "halaven", "--from", "http://127.0.0.1:1/fhir"], {}, "is the server running?"),
        (["evaluate", "halaven-dcr", "--from", "127.0.0.1:1/fhir"], {}, "it looks like http://"),
        (["tables", "halaven", "--from", "http://127.0.0.1:1/fhir", "--out", "out"], {}, "is the server running?"),
        (["tables", "halaven", "--from", "http://127.0.0.1:1/fhir", "--out", "one.json/out"], {}, "Not a directory"),
        (["push", "one.json", "--to", "localhost"], {}, "it looks like http://"),
        (["examples", "out", "--registry", "moon"], {}, "moon"),
        (["examples", "one.json/out", "--registry", "halaven"], {}, "one.json/out: Not a directory"),
        (["serve"], {"FHIR_REGISTRY_DATA_DIR": "one.json/data"}, "one.json/data: Not a directory"),
        (["demo", "--output", "one.json/reports"], {}, "choose another folder with --output"),
    ],
)
def test_an_error_is_one_line_without_traceback(tmp_path, arguments, settings, words):
    (tmp_path / "one.json").write_text('{"resourceType":"Patient","id":"x"}')
    result = run(tmp_path, *arguments, **settings)
    assert result.returncode == 1
    error = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(error) == 1 and words in error[0]
    assert "Traceback" not in result.stderr


def test_a_port_in_use_is_said(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = run(tmp_path, "serve", "--port", str(other.getsockname()[1]))
    assert result.returncode == 1 and "choose another with --port" in result.stderr


def test_broken_content_is_named_before_anything_listens(tmp_path):
    folder = tmp_path / "mine" / "measures" / "x"
    folder.mkdir(parents=True)
    (folder / "Measure-x.json").write_text("{")
    result = run(tmp_path, "serve", "--port", str(free_port()), FHIR_REGISTRY_CONTENT=str(tmp_path / "mine"))
    assert result.returncode == 1 and "Measure-x.json" in result.stderr and "Traceback" not in result.stderr


def test_examples_are_written_with_their_truth(tmp_path):
    result = run(tmp_path, "examples", "out", "--registry", "halaven", "--patients", "3", "--seed", "7")
    assert result.returncode == 0, result.stderr
    truth = json.loads((tmp_path / "out" / "truth.json").read_text())
    assert (truth["patients"], truth["seed"]) == (3, 7)
    assert "fhir-registry push out --to http://127.0.0.1:8080/fhir" in result.stdout


@pytest.mark.parametrize("workers", [1, 2])
def test_serve_in_any_folder_and_stop_gently(tmp_path, workers):
    # A module of the same name in the current folder is not ours.
    (tmp_path / "server.py").write_text("raise SystemExit('the wrong server')")
    port = free_port()
    command = [*COMMAND, "serve", "--port", str(port), "--database", "mine.db", "--workers", str(workers)]
    server = start(tmp_path, command)
    base = f"http://127.0.0.1:{port}/fhir"
    try:
        wait_until_ready(server, base, tmp_path / "log")
        response = requests.post(f"{base}/Patient", json={"resourceType": "Patient"}, timeout=10)
        assert response.status_code == 201
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
    finally:
        server.kill()
    banner = (tmp_path / "log").read_text()
    assert base in banner and str(tmp_path / "mine.db") in banner and "fhir-registry push" in banner
    assert (tmp_path / "mine.db").exists()


def test_a_stop_while_workers_start_is_heard(tmp_path):
    port = free_port()
    server = start(tmp_path, [*COMMAND, "serve", "--port", str(port), "--workers", "6"])
    try:
        # The first worker answers, the others are still loading.
        wait_until_ready(server, f"http://127.0.0.1:{port}/fhir", tmp_path / "log")
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
    finally:
        server.kill()
        server.wait()


def test_python_server_py_serves(tmp_path):
    port = free_port()
    server = start(tmp_path, [sys.executable, str(ROOT / "server.py")], FHIR_REGISTRY_PORT=str(port))
    try:
        wait_until_ready(server, f"http://127.0.0.1:{port}/fhir", tmp_path / "log")
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
    finally:
        server.kill()


def test_a_request_being_handled_is_finished_before_the_stop(tmp_path):
    port = free_port()
    server = start(tmp_path, [*COMMAND, "serve", "--port", str(port)])
    base = f"http://127.0.0.1:{port}/fhir"
    entry = {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}
    bundle = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [entry] * 5000}).encode()
    head = "POST /fhir HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\n"
    head += f"Content-Length: {len(bundle)}\r\n\r\n"
    try:
        wait_until_ready(server, base, tmp_path / "log")
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(head.encode() + bundle)
            time.sleep(0.1)
            server.send_signal(signal.SIGTERM)
            assert connection.recv(12) == b"HTTP/1.1 200"
        assert server.wait(30) == 0
    finally:
        server.kill()


def test_starting_loads_no_statistics_and_no_models(tmp_path):
    heavy = ["lifelines", "pandas", "scipy", "fhir.resources", "requests", "granian"]
    script = f"import sys, server; server.app; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.strip() == "[]", result.stderr
