"""De-identification of one resource: what is not listed is not told, and what is planted does not come out."""

import random

import pytest
from disguises import made_for, observation
from hypothesis import given
from hypothesis import strategies as st

from fhir_registry.content.deidentification import EXTENSIONS, load_rules
from fhir_registry.core.deidentify import deidentify
from fhir_registry.fhir import json


@pytest.fixture(scope="module")
def rules(content):
    return load_rules(content.definitions, content.concept_maps)


@pytest.fixture(scope="module")
def disguise(rules):
    return made_for(rules, "trial")


MEMBERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_members_that_are_not_listed_change_nothing(content, data):
    rules = load_rules(content.definitions, content.concept_maps)
    disguise = made_for(rules, "trial")
    listed = {*rules.types["Observation"].elements, "resourceType", "id", "modifierExtension", "implicitRules"}
    names = st.text(max_size=12).filter(lambda name: name not in listed | {"contained", "medicationReference"})
    more = data.draw(st.dictionaries(names, MEMBERS, max_size=4))
    resource = observation(valueInteger=2, effectiveDateTime="2024-03-01")
    assert deidentify(resource | more, disguise, "p1") == deidentify(resource, disguise, "p1")


class Planter:
    """Fills every element of a type with what tells of somebody, and keeps all of it."""

    LETTERS = "ghjkmnpqrtvwxyz"  # no hexadecimal ones, so that no pseudonym is one by chance

    def __init__(self, rules, types, seed):
        self.rules, self.types, self.random = rules, types, random.Random(seed)
        self.texts, self.numbers, self.times = [], [], []

    def resource(self, type):
        planted = {"resourceType": type, "id": self.text()}
        return planted | self.members(type, self.rules.types[type], 0)

    def members(self, type, shape, depth):
        """Every element of a type; where a Shape is told of, with its extensions too."""
        made = {}
        for element in self.types[type].elements.values():
            if element.name in ("modifierExtension", "implicitRules", "id", "contained", "div", "extension"):
                continue
            for name in element.types:
                member = element.name + (name[0].upper() + name[1:] if element.choice else "")
                rule = shape.elements.get(member) if shape else None
                value = self.value(name, rule and rule.shape, depth)
                if value is not None:
                    made[member] = value if element.max == 1 else [value, self.value(name, rule and rule.shape, depth)]
        made["extension"] = [{"url": self.uri(), "valueString": self.text()}]
        told = shape and shape.elements.get(EXTENSIONS)
        if told:
            made["extension"] += [
                {"url": url, **self.members("Extension", each, 3)} for url, each in told.by_url.items()
            ]
        made["contained"] = [{"resourceType": "Patient", "id": "c", "name": [{"family": self.text()}]}]
        return made

    def value(self, name, shape, depth):
        definition = self.types.get(name)
        if name in ("boolean",):
            return True
        if name in ("decimal", "integer", "positiveInt", "unsignedInt"):
            self.numbers.append(self.random.randrange(10**8, 10**9))
            return self.numbers[-1]
        if name in ("date", "dateTime", "instant", "time"):
            self.times.append(
                f"{self.random.randrange(24):02d}:{self.random.randrange(60):02d}:17.{len(self.times):03d}"
            )
            return self.times[-1] if name == "time" else f"2024-03-01T{self.times[-1]}Z"
        if name == "Coding":
            system = self.random.choice([*self.rules.systems, self.uri()])
            return {"system": system, "code": self.text(), "display": self.text(), "version": self.text()}
        if name == "Reference":
            of = self.random.choice(["Patient", "Observation", "Organization"])
            return {"reference": f"{of}/{self.text()}", "display": self.text(), "identifier": {"value": self.text()}}
        if name == "Meta":
            return {"source": self.uri(), "profile": [self.uri()], "tag": [self.value("Coding", None, 0)]}
        if definition is None or definition.kind == "primitive-type":
            return self.uri() if name in ("uri", "url", "canonical") else self.text()
        if definition.kind == "resource" or depth > 2:
            return None
        return self.members(name, shape, depth + 1)

    def text(self):
        self.texts.append("".join(self.random.choice(self.LETTERS) for _ in range(9)).capitalize())
        return self.texts[-1]

    def uri(self):
        return f"https://{self.text()}.example/{self.text()}"


def survivors(planter, told):
    """What was planted and is found in a text, to the letter or in part, whatever the case and the marks between."""
    exact = told.decode()
    normal = "".join(character for character in exact.casefold() if character.isalnum())
    parts = {text: {text.casefold()[at : at + 6] for at in range(4)} for text in planter.texts}
    found = [text for text, some in parts.items() if any(part in normal for part in some)]
    found += [number for number in planter.numbers if str(number)[:7] in normal or str(number)[2:] in normal]
    return found + [time for time in planter.times if time[:8] in exact]


def test_nothing_that_was_planted_is_found(rules, disguise, content):
    planted = 0
    for type in rules.types:
        planter = Planter(rules, content.definitions.types, type)
        resource = planter.resource(type)
        for name, rule in rules.types[type].elements.items():  # else nothing would be told where R4 requires them
            if rule.kind == "code":
                resource[name] = min(rule.codes)
        resource |= {name: {"reference": "ResearchStudy/halaven"} for name in ("study",) if type == "ResearchSubject"}
        resource |= {"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}}
        resource |= {name: {"reference": f"Patient/{planter.text()}"} for name in ("subject", "individual", "patient")}
        planted += len(survivors(planter, json.dumps(resource)))
        told = deidentify(resource, disguise, "p1")
        assert told is not None, type
        assert survivors(planter, json.dumps(told)) == [], type
        assert told.keys() - {"id", "meta", "identifier", "resourceType"}, type
    assert planted > 200


def test_the_scan_finds_what_is_left():
    planter = Planter(None, {}, 1)
    planter.texts, planter.numbers, planter.times = ["Ghjkmnpqr"], [123456789], ["03:47:17.000"]
    assert survivors(planter, b"x GHJ-KMN pqr, 123 456 789, T03:47:17Z") == ["Ghjkmnpqr", 123456789, "03:47:17.000"]
    assert survivors(planter, b"jkmnpq") == ["Ghjkmnpqr"]
