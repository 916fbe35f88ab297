"""Search index rows of a resource (https://hl7.org/fhir/R4/search.html#ptypes)."""

from functools import lru_cache

from .index_contained import add_contained
from .index_ranges import ALWAYS
from .index_texts import normalize
from .index_values import EMITTERS

__all__ = ["ALWAYS", "index_rows", "normalize"]

# Answered by the table of resources, without rows of their own.
_OF_THE_RESOURCE = frozenset({"_id", "_lastUpdated"})
_KINDS = ("string", "token", "date", "number", "quantity", "reference", "uri")


def index_rows(resource, search_params):
    """The index rows of a resource: {kind: list of distinct rows}, only kinds that have some.

    search_params: type -> tuple of SearchParam. Every row begins with the id of the parameter and the item: of a
    component of a composite the occurrence of its element, from 1, else 0. Then: string norm, exact ('' for what is
    never the exact text) · token system, code · date lo, hi, microseconds, hi exclusive · number lo, hi, value ·
    quantity lo, hi, value, system, code, unit, lo and hi inclusive, equal for a plain number · reference type, id, type
    '' and the URL for what is not local · uri value. What cannot be read gives no row. `_id` and `_lastUpdated` have
    none. Beside its own, a resource has the rows of the contained resources that it refers to (`contained_param`).
    """
    found = rows_by_kind(resource, search_params)
    if "contained" in resource:
        add_contained(found, resource, search_params, rows_by_kind)
    return {kind: rows if len(rows) < 2 else list(dict.fromkeys(rows)) for kind, rows in found.items() if rows}


def rows_by_kind(resource, search_params):
    """The rows of one resource alone: {kind: list}, for every kind, not distinct yet."""
    found = {kind: [] for kind in _KINDS}
    for add in _applicable(search_params[resource["resourceType"]], tuple(resource)):
        add(resource, found)
    return found


@lru_cache(maxsize=8192)
def _applicable(params, members):
    """The functions (resource, {kind: rows}) that may find something in a resource with these members.

    Resources of one sender have few different sets of members, so that this is mostly looked up.
    """
    by_member, always = _plan(params)
    wanted = dict.fromkeys(always)
    for member in members:
        wanted.update(dict.fromkeys(by_member.get(member, ())))
    return tuple(wanted)


@lru_cache(maxsize=1024)
def _plan(params):
    """({member of the resource: its functions}, the functions for every resource).

    Most parameters of a type have no value in a given resource: they are looked up by what it has.
    """
    by_member, always, elements = {}, [], {}
    adders = []
    for param in params:
        if param.code not in _OF_THE_RESOURCE and not param.parts:
            adders.append((param.roots, _of_values(param)))
        for components, element in param.alternatives:
            if element is not None:
                elements.setdefault(element, {}).update(dict.fromkeys(components))
    adders += [(element.roots, _of_element(element, components)) for element, components in elements.items()]
    for roots, add in adders:
        if roots is None:
            always.append(add)
        for member in roots or ():
            by_member.setdefault(member, []).append(add)
    return by_member, always


def _of_values(param):
    """The function that adds the rows of one parameter, and of what is derived from it."""
    get, emitters = param.get, {}
    for each, table in ((param, param.type), *((derived, suffix) for suffix, derived in param.derived.items())):
        for type_name in each.types:
            emit = EMITTERS[table].get(type_name)
            if emit is not None:
                emitters.setdefault(type_name, []).append((emit, each, each.type))

    def add(resource, found):
        for type_name, value in get(resource):
            for emit, each, kind in emitters.get(type_name, ()):
                emit(each, value, found[kind])

    return add


def _of_element(element, components):
    """The function that adds the rows of composites' components in an element, numbered by its occurrences."""

    def add(resource, found):
        for item, (_, node) in enumerate(element.get(resource), 1):
            for component in components:
                rows = []
                for type_name, value in component.get(resource, node):
                    emit = EMITTERS[component.type].get(type_name)
                    if emit is not None:
                        emit(component, value, rows)
                found[component.type] += [(number, item, *rest) for number, _, *rest in rows]

    return add
