"""Whose compartments a resource is in (https://hl7.org/fhir/R4/compartmentdefinition-patient.html)."""

from functools import lru_cache

from ..fhir.references import split_reference


def patients_of(resource, content, base=None):
    """The ids of the Patients whose compartments a resource is in; those of other servers as URLs.

    content: Content. base: URL of this server.
    """
    type_ = resource["resourceType"]
    if type_ == "Patient":
        return {resource["id"]}
    found = set()
    codes = content.definitions.compartments["Patient"].get(type_, ())
    for param in _leading(content.search_params[type_], codes):
        for _, value in param.get(resource):
            parts = split_reference(value.get("reference", ""))
            if parts and parts[1] == "Patient":
                found.add(parts[2] if parts[0] in (None, base) else value["reference"])
    return found


@lru_cache(maxsize=256)
def _leading(params, codes):
    return tuple(param for param in params if param.code in codes and param.type == "reference")
