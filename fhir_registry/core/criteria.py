"""What a search asks: criteria that a resource meets or not (https://hl7.org/fhir/R4/search.html)."""

from typing import Any, NamedTuple

from ..content.searchparams import SearchParam
from .query_values import Range


class Criterion(NamedTuple):
    """Parameters of one kind, one for each type that is searched, with their alternatives.

    modifier: None; exact or contains for strings; above or below for URIs. values: str, Token, Range or Target.
    """

    params: tuple[SearchParam, ...]
    modifier: str | None
    values: tuple[Any, ...]


class Present(NamedTuple):
    """The parameter has a value."""

    params: tuple[SearchParam, ...]


class Composite(NamedTuple):
    """The same element has a value of each component.

    alternatives: the components, a tuple of SearchParams for each way to have them; values: one for each component.
    """

    alternatives: tuple[tuple[SearchParam, ...], ...]
    values: tuple[tuple[Any, ...], ...]


class Hierarchy(NamedTuple):
    """The reference names one of the resources `ids` of `type`, or what lies below (above) one of them by `along`."""

    params: tuple[SearchParam, ...]
    along: SearchParam
    type: str
    ids: tuple[str, ...]
    above: bool


class Ids(NamedTuple):
    """Logical ids."""

    values: tuple[str, ...]


class Itself(NamedTuple):
    """The resource Type/id."""

    type: str
    id: str


class LastUpdated(NamedTuple):
    """When the current version was stored: Ranges in microseconds."""

    values: tuple[Range, ...]


class Chain(NamedTuple):
    """The reference names a resource of one of the types for which the criterion holds.

    urls: ids of the parameters `url` of what may be named by its canonical URL. permitted: the Permitted that must hold
    for it too, None for all.
    """

    params: tuple[SearchParam, ...]
    types: tuple[str, ...]
    criterion: Any
    urls: tuple[int, ...] = ()
    permitted: Any = None


class Has(NamedTuple):
    """A resource of `type` for which the criterion holds names this one in `param`; urls, permitted: as in Chain."""

    type: str
    param: SearchParam
    criterion: Any
    urls: tuple[int, ...] = ()
    permitted: Any = None


class Not(NamedTuple):
    """The criterion does not hold."""

    criterion: Any


class AnyOf(NamedTuple):
    """One of the criteria holds."""

    criteria: tuple[Any, ...]


class Permitted(NamedTuple):
    """The resource is one that a client may meet: of some types, and meeting one of their alternatives.

    of: (types, alternatives); each alternative is a tuple of criteria which all must hold, () for every resource.
    """

    of: tuple[tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]], ...]


class Filter(NamedTuple):
    """What a resource must meet.

    types: the types that are searched, () for every type. used: the parameters that were understood, as they were sent;
    unknown: the names of the others.
    """

    types: tuple[str, ...]
    criteria: tuple[Any, ...]
    used: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
