"""Import files into the database itself, beside a server or without one (https://hl7.org/fhir/uv/bulkdata/)."""

import signal
import threading
from dataclasses import replace
from itertools import islice

import click
from tqdm import tqdm

from fhir_registry.fhir import json
from fhir_registry.ops.import_job import KIND_OF_FILES, WHAT, request_files
from fhir_registry.ops.jobs import do_alone, refusals
from fhir_registry.ops.own_file import open_own
from fhir_registry.ops.trail import Trail
from fhir_registry.store.job import CANCELLED, COMPLETED, FAILED, IN_PROGRESS
from fhir_registry.store.process import is_gone, this_process
from fhir_registry.store.site import made_by, number_of

from .app import open_configured
from .command_event import command_event
from .config import read_config
from .origin import of_command
from .push import PushError, find_files

TOLD = 10  # refusals that are told when no file is to keep them


class ImportFailed(Exception):
    """The import ended early; the message says why and what to do."""


def import_files(paths, database, site, processes, errors, report):
    """Store every file in a site; returns how many lines and files were refused.

    paths: files, folders and glob patterns. database: as FHIR_REGISTRY_DATABASE, None: the configured one. site: its
    name. processes: how many prepare, None: one a processor. errors: Path of the file for OperationOutcomes, or None.
    report: called with lines of text.
    Raises ImportFailed, not-found for a site that is not there, and what opening a database raises.
    """
    try:
        files = find_files(paths)
    except PushError as problem:
        raise ImportFailed(str(problem)) from None
    if errors:
        if not errors.parent.is_dir():
            raise ImportFailed(f"{errors}: there is no folder {errors.parent}")
        files = [path for path in files if path.resolve() != errors.resolve()]  # of the last time
    config = read_config(database, there=False)
    registry = of_command(open_configured(config), config)
    try:
        number = number_of(registry.store, site)
        if made_by(registry.store, number):
            raise ImportFailed(f"site {site} is made of others by fhir-registry pseudonymise; import into those")
        if event := command_event(config, "import", "import"):
            registry = replace(registry, trail=Trail(event, registry.store))
        id_ = request_files(registry, number, files, config.base_url, config.max_body_bytes, processes)
        job = _carry_out(registry, id_)
        report(f"into site {site}")
        _tell(registry, job, errors, report)
        return job.result["refused"]
    finally:
        registry.close()


def _carry_out(registry, id):
    """The finished Job."""
    jobs, stop = registry.store.jobs, threading.Event()
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_, lambda *_: stop.set())
    job = _claim(jobs, id, stop)
    if job.state == COMPLETED:
        return job
    tqdm.monitor_interval = 0  # its thread: a process with threads must not fork
    with tqdm(unit="B", unit_scale=True, desc="import") as bar:
        do_alone(registry, job, stop, lambda now: _show(bar, now))
        job = _find(jobs, id)
        _show(bar, job)
    if job.state == COMPLETED:
        return job
    reason = str(job.error()) if job.problem and not stop.is_set() else "stopped"
    raise ImportFailed(f"{reason}; the same command goes on where it was")


def _claim(jobs, id, stop):
    """The Job, for this process to do, or as another process has completed it."""
    told = False
    while not (job := jobs.claim(this_process(), [KIND_OF_FILES], id, is_gone)):
        now = _find(jobs, id)
        if now.state == COMPLETED:
            return now
        if now.state == IN_PROGRESS:
            raise ImportFailed(f"{now.worker} imports these files already; fhir-registry jobs show {id}")
        if now.state == FAILED:
            raise ImportFailed(str(now.error()))
        if now.problem and not told:
            click.echo(f"the last try ended: {now.error()}; the next begins within minutes", err=True)
            told = True
        if stop.wait(1):
            raise ImportFailed("stopped; the same command goes on where it was")
    return job


def _find(jobs, id):
    """The Job as it stands. Raises ImportFailed when somebody else has ended it."""
    job = jobs.get(id)
    if job is None or job.state == CANCELLED:
        what = "cancelled" if job else "removed"
        raise ImportFailed(f"the job was {what}; the same command begins anew")
    return job


def _show(bar, job):
    counts = (job.checkpoint or {}).get("counts", {}).values()
    stored = sum(sum(numbers) for by_type in counts for numbers in by_type.values())
    bar.total, bar.n = job.total or None, job.done
    bar.set_postfix_str(f"{stored:,} resources, {stored / (bar.format_dict['elapsed'] or 1):,.0f}/s")


def _tell(registry, job, errors, report):
    result = job.result
    for found in result["output"]:
        report(f"{found['type']:24} " + ", ".join(f"{found[what]:,} {what}" for what in WHAT if found[what]))
    if result["empty"]:
        report(f"{result['empty']:,} files hold nothing of FHIR")
    if errors:
        with open_own(errors) as file:
            file.writelines(json.dumps(outcome) + b"\n" for outcome in refusals(registry.store, job))
        report(f"{result['refused']:,} refused; {errors} says which and why")
    elif result["refused"]:
        for outcome in islice(refusals(registry.store, job), TOLD):
            report(f"refused: {outcome['issue'][0]['diagnostics']}")
        report(f"{result['refused']:,} refused; --errors FILE keeps them all")
