"""A compiled search parameter, and those that follow from it (https://hl7.org/fhir/R4/searchparameter.html)."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple


@dataclass(frozen=True, eq=False, slots=True)
class SearchParam:
    """One parameter of one resource type.

    base: the type that defines it (`Resource` for those of all types). targets: types a reference may name, () for any.
    id: stable 32-bit integer of base and code, see `param_id`.
    get: function resource -> sequence of (type name, value); of a component of an element: (resource, element) -> same.
    roots: the members of a resource without which `get` is empty, None when it must always be called.
    systems: {code: system} that a required binding implies for an element of type code.
    asks_type: whether `get` looks at the type of what a reference names. types: names of the types that a value may
    have. alternatives: of a composite, the ways to have its components.
    derived: {suffix: SearchParam} of what else is indexed of its values, for modifiers (`:text`, `:of-type`,
    `:identifier`). parts: other parameters of the type that together have exactly its values (`combo-code`: `code` and
    `component-code`); then it has no rows of its own.
    """

    code: str
    type: str
    base: str
    url: str
    targets: tuple
    id: int
    get: Callable = field(repr=False)
    roots: frozenset | None = None
    systems: Mapping = field(default_factory=dict, repr=False)
    asks_type: bool = False
    types: tuple = ()
    derived: Mapping = field(default_factory=dict, repr=False)
    alternatives: tuple = field(default=(), repr=False)
    parts: tuple = field(default=(), repr=False)

    @property
    def folds_case(self):
        """Whether its values are plain texts for a token: the index holds them in lower case (`str.casefold`)."""
        return self.type == "token" and bool(self.types) and _PLAIN_TEXT.issuperset(self.types)


@dataclass(frozen=True, eq=False, slots=True)
class Element:
    """A repeating element that holds the components of composites.

    get: function resource -> sequence of (type name, element). roots: as of SearchParam.
    """

    get: Callable = field(repr=False)
    roots: frozenset | None


class Alternative(NamedTuple):
    """One way to have the components of a composite: all in the same occurrence of an element, or in the resource.

    components: SearchParams in the order of the values. element: None for the resource itself; then they are
    parameters of its type, else their rows say with `item` in which occurrence they stand.
    """

    components: tuple[SearchParam, ...]
    element: Element | None


_PLAIN_TEXT = frozenset({"string", "ContactPoint"})
# kind of a parameter -> suffix -> kind of the rows, and the value types that have some
_DERIVED = {
    "token": {
        ":text": ("string", frozenset({"CodeableConcept", "Coding", "Identifier", "Extension"})),
        ":of-type": ("token", frozenset({"Identifier"})),
    },
    "reference": {":identifier": ("token", frozenset({"Reference"}))},
}


def param_id(base, code):
    """The integer that stands for a parameter in index tables; the same in every process and release.

    Those that registries and R4 define by name are positive; those that follow from an element or a contained resource
    have a `#` in their code and are negative.
    """
    number = zlib.crc32(f"{base}.{code}".encode()) & 0x7FFFFFFF
    return -1 - number if "#" in code else number


def derived_id(param, suffix):
    """The id of what is indexed for a modifier: `:text` (strings), `:of-type` and `:identifier` (tokens)."""
    return param_id(param.base, param.code + suffix)


def derived_params(param):
    """{suffix: SearchParam} for the modifiers that values of the parameter can have rows for."""
    return {
        suffix: replace(
            param, code=param.code + suffix, type=kind, id=derived_id(param, suffix), targets=(), systems={}
        )
        for suffix, (kind, types) in _DERIVED.get(param.type, {}).items()
        if not types.isdisjoint(param.types)
    }


def possible_ids(type, base, code):
    """The ids that a parameter of this type may take."""
    return [param_id(base, code + suffix) for suffix in ("", *_DERIVED.get(type, ()))]


@cache
def contained_param(reference, param):
    """`param` of the contained resource that the parameter `reference` names; its rows are those of the container."""
    of_contained = [
        alternative._replace(components=tuple(contained_param(reference, each) for each in alternative.components))
        for alternative in param.alternatives
    ]
    code = f"{reference.code}#{param.base}.{param.code}"
    return replace(
        param,
        base=reference.base,
        code=code,
        id=param_id(reference.base, code),
        derived={suffix: contained_param(reference, each) for suffix, each in param.derived.items()},
        alternatives=tuple(of_contained),
    )
