"""Search parameters of R4 and of a registry (https://hl7.org/fhir/R4/searchparameter-registry.html)."""

import zlib

import pytest

from fhir_registry.content.definitions import load_definitions
from fhir_registry.content.errors import ContentError
from fhir_registry.content.searchparams import SearchParams, param_id

EXTRA = {
    "resourceType": "SearchParameter",
    "url": "https://registry.example/SearchParameter/race",
    "code": "race",
    "type": "token",
    "base": ["Patient"],
    "expression": "Patient.extension('http://x/race').value.ofType(CodeableConcept)",
}


@pytest.fixture(scope="module")
def params():
    return SearchParams(load_definitions())


def test_each_concrete_type_has_its_own_and_the_common_parameters(params):
    assert len(params) == len(load_definitions().resource_types) == 146
    codes = {param.code: param for param in params["Patient"]}
    assert codes["birthdate"].type == "date"
    assert codes["birthdate"].base == "Patient"
    assert codes["_tag"].base == "Resource"
    assert codes["general-practitioner"].targets == ("Practitioner", "Organization", "PractitionerRole")
    assert "Patient" in params
    assert "Patience" not in params
    with pytest.raises(KeyError):
        params["Resource"]


def test_what_is_not_indexed_is_named(params):
    everywhere = {"_content": "string", "_query": "token", "_text": "string", "_filter": "special"}
    assert params.unindexed("Observation") == everywhere
    assert params.unindexed("Patient") == everywhere | {"age": "number", "birthOrderBoolean": "token"}
    assert params.unindexed("Location")["near"] == "special"
    for resource_type in ("Observation", "Location", "Patient"):
        indexed = {param.code for param in params[resource_type]}
        assert not indexed & params.unindexed(resource_type).keys()


def test_all_that_can_be_indexed_is(params):
    definitions = load_definitions()
    for resource_type in definitions.resource_types:
        declared = {p["code"] for p in definitions.search_parameters if resource_type in p["base"]}
        known = {param.code for param in params[resource_type]} | params.unindexed(resource_type).keys()
        assert declared <= known


def test_a_parameter_whose_values_are_those_of_others_has_no_rows(params):
    """Read off R4's expressions: combo-code is `Observation.code | Observation.component.code`, phonetic is name."""
    parts = {param.code: {part.code for part in param.parts} for param in params["Observation"] if param.parts}
    assert parts["combo-code"] == {"code", "component-code"}
    assert parts["combo-value-quantity"] == {"value-quantity", "component-value-quantity"}
    assert not {"code", "component-code", "date", "subject", "patient"} & parts.keys()
    assert {param.code for param in params["Patient"] if param.parts} == {"phonetic"}
    # The same, but one of two URLs would not be followed by its own id any more.
    assert not any(param.parts for param in params["CodeSystem"])


def test_ids_are_stable_and_distinct(params):
    assert param_id("Patient", "birthdate") == zlib.crc32(b"Patient.birthdate") & 0x7FFFFFFF
    for resource_type in ("Patient", "Observation", "Bundle"):
        ids = [param.id for param in params[resource_type]]
        assert len(set(ids)) == len(ids)
        assert all(0 <= number < 2**31 for number in ids)


def test_values_and_where_they_stand(params):
    codes = {param.code: param for param in params["Patient"]}
    assert list(codes["deceased"].get({"resourceType": "Patient"})) == [("boolean", False)]
    assert codes["deceased"].roots is None
    assert list(codes["death-date"].get({"deceasedDateTime": "2020"})) == [("dateTime", "2020")]
    assert codes["death-date"].roots == {"deceasedDateTime"}
    assert codes["gender"].systems["male"] == "http://hl7.org/fhir/administrative-gender"


def test_a_registry_adds_its_own():
    params = SearchParams(load_definitions(), [EXTRA])
    (race,) = [param for param in params["Patient"] if param.code == "race"]
    concept = {"coding": [{"code": "2106-3"}]}
    resource = {"extension": [{"url": "http://x/race", "valueCodeableConcept": concept}, {"url": "http://x/other"}]}
    assert list(race.get(resource)) == [("CodeableConcept", concept)]


@pytest.mark.parametrize("element", ["code", "type", "base", "expression"])
def test_what_a_parameter_needs(element):
    parameter = {name: value for name, value in EXTRA.items() if name != element}
    with pytest.raises(ContentError, match="is missing") as caught:
        SearchParams(load_definitions(), [parameter])
    assert caught.value.element == f"SearchParameter.{element}"
    with pytest.raises(ContentError, match="'special' cannot be searched"):
        SearchParams(load_definitions(), [EXTRA | {"type": "special"}])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expression": "Patient.extention"}, "no element 'extention'"),
        ({"expression": "Observation.code"}, "can never have a value"),
        ({"base": ["Patience"]}, "'Patience' is not a type"),
    ],
)
def test_a_bad_parameter_is_refused_at_start(change, message):
    with pytest.raises(ContentError, match=message) as caught:
        SearchParams(load_definitions(), [EXTRA | change])
    assert caught.value.file == EXTRA["url"]
    assert caught.value.element == "SearchParameter.expression"


def test_two_parameters_with_one_id_are_refused():
    # Found by trying: the CRC-32 of both names agree in their lower 31 bits.
    assert param_id("Patient", "x3985819") == param_id("Patient", "x4420602")
    pair = [EXTRA | {"code": code} for code in ("x3985819", "x4420602")]
    with pytest.raises(ContentError, match="has the id of"):
        SearchParams(load_definitions(), pair)
