"""Whom a resource names, and a resource that names somebody no more (https://hl7.org/fhir/R4/references.html)."""

from typing import NamedTuple

from ..fhir.references import split_reference

# Of these the identifiers are those of a human, so that one with those of a patient is the patient.
PERSONS = frozenset({"Patient", "Person", "RelatedPerson"})
# Stands where a name stood (https://hl7.org/fhir/extensions/StructureDefinition-data-absent-reason.html).
MASKED = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}


class Named(NamedTuple):
    """references: {(base or None, type, id)}. identifiers: {(system, value)} of PERSONS, and of references by them."""

    references: set
    identifiers: set


def named(resource):
    """Named of a resource and all that it contains."""
    found = Named(set(), set())
    _collect(resource, found)
    return found


def own_identifiers(person):
    """{(system, value)} of one of PERSONS itself, not of whom it refers to."""
    return named({name: person[name] for name in ("resourceType", "identifier") if name in person}).identifiers


def _collect(node, found):
    # Of a Reference or an entry of a Bundle; of the response and the request of such an entry.
    place = (
        node.get("reference") or node.get("fullUrl") or node.get("location") or ("method" in node and node.get("url"))
    )
    held = node.get("resource")
    if type(place) is str and (parts := split_reference(place.partition("#")[0])):
        found.references.add(parts)
    elif type(held) is dict and "resourceType" in held and "id" in held:
        found.references.add((None, held["resourceType"], held["id"]))  # an entry whose URL does not say what it is
    identifiers = node.get("identifier")
    if type(identifiers) is list and node.get("resourceType") not in PERSONS:
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

    Of a list the members go that name one (of members of a list, of a group, of the targets of a Provenance, of what is
    contained); elsewhere the reference is MASKED. The narrative goes, which may say the same in words.
    """
    left = {name: value for name, value in resource.items() if name != "text"}
    return _without(left, _Gone(is_gone, resource.get("contained", ())))


class _Gone:
    """What goes: what names one of them, and what refers to something contained that does."""

    def __init__(self, is_gone, contained):
        self._is_gone, self._contained = is_gone, frozenset()
        self._contained = {f"#{each.get('id')}" for each in contained if self.takes(each)}

    def tells(self, node):
        """Whether an object itself, not what is in it, names one of them."""
        if node.get("reference") in self._contained:
            return True
        own = {name: node[name] for name in _NAMING if type(node.get(name)) in (str, dict, list)}
        return bool(own) and self._is_gone(named(own))

    def takes(self, item):
        """Whether a member of a list names one of them: itself, by an element, or as the resource of an entry."""
        held = item.get("resource")
        whole = type(held) is dict and "resourceType" in held and self._is_gone(named(item))
        return whole or any(self.tells(each) for each in (item, *item.values()) if type(each) is dict)


# Members by which an object names somebody, and those that say what they mean.
_NAMING = ("reference", "fullUrl", "identifier", "resourceType", "location", "url", "method")


def _without(node, gone):
    left = {}
    for name, value in node.items():
        if type(value) is dict:
            value = MASKED if gone.tells(value) else _without(value, gone)
        elif type(value) is list and any(type(item) is dict for item in value):
            if name == "identifier":  # of somebody else, who has, or had, the same one
                value = [each for each in value if not gone.tells({"identifier": each})]
            value = _members(value, gone)
            if not value:
                continue
        left[name] = value
    return left


def _members(items, gone):
    """The members of a list that stay; one that is masked where they all were references."""
    kept = (item for item in items if type(item) is not dict or not gone.takes(item))
    stay = [_without(item, gone) if type(item) is dict else item for item in kept]
    masked = any(type(item) is dict and gone.tells(item) and "resourceType" not in item for item in items)
    return stay or ([MASKED] if masked else [])
