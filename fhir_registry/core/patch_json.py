"""JSON Patch and merge patch (https://www.rfc-editor.org/rfc/rfc6902, https://www.rfc-editor.org/rfc/rfc7396)."""

from typing import NamedTuple

from jsonpatch import JsonPatch, JsonPatchException, JsonPointerException

from ..fhir import json
from ..fhir.errors import error
from .patch_pointer import Lost, Pointer, express, find, parse_pointer, place

# The resource is counted after each copy: some dozens of them could double it until the memory is full.
MAX_COPIED_BYTES = 20_000_000
_NEEDED = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("from", "path"),
    "copy": ("from", "path"),
    "test": ("path", "value"),
}


class Operation(NamedTuple):
    """One operation; title: what messages call it; sent: as it was sent."""

    title: str
    op: str
    path: Pointer
    source: Pointer | None
    sent: dict


def patch_json(resource, operations, definitions):
    """Apply a JSON Patch; `resource` (dict) is changed, what comes of it is returned.

    operations: the parsed patch. Raises FhirError: malformed for what is no JSON Patch of a resource of this type,
    unprocessable for an operation that cannot be carried out, a `test` that fails among them. Both say which one, and
    which element of the resource it is about.
    """
    if not isinstance(operations, list):
        raise error("malformed", "structure", "A JSON Patch is an array of objects, one an operation")
    type_ = resource["resourceType"]
    steps = [_read(operation, number, type_, definitions) for number, operation in enumerate(operations)]
    copied = 0
    for step in steps:
        try:
            _check(resource, step)
            resource = JsonPatch([step.sent]).apply(resource, in_place=True)
        except Lost as lost:
            message = f"{step.title}: {lost}"
            raise error("unprocessable", "processing", message, lost.expression or step.path.expression) from None
        except (JsonPatchException, JsonPointerException):  # whose words would repeat what is stored
            message = f"{step.title}: this cannot be done here"
            raise error("unprocessable", "processing", message, step.path.expression) from None
        except RecursionError:
            message = f"{step.title}: the resource is nested too deeply"
            raise error("unprocessable", "processing", message, step.path.expression) from None
        if step.op == "copy":
            json.check_depth(resource)
            copied += len(json.dumps(resource))
            if copied > MAX_COPIED_BYTES:
                message = f"{step.title}: the patch copies too much"
                raise error("unprocessable", "too-costly", message, step.path.expression)
    return resource


def _read(operation, number, type_, definitions):
    """The Operation of a parsed one."""
    title = f"Operation {number}"
    if not isinstance(operation, dict):
        raise error("malformed", "structure", f"{title}: an operation of a JSON Patch is an object")
    op = operation.get("op")
    if not isinstance(op, str) or op not in _NEEDED:
        raise error("malformed", "value", f"{title}: op is one of {', '.join(_NEEDED)}")
    for name in _NEEDED[op]:
        if name not in operation or (name != "value" and not isinstance(operation[name], str)):
            wanted = "'value'" if name == "value" else f"'{name}', a JSON pointer like /name/0/family"
            raise error("malformed", "required", f"{title}: {op} needs {wanted}")
    title += f", {op} {operation['path'][:200] or 'of all'}"
    read = {}
    for name in [each for each in _NEEDED[op] if each != "value"]:
        try:
            tokens = parse_pointer(operation[name])
            read[name] = Pointer(tokens, express(tokens, type_, definitions))
        except Lost as lost:
            said = f"{title} from {operation[name][:200]}" if name == "from" else title
            raise error("malformed", "value", f"{said}: {lost}", lost.expression) from None
    return Operation(title, op, read["path"], read.get("from"), operation)


def _check(resource, step):
    """Raise Lost when the operation cannot be carried out, and say why without what is stored."""
    target = step.path.tokens
    if step.op == "remove" and not target:
        raise Lost("a patch does not remove the whole resource; DELETE does")
    if step.op == "move" and step.path != step.source and target[: len(step.source.tokens)] == step.source.tokens:
        raise Lost("what is moved cannot become a part of itself")
    if step.source:
        try:
            find(resource, step.source.tokens)
        except Lost as lost:
            raise Lost(str(lost), step.source.expression) from None
    if step.op in ("add", "move", "copy"):
        if target:
            place(find(resource, target[:-1]), target, new=True)
        return
    found = find(resource, target)
    if step.op == "test" and not _same(found, step.sent["value"]):
        raise Lost("the test does not hold")


def _same(one, other):
    """Whether two JSON values are equal: numbers by their value, objects in any order; true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


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
