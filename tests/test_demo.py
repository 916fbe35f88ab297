"""The demonstration from the outside, and how it reads and compares numbers."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from fhir_registry.edges.comparison import compare, is_same
from fhir_registry.edges.table import format_report
from fhir_registry.reports.reading import read_populations, read_statistics

ROOT = Path(__file__).resolve().parent.parent
MEASURES = (
    "faslodex-discontinuation",
    "faslodex-injections",
    "faslodex-prior-therapies",
    "halaven-adverse-events",
    "halaven-dcr",
    "lipusu-her2-os",
    "lipusu-her2-pfs",
    "lipusu-her2-ttf",
    "lipusu-her2-ttp",
)
PERCENT = {"unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}
MONTHS = {"unit": "mo", "system": "http://unitsofmeasure.org", "code": "mo"}
PATIENTS = {"unit": "patients", "system": "http://unitsofmeasure.org", "code": "{patients}"}


def population(code, count):
    return {
        "code": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/measure-population", "code": code}]}
    } | {"count": count}


def group(code, text, score, *populations):
    return {"code": {"coding": [{"code": code}], "text": text}, "population": [*populations], "measureScore": score}


ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}
FLOW = [population("initial-population", 24), population("denominator-exclusion", 1), population("denominator", 23)]
AT_RISK = population("at-risk", 8)


def described(code, text, value):
    return group(
        code, f"Dose: {text}", {"value": value, "unit": "mg", "code": "mg"}, *FLOW, population("described", 20)
    )


# A report with all that a report can say: reached or not, estimable or not, described, counted, left out.
REPORT = {
    "resourceType": "MeasureReport",
    "measure": "https://registry.example/Measure/os|1.0.0",
    "period": {"start": "2017-01-01", "end": "2024-07-31"},
    "group": [
        group("os-median", "Survival: median", MONTHS | {"value": 59.99}, *FLOW, population("imputed-dates", 1)),
        group("os-median-ci-lower", "lower limit", MONTHS | {"value": 13.14}, *FLOW),
        group("os-median-ci-upper", "upper limit", ABSENT, *FLOW),
        group("os-rate-12m", "At 12 months", PERCENT | {"value": 86.09}, AT_RISK),
        group("os-rate-12m-ci-lower", "lower limit", PERCENT | {"value": 62.73}, AT_RISK),
        group("os-rate-12m-ci-upper", "upper limit", PERCENT | {"value": 95.3}, AT_RISK),
        group("os-rate-60m", "At 60 months", ABSENT, AT_RISK),
        group("os-rate-60m-ci-lower", "lower limit", ABSENT, AT_RISK),
        group("os-rate-60m-ci-upper", "upper limit", ABSENT, AT_RISK),
        group("os-follow-up-median", "Follow-up", MONTHS | {"value": 60, "comparator": ">"}, *FLOW),
        *(described(f"dose-{name}", name, n) for n, name in enumerate(("mean", "sd", "median", "q1", "q3"), 3)),
        group("exclusion-under-age", "Excluded: too young", PATIENTS | {"value": 1}, *FLOW),
        group("exclusion-no-index-drug", "Excluded: no drug", PATIENTS | {"value": 0}, *FLOW),
    ],
}
# What a generator would know of it.
TRUTH = {
    "populations": {"initial-population": 24, "denominator": 23, "exclusion-under-age": 1},
    "groups": {
        "os-median": 59.99,
        "os-median-ci-lower": 13.14,
        "os-median-ci-upper": None,
        "os-rate-12m": 86.09,
        "os-rate-12m-ci-lower": 62.73,
        "os-rate-12m-ci-upper": 95.3,
        "os-rate-60m": None,
        "os-rate-60m-ci-lower": None,
        "os-rate-60m-ci-upper": None,
        "os-follow-up-median": None,
        **{f"dose-{name}": n for n, name in enumerate(("mean", "sd", "median", "q1", "q3"), 3)},
    },
    "strata": {},
}


def test_a_report_is_readable_as_a_table():
    assert format_report(REPORT, 100) == [
        "os|1.0.0, 2017-01-01 to 2024-07-31",
        "24 patients: 23 analysed, 1 left out",
        "     1  too young (under-age)",
        "imputed-dates: 1 patient",
        "",
        "statistic                                 value (95% CI)   n  meaning",
        "-----------------------  -------------------------------  --  ----------------",
        "os-median                59.99 mo (13.14 to not reached)  23  Survival: median",
        "os-rate-12m                     86.09 % (62.73 to 95.30)   8  At 12 months",
        "os-rate-60m                                not estimable   8  At 60 months",
        "os-follow-up-median                              > 60 mo  23  Follow-up",
        "dose, mean (SD)                                 3 mg (4)  20  Dose",
        "dose, median (Q1 to Q3)                    5 mg (6 to 7)  20  Dose",
    ]


def test_a_narrow_screen_cuts_the_meaning():
    lines = format_report(REPORT, 70)
    assert max(map(len, lines)) == 70
    assert "os-median                59.99 mo (13.14 to not reached)  23  Surviva…" in lines


def test_a_report_is_read_by_code():
    statistics = read_statistics(REPORT)
    assert statistics["os-median-ci-upper"].value is None and statistics["os-rate-12m"].value == 86.09
    assert read_populations(REPORT)["initial-population"] == 24


def test_what_is_suppressed_is_said_and_is_not_zero():
    masked = {"extension": [ABSENT["extension"][0] | {"valueCode": "masked"}]}
    hidden = {"code": population("denominator", 0)["code"]}
    lines = format_report(
        REPORT
        | {
            "group": [
                group("orr", "Response", masked, FLOW[0], hidden),
                group("orr-ci-lower", "lower limit", masked, FLOW[0], hidden),
                group("orr-ci-upper", "upper limit", masked, FLOW[0], hidden),
                group("exclusion-under-age", "Excluded: too young", masked),
            ]
        },
        100,
    )
    assert lines[1:3] == ["24 patients: suppressed analysed, 0 left out", "suppressed  too young (under-age)"]
    assert squeeze(lines[-1]) == "orr  suppressed  Response"


def with_group(report, code, score):
    return report | {"group": [*report["group"], group(code, code, score, *FLOW)]}


def test_equal_numbers_are_a_tick_a_row():
    lines, compared, different = compare(REPORT, TRUTH)
    assert (compared, different) == (len(TRUTH["groups"]) + len(TRUTH["populations"]) + 1, [])
    assert lines[0] == "24 patients, 23 analysed; left out: 1 under-age  ✓"
    assert "os-median  59.99 mo (13.14 to not reached)  59.99 (13.14 to not reached)  ✓" in map(squeeze, lines)
    assert all(line.endswith("✓") for line in lines[3:])


@pytest.mark.parametrize(
    ("code", "number", "words"),
    [
        ("os-median", 59.98, "os-median: computed 59.99, true 59.98"),
        ("os-median-ci-upper", 80, "os-median-ci-upper: computed None, true 80"),
        ("os-rate-12m-ci-lower", 62.7300001, "os-rate-12m-ci-lower: computed 62.73, true 62.7300001"),
        ("os-rate-72m", 1, "os-rate-72m: computed nothing, true 1"),
        ("prior-agent-tamoxifen", 4, "prior-agent-tamoxifen: computed nothing, true 4"),
    ],
)
def test_a_number_that_differs_is_told_in_full(code, number, words):
    lines, _, different = compare(REPORT, TRUTH | {"groups": TRUTH["groups"] | {code: number}})
    assert different == [words]
    assert sum(line.endswith("✗") for line in lines) == 1


def test_a_count_that_the_truth_does_not_have_differs():
    report = with_group(REPORT, "prior-sequence-7", PATIENTS | {"value": 2})
    assert compare(report, TRUTH).different == ["prior-sequence-7: computed 2, true 0"]
    report = with_group(REPORT, "exclusion-extent-not-met", PATIENTS | {"value": 2})
    lines, _, different = compare(report, TRUTH)
    assert different == ["exclusion-extent-not-met: computed 2, true 0"] and lines[0].endswith("✗")


def divided(by, **scores):
    """The report with the median divided: {value: (number, patients)}."""
    strata = [
        {"value": {"text": value}, "population": [population("denominator", n)], "measureScore": score}
        for value, (score, n) in scores.items()
    ]
    first, *others = REPORT["group"]
    stratifier = [{"code": [{"coding": [{"code": by}]}], "stratum": strata}]
    return REPORT | {"group": [first | {"stratifier": stratifier}, *others]}


def test_subgroups_are_compared():
    report = divided("age", young=(MONTHS | {"value": 70}, 15), old=(MONTHS | {"value": 50, "comparator": ">"}, 8))
    strata = {"young": {"denominator": 15, "os-median": 70}, "old": {"denominator": 8, "os-median": None}}
    lines, compared, different = compare(report, TRUTH | {"strata": {"age": strata}})
    assert different == [] and lines[-1] == "4 numbers of subgroups: all as true  ✓"
    assert compared == compare(REPORT, TRUTH).compared + 4
    strata["old"] = {"denominator": 9, "os-median": 50}
    lines, _, different = compare(report, TRUTH | {"strata": {"age": strata}})
    assert lines[-1] == "4 numbers of subgroups: 2 differ  ✗"
    assert different == [
        "denominator of age old: computed 8, true 9",
        "os-median of age old: computed None, true 50",
    ]
    # A subgroup that the truth does not have, and a division that it knows nothing of.
    del strata["old"]
    assert len(compare(report, TRUTH | {"strata": {"age": strata}}).different) == 2
    assert compare(report, TRUTH).different == []


def test_many_counts_of_a_kind_are_one_line():
    report, groups = REPORT, dict(TRUTH["groups"])
    for number in range(1, 71):
        report = with_group(report, f"prior-sequence-{number}", PATIENTS | {"value": 1})
        groups[f"prior-sequence-{number}"] = 1
    assert compare(report, TRUTH | {"groups": groups}).lines[-1] == "70 sequences of therapy: all as true  ✓"
    groups["prior-sequence-7"] = 3
    lines, _, different = compare(report, TRUTH | {"groups": groups})
    assert lines[-1] == "70 sequences of therapy: 1 differ  ✗"
    assert different == ["prior-sequence-7: computed 1, true 3"]
    assert format_report(report, 100)[-1] == (
        "and 60 rarer sequences of therapy: see the MeasureReport (--output FILE)"
    )


def squeeze(line):
    return re.sub(" {2,}", "  ", line)


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
    assert re.search(r"✓ all 1?\d\d\d numbers equal the truth; \d+ s in all", result.stdout)
    assert "✗" not in result.stdout


def test_the_demonstration_fits_a_screen_a_measure(demonstration):
    output = demonstration[0].stdout
    assert max(len(section.splitlines()) for section in output.split("\n== ")) <= 35
    assert max(map(len, output.splitlines())) <= 120


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
    command = [sys.executable, "-m", "fhir_registry.edges.cli", "demo", "--patients", "8", "--output", "reports"]
    result = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert list((tmp_path / "t").iterdir()) == [] and len(list((tmp_path / "reports").iterdir())) == 9
    base = re.search(r"server +(http://\S+)", result.stdout)[1]
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{base}/metadata", timeout=5)
