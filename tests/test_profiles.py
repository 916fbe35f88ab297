"""Profile validation: a row for each rule (https://hl7.org/fhir/R4/profiling.html)."""

from decimal import Decimal

import pytest

from fhir_registry.content.definitions import load_definitions
from fhir_registry.core.validate import Validator
from fhir_registry.fhir.json import parse

PROFILE = "https://registry.example/StructureDefinition/response"
SYSTEM = "https://registry.example/CodeSystem/response"
VALUE_SET = "https://registry.example/ValueSet/response"


def profile(*elements, snapshot=False, url=PROFILE, base="http://hl7.org/fhir/StructureDefinition/Observation"):
    view = "snapshot" if snapshot else "differential"
    return {"resourceType": "StructureDefinition", "url": url, "type": "Observation", "baseDefinition": base} | {
        view: {"element": [{"id": e.get("id", e["path"]), **e} for e in elements]}
    }


def claim(members, url=PROFILE):
    text = '{"resourceType":"Observation","status":"final","code":{"text":"x"},"meta":{"profile":["%s"]},%s}'
    return parse((text % (url, members)).encode())


CODE = '"bodySite":{"coding":[{"system":"' + SYSTEM + '","code":"%s"}]}'
RULES = [
    ({"path": "Observation.subject", "min": 1}, '"subject":{"reference":"Patient/1"}', '"note":[{"text":"x"}]',
     "subject"),
    ({"path": "Observation.subject", "min": 1}, '"subject":{"display":"x"}', '"method":{"text":"x"}', "subject"),
    ({"path": "Observation.value[x]", "min": 1}, '"valueString":"x"', '"method":{"text":"x"}', "value"),
    ({"path": "Observation.issued", "min": 1}, '"_issued":{"extension":[{"url":"u:x","valueCode":"u"}]}',
     '"focus":[]', "issued"),
    ({"path": "Observation.component", "max": "0"}, '"valueString":"x"', '"component":[{"code":{"text":"x"}}]',
     "component"),
    ({"path": "Observation.note", "max": "1"}, '"note":[{"text":"x"}]', '"note":[{"text":"x"},{"text":"y"}]', "note"),
    ({"path": "Observation.value[x]", "type": [{"code": "Quantity"}]}, '"valueQuantity":{"value":1}',
     '"valueString":"x"', "valueString"),
    ({"path": "Observation.value[x]", "type": [{"code": "Quantity"}]}, '"method":{"text":"x"}',
     '"_valueString":{"extension":[{"url":"u:x","valueCode":"u"}]}', "valueString"),
    ({"path": "Observation.note.text", "fixedMarkdown": "x"}, '"note":[{"text":"x"}]',
     '"note":[{"text":"x"},{"text":"y"}]', "note[1].text"),
    ({"path": "Observation.valueQuantity.value", "fixedDecimal": Decimal("1.5")}, '"valueQuantity":{"value":1.50}',
     '"valueQuantity":{"value":1.51}', "valueQuantity.value"),
    ({"path": "Observation.value[x].unit", "min": 1}, '"valueQuantity":{"unit":"mg"}',
     '"valueQuantity":{"value":1}', "valueQuantity.unit"),
    ({"path": "Observation.bodySite", "patternCodeableConcept": {"coding": [{"code": "CR"}]}},
     '"bodySite":{"text":"x","coding":[{"code":"x"},{"system":"s:s","code":"CR"}]}', CODE % "PD", "bodySite"),
    ({"path": "Observation.bodySite", "binding": {"strength": "required", "valueSet": VALUE_SET + "|1"}},
     CODE % "CR", CODE % "XX", "bodySite"),
    ({"path": "Observation.bodySite.coding", "binding": {"strength": "required", "valueSet": VALUE_SET}},
     CODE % "CR", CODE % "XX", "bodySite.coding[0]"),
    ({"path": "Observation.status", "binding": {"strength": "required", "valueSet": VALUE_SET}}, None, CODE % "CR",
     "status"),
    ({"path": "Observation.status", "binding": {"strength": "preferred", "valueSet": VALUE_SET}},
     CODE % "CR", None, None),
    ({"path": "Observation.status", "binding": {"strength": "required", "valueSet": "http://not.held"}},
     CODE % "CR", None, None),
    ({"path": "Observation.component.value[x]", "min": 1}, '"note":[{"text":"x"}]',
     '"component":[{"code":{"text":"x"}}]', "component[0].value"),
]  # fmt: skip


@pytest.mark.parametrize(("element", "good", "bad", "location"), RULES)
@pytest.mark.parametrize("snapshot", [False, True])
def test_profile_rule(element, good, bad, location, snapshot):
    codes = frozenset({(SYSTEM, "CR"), (SYSTEM, "PD")})
    validator = Validator(load_definitions(), {PROFILE: profile(element, snapshot=snapshot)}, {VALUE_SET: codes})
    if good:
        assert validator.validate_profiles(claim(good)) == []
    if bad:
        (issue,) = validator.validate_profiles(claim(bad), "Bundle.entry[0].resource")
        assert (issue.severity, issue.expression) == ("error", "Bundle.entry[0].resource." + location)
        assert PROFILE in issue.message


def test_slices_are_skipped():
    sliced = [
        {"path": "Observation.component", "slicing": {"rules": "open"}},
        {"path": "Observation.component", "sliceName": "a", "min": 1},
        {"path": "Observation.component.value[x]", "min": 1},
        {"path": "Observation.method", "id": "Observation.method", "min": 1},
    ]
    validator = Validator(load_definitions(), {PROFILE: profile(*sliced)})
    issues = validator.validate_profiles(claim('"component":[{"code":{"text":"x"}}]'))
    assert [i.expression for i in issues] == ["Observation.method"]


def test_differential_adds_to_the_base_profile():
    parent = profile({"path": "Observation.method", "min": 1}, url=PROFILE + "-parent")
    child = profile({"path": "Observation.subject", "min": 1}, base=PROFILE + "-parent")
    validator = Validator(load_definitions(), {p["url"]: p for p in (parent, child)})
    issues = validator.validate_profiles(claim('"note":[{"text":"x"}]'))
    assert [i.expression for i in issues] == ["Observation.method", "Observation.subject"]


def test_claims():
    validator = Validator(load_definitions(), {PROFILE: profile({"path": "Observation.subject", "min": 1})})
    assert validator.validate_profiles({"resourceType": "Observation"}) == []
    (unknown,) = validator.validate_profiles(claim('"note":[]', "http://x.org/unknown"))
    assert (unknown.severity, unknown.expression) == ("information", "Observation.meta.profile[0]")
    (versioned,) = validator.validate_profiles(claim('"note":[]', PROFILE + "|1.0"))
    assert versioned.expression == "Observation.subject"
    (other,) = validator.validate_profiles({"resourceType": "Patient", "meta": {"profile": [PROFILE]}})
    assert (other.severity, other.expression) == ("error", "Patient")
