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
