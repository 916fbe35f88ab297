"""Erase a person: content goes from everywhere, a tombstone stays (docs/consent.md, https://eur-lex.europa.eu/eli/reg/2016/679/art_17)."""

from typing import NamedTuple

from ..core.naming import own_identifiers
from ..fhir import json
from ..fhir.errors import bad_parameter
from ..store import erase as rows
from ..store.persons import linked_with
from ..store.purge import overwrite_deleted
from .erase_jobs import drop_jobs
from .erase_scope import Scope
from .withdrawn import refuse_unknown

REASONS = "https://registry.example/CodeSystem/erasure-reason"


class Erased(NamedTuple):
    """patients: ids. resources, changed: how many were erased, and how many named the person beside others.

    events: of the audit log that were about the person.
    """

    patients: list
    resources: int
    changed: int
    events: int


def reasons(content):
    """The codes of CodeSystem erasure-reason."""
    (system,) = (resource for resource in content.resources if resource.get("url") == REASONS)
    return [concept["code"] for concept in system["concept"]]


def erase(registry, site, id, reason, event, base=None):
    """Erase the person of a Patient, merged ones with it, and all that is of this person alone; Erased.

    reason: a code of CodeSystem erasure-reason. event: the core.audit.Event that tells of it. base: URL of this server.
    What is read before the transaction holds up nobody; what was written meanwhile is looked at again. Raises
    FhirError: 404, 410 when this was done, 400 for another reason, 409 while a job holds data of the person.
    """
    known = reasons(registry.content)
    if reason not in known:
        raise bad_parameter("reason", "value", f"An erasure has a reason, one of {', '.join(known)}")
    store = registry.store
    with store.read(site, limited=False) as connection:
        _refuse_erased(registry, connection, site, id)
        moment = rows.newest(store, connection, site)
        # Not those of other servers, which are URLs.
        patients = {each for each in linked_with(store, connection, site, {id}, base) if "/" not in each}
        scope = _learn_all(registry, connection, site, id, _scope(registry, connection, site, patients, base), base)
        _require(registry, connection, site, id, scope)
    with store.write(site) as writer:
        return _erase_in(registry, writer, id, scope, moment, reason, event, base)


def _erase_in(registry, writer, id, scope, moment, reason, event, base):
    """Erase in the transaction of a Writer, which others wait for, what a Scope knows as of a moment."""
    store, connection, site = registry.store, writer.connection, writer.site
    overwrite_deleted(store.database, connection)
    _refuse_erased(registry, connection, site, id)
    # Another erasure changes texts without a new version.
    later = rows.written_since(store, connection, site, moment) | set(scope.shared)
    scope.shared.clear()
    more = scope.learn(rows.walk(store, connection, site, later))
    fresh = _scope(registry, connection, site, scope.linked(id), base)
    same = (fresh.patients, fresh.identifiers) == (scope.patients, scope.identifiers)
    if more or not same:
        scope = _learn_all(registry, connection, site, id, scope if same else fresh, base)
    _require(registry, connection, site, id, scope)
    names, patients = scope.names, sorted(scope.patients)
    drop_jobs(store, connection, site, scope)
    rows.replace(store, connection, site, list(scope.rewritten()))
    rows.remove(store, connection, scope.gone)
    keys = store.analyses.forms(patients, base)
    rows.forget(store, connection, site, {"/".join(name) for name in names}, keys)
    store.tombstones.add(connection, site, names | scope.identifiers, store.now(), reason)
    event = event._replace(reason=reason, count=len(scope.gone))
    events = store.audit.erase(connection, site, patients, event)
    return Erased(patients, len(scope.gone), len(scope.shared), events)


def _refuse_erased(registry, connection, site, id):
    """Raise deleted when this was done. In a restored backup there may be both the Patient and its tombstone."""
    key = "Patient", id
    there = registry.store.reader.states(connection, site, [key])
    if not there and registry.store.tombstones.find(connection, site, [key]):
        refuse_unknown(registry, connection, site, *key)


def _require(registry, connection, site, id, scope):
    """Raise not-found when nothing is, was or names such a Patient, which itself may never have come."""
    if not scope.gone and not scope.shared:
        refuse_unknown(registry, connection, site, "Patient", id)


def _scope(registry, connection, site, patients, base):
    """An empty Scope of a person, by the ids of all its Patients."""
    store = registry.store
    states = store.reader.states(connection, site, [("Patient", each) for each in patients])
    identifiers = set()
    for history in rows.walk(store, connection, site, [state.rid for state in states.values()]):
        for body in history.bodies.values():
            identifiers |= own_identifiers(json.parse(body))
    return Scope(patients, identifiers, registry.content.definitions.compartments["Patient"], base)


def _learn_all(registry, connection, site, id, scope, base):
    """The Scope, or one of more Patients, when it has gone through all that is stored and that tells of nothing more.

    What names a record of the person goes too, and who was merged with it and deleted since.
    """
    while True:
        more = scope.learn(rows.walk(registry.store, connection, site))
        patients = scope.linked(id)
        if patients != scope.patients:
            scope = _scope(registry, connection, site, patients, base)
        elif not more:
            return scope
