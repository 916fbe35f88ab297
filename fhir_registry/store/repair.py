"""Making anew what follows from other rows, after it was found not to agree (docs/operations.md)."""

from sqlalchemy import delete, select, update

from ..fhir import json
from .bodies import naming_damaged
from .change import Touched
from .site import EVERY_NUMBER, add_lost
from .tables import SITE_BITS
from .wall import EVERYWHERE
from .write import Writer

REPAIR = "fhir-registry fsck --repair makes it anew"


def repair(store, site, wanted):
    """Make anew what Findings of one site name as their `repair`: [(what, site, which)], in one transaction."""
    with store.database.write(EVERYWHERE) as connection:
        by_kind = {}
        for what, _, *which in wanted:
            by_kind.setdefault(what, []).append(*which)
        if "site" in by_kind:
            add_lost(store, connection)
        _lock(store, connection, site)
        if numbers := by_kind.get("analysis"):
            _drop_analyses(store, connection, numbers)
        for newest in by_kind.get("counters", ()):
            _raise_counters(store, connection, site, newest)
        if "rows" in by_kind or "change" in by_kind:
            remake_rows(store, connection, site, by_kind.get("rows", []), by_kind.get("change", []))


def _lock(store, connection, site):
    """Take the row of a site, EVERY_NUMBER: of all, as who writes or erases there does before all else."""
    c = store.tables.site.c.site
    rows = select(c).order_by(c).with_for_update()
    connection.execute(rows if site == EVERY_NUMBER else rows.where(c == site))


def remake_rows(store, connection, site, rids, keys):
    """Make the index and mapped rows of these resources; their patients, and `keys`, count as touched."""
    tables, bulk = store.tables, store.bulk
    known = connection.execute(select(tables.site.c.site).where(tables.site.c.site == site)).first()
    writer = Writer(store, connection, site) if known else None  # there may be rows of a site that never was
    touched = Touched(tables)
    for view in tables.mapped:
        touched.add_stored(connection, view, rids)
    for table in tables.derived:
        bulk.delete(connection, table, rids)
    if writer is None:
        return
    for row in _current(store, connection, [rid for rid in rids if rid >> SITE_BITS == site]):
        stored = json.parse(row.body.encode())
        mapped = store.rows.map(stored)
        touched.add(row.id, mapped)
        writer.index(row.rid, store.rows.index(stored))
        writer.map(row.rid, row.id, mapped, row.version, row.submission)
    writer.flush()
    bulk.upsert(connection, "change", [(site, key, writer.submission) for key in {*touched.collected(), *keys}])
    connection.execute(update(tables.site).where(tables.site.c.site == site).values(submission=writer.submission))


def _current(store, connection, rids):
    """(rid, id, version, submission, body) of those of the resources that are not deleted."""
    resource, version = store.tables.resource, store.tables.version
    c = resource.c
    query = (
        select(c.rid, c.id, c.version, c.submission, version.c.body)
        .join_from(resource, version, (c.rid == version.c.rid) & (c.version == version.c.version))
        .where(c.deleted == 0)
    )
    for start in range(0, len(rids), 500):
        some = rids[start : start + 500]
        with naming_damaged(connection, version, some):
            yield from connection.execute(query.where(c.rid.in_(some)))


def _raise_counters(store, connection, site, newest):
    """Bring the counters of a site up to ((counter, value), ...), where they are behind."""
    table = store.tables.site
    row = connection.execute(select(table).where(table.c.site == site).with_for_update()).one()
    values = {counter: max(value, getattr(row, counter)) for counter, value in newest}
    connection.execute(update(table).where(table.c.site == site).values(values))


def _drop_analyses(store, connection, numbers):
    """Drop analyses; they are made again when they are asked for."""
    for table in store.tables.analyses:
        connection.execute(delete(table).where(table.c.analysis.in_(numbers)))
