"""Checks of content that take more than its files: base R4, the columns of the facts, the parameters of the endpoints.

Resources: https://hl7.org/fhir/R4/validation.html
"""

from ..content.errors import ContentError
from ..content.terminology import extended_map
from ..core.index_values import EMITTERS
from ..core.mapping import table_columns
from ..endpoints.catalogue import check_measure
from ..endpoints.characteristics import check_characteristics
from ..endpoints.facts import VIEWS
from .lint_custom import check_custom_measure

_NO_COLUMN = "source"  # of a row; comes from the store
# Characteristics whose arguments are codes that a ConceptMap leads to.
_MAPPED_ARGUMENTS = {
    "condition": "https://registry.example/ConceptMap/condition-kind",
    "metastasis": "https://registry.example/ConceptMap/metastasis-site",
    "observation": "https://registry.example/ConceptMap/observation-topic",
}


def lint_content(content, validator):
    """Raise ContentError for the first thing that is wrong with compiled content; return None.

    validator: core.validate.Validator over the same content. Takes a few milliseconds.
    """
    for resource in content.resources:
        for issue in [*validator.validate(resource), *validator.validate_profiles(resource)]:
            if issue.severity == "error":
                path = content.paths[resource["resourceType"], resource["id"]]
                raise ContentError(path, issue.expression, issue.message)
    _check_columns(content)
    _check_search_parameters(content)
    for measure in (*content.measures.values(), *content.custom_measures.values()):
        try:
            if measure.id in content.custom_measures:
                check_custom_measure(content, measure)
            else:
                check_measure(measure)
                check_characteristics(measure)
                _check_mapped_arguments(content, measure)
        except ContentError as problem:
            path = content.paths["Measure", measure.id]
            raise ContentError(path, problem.element, problem.message) from None


def _check_columns(content):
    by_name = {view.name: view for view in content.views}
    for name, row in VIEWS.items():
        if name not in by_name:
            raise ContentError(name, "ViewDefinition.name", f"no ViewDefinition is named '{name}'")
        columns = {column for column, _ in table_columns(by_name[name])}
        missing = [field for field in (*row._fields, "patient") if field not in columns and field != _NO_COLUMN]
        if missing:
            path = content.paths["ViewDefinition", name]
            raise ContentError(path, "ViewDefinition.select.column", f"column '{missing[0]}' is missing")


def _check_search_parameters(content):
    for resource in content.resources:
        if resource["resourceType"] == "SearchParameter":
            for param in (each for base in resource["base"] for each in content.search_params.get(base, ())):
                if param.url == resource["url"] and param.types and EMITTERS[param.type].keys().isdisjoint(param.types):
                    message = f"a {' or '.join(param.types)} has no value for a search parameter of type {param.type}"
                    path = content.paths["SearchParameter", resource["id"]]
                    raise ContentError(path, "SearchParameter.expression", message)


def _check_mapped_arguments(content, measure):
    for each in (*measure.stratifiers, *measure.supplemental):
        if each.name in _MAPPED_ARGUMENTS:
            known = _targets(content, _MAPPED_ARGUMENTS[each.name])
            if not known.issuperset(each.arguments):
                message = f"'{each.expression}': known are {', '.join(sorted(known))}"
                raise ContentError(measure.id, f"{each.element}.criteria.expression", message)


def _targets(content, concept_map):
    """The codes that a ConceptMap and those that extend it lead to."""
    maps = [r for r in content.resources if r["resourceType"] == "ConceptMap"]
    return {
        target["code"]
        for resource in maps
        if concept_map in (resource["url"], extended_map(resource))
        for group in resource.get("group", ())
        for element in group["element"]
        for target in element["target"]
    }
