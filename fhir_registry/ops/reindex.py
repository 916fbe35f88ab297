"""Brings a database to the program and content that open it (docs/store.md, https://hl7.org/fhir/R5/async-bundle.html)."""

import logging
import os
import time
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread

from ..fhir.errors import FhirError
from ..store.derived_tables import slot_of
from ..store.job import UNFINISHED, JobLost
from ..store.process import is_gone, this_process
from ..store.rebuild import Rebuild, drop_replaced
from ..store.schema import other_rules, prepare
from ..store.site import NO_ROW, is_lost
from ..store.wall import EVERYWHERE

log = logging.getLogger("fhir_registry")
KIND = "reindex"
OF_ALL = 0  # the site of a job that is of all sites
BEAT = 10  # seconds between two heartbeats
PROCESSES = os.cpu_count() or 1
FEW = 20  # places; for fewer it does not pay to start processes
PAUSE = 1  # second between two looks at what another process does


def open_tables(store, report=None, may_rebuild=True, again=False):
    """Run migrations; make the index and mapped tables anew when their rules changed, or wait for who does.

    report: function of (text, done, total) for the progress, total 0: not known; by default it is logged. may_rebuild:
    False for one of several processes that come and go: the first of them has done it, and one that was left behind
    would bring back rules that have been replaced. again: make them anew though the rules are the same. Raises
    ValueError for a database that cannot be worked with.
    """
    while rules := prepare(store, may_rebuild) or (again and store.rules):
        again = False
        with store.read(EVERYWHERE) as connection:
            lost = is_lost(store, connection)
        if lost and may_rebuild:  # of no site they would be empty
            raise ValueError(NO_ROW)
        if lost:  # for fsck, which makes the row of the site, and leaves the rest to the next start
            store.use(slot_of(rules), rules)
            store.outdated = True
            return
        if not may_rebuild:
            message = "its index and mapped tables follow other content or another release than this process"
            what = "or its setting 'rules' is damaged"
            raise ValueError(f"{message}, {what}; restart the server, or run fhir-registry reindex")
        _rebuild(store, {"from": rules, "rules": other_rules(store, rules)}, report or _Logged())
    drop_replaced(store)


def _rebuild(store, parameters, report):
    """Do the job of these parameters, or wait for what another process does in its place."""
    job = _claim(store.jobs, parameters, report)
    if job is None:
        return
    try:
        rebuild = Rebuild(store, job, report, partial(_spread, store))
        checkpoint = rebuild.load()
        with _beating(job):
            rebuild.finish(checkpoint)
    except JobLost:
        log.info("job %s: another process goes on with it", job.id)
    except BaseException:
        _give_back(job)
        raise


def _claim(jobs, parameters, report):
    """The Job, for this process to do; None when one is done that stood against it, or the same."""
    id_ = jobs.submit(OF_ALL, KIND, parameters, key=KIND)
    while True:
        job = jobs.claim(this_process(), [KIND], id=id_, is_gone=is_gone)
        if job and job.parameters == parameters:
            return job
        if job:  # of rules that nobody wants any more
            jobs.cancel(id_)
            return None
        job = jobs.get(id_)
        if job is None or job.state not in UNFINISHED:
            return None
        report(f"waiting for {job.worker}, which rebuilds the index and mapped tables", job.done, job.total)
        time.sleep(PAUSE)


def _spread(store, work, places):
    from .workers import spread  # which needs open.py, as that needs this file

    return spread(store, work, places, PROCESSES if len(places) >= FEW else 1)


@contextmanager
def _beating(job):
    """Say that the job lives, be a statement ever so long. Not while other processes work: they could not be forked."""
    done = Event()

    def beat():
        while not done.wait(BEAT):
            try:
                job.beat()
            except JobLost:
                return
            except FhirError:  # the work itself will meet it
                continue

    thread = Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _give_back(job):
    """Let the next process go on at once; when the database is away, it finds out that this one is gone."""
    try:
        job.give_back()
    except (JobLost, FhirError):
        log.info("job %s: not given back", job.id)


class _Logged:
    """A report that logs what it is told, a part of ten at a time."""

    def __init__(self):
        self._last = None

    def __call__(self, text, done, total):
        now = text, 10 * done // total if total else 0
        if now != self._last:
            log.info("%s%s", text, f": {100 * done // total} %" if total else "")
        self._last = now
