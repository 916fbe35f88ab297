"""Whether the registry can work, check by check (https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/)."""

import os
import shutil

from .. import __version__
from ..fhir.errors import FhirError
from ..store.condition import count_created, is_at_head, is_read_only
from ..store.wall import EVERYWHERE
from .job_watch import KINDS

LITTLE_SPACE = 500_000_000  # bytes
SEEN_SECONDS = 60  # within which a job worker has said that it lives


def health(registry, folder, job_workers):
    """{"status": "ok" or "unavailable", "version", "database", "checks": {name: {"status", "message"}}}.

    The status of a check is ok; fail, with which requests cannot be served; or warn. folder: of local data, a Path.
    job_workers: how many job workers the server keeps, 0 where they run elsewhere.
    """
    store = registry.store
    try:
        checks = {"database": _database(store), "schema": _schema(store)}
        checks["job-worker"] = _job_worker(store, job_workers)
    except FhirError as problem:
        checks = {"database": _check("fail", f"{problem}; see the log and the database server")}
    checks["disk"] = _disk(store.database.file.parent if store.database.sqlite else folder)
    failed = any(check["status"] == "fail" for check in checks.values())
    status = "unavailable" if failed else "ok"
    kind = store.database.engine.dialect.name
    return {"status": status, "version": __version__, "database": kind, "checks": checks}


def tallies(registry):
    """What the database counts cheaply; raises unavailable.

    {"resources", "transactions", "jobs": {state: number}, "oldest_waiting": seconds}
    """
    store = registry.store
    with store.read(EVERYWHERE) as connection:
        resources, transactions = count_created(store, connection)
        jobs, oldest = store.jobs.counts(connection), store.jobs.oldest_waiting(connection, KINDS)
    return {"resources": resources, "transactions": transactions, "jobs": jobs, "oldest_waiting": oldest}


def _database(store):
    with store.read(EVERYWHERE) as connection:
        if is_read_only(store.database, connection):
            return _check("fail", "The database can be read only; make it writable, or name its primary")
    return _check("ok")


def _schema(store):
    with store.read(EVERYWHERE) as connection:
        if not is_at_head(connection):
            return _check("fail", "The tables are those of another release; restart the server with that release")
        if not store.follows_rules(connection):
            return _check("fail", "The database follows newer rules than this process, which restarts by itself")
    return _check("ok")


def _job_worker(store, job_workers):
    with store.ask(EVERYWHERE) as connection:
        seen = store.jobs.seen(connection)
    if min(seen.values(), default=SEEN_SECONDS) < SEEN_SECONDS:
        return _check("ok")
    what = "restart the server" if job_workers else "start `fhir-registry worker`"
    return _check("warn", f"No job worker was seen in the last {SEEN_SECONDS} s, asynchronous requests wait; {what}")


def _disk(folder):
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if not os.access(folder, os.W_OK):
        return _check("warn", "The data folder cannot be written")
    if free < LITTLE_SPACE:
        return _check("warn", f"Only {free // 1_000_000} MB are free where the data is; make room")
    return _check("ok")


def _check(status, message=None):
    return {"status": status, "message": message} if message else {"status": status}
