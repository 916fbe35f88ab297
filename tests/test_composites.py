"""Composite search parameters: their components and index rows (https://hl7.org/fhir/R4/search.html#composite)."""

import pytest

from fhir_registry.content.composites import split_union
from fhir_registry.content.definitions import load_definitions
from fhir_registry.content.errors import ContentError
from fhir_registry.content.searchparams import SearchParams, contained_param, param_id
from fhir_registry.core.index import index_rows

CODES = {"definition": "http://hl7.org/fhir/SearchParameter/Observation-component-code", "expression": "code"}
TEXTS = {"definition": "http://hl7.org/fhir/SearchParameter/Observation-value-string", "expression": "value.as(string)"}
EXTRA = {
    "resourceType": "SearchParameter",
    "url": "https://registry.example/SearchParameter/component-code-value-string",
    "code": "component-code-value-string",
    "type": "composite",
    "base": ["Observation"],
    "expression": "Observation.component",
    "component": [CODES, TEXTS],
}


@pytest.fixture(scope="module")
def params():
    return SearchParams(load_definitions())


def find(params, type, code):
    return next(param for param in params[type] if param.code == code)


def values_of(params, resource, alternative):
    """For each component of an Alternative its {(item, values)}."""
    rows = [row for found in index_rows(resource, params).values() for row in found]
    return [{row[1:] for row in rows if row[0] == component.id} for component in alternative.components]


def test_each_composite_of_r4_has_its_components(params):
    declared = [p for p in load_definitions().search_parameters if p["type"] == "composite"]
    assert len(declared) == 46
    ids = {}
    for parameter in declared:
        for base in parameter["base"]:
            composite = find(params, base, parameter["code"])
            assert composite.type == "composite"
            for components, element in composite.alternatives:
                assert len(components) == len(parameter["component"])
                for component in components:
                    # Components of elements have ids of their own, those of the resource are its parameters.
                    assert (component in params[base]) == (element is None) == (component.id > 0)
                    assert ids.setdefault(component.id, (component.base, component.code)) == (
                        component.base,
                        component.code,
                    )
            assert composite.alternatives


def test_of_the_resource(params):
    (alternative,) = find(params, "Observation", "code-value-quantity").alternatives
    assert alternative.element is None
    assert [each.code for each in alternative.components] == ["code", "value-quantity"]
    kinds = {
        "code-value-concept": "value-concept",
        "code-value-date": "value-date",
        "code-value-string": "value-string",
    }
    for code, second in kinds.items():
        (alternative,) = find(params, "Observation", code).alternatives
        assert [each.code for each in alternative.components] == ["code", second]


def blood_pressure():
    def component(code, **value):
        return {"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, **value}

    def quantity(value):
        return {"value": value, "unit": "mmHg", "code": "mm[Hg]"}

    return {
        "resourceType": "Observation",
        "code": {"coding": [{"code": "85354-9"}]},
        "component": [
            component("8480-6", valueQuantity=quantity(107)),
            component("8462-4", valueQuantity=quantity(60)),
            component("8462-4", valueCodeableConcept={"coding": [{"code": "low"}]}),
        ],
    }


def test_components_of_one_element_have_its_number(params):
    """X02, X03"""
    (alternative,) = find(params, "Observation", "component-code-value-quantity").alternatives
    codes, quantities = values_of(params, blood_pressure(), alternative)
    assert codes == {
        (1, "http://loinc.org", "8480-6"),
        (2, "http://loinc.org", "8462-4"),
        (3, "http://loinc.org", "8462-4"),
    }
    assert {row[:2] for row in quantities} == {(1, 107.0), (2, 60.0)}
    (alternative,) = find(params, "Observation", "component-code-value-concept").alternatives
    assert values_of(params, blood_pressure(), alternative)[1] == {(3, "", "low")}


def test_the_resource_and_its_elements_are_not_mixed(params):
    """X04"""
    whole, element = find(params, "Observation", "combo-code-value-quantity").alternatives
    assert [each.code for each in whole.components] == ["code", "value-quantity"]
    codes, quantities = values_of(params, blood_pressure(), whole)
    assert codes == {(0, "", "85354-9")} and not quantities
    (same,) = find(params, "Observation", "component-code-value-quantity").alternatives
    assert element.components == same.components  # one set of rows for both


def test_other_composites_of_r4(params):
    document = {
        "resourceType": "DocumentReference",
        "relatesTo": [
            {"code": "replaces", "target": {"reference": "DocumentReference/a"}},
            {"code": "appends", "target": {"reference": "DocumentReference/b"}},
        ],
    }
    (alternative,) = find(params, "DocumentReference", "relationship").alternatives
    targets, codes = values_of(params, document, alternative)
    assert targets == {(1, "DocumentReference", "a"), (2, "DocumentReference", "b")}
    system = "http://hl7.org/fhir/document-relationship-type"
    assert codes == {(1, system, "replaces"), (2, system, "appends")}

    group = {
        "resourceType": "Group",
        "characteristic": [
            {"code": {"coding": [{"code": "smoker"}]}, "valueBoolean": True},
            {"code": {"coding": [{"code": "sex"}]}, "valueCodeableConcept": {"coding": [{"code": "f"}]}},
        ],
    }
    (alternative,) = find(params, "Group", "characteristic-value").alternatives
    assert values_of(params, group, alternative) == [
        {(1, "", "smoker"), (2, "", "sex")},
        {(1, "", "true"), (2, "", "f")},
    ]

    context = {"code": {"code": "age"}, "valueRange": {"low": {"value": 18, "code": "a"}, "high": {"value": 40}}}
    value_set = {"resourceType": "ValueSet", "useContext": [context]}
    (alternative,) = find(params, "ValueSet", "context-type-quantity").alternatives
    assert values_of(params, value_set, alternative) == [{(1, "", "age")}, {(1, 18.0, 40.0, 18.0, "", "a", "")}]


def test_a_component_may_stand_in_the_resource_beside_the_element(params):
    sequence = {
        "resourceType": "MolecularSequence",
        "referenceSeq": {"chromosome": {"coding": [{"code": "1"}]}, "windowStart": 5},
        "variant": [{"start": 10, "end": 11}, {"start": 20}],
    }
    (alternative,) = find(params, "MolecularSequence", "chromosome-variant-coordinate").alternatives
    assert values_of(params, sequence, alternative) == [
        {(1, "", "1"), (2, "", "1")},
        {(1, 10.0, 10.0, 10.0), (2, 20.0, 20.0, 20.0)},
        {(1, 11.0, 11.0, 11.0)},
    ]


def test_composites_of_contained_resources(params):
    report = {
        "resourceType": "DiagnosticReport",
        "contained": [blood_pressure() | {"id": "o"}],
        "result": [{"reference": "#o"}],
    }
    composite = find(params, "Observation", "component-code-value-quantity")
    (alternative,) = contained_param(find(params, "DiagnosticReport", "result"), composite).alternatives
    assert {row[:2] for row in values_of(params, report, alternative)[1]} == {(1, 107.0), (2, 60.0)}


def test_a_registry_adds_its_own():
    params = SearchParams(load_definitions(), [EXTRA])
    (alternative,) = find(params, "Observation", EXTRA["code"]).alternatives
    component = {"code": {"coding": [{"code": "c"}]}, "valueString": "Free Text"}
    observation = {"resourceType": "Observation", "component": [{"valueString": "x"}, component]}
    codes, texts = values_of(params, observation, alternative)
    assert codes == {(2, "", "c")}
    assert texts == {(1, "x", "x"), (2, "free text", "Free Text")}
    assert param_id("Observation", alternative.components[1].code) == alternative.components[1].id


@pytest.mark.parametrize(
    ("change", "element", "message"),
    [
        ({"component": [CODES]}, "component", "two or more"),
        ({"component": [CODES, {"definition": TEXTS["definition"]}]}, "component", "each with definition"),
        ({"base": ["Resource"]}, "base", "no concrete resource type"),
        ({"component": [CODES, {**TEXTS, "definition": "http://x"}]}, "component.definition", "no indexed parameter"),
        ({"component": [CODES, {**TEXTS, "expression": "value.nothing"}]}, "component.expression", "nothing"),
        ({"component": [CODES, {**TEXTS, "expression": "Patient.name"}]}, "component.expression", "has no value"),
        ({"expression": "Observation.komponent"}, "expression", "no element 'komponent'"),
        ({"expression": "Patient.name"}, "expression", "has no value in a Observation"),
        ({"expression": "Observation.value"}, "expression", "no single type"),
        ({"expression": "Observation | Observation.component"}, "component.definition", "outside elements"),
    ],
)
def test_a_bad_composite_is_refused_at_start(change, element, message):
    with pytest.raises(ContentError, match=message) as caught:
        SearchParams(load_definitions(), [EXTRA | change])
    assert (caught.value.file, caught.value.element) == (EXTRA["url"], f"SearchParameter.{element}")


@pytest.mark.parametrize(
    ("expression", "terms"),
    [
        ("A.b", ["A.b"]),
        ("A | A.b", ["A", "A.b"]),
        ("A.b.where(c | d) | (E | F)", ["A.b.where(c | d)", "(E | F)"]),
        (r"A.b.where(c = '|\'(') | D", [r"A.b.where(c = '|\'(')", "D"]),
    ],
)
def test_split_union(expression, terms):
    assert split_union(expression) == terms
