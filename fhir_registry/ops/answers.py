"""What a batch or transaction answers, entry by entry (https://hl7.org/fhir/R4/http.html#transaction-response)."""

from functools import lru_cache
from http import HTTPStatus

from ..core.bundle import READS, version_of
from ..fhir import json
from ..fhir.dates import instant, instant_literal
from ..fhir.errors import FhirError, Issue, error, operation_outcome
from .bundle_reads import answer_get
from .read import may_meet

_instant = lru_cache(maxsize=256)(instant_literal)  # the entries of a transaction share theirs


MAX_READ_BYTES = 50_000_000  # of all that the entries of one Bundle read


def answers(registry, connection, site, entries, base, caller, transaction, prefer=None):
    """The entries of the response Bundle, see `answer`; reads beyond MAX_READ_BYTES fail."""
    found, size = [], 0
    for entry in entries:
        if size > MAX_READ_BYTES and entry.method in READS and not entry.error:
            message = f"The Bundle reads more than {MAX_READ_BYTES:,} bytes; ask in parts"
            entry.error = error("bad-request", "too-costly", message, f"Bundle.entry[{entry.index}].request.url")
            if transaction:
                raise entry.error
        found.append(answer(registry, connection, site, entry, base, caller, transaction, prefer))
        if entry.method in READS and "resource" in found[-1]:
            size += len(json.dumps(found[-1]["resource"]))
    return found


def answer(registry, connection, site, entry, base, caller, transaction, prefer=None):
    """The entry of the response Bundle for an Entry that was carried out, or is to be read now.

    caller: who asks; cursors are bound to it. prefer: representation adds the stored resource, OperationOutcome says in
    words what was done. Raises FhirError for a read that fails, when it is part of a transaction.
    """
    if entry.method in READS and not entry.error:
        try:
            with connection.begin_nested():  # a search that the database gives up must not spoil the others
                return _answer_read(registry, connection, site, entry, base, caller)
        except FhirError as problem:
            entry.error = problem.located(f"Bundle.entry[{entry.index}].request.url")
            if transaction:
                raise entry.error from None
    if entry.error:
        if registry.trail:
            registry.trail.refused.append(entry)
        outcome = operation_outcome(entry.error.issues)
        return {"response": {"status": _status(entry.error.status), "outcome": outcome}}
    outcome = entry.outcome
    answer = acknowledge(outcome, base)
    if prefer == "OperationOutcome":
        answer["response"]["outcome"] = operation_outcome([told(outcome)])
    if prefer != "representation" or outcome.status == 204:
        return answer
    body = outcome.body or registry.store.reader.read(connection, site, outcome.type, outcome.id).body
    if not is_shown(registry, entry, body):
        return answer
    return {"fullUrl": f"{base}/{outcome.type}/{outcome.id}", "resource": json.parse(body), **answer}


def is_shown(registry, entry, body):
    """Whether the client is answered what an Entry has found or made (bytes): what it sent, may read or may search."""
    is_its_own = not entry.match and entry.method != "PATCH"
    return is_its_own or may_meet(registry, entry.type, body)


def acknowledge(outcome, base):
    """The entry of a response Bundle for an Outcome."""
    response = {"status": _status(outcome.status)}
    if outcome.status != 204:
        response["location"] = f"{base}/{outcome.type}/{outcome.id}/_history/{outcome.version}"
    if outcome.version is not None:
        response["etag"] = f'W/"{outcome.version}"'
        response["lastModified"] = _instant(outcome.updated)
    return {"response": response}


def told(outcome):
    """An Outcome in words, as an Issue of severity information."""
    if outcome.version is None:
        message = f"There is no {outcome.type} to delete"
    else:
        done = {200: "is stored", 201: "was created", 204: "is deleted"}[outcome.status]
        message = f"{outcome.type}/{outcome.id} {done}; its version is {outcome.version}"
    return Issue("information", "informational", message)


def _answer_read(registry, connection, site, entry, base, caller):
    found = answer_get(registry, connection, site, entry.url, base, caller)
    response = found["response"]
    if "etag" in response:  # one version, not a Bundle of them
        response["lastModified"] = found["resource"]["meta"]["lastUpdated"]
        if _is_known(entry, response):
            return {"response": {**response, "status": _status(304)}}
    if entry.method == "HEAD":
        del found["resource"]
    return found


def _is_known(entry, response):
    """Whether the client holds this version already (RFC 9110, 13.2.2: entity tags go before dates)."""
    known = entry.if_none_match
    if known is not None:
        return known == "*" or version_of(response["etag"]) in known
    return entry.modified_since is not None and instant(response["lastModified"]) <= entry.modified_since


@lru_cache(maxsize=64)
def _status(number):
    return f"{number} {HTTPStatus(number).phrase}"
