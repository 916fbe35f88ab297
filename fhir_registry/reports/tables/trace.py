"""The trace of a measure: one row a person and record that the answer rests on (https://www.cdisc.org/standards/foundational/adam)."""

from types import UnionType
from typing import get_args, get_type_hints

from ...endpoints.catalogue import ENDPOINTS
from ...endpoints.outcome import Analysed
from .table import DATE, INTEGER, KEY, MEASURE, NUMBER, TEXT, Column, Table, yes

_STATE = (
    MEASURE,
    Column("STATE", "Analysed or Excluded"),
    Column("REASON", "Reason for Exclusion"),
    Column("INDEXDT", "Index Date", DATE),
)
_EVIDENCE = (
    Column("FLAGS", "Flags of the Answer"),
    Column("ROLE", "What the Record Proves"),
    Column("RESOURCE", "Source Resource"),
    Column("VERSION", "Source Resource Version", INTEGER),
    Column("NOTE", "Rule or Value"),
)
_TYPES = {int: INTEGER, float: NUMBER}


def columns(measures):
    """Columns of the trace of one measure: the fields of its endpoint's rows between state and evidence."""
    (measure,) = measures
    fields = _fields(ENDPOINTS[measure.endpoint].row)
    return (*KEY, *_STATE, *(Column(name, _say(name), type) for name, type in fields), *_EVIDENCE)


def rows(person):
    """The rows of a Person in the initial population of one measure, in the order of the evidence."""
    (answer,) = person.answers
    outcome = answer.outcome
    if outcome is None:
        return
    row = {**person.key(), "MEASURE": answer.version}
    if not isinstance(outcome, Analysed):
        yield {**row, "STATE": "excluded", "REASON": outcome.reason}
        return
    row |= {"STATE": "analysed", "INDEXDT": outcome.index, "FLAGS": "; ".join(sorted(outcome.flags))}
    row |= dict(_values(outcome.row))
    for role, source, note in outcome.evidence or [("", None, "")]:
        record = {"RESOURCE": source.resource, "VERSION": source.version} if source else {}
        yield {**row, "ROLE": role, **record, "NOTE": note}


def _fields(row_type, prefix=""):
    """Pairs (name of a column, type) of the fields of a NamedTuple, those of a nested one after its name."""
    for field, hint in get_type_hints(row_type).items():
        if isinstance(hint, UnionType):
            (hint,) = (part for part in get_args(hint) if part is not type(None))
        name = f"{prefix}{field.upper()}"
        if hasattr(hint, "_fields"):
            yield from _fields(hint, f"{name}_")
        else:
            yield name, _TYPES.get(hint, TEXT)


def _values(row, prefix=""):
    """Pairs (name of a column, value) of a row."""
    for field, value in zip(row._fields, row, strict=True):
        name = f"{prefix}{field.upper()}"
        if hasattr(value, "_fields"):
            yield from _values(value, f"{name}_")
        elif isinstance(value, bool):
            yield name, yes(value)
        elif isinstance(value, tuple):
            yield name, "; ".join(_join(item) for item in value)
        else:
            yield name, value


def _join(item):
    return " ".join(map(str, item)) if isinstance(item, tuple) else str(item)


def _say(name):
    return name.replace("_", " ").capitalize()


TABLE = Table("Trace", columns, rows)
