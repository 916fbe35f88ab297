"""FHIRPath Patch: a Parameters resource whose operations change another resource (https://hl7.org/fhir/R4/fhirpatch.html).

What stands at a member is a list of pairs [value, sibling]: the sibling is the `_name` object that holds the id and the
extensions of a primitive. Every change reads the pairs, changes the list and writes it back.
"""

from dataclasses import replace

from ..fhir.errors import FhirError, error
from ..fhir.fhirpath import FhirPathError
from ..fhir.fhirpath_nodes import children, locate, locate_list, member_key, read_pairs, write_pairs
from .patch_value import read_operation, read_value


def patch_fhirpath(resource, parameters, definitions):
    """Carry out the operations of a valid Parameters resource; `resource` (dict, valid) is changed and returned.

    Raises FhirError: malformed for what is no operation, unprocessable for one that cannot be carried out.
    """
    for number, parameter in enumerate(parameters.get("parameter", ())):
        place, title = f"Parameters.parameter[{number}]", f"Operation {number}"
        try:
            operation = read_operation(parameter, place)
            title += f", {operation.type} {operation.path[:200]}"
            _CARRY_OUT[operation.type](resource, operation, definitions)
        except FhirPathError as problem:
            raise error("malformed", "invalid", f"{title}: {problem}", place) from None
        except FhirError as problem:
            issues = [replace(issue, message=f"{title}: {issue.message}") for issue in problem.issues]
            raise FhirError(problem.kind, issues) from None
    return resource


def _add(resource, operation, definitions):
    node = _only(locate(operation.path, resource, definitions), operation)
    definition = definitions.types[node.type].elements.get(operation.name)
    if definition is None:
        _refuse(operation, f"{node.type} has no element '{operation.name}'")
    if definition.max == 1 and children(definitions, node, operation.name):
        _refuse(operation, f"there is '{operation.name}' already; replace it")
    type_, *pair = read_value(operation, definition, definitions)
    holder, key = _element(node), member_key(definition, type_)
    write_pairs(holder, key, [*read_pairs(holder, key), pair], definition)


def _insert(resource, operation, definitions):
    holder, key, pairs, definition = _list(resource, operation, definitions)
    _check_index("index", operation.index, len(pairs), operation)
    _, *pair = read_value(operation, definition, definitions)
    pairs.insert(operation.index, pair)
    write_pairs(holder, key, pairs, definition)


def _move(resource, operation, definitions):
    holder, key, pairs, definition = _list(resource, operation, definitions)
    _check_index("source", operation.source, len(pairs) - 1, operation)
    _check_index("destination", operation.destination, len(pairs) - 1, operation)
    pairs.insert(operation.destination, pairs.pop(operation.source))
    write_pairs(holder, key, pairs, definition)


def _delete(resource, operation, definitions):
    nodes = locate(operation.path, resource, definitions)
    if nodes:
        node = _only(nodes, operation)
        _refuse_resource(node, operation)
        _remove(node)


def _replace(resource, operation, definitions):
    node = _only(locate(operation.path, resource, definitions), operation)
    _refuse_resource(node, operation)
    type_, *pair = read_value(operation, node.definition, definitions)
    holder, key = node.parent.element, member_key(node.definition, type_)
    if key != node.key:  # another type of a choice
        write_pairs(holder, node.key, [], node.definition)
    pairs = read_pairs(holder, key) or [None]
    pairs[node.index or 0] = pair
    write_pairs(holder, key, pairs, node.definition)


_CARRY_OUT = {"add": _add, "insert": _insert, "delete": _delete, "replace": _replace, "move": _move}


def _list(resource, operation, definitions):
    """(holder, key, pairs, Element) of the list at the operation's path, which may be empty."""
    node, definition = _only(locate_list(operation.path, resource, definitions), operation)
    if definition.max == 1:
        _refuse(operation, "this is not a list")
    holder = _element(node)
    return holder, definition.name, read_pairs(holder, definition.name), definition


def _remove(node):
    """Take an element out, and what it leaves empty."""
    parent = node.parent
    pairs = read_pairs(parent.element, node.key)
    del pairs[node.index or 0]
    write_pairs(parent.element, node.key, pairs, node.definition)
    if parent.element or parent.parent is None:
        return
    if parent.value is None or parent.value is parent.element:
        _remove(parent)
    else:  # a primitive without id and extensions is its value
        _write_pair(parent, [parent.value, None])


def _element(node):
    """The object that holds the members of a node; that of a primitive is made when it is needed."""
    if node.element is None:
        element = {}
        _write_pair(node, [node.value, element])
        return element
    return node.element


def _write_pair(node, pair):
    pairs = read_pairs(node.parent.element, node.key)
    pairs[node.index or 0] = pair
    write_pairs(node.parent.element, node.key, pairs, node.definition)


def _only(found, operation):
    if len(found) != 1:
        _refuse(operation, f"the path finds {len(found) or 'no'} elements; one was expected")
    return found[0]


def _check_index(name, index, greatest, operation):
    if not 0 <= index <= greatest:
        _refuse(operation, f"{name} {index} is outside the list")


def _refuse_resource(node, operation):
    if node.parent is None:
        _refuse(operation, "the resource itself cannot be replaced or deleted by a patch")


def _refuse(operation, message):
    raise error("unprocessable", "processing", message, operation.where)
