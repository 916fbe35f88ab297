"""The made-up patients, pushed and evaluated: every number of every MeasureReport is the true one."""

import pytest

from fhir_registry.content.registry import load_content
from fhir_registry.edges.comparison import compare
from fhir_registry.examples import REGISTRIES, Example
from fhir_registry.fhir import json
from fhir_registry.ops import evaluate, ingest
from fhir_registry.ops.open import open_registry

BASE = "https://server.example/fhir"
SITE = 1
PATIENTS = 40
MEASURES = (
    "halaven-adverse-events",
    "halaven-dcr",
    "faslodex-discontinuation",
    "faslodex-injections",
    "faslodex-prior-therapies",
    "lipusu-her2-os",
    "lipusu-her2-pfs",
    "lipusu-her2-ttf",
    "lipusu-her2-ttp",
)


@pytest.fixture(scope="module")
def pushed(tmp_path_factory):
    """(registry with the patients of all three examples, {measure: truth})."""
    database = tmp_path_factory.mktemp("examples") / "registry.sqlite"
    registry = open_registry(f"sqlite:///{database}", load_content())
    truths = {}
    for name in sorted(REGISTRIES):
        example = Example(name, PATIENTS, seed=20)
        for bundle in example.bundles():
            response = ingest.bundle(registry, SITE, json.parse(json.dumps(bundle)), BASE)
            statuses = {entry["response"]["status"][:3] for entry in response["entry"]}
            assert statuses <= {"200", "201"}
        truth = example.truth()
        for measure, expected in truth["measures"].items():
            truths[measure] = {**expected, "period": (truth["periodStart"], truth["periodEnd"])}
    yield registry, truths
    registry.close()


def statistics(report):
    """{group code: number; None where the score is absent or only known to lie beyond}."""
    found = {}
    for group in report["group"]:
        score = group["measureScore"]
        code = group["code"]["coding"][0]["code"]
        assert code not in found
        found[code] = None if "comparator" in score or "value" not in score else float(score["value"])
    return found


@pytest.mark.parametrize("measure", MEASURES)
def test_every_number_is_true(pushed, measure):
    registry, truths = pushed
    truth = truths[measure]
    report = evaluate.evaluate(registry, SITE, measure, *truth["period"])
    comparison = compare(report, truth)
    assert comparison.different == []
    strata = sum(map(len, truth["strata"]["age"].values()))
    assert comparison.compared >= len(truth["groups"]) + len(truth["populations"]) + strata


def test_the_truth_is_that_of_measures(pushed):
    registry, truths = pushed
    assert set(truths) == set(MEASURES) <= set(registry.content.measures)


def test_the_same_bundles_again_change_nothing(pushed):
    registry, truths = pushed
    period = truths["lipusu-her2-os"]["period"]
    before = statistics(evaluate.evaluate(registry, SITE, "lipusu-her2-os", *period))
    for bundle in list(Example("lipusu-her2", PATIENTS, seed=20).bundles())[:8]:
        response = ingest.bundle(registry, SITE, json.parse(json.dumps(bundle)), BASE)
        assert {entry["response"]["status"][:3] for entry in response["entry"]} == {"200"}
    assert statistics(evaluate.evaluate(registry, SITE, "lipusu-her2-os", *period)) == before
