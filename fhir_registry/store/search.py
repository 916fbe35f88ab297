"""Criteria become SELECTs of rids over the index tables (https://hl7.org/fhir/R4/search.html)."""

from sqlalchemy import and_, func, not_, select
from sqlalchemy import or_ as sql_or

from ..core.index import normalize
from ..core.query import Chain, Criterion, Filter, Has, Ids, LastUpdated, Missing
from .tables import INDEX_START, shorten

MILLISECOND = 1000
GROUP = 50  # conditions side by side
END = "\U0010ffff"  # sorts after every text


class Search:
    """Finds the resources of one site; every table read is restricted to it.

    now: function giving microseconds since 1970-01-01, for the prefix `ap` of dates.
    """

    def __init__(self, tables, now):
        self._tables, self._now = tables, now

    def count(self, connection, site, filter):
        """How many resources meet the Filter."""
        matching = self._matching(site, filter, self._tables.resource).subquery()
        return connection.execute(select(func.count()).select_from(matching)).scalar_one()

    def page(self, connection, site, filter, limit, sort="rid", descending=False, after=None):
        """At most `limit` rows (sort value, rid), ordered by sort value, then rid.

        sort: rid, id or updated. after: (sort value, rid) of the last row of the page before.
        """
        resource = self._tables.resource
        key, rid = resource.c[sort], resource.c.rid
        query = self._matching(site, filter, resource).with_only_columns(key.label("sort_value"), rid.label("rid"))
        if after is not None:
            value, last = after
            beyond = key < value if descending else key > value
            query = query.where(or_(beyond, and_(key == value, rid > last)))
        order = (key.desc() if descending else key,) if sort == "rid" else (key.desc() if descending else key, rid)
        return connection.execute(query.order_by(*order).limit(limit)).all()

    def find(self, connection, site, filter, limit=2):
        """Ids of at most `limit` resources that meet the Filter, for conditional interactions."""
        resource = self._tables.resource
        query = self._matching(site, filter, resource).with_only_columns(resource.c.id)
        return list(connection.execute(query.order_by(resource.c.rid).limit(limit)).scalars())

    def included(self, connection, site, rids, param, type, limit):
        """rids of stored resources that the resources `rids` name in a reference parameter; type: None for any."""
        reference, resource = self._tables.index["reference"], self._tables.resource
        names = and_(resource.c.site == site, resource.c.type == reference.c.type, resource.c.id == reference.c.id)
        query = select(resource.c.rid).distinct().join_from(reference, resource, names)
        query = query.where(reference.c.site == site, reference.c.param == param.id, reference.c.rid.in_(rids))
        query = query.where(resource.c.deleted == 0)
        if type:
            query = query.where(resource.c.type == type)
        return list(connection.execute(query.order_by(resource.c.rid).limit(limit)).scalars())

    def including(self, connection, site, rids, param, type, limit):
        """rids of the resources that name the resources `rids`, which are of `type`, in a reference parameter."""
        reference, resource = self._tables.index["reference"], self._tables.resource
        ids = select(resource.c.id).where(resource.c.rid.in_(rids))
        query = select(reference.c.rid).distinct().where(reference.c.site == site, reference.c.param == param.id)
        query = query.where(reference.c.type == type, reference.c.id.in_(ids))
        return list(connection.execute(query.order_by(reference.c.rid).limit(limit)).scalars())

    def _matching(self, site, filter, resource):
        """SELECT rid FROM resource (a table or an alias of it) WHERE the Filter holds."""
        conditions = [self._condition(site, filter.type, criterion, resource) for criterion in filter.criteria]
        return select(resource.c.rid).where(
            resource.c.site == site, resource.c.type == filter.type, resource.c.deleted == 0, *conditions
        )

    def _condition(self, site, type, criterion, resource):
        match criterion:
            case Ids(values):
                return resource.c.id.in_(values)
            case LastUpdated(values):
                lo, hi = resource.c.updated, resource.c.updated + MILLISECOND
                return or_(*(self._date(lo, hi, value) for value in values))
            case Missing(param, missing):
                present = resource.c.rid.in_(self._rows(site, param))
                return not_(present) if missing else present
            case Criterion(param, "not", values):
                return resource.c.rid.not_in(self._rows(site, param).where(self._any(param, None, values)))
            case Criterion(param, modifier, values):
                return resource.c.rid.in_(self._rows(site, param).where(self._any(param, modifier, values)))
            case Chain(param, links):
                return resource.c.rid.in_(self._rows(site, param).where(or_(*(self._link(site, *k) for k in links))))
            case Has(referrer_type, param, inner):
                return resource.c.id.in_(self._referred(site, type, referrer_type, param, inner))

    def _rows(self, site, param):
        table = self._tables.index[param.type]
        return select(table.c.rid).where(table.c.site == site, table.c.param == param.id)

    def _link(self, site, type, inner):
        reference, target = self._tables.index["reference"], self._tables.resource.alias()
        ids = self._matching(site, Filter(type, (inner,), (), ()), target).with_only_columns(target.c.id)
        return and_(reference.c.type == type, reference.c.id.in_(ids))

    def _referred(self, site, type, referrer_type, param, inner):
        """SELECT id of what a resource of `referrer_type` for which the criterion holds names in `param`."""
        reference, referrer = self._tables.index["reference"].alias(), self._tables.resource.alias()
        query = select(reference.c.id).join_from(reference, referrer, referrer.c.rid == reference.c.rid)
        query = query.where(reference.c.site == site, reference.c.param == param.id, reference.c.type == type)
        query = query.where(referrer.c.type == referrer_type, referrer.c.deleted == 0)
        return query.where(self._condition(site, referrer_type, inner, referrer))

    def _any(self, param, modifier, values):
        columns = self._tables.index[param.type].c
        match param.type:
            case "string":
                return or_(*(_string(columns, modifier, value) for value in values))
            case "token":
                return _tokens(columns, values)
            case "date":
                return or_(*(self._date(columns.lo, columns.hi, value) for value in values))
            case "number" | "quantity":
                return or_(*(_quantity(columns, value) for value in values))
            case "reference":
                return or_(*(_reference(columns, value) for value in values))
            case "uri":
                return columns.value.in_([shorten(value) for value in values])

    def _date(self, lo, hi, s):
        match s.prefix:
            case "eq":
                return and_(lo >= s.lo, hi <= s.hi)
            case "ne":
                return or_(lo < s.lo, hi > s.hi)
            case "gt":
                return hi > s.hi
            case "lt":
                return lo < s.lo
            case "ge":
                return or_(hi > s.hi, and_(lo >= s.lo, hi <= s.hi))
            case "le":
                return or_(lo < s.lo, and_(lo >= s.lo, hi <= s.hi))
            case "sa":
                return lo >= s.hi
            case "eb":
                return hi <= s.lo
            case "ap":
                margin = abs(self._now() - s.lo) // 10
                return and_(lo < s.hi + margin, hi > s.lo - margin)


def _string(columns, modifier, value):
    if modifier == "contains":
        return sql_or(columns.norm.contains(value, autoescape=True), columns.whole.contains(value, autoescape=True))
    if modifier == "exact":
        return and_(columns.norm == shorten(normalize(value)), columns.exact == shorten(value))
    start = value[:INDEX_START]
    near = and_(columns.norm >= start, columns.norm < start + END)
    if start == value:
        return near
    beyond = sql_or(*(and_(c >= value, c < value + END) for c in (columns.norm, columns.whole)))
    return and_(near, beyond)


def _tokens(columns, values):
    conditions = []
    codes = [shorten(v.code) for v in values if v.system is None]
    if codes:
        conditions.append(columns.code.in_(codes))
    for system, code in values:
        if system is not None:
            same = columns.system == shorten(system)
            conditions.append(same if code is None else and_(same, columns.code == shorten(code)))
    return or_(*conditions)


def _quantity(columns, s):
    condition = _number(columns, s)
    if s.system is not None:
        condition = and_(condition, columns.system == shorten(s.system))
    if s.code is not None:
        condition = and_(condition, or_(columns.code == shorten(s.code), columns.unit == shorten(s.code)))
    return condition


def _number(columns, s):
    lo, hi = columns.lo, columns.hi
    match s.prefix:
        case "eq":
            return and_(lo >= s.lo, hi < s.hi)
        case "ne":
            return or_(lo < s.lo, hi >= s.hi)
        case "gt":
            return hi > s.value
        case "lt":
            return lo < s.value
        case "ge":
            return hi >= s.value
        case "le":
            return lo <= s.value
        case "sa":
            return lo > s.value
        case "eb":
            return hi < s.value
        case "ap":
            return and_(lo <= s.hi, hi >= s.lo)


def _reference(columns, target):
    same = columns.id == shorten(target.id)
    if target.type is None:
        return and_(same, columns.type != "")
    named = and_(same, columns.type == target.type)
    return sql_or(named, and_(columns.id == shorten(target.url), columns.type == "")) if target.url else named


def or_(*conditions):
    """OR of any number of conditions, halved: SQLite stops at expressions 1,000 deep, and a row of ORs is as deep."""
    if len(conditions) <= GROUP:
        return sql_or(*conditions)
    middle = len(conditions) // 2
    # Another operator object than SQLAlchemy's own, which it would melt into one row again.
    return or_(*conditions[:middle]).bool_op("OR")(or_(*conditions[middle:]))
