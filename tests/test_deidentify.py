"""De-identification of one resource: what is not listed is not told, and what is planted does not come out."""

import random
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_registry.content.deidentification import EXTENSIONS, MAPS, compile_rules, load_rules
from fhir_registry.content.errors import ContentError
from fhir_registry.core.compartment import patients_of
from fhir_registry.core.deidentify import PERSON, PSEUDED, PSEUDONYM, Disguise, deidentify, shift_date
from fhir_registry.core.pseudonyms import SHIFT, Pseudonyms
from fhir_registry.fhir import json
from fhir_registry.fhir.json import JsonDecimal

KEY = bytes(range(32))
TODAY = date(2026, 11, 22)
NATIONAL = "https://national.example/id"
SNOMED = "http://snomed.info/sct"
HEXADECIMAL = re.compile(r"[0-9a-f]{32}")


@pytest.fixture(scope="module")
def rules(content):
    return load_rules(content.definitions, content.concept_maps)


@pytest.fixture(scope="module")
def disguise(rules):
    return made_for(rules, "trial")


def made_for(rules, purpose, site="klinik-a", key=KEY):
    content = {("ResearchStudy", "halaven")}
    pseudonyms = Pseudonyms(key, purpose, site)
    return Disguise(
        rules, pseudonyms, frozenset({NATIONAL}), lambda *place: place in content, "https://me.example/fhir", TODAY
    )


def observation(**members):
    code = {"coding": [{"system": "http://loinc.org", "code": "97509-4", "display": "Response"}]}
    subject = {"reference": "Patient/p1"}
    return {"resourceType": "Observation", "id": "o1", "status": "final", "code": code, "subject": subject, **members}


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
    def of(**members):
        return patients_of(observation(**members), content, "https://me.example/fhir")

    assert of() == {"p1"} == of(performer=[{"reference": "Practitioner/x"}])
    assert of(performer=[{"reference": "https://me.example/fhir/Patient/p1"}]) == {"p1"}
    assert of(performer=[{"reference": "Patient/p2"}]) == {"p1", "p2"}
    assert of(subject={"reference": "Group/g"}) == set() == of(subject={"display": "Smith"})
    assert of(subject={"reference": "https://other.example/Patient/p1"}) == {"https://other.example/Patient/p1"}


# What is not told

MEMBERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_members_that_are_not_listed_change_nothing(content, data):
    rules = load_rules(content.definitions, content.concept_maps)
    disguise = made_for(rules, "trial")
    listed = {*rules.types["Observation"].elements, "resourceType", "id", "modifierExtension", "implicitRules"}
    names = st.text(max_size=12).filter(lambda name: name not in listed | {"contained", "medicationReference"})
    more = data.draw(st.dictionaries(names, MEMBERS, max_size=4))
    resource = observation(valueInteger=2, effectiveDateTime="2024-03-01")
    assert deidentify(resource | more, disguise, "p1") == deidentify(resource, disguise, "p1")


class Planter:
    """Fills every element of a type with what tells of somebody, and keeps all of it."""

    LETTERS = "ghjkmnpqrtvwxyz"  # no hexadecimal ones, so that no pseudonym is one by chance

    def __init__(self, rules, types, seed):
        self.rules, self.types, self.random = rules, types, random.Random(seed)
        self.texts, self.numbers, self.times = [], [], []

    def resource(self, type):
        planted = {"resourceType": type, "id": self.text()}
        return planted | self.members(type, self.rules.types[type], 0)

    def members(self, type, shape, depth):
        """Every element of a type; where a Shape is told of, with its extensions too."""
        made = {}
        for element in self.types[type].elements.values():
            if element.name in ("modifierExtension", "implicitRules", "id", "contained", "div", "extension"):
                continue
            for name in element.types:
                member = element.name + (name[0].upper() + name[1:] if element.choice else "")
                rule = shape.elements.get(member) if shape else None
                value = self.value(name, rule and rule.shape, depth)
                if value is not None:
                    made[member] = value if element.max == 1 else [value, self.value(name, rule and rule.shape, depth)]
        made["extension"] = [{"url": self.uri(), "valueString": self.text()}]
        told = shape and shape.elements.get(EXTENSIONS)
        if told:
            made["extension"] += [
                {"url": url, **self.members("Extension", each, 3)} for url, each in told.by_url.items()
            ]
        made["contained"] = [{"resourceType": "Patient", "id": "c", "name": [{"family": self.text()}]}]
        return made

    def value(self, name, shape, depth):
        definition = self.types.get(name)
        if name in ("boolean",):
            return True
        if name in ("decimal", "integer", "positiveInt", "unsignedInt"):
            self.numbers.append(self.random.randrange(10**8, 10**9))
            return self.numbers[-1]
        if name in ("date", "dateTime", "instant", "time"):
            self.times.append(
                f"{self.random.randrange(24):02d}:{self.random.randrange(60):02d}:17.{len(self.times):03d}"
            )
            return self.times[-1] if name == "time" else f"2024-03-01T{self.times[-1]}Z"
        if name == "Coding":
            system = self.random.choice([*self.rules.systems, self.uri()])
            return {"system": system, "code": self.text(), "display": self.text(), "version": self.text()}
        if name == "Reference":
            of = self.random.choice(["Patient", "Observation", "Organization"])
            return {"reference": f"{of}/{self.text()}", "display": self.text(), "identifier": {"value": self.text()}}
        if name == "Meta":
            return {"source": self.uri(), "profile": [self.uri()], "tag": [self.value("Coding", None, 0)]}
        if definition is None or definition.kind == "primitive-type":
            return self.uri() if name in ("uri", "url", "canonical") else self.text()
        if definition.kind == "resource" or depth > 2:
            return None
        return self.members(name, shape, depth + 1)

    def text(self):
        self.texts.append("".join(self.random.choice(self.LETTERS) for _ in range(9)).capitalize())
        return self.texts[-1]

    def uri(self):
        return f"https://{self.text()}.example/{self.text()}"


def survivors(planter, told):
    """What was planted and is found in a text, to the letter or in part, whatever the case and the marks between."""
    exact = told.decode()
    normal = "".join(character for character in exact.casefold() if character.isalnum())
    parts = {text: {text.casefold()[at : at + 6] for at in range(4)} for text in planter.texts}
    found = [text for text, some in parts.items() if any(part in normal for part in some)]
    found += [number for number in planter.numbers if str(number)[:7] in normal or str(number)[2:] in normal]
    return found + [time for time in planter.times if time[:8] in exact]


def test_nothing_that_was_planted_is_found(rules, disguise, content):
    planted = 0
    for type in rules.types:
        planter = Planter(rules, content.definitions.types, type)
        resource = planter.resource(type)
        for name, rule in rules.types[type].elements.items():  # else nothing would be told where R4 requires them
            if rule.kind == "code":
                resource[name] = min(rule.codes)
        resource |= {name: {"reference": "ResearchStudy/halaven"} for name in ("study",) if type == "ResearchSubject"}
        resource |= {"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}}
        resource |= {name: {"reference": f"Patient/{planter.text()}"} for name in ("subject", "individual", "patient")}
        before = json.dumps(resource)
        assert len(survivors(planter, before)) == len(planter.texts + planter.numbers + planter.times)
        told = deidentify(resource, disguise, "p1")
        assert told is not None, type
        assert survivors(planter, json.dumps(told)) == [], type
        assert told.keys() - {"id", "meta", "identifier", "resourceType"}, type
        planted += len(planter.texts + planter.numbers + planter.times)
    assert planted > 200


def test_the_scan_finds_what_is_left():
    planter = Planter(None, {}, 1)
    planter.texts, planter.numbers, planter.times = ["Ghjkmnpqr"], [123456789], ["03:47:17.000"]
    assert survivors(planter, b"x GHJ-KMN pqr, 123 456 789, T03:47:17Z") == ["Ghjkmnpqr", 123456789, "03:47:17.000"]
    assert survivors(planter, b"jkmnpq") == ["Ghjkmnpqr"]


# The list itself


@pytest.mark.parametrize(
    ("told", "element", "message"),
    [
        ({"Patient": {"name.family": "text"}}, "Patient.name.family", "is no element of Patient"),
        ({"Patient": {"name": "text"}}, "Patient.name", "a HumanName is not told as 'text'"),
        ({"Patient": {"language": "code"}}, "Patient.language", "has no codes that R4 requires"),
        ({"Patient": {"maritalStatus": "concept nothing"}}, "Patient.maritalStatus", f"{MAPS}nothing is not held"),
        ({"Pat": {}}, "Pat", "is no type"),
    ],
)
def test_what_is_wrong_in_the_list_is_named(content, told, element, message):
    raw = {"types": told, "systems": {}, "units": "", "countries": ""}
    with pytest.raises(ContentError) as raised:
        compile_rules(raw, content.definitions, content.concept_maps)
    assert raised.value.element == element and message in raised.value.message


def test_every_type_that_outcomes_read_is_told(content, rules):
    assert {view.resource for view in content.views} == set(rules.types)


def test_every_date_and_concept_map_that_a_view_reads_is_told(content, rules):
    """But what only an identifier or a profile tells: docs/deidentification.md."""
    used = {each.url for shape in rules.types.values() for each in maps_of(shape)}
    derived = {MAPS + name for name in ("ae-soc", "ae-group")}  # from the term
    tags = re.findall(r"ConceptMap/[a-z-]+", " ".join(path.read_text() for path in view_files(content)))
    assert {f"https://registry.example/{tag}" for tag in tags} - used == derived


def maps_of(shape):
    for rule in shape.elements.values():
        yield from rule.maps
        for inner in (rule.shape, *(rule.by_url or {}).values()):
            if inner:
                yield from maps_of(inner)


def view_files(content):
    return [path for (type, _), path in content.paths.items() if type == "ViewDefinition"]
