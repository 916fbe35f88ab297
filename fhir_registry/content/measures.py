"""Measures: which endpoint they count, for which study, with which parameters (https://hl7.org/fhir/R4/measure.html)."""

import re
from typing import NamedTuple

from .errors import ContentError

PARAMETER = "https://registry.example/StructureDefinition/measure-parameter"
LANGUAGE = "text/x-registry-endpoint"  # of criteria whose expression is the name of an endpoint
CHARACTERISTIC = "text/x-registry-characteristic"  # of criteria whose expression is a characteristic: "age 65"
# Parameters that a Measure has of _core where it says nothing itself.
SHARED = {
    "maintainedDrugs": "https://registry.example/ValueSet/maintained-drugs",
    "substitutions": "https://registry.example/ConceptMap/drug-substitution",
    "fixedCombinations": "https://registry.example/ConceptMap/drug-part",
}
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # a part of the codes of a report


class Characteristic(NamedTuple):
    """What patients are divided by: a stratifier or supplemental data of a Measure, as it is written.

    name and arguments: the words of `expression`; for the canonical of a ValueSet its codes, a frozenset.
    element: where it stands in the Measure.
    """

    code: str
    text: str
    expression: str
    name: str
    arguments: tuple
    element: str


class Measure(NamedTuple):
    """A Measure as the evaluation needs it.

    endpoint: name in endpoints/catalogue.py. study: id of the ResearchStudy. parameters: name -> str, int, Decimal,
    bool, or what a canonical names: the frozenset of codes of a ValueSet, of pairs of a ConceptMap; those of SHARED are
    always there. stratifiers: the subgroups of the report;
    supplemental: what else is counted of those analysed. resource: the Measure as in its file.
    """

    id: str
    url: str
    version: str
    title: str
    endpoint: str
    study: str
    parameters: dict
    stratifiers: tuple[Characteristic, ...]
    supplemental: tuple[Characteristic, ...]
    resource: dict


def read_measure(resource, value_sets, studies, concept_maps):
    """A Measure dict -> Measure.

    value_sets, concept_maps: canonical -> ValueSet, ConceptMap. studies: ids of the ResearchStudies held.
    Raises ContentError for what is missing, twice, or not held.
    """
    stratifiers, supplemental = read_characteristics(resource, CHARACTERISTIC, value_sets)
    return Measure(
        resource["id"],
        resource["url"],
        resource.get("version", ""),
        resource.get("title") or resource["id"],
        _endpoint(resource),
        read_study(resource, studies),
        _shared(value_sets, concept_maps) | read_parameters(resource, value_sets, concept_maps),
        stratifiers,
        supplemental,
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


def read_study(resource, studies):
    """The id of the ResearchStudy that a Measure is of."""
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


def _shared(value_sets, concept_maps):
    return {name: _members(canonical, value_sets, concept_maps) for name, canonical in SHARED.items()}


def _members(canonical, value_sets, concept_maps):
    """The codes of a ValueSet or the pairs of a ConceptMap, None when neither is held."""
    if canonical in value_sets:
        return frozenset(code for _, code in value_sets[canonical].codes)
    return concept_maps[canonical].pairs if canonical in concept_maps else None


def read_parameters(resource, value_sets, concept_maps):
    """{name: value} of the parameters that a Measure states; value: as in Measure."""
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
            canonical, value = value, _members(value, value_sets, concept_maps)
            if value is None:
                message = f"parameter '{name}': no ValueSet or ConceptMap {canonical} is held"
                raise ContentError(resource["url"], where, message)
        parameters[name] = value
    return parameters


def _value(extension):
    return next(((key, value) for key, value in extension.items() if key.startswith("value")), (None, None))


def read_characteristics(resource, language, value_sets):
    """(stratifiers of all groups, supplemental data) of a Measure, Characteristics in this language."""
    stratifiers = [
        _characteristic(resource, stratifier, f"Measure.group[{g}].stratifier[{s}]", language, value_sets)
        for g, group in enumerate(resource.get("group", ()))
        for s, stratifier in enumerate(group.get("stratifier", ()))
    ]
    supplemental = [
        _characteristic(resource, data, f"Measure.supplementalData[{number}]", language, value_sets)
        for number, data in enumerate(resource.get("supplementalData", ()))
    ]
    expressions = {}
    for declared in (stratifiers, supplemental):
        codes = set()
        for each in declared:
            # One code may be a stratifier and supplemental data, of the same expression.
            if each.code in codes or expressions.setdefault(each.code, each.expression) != each.expression:
                raise ContentError(resource["url"], f"{each.element}.code", f"the code '{each.code}' occurs twice")
            codes.add(each.code)
    return tuple(stratifiers), tuple(supplemental)


def _characteristic(resource, declared, where, language, value_sets):
    criteria = declared.get("criteria", {})
    expression = criteria.get("expression", "")
    if criteria.get("language") != language or not expression.split():
        message = f"an expression in the language {language} is needed; components are not supported"
        raise ContentError(resource["url"], f"{where}.criteria", message)
    concept = declared.get("code", {})
    coding = next(iter(concept.get("coding", ())), {})
    code = coding.get("code") or concept.get("text", "")
    if not _CODE.fullmatch(code):
        message = f"a code of lower-case letters, digits and hyphens is needed, not '{code}'"
        raise ContentError(resource["url"], f"{where}.code", message)
    texts = (concept.get("text") if "code" in coding else None, coding.get("display"), declared.get("description"))
    name, *arguments = expression.split()
    for number, argument in enumerate(arguments):
        if ":" in argument:
            if argument not in value_sets:
                message = f"the ValueSet {argument} is not held"
                raise ContentError(resource["url"], f"{where}.criteria.expression", message)
            arguments[number] = frozenset(code for _, code in value_sets[argument].codes)
    return Characteristic(code, next(filter(None, texts), code), expression, name, tuple(arguments), where)
