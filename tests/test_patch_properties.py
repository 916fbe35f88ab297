"""Whatever a patch says, it gives a resource or a FhirError, and leaves the stored resource as it was."""

from copy import deepcopy
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
from patching import FHIR, JSON_PATCH, MERGE_PATCH, operation, parameters

from fhir_registry.content.definitions import load_definitions
from fhir_registry.core.validate import Validator
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops.patch import apply_patch, check_patch

DEFINITIONS = load_definitions()
VALIDATOR = Validator(DEFINITIONS)
REGISTRY = SimpleNamespace(content=SimpleNamespace(definitions=DEFINITIONS), validator=VALIDATOR)
TIME = {"extension": [{"url": "urn:t", "valueTime": "10:00:00"}]}
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "meta": {"versionId": "1", "lastUpdated": "2020-01-01T00:00:00Z"},
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">R</div>'},
    "contained": [{"resourceType": "Organization", "id": "o", "name": "O", "active": True}],
    "extension": [{"url": "urn:a", "extension": [{"url": "b", "valueDecimal": json.JsonDecimal("1.50")}]}],
    "name": [{"family": "R", "given": ["A", None, "B"], "_given": [None, TIME, {"id": "x"}]}, {"text": "R"}],
    "birthDate": "1950",
    "_birthDate": TIME,
    "deceasedBoolean": False,
    "contact": [{"name": {"text": "K"}, "gender": "male"}],
    "managingOrganization": {"reference": "#o"},
}
assert not VALIDATOR.validate(PATIENT)

NAMES = """name given family contact gender birthDate deceased extension value url contained id meta text div status
    active managingOrganization reference colour"""
names = st.sampled_from(NAMES.split())
scalars = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["", "male", "1951", "#o", "\u00e9"]))
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3), max_leaves=6
)


def pointers_in(value, start=""):
    yield start
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from pointers_in(member, f"{start}/{name}")


known = st.sampled_from(sorted(pointers_in(PATIENT)))
ends = st.sampled_from(["", "", "", "/0", "/-", "/01", "/_given", "/gender", "/~1"])
pointers = st.builds(str.__add__, known, ends)
json_operations = st.one_of(
    st.fixed_dictionaries({"op": st.sampled_from(["add", "replace", "test"]), "path": pointers, "value": values}),
    st.fixed_dictionaries({"op": st.sampled_from(["move", "copy"]), "path": pointers, "from": known}),
    st.fixed_dictionaries({"op": st.just("remove"), "path": known}),
)
broken_operations = st.dictionaries(st.sampled_from(["op", "path", "from", "value"]), values | pointers)

PATHS = """Patient Patient.name Patient.name[0] Patient.name.given Patient.name[0].given Patient.name.given[1] $this
    Patient.name.given.last() Patient.name.given[1].extension Patient.name.given[2].id Patient.birthDate Patient.text
    Patient.birthDate.extension Patient.birthDate.extension('urn:t').value Patient.deceased Patient.contact Patient.id
    Patient.deceased.ofType(boolean) Patient.contact.name.text Patient.contact.gender Patient.text.div
    Patient.contained Patient.contained[0].name Patient.contained.ofType(Organization).active Patient.meta.versionId
    Patient.extension.extension Patient.extension.extension.value Patient.managingOrganization.reference"""
WHERE = [
    ".where(use='usual')",
    ".where(text='R')",
    ".where($this='A')",
    ".where(id.exists())",
    ".where(value is decimal)",
]
steps = names.map(lambda name: "." + name) | st.sampled_from(["", "", "", "[0]", "[1]", ".first()", *WHERE])
paths = st.builds(str.__add__, st.sampled_from(PATHS.split()), steps)
fhir_values = st.sampled_from(
    [
        {"valueString": "S"},
        {"valueCode": "male"},
        {"valueDate": "1951"},
        {"_valueDate": TIME},
        {"valueBoolean": True},
        {"valueHumanName": {"text": "N"}},
        {"resource": {"resourceType": "Organization", "id": "o", "name": "N"}},
        {"part": [{"name": "url", "valueUri": "urn:z"}, {"name": "value", "valueInteger": 1}]},
        {
            "part": [
                {"name": "name", "part": [{"name": "given", "valueString": "G"}]},
                {"name": "gender", "valueCode": "male"},
            ]
        },
    ]
)
numbers = st.integers(-1, 3)
likely_operations = st.sampled_from(
    [
        operation("add", "Patient", "name", {"valueHumanName": {"text": "N"}}),
        operation("add", "Patient.name[0]", "given", {"valueString": "N"}),
        operation("add", "Patient.birthDate", "id", {"valueString": "N"}),
        operation("insert", "Patient.name[0].given", value={"_valueString": TIME}, index=1),
        operation("move", "Patient.name", source=1, destination=0),
        operation("move", "Patient.name[0].given", source=0, destination=2),
        operation("replace", "Patient.deceased", value={"valueDateTime": "1951"}),
        operation("replace", "Patient.name.given[1]", value={"valueString": "N"}),
        operation("replace", "Patient.birthDate", value={"_valueDate": TIME}),
        operation("delete", "Patient.birthDate.extension"),
        operation("delete", "Patient.name.given[1]"),
        operation("delete", "Patient.extension.extension.value"),
    ]
)
fhir_operations = st.one_of(
    st.builds(lambda p, n, v: operation("add", p, n, v), paths, names, fhir_values),
    st.builds(lambda p, v: operation("replace", p, value=v), paths, fhir_values),
    st.builds(lambda p: operation("delete", p), paths),
    st.builds(lambda p, v, n: operation("insert", p, value=v, index=n), paths, fhir_values, numbers),
    st.builds(lambda p, a, b: operation("move", p, source=a, destination=b), paths, numbers, numbers),
)


def gives_a_resource_or_an_error(patch, media_type):
    before = deepcopy(PATIENT)
    try:
        check_patch(REGISTRY, patch, media_type)
        after = apply_patch(REGISTRY, PATIENT, patch, media_type)
    except FhirError as problem:
        assert problem.status in (400, 422) and problem.issues
    else:
        VALIDATOR.validate(after)
        assert json.parse(json.dumps(after)) == after
        assert (after["resourceType"], after["id"]) == ("Patient", "p")
    assert before == PATIENT


OPERANDS = (
    """$this family given birthDate deceased id extension value gender {} true 1 1.5 'A' @1950 @T10:00 `a` use.x"""
)
OPERATORS = "= != < >= and or xor implies in + - * / div mod"
TESTS = "exists empty not count first last hasValue lower"
FILTERS = "where all exists startsWith ofType is"
conditions = st.recursive(
    st.sampled_from(OPERANDS.split()),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS.split()), inner),
        st.builds("{}.{}".format, inner, inner),
        st.builds("{}.{}()".format, inner, st.sampled_from(TESTS.split())),
        st.builds("{}.{}({})".format, inner, st.sampled_from(FILTERS.split()), inner),
        st.builds("{} is {}".format, inner, st.sampled_from(["string", "Patient", "Extension", "x"])),
    ),
    max_leaves=6,
)


@given(st.sampled_from(PATHS.split()), conditions)
def test_conditions(path, condition):
    gives_a_resource_or_an_error(parameters(operation("delete", f"{path}.where({condition})")), FHIR)


@given(st.lists(json_operations, max_size=4) | st.lists(broken_operations, max_size=2) | values)
def test_json_patches(patch):
    gives_a_resource_or_an_error(patch, JSON_PATCH)


@given(st.dictionaries(names, values, max_size=4) | values)
def test_merge_patches(patch):
    gives_a_resource_or_an_error(patch, MERGE_PATCH)


@given(st.lists(likely_operations, max_size=4), st.lists(fhir_operations, max_size=2))
def test_fhirpath_patches(likely, unlikely):
    gives_a_resource_or_an_error(parameters(*likely, *unlikely), FHIR)
