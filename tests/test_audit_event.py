"""AuditEvents say what section 5.3 says of IHE BALP, and are valid R4 (AUD-01, AUD-02)."""

import base64

import pytest
from audit_events import pushed, read, searched

from fhir_registry.core.audit import MINOR, SERIOUS, Event, Part, seal
from fhir_registry.core.audit_event import KINDS, event_id, number_events, render
from fhir_registry.core.validate import Validator
from fhir_registry.fhir import json
from fhir_registry.store.audit import Row

BASE = "https://registry.example/fhir"
RECORDED = 1_760_000_000_123_000
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
BALP = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."


@pytest.fixture(scope="module")
def validator(content):
    return Validator(content.definitions, content.profiles, content.value_sets)


def row(event, chain=1, seq=5):
    """An event as it is read back."""
    sealed = seal(event, RECORDED)
    return Row(chain, seq, RECORDED, json.parse(sealed.payload), json.parse(sealed.private))


def rendered(event, **place):
    stored = row(event, **place)
    return [render(stored, numbered, BASE) for numbered in number_events(stored)]


def coding(concept):
    return concept["coding"][0]["system"], concept["coding"][0]["code"]


def entities(event):
    """{code of type and of role: entity}."""
    return {(e["type"]["code"], e.get("role", {}).get("code")): e for e in event["entity"]}


def one(interaction, **members):
    """The AuditEvent of an interaction with one resource of a patient."""
    parts = (Part("p1", ((interaction, "Observation", "o1", 3),)),)
    told = {"client": "c1", "address": "192.0.2.1", "request": "r-1", "parts": parts} | members
    (event,) = rendered(Event(interaction, **told))
    return event


# interaction: subtype, action, DCM of client and server
WRITTEN = {"create": "C", "update": "U", "patch": "U"}
READ = {"read": "R", "vread": "R"}


@pytest.mark.parametrize("interaction", KINDS)
def test_every_interaction_is_valid(interaction, validator):
    members = {"query": "code=x", "reason": "a slip", "user": "u1", "role": "site", "purpose": ("HRESCH",)}
    for outcome in ("0", MINOR, SERIOUS):
        assert validator.validate(one(interaction, outcome=outcome, status=200, **members)) == []
    (bare,) = rendered(Event(interaction, ""))
    assert validator.validate(bare) == []


@pytest.mark.parametrize(
    ("interaction", "action", "client", "server"),
    [
        *((code, action, "110153", "110152") for code, action in WRITTEN.items()),
        ("search-type", "E", "110153", "110152"),
        *((code, action, "110152", "110153") for code, action in READ.items()),
    ],
)
def test_agents_follow_the_direction_of_the_data(interaction, action, client, server):
    event = one(interaction, query="code=x")
    assert event["type"] == {"system": f"{TERMINOLOGY}audit-event-type", "code": "rest", "display": "Restful Operation"}
    assert event["subtype"] == [
        {"system": "http://hl7.org/fhir/restful-interaction", "code": interaction, "display": interaction}
    ]
    assert event["action"] == action and event["outcome"] == "0" and "outcomeDesc" not in event
    assert event["recorded"] == "2025-10-09T08:53:20.123Z"
    assert [coding(agent["type"]) for agent in event["agent"]] == [(DICOM, client), (DICOM, server)]
    assert event["agent"][0]["who"] == {"identifier": {"value": "c1"}}
    assert event["agent"][0]["network"] == {"address": "192.0.2.1", "type": "2"}
    assert event["agent"][1]["network"] == {"address": BASE, "type": "5"}
    assert [agent["requestor"] for agent in event["agent"]] == [True, False]


def test_a_delete_has_an_application_and_a_custodian():
    event = one("delete", role="site")
    assert event["action"] == "D"
    assert [coding(agent["type"]) for agent in event["agent"]] == [
        (DICOM, "110150"),
        (f"{TERMINOLOGY}provenance-participant-type", "custodian"),
    ]
    assert "role" not in event["agent"][0]  # which that profile forbids


@pytest.mark.parametrize(("interaction", "code"), [("read", "IRCP"), ("search-type", "IRCP"), ("create", "AUT")])
def test_a_user_is_who_asks(interaction, code):
    event = one(interaction, user="u1", purpose=("TREAT", "HRESCH"))
    user = event["agent"][2]
    assert coding(user["type"]) == (f"{TERMINOLOGY}v3-ParticipationType", code)
    assert user["who"] == {"identifier": {"value": "u1"}} and "network" not in user
    assert [agent["requestor"] for agent in event["agent"]] == [False, False, True]
    purposes = [coding(each) for each in event["purposeOfEvent"]]
    assert purposes == [(f"{TERMINOLOGY}v3-ActReason", code) for code in ("TREAT", "HRESCH")]


def test_entities_of_a_read():
    found = entities(one("read", query="_elements=name"))
    assert found["2", "4"]["what"] == {"reference": "Observation/o1/_history/3"}
    assert found["1", "1"]["what"] == {"reference": "Patient/p1"}
    assert found["XrequestId", None]["what"] == {"identifier": {"value": "r-1"}}
    assert len(found) == 3  # a query is told of searches only: BALP has one object of type 2


def test_a_search_of_several_patients_is_an_event_for_each():
    events = rendered(searched("p1", "p2", query="name=M%C3%BCller"))
    assert [entities(event)["1", "1"]["what"]["reference"] for event in events] == ["Patient/p1", "Patient/p2"]
    for event in events:
        query = entities(event)["2", "24"]
        assert base64.b64decode(query["query"]) == b"name=M%C3%BCller" and "what" not in query
        assert event["action"] == "E" and ("2", "4") not in entities(event)
    (nobody,) = rendered(searched(query="name=x"))
    assert ("1", "1") not in entities(nobody) and nobody["meta"]["profile"] == [f"{BALP}Query"]
    assert events[0]["meta"]["profile"] == [f"{BALP}PatientQuery"]


def test_a_transaction_is_an_event_for_each_entry():
    """AUD-02: five entries of two patients, with one request id."""
    parts = (
        Part(
            "p1", (("create", "Patient", "p1", 1), ("update", "Observation", "o1", 2), ("delete", "Condition", "c1", 3))
        ),
        Part("p2", (("create", "Patient", "p2", 1), ("patch", "Observation", "o2", 4))),
    )
    events = rendered(pushed(parts=parts, request="r-9"), chain=0, seq=12)
    assert [event["id"] for event in events] == ["0-12-1-1", "0-12-1-2", "0-12-1-3", "0-12-2-1", "0-12-2-2"]
    codes = ["create", "update", "delete", "create", "patch"]
    assert [event["subtype"][0]["code"] for event in events] == codes
    assert [event["action"] for event in events] == ["C", "U", "D", "C", "U"]
    data = [entities(event)["2", "4"]["what"]["reference"] for event in events]
    assert data == [
        f"{name}/_history/{v}"
        for name, v in zip(
            ("Patient/p1", "Observation/o1", "Condition/c1", "Patient/p2", "Observation/o2"),
            (1, 2, 3, 1, 4),
            strict=True,
        )
    ]
    assert {entities(event)["XrequestId", None]["what"]["identifier"]["value"] for event in events} == {"r-9"}
    assert [event["meta"]["profile"] for event in events] == [
        [f"{BALP}Patient{name}"] for name in ("Create", "Update", "Delete", "Create", "Update")
    ]


def test_a_failure_is_one_event_and_of_no_profile():
    (event,) = rendered(pushed(parts=(), outcome=MINOR, status=422))
    assert event["outcome"] == "4" and event["outcomeDesc"] == "HTTP 422"
    assert "profile" not in event["meta"] and event["id"] == "1-5-0-0"
    assert one("read", outcome=SERIOUS, status=503)["outcome"] == "8"
    assert "profile" not in one("read", outcome=SERIOUS)["meta"]


def test_without_an_address_no_profile_is_claimed():
    """BALP wants the network of both agents."""
    assert one("read")["meta"]["profile"] == [f"{BALP}PatientRead"]
    assert "profile" not in one("read", address="")["meta"]


def test_a_resource_of_no_patient_is_of_the_profile_without():
    parts = (Part("", (("read", "Medication", "m", 1),)),)
    assert one("read", parts=parts)["meta"]["profile"] == [f"{BALP}Read"]


def test_the_reason_of_a_change_is_told():
    event = one("update", reason="the date was that of another patient")
    assert entities(event)["4", None]["description"] == "the date was that of another patient"


def test_what_was_erased_leaves_the_others_their_ids(validator):
    stored = row(pushed("p1", "p2"), chain=0, seq=3)
    before = [event_id(stored, each) for each in number_events(stored)]
    assert before == ["0-3-1-1", "0-3-1-2", "0-3-2-1", "0-3-2-2"]
    private = {**stored.private, "parts": [None, stored.private["parts"][1]]}
    stored = stored._replace(private=private)
    events = [render(stored, each, BASE) for each in number_events(stored)]
    assert [event["id"] for event in events] == ["0-3-1-0", "0-3-2-1", "0-3-2-2"]
    assert [each["type"]["code"] for each in events[0]["entity"]] == ["XrequestId"]
    assert "p1" not in json.dumps(events).decode()
    assert all(validator.validate(event) == [] for event in events)


def test_an_id_is_one_of_fhir():
    stored = row(read("p1"), chain=1, seq=10**17)
    (numbered,) = number_events(stored)
    assert event_id(stored, numbered) == "1-100000000000000000-1-1"
