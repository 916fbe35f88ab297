"""Asynchronous requests: what became of a job (https://hl7.org/fhir/R5/async-bundle.html)."""

import re

from flask import Blueprint, Response, g, request
from werkzeug.http import http_date

from fhir_registry.core.paging import ANYBODY
from fhir_registry.core.scopes import load_access
from fhir_registry.fhir import json
from fhir_registry.fhir.dates import SECOND
from fhir_registry.fhir.errors import error
from fhir_registry.ops.disclosure import require_answer
from fhir_registry.ops.evaluate_later import KIND as EVALUATE
from fhir_registry.ops.evaluate_later import require_request
from fhir_registry.ops.job_watch import KINDS
from fhir_registry.ops.jobs import refusals
from fhir_registry.store.job import CANCELLED, COMPLETED, FAILED, REQUESTED
from fhir_registry.store.jobs import KEPT

from .exchange import base_url, caller, negotiate, parse_parameters, refuse_parameters, registry, respond, site

jobs = Blueprint("jobs", __name__, url_prefix="/fhir")
NDJSON = "application/fhir+ndjson"
MOST = 60  # seconds, of Retry-After
WAITING = 100  # jobs of a site
_ID = re.compile("[0-9a-f]{32}")


def require_room():
    """Raise too-many-requests (429) when more jobs of the site wait than this server will do soon."""
    store = registry().store
    with store.jobs.ask() as connection:
        waiting = store.jobs.waiting(connection, site(), KINDS)  # what a command does waits for that command
    if waiting >= WAITING:
        message = "Too many jobs are waiting; try again when some are done"
        raise error("too-many-requests", "throttled", message, headers={"Retry-After": str(MOST)})


def accept(id):
    """The answer to a request that became a job: where to ask what became of it."""
    headers = {"Content-Location": f"{base_url()}/$job/{id}", "Preference-Applied": "respond-async"}
    return respond(b"", 202, headers)


@jobs.before_request
def _negotiate():
    if request.endpoint == "jobs.read_errors":  # of one form only, which is not among those of resources
        g.parameters = parse_parameters(request.query_string)
    else:
        negotiate()
    refuse_parameters()


@jobs.get("/$job/<id>")
def report_job(id):
    job = _find(id)
    _require(job)
    if job.state == FAILED:
        raise job.error()
    if job.state != COMPLETED:
        return respond(b"", 202, {"X-Progress": _progress(job), "Retry-After": str(_pause(job))})
    expires = {"Expires": http_date((job.finished + KEPT) // SECOND)}
    if "entry" in job.result:
        if trail := registry().trail:
            trail.note_reports(entry["resource"] for entry in job.result["entry"])
        bundle = {"resourceType": "Bundle", "type": "batch-response", "entry": job.result["entry"]}
        return respond(json.dumps(bundle), 200, expires)
    return Response(json.dumps(_manifest(job)), 200, expires, mimetype="application/json")


@jobs.delete("/$job/<id>")
def cancel_job(id):
    jobs = registry().store.jobs
    job = _find(id)
    if not jobs.cancel(job.id):
        jobs.remove(job.id)
    return respond(b"", 202)


@jobs.get("/$job/<id>/errors")
def read_errors(id):
    job = _find(id)
    _require(job)
    # They quote what was sent, and tell of what is stored as much as that token may know.
    registry().access.require_all(_access_of(job), "read what was refused to a token that may do more")
    if job.state != COMPLETED:
        raise error("not-found", "not-found", f"The job is {job.state}; ask again when it is completed")
    return Response((json.dumps(each) + b"\n" for each in refusals(registry().store, job)), mimetype=NDJSON)


def _find(id):
    """The Job; cancelled ones are no more. Raises not-found."""
    store, job = registry().store, None
    if _ID.fullmatch(id):
        with store.ask(site()) as connection:
            job = store.jobs.find(connection, id, site())
    if job is None or job.state == CANCELLED or _client_of(job) != caller():
        raise error("not-found", "not-found", "There is no such job; those that finished are kept for 7 days")
    return job


def _require(job):
    """Raise forbidden unless this token of the client would do for asking: it may have others."""
    if job.kind != EVALUATE:
        registry().access.require_any("cu")
        return
    require_request(registry(), job.parameters.get("report_type", "individual"), job.parameters.get("keep"))
    for entry in (job.result or {}).get("entry", ()):
        require_answer(registry(), entry["resource"], _access_of(job))


def _access_of(job):
    """The Access that it works with."""
    return load_access(job.parameters.get("access"), registry().content.search_params)


def _client_of(job):
    return job.parameters.get("access", {}).get("client", ANYBODY)


def _progress(job):
    """For X-Progress, less than 100 characters."""
    if job.state == REQUESTED and not job.done:
        return "waiting"
    return f"{100 * job.done // job.total} % ({job.done} of {job.total})" if job.total else f"{job.done} done"


def _pause(job):
    """Seconds until it pays to ask again: a tenth of what it took until now."""
    return min(MOST, 1 + max(0, registry().store.now() - job.submitted) // (10 * SECOND))


def _manifest(job):
    """What an import says, with the place of what it refused."""
    url = f"{base_url()}/$job/{job.id}/errors"
    refused = job.result.pop("refused", 0)
    return job.result | {"error": [{"type": "OperationOutcome", "url": url, "count": refused}] if refused else []}
