"""One walk for every write: plan, validate, resolve, store (https://hl7.org/fhir/R4/http.html#transaction)."""

import hashlib
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from ..core.bundle import ORDER, Entry, check_identities, link_targets, plan_bundle
from ..fhir import json
from ..fhir.dates import instant_literal
from ..fhir.errors import FhirError, Issue, error, operation_outcome
from ..fhir.references import ID, locate, rewrite, split_conditional
from .read import check_type
from .search import answer_get, find

BLOCKING = ("error", "fatal")
_instant = lru_cache(maxsize=256)(instant_literal)  # the entries of a transaction share theirs


class Outcome(NamedTuple):
    """What a write did. updated: microseconds since 1970-01-01; version: None when there was nothing to delete."""

    status: int
    type: str
    id: str
    version: int | None
    updated: int
    body: bytes


def create(registry, site, type, resource, if_none_exist=None):
    """Store a new resource, unless `if_none_exist` (search criteria) finds one.

    Returns Outcome: 201, or 200 with the resource found. Raises FhirError: 400, 404, 412, 422.
    """
    criteria = None if if_none_exist is None else if_none_exist.removeprefix(f"{type}?").removeprefix("?")
    return _write_one(registry, site, Entry("POST", type, resource=resource, criteria=criteria, path=type))


def update(registry, site, type, id, resource, if_match=None, if_none_match=None):
    """Store the next version of (type, id), or its first.

    if_match: versions of which one must be current; if_none_match: versions of which none may be; "*" is any
    version. Without a change there is no new version. Returns Outcome: 200 or 201. Raises FhirError: 400, 404, 405,
    412, 422.
    """
    if not ID.fullmatch(id):
        raise error("bad-request", "value", f"'{id}' is not an id", f"{type}.id")
    entry = Entry("PUT", type, id, resource, if_match=if_match, if_none_match=if_none_match, path=type)
    return _write_one(registry, site, entry)


def delete(registry, site, type, id, if_match=None):
    """Delete (type, id); its versions stay readable. Deleting what is not there is no error.

    Returns Outcome with status 204. Raises FhirError: 404 for an unknown type, 405, 412.
    """
    return _write_one(registry, site, Entry("DELETE", type, id, if_match=if_match))


def bundle(registry, site, bundle, base, representation=False):
    """Carry out a batch or transaction; returns the response Bundle, entries in the order of the request.

    base: URL of this server. representation: whether the answer holds the stored resources. A transaction is
    stored whole or not at all: any problem raises FhirError, whose locations start with `Bundle.entry[i]`. The entries
    of a batch are independent; a problem is the outcome of its entry. When a site sends the same bundle again, its
    plain creates answer 200 with what they made the first time.
    """
    entries = plan_bundle(bundle, base, registry.content.definitions, registry.max_entries)
    transaction = bundle["type"] == "transaction"
    if transaction:
        _check(registry, entries)
    writes = sorted((e for e in entries if ORDER.get(e.method, 3) < 3), key=lambda e: ORDER[e.method])
    if writes:
        known_by = digest(bundle)  # before others wait for this transaction
        with registry.store.write(site) as writer:
            _write_bundle(registry, writer, writes, transaction, known_by)
            answers = [
                _answer(registry, writer.connection, site, e, base, transaction, representation) for e in entries
            ]
    else:
        with registry.store.read() as connection:
            answers = [_answer(registry, connection, site, e, base, transaction, representation) for e in entries]
    response = {"resourceType": "Bundle", "type": f"{bundle['type']}-response"}
    return {**response, "entry": answers} if answers else response


def entries_made_ready(registry, bundle, base):
    """The entries of a transaction in the order of writing, with everything done that needs no database.

    They have their ids and their references point to them, as it is when no condition finds anything; entry.index
    is the place in the bundle. None when the transaction asks for more than updates and (conditional) creates.
    Raises FhirError, as `bundle` does.
    """
    entries = plan_bundle(bundle, base, registry.content.definitions, registry.max_entries)
    conditions = [(entry.type, entry.criteria) for entry in entries if entry.criteria is not None]
    if bundle["type"] != "transaction" or not all(entry.may_be_new for entry in entries):
        return None
    if len(set(conditions)) < len(conditions):
        return None
    _check(registry, entries)
    entries.sort(key=lambda entry: ORDER[entry.method])
    for entry in entries:
        entry.id = entry.id or registry.new_id()
    check_identities(entries)
    conditional = _rewrite(registry, entries, link_targets(entries), transaction=True)
    return None if conditional else entries


def digest(bundle):
    """The hash by which a Bundle is known when it is sent again."""
    return hashlib.sha256(json.dumps(bundle["entry"])).hexdigest()


def _write_one(registry, site, entry):
    check_type(registry, entry.type)
    _check(registry, [entry])
    with registry.store.write(site) as writer:
        _apply(registry, writer, [entry], transaction=False)
        outcome = entry.outcome
        if entry.match:
            stored = registry.store.reader.read(writer.connection, site, entry.type, entry.id)
            outcome = outcome._replace(body=stored.body)
    return outcome


def _write_bundle(registry, writer, entries, transaction, digest):
    creates = [entry for entry in entries if entry.is_plain_create]
    known = writer.created_by(digest) if creates else None
    if known:
        _recall(registry, writer, creates, known)
    fresh = [entry for entry in creates if not entry.match]
    if transaction:
        _apply(registry, writer, entries, transaction=True)
    else:
        for entry in entries:
            _attempt(registry, writer, entry)
    if any(entry.outcome for entry in fresh):
        writer.remember(digest, [f"{e.type}/{e.id}" if e.outcome else "" for e in creates])


def _recall(registry, writer, creates, known):
    """Match creates with what the same submission made before, unless that has been deleted."""
    made = [tuple(name.split("/")) for name in known]
    states = registry.store.reader.states(writer.connection, writer.site, [key for key in made if len(key) == 2])
    for entry, key in zip(creates, made, strict=True):
        state = states.get(key)
        if state and not state.deleted:
            entry.match, entry.id = key, key[1]
            entry.outcome = _matched(key, state)


def _attempt(registry, writer, entry):
    """One entry of a batch: stored, or not at all and with its error."""
    savepoint = writer.connection.begin_nested()
    try:
        _check(registry, [entry])
        _apply(registry, writer, [entry], transaction=False)
    except FhirError as problem:
        writer.discard()
        savepoint.rollback()
        entry.error = problem
        entry.outcome = None
    else:
        savepoint.commit()


# --- before the transaction -------------------------------------------------------------------------


def _check(registry, entries):
    """Raise everything that can be said about the entries without looking at what is stored."""
    malformed, unprocessable = [], []
    for entry in entries:
        if entry.id:
            _refuse_owned(registry, entry)
        resource = entry.resource
        if resource is None:
            continue
        if not isinstance(resource, dict) or resource.get("resourceType") != entry.type:
            message = f"The resource must be a {entry.type}"
            malformed.append(Issue("error", "invalid", message, f"{entry.path}.resourceType"))
            continue
        issues = registry.validator.validate(resource, entry.path)
        malformed += [issue for issue in issues if issue.severity in BLOCKING]
        if entry.method == "PUT" and entry.id and resource.get("id") != entry.id:
            message = f"The id of the resource must be '{entry.id}', as in the URL"
            malformed.append(Issue("error", "value", message, f"{entry.path}.id"))
        if not malformed:
            issues = registry.validator.validate_profiles(resource, entry.path)
            unprocessable += [issue for issue in issues if issue.severity in BLOCKING]
    if malformed:
        raise FhirError("malformed", malformed)
    if unprocessable:
        raise FhirError("unprocessable", unprocessable)


def _refuse_owned(registry, entry):
    if (entry.type, entry.id) in registry.owned:
        message = f"{entry.type}/{entry.id} comes from the registry's files; change it there"
        raise error("method-not-allowed", "business-rule", message, entry.path, headers={"Allow": "GET, HEAD"})


# --- in the transaction -----------------------------------------------------------------------------


def _apply(registry, writer, entries, transaction):
    """Carry out entries (in the order of ORDER) as one unit; each gets its outcome. Raises FhirError."""
    _delete(registry, writer, [entry for entry in entries if entry.method == "DELETE"])
    puts = [entry for entry in entries if entry.method != "DELETE"]
    _resolve(registry, writer, puts)
    check_identities(entries)
    writes = [entry for entry in puts if not entry.match]
    conditional = _rewrite(registry, writes, link_targets(puts), transaction)
    if conditional:
        found = _rehearse(registry, writer, writes, conditional)
        for entry in writes:
            entry.resource = rewrite(entry.resource, found, frozenset(), [])
    _store(registry, writer, writes)
    writer.flush()
    matched = [entry for entry in puts if entry.match and not entry.outcome]
    states = registry.store.reader.states(writer.connection, writer.site, {entry.match for entry in matched})
    for entry in matched:
        entry.outcome = _matched(entry.match, states[entry.match])


def _matched(key, state):
    return Outcome(200, *key, state.version, state.updated, b"")


def _delete(registry, writer, entries):
    for entry in entries:
        if entry.criteria is not None:
            ids = _find(registry, writer, entry.type, entry.criteria, entry)
            entry.id = ids[0] if ids else None
            _refuse_owned(registry, entry)
    keys = {(entry.type, entry.id) for entry in entries}
    states = registry.store.reader.states(writer.connection, writer.site, keys) if keys else {}
    for entry in entries:
        state = states.get((entry.type, entry.id))
        _check_versions(entry, state)
        if state and not state.deleted:
            stored = writer.delete(entry.type, entry.id, state)
            states.pop((entry.type, entry.id))
            entry.outcome = Outcome(204, entry.type, entry.id, stored.version, stored.updated, b"")
        else:
            version, updated = (state.version, state.updated) if state else (None, writer.now)
            entry.outcome = Outcome(204, entry.type, entry.id, version, updated, b"")
    if entries:
        writer.flush()


def _resolve(registry, writer, entries):
    """Give every create and update its id, by its condition where it has one."""
    first = {}
    for entry in entries:
        if entry.match:
            continue
        if entry.criteria is None:
            entry.id = entry.id or registry.new_id()
            continue
        key = (entry.type, entry.criteria)
        twin = first.setdefault(key, entry) if entry.method == "POST" else entry
        if twin is not entry:
            if twin.resource != entry.resource:
                message = f"Entry {twin.index} has the same condition and another resource"
                raise error("malformed", "duplicate", message, entry.path)
            entry.id, entry.match = twin.id, (twin.type, twin.id)
            continue
        ids = _find(registry, writer, entry.type, entry.criteria, entry)
        if entry.method == "POST":
            entry.id = ids[0] if ids else registry.new_id()
            entry.match = (entry.type, ids[0]) if ids else None
        else:
            own = entry.resource.get("id")
            if ids and own not in (None, ids[0]):
                message = f"The condition finds {entry.type}/{ids[0]}, but the resource has the id '{own}'"
                raise error("malformed", "value", message, f"{entry.path}.id")
            entry.id = ids[0] if ids else own or registry.new_id()
            _refuse_owned(registry, entry)


def _find(registry, writer, type, criteria, entry):
    """Ids (none or one) of the resources that criteria select; more are a 412."""
    try:
        ids = find(registry, writer.connection, writer.site, type, criteria)
    except FhirError as problem:
        raise problem.located(entry.path) from None
    if len(ids) > 1:
        raise error("precondition-failed", "multiple-matches", f"More than one {type} matches {criteria}", entry.path)
    return ids


def _rewrite(registry, entries, targets_of, transaction):
    """Point references to their new places; returns the conditional ones that remain."""
    conditional = set()
    for entry in entries:
        unresolved = []
        targets = targets_of(entry.full_url)
        entry.resource = rewrite(entry.resource, targets, registry.uri_names(entry.type), unresolved)
        if unresolved:
            _refuse_unresolved(entry, set(unresolved), transaction)
            conditional.update(value for value in unresolved if split_conditional(value))
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


def _store(registry, writer, entries):
    keys = [(entry.type, entry.id) for entry in entries if entry.method == "PUT"]
    states = registry.store.reader.states(writer.connection, writer.site, keys) if keys else {}
    for entry in entries:
        state = states.get((entry.type, entry.id))
        _check_versions(entry, state)
        stored = writer.put(entry.type, entry.id, entry.resource, entry.method, state)
        status = 201 if state is None or state.deleted else 200
        entry.outcome = Outcome(status, entry.type, entry.id, stored.version, stored.updated, stored.body)


def _check_versions(entry, state):
    current = str(state.version) if state and not state.deleted else None
    if entry.if_match is not None and (current is None or (entry.if_match != "*" and current not in entry.if_match)):
        message = f"{entry.type}/{entry.id} is at version {current}" if current else "There is no current version"
        raise error("precondition-failed", "conflict", f"{message}, not at the one of If-Match", entry.path)
    unwanted = entry.if_none_match
    if unwanted is not None and current is not None and (unwanted == "*" or current in unwanted):
        message = f"{entry.type}/{entry.id} exists already, at version {current}"
        raise error("precondition-failed", "conflict", message, entry.path)


# --- the response -----------------------------------------------------------------------------------


def _answer(registry, connection, site, entry, base, transaction, representation):
    if entry.method == "GET" and not entry.error:
        try:
            return answer_get(registry, connection, site, entry.url, base)
        except FhirError as problem:
            entry.error = problem.located(f"Bundle.entry[{entry.index}].request.url")
            if transaction:
                raise entry.error from None
    if entry.error:
        outcome = operation_outcome(entry.error.issues)
        return {"response": {"status": _status(entry.error.status), "outcome": outcome}}
    return _acknowledge(registry, connection, site, entry.outcome, base, representation)


def acknowledge(outcome, base):
    """The entry of a response Bundle for an Outcome."""
    response = {"status": _status(outcome.status)}
    if outcome.status != 204:
        response["location"] = f"{base}/{outcome.type}/{outcome.id}/_history/{outcome.version}"
    if outcome.version is not None:
        response["etag"] = f'W/"{outcome.version}"'
        response["lastModified"] = _instant(outcome.updated)
    return {"response": response}


def _acknowledge(registry, connection, site, outcome, base, representation):
    answer = acknowledge(outcome, base)
    if not representation or outcome.status == 204:
        return answer
    body = outcome.body or registry.store.reader.read(connection, site, outcome.type, outcome.id).body
    return {
        "fullUrl": f"{base}/{outcome.type}/{outcome.id}",
        "resource": json.parse(body),
        **answer,
    }


@lru_cache(maxsize=64)
def _status(number):
    return f"{number} {HTTPStatus(number).phrase}"
