"""Rows of what is erased go from every table; what names it beside others gets other texts (docs/consent.md).

(https://eur-lex.europa.eu/eli/reg/2016/679/art_17)
"""

from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import LargeBinary, bindparam, cast, delete, select, update

from ..fhir import json
from ..fhir.errors import error
from .bodies import DamagedText, unpack
from .derived_tables import standing_slots
from .job import FAILED, UNFINISHED
from .rebuild import slot_tables
from .repair import remake_rows
from .settings import ERASED
from .tables import SITE_BITS

BODIES = 50  # in memory at once; one may have 50 MB
CHUNK = 500  # numbers in one statement
_FEW_AT_ONCE = {"stream_results": True, "max_row_buffer": BODIES}
_TOLD = "What was told of this went when somebody was erased, for it may have quoted him; import it again to be told"


class History(NamedTuple):
    """All versions of a resource: bodies as {version: bytes}, without those of deletions."""

    rid: int
    type: str
    id: str
    bodies: dict


def walk(store, connection, site, rids=None):
    """Yield the History of every resource of a site, deleted ones too, or of those with these numbers."""
    resource, version = store.tables.resource, store.tables.version
    columns = (resource.c.rid, resource.c.type, resource.c.id, version.c.version)
    body = cast(version.c.body, LargeBinary).label("body")
    query = select(*columns, body).join_from(resource, version, resource.c.rid == version.c.rid)
    query = query.order_by(resource.c.rid, version.c.version)
    if rids is None:
        first = site << SITE_BITS
        places = [resource.c.rid.between(first, first + (1 << SITE_BITS) - 1)]
    else:
        rids = sorted(rids)
        places = [resource.c.rid.in_(rids[start : start + CHUNK]) for start in range(0, len(rids), CHUNK)]
    for place in places:
        some = query.where(place).execution_options(**_FEW_AT_ONCE)
        for rid, rows in groupby(connection.execute(some), attrgetter("rid")):
            rows = list(rows)
            yield History(rid, rows[0].type, rows[0].id, {row.version: _text(row) for row in rows if row.body})


def _text(row):
    try:
        return unpack(row.body)
    except DamagedText:
        message = f"The text of {row.type}/{row.id} is damaged, so that nobody can tell whom it names"
        raise error("internal", "exception", f"{message}; run fhir-registry fsck") from None


def written_since(store, connection, site, updated):
    """The numbers of the resources of a site that were written at that time or later."""
    c = store.tables.version.c
    return set(connection.execute(select(c.rid).where(c.site == site, c.updated >= updated)).scalars())


def newest(store, connection, site):
    """The newest time of a write of the site."""
    c = store.tables.site.c
    return connection.execute(select(c.updated).where(c.site == site)).scalar_one()


def remove(store, connection, rids):
    """Delete the resources with these numbers: versions, index rows and mapped rows, of other rules too."""
    names = [store.tables.version.name, store.tables.resource.name]
    for slot in standing_slots(connection):
        names += slot_tables(connection, store, slot)
    mark = "?" if store.database.sqlite else "%s"
    for name in names:
        column = "rid" if name in names[:2] or name.startswith("index_") else "_rid"
        query = f'DELETE FROM "{name}" WHERE {column} = {mark}'
        connection.connection.cursor().executemany(query, [(rid,) for rid in rids])


def replace(store, connection, site, histories):
    """Put other texts in the place of those of versions: Histories with the new ones. The rows are made by them."""
    version = store.tables.version
    here = (version.c.rid == bindparam("number"), version.c.version == bindparam("of"))
    query = update(version).where(*here).values(body=bindparam("text"))
    rows = [
        {"number": history.rid, "of": number, "text": body.decode()}
        for history in histories
        for number, body in history.bodies.items()
    ]
    if rows:
        connection.execute(query, rows)
    remake_rows(store, connection, site, [history.rid for history in histories], ())


def forget(store, connection, site, names, keys):
    """Take what was erased out of all that follows from resources: known bundles, notes of changes, analyses.

    names: {"Type/id"}. keys: as rows name the patients. Analyses go as a whole; they are made again when they are asked
    for, without the person.
    """
    tables = store.tables
    c = tables.submission.c
    rows = connection.execute(select(c.hash, c.created).where(c.site == site)).all()
    for hash_, created in rows:
        made = json.parse(created.encode())
        if not names.isdisjoint(made):
            left = json.dumps([ERASED if name in names else name for name in made]).decode()
            connection.execute(update(tables.submission).where(c.site == site, c.hash == hash_).values(created=left))
    change = tables.change.c
    connection.execute(delete(tables.change).where(change.site == site, change.key.in_(keys)))
    for table in tables.analyses:
        connection.execute(delete(table).where(table.c.site == site))


def drop_jobs(store, connection, site, pattern, holding):
    """Delete the finished jobs that hold what a pattern of bytes finds. Raises conflict for an unfinished one.

    holding: the ids of jobs of which it is known by their input.

    What imports have told of what they refused goes whoever it was of: it quotes values, seldom saying whose they are.
    Where one may go on the codes stay, by which it knows what to try again.
    """
    job, part, refused, _ = store.tables.jobs
    refuse_reindex(store)
    told = [job.c.parameters, job.c.checkpoint, job.c.result, job.c.problem]
    rows = connection.execute(select(job.c.job, job.c.state, *told).where(job.c.site == site)).all()
    holding = holding | {row.job for row in rows if _holds(row[2:], pattern)}
    open_ = sorted(row.job for row in rows if row.job in holding and row.state in UNFINISHED)
    if open_:
        message = f"Job {open_[0]} is not finished and holds, or may hold, data of this person"
        raise error("conflict", "conflict", f"{message}; wait for it or cancel it (fhir-registry jobs), then try again")
    going_on = {row.job for row in rows if row.state in (*UNFINISHED, FAILED)} - holding  # a failed one by a retry
    connection.execute(delete(refused).where(refused.c.site == site, refused.c.job.not_in(going_on)))
    for id_ in going_on:
        _leave_codes(store, connection, id_)
    for table in (part, job):
        connection.execute(delete(table).where(table.c.job.in_(holding)))


def _leave_codes(store, connection, job):
    """Of what was told of what a job refused leave the codes: its checkpoint and its result count the rows."""
    refused, after = store.tables.jobs.error, -1
    query = update(refused).where(refused.c.job == job, refused.c.number == bindparam("of"))
    query = query.values(issue=bindparam("left"))
    while page := store.jobs.errors(connection, job, after):
        rows = [
            {"of": number, "left": json.dumps([_coded(issue) for issue in issues]).decode()}
            for number, _, _, issues in page
        ]
        connection.execute(query, rows)
        after = page[-1][0]


def _coded(issue):
    return {"severity": issue["severity"], "code": issue["code"], "diagnostics": _TOLD}


def refuse_reindex(store):
    """Raise conflict while tables are filled from what was read before, and would get back what is taken out."""
    c = store.tables.jobs.job.c
    with store.jobs.ask() as connection:  # the job is of all sites
        found = connection.execute(select(c.job).where(c.kind == "reindex", c.state.in_(UNFINISHED))).first()
    if found:
        message = "The index and mapped tables are being made anew (fhir-registry jobs); try again when that is done"
        raise error("conflict", "conflict", message)


def _holds(values, pattern):
    return any(pattern.search(value.encode()) for value in values if value)
