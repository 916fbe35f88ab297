"""One walk for every write: plan, validate, resolve, store (https://hl7.org/fhir/R4/http.html#transaction)."""

import hashlib

from ..core.bundle import ORDER, Entry, check_identities, link_targets, plan_bundle
from ..core.paging import ANYBODY
from ..fhir import json
from ..fhir.errors import FhirError, error
from ..fhir.references import ID
from .answers import answers
from .apply import apply, check, matched, rewrite_references
from .read import check_type


def create(registry, site, type, resource, if_none_exist=None):
    """Store a new resource, unless `if_none_exist` (search criteria) finds one.

    Returns Outcome: 201, or 200 with the resource found. Raises FhirError: 400, 404, 412, 422.
    """
    criteria = None if if_none_exist is None else if_none_exist.removeprefix(f"{type}?").removeprefix("?")
    return _write_one(registry, site, Entry("POST", type, resource=resource, criteria=criteria, path=type))


def update(registry, site, type, id, resource, if_match=None, if_none_match=None, criteria=None):
    """Store the next version of (type, id), or its first.

    id: None with `criteria`, a search that may find one resource: when it finds none, the id is the resource's own or a
    new one. if_match: versions of which one must be current; if_none_match: versions of which none may be; "*" is any
    version. Without a change there is no new version. Returns Outcome: 200 or 201. Raises FhirError: 400, 404, 405,
    412, 422.
    """
    if id is not None and not ID.fullmatch(id):
        raise error("bad-request", "value", f"'{id}' is not an id", f"{type}.id")
    conditions = {"criteria": criteria, "if_match": if_match, "if_none_match": if_none_match}
    return _write_one(registry, site, Entry("PUT", type, id, resource, path=type, **conditions))


def patch(registry, site, type, id, patch, media_type, if_match=None, criteria=None):
    """Change what is stored of (type, id), or of the one resource that `criteria` find (then id is None).

    patch: parsed JSON of the media type (ops/patch.py). Returns Outcome: 200. Raises FhirError: 400, 404, 405, 410,
    412, 415, 422.
    """
    conditions = {"criteria": criteria, "if_match": if_match}
    return _write_one(registry, site, Entry("PATCH", type, id, patch=(patch, media_type), path=type, **conditions))


def delete(registry, site, type, id, if_match=None, criteria=None):
    """Delete (type, id), or the one resource that `criteria` find; the versions stay readable.

    Deleting what is not there is no error. Returns Outcome with status 204. Raises FhirError: 400, 404 for an unknown
    type, 405, 412.
    """
    return _write_one(registry, site, Entry("DELETE", type, id, criteria=criteria, if_match=if_match))


def bundle(registry, site, bundle, base, prefer=None, caller=ANYBODY):
    """Carry out a batch or transaction; returns the response Bundle, entries in the order of the request.

    base: URL of this server. prefer: what the answer holds beside the status of each entry: representation (the stored
    resources), OperationOutcome (what was done in words) or nothing. caller: who asks; cursors are bound to it. A
    transaction is stored whole or not at all: any problem raises FhirError, whose locations start with
    `Bundle.entry[i]`. The entries of a batch are independent; a problem is the outcome of its entry. When a site sends
    the same bundle again, its plain creates answer 200 with what they made the first time.
    """
    entries = _plan(registry, bundle, base)
    transaction = bundle["type"] == "transaction"
    if transaction:
        check(registry, entries)
    writes = sorted((e for e in entries if ORDER.get(e.method, 3) < 3), key=lambda e: ORDER[e.method])
    if writes:
        known_by = digest(bundle)  # before others wait for this transaction
        with registry.store.write(site) as writer:
            _write_bundle(registry, writer, writes, transaction, known_by)
            found = answers(registry, writer.connection, site, entries, base, caller, transaction, prefer)
    else:
        with registry.store.read() as connection:
            found = answers(registry, connection, site, entries, base, caller, transaction, prefer)
    response = {"resourceType": "Bundle", "type": f"{bundle['type']}-response"}
    return {**response, "entry": found} if found else response


def entries_made_ready(registry, bundle, base):
    """The entries of a transaction in the order of writing, with everything done that needs no database.

    They have their ids and their references point to them, as it is when no condition finds anything; entry.index
    is the place in the bundle. None when the transaction asks for more than updates and (conditional) creates.
    Raises FhirError, as `bundle` does.
    """
    entries = _plan(registry, bundle, base)
    conditions = [(entry.type, entry.criteria) for entry in entries if entry.criteria is not None]
    if bundle["type"] != "transaction" or not all(entry.may_be_new for entry in entries):
        return None
    if len(set(conditions)) < len(conditions):
        return None
    check(registry, entries)
    entries.sort(key=lambda entry: ORDER[entry.method])
    for entry in entries:
        entry.id = entry.id or registry.new_id()
    check_identities(entries)
    conditional = rewrite_references(registry, entries, link_targets(entries), transaction=True)
    return None if conditional else entries


def digest(bundle):
    """The hash by which a Bundle is known when it is sent again."""
    return hashlib.sha256(json.dumps(bundle["entry"])).hexdigest()


def _plan(registry, bundle, base):
    """The entries of a Bundle; what stands around them is valid R4, else malformed."""
    entries = plan_bundle(bundle, base, registry.content.definitions, registry.max_entries)
    issues = registry.validator.validate({name: value for name, value in bundle.items() if name != "entry"})
    if issues:
        raise FhirError("malformed", issues)
    return entries


def _write_one(registry, site, entry):
    check_type(registry, entry.type)
    check(registry, [entry])
    with registry.store.write(site) as writer:
        apply(registry, writer, [entry], transaction=False)
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
        apply(registry, writer, entries, transaction=True)
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
            entry.outcome = matched(key, state)


def _attempt(registry, writer, entry):
    """One entry of a batch: stored, or not at all and with its error."""
    savepoint = writer.connection.begin_nested()
    try:
        check(registry, [entry])
        apply(registry, writer, [entry], transaction=False)
    except FhirError as problem:
        writer.discard()
        savepoint.rollback()
        entry.error = problem
        entry.outcome = None
    else:
        savepoint.commit()
