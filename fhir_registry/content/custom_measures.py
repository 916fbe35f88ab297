"""Custom measures: one SELECT in a Measure, with a row a subject (https://hl7.org/fhir/R4/measure.html)."""

from typing import NamedTuple

from .errors import ContentError
from .measures import Characteristic, read_characteristics, read_parameters, read_study

# Of criteria: the SELECT of the initial population, elsewhere one of its columns (https://www.rfc-editor.org/rfc/rfc6922).
LANGUAGE = "application/sql"
SUBJECT = "subject"  # the column that says who it is
_COLUMNS = {"denominator-exclusion": "exclusion", "numerator": "numerator", "measure-observation": "observation"}


class CustomMeasure(NamedTuple):
    """A Measure that a SELECT answers.

    select: the SELECT, at `element` of the Measure. columns: {name of a column that it must have: where the Measure
    asks for it}. exclusion, numerator, observation: names of columns, None without. unit: of the observation, UCUM.
    stratifiers, supplemental: `name` is a column. The rest as in Measure.
    """

    id: str
    url: str
    version: str
    title: str
    study: str
    select: str
    element: str
    columns: dict[str, str]
    exclusion: str | None
    numerator: str | None
    observation: str | None
    unit: str
    stratifiers: tuple[Characteristic, ...]
    supplemental: tuple[Characteristic, ...]
    resource: dict


def is_custom(resource):
    """Is a Measure dict answered by a SELECT?"""
    return any(
        population["criteria"].get("language") == LANGUAGE
        for group in resource.get("group", ())
        for population in group.get("population", ())
    )


def read_custom_measure(resource, value_sets, studies, concept_maps):
    """A Measure dict -> CustomMeasure; arguments and errors as of read_measure."""
    element, select, populations = _read_populations(resource)
    parameters = read_parameters(resource, value_sets, concept_maps)
    unknown = sorted(parameters.keys() - {"unit"})
    if unknown:
        message = f"unknown parameter '{unknown[0]}'; known of a custom measure is unit"
        raise ContentError(resource["url"], "Measure.extension(measure-parameter)", message)
    stratifiers, supplemental = read_characteristics(resource, LANGUAGE, value_sets)
    for each in (*stratifiers, *supplemental):
        if each.arguments:
            raise ContentError(resource["url"], f"{each.element}.criteria.expression", "one column is expected")
    columns = {each.name: f"{each.element}.criteria.expression" for each in (*stratifiers, *supplemental)}
    columns |= {SUBJECT: element, **dict(populations.values())}
    return CustomMeasure(
        resource["id"],
        resource["url"],
        resource.get("version", ""),
        resource.get("title") or resource["id"],
        read_study(resource, studies),
        select,
        element,
        columns,
        *(populations.get(kind, (None,))[0] for kind in _COLUMNS.values()),
        parameters.get("unit", "1"),
        stratifiers,
        supplemental,
        resource,
    )


def _read_populations(resource):
    """(element of the SELECT, the SELECT, {what a column is: (its name, where it is asked for)}) of the one group."""
    if len(resource["group"]) != 1:
        raise ContentError(resource["url"], "Measure.group", "a custom measure has one group")
    found, columns = None, {}
    for number, population in enumerate(resource["group"][0]["population"]):
        where, criteria = f"Measure.group[0].population[{number}]", population["criteria"]
        code = next((coding.get("code") for coding in population.get("code", {}).get("coding", ())), None)
        if criteria.get("language") != LANGUAGE or not criteria.get("expression", "").strip():
            message = f"an expression in the language {LANGUAGE} is needed, in every population"
            raise ContentError(resource["url"], f"{where}.criteria", message)
        if code == "initial-population" and found is None:
            found = f"{where}.criteria.expression", criteria["expression"]
        elif code in _COLUMNS and _COLUMNS[code] not in columns:
            columns[_COLUMNS[code]] = criteria["expression"].strip(), f"{where}.criteria.expression"
        else:
            known = ", ".join(_COLUMNS)
            message = f"population '{code}': initial-population and {known} are expected, each once"
            raise ContentError(resource["url"], f"{where}.code", message)
    if found is None or columns.keys() <= {"exclusion"}:
        message = "an initial-population and a numerator or measure-observation are needed"
        raise ContentError(resource["url"], "Measure.group[0].population", message)
    return *found, columns
