"""FHIRPath Patch (https://hl7.org/fhir/R4/fhirpatch.html).

KINDS has one case for each kind of the standard's own test set, with data of our own; expected values follow the page.
"""

import pytest
from patching import FHIR, add, delete, operation, parameters, patching, replace

BORN = {"resourceType": "Patient", "birthDate": "1950-02-03"}
LIVES = {"resourceType": "Patient", "contact": [{"name": {"text": "Kim"}, "gender": "other"}]}
REACHED = {"resourceType": "Patient", "contact": [{"telecom": [{"system": "phone", "value": "1"}]}]}
WED = {"resourceType": "Patient", "maritalStatus": {"id": "a", "text": "married"}}
EMPTY = {"resourceType": "Patient"}


def numbered(*numbers):
    return {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": str(n)} for n in numbers]}


def move(source, destination):
    return operation("move", "Patient.identifier", source=source, destination=destination)


def insert(index, number):
    value = {"valueIdentifier": {"system": "urn:x", "value": str(number)}}
    return operation("insert", "Patient.identifier", value=value, index=index)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request, new_database):
    with patching(new_database(request.param)) as opened:
        yield opened


STORY = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
FULL = {
    "resourceType": "Patient",
    "text": {"status": "generated", "div": STORY.format("Rosa Weiss")},
    "active": True,
    "name": [{"use": "official", "family": "Weiss", "given": ["Rosa", "Ida"]}, {"use": "usual", "given": ["Rosi"]}],
    "birthDate": "1950-02-03",
    "_birthDate": {"extension": [{"url": "http://x.example/time", "valueTime": "10:00:00"}]},
    "contact": LIVES["contact"],
}
RENAMED = [{"use": "official", "family": "Schwarz", "given": ["Rosa", "Ida"]}, FULL["name"][1]]

# REST-069: name -> (resource before, operations, resource after)
KINDS = {
    "no operation": (BORN, [], BORN),
    "replace a primitive": (BORN, [replace("Patient.birthDate", valueDate="1951")], BORN | {"birthDate": "1951"}),
    "delete a primitive": (BORN, [delete("Patient.birthDate")], EMPTY),
    "add a primitive": (EMPTY, [add("Patient", "birthDate", valueDate="1950-02-03")], BORN),
    "delete a primitive again": (BORN, [delete("Patient.birthDate"), delete("Patient.birthDate")], EMPTY),
    "replace a nested primitive": (
        LIVES,
        [replace("Patient.contact[0].gender", valueCode="male")],
        EMPTY | {"contact": [{"name": {"text": "Kim"}, "gender": "male"}]},
    ),
    "replace a primitive two levels down": (
        LIVES,
        [replace("Patient.contact[0].name.text", valueString="Lee")],
        EMPTY | {"contact": [{"name": {"text": "Lee"}, "gender": "other"}]},
    ),
    "delete a nested primitive": (
        LIVES,
        [delete("Patient.contact[0].gender")],
        EMPTY | {"contact": [{"name": {"text": "Kim"}}]},
    ),
    "delete the only member of an element, which goes too": (
        REACHED | {"contact": [REACHED["contact"][0] | {"name": {"text": "Kim"}}]},
        [delete("Patient.contact[0].name.text")],
        REACHED,
    ),
    "add a nested primitive": (
        EMPTY | {"contact": [{"name": {"text": "Kim"}}]},
        [add("Patient.contact[0]", "gender", valueCode="other")],
        LIVES,
    ),
    "add a complex element": (
        EMPTY,
        [add("Patient", "maritalStatus", valueCodeableConcept={"id": "a", "text": "married"})],
        WED,
    ),
    "replace a complex element, its id too": (
        WED,
        [replace("Patient.maritalStatus", valueCodeableConcept={"id": "b", "text": "widowed"})],
        EMPTY | {"maritalStatus": {"id": "b", "text": "widowed"}},
    ),
    "delete a complex element": (WED, [delete("Patient.maritalStatus")], EMPTY),
    "add an element of an anonymous type, in parts": (
        EMPTY,
        [add("Patient", "contact", part=[{"name": "name", "valueHumanName": {"text": "Kim"}}])],
        EMPTY | {"contact": [{"name": {"text": "Kim"}}]},
    ),
    "delete an element of an anonymous type": (LIVES, [delete("Patient.contact[0]")], EMPTY),
    "a list that stays": (numbered(1, 2), [], numbered(1, 2)),
    "items of a list change in their places": (
        numbered(1, 2),
        [
            replace("Patient.identifier[0].value", valueString="2"),
            replace("Patient.identifier[1].value", valueString="1"),
        ],
        numbered(2, 1),
    ),
    "add to a list": (
        numbered(1, 2),
        [add("Patient", "identifier", valueIdentifier={"system": "urn:x", "value": "3"})],
        numbered(1, 2, 3),
    ),
    "insert at the end": (numbered(1, 2), [insert(2, 3)], numbered(1, 2, 3)),
    "insert in the middle": (numbered(1, 2), [insert(1, 3)], numbered(1, 3, 2)),
    "insert at the start": (numbered(1, 2), [insert(0, 3)], numbered(3, 1, 2)),
    "delete the first": (numbered(1, 2, 3), [delete("Patient.identifier[0]")], numbered(2, 3)),
    "delete one in the middle": (numbered(1, 2, 3), [delete("Patient.identifier[1]")], numbered(1, 3)),
    "delete the last": (numbered(1, 2, 3), [delete("Patient.identifier[2]")], numbered(1, 2)),
    "move towards the start": (numbered(1, 2, 3, 4), [move(3, 1)], numbered(1, 4, 2, 3)),
    "move to the start": (numbered(1, 2, 3, 4), [move(3, 0)], numbered(4, 1, 2, 3)),
    "move by one": (numbered(1, 2, 3, 4), [move(3, 2)], numbered(1, 2, 4, 3)),
    "move to the end": (numbered(1, 2, 3, 4), [move(0, 3)], numbered(2, 3, 4, 1)),
    "two moves": (numbered(1, 2, 3, 4), [move(1, 0), move(2, 1)], numbered(2, 3, 1, 4)),
    "three moves turn a list round": (numbered(1, 2, 3, 4), [move(3, 0), move(3, 1), move(3, 2)], numbered(4, 3, 2, 1)),
    "add to a list that is not there": (
        EMPTY,
        [add("Patient", "identifier", valueIdentifier={"system": "urn:x", "value": "1"})],
        numbered(1),
    ),
    "a full resource, with its narrative": (
        FULL,
        [
            replace("Patient.text.div", valueString=STORY.format("Rosa Schwarz")),
            replace("Patient.name[0].family", valueString="Schwarz"),
        ],
        FULL | {"text": {"status": "generated", "div": STORY.format("Rosa Schwarz")}, "name": RENAMED},
    ),
    "consecutive operations, the second on what the first made": (
        LIVES,
        [
            operation("insert", "Patient.contact", value={"part": [{"name": "gender", "valueCode": "male"}]}, index=1),
            add("Patient.contact[1]", "name", valueHumanName={"text": "Lou"}),
        ],
        EMPTY | {"contact": [LIVES["contact"][0], {"gender": "male", "name": {"text": "Lou"}}]},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_rest_069_kinds_of_the_standard(server, kind):
    before, operations, after = KINDS[kind]
    assert server.patched(before, parameters(*operations), FHIR) == after


def test_rest_069_add_below_what_is_missing_is_an_error(server):
    path = "Patient.identifier.where(value = '1').period"
    status, issues = server.refused(numbered(1), parameters(add(path, "end", valueDate="2021-12-01")), FHIR)
    assert status == 422 and path in issues[0]["diagnostics"]
    assert issues[0]["expression"] == ["Parameters.parameter[0]"]
