"""Parts of a resource: `_summary` and `_elements` (https://hl7.org/fhir/R4/search.html#summary)."""

from typing import NamedTuple

from ..fhir.errors import bad_parameter

SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
SUMMARIES = ("true", "text", "data", "false")
# What says how all else is to be understood stays, whatever is left out.
_ALWAYS = frozenset({"id", "meta", "implicitRules", "modifierExtension"})


class Subset(NamedTuple):
    """What is wanted of a resource. summary: of SUMMARIES, "" for all. elements: names, () for all; never both."""

    summary: str = ""
    elements: tuple[str, ...] = ()

    def __bool__(self):
        return self.summary not in ("", "false") or bool(self.elements)


def parse_subset(pairs, types, definitions):
    """The Subset that (name, value) pairs ask for; types: of which the resources may be, () for all.

    An empty parameter is as if it was not there. Raises bad-request for any other parameter, and for the name of what
    is no element.
    """
    given = {}
    for name, value in pairs:
        if name not in ("_summary", "_elements"):
            raise bad_parameter(name, "not-supported", f"The parameter '{name}' is not supported here")
        if value and name in given:
            raise bad_parameter(name, "invalid", f"'{name}' may be given once only")
        if value:
            given[name] = value
    summary = given.get("_summary", "")
    if summary and summary not in SUMMARIES:
        raise bad_parameter("_summary", "not-supported", f"_summary must be one of {', '.join(SUMMARIES)}")
    elements, unknown = parse_elements(given.get("_elements", ""), types, definitions)
    if unknown:
        owner = " or ".join(types) or "any type"
        raise bad_parameter("_elements", "not-supported", f"_elements: '{unknown[0]}' is no element of {owner}")
    if elements and summary not in ("", "false"):
        raise bad_parameter("_elements", "invalid", "_elements and _summary cannot be asked for together")
    return Subset(summary, elements)


def parse_elements(literal, types, definitions):
    """(names of elements that one of the types has, other names) of a list such as `id,name,Patient.gender`.

    types: names of resource types, () for every type. A name may have its type in front, and holds for that type only.
    """
    types = types or definitions.resource_types
    known, unknown = [], []
    for name in filter(None, literal.split(",")):
        owner, _, element = name.rpartition(".")
        owners = {owner} & set(types) if owner else types
        found = any(element in definitions.types[type_name].elements for type_name in owners)
        (known if found else unknown).append(name)
    return tuple(known), tuple(unknown)


def subset(resource, definitions, summary=None, elements=()):
    """A copy of a valid resource (dict) with what is wanted of it, tagged SUBSETTED; itself when all is wanted.

    summary: `true` keeps the elements that the standard marks, `text` only the narrative, `data` all but the narrative.
    elements: names as parse_elements gives them. Mandatory elements, `id`, `meta`, `implicitRules` and
    `modifierExtension` are always kept.
    """
    if not Subset(summary or "", elements):
        return resource
    name = resource["resourceType"]
    if summary == "true":
        kept = _summarize(resource, definitions.types[name], definitions)
    elif summary == "data":
        kept = {key: value for key, value in resource.items() if key != "text"}
    else:
        wanted = {"text"} if summary == "text" else {e.removeprefix(f"{name}.") for e in elements}
        kept = {key: value for key, value in resource.items() if _is_kept(key, definitions.types[name], wanted)}
    meta = kept.get("meta", {})
    tags = [tag for tag in meta.get("tag", ()) if not _is_mark(tag)]
    return kept | {"meta": meta | {"tag": [*tags, SUBSETTED]}}


def is_subset(resource):
    """Whether a resource (dict, valid) says of itself that it is not whole."""
    return any(_is_mark(tag) for tag in resource.get("meta", {}).get("tag", ()))


def _is_mark(tag):
    return tag.items() >= SUBSETTED.items()


def _is_kept(key, type_def, wanted):
    if key == "resourceType":
        return True
    element, _ = _find_element(type_def, key)
    return element.name in wanted or element.name in _ALWAYS or element.min > 0


def _summarize(value, type_def, definitions):
    """The members of an object that stand in a summary; all of them where none would be left, which is not valid."""
    kept = {}
    for key, member in value.items():
        if key == "resourceType":
            kept[key] = member
            continue
        element, type_name = _find_element(type_def, key)
        if not (element.summary or element.min or element.name == "modifierExtension"):
            continue
        if isinstance(member, list):
            kept[key] = [_summarize_member(item, type_name, definitions) for item in member]
        else:
            kept[key] = _summarize_member(member, type_name, definitions)
    return kept or value


def _summarize_member(member, type_name, definitions):
    if not isinstance(member, dict) or type_name == "Extension":
        return member
    type_def = definitions.types[member["resourceType"] if type_name == "Resource" else type_name]
    # What stands beside a primitive value belongs to it.
    return member if type_def.kind == "primitive-type" else _summarize(member, type_def, definitions)


def _find_element(type_def, key):
    """(Element, name of its type) of a name in JSON: `valueString` and `_valueString` are of the choice `value`."""
    name = key.removeprefix("_")
    element = type_def.elements.get(name)
    if element:
        return element, element.types[0]
    return next(
        (element, type_name)
        for element in type_def.elements.values()
        if element.choice
        for type_name in element.types
        if name == element.name + type_name[0].upper() + type_name[1:]
    )
