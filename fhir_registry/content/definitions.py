"""The R4 base definitions, read once from r4.json.gz (https://hl7.org/fhir/R4/structuredefinition.html)."""

import gzip
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import orjson


class Constraint(NamedTuple):
    """An invariant of the standard; `expression` is FHIRPath."""

    key: str
    severity: str  # error | warning
    human: str
    expression: str | None


class Element(NamedTuple):
    """One element of a type.

    types: type names; a backbone element's type is its own path, a content reference the path that it names.
    max: None for `*`. targets: resource types a Reference may name, () for any.
    binding: canonical of a required binding, None when the value set is not held.
    choice: True for `value[x]`, whose `name` is `value`. summary: whether it stands in a summary.
    """

    name: str
    min: int
    max: int | None
    types: tuple[str, ...]
    targets: tuple[str, ...]
    binding: str | None
    choice: bool
    constraints: tuple[Constraint, ...]
    summary: bool


class TypeDef(NamedTuple):
    """A type: `Patient`, `Patient.contact`, `HumanName`, `string`; `elements` holds the inherited ones too."""

    name: str
    base: str | None
    kind: str  # resource | complex-type | primitive-type | backbone
    abstract: bool
    elements: dict[str, Element]
    constraints: tuple[Constraint, ...]


class Definitions(NamedTuple):
    """What the standard defines; see docs/architecture.md.

    value_sets: canonical -> frozenset of (system, code), the HL7-owned sets of required bindings.
    search_parameters: SearchParameter dicts with url, code, type, base, expression, target, component.
    compartments: type that a compartment is of -> resource type in it -> codes of the search parameters that lead
    there; `_id` where the resource is that one itself.
    """

    version: str
    types: dict[str, TypeDef]
    value_sets: dict[str, frozenset[tuple[str, str]]]
    search_parameters: list[dict]
    resource_types: frozenset[str]
    compartments: dict[str, dict[str, tuple[str, ...]]]


@cache
def load_definitions():
    """The one Definitions of this process; takes some tens of milliseconds the first time."""
    raw = orjson.loads(gzip.decompress(files(__package__).joinpath("r4.json.gz").read_bytes()))
    constraints = [Constraint(*row) for row in raw["constraints"]]
    value_sets = {
        url: frozenset((system, code) for system, codes in systems.items() for code in codes)
        for url, systems in raw["value_sets"].items()
    }
    types = {}

    def resolve(name):
        if name not in types:
            base, kind, abstract, numbers, own = raw["types"][name]
            elements = dict(resolve(base).elements) if base else {}
            for element, (low, high, element_types, targets, binding, choice, keys, summary) in own.items():
                elements[element] = Element(
                    element,
                    low,
                    high,
                    tuple(element_types),
                    tuple(targets),
                    binding if binding in value_sets else None,
                    choice,
                    tuple(constraints[k] for k in keys),
                    bool(summary),
                )
            types[name] = TypeDef(name, base, kind, abstract, elements, tuple(constraints[n] for n in numbers))
        return types[name]

    for name in raw["types"]:
        resolve(name)
    return Definitions(
        raw["version"],
        types,
        value_sets,
        raw["search_parameters"],
        frozenset(t.name for t in types.values() if t.kind == "resource" and not t.abstract),
        {
            name: {member: tuple(codes) for member, codes in members.items()}
            for name, members in raw["compartments"].items()
        },
    )
