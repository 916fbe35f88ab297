"""Which search parameter a name means (https://hl7.org/fhir/R4/search.html#all)."""

import re

OF_THE_RESOURCE = ("_id", "_lastUpdated")
REFUSED = {
    "_filter": "use the parameters of the type",
    "_query": "there are no named queries",
    "_text": "narratives are not searched",
    "_content": "texts of whole resources are not searched; search a string parameter with :contains",
    "_contained": "contained resources are found by chains only",
    "_containedType": "contained resources are found by chains only",
    "_type": "types are chosen in a search over all types only",
    "near": "distances are not computed",
}
# Where AuditEvents are made from the log they are in no index.
OF_AUDIT = "is about AuditEvents, which are found by [base]/AuditEvent only"


def find_param(search_params, type, code):
    """The SearchParam of a resource type, None when there is none that can be searched."""
    return next((param for param in search_params[type] if param.code == code), None)


def find_params(search_params, types, code):
    """The SearchParams that have rows for a code in all of these types, () for every type, each once.

    () when a type has none; when the kinds differ, too.
    """
    # What every type has is defined for all of them at once.
    found = [find_param(search_params, type, code) for type in types or ("Basic",)]
    if None in found or len({param.type for param in found}) > 1 or (not types and found[0].base != "Resource"):
        return ()
    return tuple({part.id: part for param in found for part in (param.parts or (param,))}.values())


def knows(search_params, types, name):
    """Whether one of the types has a parameter of this name, whatever modifier or chain follows."""
    code = re.split(r"[:.]", name, maxsplit=1)[0]
    if code in OF_THE_RESOURCE or code in REFUSED or code in ("_has", "_list"):
        return True
    return any(find_param(search_params, type, code) for type in types or ("Basic",))


def find_urls(search_params, references, types=()):
    """The ids of the parameters `url` of what reference parameters may name by canonical URL.

    types: only of resources of these types, () for any.
    """
    canonical = [param for param in references if "canonical" in param.types]
    targets = {type for param in canonical for type in param.targets or search_params}
    named = sorted(type for type in targets if type in search_params and (not types or type in types))
    found = (find_param(search_params, type, "url") for type in named)
    return tuple(param.id for param in found if param)
