"""Where a search looks: a type, several, a compartment (https://hl7.org/fhir/R4/compartmentdefinition.html)."""

from typing import NamedTuple

from ..core.access import ANY, AUDIT
from ..core.criteria import AnyOf, Criterion, Itself, Permitted
from ..core.query_values import Target
from ..fhir.errors import bad_parameter, error, nearest
from .read import check_type, find_in

EVERY = "*"  # in the place of a type: all that a compartment holds


class Place(NamedTuple):
    """types: what may be searched, () for every type. owner: (type, id) of a compartment; open: `_type` may choose."""

    types: tuple[str, ...]
    owner: tuple[str, str] | None = None
    open: bool = False


def read_place(registry, connection, site, path):
    """The Place of a path below the base: empty, `Type`, `Type/id/Type` or `Type/id/*`.

    Raises FhirError: 404 for an unknown type, for a compartment that R4 does not define and for one of a resource
    that was never here, 410 when it was deleted.
    """
    match path.split("/"):
        case [""]:
            return Place(() if serves_all(registry, connection, site) else _served(registry), open=True)
        case [type_]:
            check_type(registry, type_)
            return Place((type_,))
        case [owner, id_, type_]:
            if type_ != EVERY:
                check_type(registry, type_)
            members = compartment_types(registry, owner)
            if type_ not in (EVERY, *members):
                raise error("not-found", "not-supported", f"The compartment of a {owner} holds no {type_}")
            find_in(registry, connection, site, owner, id_)
            return Place(members if type_ == EVERY else (type_,), (owner, id_), type_ == EVERY)


def choose_types(registry, place, literal, leave_out):
    """The types that `_type` chooses from a Place.

    literal: None when there is no `_type`. leave_out: called with `_type` and a message for no type of it.
    """
    if literal is None:
        return place.types
    known = place.types or registry.types
    chosen = []
    for name in literal.split(","):
        if name not in known:
            leave_out("_type", f"_type: '{name}' is not a resource type that is searched here{nearest(name, known)}")
        elif name not in chosen:
            chosen.append(name)
    if not chosen:
        raise bad_parameter("_type", "value", "_type names no resource type that is searched here")
    return tuple(chosen)


def permitted_types(registry, place, types, asked):
    """(types, criteria): those of the types (() for every one) that the client may search, and what he may see of them.

    asked: whether the request names the types. Raises forbidden (403) when it names one that he may not search, or when
    none is left.
    """
    access = registry.access
    if access.is_whole:
        return types, ()
    named = asked or len(place.types) == 1
    every = types or _served(registry)
    seen = every if named else tuple(type_ for type_ in every if access.allows(type_, "s"))
    for type_ in seen or (ANY,):
        access.require(type_, "s")
    permitted = access.permitted(seen, "s")
    if permitted is None:
        return types if len(seen) == len(every) else seen, ()
    if len(seen) == len(permitted.of[0][1]) == 1:
        return seen, permitted.of[0][1][0]  # each by itself, so that it may lead
    return seen, (permitted,)


def permitted_anywhere(registry, connection, site):
    """The criterion Permitted for resources of all types; None when the client may see everything that is stored."""
    access, types = registry.access, _served(registry)
    permitted = None if access.is_whole else access.permitted(types, "s")
    if permitted is None and not serves_all(registry, connection, site):
        return Permitted(((types, ()),))
    return permitted


def serves_all(registry, connection, site):
    """Whether all that is stored is served: AuditEvents of the time before access control are not."""
    return AUDIT in registry.types or not registry.store.reader.holds(connection, site, AUDIT)


def _served(registry):
    return tuple(sorted(registry.types))


def compartment_types(registry, owner):
    """The types that the compartment of a resource type holds, sorted, its own among them. Raises not-supported."""
    check_type(registry, owner)
    compartments = registry.content.definitions.compartments
    if owner not in compartments:
        message = f"There is no compartment of a {owner}; R4 has those of {', '.join(sorted(compartments))}"
        raise error("not-supported", "not-supported", message)
    return tuple(sorted(registry.types & {owner, *compartments[owner]}))


def compartment(registry, owner, id, types, base):
    """The criterion that resources of `types` in the compartment of (owner, id) meet; it is in its own."""
    codes = registry.content.definitions.compartments[owner]
    params = tuple(
        param
        for type_ in types
        for param in registry.content.search_params[type_]
        if param.code in codes.get(type_, ()) and param.type == "reference"
    )
    ways = [Itself(owner, id)] if owner in types else []
    if params:
        ways.append(Criterion(params, None, (Target(owner, id, f"{base}/{owner}/{id}"),)))
    return ways[0] if len(ways) == 1 else AnyOf(tuple(ways))
