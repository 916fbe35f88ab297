"""A server signs where the audit log ends, by itself (docs/audit.md)."""

import os
import subprocess
import sys
from contextlib import closing

from audit_events import SITE, fill
from own_server import OwnServer, wait_until

from fhir_registry.core.audit import READS, WRITES
from fhir_registry.ops.audit_checkpoints import new_key, read_checkpoints, read_public_key
from fhir_registry.ops.open import open_registry


def test_a_server_signs(new_registry, content, tmp_path):
    """Two processes do, and each chain is signed once."""
    url, key, path = new_registry("sqlite"), tmp_path / "key.pem", tmp_path / "checkpoints"
    private, public = new_key()
    key.write_bytes(private)
    with closing(open_registry(url, content)) as registry:
        fill(registry.store, 3)
    with OwnServer(url, tmp_path, workers=2, audit_checkpoints=path, audit_key=key):
        wait_until(lambda: path.exists() and path.read_bytes().count(b"\n") >= 2)
    found, wrong = read_checkpoints(path.read_bytes().splitlines(keepends=True), read_public_key(public))
    assert wrong == []
    ends = {place: [each.seq for each in some] for place, some in found.items()}
    assert ends == {(SITE, WRITES): [3], (SITE, READS): [6]}


def test_a_bad_key_stops_the_start(tmp_path):
    key = tmp_path / "key.pem"
    key.write_text("no key")
    settings = {"DATA_DIR": tmp_path, "AUDIT_CHECKPOINTS": tmp_path / "c", "AUDIT_KEY": key}
    environment = os.environ | {f"FHIR_REGISTRY_{name}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "fhir_registry.edges.cli", "serve"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "it is no PEM of an Ed25519 or P-384 key" in done.stderr and "Traceback" not in done.stderr
