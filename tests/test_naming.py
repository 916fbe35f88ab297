"""Whom a resource names, and resources that name somebody no more (https://hl7.org/fhir/R4/references.html)."""

from fhir_registry.core.naming import MASKED, named, without

A, B = {"reference": "Patient/a"}, {"reference": "Patient/b"}


def gone(found):
    return (None, "Patient", "a") in found.references or ("urn:mrn", "7") in found.identifiers


def test_all_references_are_named_wherever_they_stand():
    resource = {
        "resourceType": "Observation",
        "identifier": [{"system": "urn:lab", "value": "7"}],
        "subject": {"reference": "http://here/fhir/Patient/a/_history/2"},
        "performer": [{"identifier": {"system": "urn:mrn", "value": "7"}}, {"reference": "#one"}],
        "hasMember": [{"reference": "Observation/o"}, {"reference": "urn:uuid:0"}],
        "contained": [{"resourceType": "Patient", "id": "one", "identifier": [{"value": "9"}], "link": [{"other": B}]}],
    }
    found = named(resource)
    assert found.references == {
        ("http://here/fhir", "Patient", "a"),
        (None, "Observation", "o"),
        (None, "Patient", "b"),
    }
    assert found.identifiers == {("urn:mrn", "7"), ("", "9")}  # not those of the observation itself


def test_members_of_a_list_go():
    group = {
        "resourceType": "Group",
        "member": [{"entity": A, "inactive": True}, {"entity": B}],
        "text": {"div": "Ann"},
    }
    assert without(group, gone) == {"resourceType": "Group", "member": [{"entity": B}]}
    provenance = {"resourceType": "Provenance", "target": [B, A], "agent": [{"who": B}]}
    assert without(provenance, gone)["target"] == [B]


def test_a_reference_that_must_be_there_is_masked():
    observation = {"resourceType": "Observation", "subject": B, "focus": [A], "derivedFrom": [A, B], "device": A}
    changed = without(observation, gone)
    assert changed["subject"] == B and changed["derivedFrom"] == [B]
    assert changed["focus"] == [MASKED] and changed["device"] == MASKED
    by_identifier = {"subject": {"identifier": {"system": "urn:mrn", "value": "7"}, "display": "Ann"}}
    assert without(by_identifier, gone) == {"subject": MASKED}


def test_entries_of_a_bundle_go_with_their_resource():
    entries = [
        {"fullUrl": "http://here/fhir/Patient/b", "resource": {"resourceType": "Patient", "id": "b"}},
        {"resource": {"resourceType": "Observation", "subject": A}},
        {"resource": {"resourceType": "Observation", "subject": B}},
    ]
    left = without({"resourceType": "Bundle", "entry": entries}, gone)["entry"]
    assert left == [entries[0], entries[2]]


def test_what_a_bundle_holds_is_named_without_a_url_too():
    """By type and id, unless its URL is of another server; by the URLs of its request and its response."""
    held = {"resourceType": "Patient", "id": "a"}
    request, response = {"method": "DELETE", "url": "Patient/a"}, {"status": "200", "location": "Patient/a/_history/1"}
    elsewhere = {"fullUrl": "http://elsewhere/fhir/Patient/a", "resource": held}
    entries = [{"resource": held}, {"fullUrl": "urn:uuid:0", "resource": held}, {"request": request}]
    bundle = {"resourceType": "Bundle", "entry": [*entries, {"response": response}, elsewhere]}
    assert without(bundle, gone)["entry"] == [elsewhere]
    assert named({"resourceType": "Observation", "contained": [held]}).references == set()  # an id in it is its own


def test_who_is_contained_goes_with_what_refers_to_it():
    identified = {"resourceType": "Patient", "id": "m", "identifier": [{"system": "urn:mrn", "value": "7"}]}
    other = {"resourceType": "RelatedPerson", "id": "n", "patient": B, "name": [{"family": "Bee"}]}
    for contained in (identified, {**other, "id": "m", "patient": A}):
        performers = [{"reference": "#m"}, {"reference": "#n"}]
        held = {"resourceType": "Observation", "contained": [contained, other], "performer": performers}
        changed = without(held | {"focus": [{"reference": "#m"}]}, gone)
        assert changed["contained"] == [other] and changed["performer"] == [{"reference": "#n"}]
        assert changed["focus"] == [MASKED]
    assert "contained" not in without({"resourceType": "Observation", "contained": [identified]}, gone)


def test_an_identifier_of_somebody_else_goes():
    person = {"resourceType": "Patient", "id": "c", "identifier": [{"system": "urn:mrn", "value": "7"}, {"value": "9"}]}
    assert without(person, gone) == {"resourceType": "Patient", "id": "c", "identifier": [{"value": "9"}]}


def test_what_names_nobody_stays_as_it_is():
    names = [{"given": ["Ann", None], "_given": [None, {"extension": [{"url": "x", "valueReference": B}]}]}]
    assert without({"resourceType": "Patient", "id": "b", "name": names}, gone)["name"] == names
