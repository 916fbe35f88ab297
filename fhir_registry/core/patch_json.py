"""JSON Patch and merge patch (https://www.rfc-editor.org/rfc/rfc6902, https://www.rfc-editor.org/rfc/rfc7396)."""

from jsonpatch import InvalidJsonPatch, JsonPatch, JsonPatchException, JsonPatchTestFailed, JsonPointerException

from ..fhir import json
from ..fhir.errors import error

# The resource is counted after each copy: some dozens of them could double it until the memory is full.
MAX_COPIED_BYTES = 20_000_000


def patch_json(resource, operations):
    """Apply a JSON Patch; `resource` (dict) is changed, what comes of it is returned.

    operations: the parsed patch. Raises FhirError: malformed for what is no JSON Patch, unprocessable for an operation
    that cannot be carried out, a `test` that fails among them. Both name it by its JSON pointer in the patch.
    """
    if not isinstance(operations, list) or not all(isinstance(operation, dict) for operation in operations):
        raise error("malformed", "structure", "A JSON Patch is an array of objects, one an operation")
    steps = [_step(operation, number) for number, operation in enumerate(operations)]
    copied = 0
    for number, step in enumerate(steps):
        resource = _carry_out(resource, step, operations[number], number)
        if operations[number]["op"] == "copy":
            json.check_depth(resource)
            copied += len(json.dumps(resource))
            if copied > MAX_COPIED_BYTES:
                raise error("unprocessable", "too-costly", f"Operation {number}: the patch copies too much")
    return resource


def _step(operation, number):
    """A JsonPatch of one operation, whose members are all there."""
    op = operation.get("op")
    if not isinstance(op, str) or op not in JsonPatch.operations:
        raise error("malformed", "value", f"Operation {number}: op is one of {', '.join(JsonPatch.operations)}")
    for name in ("path", *(("from",) if op in ("move", "copy") else ())):
        if not isinstance(operation.get(name), str):
            raise error("malformed", "required", f"Operation {number}: '{op}' needs '{name}', a JSON pointer")
    if op in ("add", "replace", "test") and "value" not in operation:
        raise error("malformed", "required", f"Operation {number}: '{op}' needs a value")
    try:
        return JsonPatch([operation])
    except (InvalidJsonPatch, JsonPointerException) as problem:
        raise error("malformed", "value", f"Operation {number}: {problem}") from None


def _carry_out(resource, step, operation, number):
    try:
        return step.apply(resource, in_place=True)
    except JsonPatchTestFailed:
        reason = "the test does not hold"  # the library's words would repeat both values
    except (InvalidJsonPatch, JsonPatchException, JsonPointerException) as problem:
        reason = str(problem)[:200]
    except RecursionError:
        reason = "the resource is nested too deeply"
    raise error(
        "unprocessable", "processing", f"Operation {number}, {operation['op']} {operation['path'][:200]}: {reason}"
    )


def merge(resource, changes):
    """Apply a merge patch: members of `changes` replace those of the resource, null removes them.

    Objects are merged; anything else replaces what was there. Returns what comes of it.
    """
    if not isinstance(changes, dict):
        return changes
    merged = dict(resource) if isinstance(resource, dict) else {}
    for name, change in changes.items():
        if change is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), change)
    return merged
