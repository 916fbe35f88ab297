"""Asserted lines of therapy from a bundle to the report, on both databases: four women of the Lipusu registry."""

import pytest
from tallies import interval, populations, scores

from fhir_registry.ops import evaluate, ingest
from fhir_registry.store.facts import read_facts

SITE, BASE = 1, "http://localhost/fhir"
ATC, LOINC, ICD10 = "http://www.whocc.no/atc", "http://loinc.org", "http://hl7.org/fhir/sid/icd-10"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
LINE = "https://registry.example/StructureDefinition/line-of-therapy"
CUTOFF = "2024-07-31"


def concept(system, code):
    return {"coding": [{"system": system, "code": code}]}


def line(number):
    return [{"url": LINE, "valuePositiveInt": number}]


def woman(name, **dose):
    """HER2-positive, metastatic since February 2023; both drugs from 2023-03-01 on."""
    subject = {"reference": f"Patient/{name}"}

    def given(drug, when, **more):
        return {
            "resourceType": "MedicationAdministration",
            "status": "completed",
            "medicationCodeableConcept": drug,
            "subject": subject,
            "effectiveDateTime": when,
            **more,
        }

    condition = {"resourceType": "Condition", "subject": subject, "onsetDateTime": "2023-02-20"}
    resources = [
        {"resourceType": "Patient", "gender": "female", "birthDate": "1963"},
        {**condition, "code": concept(ICD10, "C50.4")},
        {**condition, "code": concept(ICD10, "C78.7")},
        {
            "resourceType": "Observation",
            "status": "final",
            "code": concept(LOINC, "48676-1"),
            "subject": subject,
            "effectiveDateTime": "2023-02-25",
            "valueCodeableConcept": concept(LOINC, "LA6576-8"),
        },
        given({"text": "力扑素"}, "2023-03-01", **dose),
        given(concept(ATC, "L01FD01"), "2023-03-01"),
        given({"text": "力扑素"}, "2023-03-22"),
    ]
    return [{"id": f"{name}{n}" if n else name, **resource} for n, resource in enumerate(resources)]


def episode(name, number, period, **more):
    return {
        "resourceType": "EpisodeOfCare",
        "id": f"{name}-line-{number}",
        "extension": line(number),
        "status": "finished",
        "type": [concept(NCIT, "C133518")],
        "patient": {"reference": f"Patient/{name}"},
        "period": period,
        **more,
    }


RESOURCES = [
    *woman("agreed", extension=line(1)),
    *woman("differs"),
    episode("differs", 1, {"start": "2022-11", "end": "2023-02-28"}),
    episode("differs", 2, {"start": "2023-03-01"}, status="active"),
    *woman("silent"),
    # Another kind of episode.
    episode("silent", 3, {"start": "2023-03-01"}, type=[concept("http://snomed.info/sct", "394802001")]),
    *woman("ended"),
    episode("ended", 1, {"start": "2022-11-01", "end": "2022-12-31"}),
]


@pytest.fixture
def pushed(registry):
    entries = [
        {"resource": each, "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"}}
        for each in RESOURCES
    ]
    ingest.bundle(registry, SITE, {"resourceType": "Bundle", "type": "transaction", "entry": entries}, BASE)
    return registry


def report(registry, **asked):
    return evaluate.evaluate(registry, SITE, "lipusu-her2-os", None, CUTOFF, base=BASE, **asked)


def test_the_report_says_how_many_differ(pushed):
    found = report(pushed)
    assert populations(found, "os-median")["denominator"] == 4
    assert scores(found)["line-asserted"]["value"] == 2
    # R: binom.test(1, 2)
    assert interval(scores(found)["line-asserted-differs"]) == pytest.approx((50, 1.2579117, 98.7420883))


def test_an_episode_that_was_an_error_is_seen_by_the_next_report(pushed):
    report(pushed)
    wrong = episode("differs", 2, {"start": "2023-03-01"}, status="entered-in-error")
    ingest.update(pushed, SITE, "EpisodeOfCare", wrong["id"], wrong)
    found = report(pushed)
    assert scores(found)["line-asserted"]["value"] == 1
    assert scores(found)["line-asserted-differs"]["value"] == 0


def test_the_report_of_one_patient_names_the_episode(pushed):
    found = report(pushed, subject="Patient/differs")
    told = {each["reference"]: each["display"] for each in found["evaluatedResource"]}
    assert told["EpisodeOfCare/differs-line-2/_history/1"] == "asserted-line: line 2"
    assert "line: asserted 2, derived 1" in [group["code"]["text"] for group in found["group"]]


def test_episodes_are_read_as_facts(pushed):
    with pushed.store.read(1) as connection:
        facts = {person.subject: person for person in read_facts(pushed.store, connection, SITE)}
    first, second = facts["differs"].episodes_of_care
    assert (first.line, first.status, first.end_hi) == (1, "finished", 19416)  # 2023-02-28
    assert (second.source.resource, second.line, second.end_lo) == ("EpisodeOfCare/differs-line-2", 2, None)
    assert facts["silent"].episodes_of_care == []
    assert [dose.line for dose in facts["agreed"].administrations] == [1, None, None]
