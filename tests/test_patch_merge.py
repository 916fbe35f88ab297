"""Merge patch (https://www.rfc-editor.org/rfc/rfc7396); the expected values of CASES are those of its appendix A."""

import pytest
from patching import FHIR, JSON_PATCH, MERGE_PATCH, parameters, patching, replace

from fhir_registry.core.patch_json import merge
from fhir_registry.fhir import json

MARI = {
    "resourceType": "Patient",
    "active": True,
    "name": [{"family": "Aho", "given": ["Mari"]}],
    "maritalStatus": {"coding": [{"code": "M"}], "text": "married"},
    "birthDate": "1950-02-03",
    "_birthDate": {"id": "b"},
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request, new_database):
    with patching(new_database(request.param)) as opened:
        yield opened


CASES = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "changes", "result"), CASES)
def test_appendix_a(target, changes, result):
    assert merge(target, changes) == result


# REST-071: a partial object is sent as application/json too, by fhirpy for one
@pytest.mark.parametrize("media_type", [MERGE_PATCH, "application/json", "application/json; charset=UTF-8"])
@pytest.mark.parametrize(
    ("changes", "members"),
    [
        ({"active": False}, {"active": False}),
        ({"birthDate": None, "_birthDate": None}, {"birthDate": None, "_birthDate": None}),
        ({"maritalStatus": {"text": None}}, {"maritalStatus": {"coding": [{"code": "M"}]}}),
        ({"name": [{"text": "M."}]}, {"name": [{"text": "M."}]}),
        ({"resourceType": "Patient", "gender": "female"}, {"gender": "female"}),
        ({}, {}),
    ],
)
def test_rest_071_a_partial_object_is_merged(server, media_type, changes, members):
    after = server.patched(MARI, changes, media_type)
    assert after == {name: value for name, value in (MARI | members).items() if value is not None}


def test_rest_071_a_parameters_resource_stays_a_fhirpath_patch(server):
    patch = parameters(replace("Patient.birthDate", valueDate="1951"))
    assert server.patched(MARI, patch, "application/json")["birthDate"] == "1951"


def test_rest_071_a_client_may_send_back_what_it_read_with_its_changes(server):
    path = server.store(MARI)
    read = json.parse(server.client.get(f"/fhir/{path}").get_data())
    response = server.send(path, read | {"active": False}, "application/json")
    assert response.status_code == 200 and server.read(path) == MARI | {"active": False}
    assert server.send(path, read | {"active": True}, "application/json").status_code == 422  # it is an old one by now


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"birthDate": "soon"}, 400),
        ({"colour": "red"}, 400),
        ({"maritalStatus": {"coding": [], "text": None}}, 400),
        ({"name": []}, 400),
        ({"deceasedBoolean": True, "deceasedDateTime": "2020"}, 400),
        ({"id": "other"}, 422),
        ({"id": None}, 422),
        ({"resourceType": "Practitioner"}, 422),
        ({"meta": None}, 422),
        ({"meta": "x"}, 422),
        ({"meta": {"versionId": "9"}}, 422),
        ([{"op": "remove", "path": "/active"}], 400),
        ("x", 400),
        (b"null", 400),
        (b" ", 400),
        (b'{"active": true, "active": false}', 400),
        (b'{"name": [{"family": "\\u0000"}]}', 400),
    ],
)
def test_rest_067_068_what_cannot_be_merged_leaves_the_resource_unchanged(server, changes, status):
    assert server.refused(MARI, changes, MERGE_PATCH)[0] == status


def test_a_resource_that_was_nested_too_deeply_by_a_patch_is_refused(server):
    # 64 levels can be read; the patch has fewer, but below some that are there.
    extension = {"url": "urn:x", "valueString": "x"}
    for _ in range(29):
        extension = {"url": "urn:x", "extension": [extension]}
    path = server.store(MARI | {"extension": [extension]})
    place = "/extension/0" * 30
    response = server.send(
        path,
        [
            {"op": "remove", "path": place + "/valueString"},
            {"op": "add", "path": place + "/extension", "value": [extension]},
        ],
        JSON_PATCH,
    )
    assert response.status_code == 400 and json.parse(response.get_data())["issue"][0]["code"] == "too-costly"
    assert server.client.get(f"/fhir/{path}").status_code == 200


def test_a_partial_resource_is_no_fhirpath_patch(server):
    status, issues = server.refused(MARI, {"active": False}, FHIR)
    assert status == 400 and MERGE_PATCH in issues[0]["diagnostics"]
