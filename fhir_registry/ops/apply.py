"""Entries become versions inside one write transaction (https://hl7.org/fhir/R4/http.html#trules)."""

from typing import NamedTuple

from ..core.bundle import check_identities, link_targets
from ..core.provenance import TYPE as PROVENANCE
from ..core.provenance import WRITTEN
from ..core.subset import is_subset
from ..fhir import json
from ..fhir.errors import FhirError, Issue, error
from ..fhir.references import locate, rewrite, split_conditional
from ..store.permitted import is_permitted
from ..store.rows import UNSTAMPED
from .patch import apply_patch, check_patch, require_sight, telling
from .read import check_type, may_see, refuse_absent
from .search import find, find_one
from .withdrawn import Guard, Write, check_withdrawal

BLOCKING = ("error", "fatal")
_NEEDED = {"POST": "c", "PUT": "u", "PATCH": "u", "DELETE": "d"}  # letters of scopes


class Outcome(NamedTuple):
    """What a write did. updated: microseconds since 1970-01-01; version: None when there was nothing to delete.

    changed: whether there is a new version.
    """

    status: int
    type: str
    id: str
    version: int | None
    updated: int
    body: bytes
    changed: bool = True


def check(registry, entries):
    """Raise everything that can be said about the entries without looking at what is stored."""
    malformed, unprocessable = [], []
    for entry in entries:
        _require(registry.access, entry)
        if entry.id:
            _refuse_owned(registry, entry)
        resource = entry.resource
        if resource is None:
            if entry.patch:
                _check_patch(registry, entry)
            continue
        if not isinstance(resource, dict) or resource.get("resourceType") != entry.type:
            message = f"The resource must be a {entry.type}"
            malformed.append(Issue("error", "invalid", message, f"{entry.path}.resourceType"))
            continue
        issues = registry.validator.validate(resource, entry.path)
        malformed += [issue for issue in issues if issue.severity in BLOCKING]
        if entry.method != "POST" and entry.id and resource.get("id") != entry.id:
            message = f"The id of the resource must be '{entry.id}', as in the URL"
            malformed.append(Issue("error", "value", message, f"{entry.path}.id"))
        if not malformed:
            issues = registry.validator.validate_profiles(resource, entry.path)
            unprocessable += [issue for issue in issues if issue.severity in BLOCKING]
            if entry.type == "Consent":
                unprocessable += check_withdrawal(resource, entry.path)
            if entry.method == "PUT" and is_subset(resource):
                message = "A part of a resource (meta.tag SUBSETTED) must not replace the whole; read all of it first"
                unprocessable.append(Issue("error", "business-rule", message, f"{entry.path}.meta.tag"))
    if malformed:
        raise FhirError("malformed", malformed)
    if unprocessable:
        raise FhirError("unprocessable", unprocessable)


def _require(access, entry):
    """Raise forbidden for what the client may not do to any resource of the type."""
    letters = _NEEDED.get(entry.method, "")
    if letters and entry.criteria is not None:  # it tells what there is, and an update may create
        letters += "sc" if entry.method == "PUT" else "s"
    for letter in letters:
        access.require(entry.type, letter, f"Bundle.entry[{entry.index}].request.method" if entry.url else None)


def _check_patch(registry, entry):
    try:
        check_patch(registry, *entry.patch)
        require_sight(registry, entry.type, *entry.patch)
    except FhirError as problem:
        raise _of_patch(entry, problem) from None


def _of_patch(entry, problem):
    """A problem of the patch that an entry is, at its place in the request."""
    if not entry.url:
        return problem
    return FhirError(problem.kind, [issue.prefixed(entry.path) for issue in problem.issues], problem.headers)


def _refuse_owned(registry, entry):
    if (entry.type, entry.id) in registry.owned:
        message = f"{entry.type}/{entry.id} comes from the registry's files; change it there"
        raise error("method-not-allowed", "business-rule", message, entry.path, headers={"Allow": "GET, HEAD"})
    if entry.type == PROVENANCE and entry.id.startswith(WRITTEN):
        message = f"A {PROVENANCE} whose id begins with {WRITTEN} is written by the server only; choose another id"
        raise error("method-not-allowed", "business-rule", message, entry.path, headers={"Allow": "GET, HEAD"})


def apply(registry, writer, entries, transaction, foreseen=None):
    """Carry out entries (in the order of ORDER) as one unit; each gets its outcome. Raises FhirError.

    foreseen: what foresee gave for them, if anything. What is stored can be searched when the Writer has flushed.
    """
    _delete(registry, writer, [entry for entry in entries if entry.method == "DELETE"])
    puts = [entry for entry in entries if entry.method != "DELETE"]
    resolve(registry, writer, puts)
    check_identities(entries)
    if foreseen and foreseen.holds(puts):
        for entry, resource in zip(puts, foreseen.resources, strict=True):
            entry.resource = resource
        _store(registry, writer, [entry for entry in puts if not entry.match], foreseen.prepared)
    else:
        _store_unforeseen(registry, writer, puts, transaction)
    found = [entry for entry in puts if entry.match and not entry.outcome]
    if found:
        writer.flush()  # some have found what another entry has stored
    states = registry.store.reader.states(writer.connection, writer.site, {entry.match for entry in found})
    for entry in found:
        entry.outcome = matched(entry.match, states[entry.match])


def _store_unforeseen(registry, writer, puts, transaction):
    """Store entries whose references are not known yet, nor what their patches make."""
    _patch(registry, writer, [entry for entry in puts if entry.method == "PATCH"])
    writes = [entry for entry in puts if not entry.match]
    conditional = rewrite_references(registry, writes, link_targets(puts), transaction)
    if conditional:
        targets = _rehearse(registry, writer, writes, conditional)
        for entry in writes:
            entry.resource = rewrite(entry.resource, targets, frozenset(), [])
    _store(registry, writer, writes)


def matched(key, state):
    """The Outcome of a create whose condition has found (type, id), which stands at that State."""
    return Outcome(200, *key, state.version, state.updated, b"", changed=False)


def _delete(registry, writer, entries):
    for entry in entries:
        if entry.criteria is not None:
            entry.id = find_one(registry, writer, entry.type, entry.criteria, entry.condition_path)
            _refuse_owned(registry, entry)
    keys = {(entry.type, entry.id) for entry in entries}
    states = registry.store.reader.states(writer.connection, writer.site, keys) if keys else {}
    for entry in entries:
        state = states.get((entry.type, entry.id))
        if state and not _may_delete(registry, writer, entry):
            state = None  # as if it had never been
        _check_versions(entry, state)
        if state and not state.deleted:
            stored = writer.delete(entry.type, entry.id, state)
            states.pop((entry.type, entry.id))
            entry.outcome = Outcome(204, entry.type, entry.id, stored.version, stored.updated, b"")
        else:
            version, updated = (state.version, state.updated) if state else (None, writer.now)
            entry.outcome = Outcome(204, entry.type, entry.id, version, updated, b"", changed=False)
    if entries:
        writer.flush()


def _may_delete(registry, writer, entry):
    permitted = registry.access.permits(entry.type, "d")
    if not permitted:
        return True
    stored = registry.store.reader.read(writer.connection, writer.site, entry.type, entry.id)
    return may_see(registry, stored, permitted)


def resolve(registry, writer, entries):
    """Give every create and update its id, by its condition where it has one."""
    first = {}
    for entry in entries:
        if entry.match:
            continue
        if entry.criteria is None:
            entry.id = entry.id or entry.new_id or registry.new_id()
            continue
        twin = first.setdefault((entry.type, entry.criteria), entry)
        if twin is not entry:
            if not twin.method == entry.method == "POST" or twin.resource != entry.resource:
                message = f"Entry {twin.index} has the same condition, and is not the same conditional create"
                raise error("malformed", "duplicate", message, entry.path)
            entry.id, entry.match = twin.id, (twin.type, twin.id)
            continue
        found = find_one(registry, writer, entry.type, entry.criteria, entry.condition_path)
        if entry.method == "POST":
            entry.id = found or entry.new_id or registry.new_id()
            entry.match = (entry.type, found) if found else None
            continue
        if entry.method == "PATCH":
            if not found:
                raise error("not-found", "not-found", f"No {entry.type} matches {entry.criteria}", entry.path)
            entry.id = found
        else:
            own = entry.resource.get("id")
            if found and own not in (None, found):
                message = f"The condition finds {entry.type}/{found}, but the resource has the id '{own}'"
                raise error("malformed", "value", message, f"{entry.path}.id")
            entry.id = found or own or entry.new_id or registry.new_id()
        _refuse_owned(registry, entry)


def _patch(registry, writer, entries):
    """Apply the patches to what is stored; from here on they are updates."""
    patched = []
    for entry in entries:
        stored = registry.store.reader.read(writer.connection, writer.site, entry.type, entry.id)
        try:
            seen = may_see(registry, stored, registry.access.permits(entry.type, "u"))
            refuse_absent(stored if seen else None, f"{entry.type}/{entry.id}")
            require_sight(registry, entry.type, *entry.patch, stored)
            _check_versions(entry, stored)
            resource = json.parse(stored.body)
            with telling(registry, [stored]):
                entry.resource = apply_patch(registry, resource, *entry.patch)
        except FhirError as problem:
            raise _of_patch(entry, problem) from None
        rewrite(resource, {}, frozenset(), entry.settled)
        patched.append(stored)
    with telling(registry, patched):
        check(registry, entries)


def rewrite_references(registry, entries, targets_of, transaction):
    """Point references to their new places; returns the conditional ones that remain.

    targets_of: as link_targets gives it. Raises FhirError for references that lead nowhere.
    """
    conditional = set()
    for entry in entries:
        unresolved = []
        # Relative references of a patched resource are those of this server, whatever the entry is called.
        targets = targets_of(None if entry.method == "PATCH" else entry.full_url)
        entry.resource = rewrite(entry.resource, targets, registry.uri_names(entry.type), unresolved)
        open_ = set(unresolved).difference(entry.settled) if unresolved else ()
        if open_:
            _refuse_unresolved(entry, open_, transaction)
            conditional.update(value for value in open_ if split_conditional(value))
    return conditional


def _refuse_unresolved(entry, unresolved, transaction):
    issues = []
    for where, value in locate(entry.resource, unresolved, entry.path):
        if not split_conditional(value):
            if entry.url:  # outside a bundle a urn:uuid may be anything
                message = f"Nothing in the Bundle has the fullUrl {value}"
                issues.append(Issue("error", "not-found", message, where))
        elif not transaction:
            message = f"The conditional reference {value} is possible in a transaction only"
            issues.append(Issue("error", "not-supported", message, where))
    if issues:
        raise FhirError("malformed", issues)


def _rehearse(registry, writer, entries, conditional):
    """{conditional reference: `Type/id`}, as found among what is stored and what this transaction will store."""
    savepoint = writer.connection.begin_nested()
    _store(registry, writer, entries)
    writer.flush()
    found, issues = {}, []
    for value in sorted(conditional):
        type_, criteria = split_conditional(value)
        try:
            check_type(registry, type_)
            ids = find(registry, writer.connection, writer.site, type_, criteria)
        except FhirError as problem:
            places = (place for entry in entries for place, _ in locate(entry.resource, {value}, entry.path))
            raise problem.located(next(places)) from None
        if len(ids) == 1:
            found[value] = f"{type_}/{ids[0]}"
        else:
            issues.append((value, "matches nothing" if not ids else "matches more than one resource"))
    savepoint.rollback()
    if issues:
        problems = dict(issues)
        raise FhirError(
            "precondition-failed",
            [
                Issue("error", "not-found", f"The conditional reference {value} {problems[value]}", where)
                for entry in entries
                for where, value in locate(entry.resource, problems, entry.path)
            ],
        )
    return found


def _store(registry, writer, entries, prepared=None):
    """prepared: (type, id) -> its first version, Prepared at UNSTAMPED, taken out; what is not there is made now."""
    prepared = prepared or {}
    keys = [(entry.type, entry.id) for entry in entries if entry.method != "POST"]
    states = registry.store.reader.states(writer.connection, writer.site, keys) if keys else {}
    writes = [Write(e.type, e.id, e.resource, states.get((e.type, e.id)), e.path) for e in entries]
    for entry in entries:  # who may not write it is told nothing of its patient
        _check_images(registry, writer, entry, states.get((entry.type, entry.id)))
    if writes:
        Guard(registry, writer).refuse(writes)
    for entry in entries:
        state = states.get((entry.type, entry.id))
        _check_versions(entry, state)
        method = "PUT" if entry.method == "PATCH" else entry.method  # for the history
        ready = prepared.pop((entry.type, entry.id), None)
        if ready and state is None:
            stored = writer.put_prepared(ready, method, UNSTAMPED.encode())
        else:
            stored = writer.put(entry.type, entry.id, entry.resource, method, state)
        status = 201 if state is None or state.deleted else 200
        changed = state is None or stored.version != state.version
        entry.outcome = Outcome(status, entry.type, entry.id, stored.version, stored.updated, stored.body, changed)


def has_constraint(access, entries):
    """Whether these creates and updates must be looked at one by one: some like them are not permitted."""
    return any(access.permits(entry.type, _NEEDED[entry.method]) for entry in entries)


def _check_images(registry, writer, entry, state):
    """Raise forbidden unless the client may write such a resource, as it was and as it will be."""
    letter = _NEEDED[entry.method]
    permitted = registry.access.permits(entry.type, letter)
    if not permitted:
        return
    covered = is_permitted(registry.store.rows.index(entry.resource), permitted)
    if covered and state and not state.deleted:
        old = registry.store.reader.read(writer.connection, writer.site, entry.type, entry.id)
        covered = may_see(registry, old, permitted)
    if not covered:
        what = f"write this {entry.type}, which its scopes do not cover"
        raise registry.access.refusal(entry.type, letter, what, entry.path)


def _check_versions(entry, state):
    current = str(state.version) if state and not state.deleted else None
    if entry.if_match is not None and (current is None or (entry.if_match != "*" and current not in entry.if_match)):
        found = (
            f"{entry.type}/{entry.id} is at version {current}" if current else f"{entry.type}/{entry.id} is not here"
        )
        if not current and entry.criteria is not None:
            found = f"nothing matches {entry.criteria}"
        where = entry.request_path("ifMatch")
        raise error("precondition-failed", "conflict", f"If-Match does not hold: {found}", where)
    unwanted = entry.if_none_match
    if unwanted is not None and current is not None and (unwanted == "*" or current in unwanted):
        message = f"{entry.type}/{entry.id} exists already, at version {current}"
        raise error("precondition-failed", "conflict", message, entry.request_path("ifNoneMatch"))
