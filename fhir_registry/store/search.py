"""Finds resources of one site by criteria (https://hl7.org/fhir/R4/search.html)."""

from ..core.criteria import AnyOf, Chain, Criterion, Has, Hierarchy, Not, Present
from ..core.query_values import Target, bad
from .search_choice import is_simple, leads, rank
from .search_criteria import Criteria
from .search_query import FEW, Matching, Query
from .statement import Statement, keep_shape, limit_time

MAX_HIERARCHY = 5000  # resources above or below others


class Search:
    """Finds the resources of one site; every table read is restricted to it.

    now: function giving microseconds since 1970-01-01, for the prefix `ap` of dates. few: how many candidates are
    sorted; beyond that resources are walked in order.
    """

    def __init__(self, tables, now, few=FEW):
        self.tables, self.now, self.few = tables, now, few

    def prepare(self, connection, site, filter, order=()):
        """The Query for the resources that meet a Filter. order: SortKeys, () for the order of creation."""
        keep_shape(connection)
        statement = self._begin(connection, site)
        filter = _resolved(statement, filter)
        types = filter.types or present(statement, "resource", "type")
        return Query(statement, filter, types, tuple(order), self.now, self.few)

    def find(self, connection, site, filter, limit=2):
        """Ids of at most `limit` resources that meet the Filter, for conditional interactions; one statement."""
        if not (len(filter.criteria) == 1 and is_simple(filter.criteria[0])):
            limit_time(connection)  # a simple one is quick
        statement = self._begin(connection, site)
        filter = _resolved(statement, filter)
        matching = Matching(statement, filter, filter.types, self.now)
        driver = min((each for each in filter.criteria if leads(each, filter.types)), key=rank, default=None)
        found = f"SELECT c.rid FROM {matching.candidates(driver)} ORDER BY c.rid LIMIT {limit}"
        ids = statement.then("resource", "r", "key", "r.rid = f.rid")
        text = f"SELECT r.id FROM ({found}) AS f{ids} ORDER BY r.rid"
        return [id for (id,) in statement.run(text)]

    def included(self, connection, site, rids, param_ids, type, limit, urls=(), permitted=None):
        """rids, in order, of the stored resources that the resources `rids` name.

        param_ids: of the reference parameters by which, None for any. type: the type of what is included, None for any.
        urls: ids of the parameters `url` of what may be named by its canonical URL. permitted: the criterion for what
        the client may see, None for all.
        """
        s = self._begin(connection, site)
        by = "" if param_ids is None else f" AND {s.member('f.param', param_ids)}"
        of_type = f" AND t.type = {s.bind(type)}" if type else ""
        named = s.rows("c", rids) + s.then("index_reference", "f", "index_reference_rid", f"f.rid = c.rid{by}")
        same = f"t.site = {site} AND t.type = f.type AND t.id = f.id AND t.deleted = 0{of_type}"
        selects = [f"SELECT t.rid FROM {named}{s.then('resource', 't', 'resource_identity', same)}"]
        if urls:
            same = f"f.type = '' AND u.site = {site} AND {s.member('u.param', urls)} AND u.value = f.id"
            selects.append(f"SELECT u.rid FROM {named}{s.then('index_uri', 'u', 'key', same)}")
        return self._first(s, selects, limit, permitted)

    def including(self, connection, site, rids, types, param_ids, limit, urls=(), permitted=None):
        """rids, in order, of the resources that name the resources `rids`.

        types: only what is named and of these types counts, () for any. param_ids: of the reference parameters by which
        it is named, None for any. urls, permitted: as in `included`.
        """
        if param_ids is None:
            param_ids = present(self._begin(connection, site), "index_reference", "param")
        if not param_ids:
            return []
        s = self._begin(connection, site)
        of_type = f" AND {s.member('t.type', types)}" if types else ""
        by = f"f.site = {site} AND {s.member('f.param', param_ids)}"
        target = s.rows("c", rids) + s.then("resource", "t", "key", f"t.rid = c.rid{of_type}")
        ids = s.then("index_reference", "f", "key", f"{by} AND f.id = t.id AND f.type = t.type")
        selects = [f"SELECT f.rid FROM {target}{ids}"]
        if urls:
            known = s.then("index_uri", "u", "index_uri_rid", f"u.rid = t.rid AND {s.member('u.param', urls)}")
            named = s.then("index_reference", "f", "key", f"{by} AND f.id = u.value AND f.type = ''")
            selects.append(f"SELECT f.rid FROM {target}{known}{named}")
        return self._first(s, selects, limit, permitted)

    def _first(self, statement, selects, limit, permitted):
        """The first of the numbers that SELECTs give, each once."""
        seen = f" WHERE {Criteria(statement, self.now).holds(permitted, 'n.rid')}" if permitted else ""
        text = f"SELECT DISTINCT rid FROM ({' UNION ALL '.join(selects)}) AS n{seen} ORDER BY rid LIMIT {limit}"
        return [rid for (rid,) in statement.run(text)]

    def _begin(self, connection, site):
        return Statement(connection, site, self.tables.slot)


def present(statement, table, column):
    """The values of the column that follows the site in an index of the table: each step skips those that are equal."""
    table, site = statement.in_slot(table), statement.site
    least = f"SELECT min({column}) AS v FROM {table} WHERE site = {site}"
    text = (
        f"WITH RECURSIVE present(v) AS ({least} UNION ALL SELECT (SELECT min({column}) FROM {table}"
        f" WHERE site = {site} AND {column} > present.v) FROM present WHERE present.v IS NOT NULL)"
        " SELECT v FROM present WHERE v IS NOT NULL"
    )
    return tuple(value for (value,) in statement.another().run(text))


def _resolved(statement, filter):
    return filter._replace(criteria=tuple(_resolve(statement, each) for each in filter.criteria))


def _resolve(statement, criterion):
    """The criterion with the resources of hierarchies in their place."""
    match criterion:
        case Hierarchy(params, _, type):
            ids = _members(statement.another(), criterion)
            return Criterion(params, None, tuple(Target(type, id) for id in ids))
        case Chain(_, _, inner) | Has(_, _, inner) | Not(inner):
            return criterion._replace(criterion=_resolve(statement, inner))
        case AnyOf(criteria):
            some = [_resolve(statement, each) for each in criteria if _may_hold(statement, each)]
            return AnyOf(tuple(some)) if len(some) > 1 else some[0]
    return criterion


def _may_hold(statement, criterion):
    """Whether there are rows that a criterion of contained resources may hold for, as there seldom are."""
    match criterion:
        case Criterion(params) | Present(params) | Chain(params) if "#" in params[0].code:
            s = statement.another()
            condition = f"i.site = {s.site} AND {s.member('i.param', [param.id for param in params])}"
            source = f"{s.in_slot(f'index_{params[0].type}')} AS i"
            return s.run(f"SELECT {s.exists(source, condition)}")[0][0]
        case AnyOf(criteria):
            return any(_may_hold(statement, each) for each in criteria)
    return True


def _members(s, hierarchy):
    """The ids of a Hierarchy, those it begins with included."""
    site = s.site
    along, of_type = hierarchy.along.id, f"= {s.bind(hierarchy.type)}"
    if hierarchy.above:
        source = s.then("resource", "r", "resource_identity", f"r.site = {site} AND r.type {of_type} AND r.id = h.id")
        source += s.then("index_reference", "f", "index_reference_rid", f"f.rid = r.rid AND f.param = {along}")
        step = f"SELECT f.id FROM h{source} WHERE f.type {of_type}"
    else:
        named = f"f.site = {site} AND f.param = {along} AND f.id = h.id AND f.type {of_type}"
        source = s.then("index_reference", "f", "key", named) + s.then("resource", "r", "key", "r.rid = f.rid")
        step = f"SELECT r.id FROM h{source}"
    as_column = "" if s.sqlite else '::text COLLATE "C"'  # PostgreSQL wants one collation in both parts
    start = " UNION ALL ".join(f"SELECT {s.bind(id)}{as_column}" for id in hierarchy.ids)
    text = f"WITH RECURSIVE h(id) AS ({start} UNION {step}) SELECT id FROM h LIMIT {MAX_HIERARCHY + 1}"
    ids = tuple(id for (id,) in s.run(text))
    if len(ids) > MAX_HIERARCHY:
        raise bad(f"More than {MAX_HIERARCHY:,} resources are above or below what is named", "too-costly")
    return ids
