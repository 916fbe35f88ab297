"""A patch of one resource: three formats, the same rules for all (https://hl7.org/fhir/R4/http.html#patch)."""

from copy import deepcopy

from ..fhir import json
from ..fhir.errors import error
from ..fhir.fhirpath_nodes import is_plain
from .patch_fhirpath import patch_fhirpath
from .patch_json import merge, patch_json

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
FHIRPATH_PATCH = "application/fhir+json"
MAX_OPERATIONS = 1000
# Bytes of the resource times characters of the paths, 100 for each operation: some seconds, in which others wait.
MAX_WORK = 10_000_000_000
# Made from the rest of the resource (https://hl7.org/fhir/R4/valueset-narrative-status.html); not so `additional`.
_GENERATED = ("generated", "extensions", "empty")


def patch(resource, body, media_type, definitions):
    """The resource that a patch makes of a stored one, not validated; `resource` (dict) stays as it is.

    body: the parsed patch, a list of operations for JSON_PATCH, the changes for MERGE_PATCH, a valid Parameters for
    FHIRPATH_PATCH. A narrative that was made from what the patch changes is dropped. Raises FhirError: malformed for
    what is no patch, unprocessable for one that cannot be carried out, changes what the server gives, or has more than
    MAX_OPERATIONS operations.
    """
    changed = _carry_out(deepcopy(resource), body, media_type, definitions)
    if not isinstance(changed, dict):
        raise error("unprocessable", "processing", "The patch leaves no resource")
    json.check_depth(changed)
    _refuse_identity(resource, changed)
    if _is_stale(resource, changed):
        del changed["text"]
    return changed


def _carry_out(resource, body, media_type, definitions):
    if media_type == MERGE_PATCH:
        if not isinstance(body, dict):
            raise error("malformed", "structure", "A merge patch is an object, with the members that change")
        return merge(resource, body)
    operations = body if media_type == JSON_PATCH else body.get("parameter", [])
    if isinstance(operations, list) and len(operations) > MAX_OPERATIONS:
        raise error("unprocessable", "too-costly", f"A patch has at most {MAX_OPERATIONS} operations")
    if media_type == JSON_PATCH:
        return patch_json(resource, operations, definitions)
    work = len(json.dumps(resource)) * sum(100 + len(_path(operation)) for operation in operations)
    if work > MAX_WORK:
        raise error("unprocessable", "too-costly", "These are too many operations for so large a resource")
    return patch_fhirpath(resource, body, definitions)


def judges_content(body, media_type):
    """Whether it follows from what elements hold, and not only from where they are, what a patch does.

    So it does with a `test` of a JSON Patch, and a path of a FHIRPath Patch that is more than names and indexes. body,
    media_type: as of `patch`. What is no patch, or too long for one, is never carried out.
    """
    if media_type == JSON_PATCH:
        return isinstance(body, list) and any(isinstance(each, dict) and each.get("op") == "test" for each in body)
    if media_type == FHIRPATH_PATCH:
        return not all(is_plain(_path(each)) for each in body.get("parameter", ())[:MAX_OPERATIONS])
    return False


def _path(operation):
    parts = (part for part in operation.get("part", ()) if part["name"] == "path")
    values = (value for part in parts for key, value in part.items() if key.startswith("value"))
    return next((value for value in values if isinstance(value, str)), "")


def _refuse_identity(resource, changed):
    """Raise unprocessable when the patch changed what only the server sets."""
    before, after = resource.get("meta", {}), changed.get("meta", {})
    fixed = {name: (resource.get(name), changed.get(name)) for name in ("resourceType", "id")}
    for name in ("versionId", "lastUpdated"):
        fixed[f"meta.{name}"] = before.get(name), after.get(name) if isinstance(after, dict) else None
    for name, (old, new) in fixed.items():
        if old != new:
            message = f"{name} is given by the server; a patch cannot change it"
            raise error("unprocessable", "business-rule", message, f"{resource['resourceType']}.{name}")


def _is_stale(resource, changed):
    """Whether the patch left a generated narrative as it was, but not what it tells."""
    text = resource.get("text")
    if not text or text.get("status") not in _GENERATED or changed.get("text") != text:
        return False
    told = [{k: v for k, v in body.items() if k not in ("text", "meta")} for body in (resource, changed)]
    return json.dumps(told[0]) != json.dumps(told[1])
