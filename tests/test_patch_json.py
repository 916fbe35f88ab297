"""JSON Patch (https://www.rfc-editor.org/rfc/rfc6902).

The kinds of cases are those of appendix A; expected values follow the RFC by hand.
"""

import pytest
from patching import JSON_PATCH, patching

from fhir_registry.content.definitions import load_definitions
from fhir_registry.core import patch as core
from fhir_registry.core.patch_pointer import parse_pointer
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError

ANNA = {
    "resourceType": "Patient",
    "active": True,
    "name": [{"family": "Lind", "given": ["Anna", "Maja"]}],
    "telecom": [
        {"system": "phone", "value": "1"},
        {"system": "phone", "value": "2"},
        {"system": "phone", "value": "3"},
    ],
    "contact": [{"name": {"family": "Ek"}, "gender": "male"}],
    "birthDate": "1970-06",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request, new_database):
    with patching(new_database(request.param)) as opened:
        yield opened


def numbers(resource):
    return [telecom["value"] for telecom in resource["telecom"]]


# REST-065; the kinds of appendix A: what is sent, and a function resource -> what must hold.
KINDS = {
    "A.1 adding an object member": (
        [{"op": "add", "path": "/gender", "value": "female"}],
        lambda r: r == ANNA | {"gender": "female"},
    ),
    "A.2 adding an array element": (
        [{"op": "add", "path": "/telecom/1", "value": {"system": "phone", "value": "9"}}],
        lambda r: numbers(r) == ["1", "9", "2", "3"],
    ),
    "A.3 removing an object member": (
        [{"op": "remove", "path": "/birthDate"}],
        lambda r: "birthDate" not in r and len(r) == len(ANNA) - 1,
    ),
    "A.4 removing an array element": ([{"op": "remove", "path": "/telecom/1"}], lambda r: numbers(r) == ["1", "3"]),
    "A.5 replacing a value": (
        [{"op": "replace", "path": "/birthDate", "value": "1971"}],
        lambda r: r["birthDate"] == "1971",
    ),
    "A.6 moving a value": (
        [{"op": "move", "from": "/contact/0/gender", "path": "/gender"}],
        lambda r: r["gender"] == "male" and r["contact"] == [{"name": {"family": "Ek"}}],
    ),
    "A.7 moving an array element": (
        [{"op": "move", "from": "/telecom/0", "path": "/telecom/2"}],
        lambda r: numbers(r) == ["2", "3", "1"],
    ),
    "A.8 testing a value, with success": (
        [
            {"op": "test", "path": "/name/0/given/1", "value": "Maja"},
            {"op": "test", "path": "/name", "value": [{"given": ["Anna", "Maja"], "family": "Lind"}]},
        ],
        lambda r: r == ANNA,
    ),
    "A.10 adding a nested member object": (
        [{"op": "add", "path": "/maritalStatus", "value": {"coding": [{"code": "M"}]}}],
        lambda r: r["maritalStatus"] == {"coding": [{"code": "M"}]},
    ),
    "A.11 ignoring unrecognized members of an operation": (
        [{"op": "add", "path": "/gender", "value": "female", "xyz": 123}],
        lambda r: r == ANNA | {"gender": "female"},
    ),
    "A.16 adding an array value": (
        [{"op": "add", "path": "/telecom/-", "value": {"system": "fax", "value": "4"}}],
        lambda r: numbers(r) == ["1", "2", "3", "4"],
    ),
    "copying": (
        [{"op": "copy", "from": "/contact/0/name", "path": "/name/-"}],
        lambda r: r["name"][1] == {"family": "Ek"} and r["contact"] == ANNA["contact"],
    ),
    "several operations, each on what the one before left": (
        [
            {"op": "remove", "path": "/telecom/0"},
            {"op": "remove", "path": "/telecom/0"},
            {"op": "replace", "path": "/telecom/0/value", "value": "5"},
        ],
        lambda r: numbers(r) == ["5"],
    ),
    "no operation": ([], lambda r: r == ANNA),
}


@pytest.mark.parametrize("kind", KINDS)
def test_rest_065_kinds_that_succeed(server, kind):
    patch, holds = KINDS[kind]
    assert holds(server.patched(ANNA, patch, JSON_PATCH))


# REST-066
@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "test", "path": "/birthDate", "value": "1970"}],  # A.9 testing a value, with error
        [{"op": "test", "path": "/active", "value": "true"}],  # A.15 comparing strings and other kinds
        [{"op": "test", "path": "/active", "value": 1}],
        [{"op": "test", "path": "/deceasedBoolean", "value": None}],
        [{"op": "replace", "path": "/birthDate", "value": "1971"}, {"op": "test", "path": "/active", "value": False}],
    ],
)
def test_rest_066_a_test_that_fails_is_422(server, patch):
    status, issues = server.refused(ANNA, patch, JSON_PATCH)
    assert status == 422 and issues[0]["code"] == "processing"
    assert f"Operation {len(patch) - 1}, test" in issues[0]["diagnostics"]


# REST-067
@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/id", "value": "other"},
        {"op": "remove", "path": "/id"},
        {"op": "replace", "path": "/resourceType", "value": "Practitioner"},
        {"op": "replace", "path": "/meta/versionId", "value": "7"},
        {"op": "remove", "path": "/meta/versionId"},
        {"op": "replace", "path": "/meta/lastUpdated", "value": "2001-01-01T00:00:00Z"},
        {"op": "replace", "path": "/meta", "value": {"tag": [{"code": "x"}]}},
        {"op": "replace", "path": "", "value": {"resourceType": "Patient", "id": "other"}},
    ],
)
def test_rest_067_what_the_server_gives_cannot_be_patched(server, operation):
    status, issues = server.refused(ANNA, [operation], JSON_PATCH)
    assert status == 422 and issues[0]["code"] == "business-rule"


def test_the_rest_of_meta_can_be_patched(server):
    path = server.store(ANNA | {"meta": {"tag": [{"code": "x"}]}})
    patch = [
        {"op": "test", "path": "/id", "value": path.split("/")[1]},
        {"op": "add", "path": "/meta/tag/-", "value": {"code": "y"}},
    ]
    body = json.parse(server.send(path, patch, JSON_PATCH).get_data())
    assert body["meta"]["tag"] == [{"code": "x"}, {"code": "y"}] and body["meta"]["versionId"] == "2"


# REST-068
@pytest.mark.parametrize(
    ("patch", "status"),
    [
        # the result is no valid resource
        ([{"op": "replace", "path": "/birthDate", "value": "yesterday"}], 400),
        ([{"op": "add", "path": "/colour", "value": "red"}], 400),
        ([{"op": "remove", "path": "/telecom/0/value"}, {"op": "remove", "path": "/telecom/0/system"}], 400),
        ([{"op": "replace", "path": "", "value": [1]}], 422),
        # A.13 and others: no JSON Patch
        (b'[{"op": "add", "path": "/gender", "value": "male", "op": "remove"}]', 400),
        ({"op": "remove", "path": "/birthDate"}, 400),
        ([["remove", "/birthDate"]], 400),
        ([{"op": "merge", "path": "/birthDate", "value": {}}], 400),
        ([{"path": "/birthDate"}], 400),
        ([{"op": ["remove"], "path": "/birthDate"}], 400),
        ([{"op": "remove"}], 400),
        ([{"op": "remove", "path": 1}], 400),
        ([{"op": "remove", "path": "birthDate"}], 400),
        ([{"op": "remove", "path": "/a~2"}], 400),
        ([{"op": "add", "path": "/gender"}], 400),
        ([{"op": "test", "path": "/gender"}], 400),
        ([{"op": "move", "path": "/gender"}], 400),
        ([{"op": "copy", "from": None, "path": "/gender"}], 400),
        ([{"op": "remove", "path": "/birthDate"}, {"op": "add"}], 400),
        (b"", 400),
        (b"[", 400),
        (b"7", 400),
        ([{"op": "add", "path": "/telecom/01", "value": {"value": "4"}}], 400),
        ([{"op": "add", "path": "/telecom/-1", "value": {"value": "4"}}], 400),
        ([{"op": "replace", "path": "/birthDate/0", "value": "2"}], 400),
        ([{"op": "add", "path": "/active/x", "value": 1}], 400),
        ([{"op": "replace", "path": "/nam/0", "value": "Q"}], 400),
        ([{"op": "move", "from": "/zz", "path": "/gender"}], 400),
        ([{"op": "copy", "from": "/gender", "path": "/deceased"}], 400),
        ([{"op": "remove", "path": "/extension/0" * 40}], 400),
        # A.12 and others: what does not fit the resource
        ([{"op": "add", "path": "/maritalStatus/text", "value": "x"}], 422),
        ([{"op": "remove", "path": "/gender"}], 422),
        ([{"op": "replace", "path": "/gender", "value": "male"}], 422),
        ([{"op": "move", "from": "/gender", "path": "/active"}], 422),
        ([{"op": "copy", "from": "/name/7", "path": "/name/-"}], 422),
        ([{"op": "move", "from": "/contact", "path": "/contact/0"}], 422),
        ([{"op": "add", "path": "/telecom/4", "value": {"value": "4"}}], 422),
        ([{"op": "remove", "path": "/telecom/-"}], 422),
        ([{"op": "remove", "path": "/telecom/" + "9" * 5000}], 422),
        ([{"op": "remove", "path": ""}], 422),
        ([{"op": "move", "from": "", "path": "/contained/-"}], 422),
        ([{"op": "move", "from": "/telecom/0", "path": "/telecom/3"}], 422),  # two are left by then
    ],
)
def test_rest_068_what_cannot_be_done_leaves_the_resource_unchanged(server, patch, status):
    assert server.refused(ANNA, patch, JSON_PATCH)[0] == status


def test_numbers_keep_their_digits(server):
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "dose"},
        "valueQuantity": {"value": json.JsonDecimal("5.40"), "unit": "mg"},
        "component": [{"code": {"text": "a"}, "valueQuantity": {"value": json.JsonDecimal("1.0e2")}}],
    }
    path = server.store(observation)
    patch = b"""[{"op": "test", "path": "/valueQuantity/value", "value": 5.4},
        {"op": "copy", "from": "/component/0", "path": "/component/-"},
        {"op": "replace", "path": "/component/1/valueQuantity/value", "value": 0.10},
        {"op": "replace", "path": "/component/0/code/text", "value": "b"}]"""
    body = server.send(path, patch, JSON_PATCH).get_data()
    for literal in (b'"value":5.40,', b'"value":1.0e2}', b'"value":0.10}'):
        assert literal in body


# What is said: the operation, what is wrong with it, and the element of the resource (FHIRPath).
SAID = [
    ({"op": "replace", "path": "/nam/0", "value": "Q"}, 400, "Patient has no element 'nam'; did you mean 'name'?", ""),
    ({"op": "move", "from": "/zz", "path": "/gender"}, 400, "Patient has no element 'zz'", ""),
    ({"op": "remove", "path": "/name/0/famly"}, 400, "HumanName has no element 'famly'", ".name[0]"),
    ({"op": "remove", "path": "/name/first"}, 400, "Patient.name is a list; an index such as 0 or 1", ".name"),
    ({"op": "remove", "path": "/deceased"}, 400, "Patient has no element 'deceased'", ""),
    ({"op": "test", "path": "/active/x", "value": 1}, 400, "Patient.active is a boolean", ".active"),
    ({"op": "test", "path": "/name/1", "value": None}, 422, "'/name/1' is outside the list", ".name[1]"),
    ({"op": "replace", "path": "/name/-", "value": {}}, 422, "'/name/-' is outside the list", ".name"),
    ({"op": "add", "path": "/name/-/text", "value": "x"}, 422, "'/name/-' is outside the list", ".name.text"),
    ({"op": "copy", "from": "/deceasedBoolean", "path": "/active"}, 422, "nothing at '/deceasedBoolean'", ".deceased"),
    ({"op": "move", "from": "/gender", "path": "/active"}, 422, "nothing at '/gender'", ".gender"),
    ({"op": "remove", "path": "/_birthDate/extension"}, 422, "nothing at '/_birthDate'", ".birthDate.extension"),
    ({"op": "test", "path": "/name/0/given/0", "value": "Eva"}, 422, "the test does not hold", ".name[0].given[0]"),
    ({"op": "remove", "path": "/contained/0/nam/x"}, 422, "nothing at '/contained/0/nam'", ".contained[0]"),
    ({"op": "remove", "path": "/contained/0/id/x"}, 422, "nothing at '/contained/0/id/x'", ".contained[0]"),
    ({"op": "add", "path": "/contained/0/id/x", "value": 1}, 422, "nothing can be put at", ".contained[0]"),
]


@pytest.mark.parametrize(("operation", "status", "words", "place"), SAID)
def test_what_is_wrong_is_said_without_what_is_stored(server, operation, status, words, place):
    # dom-3: the contained one must be referred to
    whole = {"contained": [{"resourceType": "Organization", "id": "o", "name": "Lind"}]}
    whole |= {"managingOrganization": {"reference": "#o"}}
    test = {"op": "test", "path": "/birthDate", "value": "1970-06"}
    found, issues = server.refused(ANNA | whole, [test, operation], JSON_PATCH)
    assert found == status and issues[0]["expression"] == ["Patient" + place]
    said = issues[0]["diagnostics"]
    assert said.startswith(f"Operation 1, {operation['op']} {operation['path']}") and words in said
    assert not any(stored in said for stored in ("Lind", "Anna", "Maja", "1970", "{", "None", "True"))


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ({"op": "remove", "path": "name"}, "Operation 0, remove name: a JSON pointer begins with a slash"),
        ({"op": "remove", "path": "/a~2"}, "Operation 0, remove /a~2: in a JSON pointer ~0 stands for a tilde"),
        ({"op": "copy", "from": "x", "path": "/active"}, "Operation 0, copy /active from x: a JSON pointer begins"),
        ({"op": "remove", "path": None}, "Operation 0: remove needs 'path', a JSON pointer like"),
        ({"op": "move", "path": "/active"}, "Operation 0: move needs 'from', a JSON pointer like"),
        ({"op": "add", "path": "/active"}, "Operation 0: add needs 'value'"),
        ({"op": None, "path": "/active"}, "Operation 0: op is one of add, remove, replace, move, copy, test"),
        (None, "Operation 0: an operation of a JSON Patch is an object"),
    ],
)
def test_what_is_no_operation_is_told_what_it_lacks(server, operation, words):
    status, issues = server.refused(ANNA, [operation], JSON_PATCH)
    assert status == 400 and issues[0]["diagnostics"].startswith(words)


def test_names_with_tilde_and_slash():
    # A.14: FHIR has no such names; ~01 is ~1, not a slash.
    assert parse_pointer("/~01/~1") == ("~1", "/")


def copies(times, source, target):
    return [{"op": "copy", "from": source, "path": target}] * times


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "test", "path": "/active", "value": True}] * 1001,
        copies(40, "/extension", "/extension/0/extension"),  # deeper and deeper, twice as large each time
        copies(40, "", "/contained/-"),
    ],
)
def test_a_patch_cannot_cost_more_than_it_says(patch):
    with pytest.raises(FhirError) as refused:
        core.patch(ANNA | {"extension": [{"url": "x" * 1000}], "contained": []}, patch, JSON_PATCH, load_definitions())
    assert refused.value.issues[0].code == "too-costly"


def test_the_patched_resource_is_a_copy():
    changed = core.patch(ANNA, [{"op": "remove", "path": "/name/0/given/0"}], JSON_PATCH, load_definitions())
    assert changed["name"][0]["given"] == ["Maja"] and ANNA["name"][0]["given"] == ["Anna", "Maja"]
