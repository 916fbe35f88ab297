"""Criteria become SQL over the index tables: what leads to resources, and what holds for one of them.

(https://hl7.org/fhir/R4/search.html#combining)
"""

from ..core.criteria import AnyOf, Chain, Composite, Criterion, Has, Ids, Itself, LastUpdated, Not, Permitted, Present
from .search_choice import is_in_order, is_typed
from .search_values import MILLISECOND, Columns, Way, find_ways
from .statement import all_of, any_of

_UNION = 100  # SELECTs in a row: SQLite stops at 500
_ANY = Way("1 = 1")


class Criteria:
    """Writes criteria into one Statement. now: function giving microseconds since 1970-01-01."""

    def __init__(self, statement, now):
        self._statement, self._now = statement, now

    # --- SELECT rid: what leads to resources --------------------------------------------------------

    def select(self, criterion, types):
        """`SELECT rid ...` of the resources of the types (() for any) that meet the criterion, some more than once.

        Resources of other types may be among them when is_typed says no. The criterion must be one that leads.
        """
        match criterion:
            case Ids(values):
                return self._select_ids(types, values)
            case Itself(type, id):
                return self._select_ids((type,), (id,))
            case LastUpdated(values):
                return _union([self._select_updated(types, value) for value in values])
            case Criterion(params, modifier, values):
                return _union(self._select_rows(params, modifier, values))
            case Present(params):
                return _union(self._select_rows(params, None, ()))
            case Composite(alternatives, values):
                return _union([self._select_composite(c, v) for c in alternatives for v in values])
            case Chain():
                return self._select_chain(criterion)
            case Has():
                return self._select_has(criterion, types)
            case AnyOf(criteria):
                return _union([self.select(each, types) for each in criteria])

    def select_types(self, types):
        """`SELECT rid ...` of all resources of the types."""
        return self._resources("resource_type", types, lambda _: "1 = 1")

    def _resources(self, index, types, condition):
        resource = self._statement.alias()
        of_type = self._statement.member(f"{resource}.type", types)
        return (
            f"SELECT {resource}.rid FROM {self._statement.table('resource', resource, index)} WHERE"
            f" {resource}.site = {self._statement.site} AND {of_type} AND {resource}.deleted = 0"
            f" AND {condition(resource)}"
        )

    def _select_ids(self, types, values):
        return self._resources("resource_identity", types, lambda r: self._statement.member(f"{r}.id", values))

    def _select_updated(self, types, value):
        return self._resources("resource_updated", types, lambda r: self._updated(r, value))

    def _select_rows(self, params, modifier, values):
        alias, table = self._statement.alias(), f"index_{params[0].type}"
        return [
            f"SELECT {alias}.rid FROM {self._statement.table(table, alias, way.index)}"
            f" WHERE {self._of(alias, params)} AND {way.condition}"
            for way in self.ways(alias, params, modifier, values)
        ]

    def _select_composite(self, components, values):
        first, *others = zip(components, values, strict=True)
        row, table = self._statement.alias(), f"index_{first[0].type}"
        selects = []
        for way in self.ways(row, first[:1], None, first[1:]):
            source = self._statement.table(table, row, way.index)
            same = all_of(self._same_element(row, *other) for other in others)
            selects.append(
                f"SELECT {row}.rid FROM {source} WHERE {self._of(row, first[:1])} AND {way.condition} AND {same}"
            )
        return _union(selects)

    def _select_chain(self, chain):
        inner = self.select(chain.criterion, chain.types)
        s, (found, target, row, url) = self._statement, (self._statement.alias() for _ in range(4))
        start = f"SELECT {row}.rid FROM ({inner}) AS {found}"
        seen = self._and_permitted(chain.permitted, f"{found}.rid")
        named = f"{self._of(row, chain.params)} AND {row}.id = {target}.id AND {row}.type = {target}.type"
        selects = [
            start
            + s.then("resource", target, "key", f"{target}.rid = {found}.rid AND {self._is(target, chain)}{seen}")
            + s.then("index_reference", row, "key", named)
        ]
        if chain.urls:
            named = f"{self._of(row, chain.params)} AND {row}.id = {url}.value AND {row}.type = ''"
            selects.append(
                start
                + s.then(
                    "index_uri", url, "index_uri_rid", f"{url}.rid = {found}.rid AND {self._is_url(url, chain)}{seen}"
                )
                + s.then("index_reference", row, "key", named)
            )
        return _union(selects)

    def _select_has(self, has, types):
        inner = self.select(has.criterion, (has.type,))
        s, (found, target, row, url) = self._statement, (self._statement.alias() for _ in range(4))
        seen = self._and_permitted(has.permitted, f"{found}.rid")
        by = f"{row}.rid = {found}.rid AND {row}.param = {has.param.id}{seen}"
        source = f"({inner}) AS {found}{s.then('index_reference', row, 'index_reference_rid', by)}"
        named = f"{target}.site = {s.site} AND {target}.type = {row}.type AND {target}.id = {row}.id"
        of_type = f" AND {s.member(f'{target}.type', types)}" if types else ""
        selects = [
            f"SELECT {target}.rid FROM {source}"
            + s.then("resource", target, "resource_identity", f"{named} AND {target}.deleted = 0{of_type}")
        ]
        if has.urls:
            named = f"{url}.site = {s.site} AND {self._is_url(url, has)} AND {url}.value = {row}.id AND {row}.type = ''"
            selects.append(f"SELECT {url}.rid FROM {source}{s.then('index_uri', url, 'key', named)}")
        return _union(selects)

    # --- EXISTS: what holds for one resource --------------------------------------------------------

    def holds(self, criterion, rid):
        """The condition that the resource with the number `rid` (SQL) meets the criterion."""
        match criterion:
            case Ids(values):
                return self._resource(rid, lambda r: self._statement.member(f"{r}.id", values))
            case Itself(type, id):
                return self._resource(
                    rid, lambda r: f"{r}.type = {self._statement.bind(type)} AND {r}.id = {self._statement.bind(id)}"
                )
            case LastUpdated(values):
                return self._resource(rid, lambda r: any_of(self._updated(r, value) for value in values))
            case Criterion(params, modifier, values):
                return self._row_exists(rid, params, modifier, values)
            case Present(params):
                return self._row_exists(rid, params, None, ())
            case Composite(alternatives, values):
                return any_of(self._composite_exists(rid, c, v) for c in alternatives for v in values)
            case Chain():
                return self._chain_exists(rid, criterion)
            case Has():
                return self._has_exists(rid, criterion)
            case Not(inner):
                return f"NOT {self.holds(inner, rid)}"
            case AnyOf(criteria):
                return any_of(self.holds(each, rid) for each in criteria)
            case Permitted(of):
                return any_of(f"({self._is_permitted(types, alternatives, rid)})" for types, alternatives in of)

    def _is_permitted(self, types, alternatives, rid):
        ways = [all_of(self.holds(each, rid) for each in criteria) for criteria in alternatives]
        return all_of([self.is_of(types, rid), *([any_of(f"({way})" for way in ways)] if ways else [])])

    def _and_permitted(self, permitted, rid):
        """The end of a condition: what a chain passes must be what the client may see."""
        return "" if permitted is None else f" AND ({self.holds(permitted, rid)})"

    def is_of(self, types, rid):
        """The condition that the resource is of one of the types."""
        return self._resource(rid, lambda r: self._statement.member(f"{r}.type", types))

    def _resource(self, rid, condition):
        resource = self._statement.alias()
        source = self._statement.table("resource", resource, "key")
        return self._statement.exists(source, f"{resource}.rid = {rid} AND {condition(resource)}")

    def _row_exists(self, rid, params, modifier, values):
        alias, kind = self._statement.alias(), params[0].type
        ways = self.ways(alias, params, modifier, values)
        # One value and rid are the beginning of a key, where rows of neighbours lie together.
        keyed = is_in_order(Criterion(params, modifier, values))
        source = self._statement.table(f"index_{kind}", alias, "key" if keyed else f"index_{kind}_rid")
        of = self._of(alias, params) if keyed else self._param(alias, params)
        return self._statement.exists(source, f"{alias}.rid = {rid} AND {of} AND {any_of(w.condition for w in ways)}")

    def _composite_exists(self, rid, components, values):
        first, *others = zip(components, values, strict=True)
        row, kind = self._statement.alias(), first[0].type
        ways = any_of(way.condition for way in self.ways(row, first[:1], None, first[1:]))
        same = all_of(self._same_element(row, *other) for other in others)
        source = self._statement.table(f"index_{kind}", row, f"index_{kind}_rid")
        return self._statement.exists(
            source, f"{row}.rid = {rid} AND {self._param(row, first[:1])} AND {ways} AND {same}"
        )

    def _same_element(self, row, component, value):
        other, kind = self._statement.alias(), component.type
        ways = any_of(way.condition for way in self.ways(other, (component,), None, (value,)))
        source = self._statement.table(f"index_{kind}", other, f"index_{kind}_rid")
        same = f"{other}.rid = {row}.rid AND {other}.param = {component.id} AND {other}.item = {row}.item"
        return self._statement.exists(source, f"{same} AND {ways}")

    def _chain_exists(self, rid, chain):
        s, (row, target, url) = self._statement, (self._statement.alias() for _ in range(3))
        start = s.table("index_reference", row, "index_reference_rid")
        of = f"{row}.rid = {rid} AND {self._param(row, chain.params)}"
        named = f"{target}.site = {s.site} AND {target}.type = {row}.type AND {target}.id = {row}.id"
        source = start + s.then("resource", target, "resource_identity", f"{named} AND {self._is(target, chain)}")
        ways = [s.exists(source, f"{of} AND {self._holds_beyond(chain, f'{target}.rid')}")]
        if chain.urls:
            named = f"{url}.site = {s.site} AND {self._is_url(url, chain)} AND {url}.value = {row}.id"
            source = start + s.then("index_uri", url, "key", named)
            ways.append(s.exists(source, f"{of} AND {row}.type = '' AND {self._holds_beyond(chain, f'{url}.rid')}"))
        return any_of(ways)

    def _holds_beyond(self, link, rid):
        """The condition that a resource meets what a Chain or Has asks of it, and is one that the client may see."""
        return self.holds(link.criterion, rid) + self._and_permitted(link.permitted, rid)

    def _has_exists(self, rid, has):
        s, (target, row, url) = self._statement, (self._statement.alias() for _ in range(3))
        inner = self._holds_beyond(has, f"{row}.rid")
        names = f"{self._of(row, (has.param,))} AND {row}.id = {target}.id AND {row}.type = {target}.type"
        source = s.table("resource", target, "key") + s.then("index_reference", row, "key", names)
        ways = [s.exists(source, f"{target}.rid = {rid} AND {inner}")]
        if has.urls:
            names = f"{self._of(row, (has.param,))} AND {row}.id = {url}.value AND {row}.type = ''"
            source = s.table("index_uri", url, "index_uri_rid") + s.then("index_reference", row, "key", names)
            ways.append(s.exists(source, f"{url}.rid = {rid} AND {self._is_url(url, has)} AND {inner}"))
        return any_of(ways)

    # --- columns ------------------------------------------------------------------------------------

    def ways(self, alias, params, modifier, values):
        """The Ways to rows of the parameters; without values to all of them."""
        if not values:
            return [_ANY]
        return find_ways(self._statement, alias, params[0].type, modifier, values, self._now())

    def rows_in_order(self, alias, criterion):
        """The conditions of the rows of a criterion that lie in the order of rid, see is_in_order."""
        (way,) = self.ways(alias, *criterion)
        return [self._of(alias, criterion.params), way.condition]

    def _updated(self, resource, value):
        # An instant of ours is a millisecond long.
        columns = Columns(self._statement, resource, self._now())
        return columns.date(f"{resource}.updated", f"{resource}.updated", value, MILLISECOND).condition

    def _is(self, target, chain):
        types = "" if is_typed(chain.criterion, chain.types) else self._statement.member(f"{target}.type", chain.types)
        return f"{target}.deleted = 0" + (types and f" AND {types}")

    def _is_url(self, alias, criterion):
        return self._statement.member(f"{alias}.param", criterion.urls)

    def _of(self, alias, params):
        return f"{alias}.site = {self._statement.site} AND {self._param(alias, params)}"

    @staticmethod
    def _param(alias, params):
        ids = ", ".join(str(param.id) for param in params)
        return f"{alias}.param = {ids}" if len(params) == 1 else f"{alias}.param IN ({ids})"


def _union(selects):
    """UNION ALL of any number of SELECTs."""
    while len(selects) > 1:
        rows = (selects[start : start + _UNION] for start in range(0, len(selects), _UNION))
        joined = [" UNION ALL ".join(row) for row in rows]
        selects = joined if len(joined) == 1 else [f"SELECT rid FROM ({each}) AS u" for each in joined]
    return selects[0]
