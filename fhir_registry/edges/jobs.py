"""Jobs on the command line: which there are, how far they are, cancel and retry (docs/cli.md)."""

from contextlib import contextmanager

import click

from fhir_registry.fhir.dates import instant_literal
from fhir_registry.store.job import COMPLETED, FAILED, UNFINISHED
from fhir_registry.store.jobs import open_jobs
from fhir_registry.store.site import EVERY, EVERY_NUMBER, name_sites, number_of

from .command_event import command_event
from .config import PREFIX, ConfigError, read_config

LISTED = 100


class JobsError(click.ClickException):
    """What was asked for cannot be done; the message says why."""


@contextmanager
def jobs_of(database=None):
    """(Jobs, Config) of a database, by default the configured one. Raises ConfigError without a registry in it."""
    config = read_config(database)
    try:
        with open_jobs(config.database) as jobs:
            yield jobs, config
    except ValueError as e:
        raise ConfigError(f"{PREFIX}DATABASE: {e}") from None


def list_jobs(jobs, site=None):
    """Yield a line for each job (of the site of this name), the newest first, and one that says who does them."""
    number, names = None if site is None else number_of(jobs.store, site, or_every=True), _site_names(jobs)
    with jobs.ask() as connection:
        found, seen = jobs.list(connection, limit=LISTED, site=number), jobs.seen(connection)
    for job in found:
        who = names.get(job.site, job.site), _client(job) or "-"
        yield " ".join((job.id, f"{job.state:<11} {job.kind:<8}", _instant(job.submitted), *who, _progress(job)))
    if any(job.state in UNFINISHED for job in found) and not any(seconds < 60 for seconds in seen.values()):
        yield "nobody does jobs at the moment: start fhir-registry worker, or a server"


def show_job(jobs, config, id):
    """Yield lines that tell of a job what an operator needs to know. Raises JobsError."""
    job = find_job(jobs, id)
    jobs.audit.record(_event(config, "show", job), job.site)  # what is told of a failure may name a patient
    told = {
        "id": job.id,
        "kind": job.kind,
        "site": _site_names(jobs).get(job.site, job.site),
        "client": _client(job),
        "state": job.state,
        "progress": _progress(job),
        "requested": _instant(job.submitted),
        "attempts": job.attempt,
        "process": job.worker,
        "heartbeat": _instant(job.heartbeat),
        "finished": _instant(job.finished),
    }
    if job.problem and job.state != COMPLETED:
        told["problem"] = str(job.error())
    for name, value in told.items():
        if value not in (None, ""):
            yield f"{name:<10} {value}"


def cancel_job(jobs, config, id):
    """Cancel it; its whole id. Raises JobsError."""
    job = find_job(jobs, id)
    if not jobs.cancel(job.id, _event(config, "cancel", job)):
        raise JobsError(f"job {job.id} is {job.state}: there is nothing to cancel")
    return job.id


def retry_job(jobs, config, id):
    """Let a failed one go on; its whole id. Raises JobsError."""
    job = find_job(jobs, id)
    if job.state != FAILED:
        raise JobsError(f"job {job.id} is {job.state}: only a failed job is tried again")
    if not jobs.retry(job.id, _event(config, "retry", job)):
        raise JobsError(f"job {job.id}: another one does the same; fhir-registry jobs lists it")
    return job.id


def find_job(jobs, id):
    """The Job of an id, or of the beginning of one. Raises JobsError."""
    with jobs.ask() as connection:
        found = jobs.matching(connection, id)
    if not found:
        raise JobsError(f"there is no job {id}; fhir-registry jobs lists them")
    if len(found) > 1:
        raise JobsError(f"several jobs begin with {id}; give more of it")
    return found[0]


def _event(config, done, job):
    return command_event(config, "operation", f"jobs {done}", f"{done} of the job {job.id}, {job.kind}")


def _site_names(jobs):
    return {EVERY_NUMBER: EVERY} | name_sites(jobs.store)


def _client(job):
    """The id of the client that asked for it, None where nobody says who asks."""
    return job.parameters.get("trail", {}).get("client")


def _progress(job):
    if job.total:
        return f"{100 * job.done // job.total} % ({job.done} of {job.total})"
    return f"{job.done} done" if job.done else ""


def _instant(microseconds):
    return microseconds and instant_literal(microseconds)
