"""Doing jobs: each in a process of its own, which may end at any moment (https://hl7.org/fhir/R5/async-bundle.html)."""

import logging
import math
import multiprocessing
import os
import signal
import sys
import time
import traceback
from dataclasses import replace
from multiprocessing.connection import wait

from ..core.scopes import load_access
from ..fhir.errors import FhirError, error
from ..store.job import CANCELLED, JobLost
from ..store.process import is_gone, this_process
from ..store.wall import EVERYWHERE
from ..store.write import Writer
from .evaluate_later import run_evaluation
from .import_job import run_import
from .job_watch import BEAT, Watch
from .provenance import with_origin
from .trail import load_trail
from .withdrawn import Guard, Write
from .workers import end_with

log = logging.getLogger("fhir_registry")
# Kind of job -> function of (Registry, Job) that does it and returns its result (dict). It saves its progress in the
# transactions of its work, goes on from the job's checkpoint, and may be killed at any moment.
KINDS = {"evaluate": run_evaluation, "import": run_import}
# Those that a command does itself: only its machine has the files.
OF_COMMANDS = {"import-files": run_import}
# https://hl7.org/fhir/extensions/StructureDefinition-operationoutcome-issue-line.html
_EXTENSION = "http://hl7.org/fhir/StructureDefinition/operationoutcome-"
LOOK = 0.5  # seconds between two looks at the job that is being done


def work(registry, stop, kinds=tuple(KINDS), patience=math.inf):
    """Do jobs of these kinds, one after the other, until `stop` is set: what has is_set() and wait(seconds).

    What is done then is given back, and another goes on from its last checkpoint. Returns too when other rules hold by
    now than those of this process, which must be started anew, and when nothing was to do for `patience` seconds. For
    a process without threads.
    """
    jobs = registry.store.jobs
    watch = Watch(jobs, stop, kinds)
    while watch.wait(patience):
        try:
            if _is_outdated(registry):
                break
            job = jobs.claim(this_process(), kinds, is_gone=is_gone)
        except FhirError as problem:
            watch.pause(problem)
            continue
        if job:
            do_alone(registry, job, stop, told=lambda _: watch.report())  # a job may take hours
    watch.end()


def _is_outdated(registry):
    with registry.store.ask(EVERYWHERE) as connection:
        outdated = not registry.store.follows_rules(connection)
    if outdated:
        log.warning("this process works by older rules than the database; it ends, start it again")
    return outdated


def do_alone(registry, job, stop, told=None):
    """Do a claimed Job in a forked process, which is killed when `stop` is set or the job is this process's no more.

    That process has no threads, so that it may fork others; this one says meanwhile that the job lives.
    told: function of the Job as it stands, called every now and then. Returns when the process has ended.
    """
    log.info("job %s: %s, attempt %d", job.id, job.kind, job.attempt)
    revoked = False
    process = multiprocessing.get_context("fork").Process(target=_do_here, args=(registry, job, os.getpid()))
    process.start()
    beat = time.monotonic()
    while not wait([process.sentinel], LOOK):
        try:
            revoked = _is_revoked(registry, job)
            if revoked or stop.is_set() or _is_lost(registry, job, told):
                process.kill()
            elif time.monotonic() - beat >= BEAT:
                job.beat()
                beat = time.monotonic()
        except JobLost:
            process.kill()
        except FhirError:  # the database is away: the process itself will notice, or nothing was lost
            stop.wait(LOOK)
    process.join()
    _account_for(job, process.exitcode, revoked or stop.is_set())
    process.close()


def _is_lost(registry, job, told):
    with registry.store.ask(job.site) as connection:
        now = registry.store.jobs.find(connection, job.id)
    if now and told:
        told(now)
    return now is None or now.attempt != job.attempt or now.state == CANCELLED


def _is_revoked(registry, job):
    """Whether the client that asked for a job was revoked since, and with it what it may do."""
    client = (job.parameters.get("access") or {}).get("client")
    clients = registry.store.clients
    with clients.ask() as connection:
        registered = client and clients.find(connection, client)
    return bool(registered and registered.revoked)


def _account_for(job, exitcode, stopped):
    """Give back the job of a process that did not end by itself."""
    try:
        if exitcode == 0:
            return
        if stopped or exitcode == -signal.SIGTERM:
            job.give_back()
            log.info("job %s: given back", job.id)
        else:
            log.error("job %s: its process ended with %s", job.id, exitcode)
            message = f"The process that did it was killed (exit code {exitcode}); it may need more memory"
            job.give_back(error("internal", "exception", message))
    except JobLost:
        log.info("job %s: cancelled, or claimed by another", job.id)


def _do_here(registry, job, parent):
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with(parent)
    registry.store.database.forget_connections()
    try:
        do(registry, job)
    except Exception as problem:  # the database is away, most likely; the message may quote a patient's data
        log.error("job %s: %s at %s", job.id, type(problem).__name__, places(problem))
        sys.exit(1)


def do(registry, job):
    """Do a claimed Job in this process: it is completed, failed, or given back for another try."""
    try:
        try:
            if _is_revoked(registry, job):
                raise error("forbidden", "forbidden", "The client that asked for this was revoked")
            access = load_access(job.parameters.get("access"), registry.content.search_params)
            home, trail = job.parameters.get("home"), load_trail(job, registry.store)
            doing = replace(registry, access=access, home=home, trail=trail)
            doing = with_origin(doing, job.parameters.get("origin"), job.id)
            result = (KINDS | OF_COMMANDS)[job.kind](doing, job)
            _complete(registry, job, result)
            log.info("job %s: completed", job.id)
        except FhirError as problem:
            log.info("job %s: %s", job.id, problem.kind)
            if problem.status < 500 and problem.kind != "erased":  # the next try is without who was erased meanwhile
                job.fail(problem)
            else:
                job.give_back(problem)
        except JobLost:
            raise
        except Exception as problem:
            # Its message may quote a patient's data.
            log.error("job %s: %s at %s", job.id, type(problem).__name__, places(problem))
            message = f"The server failed on this job; its log names it {job.id}"
            job.give_back(error("internal", "exception", message))
    except JobLost:
        log.info("job %s: cancelled, or claimed by another", job.id)


def _complete(registry, job, result):
    """Complete a Job. Raises erased when its report names somebody who was erased since the job has read of him."""
    with registry.store.database.write(job.site) as connection:
        reports = [entry["resource"] for entry in result.get("entry", ())]
        naming = [report for report in reports if report["type"] != "summary"]
        if naming:
            guard = Guard(registry, Writer(registry.store, connection, job.site))  # an erasure waits, and finds the job
            guard.refuse_erased([Write("MeasureReport", "", report, None, None) for report in naming])
        job.complete(connection, result)


def refusals(store, job):
    """Yield the OperationOutcomes (dicts) of what a job refused, in order."""
    after = -1
    while True:
        with store.ask(job.site) as connection:
            page = store.jobs.errors(connection, job.id, after)
        if not page:
            return
        yield from (_refusal(source, line, issues) for _, source, line, issues in page)
        after = page[-1][0]


def _refusal(source, line, issues):
    """source: file or URL; line: from 1, 0 is the whole source; issues: dicts."""
    place = f"{source}, line {line}" if line else source
    at_line = {"extension": [{"url": f"{_EXTENSION}issue-line", "valueInteger": line}]} if line else {}
    return {
        "resourceType": "OperationOutcome",
        "extension": [{"url": f"{_EXTENSION}file", "valueString": source}],
        "issue": [at_line | issue | {"diagnostics": f"{place}: {issue['diagnostics']}"} for issue in issues],
    }


def places(problem):
    """Where in the code an exception came from, the innermost first; without its message, which may quote data."""
    frames = reversed(traceback.extract_tb(problem.__traceback__)[-8:])
    return " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
