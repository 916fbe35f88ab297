"""Whether the tables of jobs agree (docs/operations.md)."""

from sqlalchemy import func, select

from ..fhir.dates import SECOND
from .check import Finding
from .job import IN_PROGRESS, STATES, UNFINISHED

SILENT = 600 * SECOND  # after which a job in progress has no process any more
WORKER = "fhir-registry worker, or a server that has one, goes on with it"


def check_jobs(store, connection):
    """Yield Findings about jobs that nobody does though they are in progress, and what belongs to no job."""
    job, *belonging = store.tables.jobs[:3]
    c, now = job.c, store.now()
    for id_, state, heartbeat in connection.execute(select(c.job, c.state, c.heartbeat)):
        if state not in STATES:
            yield Finding("job", id_, f"'{state}' is no state of a job")
        elif state == IN_PROGRESS and not (heartbeat or 0) > now - SILENT:
            yield Finding("job", id_, f"it is in progress, and silent for {SILENT // SECOND} s", WORKER)
    both = select(c.job).where(c.state.in_(UNFINISHED), c.key.is_not(None))
    same = (c.site, c.kind, c.key)
    query = select(*same, func.count()).where(c.job.in_(both)).group_by(*same).having(func.count() > 1)
    for _, kind, key, number in connection.execute(query):
        yield Finding("job", f"{kind} '{key}'", f"{number} unfinished jobs have this key", "cancel all but one")
    for table in belonging:
        query = select(table.c.job).where(table.c.job.not_in(select(c.job))).distinct()
        for id_ in connection.execute(query).scalars():
            yield Finding(table.name, id_, "its rows are of no job")
