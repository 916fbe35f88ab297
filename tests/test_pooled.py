"""One report over all sites: the numbers of one site with all patients (docs/security.md#sites)."""

from contextlib import closing
from dataclasses import replace

import pytest
from test_custom_measures import CUSTOM
from test_examples_end_to_end import MEASURES
from toy_registry import PATIENTS, SERVER, write_files

from fhir_registry.content.registry import load_content
from fhir_registry.core.access import Access
from fhir_registry.core.paging import Client
from fhir_registry.core.scopes import parse_scopes
from fhir_registry.examples import REGISTRIES, Example
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import analyse, ingest
from fhir_registry.ops.callers import MOST, most_of
from fhir_registry.ops.evaluate import evaluate_measure
from fhir_registry.ops.evaluate_later import KIND, request_evaluation
from fhir_registry.ops.jobs import do
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.search import search
from fhir_registry.reports.page import render_page
from fhir_registry.reports.pooled import EXTENSION
from fhir_registry.store.site import EVERY_NUMBER
from fhir_registry.store.wall import EVERYWHERE

SITES = ("klinik-a", "klinik-b", "klinik-c")
NUMBER = 24  # patients of each example


def push(registry, site, bundle):
    response = ingest.bundle(registry, site, json.parse(json.dumps(bundle)), SERVER)
    assert {entry["response"]["status"][:3] for entry in response["entry"]} <= {"200", "201"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def twins(request, new_database, content):
    """(all patients at one site, the same at two sites and none at a third, {measure: period})."""
    with (
        closing(open_registry(new_database(request.param), content)) as one,
        closing(open_registry(new_database(request.param), content, sites=SITES)) as several,
    ):
        periods = {}
        for name in sorted(REGISTRIES):
            directory, *bundles = Example(name, NUMBER, seed=20).bundles()
            for registry, site in ((one, 1), (several, 1), (several, 2)):
                push(registry, site, directory)
            for number, bundle in enumerate(bundles):
                push(one, 1, bundle)
                push(several, 1 + (number % 3 == 0), bundle)
            truth = Example(name, 1, seed=20).truth()
            periods |= dict.fromkeys(truth["measures"], (truth["periodStart"], truth["periodEnd"]))
        yield one, several, periods


def numbers(report):
    """All that a report says but when and of what it was made."""
    report = {name: value for name, value in report.items() if name not in ("date", "identifier")}
    extensions = [each for each in report.pop("extension", ()) if each["url"] != EXTENSION]
    return report | {"extension": extensions}


def identifiers(report, name):
    return [each["value"] for each in report["identifier"] if each["system"].endswith(f"/{name}")]


@pytest.mark.parametrize("small_cell", [0, 5])
@pytest.mark.parametrize("measure", MEASURES)
def test_the_numbers_are_those_of_one_site(twins, measure, small_cell):
    one, several, periods = (*(replace(each, small_cell=small_cell) for each in twins[:2]), twins[2])
    alone = evaluate_measure(one, 1, measure, *periods[measure], base=SERVER).report
    pooled = evaluate_measure(several, EVERY_NUMBER, measure, *periods[measure], base=SERVER)
    assert numbers(pooled.report) == numbers(alone)
    parts = [evaluate_measure(several, site, measure, *periods[measure], base=SERVER).report for site in (1, 2)]
    assert all(numbers(part) != numbers(alone) for part in parts)
    tags = pooled.report.get("meta", {}).get("tag", [])
    assert [tag["code"] for tag in tags] == (["small-cells"] if small_cell else [])


def test_it_says_of_which_sites_and_states_it_is(twins):
    _, several, periods = twins
    measure = "lipusu-her2-os"
    evaluated = evaluate_measure(several, EVERY_NUMBER, measure, *periods[measure], base=SERVER)
    report = evaluated.report
    plain = json.parse(json.dumps(report))
    assert several.validator.validate(plain) == []
    assert [each["valueString"] for each in report["extension"] if each["url"] == EXTENSION] == [*SITES]
    with several.store.read(EVERYWHERE) as connection:
        newest = {number: several.store.analyses.newest(connection, number) for number in (1, 2, 3)}
    assert evaluated.seen == newest
    states = [f"site {name}, submission {newest[number]}" for number, name in enumerate(SITES, 1)]
    assert identifiers(report, "database-state") == states
    page = render_page(plain, several.content.measures[measure].resource, {})
    assert all(name in page for name in SITES)


def test_what_changes_nothing_changes_no_digest(twins):
    """The state of the database is told beside what the report says."""
    _, several, periods = twins
    measure = "faslodex-injections"

    def report():
        return evaluate_measure(several, EVERY_NUMBER, measure, *periods[measure], base=SERVER).report

    before = report()
    ingest.create(several, 3, "Organization", {"resourceType": "Organization", "name": "Klinik C"})
    assert report()["identifier"] == before["identifier"]  # it is about nobody
    (found,) = json.parse(search(several, 2, "Patient", [("_count", "1")], Client(SERVER)))["entry"]
    patient = found["resource"]
    ingest.update(several, 2, "Patient", patient["id"], patient | {"language": "de"})
    after = report()
    assert identifiers(before, "report-content") == identifiers(after, "report-content")
    assert identifiers(before, "database-state") != identifiers(after, "database-state")


def test_a_change_at_any_site_is_seen(twins):
    _, several, periods = twins
    measure = "halaven-adverse-events"

    def initial():
        report = evaluate_measure(several, EVERY_NUMBER, measure, *periods[measure], base=SERVER).report
        populations = report["group"][0]["population"]
        return next(p["count"] for p in populations if p["code"]["coding"][0]["code"] == "initial-population")

    before = initial()
    *_, bundle = Example("halaven", NUMBER + 1, seed=20).bundles()
    push(several, 3, bundle)
    assert initial() == before + 1


@pytest.mark.parametrize("asked", [{"report_type": "subject-list"}, {"subject": "Patient/halaven-1"}])
def test_patients_are_named_by_one_site_only(twins, asked):
    _, several, _ = twins
    with pytest.raises(FhirError) as refused:
        evaluate_measure(several, EVERY_NUMBER, "halaven-dcr", base=SERVER, **asked)
    assert refused.value.status == 400 and "name a site" in str(refused.value)


def forget(registry):
    """Drop all analyses."""
    with registry.store.database.write(EVERYWHERE) as connection:
        for table in registry.store.tables.analyses:
            connection.execute(table.delete())


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "derived"])
@pytest.mark.parametrize("site", [EVERY_NUMBER, 2], ids=["all", "one"])
def test_a_job_gives_the_same(twins, monkeypatch, site, kept):
    monkeypatch.setattr(analyse, "RANGE", 5)
    _, several, periods = twins
    params = several.content.search_params
    access = Access("authority", parse_scopes(MOST["regulator"], params), most_of("regulator", params))
    regulator, measure = replace(several, access=access), "lipusu-her2-ttp"
    arguments = dict(zip(("period_start", "period_end"), periods[measure], strict=True))
    id_ = request_evaluation(regulator, site, measure, arguments, SERVER, keep=False)
    if not kept:
        forget(several)
    do(several, several.store.jobs.claim("w", (KIND,)))
    with several.store.ask(site) as connection:
        job = several.store.jobs.find(connection, id_, site)
    assert job.state == "completed", job.problem
    (entry,) = job.result["entry"]
    at_once = evaluate_measure(regulator, site, measure, **arguments, base=SERVER).report
    assert numbers(entry["resource"]) == numbers(json.parse(json.dumps(at_once)))
    assert entry["resource"]["meta"]["tag"][0]["code"] == "small-cells"


def test_custom_measures_are_counted_together_too(tmp_path, database, new_database):
    write_files(tmp_path, CUSTOM)
    toy = load_content(tmp_path)
    with (
        closing(open_registry(database, toy)) as one,
        closing(open_registry(new_database("sqlite"), toy, sites=SITES)) as several,
    ):
        for number, bundle in enumerate(PATIENTS):
            push(one, 1, bundle)
            push(several, 1 + number % 3, bundle)
        for measure in toy.custom_measures:
            alone = evaluate_measure(one, 1, measure, None, "2025-12-31", base=SERVER).report
            pooled = evaluate_measure(several, EVERY_NUMBER, measure, None, "2025-12-31", base=SERVER).report
            assert numbers(pooled) == numbers(alone)


def test_nobody_anywhere(new_database, content):
    with (
        closing(open_registry(new_database("sqlite"), content, sites=SITES)) as several,
        pytest.raises(FhirError) as refused,
    ):
        evaluate_measure(several, EVERY_NUMBER, "halaven-dcr", base=SERVER)
    assert refused.value.status == 422 and "Nobody is in the initial population" in str(refused.value)
