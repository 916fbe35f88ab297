"""All current resources of a site, in the order in which they were created (https://hl7.org/fhir/uv/bulkdata/export.html)."""

from sqlalchemy import func, select

CHUNK = 100  # bodies in memory at once; one may have 50 MB


def count_current(store, connection, site):
    """{type: how many resources that are not deleted}, sorted."""
    c = store.tables.resource.c
    query = select(c.type, func.count()).where(c.site == site, c.deleted == 0).group_by(c.type)
    return dict(sorted(map(tuple, connection.execute(query))))


def read_current(store, connection, site, type):
    """Yield (id, body as bytes) of the resources of a type that are not deleted."""
    c, last = store.tables.resource.c, -1
    query = select(c.rid).where(c.site == site, c.type == type, c.deleted == 0).order_by(c.rid).limit(CHUNK)
    while rids := connection.execute(query.where(c.rid > last)).scalars().all():
        bodies = store.reader.current(connection, rids)
        for rid in rids:
            yield bodies[rid][1:]
        last = rids[-1]
