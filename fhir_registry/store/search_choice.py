"""What can be said of a criterion without the database, to choose what leads to resources.

(https://hl7.org/fhir/R4/search.html)
"""

from ..core.criteria import AnyOf, Chain, Composite, Criterion, Has, Ids, Itself, LastUpdated, Not, Permitted, Present
from ..core.query_values import Range, Token

_PRECISE = frozenset({"token", "reference", "uri"})


def leads(criterion, types):
    """Whether an index leads to the resources of the types that meet the criterion."""
    match criterion:
        case Ids() | LastUpdated():
            return bool(types)
        case Chain(_, targets, inner):
            return leads(inner, targets)
        case Has(type, _, inner):
            return leads(inner, (type,))
        case AnyOf(criteria):
            return all(leads(each, types) for each in criteria)
    return not isinstance(criterion, (Not, Permitted))


def is_typed(criterion, types):
    """Whether only resources of the types meet the criterion: its parameters are those of no other type."""
    match criterion:
        case Criterion(params) | Present(params) | Chain(params):
            return all(param.base in types for param in params)
        case Composite(alternatives):
            return all(component.base in types for components in alternatives for component in components)
        case Itself(type):
            return type in types
        case Permitted(of):
            return all(type in types for some, _ in of for type in some)
        case AnyOf(criteria):
            return all(is_typed(each, types) for each in criteria)
    return False


def is_simple(criterion):
    """Whether an index leads straight to the resources, past no others."""
    match criterion:
        case Ids() | Itself():
            return True
        case LastUpdated(values) | Criterion(_, None | "exact" | "above" | "below", values):
            return all(_is_bounded(value) for value in values)
    return False


def is_wide(criterion):
    """Whether a whole index must be read to find the resources."""
    match criterion:
        case Criterion() | LastUpdated() | Present():
            return not is_simple(criterion)
        case AnyOf(criteria):
            return any(is_wide(each) for each in criteria)
    return False


def is_in_order(criterion):
    """Whether an index has the resources that meet the criterion in the order of their numbers."""
    match criterion:
        case Criterion((param,), None, (value,)) if param.type in _PRECISE and is_simple(criterion):
            return param.type != "reference" or value.url is None
    return False


def is_slow(criterion):
    """Whether it costs much to ask it of a resource: it leads to other resources."""
    match criterion:
        case Not(inner):
            return is_slow(inner)
        case AnyOf(criteria):
            return any(is_slow(each) for each in criteria)
    return isinstance(criterion, (Chain, Has))


def rank(criterion):
    """The lower, the fewer resources a criterion is likely to lead to."""
    match criterion:
        case Ids() | Itself():
            return 0
        case Criterion(params, None, values) if params[0].type in _PRECISE and is_simple(criterion):
            return 1 if len(values) == 1 else 2
        case Criterion(_, "exact", _):
            return 2
        case AnyOf(criteria):
            return max(rank(each) for each in criteria)
        case Chain(_, _, inner) | Has(_, _, inner):
            return 4 + rank(inner)
        case Composite():
            return 4
    return 3 if is_simple(criterion) else 8


def describe(criterion):
    """A criterion in words, without its values: `Observation.code (token)`."""
    match criterion:
        case Ids():
            return "_id"
        case Itself(type):
            return type
        case LastUpdated():
            return "_lastUpdated"
        case Chain(params, _, inner):
            return f"{_names(params)} -> {describe(inner)}"
        case Has(_, param, inner):
            return f"named in {_names((param,))} by {describe(inner)}"
        case Permitted():
            return "what the client may see"
        case Not(inner):
            return f"not {describe(inner)}"
        case AnyOf(criteria):
            return " or ".join(map(describe, criteria))
        case Composite(alternatives):
            return " or ".join(" with ".join(_names((each,)) for each in components) for components in alternatives)
    return f"{_names(criterion.params)} ({criterion.params[0].type})"


def _names(params):
    names = ", ".join(f"{param.base}.{param.code}" for param in params[:3])
    return names if len(params) <= 3 else f"{names} and {len(params) - 3} more"


def _is_bounded(value):
    match value:
        case Range(prefix):
            return prefix != "ne"
        case Token(_, code):
            return code is not None
    return True
