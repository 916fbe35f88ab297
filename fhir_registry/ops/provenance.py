"""Each write transaction says from whom and from which message its versions are (https://hl7.org/fhir/R4/provenance.html#header)."""

from dataclasses import replace
from urllib.parse import unquote

from ..core.bundle import Entry
from ..core.provenance import HEADER, TYPE, WRITTEN, Origin, describe, explained, targets
from ..fhir import json
from ..fhir.errors import FhirError, Issue, error
from .apply import apply, check

_SOMETHING = [{"reference": "Basic/1"}]  # stands for the target until that is known


def read_header(registry, text):
    """The Provenance (dict) of the header X-Provenance: JSON, or percent-encoded. Raises FhirError: 400, 403, 422."""
    try:
        said = json.parse_sent((unquote(text) if text[:3].upper() == "%7B" else text).encode())
    except FhirError as problem:
        message = f"{HEADER} is no {TYPE}: {problem}"
        raise error(problem.kind, problem.issues[0].code, message, HEADER) from None
    if not isinstance(said, dict) or said.get("resourceType") != TYPE:
        raise error("malformed", "invalid", f"{HEADER} must be a {TYPE}, in JSON", f"{HEADER}.resourceType")
    if "target" in said:
        message = f"{HEADER} has no target: it is what the request writes"
        raise error("malformed", "business-rule", message, f"{HEADER}.target")
    check(registry, [_entry(said, _SOMETHING)])
    return said


def dump_origin(registry):
    """The Origin of a request as JSON, for a job that does it later; None when there is none."""
    return registry.origin and registry.origin._asdict()


def with_origin(registry, told, job):
    """The Registry of a job that does what somebody has asked for. told: as dump_origin gave it; job: its id."""
    return registry if told is None else replace(registry, origin=Origin(**told)._replace(job=job))


def keep_provenance(registry, writer, outcomes, messages=()):
    """Store, in the transaction of a Writer, where the versions that it has made come from.

    outcomes: Outcomes of all that it did. messages: as of describe.
    """
    origin, made = registry.origin, [outcome for outcome in outcomes if outcome.changed]
    if origin is None or not made:
        return
    if origin.said:
        entry = _entry(origin.said, targets(made))
        apply(registry, writer, [entry], transaction=False)
        made.append(entry.outcome)
        if registry.trail:
            registry.trail.explain(origin.reason)
            registry.trail.note_writes(writer, [entry])
    if origin.client:
        told = describe(origin, writer.name, writer.now, made, messages)
        writer.put(TYPE, WRITTEN + registry.new_id(), told, "POST")


def _entry(said, target):
    return Entry("POST", TYPE, resource={**said, "target": target}, path=HEADER)


def wants_reason(registry):
    """Whether corrections are refused unless each has a reason of its own."""
    return registry.require_reason and not (registry.origin and registry.origin.reason)


def require_reasons(registry, entries):
    """Raise unprocessable when entries that were carried out have corrected something, and nobody says why."""
    if not wants_reason(registry):
        return
    known = explained(entry.resource for entry in entries if entry.resource)
    corrected = (entry for entry in entries if entry.outcome and entry.outcome.changed and entry.outcome.version > 1)
    issues = [
        without_reason(entry.type, entry.id, entry.path) for entry in corrected if (entry.type, entry.id) not in known
    ]
    if issues:
        raise FhirError("unprocessable", issues)


def without_reason(type, id, path):
    """The Issue of a correction that needs a reason."""
    message = (
        f"{type}/{id} would be corrected, and nobody says why; send the header {HEADER} with a {TYPE} that has a reason"
    )
    return Issue("error", "required", message, path)
