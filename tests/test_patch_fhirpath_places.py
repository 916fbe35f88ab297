"""FHIRPath Patch: places, values, refusals (https://hl7.org/fhir/R4/fhirpatch.html); expected values by hand."""

import pytest
from patching import FHIR, add, delete, operation, parameters, patching, replace

from fhir_registry.fhir import json
from fhir_registry.fhir.fhirpath_nodes import is_plain

EMPTY = {"resourceType": "Patient"}
BORN = EMPTY | {"birthDate": "1950-02-03"}
LIVES = EMPTY | {"contact": [{"name": {"text": "Kim"}, "gender": "other"}]}
TWICE = EMPTY | {"identifier": [{"system": "urn:x", "value": "1"}, {"system": "urn:x", "value": "2"}]}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request, new_database):
    with patching(new_database(request.param)) as opened:
        yield opened


OBSERVED = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"text": "x"},
    "valueQuantity": {"value": json.JsonDecimal("5.40"), "unit": "mg"},
    "component": [
        {"code": {"text": "a"}, "valueString": "high"},
        {"code": {"text": "b"}, "valueInteger": 2},
    ],
}
GIVEN = {
    "resourceType": "Patient",
    "name": [
        {
            "given": ["Rosa", None, "Ida"],
            "_given": [None, {"id": "g", "extension": [{"url": "urn:e", "valueCode": "c"}]}, None],
        }
    ],
}
STOCK = {
    "resourceType": "MedicationRequest",
    "contained": [{"resourceType": "Medication", "id": "m", "status": "active"}],
    "status": "active",
    "intent": "order",
    "medicationReference": {"reference": "#m"},
    "subject": {"reference": "Patient/1"},
}
TIME = {"url": "http://x.example/time", "valueTime": "10:00:00"}
BORN_AT = BORN | {"_birthDate": {"extension": [TIME]}}

# What else a path and a value may be: (before, operation, what the named members are afterwards; None: not there)
SHAPES = {
    "a choice gets another type": (
        OBSERVED,
        replace("Observation.value", valueCodeableConcept={"text": "none"}),
        {"valueQuantity": None, "valueCodeableConcept": {"text": "none"}},
    ),
    "inside a choice": (
        OBSERVED,
        replace("Observation.value.ofType(Quantity).unit", valueString="g"),
        {"valueQuantity": {"value": json.JsonDecimal("5.40"), "unit": "g"}},
    ),
    "inside a choice, with as": (
        OBSERVED,
        delete("(Observation.value as Quantity).unit"),
        {"valueQuantity": {"value": json.JsonDecimal("5.40")}},
    ),
    "a choice of one item out of several": (
        OBSERVED,
        replace("Observation.component.where(code.text = 'b').value", valueString="low"),
        {"component": [OBSERVED["component"][0], {"code": {"text": "b"}, "valueString": "low"}]},
    ),
    "a choice is added by its name": (
        BORN,
        add("Patient", "deceased", valueDateTime="2020"),
        {"deceasedDateTime": "2020"},
    ),
    "a choice is added by the name of its definition": (
        BORN,
        add("Patient", "deceased[x]", valueBoolean=False),
        {"deceasedBoolean": False},
    ),
    "parts within parts, lists and choices among them": (
        OBSERVED,
        add(
            "Observation",
            "component",
            part=[
                {"name": "code", "valueCodeableConcept": {"text": "c"}},
                {"name": "value[x]", "valueInteger": 3},
                {"name": "interpretation", "valueCodeableConcept": {"text": "H"}},
                {"name": "interpretation", "valueCodeableConcept": {"text": "L"}},
                {"name": "referenceRange", "part": [{"name": "text", "valueString": "1-4"}]},
            ],
        ),
        {
            "component": [
                *OBSERVED["component"],
                {
                    "code": {"text": "c"},
                    "valueInteger": 3,
                    "interpretation": [{"text": "H"}, {"text": "L"}],
                    "referenceRange": [{"text": "1-4"}],
                },
            ]
        },
    ),
    "an extension is added in parts": (
        BORN,
        add("Patient", "extension", part=[{"name": "url", "valueUri": "urn:a"}, {"name": "value", "valueCode": "b"}]),
        {"extension": [{"url": "urn:a", "valueCode": "b"}]},
    ),
    "an extension of a primitive is added": (
        BORN,
        add(
            "Patient.birthDate",
            "extension",
            part=[{"name": "url", "valueUri": TIME["url"]}, {"name": "value", "valueTime": "10:00:00"}],
        ),
        {"birthDate": "1950-02-03", "_birthDate": {"extension": [TIME]}},
    ),
    "an extension of a primitive is deleted": (
        BORN_AT,
        delete("Patient.birthDate.extension('http://x.example/time')"),
        {"birthDate": "1950-02-03", "_birthDate": None},
    ),
    "the value of an extension of a primitive": (
        BORN_AT,
        replace("Patient.birthDate.extension.where(url = 'http://x.example/time').value", valueTime="11:00:00"),
        {"_birthDate": {"extension": [TIME | {"valueTime": "11:00:00"}]}},
    ),
    "a primitive is replaced with its extensions, as an element is": (
        BORN_AT,
        replace("Patient.birthDate", valueDate="1951"),
        {"birthDate": "1951", "_birthDate": None},
    ),
    "a primitive that is replaced by one with an extension": (
        BORN,
        replace("Patient.birthDate", valueDate="1951", _valueDate={"extension": [TIME]}),
        {"birthDate": "1951", "_birthDate": {"extension": [TIME]}},
    ),
    "a list of primitives and its siblings lose the same item": (
        GIVEN,
        delete("Patient.name[0].given[0]"),
        {"name": [{"given": [None, "Ida"], "_given": [GIVEN["name"][0]["_given"][1], None]}]},
    ),
    "an item that is an extension only is deleted": (
        GIVEN,
        delete("Patient.name.given[1]"),
        {"name": [{"given": ["Rosa", "Ida"]}]},
    ),
    "primitives move with their siblings": (
        GIVEN,
        operation("move", "Patient.name.given", source=1, destination=2),
        {"name": [{"given": ["Rosa", "Ida", None], "_given": [None, None, GIVEN["name"][0]["_given"][1]]}]},
    ),
    "a primitive is inserted before its siblings": (
        GIVEN,
        operation("insert", "Patient.name[0].given", value={"valueString": "Eva"}, index=1),
        {
            "name": [
                {"given": ["Rosa", "Eva", None, "Ida"], "_given": [None, None, GIVEN["name"][0]["_given"][1], None]}
            ]
        },
    ),
    "an item is found by its value": (
        GIVEN,
        replace("Patient.name.given.where($this = 'Ida')", valueString="Ada"),
        {"name": [GIVEN["name"][0] | {"given": ["Rosa", None, "Ada"]}]},
    ),
    "the last of a list": (
        GIVEN,
        replace("Patient.name.last().given.last()", valueString="Ada"),
        {"name": [GIVEN["name"][0] | {"given": ["Rosa", None, "Ada"]}]},
    ),
    "insert into a list that is not there": (
        EMPTY,
        operation("insert", "Patient.identifier", value={"valueIdentifier": {"value": "7"}}, index=0),
        {"identifier": [{"value": "7"}]},
    ),
    "inside a contained resource": (
        STOCK,
        replace("MedicationRequest.contained.where(id = 'm').status", valueCode="inactive"),
        {"contained": [{"resourceType": "Medication", "id": "m", "status": "inactive"}]},
    ),
    "inside a contained resource of a type": (
        STOCK,
        add("MedicationRequest.contained.ofType(Medication)", "code", valueCodeableConcept={"text": "d"}),
        {"contained": [STOCK["contained"][0] | {"code": {"text": "d"}}]},
    ),
    "a contained resource is replaced": (
        STOCK,
        replace("MedicationRequest.contained[0]", resource={"resourceType": "Medication", "id": "m"}),
        {"contained": [{"resourceType": "Medication", "id": "m"}]},
    ),
    "a path without the type": (BORN, replace("birthDate", valueDate="1951"), {"birthDate": "1951"}),
    "a code stands where a string may": (
        LIVES,
        replace("Patient.contact.name.text", valueCode="k"),
        {"contact": [{"name": {"text": "k"}, "gender": "other"}]},
    ),
    "a date stands where a dateTime may": (
        EMPTY | {"identifier": [{"value": "1", "period": {"start": "2020"}}]},
        add("Patient.identifier.where(value = '1').period", "end", valueDate="2021-12-01"),
        {"identifier": [{"value": "1", "period": {"start": "2020", "end": "2021-12-01"}}]},
    ),
    "deleting nothing": (BORN, delete("Patient.name.where(family = 'x')"), {"birthDate": "1950-02-03", "name": None}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_rest_069_paths_and_values(server, shape):
    before, one, members = SHAPES[shape]
    after = server.patched(before, parameters(one), FHIR)
    assert {name: after.get(name) for name in members} == members
    assert after.keys() | members.keys() == before.keys() | members.keys()


WITHOUT_RESULT = [
    (TWICE, delete("Patient.identifier"), 422, "2 elements"),
    (TWICE, replace("Patient.identifier.value", valueString="3"), 422, "2 elements"),
    (TWICE, add("Patient.identifier", "use", valueCode="old"), 422, "2 elements"),
    (EMPTY, replace("Patient.birthDate", valueDate="1951"), 422, "no elements"),
    (EMPTY, replace("Patient.name[1]", valueHumanName={"text": "x"}), 422, "no elements"),
    (BORN, add("Patient", "birthDate", valueDate="1951"), 422, "already"),
    (BORN | {"deceasedBoolean": True}, add("Patient", "deceased", valueDateTime="2020"), 422, "already"),
    (BORN, add("Patient", "colour", valueString="red"), 422, "colour"),
    (BORN, replace("Patient.birthDate", valueString="1951"), 422, "date"),
    (LIVES, replace("Patient.contact.gender", valueString="male"), 422, "code"),
    (BORN, add("Patient", "deceased", valueDate="2020"), 422, "boolean or dateTime"),
    (BORN, add("Patient", "maritalStatus", resource={"resourceType": "Medication"}), 422, "Medication"),
    (BORN, add("Patient", "deceased", part=[{"name": "value", "valueBoolean": True}]), 422, "value[x]"),
    (BORN, add("Patient", "contact", part=[{"name": "colour", "valueString": "red"}]), 422, "colour"),
    (
        BORN,
        add(
            "Patient",
            "contact",
            part=[{"name": "gender", "valueCode": "male"}, {"name": "gender", "valueCode": "male"}],
        ),
        422,
        "twice",
    ),
    (
        TWICE,
        operation("insert", "Patient.identifier", value={"valueIdentifier": {"value": "3"}}, index=3),
        422,
        "index 3",
    ),
    (TWICE, operation("insert", "Patient.identifier", value={"valueIdentifier": {"value": "3"}}, index=-1), 422, "-1"),
    (BORN, operation("insert", "Patient.birthDate", value={"valueDate": "1951"}, index=0), 422, "list"),
    (TWICE, operation("move", "Patient.identifier", source=2, destination=0), 422, "source 2"),
    (TWICE, operation("move", "Patient.identifier", source=0, destination=2), 422, "destination 2"),
    (BORN, delete("Patient"), 422, "itself"),
    (BORN, replace("Patient", resource=BORN), 422, "itself"),
    (BORN, replace("Patient.id", valueId="other"), 422, "server"),  # REST-067
    (BORN, replace("Patient.meta.versionId", valueId="9"), 422, "server"),
    (BORN, delete("Patient.meta.versionId"), 422, "server"),
    # not a path, or one that never leads anywhere
    (BORN, delete("Patient.colour"), 400, "colour"),
    (BORN, delete("Patient.contact.name.colour"), 400, "colour"),
    (BORN, delete("Observation.status"), 400, "never"),
    (BORN, delete("Patient.birthDate.ofType(Quantity)"), 400, "never"),
    (BORN, delete("Patient.managingOrganization.resolve().name"), 400, "resolve()"),
    (BORN, delete("Patient.name.count()"), 400, "count()"),
    (BORN, delete("Patient.repeat(contact)"), 400, "repeat()"),
    (BORN, delete("Patient.name | Patient.contact"), 400, "place"),
    (BORN, delete("'Patient.birthDate'"), 400, "place"),
    (BORN, delete("Patient.name["), 400, "Patient.name["),
    (BORN, delete("Patient.name[-1]"), 400, "index"),
    (BORN, delete("Patient.name.where(family = 3)"), 400, "compare"),
    (BORN, delete("Patient.``"), 400, "no element ''"),
    (BORN, delete("Patient.name.where(`` = 1)"), 400, "no element ''"),
    (BORN, delete("Patient.name.where(" * 250), 400, "deeply"),
    (BORN, delete("Patient.name.where(" + "(" * 4900), 400, "deeply"),
    (BORN, delete("Patient" + ".extension" * 500), 400, "5000"),
    (BORN, delete("Patient.name.where(family.replace('', 'xx') = 'x')"), 400, "replace()"),
    (BORN, delete("Patient.name.where(family & family = 'x')"), 400, "& is"),
    (BORN, delete("Patient.name.where((given | given).exists())"), 400, "| is"),
    (TWICE, operation("move", "Patient.identifier[0]", source=0, destination=1), 400, "name of an element"),
    # not an operation
    (BORN, {"name": "operation", "part": [{"name": "type", "valueCode": "delete"}]}, 400, "'path'"),
    (BORN, operation("test", "Patient.birthDate"), 400, "'test'"),
    (BORN, {"name": "change", "valueString": "x"}, 400, "change"),
    (BORN, operation("replace", "Patient.birthDate"), 400, "'value'"),
    (BORN, operation("delete", "Patient.birthDate", index=0), 400, "'index'"),
    (BORN, operation("insert", "Patient.name", value={"valueHumanName": {"text": "x"}}), 400, "'index'"),
    (
        BORN,
        {"name": "operation", "part": [*delete("Patient.name")["part"], *delete("Patient.name")["part"]]},
        400,
        "twice",
    ),
    (BORN, {"name": "operation", "part": [{"name": "type", "valueInteger": 1}]}, 400, "string"),
    (BORN, replace("Patient.birthDate", valueDate="19"), 400, "valueDate"),
    (BORN, replace("Patient.birthDate", valueX="19"), 400, "valueX"),
    (BORN, "add", 400, "object"),
    # REST-068: the result is no valid resource
    (LIVES, delete("Patient.contact.name"), 400, "pat-1"),
    (LIVES, replace("Patient.contact.gender", valueCode="unknowable"), 400, "unknowable"),
    (
        EMPTY | {"communication": [{"language": {"text": "x"}}]},
        add("Patient.communication.language", "coding", valueCoding={"id": "x"}),
        400,
        "value",
    ),
]


@pytest.mark.parametrize(("before", "one", "status", "words"), WITHOUT_RESULT)
def test_rest_068_what_cannot_be_done_leaves_the_resource_unchanged(server, before, one, status, words):
    found, issues = server.refused(before, parameters(one), FHIR)
    assert found == status and words in issues[0]["diagnostics"]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (
            delete("Patient.birthDat"),
            "delete Patient.birthDat: Patient has no element 'birthDat'; did you mean 'birthDate'?",
        ),
        (replace("Patient.gender", valueCode="male"), "replace Patient.gender: the path finds no elements"),
        (add("Patient", "colour", valueCode="red"), "add Patient: Patient has no element 'colour'"),
        (
            replace("Patient.birthDate", valueInteger=1),
            "replace Patient.birthDate: 'birthDate' takes date, not integer",
        ),
    ],
)
def test_what_is_wrong_is_said_with_the_operation(server, one, words):
    _, issues = server.refused(BORN, parameters(delete("Patient.photo"), one), FHIR)
    assert issues[0]["diagnostics"].startswith(f"Operation 1, {words}")
    assert issues[0]["expression"] == ["Parameters.parameter[1]"]


@pytest.mark.parametrize("patch", [{"resourceType": "Patient", "birthDate": "1951"}, [], "x", {}])
def test_rest_068_a_fhirpath_patch_is_a_parameters_resource(server, patch):
    assert server.refused(BORN, patch, FHIR)[0] == 400


def test_an_operation_that_fails_undoes_those_before(server):
    operations = replace("Patient.birthDate", valueDate="1951"), delete("Patient.identifier")
    status, issues = server.refused(BORN | TWICE, parameters(*operations), FHIR)
    assert status == 422 and issues[0]["expression"] == ["Parameters.parameter[1]"]


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("Patient", True),
        ("name", True),
        ("Patient.name[0].given[1]", True),
        ("$this.name.`given`", True),
        ("Patient.name.where(family = 'x').given", False),
        ("Patient.name.first().given", False),
        ("Patient.name.first()", False),
        ("Observation.value as Quantity", False),
        ("Patient.name | Patient.contact", False),
        ("Patient.name.where(", True),  # nowhere
        ("a" * 5001, True),
    ],
)
def test_which_paths_say_where_and_nothing_else(path, plain):
    assert is_plain(path) is plain


def test_a_patch_has_at_most_1000_operations(server):
    status, issues = server.refused(BORN, parameters(*[delete("Patient.name")] * 1001), FHIR)
    assert status == 422 and issues[0]["code"] == "too-costly"
