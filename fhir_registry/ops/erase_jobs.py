"""Jobs that hold what tells of somebody go, with what was sent to imports (docs/consent.md, https://eur-lex.europa.eu/eli/reg/2016/679/art_17)."""

import io

from ..store import erase as rows
from ..store.job import FAILED, UNFINISHED
from .import_job import KIND
from .import_units import read_units


def drop_jobs(store, connection, site, scope):
    """Delete the finished jobs of a site that hold what tells of the person of a Scope, or may, for it cannot be read.

    Raises conflict for an unfinished one. Input have those that are not finished, and failed ones for a retry.
    """
    kept = store.jobs.list(connection, (*UNFINISHED, FAILED), limit=None, site=site)
    holding = {job.id for job in kept if _holds(b"".join(store.jobs.parts(connection, job.id)), job, scope)}
    rows.drop_jobs(store, connection, site, scope.pattern, holding)


def _holds(body, job, scope):
    if job.kind != KIND:  # names of files
        return scope.pattern.search(body) is not None
    if not body:  # what is at URLs
        return False
    lines, limit = job.parameters["lines"], job.parameters["limit"]
    return any(unit.error or scope.may_be_told(unit.body) for unit in read_units(io.BytesIO(body), 0, lines, limit))
