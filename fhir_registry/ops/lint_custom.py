"""Checks of custom measures: by the content alone, then by the database (https://sqlite.org/lang_explain.html)."""

from ..content.errors import ContentError
from ..core.mapping import table_columns
from ..core.select import check_select
from ..endpoints.catalogue import ENDPOINTS
from ..endpoints.characteristics import check_characteristics
from ..endpoints.record import answer_columns
from ..store.relations import Answers, SelectError, relation_columns, try_select


def study_answers(content, study):
    """The Answers of the endpoint Measures of a study, under their ids with underscores."""
    return [
        Answers(
            measure.id.lower().replace("-", "_").replace(".", "_"),
            measure.id,
            answer_columns(ENDPOINTS[measure.endpoint].row, [each.code for each in check_characteristics(measure)]),
        )
        for measure in content.measures.values()
        if measure.study == study
    ]


def check_custom_measure(content, measure):
    """Raise ContentError, naming the element, for a SELECT that is none or has other columns than the Measure says."""
    mapped = {view.name: [name for name, _ in table_columns(view)] for view in content.views}
    try:
        found = check_select(measure.select, relation_columns(mapped, study_answers(content, measure.study)))
    except ValueError as e:
        raise ContentError(measure.id, measure.element, str(e)) from None
    for column, element in measure.columns.items():
        if column not in found:
            message = f"the SELECT has no column '{column}'; it has {', '.join(found)}"
            raise ContentError(measure.id, element, message)
    for column in found:
        if column not in measure.columns:
            raise ContentError(measure.id, measure.element, f"nothing asks for the column '{column}'")


def try_custom_measures(reg):
    """Raise ContentError, naming file and element, for a SELECT that the database cannot do."""
    content = reg.content
    for measure in content.custom_measures.values():
        try:
            try_select(reg.store, measure.select, study_answers(content, measure.study))
        except SelectError as e:
            raise ContentError(content.paths["Measure", measure.id], measure.element, str(e)) from None
