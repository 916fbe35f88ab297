"""_summary and _elements (https://hl7.org/fhir/R4/search.html#summary); REST-040, P15, P16, P17 of the checklist."""

import tarfile

import pytest

from fhir_registry.content.definitions import load_definitions
from fhir_registry.core.subset import SUBSETTED, is_subset, parse_elements, parse_subset, subset
from fhir_registry.core.validate import Validator
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError

DEFINITIONS = load_definitions()
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'
CODE = {"text": "c"}
# By the flags of https://hl7.org/fhir/R4/observation.html a summary is without note, interpretation, method,
# referenceRange and the interpretation of components.
OBSERVATION = {
    "resourceType": "Observation",
    "id": "o",
    "meta": {"versionId": "3", "tag": [{"code": "t"}]},
    "implicitRules": "http://x.example/rules",
    "language": "de",
    "text": {"status": "generated", "div": DIV},
    "contained": [{"resourceType": "Patient", "id": "p"}],
    "extension": [{"url": "http://x.example/e", "valueCode": "c"}],
    "modifierExtension": [{"url": "http://x.example/m", "valueCode": "c"}],
    "status": "final",
    "_status": {"id": "s"},
    "code": {
        "id": "x",
        "coding": [{"system": "http://loinc.org", "code": "1", "extension": [{"url": "http://x.example/e"}]}],
    },
    "subject": {"reference": "#p"},
    "valueQuantity": {"value": 1, "unit": "g"},
    "interpretation": [CODE],
    "note": [{"text": "n"}],
    "component": [{"code": CODE, "valueString": "v", "interpretation": [CODE]}],
}
TAGGED = {"versionId": "3", "tag": [{"code": "t"}, SUBSETTED]}


def kept(*names):
    return {name: OBSERVATION[name] for name in names} | {"meta": TAGGED}


@pytest.mark.parametrize(
    ("summary", "elements", "expected"),
    [
        (
            "true",
            (),
            kept(
                "resourceType", "id", "implicitRules", "modifierExtension", "status", "_status", "subject",
                "valueQuantity",
            )
            | {
                "code": {"coding": [{"system": "http://loinc.org", "code": "1"}]},
                "component": [{"code": CODE, "valueString": "v"}],
            },
        ),
        (
            "text",
            (),
            kept("resourceType", "id", "implicitRules", "modifierExtension", "text", "status", "_status", "code"),
        ),
        ("data", (), {k: v for k, v in OBSERVATION.items() if k != "text"} | {"meta": TAGGED}),
        (
            None,
            ("note", "value", "Patient.contained", "Observation.language"),
            kept(
                "resourceType", "id", "implicitRules", "language", "modifierExtension", "status", "_status", "code",
                "valueQuantity", "note",
            ),
        ),
    ],
)  # fmt: skip
def test_rest_040_p15_p16_what_is_kept(summary, elements, expected):
    before = json.dumps(OBSERVATION)
    assert subset(OBSERVATION, DEFINITIONS, summary, elements) == expected
    assert json.dumps(OBSERVATION) == before
    assert is_subset(expected) and not is_subset(OBSERVATION)


def test_all_is_the_resource_itself():
    for summary in (None, "", "false"):
        assert subset(OBSERVATION, DEFINITIONS, summary) is OBSERVATION


def test_what_has_no_meta_is_tagged_too():
    assert subset({"resourceType": "Basic", "code": CODE}, DEFINITIONS, "true")["meta"] == {"tag": [SUBSETTED]}


def test_what_is_mandatory_is_never_empty():
    coded = {"resourceType": "Basic", "code": {"extension": [{"url": "http://x.example/e", "valueCode": "c"}]}}
    assert subset(coded, DEFINITIONS, "true")["code"] == coded["code"]


@pytest.mark.parametrize(
    ("wanted", "lost"),
    [
        ({"summary": "true"}, {"not-found"}),  # a reference to a contained resource that was left out
        ({"summary": "data"}, set()),
        ({"summary": "text"}, {"not-found", "invariant"}),  # such as ait-1: a clinicalStatus SHALL be present
        ({"elements": ("id",)}, {"not-found", "invariant"}),
    ],
)
def test_subsets_of_official_examples_are_valid(cases, wanted, lost):
    validator = Validator(DEFINITIONS)
    with tarfile.open(cases / "data" / "r4-examples" / "valid.tar.gz") as members:
        examples = {m.name: json.parse(members.extractfile(m).read()) for m in members if m.isfile()}
    assert len(examples) == 448
    for name, resource in examples.items():
        before = {issue.expression for issue in validator.validate(resource)}
        after = validator.validate(subset(resource, DEFINITIONS, **wanted))
        assert [i for i in after if i.code not in lost and i.expression not in before] == [], name


def test_names_of_elements():
    assert parse_elements(
        "id,,name,Patient.gender,foo,Group.gender,name.family", ("Patient", "Observation"), DEFINITIONS
    ) == (
        ("id", "name", "Patient.gender"),
        ("foo", "Group.gender", "name.family"),
    )
    assert parse_elements("valueQuantity,value", ("Observation",), DEFINITIONS) == (("value",), ("valueQuantity",))
    assert parse_elements("", (), DEFINITIONS) == ((), ())


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("_summary", "xyz")], "_summary"),  # P15
        ([("_summary", "count")], "_summary"),
        ([("_summary", "true"), ("_summary", "true")], "once"),
        ([("_elements", "id"), ("_summary", "text")], "together"),  # P17
        ([("_elements", "foo")], "'foo' is no element of Patient"),
        ([("_elements", "name.family")], "name.family"),
        ([("name", "x")], "'name'"),
    ],
)
def test_p15_p17_what_is_refused(pairs, words):
    with pytest.raises(FhirError, match=words) as refusal:
        parse_subset(pairs, ("Patient",), DEFINITIONS)
    assert refusal.value.status == 400


def test_p17_an_empty_parameter_is_none():
    assert not parse_subset([("_elements", ""), ("_summary", ""), ("_summary", "false")], ("Patient",), DEFINITIONS)
