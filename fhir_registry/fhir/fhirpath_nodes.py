"""Where a FHIRPath leads in a resource: nodes with their places (https://hl7.org/fhir/R4/fhirpatch.html).

The compiled expressions of fhirpath.py give values; who changes a resource must know where they stand. What has a place
are paths of members, indexes, where(), first(), last(), ofType(), as and extension(); conditions are compiled as ever.
They come from clients, so that nothing is allowed in them that costs more than its length and the resource's together.
"""

from itertools import zip_longest
from typing import NamedTuple

from .errors import nearest
from .fhirpath import Compiler
from .fhirpath_operators import boolean
from .fhirpath_parser import Binary, Call, FhirPathError, Index, Literal, Member, This, parse_path

MAX_LENGTH = 5000  # of a path, in characters
_STEPS = {"where": 1, "ofType": 1, "as": 1, "extension": 1, "first": 0, "last": 0}  # name -> number of arguments
# With select(), replace() or & a text could double again and again; | and distinct() compare each with each.
_CONDITIONS = {*_STEPS, "exists", "empty", "not", "all", "count", "is", "hasExtension", "hasValue"}
_CONDITIONS |= {"startsWith", "endsWith", "contains", "lower", "upper"}


class Node(NamedTuple):
    """An element of a resource, or the resource.

    type: name of the type. value: JSON value; None for a primitive that has an id or extensions only. element: the
    object that holds its members, which is the `_name` sibling of a primitive; None when there is none.
    parent: the Node it stands in, whose `element` has it at `key` (`valueString` of a choice), in an array at `index`;
    definition: the Element of the parent's type. All four are None for the resource.
    """

    type: str
    value: object
    element: dict | None
    parent: "Node | None" = None
    key: str | None = None
    index: int | None = None
    definition: object = None


def locate(path, resource, model):
    """The Nodes that a path leads to, a list.

    resource: a valid resource (dict). model: as for compile_path. Raises FhirPathError for what is no such path or can
    never lead anywhere in a resource of this type.
    """
    return _follow(_Locator(resource, model).find, path)[1]


def locate_list(path, resource, model):
    """(the Nodes that have the element at the end of a path, its Element): a list that may be empty has a place too."""
    locator = _Locator(resource, model)

    def find(tree):
        if not isinstance(tree, Member):
            raise FhirPathError("the path of a list ends with the name of an element")
        types, parents = locator.find(tree.target) if tree.target else locator.start
        locator.members(types, parents, tree.name)  # there is such an element
        elements = [(parent, locator.elements(parent.type).get(tree.name)) for parent in parents]
        return [(parent, element) for parent, element in elements if element]

    return _follow(find, path)


def is_plain(path):
    """Whether a path is names of elements and indexes: where it leads says nothing of what stands there.

    So is what is no path, as it leads nowhere.
    """
    try:
        return _follow(_is_plain, path)
    except FhirPathError:
        return True


def _is_plain(tree):
    while isinstance(tree, (Member, Index)):
        tree = tree.target
    return tree is None or isinstance(tree, This)


def children(model, node, name):
    """The Nodes of the element `name` of a node; name: of an element that the node's type has."""
    definition = model.types[node.type].elements[name]
    found = []
    for type_ in definition.types:
        key = member_key(definition, type_)
        for index, (value, sibling) in enumerate(read_pairs(node.element or {}, key)):
            place = node, key, None if definition.max == 1 else index, definition
            found.append(_node(model, type_, value, sibling, place))
    return found


def read_pairs(holder, key):
    """What stands at a member, a list of [value, `_name` sibling]; either may be None, where a list has a null."""
    values, siblings = holder.get(key), holder.get("_" + key)
    if isinstance(values, list) or isinstance(siblings, list):
        return [list(pair) for pair in zip_longest(values or (), siblings or ())]
    return [] if values is None and siblings is None else [[values, siblings]]


def write_pairs(holder, key, pairs, definition):
    """Let the pairs stand at a member; nothing is left of it where there are none."""
    for name, items in ((key, [value for value, _ in pairs]), ("_" + key, [sibling for _, sibling in pairs])):
        if all(item is None for item in items):
            holder.pop(name, None)
        else:
            holder[name] = items[0] if definition.max == 1 else items


def member_key(definition, type_):
    """The JSON member of an element with a value of this type: `valueQuantity`, `birthDate`."""
    return definition.name + type_[0].upper() + type_[1:] if definition.choice else definition.name


def _node(model, type_, value, sibling, place):
    if model.types[type_].kind == "primitive-type":
        return Node(type_, value, sibling, *place)
    if type_ == "Resource":
        type_ = value["resourceType"]
    return Node(type_, value, value, *place)


def _follow(find, path):
    if len(path) > MAX_LENGTH:
        raise FhirPathError(f"a path has at most {MAX_LENGTH} characters")
    try:
        return find(parse_path(path))
    except RecursionError:
        raise FhirPathError("the path is nested too deeply") from None


def _refuse_costly(tree):
    if isinstance(tree, Call) and tree.name not in _CONDITIONS:
        raise FhirPathError(f"{tree.name}() is not allowed in a condition")
    if isinstance(tree, Binary) and tree.operator in ("|", "&"):
        raise FhirPathError(f"{tree.operator} is not allowed in a condition")
    for part in tree:  # a syntax tree is made of tuples
        if isinstance(part, tuple):
            _refuse_costly(part)


class _Locator:
    """Follows syntax trees; `find` gives (names of the types that are possible, Nodes).

    The types are None where only the data tell: in what a contained resource has.
    """

    def __init__(self, resource, model):
        root = Node(resource["resourceType"], resource, resource)
        self.model = model
        self.compiler = Compiler(model, root.type, {})
        self.start = (root.type,), [root]

    def find(self, tree):
        if isinstance(tree, This) or tree is None:
            return self.start
        if isinstance(tree, Member):
            if tree.target is None and tree.name[:1].isupper() and tree.name in self.model.types:
                return self._of_type(*self.start, tree.name)
            return self.members(*self.find(tree.target), tree.name)
        if isinstance(tree, Index):
            if not isinstance(tree.index, Literal) or tree.index.type != "integer":
                raise FhirPathError("an index is a whole number")
            types, nodes = self.find(tree.target)
            return types, nodes[tree.index.value :][:1]
        if isinstance(tree, Binary) and tree.operator == "as":
            return self._of_type(*self.find(tree.left), tree.right)
        if isinstance(tree, Call):
            return self._call(tree)
        raise FhirPathError(
            "only members, indexes, where(), first(), last(), ofType(), as and extension() lead to a place"
        )

    def elements(self, type_):
        return self.model.types[type_].elements

    def members(self, types, nodes, name):
        having = [node for node in nodes if name in self.elements(node.type)]
        found = [child for node in having for child in children(self.model, node, name)]
        if types is None or "Resource" in types:
            if nodes and not having:
                raise FhirPathError(f"{nodes[0].type} has no element '{name}'")
            return None, found
        definitions = [self.elements(type_)[name] for type_ in types if name in self.elements(type_)]
        if not definitions:
            known = [element for type_ in types for element in self.elements(type_)]
            raise FhirPathError(f"{' or '.join(types)} has no element '{name}'{nearest(name, known)}")
        return tuple(dict.fromkeys(t for definition in definitions for t in definition.types)), found

    def _of_type(self, types, nodes, name):
        self.compiler.check_type(name)
        possible = types is None or "Resource" in types or any(self.compiler.is_a(type_, name) for type_ in types)
        if not possible:
            raise FhirPathError(f"{' or '.join(types)} is never a {name}")
        kept = [node for node in nodes if self.compiler.is_a(node.type, name)]
        return tuple(t for t in types or () if self.compiler.is_a(t, name)) or (name,), kept

    def _call(self, tree):
        arguments = _STEPS.get(tree.name)
        if arguments is None:
            raise FhirPathError(f"{tree.name}() does not lead to a place in the resource")
        if len(tree.arguments) != arguments:
            raise FhirPathError(f"{tree.name}() does not take {len(tree.arguments)} arguments")
        types, nodes = self.find(tree.target)
        if tree.name == "where":
            return types, self._where(types, nodes, *tree.arguments)
        if tree.name == "extension":
            url = self.compiler.text(*tree.arguments, "extension()")
            types, nodes = self.members(types, nodes, "extension")
            return types, [node for node in nodes if node.value.get("url") == url]
        if arguments:
            return self._of_type(types, nodes, getattr(tree.arguments[0], "name", None))
        return types, nodes[:1] if tree.name == "first" else nodes[-1:]

    def _where(self, types, nodes, criteria):
        _refuse_costly(criteria)
        names = dict.fromkeys([*(() if types is None or "Resource" in types else types), *(n.type for n in nodes)])
        expressions = {name: self.compiler.expression(criteria, self.compiler.item(name)) for name in names}
        holds = {name: boolean(expression, "where()") for name, expression in expressions.items()}
        return [node for node in nodes if node.value is not None and holds[node.type](node.value) is True]
