"""Which imports keep what tells of somebody who is erased (docs/consent.md, https://eur-lex.europa.eu/eli/reg/2016/679/art_17)."""

import io

from ..store.job import FAILED, UNFINISHED
from .import_job import KIND
from .import_units import read_units


def find_holding(jobs, connection, site, scope):
    """The ids of the jobs of a site whose input tells of the person of a Scope, or may, for it cannot be read.

    Jobs that are completed or cancelled have none any more; a failed one keeps it for a retry.
    """
    kept = jobs.list(connection, (*UNFINISHED, FAILED), limit=None, site=site)
    return {job.id for job in kept if _holds(b"".join(jobs.parts(connection, job.id)), job, scope)}


def _holds(body, job, scope):
    if job.kind != KIND:  # names of files
        return scope.pattern.search(body) is not None
    if not body:  # what is at URLs
        return False
    lines, limit = job.parameters["lines"], job.parameters["limit"]
    return any(unit.error or scope.may_be_told(unit.body) for unit in read_units(io.BytesIO(body), 0, lines, limit))
