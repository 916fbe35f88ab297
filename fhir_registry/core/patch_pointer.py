"""JSON pointers into a resource: where they can lead in its type, and where in itself (https://www.rfc-editor.org/rfc/rfc6901)."""

import re
from typing import NamedTuple

from ..fhir.errors import nearest
from ..fhir.fhirpath_nodes import member_key
from ..fhir.json import MAX_DEPTH
from .primitives import shown

END = "-"  # the place behind the last of a list
_INDEX = re.compile("0|[1-9][0-9]*")
_LONGEST = 9  # digits of an index that any list has


class Pointer(NamedTuple):
    """The tokens of a JSON pointer, and the FHIRPath of what it leads to."""

    tokens: tuple[str, ...]
    expression: str


class Lost(Exception):
    """Why a pointer leads nowhere, without anything of what is stored; expression: the FHIRPath of how far it leads."""

    def __init__(self, reason, expression=None):
        super().__init__(reason)
        self.expression = expression


def parse_pointer(pointer):
    """`/name/0/a~1b` -> ('name', '0', 'a/b'). Raises Lost for what is no JSON pointer, or deeper than resources are."""
    if pointer and not pointer.startswith("/"):
        raise Lost("a JSON pointer begins with a slash, like /name/0/family")
    if re.search("~(?![01])", pointer):
        raise Lost("in a JSON pointer ~0 stands for a tilde and ~1 for a slash; no other ~ is possible")
    tokens = pointer.split("/")[1:]
    if len(tokens) > MAX_DEPTH:
        raise Lost(f"no resource is deeper than {MAX_DEPTH} levels")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens)


def express(tokens, type_, definitions):
    """The FHIRPath of what tokens lead to in a resource of a type: ('name', '0') -> `Patient.name[0]`.

    Raises Lost for what never leads anywhere. Of a contained resource only the data tell: the path ends there.
    """
    path, many = type_, False
    for token in tokens:
        if many:
            if token != END and not _INDEX.fullmatch(token):
                raise Lost(f"{path} is a list; an index such as 0 or 1 follows, not {shown(token)}", path)
            path, many = path if token == END or len(token) > _LONGEST else f"{path}[{token}]", False
            continue
        if type_ == "Resource":
            return path
        if definitions.types[type_].kind == "primitive-type":
            raise Lost(f"{path} is a {type_}, in which nothing can be named", path)
        members = _members(definitions, type_)
        if token not in members:
            raise Lost(f"{type_} has no element {shown(token)}{nearest(token, members)}", path)
        name, type_, many = members[token]
        path = f"{path}.{name}"
    return path


def _members(definitions, type_):
    """{member of the JSON: (name of the element, its type, whether it is a list)}"""
    owner = definitions.types[type_]
    members = {"resourceType": ("resourceType", "code", False)} if owner.kind == "resource" else {}
    for element in owner.elements.values():
        for each in element.types:
            key = member_key(element, each)
            members[key] = element.name, each, element.max is None
            if definitions.types[each].kind == "primitive-type":  # the sibling has id and extensions
                members["_" + key] = element.name, "Element", element.max is None
    return members


def find(document, tokens):
    """The JSON value at tokens. Raises Lost."""
    for depth in range(len(tokens)):
        document = document[place(document, tokens, depth)]
    return document


def place(container, tokens, depth=-1, new=False):
    """The key or index that one of the tokens is in what those before it lead to. Raises Lost.

    new: it need not be there yet, but what is put there must not leave a gap in a list.
    """
    token = tokens[depth]
    pointer = shown("/" + "/".join([*tokens[:depth], token]))
    if isinstance(container, list):
        if new and token == END:
            return len(container)
        if _INDEX.fullmatch(token) and len(token) <= _LONGEST and int(token) < len(container) + new:
            return int(token)
        raise Lost(f"{pointer} is outside the list")
    if isinstance(container, dict) and (new or token in container):
        return token
    raise Lost(f"nothing can be put at {pointer}" if new else f"there is nothing at {pointer}")
