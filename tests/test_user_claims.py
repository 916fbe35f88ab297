"""The user and the purpose of use of a token are in the audit log, after IHE BALP and IUA."""

import json

import pytest
from audited_client import only_event
from rest_client import body, patient
from test_identity_provider import ask, provider, rest, settings, shared, token  # noqa: F401 - fixtures

from fhir_registry.core.user_claims import read_purposes, read_user
from fhir_registry.edges.config import Config

NAMES = ("fhirUser", "sub")
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
EPR = "urn:oid:2.16.756.5.30.1.127.3.10.5"


@pytest.mark.parametrize(
    ("claims", "user"),
    [
        (
            {"fhirUser": "https://ehr.example/fhir/Practitioner/7", "sub": "x"},
            "https://ehr.example/fhir/Practitioner/7",
        ),
        ({"sub": "7f2c"}, "7f2c"),
        ({"sub": "app-1"}, ""),  # the client itself: RFC 9068, section 2.2
        ({}, ""),
        ({"sub": ""}, ""),
        ({"sub": 7}, ""),
        ({"sub": ["a"]}, ""),
        ({"sub": "a\nb"}, ""),
        ({"sub": "a\ud800"}, ""),
        ({"fhirUser": "Patient/4", "sub": "x"}, "x"),  # the payload of an event is never erased
        ({"fhirUser": "https://ehr.example/fhir/Patient/4"}, ""),
        ({"fhirUser": "RelatedPerson/4"}, ""),
        ({"fhirUser": "https://ehr.example/fhir/Person/4/_history/1"}, ""),
        ({"sub": "x" * 300}, "x" * 255),
        ({"email": "a@b.example"}, ""),  # none of the names
    ],
)
def test_who_is_the_user(claims, user):
    assert read_user(claims, NAMES, "app-1") == user


@pytest.mark.parametrize(
    ("told", "purposes"),
    [
        ("TREAT", ["TREAT"]),
        (["TREAT", "HRESCH", "TREAT"], ["TREAT", "HRESCH"]),
        ({"system": ACT_REASON, "code": "TREAT"}, ["TREAT"]),
        ([{"system": EPR, "code": "NORM"}, {"code": "BTG"}], [f"{EPR}|NORM", "BTG"]),
        (f"{EPR}|NORM", [f"{EPR}|NORM"]),
        (f"{ACT_REASON}|TREAT", ["TREAT"]),
        (["a b", "", 7, None, {}, {"code": 7}, {"system": 7, "code": "x"}, ["x"], "x" * 65, "not a uri|x"], []),
        ({"system": f"urn:{'x' * 300}", "code": "x"}, []),
        ([f"c{n}" for n in range(9)], [f"c{n}" for n in range(5)]),
    ],
)
def test_what_is_a_purpose(told, purposes):
    assert read_purposes({"purpose_of_use": told}) == tuple(purposes)
    assert read_purposes({"extensions": {"ihe_iua": {"purpose_of_use": told}}}) == tuple(purposes)


@pytest.mark.parametrize("claims", [{}, {"extensions": "x"}, {"extensions": {"ihe_iua": []}}, {"extensions": None}])
def test_without_a_purpose_there_is_none(claims):
    assert read_purposes(claims) == ()


IUA = {"extensions": {"ihe_iua": {"purpose_of_use": [{"system": ACT_REASON, "code": "HRESCH"}]}}}


def test_they_are_in_every_event(rest, token):  # noqa: F811
    named = token(sub="dr-7", **IUA)
    header = {"Authorization": f"Bearer {named}"}
    assert rest.put(patient(id="p"), **header).status_code == 201
    asked = [rest.get(path, **header) for path in ("Patient/p", "Patient", "Patient/not-here")]
    asked.append(rest.put(patient(id="q"), **header))
    for response in asked:
        payload = only_event(rest.registry, response).payload
        assert (payload["client"], payload["user"], payload["purpose"]) == ("app-1", "dr-7", ["HRESCH"])
    payload = only_event(rest.registry, ask(rest, token())).payload
    assert {"user", "purpose"}.isdisjoint(payload)


def test_they_are_in_the_audit_event(rest, token):  # noqa: F811
    """BALP, OAUTHaccessTokenUse: agent of type IRCP, its identifier, its purpose of use."""
    header = {"Authorization": f"Bearer {token(scope='system/*.cruds system/AuditEvent.rs', sub='dr-7', **IUA)}"}
    rest.put(patient(id="p"), **header), rest.get("Patient/p", **header)
    (entry,) = body(rest.get("AuditEvent?agent=dr-7&subtype=read", **header))["entry"]
    event = entry["resource"]
    (user,) = (agent for agent in event["agent"] if agent["requestor"])
    purpose = {"coding": [{"system": ACT_REASON, "code": "HRESCH"}]}
    assert user["type"]["coding"][0]["code"] == "IRCP" and user["who"] == {"identifier": {"value": "dr-7"}}
    assert user["purposeOfUse"] == event["purposeOfEvent"] == [purpose]
    assert "dr-7" not in json.dumps(body(rest.get("Patient/p", **header)))


def test_the_claim_of_a_user_may_have_another_name():
    assert Config.from_env({"FHIR_REGISTRY_USER_CLAIM": "preferred_username, sub"}).user_claim == (
        "preferred_username",
        "sub",
    )
    assert Config.from_env({}).user_claim == NAMES
