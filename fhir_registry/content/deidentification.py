"""What a de-identified export may tell, compiled from deidentification.json (docs/deidentification.md; https://hl7.org/fhir/R4/secpriv-module.html#deId)."""

import re
from importlib.resources import files
from typing import NamedTuple

import orjson

from .errors import ContentError

FILE = "deidentification.json"
MAPS = "https://registry.example/ConceptMap/"
# How an element is told -> the FHIR types that it may have; docs/deidentification.md says what becomes of it.
KINDS = {
    "birth": {"date"},
    "boolean": {"boolean"},
    "code": {"code"},
    "coding": {"Coding"},
    "concept": {"CodeableConcept"},
    "country": {"string"},
    "date": {"date", "dateTime"},
    "instant": {"instant"},
    "number": {"decimal", "integer", "positiveInt", "unsignedInt"},
    "period": {"Period"},
    "quantity": {"Quantity"},
    "reference": {"Reference"},
    "text": {"string"},
}
NESTED, EXTENSIONS = "nested", "extension"


class Rule(NamedTuple):
    """How one element is told.

    kind: of KINDS, NESTED or EXTENSIONS. maps: the ConceptMaps that say what its codes and texts mean. codes: of the
    required binding. shape: of what is nested. by_url: {url: Shape} of extensions.
    """

    kind: str
    maps: tuple = ()
    codes: frozenset = frozenset()
    shape: "Shape | None" = None
    by_url: dict | None = None


class Shape(NamedTuple):
    """The elements of a type that are told: {name: Rule}. required: of each element that must be there, its names."""

    elements: dict[str, Rule]
    required: tuple[frozenset[str], ...]


class Rules(NamedTuple):
    """What may be told.

    types: {resource type: Shape}. systems: {code system: pattern of its codes}. several: the types of which a resource
    may have several identifiers.
    """

    types: dict[str, Shape]
    systems: dict[str, re.Pattern]
    units: frozenset[str]
    countries: frozenset[str]
    several: frozenset[str]


def load_rules(definitions, concept_maps):
    """The Rules of this package. Raises ContentError for an element, a kind or a map that there is not."""
    return compile_rules(orjson.loads(files(__package__).joinpath(FILE).read_bytes()), definitions, concept_maps)


def compile_rules(raw, definitions, concept_maps):
    """The Rules of a dict as deidentification.json holds it. Raises ContentError."""
    compiler = _Compiler(definitions, concept_maps)
    return Rules(
        {name: compiler.shape(name, told, name) for name, told in raw["types"].items()},
        {system: re.compile(pattern) for system, pattern in raw["systems"].items()},
        frozenset(raw["units"].split()),
        frozenset(raw["countries"].split()),
        frozenset(name for name in raw["types"] if definitions.types[name].elements["identifier"].max is None),
    )


class _Compiler:
    def __init__(self, definitions, concept_maps):
        self._types, self._value_sets = definitions.types, definitions.value_sets
        self._concept_maps = concept_maps

    def shape(self, type, told, where):
        """The Shape of a type of which the elements {name: how} are told."""
        if type not in self._types:
            raise ContentError(FILE, where, "is no type that has elements")
        rules = {name: self._rule(type, name, how, f"{where}.{name}") for name, how in told.items()}
        required = [
            frozenset(_choices(element) if element.choice else [element.name])
            for element in self._types[type].elements.values()
            if element.min and type != "Extension"
        ]
        return Shape(rules, tuple(required))

    def _rule(self, type, name, how, where):
        element, type_name = self._find(type, name, where)
        if name == EXTENSIONS:
            by_url = {url: self.shape("Extension", values, f"{where}({url})") for url, values in how.items()}
            return Rule(EXTENSIONS, by_url=by_url)
        if isinstance(how, dict):
            return Rule(NESTED, shape=self.shape(type_name, how, where))
        kind, *maps = how.split()
        if type_name not in KINDS.get(kind, ()):
            raise ContentError(FILE, where, f"a {type_name} is not told as '{kind}'; known are {', '.join(KINDS)}")
        if kind == "code" and element.binding is None:
            raise ContentError(FILE, where, "has no codes that R4 requires, so that it could hold anything")
        unknown = [name for name in maps if MAPS + name not in self._concept_maps]
        if unknown:
            raise ContentError(FILE, where, f"the ConceptMap {MAPS}{unknown[0]} is not held")
        codes = frozenset(code for _, code in self._value_sets[element.binding]) if kind == "code" else frozenset()
        return Rule(kind, tuple(self._concept_maps[MAPS + name] for name in maps), codes)

    def _find(self, type, name, where):
        """(Element, type name) of a member of a JSON object."""
        for element in self._types[type].elements.values():
            if element.choice and name in (choices := _choices(element)):
                return element, choices[name]
            if element.name == name and not element.choice:
                return element, element.types[0]
        raise ContentError(FILE, where, f"is no element of {type}")


def _choices(element):
    """{member of a JSON object: type name} of an element such as value[x]."""
    return {element.name + name[0].upper() + name[1:]: name for name in element.types}
