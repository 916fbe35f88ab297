"""The demonstration from the outside, and how it reads and compares numbers."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from fhir_registry.edges.demo import is_same
from fhir_registry.edges.table import format_report, read_populations, read_statistics

ROOT = Path(__file__).resolve().parent.parent
MEASURES = ("faslodex-injections", "faslodex-prior-therapies", "halaven-dcr", "lipusu-her2-os")
PERCENT = {"unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}
MONTHS = {"unit": "mo", "system": "http://unitsofmeasure.org", "code": "mo"}


def population(code, count):
    return {
        "code": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/measure-population", "code": code}]}
    } | {"count": count}


def group(code, text, score, *populations):
    return {"code": {"coding": [{"code": code}], "text": text}, "population": [*populations], "measureScore": score}


# The worked example of a survival report: median reached, upper limit not, one landmark with its interval.
INTERVAL = {
    "url": "http://hl7.org/fhir/StructureDefinition/quantity-confidenceInterval",
    "extension": [
        {"url": "confidence", "valueDecimal": 95},
        {"url": "interval", "valueRange": {"low": PERCENT | {"value": 62.73}, "high": PERCENT | {"value": 95.30}}},
    ],
}
ABSENT = [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
FLOW = [population("initial-population", 24), population("denominator-exclusion", 1), population("denominator", 23)]
REPORT = {
    "resourceType": "MeasureReport",
    "measure": "https://registry.example/Measure/os|1.0.0",
    "group": [
        group("os-median", "Median survival", MONTHS | {"value": 59.99}, *FLOW),
        group("os-median-ci-lower", "lower limit", MONTHS | {"value": 13.14}, *FLOW),
        group("os-median-ci-upper", "upper limit", {"extension": ABSENT}, *FLOW),
        group(
            "os-rate-12m", "At 12 months", PERCENT | {"value": 86.09, "extension": [INTERVAL]}, population("at-risk", 8)
        ),
        group("os-follow-up-median", "Follow-up", MONTHS | {"value": 60, "comparator": ">"}, *FLOW),
    ],
}


def test_a_report_is_readable_as_a_table():
    assert format_report(REPORT) == [
        "https://registry.example/Measure/os|1.0.0",
        "statistic               value          95% CI   n  meaning",
        "-------------------  --------  --------------  --  ---------------",
        "os-median            59.99 mo      13.14 to -  23  Median survival",
        "os-rate-12m           86.09 %  62.73 to 95.30   8  At 12 months",
        "os-follow-up-median   > 60 mo                  23  Follow-up",
    ]


def test_a_report_is_read_by_code():
    values = {s.code: s.value for s in read_statistics(REPORT)}
    assert values["os-median-ci-upper"] is None and values["os-rate-12m"] == 86.09
    assert read_populations(REPORT) == {"initial-population": 24, "denominator-exclusion": 1, "denominator": 23}


@pytest.mark.parametrize(
    ("computed", "true", "same"),
    [
        (1, 1, True),
        (1, 2, False),
        (33.333333333333336, 33.33333333333333, True),
        (33.3333, 33.3334, False),
        (0, 0.0, True),
        (None, None, True),
        (None, 0, False),
        (0, None, False),
    ],
)
def test_equal_means_equal_but_for_the_last_bits(computed, true, same):
    assert is_same(computed, true) is same


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory):
    """The demo run once, kept: (finished process, folder, base URL)."""
    folder = tmp_path_factory.mktemp("demo")
    # A user's own settings must not lead the demonstration to the user's data.
    env = os.environ | {"PYTHONPATH": str(ROOT), "FHIR_REGISTRY_DATABASE": "nonsense://", "FHIR_REGISTRY_PORT": "1"}
    command = [sys.executable, "-m", "fhir_registry.edges.cli", "demo", "--keep", "--patients", "40"]
    result = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=180, check=False)
    kept = re.search(r"keeps running at (\S+) \(stop it with: kill (\d+)", result.stdout)
    yield result, folder, kept and kept[1]
    if kept:
        os.kill(int(kept[2]), signal.SIGTERM)


def test_every_number_equals_the_truth(demonstration):
    result, _, _ = demonstration
    assert result.returncode == 0, result.stdout + result.stderr
    assert "every number equals the truth" in result.stdout and "✗" not in result.stdout
    assert result.stdout.count("✓") > 100


def test_a_progress_bar_is_on_standard_error(demonstration):
    result, _, _ = demonstration
    assert "push: 100%" in result.stderr and "push: 100%" not in result.stdout


def test_the_reports_are_written(demonstration):
    _, folder, _ = demonstration
    assert sorted(p.stem for p in (folder / "demo-output").iterdir()) == sorted(MEASURES)
    for measure in MEASURES:
        report = json.loads((folder / "demo-output" / f"{measure}.json").read_text())
        assert report["resourceType"] == "MeasureReport" and report["status"] == "complete"


def test_keep_leaves_the_server_running(demonstration):
    _, _, base = demonstration
    bundle = requests.get(f"{base}/Patient?_summary=count", timeout=10).json()
    assert bundle["total"] >= 3 * 40


def test_without_keep_nothing_stays(tmp_path):
    env = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "t")}
    (tmp_path / "t").mkdir()
    started = time.monotonic()
    command = [sys.executable, "-m", "fhir_registry.edges.cli", "demo", "--patients", "8", "--output", "reports"]
    result = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert list((tmp_path / "t").iterdir()) == [] and len(list((tmp_path / "reports").iterdir())) == 4
    base = re.search(r"server +(http://\S+)", result.stdout)[1]
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{base}/metadata", timeout=5)
    assert time.monotonic() - started < 60
