"""Mapped rows: what the ViewDefinitions make of a resource (https://sql-on-fhir.org/ig/latest/)."""

from functools import lru_cache

from ..fhir.dates import day_interval
from ..fhir.fhirpath import FhirPathError
from ..fhir.json import dumps

DATES = frozenset({"date", "dateTime", "instant"})
_KINDS = {
    "integer": "integer",
    "positiveInt": "integer",
    "unsignedInt": "integer",
    "decimal": "real",
    "boolean": "boolean",
}


def table_columns(view):
    """The columns of a view's table: list of (name, kind); kind is text, integer, real or boolean.

    A column of type date, dateTime or instant becomes three: `x` as written, `x_lo` and `x_hi` in whole days
    since 1970-01-01, both inclusive. A collection is the text of a JSON array.
    """
    columns = []
    for name, type_name, collection in view.columns:
        if collection:
            columns.append((name, "text"))
        elif type_name in DATES:
            columns += [(name, "text"), (f"{name}_lo", "integer"), (f"{name}_hi", "integer")]
        else:
            columns.append((name, _KINDS.get(type_name, "text")))
    return columns


def map_resource(resource, views):
    """The mapped rows of a resource: {view name: list of tuples}, in the order of `table_columns`.

    views: the Views of its type. A value that cannot be read, or several where a column holds one, is None.
    """
    return {view.name: _table_rows(resource, view) for view in views}


def _table_rows(resource, view):
    try:
        rows = view.rows(resource)
    except FhirPathError:
        rows = view.readable().rows(resource)
    storing = _storing(view)
    return [storing(row) for row in rows] if storing else rows


@lru_cache(maxsize=1024)
def _storing(view):
    """The function row of a view -> row of its table; None when they are the same."""
    steps = tuple(
        _json if collection else _STORING.get("date" if type_name in DATES else type_name)
        for _, type_name, collection in view.columns
    )
    widths = tuple(3 if step is _days else 1 for step in steps)
    if not any(steps):
        return None
    columns = tuple(zip(steps, widths, strict=True))

    def stored(row):
        cells = []
        for cell, (step, width) in zip(row, columns, strict=True):
            if cell is None and width == 3:
                cells += (None, None, None)
            elif step is None or cell is None:
                cells.append(cell)
            elif width == 3:
                cells += step(cell)
            else:
                cells.append(step(cell))
        return tuple(cells)

    return stored


def _days(literal):
    try:
        return (literal, *day_interval(literal))
    except ValueError:
        return literal, None, None


def _integer(number):
    number = int(number)
    return number if -(2**63) <= number < 2**63 else None


def _json(values):
    return dumps(values).decode()


_STORING = {"date": _days, "decimal": float, **dict.fromkeys(("integer", "positiveInt", "unsignedInt"), _integer)}
