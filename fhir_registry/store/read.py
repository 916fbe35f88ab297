"""One resource, its versions, its history (https://hl7.org/fhir/R4/http.html#read)."""

from typing import NamedTuple

from sqlalchemy import and_, bindparam, select

from .bodies import naming_damaged

CHUNK = 500  # identities in one statement


class Stored(NamedTuple):
    """A version as it is stored. `updated`: microseconds since 1970-01-01; `body`: bytes, b"" when deleted."""

    type: str
    id: str
    version: int
    updated: int
    deleted: bool
    body: bytes
    method: str


class State(NamedTuple):
    """Where a resource stands, without its body."""

    rid: int
    version: int
    updated: int
    deleted: bool
    submission: int


class Reader:
    """The questions about single resources, prepared for one registry's tables."""

    def __init__(self, tables):
        self._resource, self._version = resource, version = tables.resource, tables.version
        here = (
            resource.c.site == bindparam("site"),
            resource.c.type == bindparam("type"),
            resource.c.id == bindparam("id"),
        )
        row = select(
            resource.c.type, resource.c.id, version.c.version, version.c.updated, version.c.body, version.c.method
        )
        joined = row.join_from(resource, version, resource.c.rid == version.c.rid).where(*here)
        self._rid = select(resource.c.rid).where(*here)
        self._current = joined.where(version.c.version == resource.c.version)
        self._one = joined.where(version.c.version == bindparam("version"))

    def read(self, connection, site, type, id, version=None):
        """The current or the given version as Stored, None when there is none."""
        key = {"site": site, "type": type, "id": id}
        with naming_damaged(connection, self._version, self._rid, key):
            if version is None:
                row = connection.execute(self._current, key).first()
            else:
                row = connection.execute(self._one, {**key, "version": version}).first()
        return row and stored(row)

    def states(self, connection, site, identities):
        """(type, id) -> State of those that were ever stored."""
        c = self._resource.c
        query = select(c.id, c.rid, c.version, c.updated, c.deleted, c.submission).where(c.site == site)
        by_type = {}
        for type_, id_ in identities:
            by_type.setdefault(type_, []).append(id_)
        found = {}
        for type_, ids in by_type.items():
            for start in range(0, len(ids), CHUNK):
                some = query.where(c.type == type_, c.id.in_(ids[start : start + CHUNK]))
                for id_, *state in connection.execute(some):
                    found[type_, id_] = State(*state)
        return found

    def holds(self, connection, site, type):
        """Whether a resource of the type was ever stored."""
        c = self._resource.c
        query = select(c.rid).where(c.site == site, c.type == type).limit(1)
        return connection.execute(query).first() is not None

    def places(self, connection, rids):
        """rid -> (type, updated) of stored resources."""
        c = self._resource.c
        query = select(c.rid, c.type, c.updated).where(c.rid.in_(rids), c.deleted == 0)
        return {rid: (type_, updated) for rid, type_, updated in connection.execute(query)}

    def current(self, connection, rids):
        """rid -> (type, id, body in bytes) of the current versions, for the page of a search."""
        resource, version = self._resource, self._version
        is_current = and_(version.c.rid == resource.c.rid, version.c.version == resource.c.version)
        query = (
            select(resource.c.rid, resource.c.type, resource.c.id, version.c.body)
            .join_from(resource, version, is_current)
            .where(resource.c.rid.in_(rids))
        )
        with naming_damaged(connection, version, rids):
            return {rid: (type_, id_, body.encode()) for rid, type_, id_, body in connection.execute(query).all()}

    def versions(self, connection, places):
        """Yield ((rid, version), body in bytes, b"" for a deletion) of the versions that are there."""
        c, rids_of = self._version.c, {}
        for rid, number in sorted(places):
            rids_of.setdefault(number, []).append(rid)
        for number, rids in rids_of.items():  # pairs in one list would be looked for in all of the table
            with naming_damaged(connection, self._version, rids):
                for start in range(0, len(rids), CHUNK):
                    here = c.version == number, c.rid.in_(rids[start : start + CHUNK])
                    for rid, body in connection.execute(select(c.rid, c.body).where(*here)):
                        yield (rid, number), body.encode()


def stored(row):
    """Stored of a row (type, id, version, updated, body, method)."""
    type_, id_, version, updated, body, method = row
    return Stored(type_, id_, version, updated, method == "DELETE", body.encode(), method)
