"""Measures: which endpoint they count, for which study, with which parameters (https://hl7.org/fhir/R4/measure.html)."""

from typing import NamedTuple

from .errors import ContentError

PARAMETER = "https://registry.example/StructureDefinition/measure-parameter"
LANGUAGE = "text/x-registry-endpoint"  # of criteria whose expression is the name of an endpoint


class Measure(NamedTuple):
    """A Measure as the evaluation needs it.

    endpoint: name in endpoints/catalogue.py. study: id of the ResearchStudy. parameters: name -> str, int, Decimal,
    bool, or the frozenset of codes of the ValueSet that a canonical names. resource: the Measure as in its file.
    """

    id: str
    url: str
    version: str
    title: str
    endpoint: str
    study: str
    parameters: dict
    resource: dict


def read_measure(resource, value_sets, studies):
    """A Measure dict -> Measure.

    value_sets: canonical -> ValueSet. studies: ids of the ResearchStudies held.
    Raises ContentError for what is missing, twice, or not held.
    """
    return Measure(
        resource["id"],
        resource["url"],
        resource.get("version", ""),
        resource.get("title") or resource["id"],
        _endpoint(resource),
        _study(resource, studies),
        _parameters(resource, value_sets),
        resource,
    )


def _endpoint(resource):
    names = {
        population["criteria"].get("expression")
        for group in resource.get("group", ())
        for population in group.get("population", ())
        if population["criteria"].get("language") == LANGUAGE
    }
    if len(names) != 1:
        found = ", ".join(sorted(filter(None, names))) or "none"
        message = f"one endpoint in criteria of language {LANGUAGE} is needed, found: {found}"
        raise ContentError(resource["url"], "Measure.group.population.criteria", message)
    return names.pop()


def _study(resource, studies):
    where = "Measure.useContext"
    references = [
        context["valueReference"].get("reference", "")
        for context in resource.get("useContext", ())
        if context["code"].get("code") == "program" and "valueReference" in context
    ]
    if len(references) != 1 or not references[0].startswith("ResearchStudy/"):
        raise ContentError(
            resource["url"], where, "one context `program` with a reference to a ResearchStudy is needed"
        )
    study = references[0].removeprefix("ResearchStudy/")
    if study not in studies:
        raise ContentError(resource["url"], where, f"the ResearchStudy {study} is not held")
    return study


def _parameters(resource, value_sets):
    parameters = {}
    for number, extension in enumerate(resource.get("extension", ())):
        if extension["url"] != PARAMETER:
            continue
        where = f"Measure.extension[{number}]"
        parts = {part["url"]: _value(part) for part in extension.get("extension", ())}
        kind, name = parts.get("name", (None, None))
        if kind != "valueCode" or parts.get("value", (None,))[0] is None:
            raise ContentError(resource["url"], where, "a parameter has a `name` (valueCode) and a `value`")
        if name in parameters:
            raise ContentError(resource["url"], where, f"parameter '{name}' occurs twice")
        kind, value = parts["value"]
        if kind == "valueCanonical":
            if value not in value_sets:
                raise ContentError(resource["url"], where, f"parameter '{name}': the ValueSet {value} is not held")
            value = frozenset(code for _, code in value_sets[value].codes)
        parameters[name] = value
    return parameters


def _value(extension):
    return next(((key, value) for key, value in extension.items() if key.startswith("value")), (None, None))
