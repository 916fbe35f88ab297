"""The parameters of a Measure: types, defaults, bounds (https://hl7.org/fhir/R4/measure.html)."""

from decimal import Decimal
from typing import NamedTuple

from ..fhir.dates import day_interval

REQUIRED = object()


class Parameter(NamedTuple):
    """`kind` is a key of _CONVERSIONS; `codes` are the permitted ones (None: any)."""

    kind: str
    default: object = None
    minimum: float | None = None
    codes: tuple | None = None


# What is known of drugs; where a Measure says nothing it has what is known in _core (SHARED of content/measures.py).
DRUGS = {
    "maintainedDrugs": Parameter("drugs", frozenset()),
    "substitutions": Parameter("groups", frozenset()),
    "fixedCombinations": Parameter("combinations", frozenset()),
}

COMMON = {
    "indexDrugs": Parameter("drugs", REQUIRED),
    "requireEnrolment": Parameter("boolean", False),
    "minAge": Parameter("integer", 18, minimum=0),
    "cancer": Parameter("code"),
    "extent": Parameter("code", "any", codes=("any", "advanced", "metastatic")),
    "her2": Parameter("code", "any", codes=("any", "positive")),
    **DRUGS,
}

LINES = {
    "lineWindowDays": Parameter("integer", 28, minimum=0),
    "lineGapDays": Parameter("integer", 120, minimum=0),
    **DRUGS,
}

# For endpoints that look at the number of the index line.
ASSERTED = {"trustAssertedLines": Parameter("boolean", False)}


def complete_parameters(table, parameters):
    """Check `parameters` against `table` and fill in the defaults.

    Returns a new dict: drugs and terms as frozenset, groups and combinations as in LineRules, decimal as float, date as
    whole days since 1970-01-01.
    Raises ValueError naming the parameter.
    """
    unknown = sorted(parameters.keys() - table.keys())
    if unknown:
        raise ValueError(f"unknown parameter '{unknown[0]}'; known are {', '.join(sorted(table))}")
    return {name: _value(name, parameter, parameters.get(name)) for name, parameter in table.items()}


def _value(name, parameter, value):
    if value is None:
        if parameter.default is REQUIRED:
            raise ValueError(f"parameter '{name}' is missing")
        return parameter.default
    try:
        value = _CONVERSIONS[parameter.kind](value)
    except (TypeError, ValueError) as e:
        raise ValueError(f"parameter '{name}' is not a {parameter.kind}: {e}") from None
    if parameter.minimum is not None and value < parameter.minimum:
        raise ValueError(f"parameter '{name}' is {value}, less than {parameter.minimum}")
    if parameter.codes is not None and value not in parameter.codes:
        raise ValueError(f"parameter '{name}' is '{value}', not one of {', '.join(parameter.codes)}")
    return value


def _codes(value):
    if not isinstance(value, (frozenset, set, tuple, list)) or not value or not all(isinstance(c, str) for c in value):
        raise ValueError("expected the codes of a value set, at least one")
    return frozenset(value)


def _pairs(value):
    if not isinstance(value, frozenset) or not value or not all(isinstance(pair, tuple) for pair in value):
        raise ValueError("expected the pairs of a concept map, at least one")
    return value


def _groups(value):
    groups = {}
    for source, target in _pairs(value):
        groups.setdefault(target, {target}).add(source)
    return frozenset(map(frozenset, groups.values()))


def _combinations(value):
    wholes = {}
    for whole, part in sorted(_pairs(value)):
        wholes.setdefault(whole, []).append(part)
    return frozenset((whole, tuple(held)) for whole, held in wholes.items())


def _exactly(*types):
    def convert(value):
        # bool is an int for Python, not for FHIR.
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise TypeError(repr(value))
        return value

    return convert


def _date(value):
    lo, hi = day_interval(value)
    if lo != hi:
        raise ValueError(f"{value} is not a full date")
    return lo


_CONVERSIONS = {
    "drugs": _codes,
    "terms": _codes,
    "groups": _groups,
    "combinations": _combinations,
    "integer": _exactly(int),
    "decimal": lambda value: float(_exactly(int, float, Decimal)(value)),
    "boolean": _exactly(bool),
    "code": _exactly(str),
    "date": _date,
}
