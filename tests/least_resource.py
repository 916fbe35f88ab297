"""The least valid resource of every R4 type, made from the definitions (https://hl7.org/fhir/R4/conformance-rules.html)."""

_PRIMITIVES = {
    "boolean": True,
    "integer": 1,
    "positiveInt": 1,
    "unsignedInt": 1,
    "decimal": 1,
    "date": "2020-01-01",
    "dateTime": "2020-01-01",
    "instant": "2020-01-01T00:00:00Z",
    "time": "10:00:00",
    "base64Binary": "YQ==",
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml">a</div>',
    "oid": "urn:oid:1.2.3",
    "uuid": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
}
# Invariants ait-1 and org-1.
_ASKED_FOR = {
    "AllergyIntolerance": {
        "clinicalStatus": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}
            ]
        }
    },
    "Organization": {"name": "a"},
}
_URIS = ("uri", "url", "canonical")


def least_resource(definitions, type):
    """A resource (dict) of this type with its mandatory elements, and with what its invariants ask for besides.

    definitions: those of the server, used for the names, types and cardinalities of elements only.
    """
    return {"resourceType": type} | _members(definitions, type) | _ASKED_FOR.get(type, {})


def _members(definitions, type):
    members = {}
    for element in definitions.types[type].elements.values():
        if element.min:
            kind = element.types[0]
            name = element.name + kind[0].upper() + kind[1:] if element.choice else element.name
            value = _value(definitions, element, kind)
            members[name] = value if element.max == 1 else [value] * element.min
    return members or {"extension": [{"url": "http://a.example/x", "valueBoolean": True}]}


def _value(definitions, element, kind):
    if kind in _PRIMITIVES:
        return _PRIMITIVES[kind]
    if kind in _URIS:
        return "http://a.example/x"
    if kind == "code":
        return min((code for _, code in definitions.value_sets.get(element.binding, ())), default="x")
    if kind == "Reference":
        return {"reference": f"{(*element.targets, 'Patient')[0]}/a"}
    if kind in ("string", "markdown", "id"):
        return "a"
    return _members(definitions, kind)
