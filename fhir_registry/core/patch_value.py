"""What an operation of a FHIRPath Patch says, and the value that it brings (https://hl7.org/fhir/R4/fhirpatch.html)."""

from copy import deepcopy
from typing import NamedTuple

from ..fhir.errors import error
from ..fhir.fhirpath_nodes import member_key, read_pairs, write_pairs

_PARTS = {
    "add": ("path", "name", "value"),
    "insert": ("path", "index", "value"),
    "delete": ("path",),
    "replace": ("path", "value"),
    "move": ("path", "source", "destination"),
}
_NUMBERS = ("index", "source", "destination")
# Parameters cannot hold xhtml, and who writes a day where a dateTime stands means the day.
_STANDS_FOR = {("string", "xhtml"), ("date", "dateTime")}


class Operation(NamedTuple):
    """One operation: of these parts those that its type has. value: the part that holds it; where: its location."""

    where: str
    type: str
    path: str
    name: str | None = None
    value: dict | None = None
    index: int | None = None
    source: int | None = None
    destination: int | None = None


def read_operation(parameter, where):
    """The Operation of a Parameters.parameter (dict, valid). Raises malformed for missing and unknown parts."""
    if parameter["name"] != "operation":
        raise error("malformed", "value", f"a patch has parameters 'operation', not '{parameter['name']}'", where)
    parts = {}
    for part in parameter.get("part", ()):
        if part["name"] in parts:
            raise error("malformed", "invalid", f"'{part['name']}' occurs twice", where)
        parts[part["name"]] = part
    type_ = _scalar(parts.pop("type", {}), "type", where)
    if type_ not in _PARTS:
        raise error("malformed", "value", f"type is one of {', '.join(_PARTS)}, not '{type_}'", where)
    needed = _PARTS[type_]
    for name in sorted(parts.keys() ^ set(needed)):
        text = f"{type_} needs '{name}'" if name in needed else f"'{name}' is not known in {type_}"
        raise error("malformed", "required" if name in needed else "structure", text, where)
    read = {name: part if name == "value" else _scalar(part, name, where) for name, part in parts.items()}
    return Operation(where, type_, **read)


def _scalar(part, name, where):
    kind = int if name in _NUMBERS else str
    values = [value for key, value in part.items() if key.startswith("value") and type(value) is kind]
    if not values:
        wanted = "whole number" if kind is int else "string"
        raise error("malformed", "required", f"it needs '{name}', a {wanted}", where)
    return values[0].removesuffix("[x]") if name == "name" else values[0]


def read_value(operation, definition, definitions):
    """(name of the type, JSON value, `_name` sibling or None) that an operation brings for an element.

    definition: the Element. Raises unprocessable when the value is of a type that the element cannot have.
    """
    return _read(operation.value, definition, definitions, operation.where)


def _read(part, definition, definitions, where):
    if "part" in part:
        return _assemble(part["part"], definition, definitions, where)
    if "resource" in part:
        given, value, sibling = part["resource"]["resourceType"], part["resource"], None
    else:
        key = next((key.removeprefix("_") for key in part if key.removeprefix("_").startswith("value")), None)
        if key is None:
            raise error("malformed", "required", "a value is a value[x], a resource or has parts", where)
        given, value, sibling = _type_named(key[5:], definitions), part.get(key), part.get("_" + key)
    type_ = next((type_ for type_ in definition.types if _fits(given, type_, definition, definitions)), None)
    if type_ is None:
        wanted = " or ".join(definition.types)
        raise error("unprocessable", "value", f"'{definition.name}' takes {wanted}, not {given}", where)
    return type_, deepcopy(value), deepcopy(sibling)


def _type_named(suffix, definitions):
    """`Quantity`, `DateTime` -> the type's name."""
    return suffix if suffix in definitions.types else suffix[0].lower() + suffix[1:]


def _fits(given, type_, definition, definitions):
    """Whether a value of the type `given` is one of `type_`; a choice is not to be guessed."""
    if given == type_ or definition.choice:
        return given == type_
    if (given, type_) in _STANDS_FOR:
        return True
    base = definitions.types[given].base
    while base not in (None, type_):
        base = definitions.types[base].base
    return base == type_


def _assemble(parts, definition, definitions, where):
    """A value of a type that value[x] cannot have, as that of a backbone element, from one part for each member."""
    type_ = definition.types[0]
    if definition.choice or definitions.types[type_].kind == "primitive-type" or type_ == "Resource":
        raise error("unprocessable", "value", f"'{definition.name}' takes a value[x], not parts", where)
    value = {}
    for part in parts:
        name = part["name"].removesuffix("[x]")
        member = definitions.types[type_].elements.get(name)
        if member is None:
            raise error("unprocessable", "value", f"{type_} has no element '{name}'", where)
        part_type, item, sibling = _read(part, member, definitions, where)
        key = member_key(member, part_type)
        pairs = [*read_pairs(value, key), [item, sibling]]
        if member.max == 1 and len(pairs) > 1:
            raise error("unprocessable", "value", f"'{name}' occurs twice", where)
        write_pairs(value, key, pairs, member)
    return type_, value, None
