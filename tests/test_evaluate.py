"""The walk from stored resources to a MeasureReport (https://hl7.org/fhir/R4/measure-operation-evaluate-measure.html)."""

import pytest

from fhir_registry.fhir.errors import FhirError
from fhir_registry.fhir.json import dumps
from fhir_registry.ops import ingest
from fhir_registry.ops.evaluate import evaluate

SITE = 1
BASE = "http://localhost/fhir"
ATC, SNOMED, LOINC = "http://www.whocc.no/atc", "http://snomed.info/sct", "http://loinc.org"


def concept(system, code):
    return {"coding": [{"system": system, "code": code}]}


def bundle(patient, *resources):
    """A transaction with one patient; the other resources refer to it."""
    entries = [{"resourceType": "Patient", "id": patient, "birthDate": "1960"}]
    for number, resource in enumerate(resources):
        entries.append({"id": f"{patient}-{number}", **resource})
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"resource": r, "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"}} for r in entries
        ],
    }


def enrolled(patient, status="on-study"):
    return {
        "resourceType": "ResearchSubject",
        "status": status,
        "study": {"reference": "ResearchStudy/halaven"},
        "individual": {"reference": f"Patient/{patient}"},
    }


def condition(patient, system, code, onset):
    return {
        "resourceType": "Condition",
        "subject": {"reference": f"Patient/{patient}"},
        "code": concept(system, code),
        "onsetDateTime": onset,
    }


def eribulin(patient, day, status="completed"):
    return {
        "resourceType": "MedicationAdministration",
        "status": status,
        "medicationCodeableConcept": concept(ATC, "L01XX41"),
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": day,
    }


def response(patient, day, answer):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": concept(LOINC, "88040-1"),
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": day,
        "valueCodeableConcept": concept(LOINC, answer),
    }


def treated(patient, *answers):
    """Eribulin on 2024-01-15 for breast cancer with brain metastasis; answers: (day, LOINC answer)."""
    return bundle(
        patient,
        enrolled(patient),
        condition(patient, SNOMED, "254837009", "2020-05-01"),
        condition(patient, SNOMED, "94225005", "2023-12"),
        eribulin(patient, "2024-01-15T10:00:00+08:00"),
        *(response(patient, *answer) for answer in answers),
    )


@pytest.fixture
def halaven(registry):
    """Five patients: PR, SD too early, PD; enrolled but never dosed; not in the study."""
    for pushed in (
        treated("a", ("2024-03-15", "LA28369-9")),
        treated("b", ("2024-02-01", "LA28371-5")),
        treated("c", ("2024-03-15", "LA28370-7"), ("2024-06-15", "LA28366-5")),
        bundle("d", enrolled("d"), eribulin("d", "2024-01-15", "not-done")),
        bundle("e", eribulin("e", "2024-01-15")),
    ):
        ingest.bundle(registry, SITE, pushed, "http://localhost/fhir")
    return registry


def group(report, code):
    return next(g for g in report["group"] if g["code"]["coding"][0]["code"] == code)


def count(report, code):
    return group(report, code)["measureScore"]["value"]


def test_stored_patients_become_a_report(halaven):
    report = evaluate(halaven, SITE, "halaven-dcr", period_end="2024-12")
    populations = {p["code"]["coding"][0]["code"]: p["count"] for p in report["group"][0]["population"]}
    assert populations == {
        "initial-population": 4,
        "denominator-exclusion": 1,
        "denominator": 3,
        "imputed-dates": 0,
        "numerator": 1,
    }
    assert [count(report, f"bor-{best}") for best in ("cr", "pr", "sd", "pd", "ne")] == [0, 1, 0, 1, 1]
    assert float(count(report, "dcr")) == pytest.approx(100 / 3)
    assert count(report, "exclusion-no-index-drug") == 1
    assert report["period"] == {"start": "2024-01-15", "end": "2024-12-31"}


def test_partial_dates_of_the_period_take_their_outer_days(halaven):
    report = evaluate(halaven, SITE, "halaven-dcr", period_start="2024", period_end="2024-02")
    assert report["period"] == {"start": "2024-01-01", "end": "2024-02-29"}
    assert [count(report, f"bor-{best}") for best in ("pr", "pd", "ne")] == [0, 0, 3]
    report = evaluate(halaven, SITE, "halaven-dcr", period_start="2024-02", period_end="2024")
    assert count(report, "exclusion-index-before-period") == 3


def test_the_same_question_has_the_same_answer(halaven):
    first, second = (evaluate(halaven, SITE, "halaven-dcr", period_end="2024-12-31") for _ in range(2))
    assert dumps({**first, "date": None}) == dumps({**second, "date": None})


def test_references_by_url_of_this_server_are_its_own(registry):
    pushed = treated("a", ("2024-03-15", "LA28369-9"))
    for entry in pushed["entry"][1:]:
        for name in ("subject", "individual", "study"):
            if name in entry["resource"]:
                entry["resource"][name]["reference"] = f"{BASE}/{entry['resource'][name]['reference']}"
        ingest.update(registry, SITE, entry["resource"]["resourceType"], entry["resource"]["id"], entry["resource"])
    ingest.update(registry, SITE, "Patient", "a", pushed["entry"][0]["resource"])
    report = evaluate(registry, SITE, "halaven-dcr", period_end="2024-12", base=BASE)
    assert [count(report, code) for code in ("bor-pr", "unread-subject")] == [1, 0]
    with pytest.raises(FhirError) as caught:
        evaluate(registry, SITE, "halaven-dcr", period_end="2024-12", base="https://else.example/fhir")
    assert "5 records are of nobody" in caught.value.issues[0].message


def test_what_is_not_understood_is_counted(halaven):
    report = evaluate(halaven, SITE, "halaven-dcr", period_end="2024-12")
    codes = ("unread-drug", "unread-drug-outside", "unread-response", "unread-status", "unread-subject")
    assert [count(report, code) for code in codes] == [0, 0, 0, 0, 0]
    unknown = [{**eribulin(p, "2024-02-01"), "medicationCodeableConcept": {"text": "XY-17"}} for p in "abe"]
    unknown.append(response("c", "2024-04-01", "LA0000-0"))
    unknown.append(eribulin("d", "2024-02-01", "on-hold"))
    unknown.append(eribulin("nobody", "2024-02-01"))
    for resource in unknown:
        ingest.create(halaven, SITE, resource["resourceType"], resource)
    report = evaluate(halaven, SITE, "halaven-dcr", period_end="2024-12")
    assert [count(report, code) for code in codes] == [2, 1, 1, 1, 1]


def test_a_report_follows_its_cut_off_by_default_today(halaven):
    report = evaluate(halaven, SITE, "halaven-dcr")
    assert report["period"]["end"] == report["date"][:10]


@pytest.mark.parametrize(
    "measure, options, kind, words",
    [
        ("nothing", {}, "not-found", ["'nothing'", "halaven-dcr", "lipusu-her2-os"]),
        ("halaven-dcr", {"report_type": "practitioner"}, "bad-request", ["practitioner", "summary"]),
        ("halaven-dcr", {"report_type": "patient"}, "bad-request", ["patient", "subject"]),
        ("halaven-dcr", {"report_type": "summary", "subject": "Patient/a"}, "bad-request", ["summary", "subject"]),
        ("halaven-dcr", {"subject": "Patient/z"}, "not-found", ["Patient", "'z'"]),
        ("halaven-dcr", {"subject": "Patient/e"}, "unprocessable", ["'e'", "initial population"]),
        ("halaven-dcr", {"period_start": "2024-13"}, "bad-request", ["periodStart", "2024-13"]),
        ("halaven-dcr", {"period_end": "2024-01-01 or so"}, "bad-request", ["periodEnd"]),
        ("halaven-dcr", {"period_start": "2025", "period_end": "2024"}, "bad-request", ["2025", "2024"]),
        ("lipusu-her2-os", {}, "unprocessable", ["lipusu-her2-os", "MedicationAdministration", "paclitaxel-liposome"]),
        ("faslodex-injections", {}, "unprocessable", ["ResearchSubject", "ResearchStudy/faslodex"]),
    ],
)
def test_what_cannot_be_evaluated(halaven, measure, options, kind, words):
    with pytest.raises(FhirError) as caught:
        evaluate(halaven, SITE, measure, **options)
    assert caught.value.kind == kind
    assert all(word in caught.value.issues[0].message for word in words)


MEDDRA = "https://www.meddra.org"
GRADE = "http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade"
GRADES = "http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system"


def adverse_event(patient, day, term, grade):
    return {
        "resourceType": "AdverseEvent",
        "extension": [{"url": GRADE, "valueCodeableConcept": concept(GRADES, grade)}],
        "actuality": "actual",
        "event": concept(MEDDRA, term),
        "subject": {"reference": f"Patient/{patient}"},
        "date": day,
        "suspectEntity": [
            {
                "instance": {"reference": f"MedicationAdministration/{patient}-1"},
                "causality": [
                    {
                        "assessment": concept(
                            "http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess", "Possible"
                        )
                    }
                ],
            }
        ],
    }


def stopped(patient, day, *reasons):
    return {
        "resourceType": "MedicationStatement",
        "status": "stopped",
        "statusReason": [concept(SNOMED, reason) for reason in reasons],
        "medicationCodeableConcept": concept(ATC, "L01XX41"),
        "subject": {"reference": f"Patient/{patient}"},
        "effectivePeriod": {"start": "2024-01-15", "end": day},
    }


def test_stored_adverse_events_become_a_report(registry):
    pushed = (
        bundle(
            "a",
            enrolled("a"),
            eribulin("a", "2024-01-15"),
            adverse_event("a", "2024-01-20", "10029366", "4"),  # neutrophil count decreased
            adverse_event("a", "2024-02", "10016288", "3"),  # febrile neutropenia
            stopped("a", "2024-02-20", "419835002", "407563006"),  # progression, not tolerated
        ),
        bundle("b", enrolled("b"), eribulin("b", "2024-01-15"), adverse_event("b", "2023-12-01", "10028813", "1")),
    )
    for patient in pushed:
        ingest.bundle(registry, SITE, patient, "http://localhost/fhir")
    report = evaluate(registry, SITE, "halaven-adverse-events", period_end="2024-12-31")
    codes = ("ae-any", "ae-grade3plus", "ae-related", "ae-discontinuation", "ae-soc-investigations")
    assert [count(report, code) for code in codes] == [50] * 5
    rows = {
        "ae-term-neutrophil-count-decreased": "4",
        "ae-term-febrile-neutropenia": "3",
        "ae-group-neutropenia-grouped": "4",
    }
    for code, worst in rows.items():
        (by_grade,) = group(report, code)["stratifier"]
        patients = {stratum["value"]["text"]: stratum["population"][0]["count"] for stratum in by_grade["stratum"]}
        assert patients == dict.fromkeys(("1", "2", "3", "4", "5", "unknown"), 0) | {worst: 1}
    assert count(report, "ae-records-pre-existing-unchanged") == 1
    # Both are watched up to 30 days after their one dose.
    assert float(count(report, "ae-eaer-years")) == pytest.approx(62 / 365.25)
    assert float(count(report, "ae-eaer")) == pytest.approx(2 / 62 * 36525)
