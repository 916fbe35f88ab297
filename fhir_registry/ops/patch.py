"""A patch of a stored resource (https://hl7.org/fhir/R4/http.html#patch)."""

from ..core.patch import FHIRPATH_PATCH, JSON_PATCH, MERGE_PATCH, patch
from ..fhir.errors import FhirError, error

MEDIA_TYPES = (JSON_PATCH, MERGE_PATCH, FHIRPATH_PATCH, "application/json")


def apply_patch(registry, resource, body, media_type):
    """The resource (dict) that a patch makes of a stored one (dict), not validated yet.

    body: the parsed patch: the operations of a JSON Patch, the changes of a merge patch, a Parameters resource.
    media_type: one of MEDIA_TYPES; application/json is a Parameters resource or a merge patch. Raises FhirError:
    unsupported-media-type for another one, malformed, unprocessable.
    """
    if media_type not in MEDIA_TYPES:
        message = f"A patch is not read from {media_type}, but from {', '.join(MEDIA_TYPES)}"
        raise error("unsupported-media-type", "not-supported", message)
    is_parameters = isinstance(body, dict) and body.get("resourceType") == "Parameters"
    if media_type == "application/json":
        media_type = FHIRPATH_PATCH if is_parameters else MERGE_PATCH
    if media_type == FHIRPATH_PATCH:
        _check_parameters(registry, body, is_parameters)
    return patch(resource, body, media_type, registry.content.definitions)


def _check_parameters(registry, body, is_parameters):
    if not is_parameters:
        message = f"As {FHIRPATH_PATCH} a patch is a Parameters resource; a partial resource is {MERGE_PATCH}"
        raise error("malformed", "invalid", message)
    issues = registry.validator.validate(body)
    if issues:
        raise FhirError("malformed", issues)
