"""De-identification of one resource: pseudonyms, shifted dates, what is told of each element."""

import re
from datetime import date, timedelta

import pytest
from disguises import BASE, KEY, NATIONAL, TODAY, made_for, observation
from hypothesis import given
from hypothesis import strategies as st

from fhir_registry.content.deidentification import load_rules
from fhir_registry.core.compartment import PatientCompartments
from fhir_registry.core.deidentify import PERSON, PSEUDED, PSEUDONYM, deidentify, shift_date
from fhir_registry.core.pseudonyms import SHIFT, Pseudonyms
from fhir_registry.fhir import json
from fhir_registry.fhir.json import JsonDecimal

HEXADECIMAL = re.compile(r"[0-9a-f]{32}")


@pytest.fixture(scope="module")
def rules(content):
    return load_rules(content.definitions, content.concept_maps)


@pytest.fixture(scope="module")
def disguise(rules):
    return made_for(rules, "trial")


# Pseudonyms


def test_the_pseudonym_is_what_the_document_says():
    """Expected: printf of the message of docs/deidentification.md into openssl dgst -sha256 -mac HMAC."""
    made = Pseudonyms(KEY, "trial", "klinik-a")
    assert made.of("Patient", "p1") == "c409214da2a5c3f509defa7320de5141"
    assert (
        made.linkage(NATIONAL, "85.07.30-033 28")
        == made.linkage(NATIONAL, "85073003328")
        == "7c94de0287496c8937c5dbca514c1554"
    )
    assert made.shift("p1") == int("b4f650249e40f390", 16) % 365 - 182 == -181


def test_pseudonyms_of_another_purpose_site_or_key_are_others():
    first = Pseudonyms(KEY, "trial", "klinik-a")
    again = Pseudonyms(KEY, "trial", "klinik-a")
    others = [
        Pseudonyms(KEY, "other", "klinik-a"),
        Pseudonyms(KEY, "trial", "klinik-b"),
        Pseudonyms(bytes(32), "trial", "klinik-a"),
    ]
    ids = [("Patient", f"p{n}") for n in range(200)]
    assert [first.of(*each) for each in ids] == [again.of(*each) for each in ids]
    made = [each.of(*id_) for each in (first, *others) for id_ in ids]
    assert len(set(made)) == len(made)
    # One site is known to another by the purpose's linkage only.
    assert first.linkage(NATIONAL, "1") == others[1].linkage(NATIONAL, "1")
    assert len({each.linkage(NATIONAL, "1") for each in (first, others[0], others[2])}) == 3


def test_shifts_are_spread_over_the_year():
    shifts = [Pseudonyms(KEY, "trial", "a").shift(f"p{n}") for n in range(20_000)]
    assert set(shifts) == set(range(-SHIFT, SHIFT + 1))


# Dates

DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
SHIFTS = st.integers(-SHIFT, SHIFT)


@given(DAYS, DAYS, SHIFTS)
def test_intervals_of_days_are_kept(first, second, days):
    moved = [date.fromisoformat(shift_date(each.isoformat(), days)) for each in (first, second)]
    assert moved[1] - moved[0] == second - first and moved[0] - first == timedelta(days)


@given(DAYS, SHIFTS, st.sampled_from([4, 7]))
def test_a_partial_date_stays_near(day, days, length):
    """What its middle becomes lies in it: half a month away at most, or half a year."""
    moved = shift_date(day.isoformat()[:length], days)
    middle = {4: f"{day.year:04d}-07-01", 7: f"{day.isoformat()[:7]}-15"}[length]
    assert moved == (date.fromisoformat(middle) + timedelta(days)).isoformat()[:length]


@pytest.mark.parametrize(
    ("literal", "moved"),
    [
        ("2024-02-28T23:59:59.123+14:00", "2024-03-01"),
        ("2024-02-28T23:59", "2024-03-01"),
        ("2024-02", "2024-02"),
        ("2024", "2024"),
        ("9999-12-31", None),
        ("yesterday", None),
        ("2024-02-30", None),
        ("", None),
    ],
)
def test_times_of_the_day_are_not_told(literal, moved):
    assert shift_date(literal, 2) == moved


@given(
    st.tuples(DAYS, DAYS).map(sorted),
    st.sampled_from([4, 7, 10]),
    st.sampled_from([4, 7, 10]),
    st.text("ab", max_size=9),
)
def test_a_period_does_not_end_before_it_begins(content, days, first, second, person):
    rules = load_rules(content.definitions, content.concept_maps)
    start, end = days[0].isoformat()[:first], days[1].isoformat()[:second]
    told = deidentify(observation(effectivePeriod={"start": start, "end": end}), made_for(rules, "trial"), person)
    period = told["effectivePeriod"]
    shorter = min(first, second)
    assert period["start"][:shorter] <= period["end"][:shorter]
    assert (len(period["start"]), len(period["end"])) == (first, second)


def test_the_birth_is_a_year_and_nobody_is_older_than_90(disguise):
    def born(birth, **members):
        patient = {"resourceType": "Patient", "id": "p1", "birthDate": birth, **members}
        return deidentify(patient, disguise, "p1")["birthDate"]

    shift = disguise.pseudonyms.shift("p1")
    for birth in ("1961-01-01", "1961-12-31", "1961-05", "1961"):
        assert born(birth) == shift_date(birth, shift)[:4]
    now = (TODAY + timedelta(shift)).year
    assert born("1930-06-01") == str(now - 90)
    assert born("1930-06-01", deceasedDateTime="2010-01-01") == shift_date("1930-06-01", shift)[:4]
    assert born("1911-06-01", deceasedDateTime="2010-07-01") == str(int(shift_date("2010-07-01", shift)[:4]) - 90)


# What is told


def test_codes_stay_and_texts_become_what_they_mean(disguise):
    told = deidentify(
        {
            "resourceType": "MedicationAdministration",
            "id": "m1",
            "status": "completed",
            "medicationCodeableConcept": {
                "coding": [
                    {"system": "http://www.whocc.no/atc", "code": "L01CD01", "display": "for Mrs Smith"},
                    {"system": "https://klinik.example/drugs", "code": "Smith-17"},
                ],
                "text": "注射用紫杉醇脂质体(力扑素)",
            },
            "subject": {"reference": "https://me.example/fhir/Patient/p1", "display": "Anna Smith"},
            "effectiveDateTime": "2024-03-01T10:00:00+01:00",
            "dosage": {"text": "as Smith likes it", "dose": {"value": JsonDecimal("240.50"), "unit": "mg"}},
        },
        disguise,
        "p1",
    )
    made = disguise.pseudonyms
    assert told == {
        "resourceType": "MedicationAdministration",
        "id": made.of("MedicationAdministration", "m1"),
        "meta": {"security": [PSEUDED]},
        "identifier": [{"system": PSEUDONYM, "value": made.of("MedicationAdministration", "m1")}],
        "status": "completed",
        "medicationCodeableConcept": {
            "coding": [
                {"system": "http://www.whocc.no/atc", "code": "L01CD01"},
                {"system": "https://registry.example/CodeSystem/drug", "code": "paclitaxel-liposome"},
                {"system": "https://registry.example/CodeSystem/drug-class", "code": "chemo"},
            ]
        },
        "subject": {"reference": f"Patient/{made.of('Patient', 'p1')}"},
        "effectiveDateTime": shift_date("2024-03-01", made.shift("p1")),
        "dosage": {"dose": {"value": JsonDecimal("240.50"), "unit": "mg"}},
    }
    assert b"240.50" in json.dumps(told)


def test_a_contained_drug_stands_in_the_dose(disguise):
    contained = {
        "resourceType": "Medication",
        "id": "drug",
        "identifier": [{"value": "Smith"}],
        "code": {"text": "Halaven for Smith"},
    }
    resource = {
        "resourceType": "MedicationStatement",
        "id": "s1",
        "contained": [contained],
        "status": "active",
        "medicationReference": {"reference": "#drug"},
        "subject": {"reference": "Patient/p1"},
    }
    told = deidentify(resource, disguise, "p1")
    assert [each["code"] for each in told["medicationCodeableConcept"]["coding"]] == ["eribulin", "chemo"]
    assert "contained" not in told and "medicationReference" not in told


def test_what_nobody_knows_is_a_pseudonym(disguise, rules):
    def drug(text, by=disguise):
        resource = {
            "resourceType": "MedicationStatement",
            "id": "s1",
            "status": "active",
            "medicationCodeableConcept": {"text": text},
            "subject": {"reference": "Patient/p1"},
        }
        (coding,) = deidentify(resource, by, "p1")["medicationCodeableConcept"]["coding"]
        assert coding["system"] == PSEUDONYM and HEXADECIMAL.fullmatch(coding["code"])
        return coding["code"]

    assert drug("Smith's tea") == drug("smith's TEA") != drug("Smith's oil")
    assert drug("Smith's tea") != drug("Smith's tea", made_for(rules, "other"))


def test_texts_as_values_are_told_by_their_code(disguise):
    told = deidentify(observation(valueString="Partial response"), disguise, "p1")
    assert [each["code"] for each in told["valueCodeableConcept"]["coding"]] == ["PR"]
    told = deidentify(observation(valueString="Smith was here"), disguise, "p1")
    assert not {"valueString", "valueCodeableConcept"} & told.keys()


@pytest.mark.parametrize(
    ("quantity", "told"),
    [
        ({"value": 5, "unit": "mg"}, {"value": 5, "unit": "mg"}),
        ({"value": 5, "comparator": "<"}, {"value": 5, "comparator": "<"}),
        (
            {"value": 5, "unit": "Smith", "system": "http://unitsofmeasure.org", "code": "mg"},
            {"value": 5, "system": "http://unitsofmeasure.org", "code": "mg"},
        ),
        ({"value": 5, "unit": "{Smith}"}, None),
        ({"value": 5, "system": "https://klinik.example", "code": "mg"}, None),
        ({"value": 85073003, "unit": "mg"}, None),
        ({"value": JsonDecimal("1.1234567"), "unit": "mg"}, None),
        ({"unit": "mg"}, None),
    ],
)
def test_quantities_have_a_number_that_is_small_and_a_unit_that_is_known(disguise, quantity, told):
    assert deidentify(observation(valueQuantity=quantity), disguise, "p1").get("valueQuantity") == told


def test_references_lead_to_what_is_told_and_to_content(disguise):
    subject = {
        "resourceType": "ResearchSubject",
        "id": "r1",
        "status": "on-study",
        "study": {"reference": "ResearchStudy/halaven", "display": "of Smith"},
        "individual": {"reference": "Patient/p1/_history/3"},
        "consent": {"reference": "Consent/Smith"},
    }
    told = deidentify(subject, disguise, "p1")
    assert told["study"] == {"reference": "ResearchStudy/halaven"}
    assert told["individual"] == {"reference": f"Patient/{disguise.pseudonyms.of('Patient', 'p1')}"}
    assert "consent" not in told
    # Without what R4 requires nothing is told.
    for other in (
        "ResearchStudy/smith",
        "https://other.example/fhir/ResearchStudy/halaven",
        "#smith",
        "urn:uuid:smith",
    ):
        assert deidentify(subject | {"study": {"reference": other}}, disguise, "p1") is None


@pytest.mark.parametrize("name", ["modifierExtension", "implicitRules"])
def test_what_changes_the_meaning_cannot_be_left_out(disguise, name):
    assert deidentify(observation(), disguise, "p1") is not None
    assert deidentify(observation(**{name: "not"}), disguise, "p1") is None


def test_a_person_is_linked_by_a_named_identifier_only(disguise, rules):
    patient = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": NATIONAL, "value": "85.07.30"}, {"system": "https://klinik.example", "value": "7"}],
    }
    here = deidentify(patient, disguise, "p1")
    there = deidentify(patient | {"id": "x9"}, made_for(rules, "trial", "klinik-b"), "x9")
    other = deidentify(patient, made_for(rules, "other"), "p1")
    assert [each["system"] for each in here["identifier"]] == [PSEUDONYM, PERSON]
    assert here["identifier"][1] == there["identifier"][1] != other["identifier"][1]
    assert here["identifier"][0] != there["identifier"][0]


def test_an_event_in_error_stays_one(disguise):
    event = {
        "resourceType": "AdverseEvent",
        "id": "e1",
        "meta": {
            "source": "https://klinik.example/smith",
            "tag": [
                {"system": "https://registry.example/CodeSystem/record-status", "code": "entered-in-error"},
                {"system": "https://klinik.example/tags", "code": "smith"},
            ],
        },
        "actuality": "actual",
        "subject": {"reference": "Patient/p1"},
    }
    tag = {"system": "https://registry.example/CodeSystem/record-status", "code": "entered-in-error"}
    told = deidentify(event, disguise, "p1")
    assert told["meta"] == {"security": [PSEUDED], "tag": [tag]}
    assert told["identifier"] == {"system": PSEUDONYM, "value": told["id"]}


def test_whose_a_resource_is(content):
    compartments = PatientCompartments(content.search_params, content.definitions, elsewhere=True)

    def of(**members):
        return compartments.of_resource(observation(**members), BASE)

    assert of() == {"p1"} == of(performer=[{"reference": "Practitioner/x"}])
    assert of(performer=[{"reference": "https://me.example/fhir/Patient/p1"}]) == {"p1"}
    assert of(performer=[{"reference": "Patient/p2"}]) == {"p1", "p2"}
    assert of(subject={"reference": "Group/g"}) == set() == of(subject={"display": "Smith"})
    assert of(subject={"reference": "https://other.example/Patient/p1"}) == {"https://other.example/Patient/p1"}
