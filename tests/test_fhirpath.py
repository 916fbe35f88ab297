"""The FHIRPath subset; expected values follow http://hl7.org/fhirpath/N1/ by hand."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_registry.content.definitions import load_definitions
from fhir_registry.fhir.boundaries import half_unit
from fhir_registry.fhir.fhirpath import FhirPathError, compile_path
from fhir_registry.fhir.fhirpath_parser import Binary, Call, Literal, Member, parse_path
from fhir_registry.fhir.json import JsonDecimal, parse

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "active": True,
    "name": [
        {"use": "official", "family": "Smith", "given": ["Ann", None, "Bea"], "_given": [None, {"id": "g"}, None]},
        {"use": "maiden", "family": "Jones", "given": ["Ann"]},
    ],
    "birthDate": "1970-06",
    "_birthDate": {"extension": [{"url": "http://x/time", "valueDateTime": "1970-06-01T14:35:45-05:00"}]},
    "deceasedDateTime": "2020-01-01",
    "multipleBirthInteger": 2,
    "link": [{"other": {"reference": "Patient/p2"}, "type": "replaced-by"}],
    "generalPractitioner": [
        {"reference": "Practitioner/1"},
        {"reference": "http://else.example/fhir/Organization/2"},
        {"type": "PractitionerRole", "identifier": {"value": "9"}},
        {"reference": "#me"},
    ],
    "contained": [{"resourceType": "Organization", "id": "me", "name": "Here"}],
    "extension": [
        {"url": "http://x/race", "extension": [{"url": "text", "valueString": "Mixed"}]},
        {"url": "http://x/sex", "valueCode": "F"},
    ],
}
OBSERVATION = parse(
    b"""{"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "c"},
    "valueQuantity": {"value": 5.40, "unit": "mg"}, "effectivePeriod": {"start": "2020-01-02", "end": "2020-02"},
    "component": [{"code": {"text": "a"}, "valueInteger": 7}, {"code": {"text": "b"}, "valueString": "high"},
                  {"code": {"text": "c"}}, {"code": {"text": "d"}, "valueInteger": 9}]}"""
)
RESOURCES = {"Patient": PATIENT, "Observation": OBSERVATION}
CONSTANTS = {"use": ("code", "maiden"), "second": ("integer", 1), "clock": ("integer", lambda: 42)}

VALUES = [
    # paths
    ("Patient", "id", ["p1"]),
    ("Patient", "Patient.name.family", ["Smith", "Jones"]),
    ("Patient", "Resource.id", ["p1"]),
    ("Patient", "Observation.status", []),
    ("Patient", "Practitioner.name.family | Patient.name.family", ["Smith", "Jones"]),
    ("Patient", "name.given", ["Ann", "Bea", "Ann"]),
    ("Patient", "name[0].given[1]", ["Bea"]),
    ("Patient", "name[2].given", []),
    ("Patient", "name[%second].family", ["Jones"]),
    ("Patient", "contact.name.family", []),
    ("Patient", "`name`.`family`", ["Smith", "Jones"]),
    ("Patient", "$this.birthDate", ["1970-06"]),
    # choices
    ("Patient", "deceased", ["2020-01-01"]),
    ("Patient", "deceased.ofType(boolean)", []),
    ("Patient", "deceased.ofType(dateTime)", ["2020-01-01"]),
    ("Patient", "(deceased as dateTime)", ["2020-01-01"]),
    ("Patient", "deceased is dateTime", [True]),
    ("Patient", "deceased is boolean", [False]),
    ("Observation", "value.ofType(Quantity).unit", ["mg"]),
    ("Observation", "value.as(Quantity).value", [Decimal("5.4")]),
    ("Observation", "component.value", [7, "high", 9]),
    ("Observation", "component.value.ofType(integer)", [7, 9]),
    ("Observation", "component.value.first()", [7]),
    ("Observation", "component.value.where($this is string)", ["high"]),
    ("Observation", "effective.start", ["2020-01-02"]),
    ("Observation", "component.where(value.exists()).code.text", ["a", "b", "d"]),
    # extensions, also of primitives
    ("Patient", "extension('http://x/race').extension('text').value.ofType(string)", ["Mixed"]),
    ("Patient", "extension('http://x/sex').value", ["F"]),
    ("Patient", "extension.where(url = 'http://x/sex').value.ofType(code)", ["F"]),
    ("Patient", "hasExtension('http://x/none')", [False]),
    ("Patient", "birthDate.extension('http://x/time').value.ofType(dateTime)", ["1970-06-01T14:35:45-05:00"]),
    ("Patient", "name.given.id", ["g"]),
    # references
    ("Patient", "link.other.where(resolve() is Patient).reference", ["Patient/p2"]),
    (
        "Patient",
        "generalPractitioner.where(resolve() is Organization).reference",
        ["http://else.example/fhir/Organization/2"],
    ),
    ("Patient", "generalPractitioner.where(resolve() is PractitionerRole).identifier.value", ["9"]),
    ("Patient", "getResourceKey()", ["p1"]),
    ("Patient", "link.other.getReferenceKey()", ["p2"]),
    ("Patient", "link.other.getReferenceKey(Organization)", []),
    ("Patient", "generalPractitioner.getReferenceKey()", ["1", "http://else.example/fhir/Organization/2"]),
    ("Patient", "contained.ofType(Organization).name", ["Here"]),
    ("Patient", "contained.where($this is Patient).id", []),
    # functions
    ("Patient", "name.where(use = %use).family", ["Jones"]),
    ("Patient", "name.exists(use = 'official')", [True]),
    ("Patient", "name.all(use.exists())", [True]),
    ("Patient", "name.count()", [2]),
    ("Patient", "contact.empty()", [True]),
    ("Patient", "name.last().family", ["Jones"]),
    ("Patient", "name.given.distinct()", ["Ann", "Bea"]),
    ("Patient", "name.given | name.family", ["Ann", "Bea", "Smith", "Jones"]),
    ("Patient", "name.given.join('-')", ["Ann-Bea-Ann"]),
    ("Patient", "contact.name.given.join()", [""]),
    ("Patient", "name.select(family & ', ' & given.first())", ["Smith, Ann", "Jones, Ann"]),
    ("Patient", "iif(active, 'yes', 'no')", ["yes"]),
    ("Patient", "iif(active.not(), 'yes')", []),
    ("Patient", "name.family.where($this.startsWith('J'))", ["Jones"]),
    ("Patient", "name.first().family.upper()", ["SMITH"]),
    ("Patient", "id.replace('p', 'q')", ["q1"]),
    ("Patient", "birthDate.hasValue()", [True]),
    ("Patient", "%clock", [42]),
    # operators
    ("Patient", "active = true", [True]),
    ("Patient", "active != true", [False]),
    ("Patient", "contact.gender = 'male'", []),
    ("Patient", "name.given = 'Ann'", [False]),
    ("Patient", "'Bea' in name.given", [True]),
    ("Patient", "name.given contains 'Cleo'", [False]),
    ("Patient", "deceased.exists() and deceased != false", [True]),
    ("Patient", "active and {}", []),
    ("Patient", "active.not() and {}", [False]),
    ("Patient", "active or {}", [True]),
    ("Patient", "active xor true", [False]),
    ("Patient", "active.not() implies {}", [True]),
    ("Patient", "multipleBirth.ofType(integer) + 2 * 3 = 8", [True]),
    ("Patient", "-multipleBirth.ofType(integer)", [-2]),
    ("Patient", "7 div 2", [3]),
    ("Patient", "-7 mod 2", [-1]),
    ("Patient", "3 / 2", [Decimal("1.5")]),
    ("Patient", "3 / 0", []),
    ("Patient", "'a' + 'b' < 'b'", [True]),
    ("Patient", "'O\\'Hara \\u00e9'", ["O'Hara é"]),
    ("Patient", "birthDate = @1970-06", [True]),
    ("Patient", "birthDate = @1970-06-15", []),
    ("Patient", "birthDate = @1971-06-15", [False]),
    ("Patient", "birthDate < @1970-07-01", [True]),
    ("Patient", "birthDate < @1970-06-15", []),
    ("Patient", "deceased.ofType(dateTime) <= @2020-01-01", [True]),
    ("Observation", "value.ofType(Quantity).value >= 5.4", [True]),
    ("Observation", "value.ofType(Quantity).value = 5.400", [True]),
    # boundaries
    ("Observation", "value.ofType(Quantity).value.lowBoundary()", [Decimal("5.395")]),
    ("Observation", "value.ofType(Quantity).value.highBoundary()", [Decimal("5.405")]),
    ("Observation", "effective.ofType(Period).end.highBoundary()", ["2020-02-29T23:59:59.999-12:00"]),
    ("Patient", "birthDate.lowBoundary()", ["1970-06-01"]),
    ("Patient", "@2020-01-01T10:30Z.lowBoundary()", ["2020-01-01T10:30:00.000Z"]),
]


@pytest.mark.parametrize(("root", "expression", "expected"), VALUES, ids=[case[1] for case in VALUES])
def test_values(root, expression, expected):
    path = compile_path(expression, root, load_definitions(), CONSTANTS)
    values = list(path.values(RESOURCES[root]))
    assert values == expected
    assert [type(v) is bool for v in values] == [type(v) is bool for v in expected]
    assert [value for _, value in path.typed(RESOURCES[root])] == expected
    if not expected and path.roots is not None:
        assert list(path.values({})) == []


REFUSED = [
    ("Patient", "birthdate", "no element 'birthdate'"),
    ("Patient", "name.familyName", "no element 'familyName'"),
    ("Patient", "birthDate.year", "no element 'year'"),
    ("Patient", "name.given.where($this = 'A').extension('x')", "no element 'extension'"),
    ("Patient", "deceased.ofType(Quantity)", "never a Quantity"),
    ("Patient", "deceased.ofType(Quantum)", "'Quantum' is not a type"),
    ("Patient", "active = 'true'", "cannot compare"),
    ("Patient", "name.where(family)", "takes a boolean"),
    ("Patient", "active and id", "takes a boolean"),
    ("Patient", "descendants()", "outside the subset"),
    ("Patient", "name.where()", "does not take 0 arguments"),
    ("Patient", "%nothing", "%nothing is not defined"),
    ("Patient", "id ~ 'p1'", "outside the subset"),
    ("Patient", "birthDate + 1", "cannot take"),
    ("Patient", "name[id]", "constant whole number"),
    ("Patient", "link.other.resolve()", "only good for a test"),
    ("Patient", "link.other.resolve().name", "no element 'name'"),
    ("Observation", "value > 5", "use ofType"),
    ("Observation", "value.ofType(Quantity) > 5 'mg'", "quantities are outside"),
    ("Patient", "@@", "unexpected"),
    ("Patient", "", "unexpected"),
    ("Patient", "id id", "expected end"),
    ("Patient", "name.(family)", "expected a name"),
    ("Patient", "(" * 5000, "nested too deeply"),
    ("Patient", "extension" + ".extension" * 5000, "nested too deeply"),
    ("Patience", "id", "'Patience' is not a type"),
]


@pytest.mark.parametrize(("root", "expression", "message"), REFUSED, ids=[case[1][:40] for case in REFUSED])
def test_refused(root, expression, message):
    with pytest.raises(FhirPathError, match=message.replace("(", r"\(")):
        compile_path(expression, root, load_definitions(), CONSTANTS)


def test_several_values_where_one_is_needed():
    path = compile_path("name.family", "Patient", load_definitions())
    with pytest.raises(FhirPathError, match="2 values"):
        path.value(PATIENT)
    with pytest.raises(FhirPathError, match="2 values"):
        compile_path("name.family.upper()", "Patient", load_definitions()).values(PATIENT)


def test_typed_values_name_the_choice():
    path = compile_path("Observation.effective", "Observation", load_definitions())
    assert set(path.types) == {"dateTime", "Period", "Timing", "instant"}
    assert list(path.typed(OBSERVATION)) == [("Period", {"start": "2020-01-02", "end": "2020-02"})]
    assert path.roots == {"effectiveDateTime", "effectivePeriod", "effectiveTiming", "effectiveInstant"}


def test_roots_are_unknown_where_absence_has_a_value():
    model = load_definitions()
    assert compile_path("deceased.exists()", "Patient", model).roots is None
    assert compile_path("name.given | telecom.value", "Patient", model).roots == {"name", "telecom"}


def test_binding_of_a_code():
    path = compile_path("Patient.gender | Person.gender", "Patient", load_definitions())
    assert path.binding == "http://hl7.org/fhir/ValueSet/administrative-gender"


def test_precedence():
    # http://hl7.org/fhirpath/N1/#operator-precedence: `as` binds tighter than `|`, `|` tighter than `=`, `and` least.
    assert parse_path("a as X | b = c and d") == Binary(
        "and",
        Binary("=", Binary("|", Binary("as", Member(None, "a"), "X"), Member(None, "b")), Member(None, "c")),
        Member(None, "d"),
    )
    assert parse_path("1 - 2 - 3") == Binary(
        "-", Binary("-", Literal("integer", 1), Literal("integer", 2)), Literal("integer", 3)
    )
    assert parse_path("a.b(c)  // comment") == Call(Member(None, "a"), "b", (Member(None, "c"),))


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text):
    with suppress(FhirPathError):
        compile_path(text, "Patient", load_definitions())


@pytest.mark.parametrize(("literal", "half"), [("100", "0.5"), ("5.40", "0.005"), ("54e-1", "0.05"), ("1e2", "50")])
def test_half_unit(literal, half):
    assert half_unit(JsonDecimal(literal)) == Decimal(half)


def test_every_search_parameter_of_r4_compiles():
    model = load_definitions()
    for parameter in model.search_parameters:
        if "expression" not in parameter:
            continue
        for base in parameter["base"]:
            assert compile_path(parameter["expression"], base, model).types, (base, parameter["code"])
