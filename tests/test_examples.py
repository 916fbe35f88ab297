"""The made-up patients: valid R4, repeatable, as varied as real senders, and plausible."""

import datetime
import importlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from fhir_registry.content.definitions import load_definitions
from fhir_registry.core.validate import Validator
from fhir_registry.examples import REGISTRIES, Example, halaven, write
from fhir_registry.examples.outcome import Outcome, tell_truth
from fhir_registry.examples.person import Person, day_of
from fhir_registry.fhir import json as exact_json
from fhir_registry.fhir.errors import FhirError

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(params=sorted(REGISTRIES))
def registry(request):
    return request.param


def resources(registry, patients, seed=1):
    for bundle in Example(registry, patients, seed).bundles():
        for entry in bundle["entry"]:
            yield entry["resource"]


# The Bundles


def test_the_same_seed_gives_the_same_bytes_in_another_process(registry, tmp_path):
    write(registry, 12, 7, tmp_path / "here")
    program = f"from fhir_registry.examples import write; write({registry!r}, 12, 7, {str(tmp_path / 'there')!r})"
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, cwd=tmp_path)
    here, there = ({p.name: p.read_bytes() for p in (tmp_path / d).iterdir()} for d in ("here", "there"))
    assert len(here) == 14  # twelve patients, the directory of hospitals, the truth
    assert here == there


def test_another_seed_gives_other_patients(registry):
    assert list(Example(registry, 3, 1).bundles()) != list(Example(registry, 3, 2).bundles())


def test_bundles_can_be_taken_twice_and_do_not_depend_on_the_size(registry):
    small, large = Example(registry, 5, 3), Example(registry, 9, 3)
    assert list(small.bundles()) == list(small.bundles()) == list(large.bundles())[:6]


def test_files_are_in_push_order_with_the_truth_beside(registry, tmp_path):
    paths = write(registry, 3, 1, tmp_path)
    assert paths == sorted(tmp_path.glob(f"{registry}-*.json"))
    assert json.loads(paths[0].read_bytes())["entry"][0]["resource"]["resourceType"] == "Organization"
    truth = json.loads((tmp_path / "truth.json").read_bytes())
    assert truth == json.loads(exact_json.dumps(Example(registry, 3, 1).truth()))


def test_every_bundle_is_valid_r4(registry):
    validator = Validator(load_definitions(), {}, {})
    for bundle in Example(registry, 64, 1).bundles():
        issues = validator.validate(exact_json.parse(exact_json.dumps(bundle)))
        assert [i for i in issues if i.severity in ("error", "fatal")] == []


def test_every_resource_is_valid_for_an_independent_validator(registry):
    for resource in resources(registry, 33):
        kind = resource["resourceType"]
        model = getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
        model.model_validate(json.loads(exact_json.dumps(resource)))


def references(value):
    if isinstance(value, dict):
        yield from (v for k, v in value.items() if k == "reference")
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


def test_every_reference_is_answered(registry):
    directory, *bundles = Example(registry, 32, 1).bundles()
    placed = {entry["request"]["url"] for entry in directory["entry"]} | {f"ResearchStudy/{registry}"}
    for bundle in bundles:
        urns = [entry["fullUrl"] for entry in bundle["entry"]]
        assert len(set(urns)) == len(urns)
        known = placed | set(urns) | {"#drug"}
        assert set(references(bundle)) <= known


def test_a_patient_has_about_forty_resources(registry):
    sizes = [len(bundle["entry"]) for bundle in list(Example(registry, 120, 1).bundles())[1:]]
    assert 25 <= sum(sizes) / len(sizes) <= 55
    assert max(sizes) <= 100


def test_dates_are_written_in_many_ways(registry):
    texts = [exact_json.dumps(r).decode() for r in resources(registry, 64)]
    literals = [
        r[name] for r in resources(registry, 64) for name in ("effectiveDateTime", "onsetDateTime") if name in r
    ]
    with_time = [datetime.datetime.fromisoformat(v) for v in literals if "T" in v]
    assert any(moment.astimezone(datetime.UTC).date() != moment.date() for moment in with_time)
    assert any(len(v) == 10 for v in literals)
    assert any('"medicationReference":{"reference":"#drug"}' in text for text in texts)
    assert any("mcode" in text for text in texts)
    assert any('"status":"generated"' in text for text in texts)


def test_hospitals_speak_different_code_systems():
    codings = [c for name in REGISTRIES for r in resources(name, 64) for c in codings_of(r)]
    assert {"L01XC03", "1045453", "448800004", "L01XX41", "88040-1", "97509-4", "21976-6"} <= {
        c["code"] for c in codings
    }
    texts = [exact_json.dumps(r).decode() for r in resources("lipusu-her2", 16)]
    assert any("力扑素" in text and "L01CD01" in text for text in texts)


def codings_of(value):
    if isinstance(value, dict):
        if "system" in value and "code" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from codings_of(item)


def test_what_must_not_count_is_there():
    statuses = Counter(r.get("status") for name in REGISTRIES for r in resources(name, 64))
    assert {"not-done", "entered-in-error", "preliminary", "cancelled", "stopped", "not-taken"} <= set(statuses)


# The populations


def test_every_reason_of_exclusion_occurs_early(registry):
    populations = next(iter(Example(registry, 32, 5).truth()["measures"].values()))["populations"]
    expected = {
        "halaven": "no-index-drug enrolment-not-active extent-not-met under-age death-before-index index-before-period",
        "faslodex": "no-index-drug enrolment-not-active index-before-period",
        "lipusu-her2": "no-combination her2-not-positive extent-not-met prior-advanced-therapy death-before-index "
        "under-age index-before-period",
    }[registry]
    assert {f"exclusion-{reason}" for reason in expected.split()} <= set(populations)


def test_the_populations_add_up(registry):
    for measure in Example(registry, 100, 2).truth()["measures"].values():
        initial, excluded, denominator, *reasons = measure["populations"].values()
        assert 0 < denominator < initial == excluded + denominator
        assert 0 < sum(reasons) <= excluded
        assert sum(stratum["denominator"] for stratum in measure["strata"]["age"].values()) == denominator


def made_up(birth, reason=None, precision="day"):
    """A person with the index on 1970-01-01."""
    return Person(1, halaven.HOSPITALS[0], day_of(birth), 0, excluded=reason, birth_precision=precision)


def test_who_counts_of_a_hand_made_list():
    reasons = (None, "under-age", "under-age", "extent-not-met")
    people = [made_up("1950-01-01", reason) for reason in reasons]
    outcome = Outcome(lambda people, cutoff: {"n": len(people)}, "n")
    flow = {"initial-population": 4, "denominator-exclusion": 3, "denominator": 1}
    exclusions = {"exclusion-extent-not-met": 1, "exclusion-under-age": 2}
    assert tell_truth(outcome, people, 0)["populations"] == flow | exclusions
    waived = tell_truth(outcome._replace(waived=frozenset({"under-age"})), people, 0)
    assert waived["populations"]["denominator"] == waived["groups"]["n"] == 3
    nobody = tell_truth(outcome._replace(counts=lambda person: False), people, 0)
    assert nobody["populations"] == flow | exclusions | {"denominator-exclusion": 4, "denominator": 0}


def test_age_groups_of_a_hand_made_list():
    # On 1970-01-01; a year is read as its 1 July, a month as its 15th.
    people = [
        made_up("1905-01-01"),  # 65 that day
        made_up("1905-01-02"),  # 64
        made_up("1904-12-31", precision="year"),  # 1904-07-01: 65
        made_up("1905-01-01", precision="year"),  # 1905-07-01: 64
        made_up("1905-01-01", precision="month"),  # 1905-01-15: 64
    ]
    truth = tell_truth(Outcome(lambda people, cutoff: {"n": len(people), "other": 0}, "n"), people, 0)
    assert truth["strata"]["age"] == {
        "<65": {"denominator": 3, "n": 3},
        ">=65": {"denominator": 2, "n": 2},
        "missing": {"denominator": 0, "n": 0},
    }


@pytest.mark.parametrize(("name", "patients"), [("nothing", 3), ("halaven", 0)])
def test_bad_arguments_are_refused(name, patients):
    with pytest.raises(FhirError):
        Example(name, patients, 1)


# Plausibility against published studies


def test_disease_control_is_plausible():
    # Eribulin: disease control 78 % (phase II, n = 32); responses 16.5 % (Japan) to 43.8 %.
    groups = Example("halaven", 400, 1).truth()["measures"]["halaven-dcr"]["groups"]
    assert 65 <= groups["dcr"] <= 90
    assert 15 <= groups["orr"] <= 45


def test_survival_is_plausible():
    # First-line anti-HER2 antibodies with a taxane: median overall survival 40.8 to 57.1 months (CLEOPATRA).
    groups = Example("lipusu-her2", 400, 1).truth()["measures"]["lipusu-her2-os"]["groups"]
    assert 36 <= groups["os-median"] <= 60
    assert groups["os-rate-12m"] > groups["os-rate-36m"] > groups["os-rate-60m"] > 20


def test_adverse_events_are_of_every_kind():
    groups = Example("halaven", 400, 1).truth()["measures"]["halaven-adverse-events"]["groups"]
    kinds = "new exacerbation recurrence-intensity recurrence-not-worse pre-existing-unchanged after-window"
    assert min(groups[f"ae-records-{kind}"] for kind in [*kinds.split(), "resolved-before-first-dose"]) > 0
    assert (
        groups["ae-any"] > groups["ae-related-or-unassessed"] > groups["ae-related"] > groups["ae-discontinuation"] > 0
    )
    assert groups["ae-eaer"] > groups["ae-eair"] * groups["ae-eair-years"] / groups["ae-eaer-years"] > 0


def test_progression_and_treatment_end_in_every_way():
    measures = Example("lipusu-her2", 400, 1).truth()["measures"]
    progression, failure = measures["lipusu-her2-pfs"]["groups"], measures["lipusu-her2-ttf"]["groups"]
    for event in ("progression", "death", "treatment-change"):
        assert progression[f"pfs-events-{event}"] > 0 and failure[f"ttd-events-{event}"] > 0
    assert failure["ttd-events-gap"] > 0
    # Each sensitivity analysis has somebody of whom it says something else.
    for name in ("s1-30", "s1-60", "s1-90", "s2", "s3", "s4", "s5", "s6"):
        differs = [progression[f"pfs-{name}-{n}"] != progression[f"pfs-{n}"] for n in ("median", "rate-12m")]
        assert any(differs), name


def test_injections_follow_both_labels():
    measures = Example("faslodex", 400, 1).truth()["measures"]
    injections = measures["faslodex-injections"]["groups"]
    assert injections["injections-mean"] > injections["administration-days-mean"] > 3
    history = measures["faslodex-prior-therapies"]["groups"]
    assert history["prior-hormonal-early"] > history["prior-chemo-early"] > history["prior-immuno-advanced"] > 0
