"""The list of what a de-identified export tells: what is wrong in it is named, and outcomes find what they read."""

import re

import pytest

from fhir_registry.content.deidentification import MAPS, compile_rules, load_rules
from fhir_registry.content.errors import ContentError


@pytest.fixture(scope="module")
def rules(content):
    return load_rules(content.definitions, content.concept_maps)


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
    # What a withdrawal says is done, and not told.
    assert {view.resource for view in content.views} - {"Consent"} == set(rules.types)


def test_every_concept_map_and_extension_that_a_view_reads_is_told(content, rules):
    """But what only an identifier or a profile tells: docs/deidentification.md."""
    views = " ".join(path.read_text() for (type, _), path in content.paths.items() if type == "ViewDefinition")
    told = [rule for shape in rules.types.values() for rule in rules_of(shape)]
    maps = {concept_map.url for rule in told for concept_map in rule.maps}
    derived = {MAPS + name for name in ("ae-soc", "ae-group")}  # from the term
    assert {*re.findall(rf"{MAPS}[a-z-]+", views)} - maps == derived
    assert {*re.findall(r"extension\('([^']+)'\)", views)} <= {url for rule in told for url in rule.by_url or ()}


def rules_of(shape):
    for rule in shape.elements.values():
        yield rule
        for inner in (rule.shape, *(rule.by_url or {}).values()):
            if inner:
                yield from rules_of(inner)
