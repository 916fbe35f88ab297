"""The mCODE 4.0.0 package (https://hl7.org/fhir/us/mcode/STU4/), which is not part of this repository."""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from fhir_registry.fhir.json import parse

PACKAGE = "hl7.fhir.us.mcode@4.0.0"
ARCHIVE = "hl7.fhir.us.mcode-4.0.0.tgz"


def find_mcode():
    """Path of the package: $FHIR_REGISTRY_MCODE, else fetched once into the cache folder by npm; skips without."""
    if given := os.environ.get("FHIR_REGISTRY_MCODE"):
        return Path(given)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "fhir-registry")
    if not (cache / ARCHIVE).is_file() and shutil.which("npm"):
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=cache, capture_output=True, timeout=120, check=False)
    if not (cache / ARCHIVE).is_file():
        message = f"{ARCHIVE} not found: set FHIR_REGISTRY_MCODE to it, or install npm"
        if os.environ.get("FHIR_REGISTRY_REQUIRE_CASES"):
            pytest.fail(message)
        pytest.skip(message)
    return cache / ARCHIVE


def read_mcode(prefix):
    """{file name: resource} of the package's members whose path begins with a prefix, e.g. `package/example/`."""
    with tarfile.open(find_mcode()) as members:
        return {
            Path(m.name).name: parse(members.extractfile(m).read())
            for m in members
            if m.name.startswith(prefix) and m.name.endswith(".json")
        }
