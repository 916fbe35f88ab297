"""Whom a resource is about: the patients in whose compartments it is (https://hl7.org/fhir/R4/compartmentdefinition-patient.html)."""

import orjson

from ..fhir import json
from ..fhir.references import split_reference
from .index import rows_by_kind

PATIENT = "Patient"
REPORT = "MeasureReport"


class PatientCompartments:
    """Tells the ids of patients by the search parameters that R4's definition names.

    A Patient is about itself, not about those that it links to. A report that lists its subjects is about these, though
    they stand in contained Lists, to which no parameter leads.
    """

    def __init__(self, search_params, definitions, elsewhere=False):
        """elsewhere: whether Patients of other servers count too, whose URLs are told in the place of ids."""
        self._elsewhere = elsewhere
        self._params = {
            type_: tuple(param for param in search_params[type_] if param.type == "reference" and param.code in codes)
            for type_, codes in definitions.compartments[PATIENT].items()
            if type_ != PATIENT and type_ in search_params
        }
        self._ids = {type_: frozenset(param.id for param in params) for type_, params in self._params.items()}

    def of_body(self, body, base=None):
        """As of_resource, for the text (bytes) of what is stored."""
        try:
            resource = orjson.loads(body)  # digits do not matter here: a seventh of the time
        except orjson.JSONDecodeError:  # a number that it cannot hold
            resource = json.parse(body)
        return self.of_resource(resource, base)

    def of_resource(self, resource, base=None):
        """The ids (a set) for a resource (dict). base: URL of this server, for references that begin with it."""
        type_ = resource["resourceType"]
        if type_ not in self._params:
            return {resource["id"]} if type_ == PATIENT else set()
        found = self.of_rows(type_, resource.get("id"), rows_by_kind(resource, self._params)["reference"], base)
        if type_ == REPORT:
            found |= {id_ for literal in _listed(resource) if (id_ := self._named(literal, base))}
        return found

    def of_rows(self, type, id, rows, base=None):
        """The ids for a resource whose index rows of references these are; but for the Lists in a report."""
        if type == PATIENT:
            return {id}
        wanted, found = self._ids.get(type, ()), set()
        for param, _, target, value in rows:
            if param in wanted and target == PATIENT:
                found.add(value)
            elif param in wanted and not target and (patient := self._named(value, base)):
                found.add(patient)
        return found

    def _named(self, literal, base):
        """The id of the Patient that a reference names, None for what counts not."""
        where, type_, id_ = split_reference(literal) or (None, None, None)
        if type_ != PATIENT:
            return None
        return id_ if where in (None, base) else literal if self._elsewhere else None


def _listed(report):
    """The references in the Lists that a report contains."""
    lists = (each for each in report.get("contained", ()) if each["resourceType"] == "List")
    return (entry.get("item", {}).get("reference", "") for each in lists for entry in each.get("entry", ()))
