"""Every search parameter of R4 with every type of value it may have (https://hl7.org/fhir/R4/searchparameter-registry.html)."""

from decimal import Decimal

import pytest

from fhir_registry.content.definitions import load_definitions
from fhir_registry.content.searchparams import INDEXED_TYPES, SearchParams
from fhir_registry.core.index_values import EMITTERS

CHARACTERISTIC = "Group.Group.characteristic#value token"
# (search type, value type) without rows -> the parameters where it occurs. A date search does not look at free text,
# ages and ranges of ages (https://hl7.org/fhir/R4/search.html#date), a reference search not at attachments. A composite
# finds a characteristic of a Group only where its value can be a token.
WITHOUT_ROWS = {
    **{("token", name): {CHARACTERISTIC} for name in ("Quantity", "Range", "Reference")},
    ("date", "Age"): {"Procedure.date"},
    ("date", "Range"): {"Procedure.date"},
    ("date", "string"): {"CarePlan.activity-date", "Immunization.date", "Procedure.date"},
    ("reference", "Attachment"): {"Consent.source-reference"},
}
QUANTITY = {"value": Decimal("1.5"), "unit": "a"}
CONCEPT = {"coding": [{"system": "http://s", "code": "c", "display": "d"}], "text": "t"}
VALUES = {
    **dict.fromkeys(("string", "markdown", "code", "id"), "x"),
    **dict.fromkeys(("uri", "url", "canonical"), "http://x"),
    **dict.fromkeys(("integer", "positiveInt", "unsignedInt"), 1),
    **dict.fromkeys(("Quantity", "Age", "Duration"), QUANTITY),
    "decimal": Decimal("0.1"),
    "boolean": False,
    "date": "2020",
    "dateTime": "2020-01",
    "instant": "2020-01-01T00:00:00Z",
    "Period": {"end": "2020"},
    "Timing": {"event": ["2020"]},
    "Range": {"low": QUANTITY},
    "Money": {"value": 1, "currency": "EUR"},
    "SampledData": {"origin": QUANTITY, "data": "1 2"},
    "HumanName": {"family": "x"},
    "Address": {"city": "x"},
    "ContactPoint": {"value": "1"},
    "Coding": CONCEPT["coding"][0],
    "CodeableConcept": CONCEPT,
    "Identifier": {"type": CONCEPT, "system": "http://s", "value": "1"},
    "Reference": {"reference": "Patient/p", "identifier": {"value": "1"}},
    "Resource": {"resourceType": "Patient", "id": "p"},
    "Extension": {
        "url": "http://x",
        "valueCodeableConcept": CONCEPT,
        "valueString": "x",
        "valueReference": {"reference": "a"},
    },
}
COLUMNS = {"string": 2, "token": 2, "date": 2, "number": 3, "quantity": 6, "reference": 2, "uri": 1}


@pytest.fixture(scope="module")
def params():
    return SearchParams(load_definitions())


def test_every_parameter_is_compiled_or_refused_by_name(params):
    """What has no expression or is special is in `unindexed`, for each type that R4 declares it for."""
    not_indexed = set()
    for type_ in params:
        known = {param.code for param in params[type_]}
        assert len(known) == len(params[type_])
        assert not known & params.unindexed(type_).keys()
        not_indexed |= params.unindexed(type_).keys()
        declared = {p["code"] for p in load_definitions().search_parameters if type_ in p["base"]}
        assert declared <= known | params.unindexed(type_).keys()
        for param in params[type_]:
            assert param.types or param.alternatives, (type_, param.code)
    assert not_indexed == {"_content", "_filter", "_query", "_text", "age", "birthOrderBoolean", "near"}


def test_every_value_has_rows(params):
    """Base x parameter x type of value, also of what is derived for modifiers and of components."""
    without, seen = {}, set()
    for type_ in params:
        for param in params[type_]:
            components = [each for alternative in param.alternatives for each in alternative.components]
            for each in (param, *components):
                if each.type == "composite":
                    continue
                for value_type in each.types:
                    rows = []
                    emit = EMITTERS[each.type].get(value_type)
                    if emit is None:
                        without.setdefault((each.type, value_type), set()).add(f"{type_}.{each.code}")
                        continue
                    emit(each, VALUES[value_type], rows)
                    assert rows, (type_, each.code, value_type)
                    assert all(row[:2] == (each.id, 0) and len(row) == 2 + COLUMNS[each.type] for row in rows)
                    seen.add((each.type, value_type))
    assert without == WITHOUT_ROWS
    assert {kind for kind, _ in seen} == INDEXED_TYPES


def test_every_modifier_has_rows(params):
    seen = set()
    for type_ in params:
        for param in params[type_]:
            for suffix, derived in param.derived.items():
                emitters = {name: emit for name, emit in EMITTERS[suffix].items() if name in derived.types}
                assert emitters, (type_, param.code, suffix)
                for value_type, emit in emitters.items():
                    rows = []
                    emit(derived, VALUES[value_type], rows)
                    assert rows and all(row[0] == derived.id for row in rows)
                    seen.add((suffix, value_type))
            # Each type of value that has such rows has a modifier.
            for suffix, kind in ((":text", "token"), (":of-type", "token"), (":identifier", "reference")):
                wanted = param.type == kind and not EMITTERS[suffix].keys().isdisjoint(param.types)
                if "Extension" not in param.types:
                    assert (suffix in param.derived) == wanted, (type_, param.code, suffix)
    assert seen == {
        *((":text", name) for name in ("CodeableConcept", "Coding", "Identifier", "Extension")),
        (":of-type", "Identifier"),
        (":identifier", "Reference"),
    }
