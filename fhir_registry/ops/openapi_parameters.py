"""The parameters and headers of the OpenAPI document (https://spec.openapis.org/oas/v3.1.1.html#parameter-object)."""

_PREFIX = "(eq|ne|gt|lt|ge|le|sa|eb|ap)?"
_NUMBER = r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?"
_DAY = "[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?"
_ID = "[A-Za-z0-9.-]{1,64}"
_PLAIN = r"[^|,$\\]+"
_FLAG = {"enum": ["true", "false"]}
_TEXT = {"type": "string"}
_DAY_VALUE = {"type": "string", "pattern": f"^{_DAY}$"}
_INSTANT = {"type": "string", "format": "date-time"}
_COUNT = {"type": "integer", "minimum": 0}
# Search parameter type -> JSON Schema of one value, without alternatives and escapes.
_VALUES = {
    "string": _TEXT,
    "token": {"type": "string", "pattern": rf"^({_PLAIN}\|)?{_PLAIN}$"},
    "date": {"type": "string", "pattern": f"^{_PREFIX}{_DAY}$"},
    "number": {"type": "string", "pattern": f"^{_PREFIX}{_NUMBER}$"},
    "quantity": {"type": "string", "pattern": rf"^{_PREFIX}{_NUMBER}(\|({_PLAIN})?\|{_PLAIN})?$"},
    "reference": {"type": "string", "pattern": f"^{_ID}$"},
    "uri": {"type": "string", "format": "uri"},
    "composite": {"type": "string", "pattern": rf"^{_PLAIN}\${_PLAIN}$"},
}
# Type of an operation's parameter -> JSON Schema; others are strings.
_ARGUMENTS = {"date": _DAY_VALUE, "instant": _INSTANT, "integer": _COUNT}

SHAPE = {"_format": {"enum": ["json", "xml"]}, "_pretty": _FLAG}
SUBSET = {"_summary": {"enum": ["true", "text", "data", "false"]}, "_elements": _TEXT}
HISTORY = {"_since": _INSTANT, "_at": _DAY_VALUE, "_count": _COUNT, "_cursor": _TEXT}
SEARCH = {
    "_count": _COUNT,
    "_sort": _TEXT,
    "_total": {"enum": ["none", "estimate", "accurate"]},
    "_summary": {"enum": ["true", "text", "data", "count", "false"]},
    "_elements": _TEXT,
    "_include": _TEXT,
    "_revinclude": _TEXT,
    "_list": _TEXT,
    "_explain": _FLAG,
    "_cursor": _TEXT,
}
_TAG = {"type": "string", "pattern": '^W/"[1-9][0-9]{0,8}"$'}
_PROVENANCE = {"type": "string", "contentMediaType": "application/fhir+json"}
_RETURN = ("return=minimal", "return=representation", "return=OperationOutcome")
_HEADERS = {
    "If-Match": _TAG,
    "If-None-Match": _TAG,
    "If-None-Exist": _TEXT,
    "If-Modified-Since": _TEXT,
    "Prefer": {"enum": [*_RETURN, "handling=lenient", "respond-async"]},
    "X-Provenance": _PROVENANCE | {"description": "A Provenance without target: it is of all that the request writes"},
    "X-Request-Id": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
}
_PATH = {"id": {"type": "string", "pattern": f"^{_ID}$"}, "version": {"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}}


def shared_parameters():
    """{`group.name`: Parameter Object} of those that are no search parameters; group: path, header, query or search."""
    # Any search parameters of the type; an exploded object has each of its members as a parameter.
    criteria = {"type": "object", "minProperties": 1, "additionalProperties": _TEXT}
    groups = {
        "path": _PATH,
        "header": _HEADERS,
        "query": {"mode": {"enum": ["full", "terminology"]}, "criteria": criteria, **SHAPE, **SUBSET, **HISTORY},
        "search": {"_type": _TEXT, **SEARCH},
    }
    return {
        f"{group}.{name}": {"name": name, "in": "query" if group == "search" else group, "schema": schema}
        | ({"required": True} if group == "path" else {})
        for group, schemas in groups.items()
        for name, schema in schemas.items()
    }


def search_parameter(param, shared):
    """The reference to a search parameter, which is put into `shared` when it is not there.

    param: an entry of CapabilityStatement.rest.resource.searchParam. Those of one name and type are one.
    """
    key = f"{param['type']}.{param['name']}"
    if key not in shared:
        # Repeated it means AND, as Search says; commas inside mean OR and do not divide the value.
        items = _VALUES[param["type"]]
        shared[key] = {"name": param["name"], "in": "query", "schema": {"type": "array", "items": items}}
    return refer("parameters", key)


def operation_parameter(parameter):
    """The Parameter Object of an entry of OperationDefinition.parameter."""
    return {
        "name": parameter["name"],
        "in": "query",
        "required": parameter["min"] > 0,
        "description": parameter["documentation"],
        "schema": _ARGUMENTS.get(parameter["type"], _TEXT),
    }


def refer(kind, name):
    """A Reference Object."""
    return {"$ref": f"#/components/{kind}/{name}"}
