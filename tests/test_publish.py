"""Reports as resources: kept once, versioned, with their Provenance (ops/publish.py)."""

import pytest
from test_evaluate import BASE, SITE, bundle, enrolled, eribulin, treated

from fhir_registry.core.paging import Client
from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.fhir import json
from fhir_registry.ops import ingest, read, search
from fhir_registry.ops.evaluate import evaluate_measure
from fhir_registry.ops.publish import publish


@pytest.fixture
def halaven(registry):
    for pushed in (
        treated("a", ("2024-03-15", "LA28369-9")),
        treated("b", ("2024-02-01", "LA28371-5")),
        bundle("d", enrolled("d"), eribulin("d", "2024-01-15", "not-done")),
        bundle("e", eribulin("e", "2024-01-15")),
    ):
        ingest.bundle(registry, SITE, pushed, BASE)
    return registry


def valid(registry, resource):
    return [issue for issue in registry.validator.validate(resource) if issue.severity in ("error", "fatal")]


def found(registry, type, *parameters):
    answer = json.parse(search.search(registry, SITE, type, list(parameters), Client(BASE)))
    return [entry["resource"] for entry in answer.get("entry", ())]


def test_a_report_is_kept_once_and_can_be_searched(halaven):
    first, second = (
        publish(halaven, SITE, evaluate_measure(halaven, SITE, "halaven-dcr", period_end="2024-12-31"))
        for _ in range(2)
    )
    assert first == second
    report = json.parse(first.body)
    assert not valid(halaven, report)
    (kept,) = found(halaven, "MeasureReport", ("measure", "https://registry.example/Measure/halaven-dcr"))
    assert kept == report
    (provenance,) = found(halaven, "Provenance", ("target", f"MeasureReport/{first.id}"))
    assert not valid(halaven, provenance)
    stated = {
        each["what"]["identifier"]["system"].rpartition("/")[2]: each["what"]["identifier"]["value"]
        for each in provenance["entity"]
        if "identifier" in each["what"]
    }
    assert stated.keys() == {"measure-definition", "data-cut-off", "database-state", "software"}
    assert (stated["data-cut-off"], stated["database-state"]) == ("2024-12-31", "site 1, submission 5")
    assert provenance["target"] == [{"reference": f"MeasureReport/{first.id}/_history/1"}]
    assert provenance["entity"][0]["what"]["reference"] == "Measure/halaven-dcr/_history/1"


def test_other_data_make_another_report(halaven):
    def kept():
        return publish(halaven, SITE, evaluate_measure(halaven, SITE, "halaven-dcr", period_end="2024-12-31")).id

    before = kept()
    ingest.bundle(halaven, SITE, treated("f", ("2024-03-15", "LA28369-9")), BASE)
    after = kept()
    assert before != after
    # What was reported can still be read.
    assert read.read(halaven, SITE, "MeasureReport", before).version == 1
    ingest.delete(halaven, SITE, "MeasureReport", after)
    assert kept() == after
    assert read.read(halaven, SITE, "MeasureReport", after).version == 3


def test_a_report_that_a_client_has_changed_is_made_good(halaven):
    def kept():
        return publish(halaven, SITE, evaluate_measure(halaven, SITE, "halaven-dcr", period_end="2024-12-31"))

    made = kept()
    report = json.parse(made.body)
    ingest.update(halaven, SITE, "MeasureReport", made.id, report | {"group": report["group"][:1]})
    again = kept()
    assert again.version == 3 and json.parse(again.body)["group"] == report["group"]
    assert len(found(halaven, "Provenance", ("target", f"MeasureReport/{made.id}"))) == 2
    assert kept() == again


def test_an_individual_report_names_the_versions_it_rests_on(halaven):
    report = evaluate_measure(halaven, SITE, "halaven-dcr", period_end="2024-12-31", subject="Patient/a").report
    assert not valid(halaven, report)
    assert (report["type"], report["subject"]) == ("individual", {"reference": "Patient/a"})
    counts = {p["code"]["coding"][0]["code"]: p["count"] for p in report["group"][0]["population"]}
    assert counts == {"initial-population": 1, "denominator-exclusion": 0, "denominator": 1}
    texts = [group["code"]["text"] for group in report["group"]]
    assert texts[0] == "Index date: 2024-01-15"
    assert {"best: PR", "assessed: true"} <= set(texts)
    traced = {(each["reference"], each["display"]) for each in report["evaluatedResource"]}
    assert ("Observation/a-4/_history/1", "assessment: PR") in traced
    assert ("MedicationAdministration/a-3/_history/1", "index") in traced


def test_an_individual_report_of_somebody_excluded_says_why(halaven):
    report = evaluate_measure(halaven, SITE, "halaven-dcr", None, "2024-12-31", "individual", f"{BASE}/Patient/d", BASE)
    (group,) = report.report["group"]
    assert group["code"]["text"] == "Excluded: no usable dose of the index drug (no-index-drug)"
    assert not valid(halaven, report.report)


@pytest.mark.parametrize("word", ["subject-list", "patient-list"])
def test_a_subject_list_names_who_is_in_each_population(halaven, word):
    report = evaluate_measure(halaven, SITE, "halaven-dcr", period_end="2024-12-31", report_type=word).report
    assert not valid(halaven, report)
    members = {
        each["id"]: [entry["item"]["reference"] for entry in each.get("entry", ())] for each in report["contained"]
    }
    assert members == {
        "initial-population": ["Patient/a", "Patient/b", "Patient/d"],
        "denominator": ["Patient/a", "Patient/b"],
        "denominator-exclusion": ["Patient/d"],
    }
    for population in report["group"][0]["population"]:
        code = population["code"]["coding"][0]["code"]
        assert population["count"] == len(members[code])
        assert population["subjectResults"] == {"reference": f"#{code}"}


@pytest.mark.parametrize("measure", ["halaven-dcr", "halaven-adverse-events"])
def test_counts_in_equal_patients_in(halaven, measure):
    """The summary counts whom the list names."""
    listed = evaluate_measure(halaven, SITE, measure, period_end="2024-12-31", report_type="subject-list").report
    summary = evaluate_measure(halaven, SITE, measure, period_end="2024-12-31").report
    counts = {p["code"]["coding"][0]["code"]: p["count"] for p in listed["group"][0]["population"]}
    told = {p["code"]["coding"][0]["code"]: p["count"] for p in summary["group"][0]["population"]}
    assert counts == {code: told[code] for code in counts}


EVALUATE = "/fhir/Measure/halaven-dcr/$evaluate-measure"
ASKED = {
    "resourceType": "Parameters",
    "parameter": [
        {"name": "periodEnd", "valueDate": "2024-12-31"},
        {"name": "subject", "valueString": "Patient/a"},
    ],
}


class TestHttp:
    @pytest.fixture
    def client(self, halaven, tmp_path):
        config = Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path)})
        return create_app(config, registry=halaven).test_client()

    def test_what_is_posted_is_kept(self, client):
        answer = client.post(EVALUATE, data=json.dumps(ASKED), content_type="application/fhir+json")
        assert answer.status_code == 200
        kept = client.get(answer.headers["Location"])
        assert kept.data == answer.data
        assert json.parse(kept.data)["subject"] == {"reference": "Patient/a"}
        again = client.post(EVALUATE, data=json.dumps(ASKED), content_type="application/fhir+json")
        assert again.data == answer.data

    def test_what_is_got_is_not_kept(self, client):
        answer = client.get(EVALUATE, query_string={"periodEnd": "2024-12-31", "subject": "Patient/a"})
        assert answer.status_code == 200
        assert "Location" not in answer.headers
        assert json.parse(client.get("/fhir/MeasureReport").data)["total"] == 0
