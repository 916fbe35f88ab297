"""Other processes do for an import all that comes before the transaction (https://docs.python.org/3/library/concurrent.futures.html)."""

import hashlib
import marshal
from collections import deque
from functools import partial
from typing import NamedTuple

from ..fhir import json
from ..fhir.errors import FhirError, error
from ..store.rows import UNSTAMPED, Prepared
from . import ingest
from .apply import has_constraint
from .workers import begin_work, open_pool

AHEAD = 4  # tasks that a process may be ahead of the writer
AHEAD_BYTES = 20_000_000  # of units that are prepared and not taken; a single one may be more
TASK_UNITS, TASK_BYTES = 200, 250_000  # at most in one task, but for a single unit
_of_this_process = {}


class Write(NamedTuple):
    """place: in the bundle, from 0. criteria: of a conditional create, None else."""

    place: int
    method: str
    criteria: str | None
    prepared: Prepared


class Ready(NamedTuple):
    """A unit that only has to be written.

    digest: as in ingest.Planned. writes: in the order of writing; None when the unit must go the ordinary way. key: a
    number that stands for the type and id of a resource with an id that stands alone; None for all else. alone: whether
    it is no Bundle. identifier: as in ingest.Planned.
    """

    digest: str | None
    writes: list | None
    key: int | None
    alone: bool
    identifier: dict | None = None


def prepare_units(registry, units, base, processes):
    """Yield (Unit, Ready), or (Unit, FhirError) for what is refused whatever is stored, in the order of the units.

    processes: how many work for this one, which reads the units.
    """
    if registry.content.reads_stamp:
        for unit in units:
            yield unit, _prepare(registry, base, unit)
        return
    # Its processes never touch the database.
    with open_pool(processes, _begin, (registry, base)) as pool:
        for task, future in _in_order(pool, _tasks(units), AHEAD * processes):
            yield from zip(task, map(_received, future.result()), strict=True)


def plan(registry, unit, base):
    """Planned for a unit. Raises FhirError."""
    value = json.parse_sent(unit.body)
    if unit.line == 0 and isinstance(value, dict) and "resourceType" not in value:
        return ingest.Planned([], True, None)  # a file of something else that lies among them
    if not isinstance(value, dict):
        raise error("malformed", "structure", "This is not a JSON object; a FHIR resource is expected")
    if unit.type and value.get("resourceType") != unit.type:
        message = f"The source was announced to hold {unit.type} only"
        raise error("bad-request", "business-rule", message, "resourceType")
    if value.get("resourceType") == "Bundle" and value.get("type") in ("batch", "transaction"):
        return ingest.plan(registry, value, base)
    return ingest.plan_resource(registry, value)


def is_alone(planned):
    """Whether what was planned is a resource, not a Bundle."""
    return len(planned.entries) == 1 and not planned.entries[0].url


def _tasks(units):
    task, size = [], 0
    for unit in units:
        if task and (len(task) == TASK_UNITS or size + len(unit.body) > TASK_BYTES):
            yield task
            task, size = [], 0
        task.append(unit)
        size += len(unit.body)
    if task:
        yield task


def _in_order(pool, tasks, ahead):
    """(task, future) of each task; those after it are in work."""
    waiting, size = deque(), 0
    for task in tasks:
        waiting.append((task, pool.submit(_prepare_here, task)))
        size += _size(task)
        while len(waiting) > ahead or (size > AHEAD_BYTES and len(waiting) > 1):
            size -= _size(waiting[0][0])
            yield waiting.popleft()
    yield from waiting


def _size(task):
    return sum(len(unit.body) for unit in task)


# --- in the other processes -------------------------------------------------------------------------


def _begin(registry, base):
    begin_work()
    _of_this_process["prepare"] = partial(_prepare, registry, base)


def _prepare_here(task):
    return [_sent(_of_this_process["prepare"](unit)) for unit in task]


def _sent(ready):
    """A Ready or FhirError on its way to the process that writes.

    They are many small values, for which marshal takes half the time of pickle; both ends are one program.
    """
    if isinstance(ready, FhirError):
        return ready
    writes = ready.writes and [(*write[:3], *write.prepared) for write in ready.writes]
    return marshal.dumps((ready.digest, writes, *ready[2:]))


def _received(sent):
    """What `_sent` was given."""
    if isinstance(sent, FhirError):
        return sent
    digest, writes, *rest = marshal.loads(sent)
    return Ready(digest, writes and [Write(*write[:3], Prepared(*write[3:])) for write in writes], *rest)


def _prepare(registry, base, unit):
    if unit.error:
        return unit.error
    try:
        planned = plan(registry, unit, base)
    except FhirError as problem:
        return problem
    alone = is_alone(planned)
    key = _key(planned.entries[0]) if alone else None
    try:
        entries = None if registry.content.reads_stamp else ingest.entries_made_ready(registry, planned)
    except FhirError:  # the ordinary way says what is wrong
        entries = None
    if entries is None or has_constraint(registry.access, entries):
        return Ready(planned.digest, None, key, alone, planned.identifier)
    prepare = registry.store.rows.prepare
    writes = [Write(e.index, e.method, e.criteria, prepare(e.type, e.id, e.resource, 1, UNSTAMPED)) for e in entries]
    return Ready(planned.digest, writes, key, alone, planned.identifier)


def _key(entry):
    if entry.method == "POST":
        return None
    return int.from_bytes(hashlib.blake2b(f"{entry.type}/{entry.id}".encode(), digest_size=8).digest()) or 1
