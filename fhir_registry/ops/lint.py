"""Checks of content that take more than its files: base R4, the columns of the facts, the parameters of the endpoints.

Resources: https://hl7.org/fhir/R4/validation.html
"""

from ..content.errors import ContentError
from ..core.mapping import table_columns
from ..endpoints.catalogue import check_measure
from ..endpoints.facts import VIEWS

_NO_COLUMN = "source"  # of a row; comes from the store


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
    for measure in content.measures.values():
        try:
            check_measure(measure)
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
