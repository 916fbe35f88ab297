"""JSON Patch and merge patch (https://www.rfc-editor.org/rfc/rfc6902, https://www.rfc-editor.org/rfc/rfc7396)."""

from copy import deepcopy
from typing import NamedTuple

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
    """One operation; title: what messages call it."""

    title: str
    op: str
    path: Pointer
    source: Pointer | None
    value: object


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
            resource = _CARRY_OUT[step.op](resource, step)
        except Lost as lost:
            message = f"{step.title}: {lost}"
            raise error("unprocessable", "processing", message, lost.expression or step.path.expression) from None
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
    for name in _NEEDED[op]:
        if name == "value":
            read[name] = operation[name]
            continue
        try:
            tokens = parse_pointer(operation[name])
            read[name] = Pointer(tokens, express(tokens, type_, definitions))
        except Lost as lost:
            said = f"{title} from {operation[name][:200]}" if name == "from" else title
            raise error("malformed", "value", f"{said}: {lost}", lost.expression) from None
    return Operation(title, op, read["path"], read.get("from"), read.get("value"))


def _add(resource, step):
    return _put(resource, step.path.tokens, deepcopy(step.value))  # later operations must not change the patch


def _remove(resource, step):
    _take(resource, step.path.tokens)
    return resource


def _replace(resource, step):
    if not step.path.tokens:
        return deepcopy(step.value)
    holder = find(resource, step.path.tokens[:-1])
    holder[place(holder, step.path.tokens)] = deepcopy(step.value)
    return resource


def _move(resource, step):
    _find_source(resource, step)
    if step.path == step.source:
        return resource
    if step.path.tokens[: len(step.source.tokens)] == step.source.tokens:
        raise Lost("what is moved cannot become a part of itself")
    return _put(resource, step.path.tokens, _take(resource, step.source.tokens))


def _copy(resource, step):
    return _put(resource, step.path.tokens, deepcopy(_find_source(resource, step)))


def _find_source(resource, step):
    try:
        return find(resource, step.source.tokens)
    except Lost as lost:
        raise Lost(str(lost), step.source.expression) from None


def _test(resource, step):
    if not _same(find(resource, step.path.tokens), step.value):
        raise Lost("the test does not hold")  # without the value: it is what is stored
    return resource


_CARRY_OUT = {"add": _add, "remove": _remove, "replace": _replace, "move": _move, "copy": _copy, "test": _test}


def _put(resource, tokens, value):
    if not tokens:
        return value
    holder = find(resource, tokens[:-1])
    key = place(holder, tokens, new=True)
    if isinstance(holder, list):
        holder.insert(key, value)
    else:
        holder[key] = value
    return resource


def _take(resource, tokens):
    if not tokens:
        raise Lost("a patch does not remove the whole resource; DELETE does")
    holder = find(resource, tokens[:-1])
    key = place(holder, tokens)
    return holder.pop(key)


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
