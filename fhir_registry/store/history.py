"""The versions of a resource, a type or a site, newest first (https://hl7.org/fhir/R4/http.html#history)."""

from typing import NamedTuple

from sqlalchemy import and_, func, literal, not_, or_, select, tuple_, union_all

from .bodies import naming_damaged
from .read import Stored, stored

COUNTED = 10_000  # versions; of more there is no total


class Span(NamedTuple):
    """Which versions are meant, microseconds since 1970-01-01: those written at `since` or later, and those that were
    current at some moment of `at`, which is (lo, hi), hi exclusive, or None."""

    since: int = 0
    at: tuple[int, int] | None = None


class Past(NamedTuple):
    """A version of the past. is_first: whether there was nothing before it, or a deletion."""

    rid: int
    stored: Stored
    is_first: bool


class Histories:
    """Walks the versions by the time they were written; those of a type, or of a resource, lie together."""

    def __init__(self, tables):
        self._resource, self._version = tables.resource, tables.version

    def page(self, connection, site, span, limit, types=None, rid=None, after=None):
        """At most `limit` Past, newest first, of a resource (rid), of types, or of the site.

        after: (updated, rid) of the last one of the page before.
        """
        v, before = self._version.c, self._version.alias().c
        walks = []
        for walk in self._walks(connection, site, span, types, rid):
            if after is not None:
                walk = walk.where(tuple_(v.updated, v.rid) < tuple_(literal(after[0]), literal(after[1])))
            walks.append(select(walk.order_by(v.updated.desc(), v.rid.desc()).limit(limit).subquery()))
        if not walks:
            return []
        found = union_all(*walks).subquery()
        newest = select(found).order_by(found.c.updated.desc(), found.c.rid.desc()).limit(limit).subquery()
        resource = self._resource.c
        is_first = or_(before.method.is_(None), before.method == "DELETE")
        query = (
            select(v.rid, resource.type, resource.id, v.version, v.updated, v.body, v.method, is_first)
            .select_from(newest)
            .join(self._version, and_(v.rid == newest.c.rid, v.version == newest.c.version))
            .join(self._resource, resource.rid == newest.c.rid)
            .outerjoin(before.rid.table, and_(before.rid == newest.c.rid, before.version == newest.c.version - 1))
            .order_by(newest.c.updated.desc(), newest.c.rid.desc())
        )
        with naming_damaged(connection, self._version, select(newest.c.rid)):
            return [Past(rid, stored(row), bool(first)) for rid, *row, first in connection.execute(query)]

    def total(self, connection, site, span, types=None, rid=None):
        """How many versions there are; None when they are more than COUNTED."""
        walks = [select(walk.limit(COUNTED + 1).subquery()) for walk in self._walks(connection, site, span, types, rid)]
        if not walks:
            return 0
        counted = union_all(*walks).limit(COUNTED + 1).subquery()
        number = connection.execute(select(func.count()).select_from(counted)).scalar_one()
        return number if number <= COUNTED else None

    def _walks(self, connection, site, span, types, rid):
        """SELECTs of (rid, version, updated) that together give the versions meant, each along one index."""
        v = self._version.c
        walk = select(v.rid, v.version, v.updated).where(v.updated >= span.since)
        if span.at:
            lo, hi = span.at
            following = self._version.alias()
            f = following.c
            replaced = select(literal(1)).select_from(following)
            replaced = replaced.where(f.rid == v.rid, f.version == v.version + 1, f.updated <= lo).exists()
            walk = walk.where(v.updated < hi, not_(replaced), or_(v.method != "DELETE", v.updated >= lo))
        if rid is not None:
            return [walk.where(v.rid == rid)]
        stored = self._types(connection, site) if types is None or len(types) > 1 else types
        return [walk.where(v.site == site, v.type == each) for each in stored if types is None or each in types]

    def _types(self, connection, site):
        """The types that a site has versions of: one step in the index each."""
        v = self._version.c
        first = select(func.min(v.type).label("type")).where(v.site == site).cte(recursive=True)
        following = select(func.min(v.type)).where(v.site == site, v.type > first.c.type).scalar_subquery()
        types = first.union_all(select(following).where(first.c.type.is_not(None)))
        return list(connection.execute(select(types.c.type).where(types.c.type.is_not(None))).scalars())
