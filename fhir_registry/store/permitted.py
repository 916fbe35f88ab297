"""Whether a client may meet a resource, told without the database, of any version (core/access.py)."""

from ..core.criteria import AnyOf, Criterion
from .derived_tables import number_system, shorten


def is_permitted(rows, alternatives):
    """Whether a resource with these index rows (Rows.index) meets one of the alternatives that Access.permits gives.

    Their criteria are of tokens only, as scopes have them (core/scopes.py).
    """
    return not alternatives or any(all(_meets(rows, each) for each in criteria) for criteria in alternatives)


def _meets(rows, criterion):
    match criterion:
        case AnyOf(criteria):
            return any(_meets(rows, each) for each in criteria)
        case Criterion(params, None, values):
            ids = {param.id for param in params}
            found = [(system, code) for param, _, system, code in rows.get("index_token", ()) if param in ids]
            return any(_is(token, *row) for token in values for row in found)


def _is(token, system, code):
    if token.system is not None and number_system(token.system) != system:
        return False
    return token.code is None or shorten(token.code) == code
