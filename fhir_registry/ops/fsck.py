"""Prove that all that is stored agrees, beside servers that write (docs/operations.md; https://en.wikipedia.org/wiki/Fsck)."""

import os
from functools import partial

from ..store.check import HIGHEST, LOWEST, check_range
from ..store.check_analyses import check_analyses
from ..store.check_audit import check_audit
from ..store.check_jobs import check_jobs
from ..store.check_tables import (
    Moments,
    check_changes,
    check_identities,
    check_indexes,
    check_lost_site,
    check_rules,
    check_schema,
    check_settings,
    check_sites,
    check_submissions,
    count_resources,
    next_bound,
)
from ..store.repair import repair as make_anew
from ..store.wall import EVERYWHERE
from .fsck_analyses import check_answers
from .workers import spread

RANGE = 1000  # resources in one transaction
RESOURCES = "resources"  # what is counted for the progress
FEW = 8  # ranges; for fewer it does not pay to start processes
PROCESSES = os.cpu_count() or 1


def check(registry, *, repair=False, analyses=False, bases=(None,), processes=PROCESSES, progress=None):
    """Yield a store.check.Finding for everything that does not agree, in flat memory.

    Each part is read in a transaction of its own, so that others may write meanwhile. repair: make anew what follows
    from other rows; the Finding says whether it was. analyses: derive everybody again, and compare with the analyses
    that are kept and of the present content; bases: the URLs of this server for which they may have been made.
    processes: how many compare; one in a process with threads. progress: function of (what, done, all): what is
    RESOURCES, then the name of an analysis. Raises FhirError when the database cannot be used.
    """
    store = registry.store
    for found in _found(registry, analyses, bases, processes, progress):
        yield from _repaired(store, found) if repair else found


def _found(registry, analyses, bases, processes, progress):
    """Lists of Findings."""
    store = registry.store
    if store.outdated:
        yield _read(store, check_lost_site)
        yield _read(store, check_rules)
        return
    schema = _read(store, check_schema)
    yield schema
    if schema:
        return  # what cannot be read cannot be compared
    yield _read(store, check_lost_site)
    if _read(store, check_lost_site):
        return  # nor what is of no site, when that was not repaired
    for checks in (check_indexes, check_settings, check_sites, check_jobs, check_audit):
        yield _read(store, checks)
    with store.read(EVERYWHERE) as connection:
        moments = Moments(store, connection)
    for checked in _check_ranges(store, processes, progress):
        moments.add(checked.moments)
        yield checked.findings
    yield list(moments.findings())
    after, more = None, True
    while more:
        with store.read(EVERYWHERE) as connection:
            found, after = check_submissions(store, connection, after)
        yield found
        more = after is not None
    for checks in (check_identities, check_changes, check_analyses):
        yield _read(store, checks)
    if analyses:
        yield from check_answers(registry, bases, processes, progress)


def _read(store, checks):
    with store.read(EVERYWHERE) as connection:
        return list(checks(store, connection))


def _repaired(store, found):
    by_site = {}
    for finding in found:
        if finding.repair:
            by_site.setdefault(finding.repair[1], []).append(finding.repair)
    for site, wanted in by_site.items():
        make_anew(store, site, list(dict.fromkeys(wanted)))
    return [finding._replace(repaired=finding.repair is not None) for finding in found]


def _check_ranges(store, processes, progress):
    """Yield Checked of all resources, a range at a time, in order."""
    with store.read(EVERYWHERE) as connection:
        total = count_resources(store, connection)
    done = 0
    for checked in spread(store, partial(_check, store), _ranges(store), processes if total >= FEW * RANGE else 1):
        done += checked.resources
        if progress:
            progress(RESOURCES, done, max(done, total))
        yield checked


def _ranges(store):
    """Yield (after, until): ranges of rids that together hold all there are."""
    after = LOWEST
    while after is not None:
        with store.ask(EVERYWHERE) as connection:
            until = next_bound(store, connection, after, RANGE)
        yield after, HIGHEST if until is None else until
        after = until


def _check(store, after, until):
    with store.read(EVERYWHERE) as connection:
        return check_range(store, connection, after, until)
