"""One walk for every write: plan, validate, resolve, store (https://hl7.org/fhir/R4/http.html#transaction)."""

import hashlib
from typing import NamedTuple

from ..core.bundle import ORDER, Entry, check_identities, link_targets, plan_bundle, refuse_audit
from ..core.paging import ANYBODY
from ..core.provenance import identifier_of
from ..fhir import json
from ..fhir.errors import FhirError, error
from ..fhir.references import ID
from ..store.settings import ERASED
from .answers import answers, is_shown
from .apply import apply, check, matched, rewrite_references
from .foresee import foresee
from .provenance import keep_provenance, require_reasons
from .read import check_type
from .withdrawn import sent_before


class Planned(NamedTuple):
    """A batch or transaction of which all has been said that can be said without looking at what is stored.

    digest: the hash by which its creates without a condition are known when they are sent again; None without any.
    identifier: that of the Bundle, None when it has none.
    """

    entries: list
    transaction: bool
    digest: str | None
    identifier: dict | None = None

    @property
    def writes(self):
        """The entries that change something, in the order in which they are carried out."""
        return sorted((e for e in self.entries if ORDER.get(e.method, 3) < 3), key=lambda e: ORDER[e.method])


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
    planned = plan(registry, bundle, base)
    asked = (planned.entries, base, caller, planned.transaction, prefer)
    if registry.trail:
        registry.trail.become(bundle["type"])
    if planned.writes and _may_write(registry, site, planned):
        foreseen = foresee(registry, site, planned.writes) if planned.transaction else None
        with registry.store.write(site) as writer:
            carry_out(registry, writer, planned, foreseen)
            found = answers(registry, writer.connection, site, *asked)
            if registry.trail:
                registry.trail.note_writes(writer, planned.writes)
                registry.trail.keep(writer, 200)
    else:
        with registry.store.read(site) as connection:
            found = answers(registry, connection, site, *asked)
    response = {"resourceType": "Bundle", "type": f"{bundle['type']}-response"}
    return {**response, "entry": found} if found else response


def plan(registry, bundle, base):
    """Planned for a batch or transaction (parsed JSON). Raises FhirError, as `bundle` does."""
    entries = plan_bundle(bundle, base, registry.types, registry.max_entries)
    # What stands around the entries is valid R4, else malformed.
    issues = registry.validator.validate({name: value for name, value in bundle.items() if name != "entry"})
    if issues:
        raise FhirError("malformed", issues)
    transaction = bundle["type"] == "transaction"
    if transaction:
        check(registry, entries)
    return _planned(entries, transaction, bundle.get("entry", []))._replace(identifier=identifier_of(bundle))


def plan_resource(registry, resource):
    """Planned for a resource that stands alone: an update when it has an id, else a create. Raises FhirError."""
    type_ = resource.get("resourceType")
    if type(type_) is not str:
        raise error("malformed", "required", "This is no FHIR resource: resourceType is missing", "resourceType")
    refuse_audit("Storing", type_, registry.types, "resourceType")
    check_type(registry, type_)
    id_ = resource.get("id")
    if id_ is not None and not (type(id_) is str and ID.fullmatch(id_)):
        raise error("malformed", "value", f"'{id_}' is not an id", f"{type_}.id")
    entry = Entry("POST" if id_ is None else "PUT", type_, id_, resource, path=type_)
    check(registry, [entry])
    return _planned([entry], True, [{"resource": resource, "request": {"method": "POST", "url": type_}}])


def carry_out(registry, writer, planned, foreseen=None):
    """Write what a Planned holds; its entries get their outcomes. Raises FhirError when it is a transaction."""
    entries = planned.writes
    creates = [entry for entry in entries if entry.is_plain_create]
    known = writer.created_by(planned.digest) if creates else None
    if known:
        _recall(registry, writer, creates, known)
    fresh = [entry for entry in creates if not entry.match]
    if planned.transaction:
        apply(registry, writer, entries, transaction=True, foreseen=foreseen)
        require_reasons(registry, entries)
    else:
        for entry in entries:
            _attempt(registry, writer, entry)
    if any(entry.outcome for entry in fresh):
        writer.remember({planned.digest: [f"{e.type}/{e.id}" if e.outcome else "" for e in creates]})
    messages = [planned.identifier] if planned.identifier else ()
    keep_provenance(registry, writer, [entry.outcome for entry in entries if entry.outcome], messages)
    writer.flush()


def entries_made_ready(registry, planned):
    """The entries of a transaction in the order of writing, with everything done that needs no database.

    They have their ids and their references point to them, as it is when no condition finds anything; entry.index
    is the place in the bundle. None when the transaction asks for more than updates and (conditional) creates.
    Raises FhirError, as `bundle` does.
    """
    entries = planned.entries
    conditions = [(entry.type, entry.criteria) for entry in entries if entry.criteria is not None]
    if not planned.transaction or not all(entry.may_be_new for entry in entries):
        return None
    if len(set(conditions)) < len(conditions):
        return None
    entries.sort(key=lambda entry: ORDER[entry.method])
    for entry in entries:
        entry.id = entry.id or registry.new_id()
    check_identities(entries)
    conditional = rewrite_references(registry, entries, link_targets(entries), transaction=True)
    return None if conditional else entries


def _planned(entries, transaction, sent):
    creates = any(entry.is_plain_create for entry in entries)
    return Planned(entries, transaction, hashlib.sha256(json.dumps(sent)).hexdigest() if creates else None)


def _write_one(registry, site, entry):
    check_type(registry, entry.type)
    check(registry, [entry])
    with registry.store.write(site) as writer:
        apply(registry, writer, [entry], transaction=False)
        require_reasons(registry, [entry])
        outcome = entry.outcome
        keep_provenance(registry, writer, [outcome])
        if entry.match:
            stored = registry.store.reader.read(writer.connection, site, entry.type, entry.id)
            outcome = outcome._replace(body=stored.body)
        if registry.trail:
            registry.trail.note_writes(writer, [entry])
            registry.trail.keep(writer, outcome.status)
    return outcome if is_shown(registry, entry, outcome.body) else outcome._replace(body=b"")


def _may_write(registry, site, planned):
    """Whether a site is written to at all; when it is not, each write of a batch has the error."""
    if planned.transaction:
        return True  # refused as a whole when it begins
    try:
        registry.store.require_writable(site)
    except FhirError as problem:
        for entry in planned.writes:
            entry.error = problem.located(f"Bundle.entry[{entry.index}].request.method")
    return not any(entry.error for entry in planned.writes)


def _recall(registry, writer, creates, known):
    """Match creates with what the same submission made before, unless that has been deleted."""
    if ERASED in known:
        raise sent_before()
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
        require_reasons(registry, [entry])
        writer.flush()
    except FhirError as problem:
        writer.discard()
        savepoint.rollback()
        entry.error = problem
        entry.outcome = None
    else:
        savepoint.commit()
