"""Many bundles at once: other processes prepare them, this one writes (https://hl7.org/fhir/R4/http.html#transaction)."""

import multiprocessing
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from typing import NamedTuple
from uuid import uuid4

from ..fhir import json
from ..fhir.errors import FhirError
from . import ingest
from .answers import acknowledge
from .apply import Outcome
from .search import find
from .workers import begin_work

GROUP = 8  # bundles in one database transaction, at most
AHEAD = 4  # bundles a process may be ahead of the writer
# The time of a transaction is known when it writes; until then this stands in meta.lastUpdated.
_UNSTAMPED = uuid4().hex
_of_this_process = {}


class _Ready(NamedTuple):
    """A bundle that only has to be written.

    entries: (place in the bundle, method, criteria of a conditional create or None, Prepared), in the order of writing.
    """

    digest: str
    entries: list


def import_bundles(registry, site, bodies, base, processes=2):
    """Carry out batches and transactions one after the other, as ingest.bundle does; what is stored is the same.

    bodies: iterable of bytes. base: URL of this server. processes: how many prepare bundles for this one, which writes.
    Yields a response Bundle (dict) for each body, in their order, once it is stored for good; a FhirError instead for
    a bundle that was refused. When the database fails the FhirError is raised; giving the bundles again is safe then.
    """
    if registry.content.reads_stamp:
        yield from (_one(registry, site, body, base) for body in bodies)
        return
    # Forked, because the compiled content cannot be sent; the processes never touch the database.
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, context, _begin, (registry, base)) as pool:
        prepared = _in_order(pool, bodies, ahead=AHEAD * processes)
        while group := deque(islice(prepared, GROUP)):
            yield from _write(registry, site, group, base)


# --- in the other processes -------------------------------------------------------------------------


def _begin(registry, base):
    begin_work()
    _of_this_process["prepare"] = partial(_prepare, registry, base)


def _prepare_here(body):
    return _of_this_process["prepare"](body)


def _prepare(registry, base, body):
    """A _Ready; None for what must go the ordinary way, where it also gets its error."""
    try:
        bundle = json.parse(body)
        entries = ingest.entries_made_ready(registry, bundle, base)
    except FhirError:
        return None
    if not entries:
        return None
    prepare = registry.store.rows.prepare
    return _Ready(
        ingest.digest(bundle),
        [(e.index, e.method, e.criteria, prepare(e.type, e.id, e.resource, 1, _UNSTAMPED)) for e in entries],
    )


# --- in this process --------------------------------------------------------------------------------


def _in_order(pool, bodies, ahead):
    """(body, _Ready or None) of each body, never more than `ahead` of them prepared and not taken."""
    waiting = deque()
    for body in bodies:
        waiting.append((body, pool.submit(_prepare_here, body)))
        if len(waiting) > ahead:
            body, future = waiting.popleft()
            yield body, future.result()
    for body, future in waiting:
        yield body, future.result()


def _write(registry, site, group, base):
    """The answers to a group of (body, _Ready or None); neighbours that are ready share a transaction."""
    answers = []
    while group:
        if group[0][1]:
            with registry.store.write(site) as writer:
                while group and (answer := _store(registry, writer, group[0][1], base)):
                    answers.append(answer)
                    group.popleft()
        if group:
            body, _ = group.popleft()
            answers.append(_one(registry, site, body, base))
    return answers


def _store(registry, writer, ready, base):
    """The response Bundle; None, and nothing done, when this is no first version of everything."""
    if ready is None or not _is_new(registry, writer, ready):
        return None
    answers = [None] * len(ready.entries)
    created = []
    unstamped = _UNSTAMPED.encode()
    for place, method, criteria, prepared in ready.entries:
        stored = writer.put_prepared(prepared, method, unstamped)
        outcome = Outcome(201, stored.type, stored.id, stored.version, stored.updated, b"")
        answers[place] = acknowledge(outcome, base)
        if method == "POST" and criteria is None:
            created.append(f"{stored.type}/{stored.id}")
    if created:
        writer.remember(ready.digest, created)
    writer.next_submission()
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": answers}


def _is_new(registry, writer, ready):
    """Whether the bundle was never sent before, no condition finds anything and no update has something to change."""
    connection, site = writer.connection, writer.site
    if writer.created_by(ready.digest) is not None:
        return False
    puts = [(prepared.type, prepared.id) for _, method, _, prepared in ready.entries if method == "PUT"]
    if puts and registry.store.reader.states(connection, site, puts):
        return False
    try:
        conditions = ((prepared.type, criteria) for _, _, criteria, prepared in ready.entries if criteria is not None)
        return not any(find(registry, connection, site, *condition) for condition in conditions)
    except FhirError:  # criteria that cannot be read
        return False


def _one(registry, site, body, base):
    try:
        return ingest.bundle(registry, site, json.parse(body), base)
    except FhirError as problem:
        if problem.kind == "unavailable":
            raise
        return problem
