"""Resources that are answered beside the matches (https://hl7.org/fhir/R4/search.html#include)."""

from typing import NamedTuple

from ..core.access import AUDIT
from ..core.query_params import OF_AUDIT, find_param, find_urls
from ..fhir.errors import bad_parameter, nearest

ITERATE = frozenset({"iterate", "recurse"})  # the second is the name of STU3, which clients in use send
MAX_INCLUDED = 1000  # resources beside the matches of one page
MOST_NAMED = 5  # types in a message
MAX_ROUNDS = 5  # references from a match to the last of what :iterate includes


class Include(NamedTuple):
    """One _include or _revinclude.

    params: ids of the reference parameters that are followed, None for all. target: the type to which they must lead,
    None for any. urls: ids of the parameters `url` of what they may name by canonical URL.
    """

    reverse: bool
    iterate: bool
    params: tuple[int, ...] | None
    target: str | None = None
    urls: tuple[int, ...] = ()
    leads: tuple[str, ...] = ()


def parse_include(search_params, served, types, name, value, leave_out):
    """`_include:iterate=Observation:subject:Patient` -> Include.

    served: the types that are answered. types: those of the matches, () for any. leave_out: called with the name and a
    message when the value is not known; when it returns, the answer is None. Raises bad-request for a modifier that is
    not known.
    """
    head, colon, modifier = name.partition(":")
    if colon and modifier not in ITERATE:
        raise bad_parameter(name, "not-supported", f"'{name}': the modifier :{modifier} is not supported")
    reverse = head == "_revinclude"
    source, _, rest = value.partition(":")
    code, _, target = rest.partition(":")
    if value == "*":
        return Include(reverse, bool(colon), None)
    if AUDIT in (source, target) and AUDIT not in served:
        return leave_out(name, f"{name}={value} {OF_AUDIT}")
    params = _references(search_params, source, code)
    if not params:
        return leave_out(name, f"{name}={value} {_wrong(search_params, source, code)}")
    if target and target not in search_params:
        return leave_out(name, f"{name}={value}: '{target}' is not a resource type")
    if not colon and not reverse and types and source not in types:
        return leave_out(name, f"{name}={value} starts from no match; {source} needs _include:iterate")
    if not colon and reverse and types and target and target not in types:
        return leave_out(name, f"{name}={value} does not lead to {' or '.join(types)}")
    urls = find_urls(search_params, params, (target,) if target else ())
    leads = (source,) if reverse else (target,) if target else _targets(params)
    return Include(reverse, bool(colon), tuple(param.id for param in params), target or None, urls, leads)


def tell_hidden(served, access, name, value, include):
    """What an include leaves out for the client may not search it, as text, None when it may be anything.

    It follows from the request and the token alone: whether there is anything is not told.
    """
    types = [type for type in include.leads or sorted(served) if type in served]
    hidden = [type for type in types if not access.allows(type, "s")]
    if not hidden:
        return None
    which = " or ".join(sorted(hidden)) if len(hidden) <= MOST_NAMED else f"{len(hidden)} types, {hidden[0]} among them"
    return f"{name}={value}: the token may not search {which}, so that nothing of it is included"


def _targets(params):
    """The types that references may name, () for any."""
    return tuple(sorted({type for param in params for type in param.targets})) if all(p.targets for p in params) else ()


def _wrong(search_params, type, code):
    """What is wrong with a `type:code` that names no reference parameter."""
    if type not in search_params or not code:
        return "is not of the form Type:reference, Type:reference:Target or Type:*" + (
            nearest(type, search_params) if code else ""
        )
    known = [param.code for param in search_params[type] if param.type == "reference"]
    return f"names no reference: {type} has {', '.join(known)}" + nearest(code, known)


def _references(search_params, type, code):
    """The reference parameters that `type:code` or `type:*` names."""
    if type not in search_params:
        return ()
    if code == "*":
        return tuple(param for param in search_params[type] if param.type == "reference")
    param = find_param(search_params, type, code)
    return (param,) if param and param.type == "reference" else ()


def follow_includes(search, connection, site, includes, matches, permitted=None):
    """(rids included with a page of matches, without these; what was cut off, as text, or None).

    permitted: the criterion for what the client may see, None for all; no way leads over anything else.
    """
    known, included = set(matches), []
    frontier = matches
    for round in range(MAX_ROUNDS + 1):
        found = {}
        for include in includes:
            if round == 0 or include.iterate:
                rids = _step(search, connection, site, include, frontier, MAX_INCLUDED + len(known) + 1, permitted)
                found.update((rid, None) for rid in rids if rid not in known)
        if not found:
            break
        if round == MAX_ROUNDS:
            return included, f"Resources more than {MAX_ROUNDS} references away are left out"
        frontier = list(found)
        known.update(found)
        included += frontier
        if len(included) > MAX_INCLUDED:
            cut = f"More than {MAX_INCLUDED} resources are to be included, the rest is left out; lower _count"
            return included[:MAX_INCLUDED], cut
    return included, None


def _step(search, connection, site, include, rids, limit, permitted):
    if include.reverse:
        types = (include.target,) if include.target else ()
        return search.including(connection, site, rids, types, include.params, limit, include.urls, permitted)
    return search.included(connection, site, rids, include.params, include.target, limit, include.urls, permitted)
