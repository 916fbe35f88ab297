"""Shared fixtures."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def cases():
    """The folder of outside cases (specification suites, real data), which are not part of this repository."""
    folder = Path(os.environ.get("FHIR_REGISTRY_CASES", ROOT.parent / "shared"))
    if not (folder / "cases").is_dir():
        message = f"outside cases not found in {folder}; set FHIR_REGISTRY_CASES to their folder"
        if os.environ.get("FHIR_REGISTRY_REQUIRE_CASES"):
            pytest.fail(message)
        pytest.skip(message)
    return folder
