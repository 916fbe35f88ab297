"""Whom a resource names, and a resource that names somebody no more (https://hl7.org/fhir/R4/references.html)."""

from typing import NamedTuple

from ..fhir.references import split_reference

# Stands where a name stood (https://hl7.org/fhir/extensions/StructureDefinition-data-absent-reason.html).
MASKED = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}


class Named(NamedTuple):
    """references: {(base or None, type, id)}. identifiers: {(system, value)} of Patients, and of references by them."""

    references: set
    identifiers: set


def named(resource):
    """Named of a resource and all that it contains."""
    found = Named(set(), set())
    _collect(resource, found)
    return found


def _collect(node, found):
    place = node.get("reference") or node.get("fullUrl")  # of a Reference, of an entry of a Bundle
    if type(place) is str and (parts := split_reference(place.partition("#")[0])):
        found.references.add(parts)
    identifiers = node.get("identifier")
    if type(identifiers) is list and node.get("resourceType") != "Patient":
        identifiers = None  # those of a record are its own
    for each in identifiers if type(identifiers) is list else [identifiers]:
        if type(each) is dict and type(each.get("value")) is str:
            found.identifiers.add((each.get("system") or "", each["value"]))
    for value in node.values():
        for item in value if type(value) is list else (value,):
            if type(item) is dict:
                _collect(item, found)


def without(resource, is_gone):
    """A copy of a resource without what names somebody. is_gone: function of a Named, whether it names one of them.

    Of a list the members go that name one (of members of a list, of a group, of the targets of a Provenance); elsewhere
    the reference is MASKED. The narrative goes, which may say the same in words.
    """
    return _without({name: value for name, value in resource.items() if name != "text"}, is_gone)


def _without(node, is_gone):
    left = {}
    for name, value in node.items():
        if type(value) is dict:
            value = MASKED if _tells(value, is_gone) else _without(value, is_gone)
        elif type(value) is list and any(type(item) is dict for item in value):
            value = _members(value, is_gone)
            if not value:
                continue
        left[name] = value
    return left


def _members(items, is_gone):
    """The members of a list that stay; one that is masked where they all were references."""
    kept = (item for item in items if type(item) is not dict or not _goes(item, is_gone))
    stay = [_without(item, is_gone) if type(item) is dict else item for item in kept]
    masked = any(type(item) is dict and _tells(item, is_gone) for item in items)
    return stay or ([MASKED] if masked else [])


def _goes(item, is_gone):
    """Whether a member of a list names one of them: itself, by an element, or as the resource of an entry."""
    entry = item.get("resource")
    whole = type(entry) is dict and "resourceType" in entry and is_gone(named(entry))
    return whole or any(_tells(each, is_gone) for each in (item, *item.values()) if type(each) is dict)


def _tells(node, is_gone):
    """Whether an object itself, not what is in it, names one of them."""
    own = {name: node[name] for name in ("reference", "fullUrl", "identifier") if type(node.get(name)) in (str, dict)}
    return bool(own) and is_gone(named(own))
