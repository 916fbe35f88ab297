"""Bad input, from bundles to findings: nothing stops a report, each is listed with its resource (docs/findings.md)."""

import csv
import io
import re

import pytest
from test_evaluate import BASE, LOINC, SITE, SNOMED, concept, eribulin, treated

from fhir_registry.core.validate import Validator
from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.edges.findings import format_findings
from fhir_registry.endpoints.finding import RULES
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest
from fhir_registry.ops.evaluate import evaluate
from fhir_registry.ops.findings import list_findings, write_findings
from fhir_registry.ops.open import open_registry

PD = "LA28370-7"
STUDY, END = "halaven", ("periodEnd", "2024-12-31")


def with_patient(pushed, **elements):
    """The bundle, with more elements in its Patient."""
    pushed["entry"][0]["resource"].update(elements)
    return pushed


def and_also(pushed, **resource):
    """The bundle, with one more resource about its patient."""
    reference = {"reference": f"Patient/{pushed['entry'][0]['resource']['id']}"}
    url = f"{resource['resourceType']}/{resource['id']}"
    entry = {"resource": {"subject": reference, **resource}, "request": {"method": "PUT", "url": url}}
    return {**pushed, "entry": [*pushed["entry"], entry]}


AFTER_DEATH = (("dose-after-death", "b-late"), ("dose-after-death", "b-later"))
# Name -> (bundle, {(rule, resource)}). Doses are given on 2024-01-15, the fourth resource of `treated`.
BAD = {
    "death-before-the-first-dose": (
        with_patient(treated("a"), deceasedDateTime="2024-01-10"),
        {("death-before-index", "Patient/a")},
    ),
    "dose-after-death": (
        and_also(
            and_also(
                with_patient(treated("b"), deceasedDateTime="2024-02-01"),
                **eribulin("b", "2024-02-05"),
                id="b-late",
            ),
            **eribulin("b", "2024-02-10T08:00:00+08:00"),
            id="b-later",
        ),
        {(rule, f"MedicationAdministration/{id}") for rule, id in AFTER_DEATH},
    ),
    "two-deaths": (
        and_also(
            with_patient(treated("c"), deceasedDateTime="2024-06-05"),
            resourceType="Observation",
            id="c-death",
            status="final",
            code=concept(LOINC, "69453-9"),
            effectiveDateTime="2024-03-02",
        ),
        {("death-dates-conflict", "Patient/c")},
    ),
    "progression-before-any-dose": (
        treated("d", ("2023-12-15", PD)),
        {("progression-before-treatment", "Observation/d-4")},
    ),
    "unknown-drug": (
        and_also(
            treated("e"),
            resourceType="MedicationAdministration",
            id="e-xy",
            status="completed",
            medicationCodeableConcept=concept("urn:local", "XY-17"),
            effectiveDateTime="2024-02-05",
        ),
        {("drug-unknown", "MedicationAdministration/e-xy")},
    ),
    "unknown-response": (treated("f", ("2024-03-15", "LA0-0")), {("response-unknown", "Observation/f-4")}),
    "conflicting-births": (
        {
            **treated("g"),
            "entry": [
                *treated("g")["entry"],
                {
                    "resource": {
                        "resourceType": "Patient",
                        "id": "g-old",
                        "birthDate": "1961",
                        "link": [{"other": {"reference": "Patient/g"}, "type": "replaced-by"}],
                    },
                    "request": {"method": "PUT", "url": "Patient/g-old"},
                },
            ],
        },
        {("birth-dates-conflict", "Patient/g-old")},
    ),
    "adverse-event-without-onset": (
        and_also(
            treated("h"),
            resourceType="AdverseEvent",
            id="h-ae",
            actuality="actual",
            event=concept(SNOMED, "422587007"),
        ),
        {("adverse-event-without-onset", "AdverseEvent/h-ae")},
    ),
}
PATIENTS = {name: pushed["entry"][0]["resource"]["id"] for name, (pushed, _) in BAD.items()}
EXPECTED = {(rule, PATIENTS[name], resource) for name, (_, found) in BAD.items() for rule, resource in found}


def push_bad(registry):
    """A good patient and one of each kind of BAD."""
    ingest.bundle(registry, SITE, treated("z", ("2024-03-15", "LA28369-9")), BASE)
    for pushed, _ in BAD.values():
        ingest.bundle(registry, SITE, pushed, BASE)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def bad(request, new_database, content):
    """A registry with push_bad, which the tests only read."""
    opened = open_registry(new_database(request.param), content)
    push_bad(opened)
    yield opened
    opened.close()


def entries(page, mode="match"):
    return [entry["resource"] for entry in page.get("entry", ()) if entry["search"]["mode"] == mode]


def listed(page):
    """{(rule, patient, resource)} of a Bundle of DetectedIssue."""
    return {
        (
            issue["code"]["coding"][0]["code"],
            issue["patient"]["reference"].removeprefix("Patient/"),
            issue["implicated"][0]["reference"].partition("/_history/")[0],
        )
        for issue in entries(page)
    }


def find(registry, *parameters, study=STUDY):
    return list_findings(registry, SITE, study, [END, *parameters], BASE, "anybody")


def test_each_bad_input_is_listed_with_its_resource(bad):
    page = find(bad)
    assert listed(page) == EXPECTED
    assert page["total"] == len(entries(page)) == len(EXPECTED)


def test_no_bad_input_stops_a_report(bad):
    for id in bad.content.measures:
        if id.startswith(STUDY):
            assert evaluate(bad, SITE, id, period_end="2024-12-31")["status"] == "complete"
        else:  # nobody is treated with its drug
            with pytest.raises(FhirError, match="initial population"):
                evaluate(bad, SITE, id, period_end="2024-12-31")


def test_the_list_is_base_r4_and_its_references_lead_to_versions(bad):
    page = find(bad)
    validator = Validator(bad.content.definitions)
    assert [issue for issue in validator.validate(page) if issue.severity == "error"] == []
    severities = {issue["code"]["coding"][0]["code"]: issue["severity"] for issue in entries(page)}
    assert severities["death-before-index"] == "high"
    assert severities["death-dates-conflict"] == "moderate"
    with bad.store.read(1) as connection:
        for issue in entries(page):
            type, id, _, version = issue["implicated"][0]["reference"].split("/")
            assert bad.store.reader.read(connection, SITE, type, id, int(version)) is not None


def test_counts_by_rule_come_first(bad):
    (outcome,) = entries(find(bad, ("_count", "0")), "outcome")
    told = {issue["details"]["coding"][0]["code"]: issue["diagnostics"] for issue in outcome["issue"]}
    assert told["dose-after-death"] == "2 findings, 1 patients"
    assert told["drug-unknown"] == "1 findings, 1 patients"
    assert set(told) == {rule for rule, *_ in EXPECTED} <= RULES.keys()
    assert entries(find(bad, ("_count", "0"))) == []
    assert find(bad, ("_count", "0"))["total"] == len(EXPECTED)


@pytest.mark.parametrize(
    "parameters, wanted",
    [
        ([("rule", "dose-after-death")], lambda rule, patient: rule == "dose-after-death"),
        ([("severity", "warning")], lambda rule, patient: RULES[rule].severity == "warning"),
        ([("patient", "a")], lambda rule, patient: patient == "a"),
        ([("patient", "Patient/a"), ("severity", "error")], lambda rule, patient: patient == "a"),
        ([("patient", f"{BASE}/Patient/g-old")], lambda rule, patient: patient == "g"),  # merged into g
        ([("rule", "")], lambda rule, patient: True),
    ],
)  # fmt: skip
def test_findings_are_chosen(bad, parameters, wanted):
    page = find(bad, *parameters)
    expected = {each for each in EXPECTED if wanted(*each[:2])}
    assert listed(page) == expected
    assert page["total"] == len(expected)


def test_pages_hold_everything_once(bad):
    pages, cursor = [], []
    while cursor is not None:
        pages.append(find(bad, ("_count", "2"), *cursor))
        links = {link["relation"]: link["url"] for link in pages[-1]["link"]}
        found = re.search(r"_cursor=([^&]+)", links.get("next", ""))
        cursor = [("_cursor", found[1])] if found else None
    assert [len(entries(page)) for page in pages] == [2] * (len(EXPECTED) // 2) + [1] * (len(EXPECTED) % 2)
    assert [len(entries(page, "outcome")) for page in pages] == [1] + [0] * (len(pages) - 1)
    assert set().union(*(listed(page) for page in pages)) == EXPECTED


def test_a_finding_goes_when_the_data_are_right(registry):
    push_bad(registry)
    assert listed(find(registry)) == EXPECTED
    ingest.bundle(registry, SITE, with_patient(treated("a"), deceasedDateTime="2024-11-10"), BASE)
    assert listed(find(registry)) == {each for each in EXPECTED if each[1] != "a"}


def test_an_earlier_cut_off_and_another_study_see_other_findings(bad):
    page = list_findings(bad, SITE, STUDY, [("periodEnd", "2024-02-08")], BASE, "anybody")
    late = {("dose-after-death", "b", "MedicationAdministration/b-later"), ("response-unknown", "f", "Observation/f-4")}
    assert listed(page) == EXPECTED - late
    # Eribulin is no index drug there: it was not the first dose that came too late.
    elsewhere = {("death-before-index", "a", "Patient/a"), ("dose-after-death", "a", "MedicationAdministration/a-3")}
    assert listed(find(bad, study="faslodex")) == EXPECTED ^ elsewhere


def test_the_same_as_csv(bad):
    sink = io.BytesIO()
    write_findings(bad, SITE, STUDY, [END], BASE, sink)
    rows = list(csv.DictReader(io.StringIO(sink.getvalue().decode())))
    assert {(row["rule"], row["patient"].removeprefix("Patient/"), row["resource"]) for row in rows} == EXPECTED
    (row,) = [row for row in rows if row["rule"] == "response-unknown"]
    assert row == {
        "rule": "response-unknown",
        "severity": "error",
        "patient": "Patient/f",
        "resource": "Observation/f-4",
        "version": "1",
        "note": "LA0-0",
        "meaning": "a tumour response without a known value",
    }


@pytest.mark.parametrize(
    "study, parameters, kind, words",
    [
        ("nothing", [], "not-found", ["nothing", "halaven"]),
        (STUDY, [("rules", "x")], "bad-request", ["rules", "severity"]),
        (STUDY, [("rule", "x")], "bad-request", ["rule", "'x'", "drug-unknown"]),
        (STUDY, [("severity", "high")], "bad-request", ["severity", "warning"]),
        (STUDY, [("severity", "error"), ("severity", "error")], "bad-request", ["once"]),
        (STUDY, [("periodEnd", "tomorrow")], "bad-request", ["periodEnd"]),
        (STUDY, [("patient", "nobody")], "not-found", ["patient", "'nobody'"]),
        (STUDY, [("_count", "-1")], "bad-request", ["_count"]),
        (STUDY, [("_cursor", "W10")], "bad-request", ["_cursor"]),
    ],
)
def test_what_is_asked_wrongly_is_refused(bad, study, parameters, kind, words):
    with pytest.raises(FhirError) as refused:
        list_findings(bad, SITE, study, parameters, BASE, "anybody")
    assert refused.value.kind == kind
    assert all(word in str(refused.value) for word in words)


class TestInterface:
    """GET and POST [base]/ResearchStudy/[id]/$findings, and the command line."""

    @pytest.fixture
    def client(self, bad, tmp_path):
        config = Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path)})
        return create_app(config, registry=bad).test_client()

    def test_links_lead_to_all_pages(self, client):
        url, found = "/fhir/ResearchStudy/halaven/$findings?periodEnd=2024-12-31&_count=4", set()
        while url:
            response = client.get(url)
            assert response.status_code == 200
            assert response.content_type.startswith("application/fhir+json")
            page = response.get_json(force=True)
            found |= listed(page)
            url = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)
        assert found == EXPECTED

    @pytest.mark.parametrize(
        "query, headers",
        [
            ("", {"Accept": "text/csv"}),
            ("&_format=csv", {}),
            ("&_format=text/csv", {"Accept": "application/fhir+json"}),
            ("", {"Accept": "text/csv, application/fhir+json;q=0.5"}),
        ],
    )
    def test_csv_is_asked_for(self, client, bad, query, headers):
        sink = io.BytesIO()
        write_findings(bad, SITE, STUDY, [END], BASE, sink)
        url = f"/fhir/ResearchStudy/halaven/$findings?periodEnd=2024-12-31{query}"
        with client.get(url, headers=headers) as response:
            assert response.status_code == 200
            assert response.content_type == "text/csv; charset=utf-8"
            assert response.data == sink.getvalue()

    def test_parameters_may_be_posted(self, client):
        names = {"periodEnd": "2024-12-31", "rule": "drug-unknown"}
        parameters = {
            "resourceType": "Parameters",
            "parameter": [{"name": name, "valueString": value} for name, value in names.items()],
        }
        response = client.post(
            "/fhir/ResearchStudy/halaven/$findings", json=parameters, content_type="application/fhir+json"
        )
        assert listed(response.get_json(force=True)) == {each for each in EXPECTED if each[0] == "drug-unknown"}

    @pytest.mark.parametrize(
        "url, headers, status",
        [
            ("ResearchStudy/nothing/$findings", {}, 404),
            ("ResearchStudy/halaven/$findings?rule=x", {"Accept": "text/csv"}, 400),
            ("ResearchStudy/halaven/$findings?_count=2", {"Accept": "text/csv"}, 400),  # CSV has no pages
            ("ResearchStudy/halaven/$findings", {"Accept": "image/png"}, 406),
            ("ResearchStudy/halaven/$findings?_format=parquet", {}, 406),
            ("Patient/a/$findings", {}, 404),
        ],
    )
    def test_what_is_refused_is_an_outcome(self, client, url, headers, status):
        response = client.get(f"/fhir/{url}", headers=headers)
        assert response.status_code == status
        assert response.get_json(force=True)["resourceType"] == "OperationOutcome"

    def test_the_command_line_counts_by_rule(self, bad):
        sink = io.BytesIO()
        write_findings(bad, SITE, STUDY, [END], BASE, sink)
        text = sink.getvalue()
        lines = [re.split("  +", line) for line in format_findings(text)]
        assert lines[0] == ["rule", "severity", "findings", "patients", "meaning"]
        assert ["dose-after-death", "error", "2", "1", RULES["dose-after-death"].text] in lines
        assert len(lines) == 2 + len({rule for rule, *_ in EXPECTED})
        assert format_findings(text.splitlines(keepends=True)[0]) == ["no findings"]
