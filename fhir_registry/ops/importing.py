"""Many bundles and resources at once: other processes prepare them, this one writes (https://hl7.org/fhir/R4/http.html#transaction)."""

from collections import deque
from dataclasses import replace
from typing import NamedTuple

from ..core.paging import ANYBODY
from ..fhir import json
from ..fhir.errors import FhirError, error
from ..store.rows import UNSTAMPED
from ..store.settings import ERASED
from . import ingest
from .answers import answers
from .apply import Outcome, matched
from .import_keys import Keys
from .import_prepare import plan, prepare_units
from .import_units import Unit
from .provenance import keep_provenance, wants_reason, without_reason
from .search import find
from .withdrawn import Guard, Write, sent_before

GROUP, GROUP_BYTES = 1000, 4_000_000  # entries and bytes in one database transaction, but for a single unit
_MARK = UNSTAMPED.encode()
_REFUSED = ("unprocessable", "erased")  # kinds of errors: it must not be stored


class Done(NamedTuple):
    """What became of a unit.

    outcomes: Outcome of each entry that writes, FhirError of one of a batch that was refused. error: the FhirError why
    nothing of it is stored. key, identifier: as in Ready.
    """

    unit: Unit
    outcomes: list
    error: FhirError | None = None
    key: int | None = None
    identifier: dict | None = None


def import_units(registry, site, units, base, processes=2, keep=lambda connection, done: None, keys=None):
    """Store units one after the other: Bundles as ingest.bundle does, the rest as creates and updates.

    units: iterable of Unit. base: URL of this server, or None. processes: how many prepare for this one, which writes.
    keep: function(connection, [Done]), called at the end of each write transaction for what it stores. keys: Keys of
    the resources that stood alone so far; another of the same id with other content is refused, so that the same units
    again change nothing. Yields lists of Done, in the order of the units, once they are stored for good. When the
    database fails the FhirError is raised; giving the units again is safe then.
    """
    importer = _Importer(registry, site, base, keep, Keys() if keys is None else keys)
    group, entries, size = deque(), 0, 0
    for unit, ready in prepare_units(registry, units, base, processes):
        group.append((unit, ready))
        entries += 1 if isinstance(ready, FhirError) or ready.writes is None else len(ready.writes)
        size += len(unit.body)
        if entries >= GROUP or size >= GROUP_BYTES:
            yield from importer.write(group)
            entries = size = 0
    yield from importer.write(group)


class _Importer:
    def __init__(self, registry, site, base, keep, keys):
        self._registry, self._site, self._base, self._keep, self._keys = registry, site, base, keep, keys
        self._reader, self._wants_reason = registry.store.reader, wants_reason(registry)

    def write(self, group):
        """Yield lists of Done for a deque of (Unit, Ready or FhirError); neighbours share a transaction."""
        while group:
            done = []
            with self._registry.store.write(self._site) as writer:
                self._guard = Guard(self._registry, writer)
                while group and (some := self._write_some(writer, group)):
                    done += some
                if done:
                    outcomes = [outcome for each in done for outcome in each.outcomes]
                    identifiers = [each.identifier for each in done if each.identifier and each.outcomes]
                    keep_provenance(self._registry, writer, outcomes, identifiers)
                    writer.flush()
                    self._note(writer, done)
                    self._keep(writer.connection, done)
            if not done:
                unit, ready = group.popleft()
                if isinstance(ready, FhirError):
                    raise ready
                done = [self._write_ordinary(unit, ready.key)]
            yield done
            for each in done:
                if each.key:
                    self._keys.add(each.key)

    def _write_some(self, writer, group):
        """[Done] of the first of a group, taken from it; [] when it cannot be one of several in a transaction."""
        unit, ready = group[0]
        if isinstance(ready, FhirError) and ready.status < 500:
            group.popleft()
            return [Done(unit, [], ready)]
        if isinstance(ready, FhirError) or ready.writes is None:
            return []
        if ready.alone:
            alone = []
            while group and not isinstance(group[0][1], FhirError) and group[0][1].alone and group[0][1].writes:
                alone.append(group.popleft())
            return self._write_alone(writer, alone)
        try:
            outcomes = self._write_bundle(writer, ready)
        except FhirError as problem:  # of what must not be stored; nothing of it is
            if problem.kind not in _REFUSED:
                raise
            group.popleft()
            return [Done(unit, [], problem)]
        if outcomes is None:
            group[0] = (unit, ready._replace(writes=None))
            return []
        group.popleft()
        return [Done(unit, outcomes, identifier=ready.identifier)]

    # --- bundles ------------------------------------------------------------------------------------

    def _write_bundle(self, writer, ready):
        """[Outcome]; None, and nothing done, when ids depend on what is stored."""
        known = writer.created_by(ready.digest) if ready.digest else None
        if known is not None:
            return self._recall(writer, ready, known)
        if self._finds(writer, ready):
            return None
        states = self._states(writer, (w.prepared for w in ready.writes if w.method == "PUT"))
        self._refuse(ready.writes, states, "Bundle.entry[{}].resource")
        bodies = self._bodies(writer, states)
        if states and self._wants_reason:
            prepared = (write.prepared for write in ready.writes)
            if any(self._corrects(writer, each, states.get((each.type, each.id)), bodies) for each in prepared):
                return None  # a Provenance in the Bundle may say why
        outcomes = [None] * len(ready.writes)
        created = []
        for place, method, criteria, prepared in ready.writes:
            state = states.get((prepared.type, prepared.id))
            outcomes[place] = _put(writer, method, prepared, state, bodies)
            if method == "POST" and criteria is None:
                created.append(f"{prepared.type}/{prepared.id}")
        if created:
            writer.remember({ready.digest: created})
        writer.next_submission()
        return outcomes

    def _recall(self, writer, ready, known):
        """[Outcome] when the bundle is nothing but creates and all that they made is still there, else None."""
        if ERASED in known:
            raise sent_before()
        names = [tuple(name.split("/")) for name in known if name]
        if len(names) < len(ready.writes) or any(w.criteria is not None for w in ready.writes):
            return None
        states = self._reader.states(writer.connection, writer.site, names)
        if any(name not in states or states[name].deleted for name in names):
            return None
        return [matched(name, states[name]) for name in names]

    def _finds(self, writer, ready):
        """Whether a condition finds something, or cannot be read."""
        conditions = ((w.prepared.type, w.criteria) for w in ready.writes if w.criteria is not None)
        try:
            return any(find(self._registry, writer.connection, writer.site, *condition) for condition in conditions)
        except FhirError as problem:
            if problem.status >= 500:  # PostgreSQL carries out nothing more in this transaction
                raise
            return True

    # --- resources that stand alone -----------------------------------------------------------------

    def _write_alone(self, writer, alone):
        """[Done] of some (Unit, Ready) with one write each, as one submission."""
        stored = self._made_before(writer, [ready.digest for _, ready in alone if ready.digest])
        states = self._states(writer, (ready.writes[0].prepared for _, ready in alone if ready.key))
        bodies = self._bodies(writer, states)
        done, created, first = [], {}, {}
        refused = self._find_refusal([ready.writes[0] for _, ready in alone], states)  # mostly none, for all at once
        for unit, ready in alone:
            prepared = ready.writes[0].prepared
            if refused and ready.digest not in stored and (problem := self._find_refusal(ready.writes, states)):
                outcome = problem
            elif ready.key:
                outcome = self._put_alone(writer, ready, prepared, states, bodies, first)
            elif ready.digest in stored:
                outcome = stored[ready.digest]
            else:
                outcome = _put(writer, "POST", prepared, None, bodies)
                created[ready.digest] = [f"{prepared.type}/{prepared.id}"]
                stored[ready.digest] = outcome._replace(status=200, changed=False)
            if isinstance(outcome, FhirError):
                done.append(Done(unit, [], outcome, ready.key))
            else:
                done.append(Done(unit, [outcome], None, ready.key))
        writer.remember(created)
        writer.next_submission()
        return done

    def _made_before(self, writer, digests):
        """{digest: Outcome} of the creates whose resource is there already; FhirError where that was erased."""
        known = writer.known(digests)
        erased = {digest: sent_before() for digest, names in known.items() if ERASED in names}
        made = {digest: tuple(names[0].split("/")) for digest, names in known.items() if digest not in erased}
        states = self._reader.states(writer.connection, writer.site, made.values())
        there = ((digest, name, states.get(name)) for digest, name in made.items())
        return erased | {digest: matched(name, state) for digest, name, state in there if state and not state.deleted}

    def _put_alone(self, writer, ready, prepared, states, bodies, first):
        """Outcome of an update; FhirError when the import has held the resource before with other content.

        first: key -> (body, Outcome) of what this submission has stored already.
        """
        name = prepared.type, prepared.id
        if ready.key in first:
            body, outcome = first[ready.key]
            return outcome._replace(status=200, changed=False) if body == prepared.body else _duplicate(*name)
        state = states.get(name)
        if ready.key in self._keys and not _is_same(writer, prepared, state, bodies):
            return _duplicate(*name)
        if self._wants_reason and self._corrects(writer, prepared, state, bodies):
            return FhirError("unprocessable", [without_reason(*name, name[0])])
        outcome = _put(writer, "PUT", prepared, state, bodies)
        first[ready.key] = prepared.body, outcome
        return outcome

    # --- what must not be stored ---------------------------------------------------------------------

    def _refuse(self, writes, states, path):
        """Raise erased or unprocessable when one of these must not be stored. path: of the resource, with its place."""
        if self._guard.is_needed:
            made = ((each.prepared, each.place) for each in writes)
            keyed = ((p, states.get((p.type, p.id)), path.format(place)) for p, place in made)
            self._guard.refuse([Write(p.type, p.id, json.parse(p.body), state, where) for p, state, where in keyed])

    def _find_refusal(self, writes, states):
        """The FhirError why these must not be stored, None when they may."""
        try:
            self._refuse(writes, states, writes[0].prepared.type)
        except FhirError as problem:
            if problem.kind not in _REFUSED:
                raise
            return problem
        return None

    # --- all else -----------------------------------------------------------------------------------

    def _write_ordinary(self, unit, key):
        """Done of a unit that goes the way of a request, in a transaction of its own."""
        try:
            planned = plan(self._registry, unit, self._base)
            with self._registry.store.write(self._site) as writer:
                ingest.carry_out(self._registry, writer, planned)
                if planned.transaction and len(planned.writes) < len(planned.entries):
                    # Nobody gets what is read, but a read that fails undoes the transaction.
                    unnoted = replace(self._registry, trail=None)
                    answers(unnoted, writer.connection, self._site, planned.entries, self._base, ANYBODY, True)
                done = Done(unit, [e.error or e.outcome for e in planned.entries if e.error or e.outcome], None, key)
                if key and key in self._keys and done.outcomes[0].changed:
                    raise _duplicate(planned.entries[0].type, planned.entries[0].id)
                writer.flush()
                self._note(writer, [done])
                self._keep(writer.connection, [done])
        except FhirError as problem:
            if problem.status >= 500:
                raise
            done = Done(unit, [], problem, key)
            with self._registry.store.write(self._site) as writer:
                self._keep(writer.connection, [done])
        return done

    def _note(self, writer, done):
        if trail := self._registry.trail:
            trail.note_import(writer, [each for one in done for each in one.outcomes if isinstance(each, Outcome)])
            if not trail.is_empty:
                trail.keep(writer)

    def _states(self, writer, prepared):
        return self._reader.states(writer.connection, writer.site, {(each.type, each.id) for each in prepared})

    def _corrects(self, writer, prepared, state, bodies):
        """Whether storing what is Prepared makes another version of what was there before."""
        return state is not None and not _is_same(writer, prepared, state, bodies)

    def _bodies(self, writer, states):
        """{rid: body} of what is stored and not deleted."""
        rids = [state.rid for state in states.values() if not state.deleted]
        return {rid: body for rid, (_, _, body) in self._reader.current(writer.connection, rids).items()}


def _is_same(writer, prepared, state, bodies):
    there = state is not None and not state.deleted
    return there and writer.is_same(prepared, _MARK, state, bodies[state.rid])


def _put(writer, method, prepared, state, bodies):
    """The Outcome of storing what is Prepared; without a change there is no new version."""
    if _is_same(writer, prepared, state, bodies):
        return matched((prepared.type, prepared.id), state)
    stored = writer.put_prepared(prepared, method, _MARK, state)
    status = 201 if state is None or state.deleted else 200
    return Outcome(status, stored.type, stored.id, stored.version, stored.updated, stored.body)


def _duplicate(type, id):
    message = f"{type}/{id} stood before with other content, which is stored; import what is newer by itself, later"
    return error("conflict", "duplicate", message, type)
