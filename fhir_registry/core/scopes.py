"""SMART scopes, versions 1 and 2 (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html)."""

import re

from ..fhir.errors import FhirError
from .access import ANY, LETTERS, OPEN, Access, Scope, is_covered
from .criteria import AnyOf, Criterion
from .query import parse_filter, parse_pairs

_OLD = {"read": "rs", "write": "cud", "*": LETTERS}
_SCOPE = re.compile(r"(?:system|user)/(\*|[A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)(?:\?(.+))?", re.DOTALL)
MAX_SCOPES = 200


def parse_scopes(text, search_params):
    """The Scopes of a list with spaces between; what is not understood grants nothing and is left out.

    Those of a user (user/) are those of the system: what a user may do is what the token says. Those of one patient in
    context (patient/) are none here, as no patient is ever chosen. A constraint is one or more token parameters of the
    type, without modifier; any other makes its scope grant nothing.
    """
    found = (_parse(each, search_params) for each in dict.fromkeys(text.split(" ")[:MAX_SCOPES]) if each)
    return tuple(scope for scope in found if scope)


def grant_scopes(requested, registered, search_params):
    """Those of the requested scopes (a text) that the registered ones cover, as they were requested; a text.

    One with a constraint is covered by the same text, or as the one without its constraint is. A client is a system.
    """
    whole = [scope for scope in parse_scopes(registered, search_params) if not scope.criteria]
    granted = []
    for scope in parse_scopes(requested, search_params):
        if (is_covered(scope, whole) or scope.text in registered.split(" ")) and scope.text.startswith("system/"):
            granted.append(scope.text)
    return " ".join(granted)


def _parse(text, search_params):
    match = _SCOPE.fullmatch(text)
    if not match:
        return None
    type, letters, query = match.groups()
    letters = _OLD.get(letters, letters)
    if not letters or type not in (ANY, *search_params):
        return None
    criteria = _parse_query(type, query, search_params) if query else ()
    return None if criteria is None else Scope(text, type, letters, criteria)


def _parse_query(type, query, search_params):
    """The criteria of a constraint, None when one of them is none of ours."""
    if type == ANY:
        return None
    try:
        pairs = parse_pairs(query)
        if any(not value or not name.replace("_", "").replace("-", "").isalnum() for name, value in pairs):
            return None
        criteria = parse_filter((type,), pairs, search_params, None).criteria
    except FhirError:
        return None
    return criteria if criteria and all(map(_is_of_tokens, criteria)) else None


def _is_of_tokens(criterion):
    match criterion:
        case AnyOf(criteria):
            return all(map(_is_of_tokens, criteria))
        case Criterion(params, None):
            return all(param.type == "token" for param in params)
    return False


def dump_access(access):
    """An Access as JSON, for a job that works with it later."""
    return {
        "client": access.client,
        "scopes": [scope.text for scope in access.scopes],
        "most": [scope.text for scope in access.most],
    }


def load_access(told, search_params):
    """The Access that dump_access told, None: of whoever may do everything."""
    if told is None:
        return OPEN
    return Access(told["client"], *(parse_scopes(" ".join(told[name]), search_params) for name in ("scopes", "most")))
