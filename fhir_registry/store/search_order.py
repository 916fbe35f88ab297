"""The order of a search's answer, and the place after a row in it (https://hl7.org/fhir/R4/search.html#sort).

The value of a repeated element is its smallest in ascending order and its largest in descending order: of a date its
beginning or its end; of a string its normal form, of which 160 characters count; of a number or quantity the least that
it may be; of a token its code; of a reference its id. Resources without a value come last in both directions. Resources
with equal values are in the order in which they were created, or against it when the first key descends.
"""

from typing import NamedTuple

from ..content.searchparam import SearchParam
from .tables import SITE_BITS

ID, LAST_UPDATED = "_id", "_lastUpdated"
# kind of parameter -> column that is compared ascending, descending
_COLUMNS = {
    "string": ("norm", "norm"),
    "token": ("code", "code"),
    "reference": ("id", "id"),
    "uri": ("value", "value"),
    "date": ("lo", "hi"),
    "number": ("lo", "lo"),
    "quantity": ("lo", "lo"),
}
SORTABLE = frozenset(_COLUMNS)
_OF_THE_RESOURCE = {ID: ("id", "resource_identity"), LAST_UPDATED: ("updated", "resource_updated")}


class SortKey(NamedTuple):
    """By what a search is sorted: parameters, one for each type that is searched, or "_id" or "_lastUpdated"."""

    params: tuple[SearchParam, ...] | str
    descending: bool = False


class Walk(NamedTuple):
    """A table whose index gives resources in the order that is wanted.

    source: FROM, with the alias `w`; conditions: what else must hold; value: the column of the first sort key, or None.
    typed: there are none of other types. distinct: rows of one resource may follow each other.
    """

    source: str
    conditions: list[str]
    value: str | None = None
    typed: bool = True
    distinct: bool = False


def column(key):
    """The column that a SortKey compares."""
    if isinstance(key.params, str):
        return _OF_THE_RESOURCE[key.params][0]
    return _COLUMNS[key.params[0].type][key.descending]


def sort_value(statement, key, rid):
    """The value of a SortKey of the resource with the number `rid` (SQL), NULL when it has none."""
    alias = statement.alias()
    if isinstance(key.params, str):
        source = statement.table("resource", alias, "key")
        return f"(SELECT {alias}.{column(key)} FROM {source} WHERE {alias}.rid = {rid})"
    kind = key.params[0].type
    source = statement.table(f"index_{kind}", alias, f"index_{kind}_rid")
    best = f"{'max' if key.descending else 'min'}({alias}.{column(key)})"
    return f"(SELECT {best} FROM {source} WHERE {alias}.rid = {rid} AND {_of_key(alias, key.params)})"


def has_value(statement, key, rid):
    """The condition that the resource has a value of a SortKey."""
    alias, kind = statement.alias(), key.params[0].type
    source = statement.table(f"index_{kind}", alias, f"index_{kind}_rid")
    return statement.exists(source, f"{alias}.rid = {rid} AND {_of_key(alias, key.params)}")


def walk_types(statement, types):
    """The Walk over all resources of the types in the order of rid."""
    if len(types) == 1:
        return [_walk_resources(statement, types[0], "resource_type")]
    first, end = (site << SITE_BITS for site in (statement.site, statement.site + 1))
    conditions = [f"w.rid >= {first}", f"w.rid < {end}", statement.member("w.type", types), "w.deleted = 0"]
    return [Walk(statement.table("resource", "w", "key"), conditions)]


def walk_sorted(statement, key, types):
    """The Walks over all resources of the types that have a value of a SortKey, in its order."""
    if isinstance(key.params, str):
        index = _OF_THE_RESOURCE[key.params][1]
        return [_walk_resources(statement, type, index)._replace(value=f"w.{column(key)}") for type in types]
    walks = [_walk_values(statement, key, param) for param in key.params]
    return [walk._replace(typed=param.base in types) for walk, param in zip(walks, key.params, strict=True)]


def _walk_resources(statement, type, index):
    of_type = f"w.type = {statement.bind(type)}"
    return Walk(statement.table("resource", "w", index), [f"w.site = {statement.site}", of_type, "w.deleted = 0"])


def _walk_values(statement, key, param):
    """Each resource at its first row in the order: where no other of its rows comes before."""
    table, value = f"index_{param.type}", column(key)
    by_end = value == "hi"
    other = statement.alias()
    # What tells the rows of one resource apart, the value first.
    rest = {"string": ("item", "exact"), "token": ("item", "system"), "reference": ("item", "type"), "uri": ("item",)}
    rest |= {"date": ("lo" if by_end else "hi", "item"), "number": ("hi", "value", "item")}
    rest |= {"quantity": ("hi", "value", "item", "system", "code", "unit")}
    names = (value, "param", *rest[param.type])
    compared = " ".join([_row(other, names), ">" if key.descending else "<", _row("w", names)])
    before = statement.exists(
        statement.table(table, other, f"{table}_rid"),
        f"{other}.rid = w.rid AND {_of_key(other, key.params)} AND {compared}",
    )
    source = statement.table(table, "w", "index_date_end" if by_end else "key")
    conditions = [f"w.site = {statement.site}", _of_key("w", (param,)), f"NOT {before}"]
    return Walk(source, conditions, f"w.{value}")


def _row(alias, names):
    return f"({', '.join(f'{alias}.{name}' for name in names)})"


def _of_key(alias, params):
    ids = ", ".join(str(param.id) for param in params)
    # A row without a text as it was written is only a part of a family name, see core/index.py.
    whole = f" AND {alias}.exact <> ''" if params[0].type == "string" else ""
    return f"{alias}.param IN ({ids}){whole}" if len(params) > 1 else f"{alias}.param = {ids}{whole}"


def order_by(order, level=None):
    """ORDER BY of k0, k1, ... and rid. level: of a walk past those that lack so many keys and have the next."""
    terms = [f"k{number} {_way(key)} NULLS LAST" for number, key in enumerate(order)]
    if level is not None:
        # Without NULLS LAST, so that the index gives the order.
        terms[: level + 1] = [f"k{level} {_way(order[level])}"] if level < len(order) else []
    return ", ".join([*terms, f"rid {_way(order[0]) if order else 'ASC'}"])


def beyond(statement, order, values, rid, after, back):
    """The condition that a row stands after the position `after`: [value of each key, None for none, ..., rid].

    values: SQL of each key; rid: SQL of the number; back: whether numbers descend.
    """
    *last, last_rid = after
    condition = f"{rid} {'<' if back else '>'} {statement.bind(last_rid)}"
    for key, value, bound in reversed(list(zip(order, values, last, strict=True))):
        if bound is None:
            condition = f"({value} IS NULL AND {condition})"
            continue
        place = statement.bind(bound)
        further = f"{value} {'<' if key.descending else '>'} {place}"
        condition = f"({further} OR {value} IS NULL OR ({value} = {place} AND {condition}))"
    return condition


def _way(key):
    return "DESC" if key.descending else "ASC"
