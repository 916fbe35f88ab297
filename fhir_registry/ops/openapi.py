"""The interface as an OpenAPI 3.1 document, from the CapabilityStatement (https://spec.openapis.org/oas/v3.1.1.html)."""

from .audit import RESULTS as AUDIT_RESULTS
from .capability import ASYNCHRONOUS, PATCH_FORMATS, capability, operations_of
from .openapi_parameters import (
    HISTORY,
    SEARCH,
    SHAPE,
    SUBSET,
    operation_parameter,
    refer,
    search_parameter,
    shared_parameters,
)

_FHIR_MEDIA = ("application/fhir+json", "application/fhir+xml")
_FORM = "application/x-www-form-urlencoded"
_ERRORS = {"4XX": "Error", "503": "Error"}


def openapi(reg, base, oauth_uris=None):
    """The OpenAPI document (dict) of a registry under the given base URL.

    In it is what the CapabilityStatement advertises, and what the OperationDefinitions of the content describe.
    """
    statement = capability(reg, base, oauth_uris)
    rest = statement["rest"][0]
    types = [resource["type"] for resource in rest["resource"]]
    parameters = shared_parameters()
    paths = _system_paths(rest, parameters)
    for definition in operations_of(reg.content):
        paths |= _system_operation_path(definition)
    for resource in rest["resource"]:
        paths |= (_type_paths if resource["type"] in reg.types else _audit_paths)(resource, parameters)
        for definition in operations_of(reg.content, resource["type"]):
            paths |= _operation_path(resource["type"], definition)
    for canonical in rest["compartment"]:
        name = canonical.rpartition("/")[2]
        paths |= _compartment_paths(name[0].upper() + name[1:], sorted(reg.types))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": statement["software"]["name"],
            "version": statement["software"]["version"],
            "description": f"FHIR R4 (4.0.1). {rest['documentation']} {rest['security']['description']}",
        },
        "servers": [{"url": base}],
        "tags": [{"name": name} for name in ("system", *types)],
        "paths": paths,
        "security": [{} if oauth_uris is None else {"token": []}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "parameters": parameters,
            "schemas": _schemas(types),
            "responses": _responses(types),
            "requestBodies": _bodies(types),
        },
    }


# --- paths ------------------------------------------------------------------------------------------


def _system_paths(rest, parameters):
    common = [search_parameter(param, parameters) for param in rest["searchParam"]]
    prefer, said = _named("header", "Prefer"), _named("header", "X-Provenance")
    search = [*common, *_named("search", "_type", *SEARCH), *_named("query", *SHAPE), *prefer]
    described = [*_named("query", "mode", *SUBSET, *SHAPE), *_named("header", "If-None-Match")]
    statement = {"200": "CapabilityStatement", "304": "NotModified"}
    return {
        "/": {
            "get": _do("system", "search-system", search, {"200": "Bundle"}),
            "post": _do("system", "transaction", [*prefer, *said], {"200": "Bundle"}, "Bundle"),
        },
        "/_search": {"post": _do("system", "search-system-post", prefer, {"200": "Bundle"}, "Form")},
        "/_history": {
            "get": _do("system", "history-system", _named("query", *HISTORY, *SUBSET, *SHAPE), {"200": "Bundle"})
        },
        "/$job/{id}": {
            "get": _do("system", "job", _named("path", "id"), {"200": "Job", "202": "Accepted"}),
            "delete": _do("system", "job-cancel", _named("path", "id"), {"202": "Accepted"}),
        },
        "/$job/{id}/errors": {"get": _do("system", "job-errors", _named("path", "id"), {"200": "Lines"})},
        "/metadata": {"get": _do("system", "capabilities", described, statement)},
        "/openapi.json": {
            "get": _do("system", "openapi", _named("header", "If-None-Match"), {"200": "OpenApi", "304": "NotModified"})
        },
        "/.well-known/smart-configuration": {"get": _do("system", "smart-configuration", [], {"200": "Smart"})},
    }


def _type_paths(resource, parameters):
    type = resource["type"]
    search = [search_parameter(param, parameters) for param in resource["searchParam"]]
    id, version, shape = _named("path", "id"), _named("path", "version"), _named("query", *SHAPE)
    known = [*_named("query", *SUBSET), *shape, *_named("header", "If-None-Match", "If-Modified-Since")]
    prefer, said = _named("header", "Prefer"), _named("header", "X-Provenance")
    write = [*shape, *prefer, *said]
    match, none_match = _named("header", "If-Match"), _named("header", "If-None-Match")
    criteria = _named("query", "criteria")
    history = {"get": ("history", _named("query", *HISTORY, *SUBSET, *SHAPE), {"200": "Bundle"})}
    read = {"200": type, "304": "NotModified"}
    created, changed, deleted = {"201": type, "200": type}, {"200": type}, {"204": "NoContent"}
    paths = {
        f"/{type}": {
            "get": ("search", [*search, *_named("search", *SEARCH), *shape, *prefer], {"200": "Bundle"}),
            "post": ("create", [*write, *_named("header", "If-None-Exist")], created, type),
            "put": ("conditional-update", [*criteria, *write, *match, *none_match], created, type),
            "patch": ("conditional-patch", [*criteria, *write, *match], changed, "Patch"),
            "delete": ("conditional-delete", [*criteria, *match, *said], deleted),
        },
        f"/{type}/_search": {"post": ("search-post", prefer, {"200": "Bundle"}, "Form")},
        f"/{type}/_history": history,
        f"/{type}/{{id}}": {
            "get": ("read", [*id, *known], read),
            "put": ("update", [*id, *write, *match, *none_match], created, type),
            "patch": ("patch", [*id, *write, *match], changed, "Patch"),
            "delete": ("delete", [*id, *match, *said], deleted),
        },
        f"/{type}/{{id}}/_history": {"get": ("history-instance", [*id, *history["get"][1]], {"200": "Bundle"})},
        f"/{type}/{{id}}/_history/{{version}}": {"get": ("vread", [*id, *version, *known], read)},
    }
    return {
        path: {verb: _do(type, f"{type}-{name}", *rest) for verb, (name, *rest) in verbs.items()}
        for path, verbs in paths.items()
    }


def _audit_paths(resource, parameters):
    """Of what the server makes itself: nobody writes it, and a search knows little beside its criteria."""
    type, shape = resource["type"], _named("query", *SHAPE)
    search = [search_parameter(param, parameters) for param in resource["searchParam"]]
    search += [*_named("search", *AUDIT_RESULTS, "_cursor"), *shape]
    id, version, found = _named("path", "id"), _named("path", "version"), {"200": "Bundle"}
    return {
        f"/{type}": {"get": _do(type, f"{type}-search", search, found)},
        f"/{type}/_search": {"post": _do(type, f"{type}-search-post", [], found, "Form")},
        f"/{type}/{{id}}": {"get": _do(type, f"{type}-read", [*id, *shape], {"200": type})},
        f"/{type}/{{id}}/_history/{{version}}": {
            "get": _do(type, f"{type}-vread", [*id, *version, *shape], {"200": type})
        },
    }


def _compartment_paths(name, types):
    id = _named("path", "id")
    type = {"name": "type", "in": "path", "required": True, "schema": {"enum": [*types, "*"]}}
    prefer, found = _named("header", "Prefer"), {"200": "Bundle"}
    search = [*id, type, *_named("search", "_type", *SEARCH), *_named("query", *SHAPE), *prefer]
    form, every = [*id, type, *prefer], [*id, *prefer]
    return {
        f"/{name}/{{id}}/{{type}}": {"get": _do(name, f"{name}-compartment", search, found)},
        f"/{name}/{{id}}/{{type}}/_search": {"post": _do(name, f"{name}-compartment-post", form, found, "Form")},
        f"/{name}/{{id}}/_search": {"post": _do(name, f"{name}-compartment-post-all", every, found, "Form")},
    }


def _operation_path(type, definition):
    id = _named("path", "id")
    accepted = [operation_parameter(p) for p in definition["parameter"] if p["use"] == "in"]
    (returned,) = (p["type"] for p in definition["parameter"] if p["use"] == "out")
    name, answer = f"{type}-{definition['code']}", {"200": "File" if returned == "Binary" else returned}
    if definition["code"] in ASYNCHRONOUS:
        id, answer = [*id, *_named("header", "Prefer")], answer | {"202": "Accepted"}
    told = {"description": definition["description"]}
    post = _do(type, f"{name}-post", id, answer, "Arguments")
    if definition["affectsState"]:
        return {f"/{type}/{{id}}/${definition['code']}": {"post": post | told}}
    get = _do(type, name, [*id, *accepted], answer) | told
    return {f"/{type}/{{id}}/${definition['code']}": {"get": get, "post": post}}


def _system_operation_path(definition):
    """Such an operation is asynchronous and has a body."""
    post = _do("system", definition["code"], _named("header", "Prefer", "X-Provenance"), {"202": "Accepted"}, "Many")
    return {f"/${definition['code']}": {"post": post | {"description": definition["description"]}}}


def _do(tag, id, parameters, responses, body=None):
    """An Operation Object. responses: {status: name of a shared one}; body: name of a shared one.

    parameters: but the header that every request may have.
    """
    operation = {
        "tags": [tag],
        "operationId": id,
        "parameters": [*parameters, *_named("header", "X-Request-Id")],
        "responses": {status: refer("responses", name) for status, name in (responses | _ERRORS).items()},
    }
    if body:
        operation["requestBody"] = refer("requestBodies", body)
    return operation


def _named(place, *names):
    return [refer("parameters", f"{place}.{name}") for name in names]


# --- what paths share -------------------------------------------------------------------------------


def _responses(types):
    file = {"text/csv": {"schema": {"type": "string"}}, "application/vnd.apache.parquet": {}}
    return {
        **{
            name: {"description": name, "content": _content(name)} for name in [*types, "Bundle", "CapabilityStatement"]
        },
        "File": {"description": "A file", "content": file},
        "Accepted": {"description": "It is done in the background; Content-Location, or X-Progress and Retry-After"},
        "Job": {"description": "A Bundle, or the manifest of an import", "content": {"application/json": {}}},
        "Lines": {"description": "OperationOutcomes, one a line", "content": {"application/fhir+ndjson": {}}},
        "Error": {"description": "What is wrong", "content": _content("OperationOutcome")},
        "NoContent": {"description": "Done; there is nothing to show"},
        "NotModified": {"description": "The client holds this version"},
        "Smart": {
            "description": "Where and how clients get tokens",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        "OpenApi": {"description": "This document", "content": {"application/json": {"schema": {"type": "object"}}}},
    }


def _bodies(types):
    patches = dict(zip(PATCH_FORMATS, ("JsonPatch", "MergePatch", "Parameters", "Xml"), strict=True))
    contents = {
        **{type: _content(type) for type in [*types, "Bundle"]},
        "Patch": {media: {"schema": refer("schemas", schema)} for media, schema in patches.items()},
        "Form": {_FORM: {"schema": refer("schemas", "Form")}},
        "Many": {
            _FHIR_MEDIA[0]: {"schema": {"anyOf": [refer("schemas", "Bundle"), refer("schemas", "Parameters")]}},
            _FHIR_MEDIA[1]: {"schema": refer("schemas", "Xml")},
            "application/fhir+ndjson": {"schema": {"type": "string"}},
        },
        "Arguments": _content("Parameters") | {_FORM: {"schema": refer("schemas", "Form")}},
    }
    return {
        name: {"required": name not in ("Form", "Arguments"), "content": content} for name, content in contents.items()
    }


def _content(schema):
    json, xml = _FHIR_MEDIA
    return {json: {"schema": refer("schemas", schema)}, xml: {"schema": refer("schemas", "Xml")}}


def _schemas(types):
    pointer = {"type": "string", "pattern": "^(/[^/]*)*$"}
    step = {"op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]}, "path": pointer, "from": pointer}
    return {
        **{
            type: {"type": "object", "required": ["resourceType"], "properties": {"resourceType": {"const": type}}}
            for type in [*types, "Bundle", "OperationOutcome", "Parameters"]
        },
        "JsonPatch": {
            "type": "array",
            "items": {"type": "object", "required": ["op", "path"], "properties": step | {"value": {}}},
        },
        "MergePatch": {"type": "object"},
        "Xml": {"type": "string"},
        "Form": {"type": "object", "additionalProperties": {"type": "string"}},
    }
