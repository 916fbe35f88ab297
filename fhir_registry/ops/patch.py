"""A patch of a stored resource (https://hl7.org/fhir/R4/http.html#patch)."""

from contextlib import contextmanager
from dataclasses import replace

from ..core.patch import FHIRPATH_PATCH, JSON_PATCH, MERGE_PATCH, judges_content, patch
from ..fhir.errors import FhirError, error
from .read import may_meet, may_see

MEDIA_TYPES = (JSON_PATCH, MERGE_PATCH, FHIRPATH_PATCH, "application/json")


def check_patch(registry, body, media_type):
    """Raise what can be said about a patch without the resource.

    body: the parsed patch: the operations of a JSON Patch, the changes of a merge patch, a Parameters resource.
    media_type: application/json is a Parameters resource or a merge patch. Raises FhirError: unsupported-media-type
    for what is not among MEDIA_TYPES, malformed for a FHIRPath Patch that is no valid Parameters.
    """
    if media_type not in MEDIA_TYPES:
        message = f"A patch is not read from {media_type}, but from {', '.join(MEDIA_TYPES)}"
        raise error("unsupported-media-type", "not-supported", message)
    if _format(body, media_type) != FHIRPATH_PATCH:
        return
    if not _is_parameters(body):
        message = f"As {FHIRPATH_PATCH} a patch is a Parameters resource; a partial resource is {MERGE_PATCH}"
        raise error("malformed", "invalid", message)
    issues = registry.validator.validate(body)
    if issues:
        raise FhirError("malformed", issues)


def apply_patch(registry, resource, body, media_type):
    """The resource (dict) that a checked patch makes of a stored one (dict), not validated yet.

    Raises FhirError: malformed, unprocessable.
    """
    return patch(resource, body, _format(body, media_type), registry.content.definitions)


def require_sight(registry, type, body, media_type, stored=None):
    """Raise forbidden when a patch judges what the client may not read. stored: the Stored, once it is known."""
    permitted = registry.access.permits(type, "r")
    if permitted == () or not judges_content(body, _format(body, media_type)):
        return
    if permitted is None or (stored and not may_see(registry, stored, permitted)):
        raise registry.access.refusal(type, "r", f"judge by a patch what a {type} holds")


@contextmanager
def telling(registry, patched):
    """A FhirError may quote these Stored that are patched: who may not meet all of them is not told what is wrong."""
    try:
        yield
    except FhirError as problem:
        if all(may_meet(registry, stored.type, stored.body) for stored in patched):
            raise
        message = "The patch is not possible here, or leaves what is not valid; who may read the resource is told why"
        raise FhirError(problem.kind, [replace(each, message=message) for each in problem.issues]) from None


def _format(body, media_type):
    if media_type != "application/json":
        return media_type
    return FHIRPATH_PATCH if _is_parameters(body) else MERGE_PATCH


def _is_parameters(body):
    return isinstance(body, dict) and body.get("resourceType") == "Parameters"
