"""The counts that a MeasureReport prints, each under one name wherever it stands (https://hl7.org/fhir/R4/measurereport.html)."""

import re
from typing import NamedTuple

from .groups import slug

MAX_GRADE = "max-grade"  # stratifier of the rows of adverse events

_LIMIT = re.compile(r"(-wilson)?-ci-(lower|upper)$")
_CURVE = re.compile(
    r"(?P<curve>.+?)(-follow-up-median|-dates-change|-median|-rate-(?P<m>\d+)m|(?P<cif>-cif(-death)?)-(?P<n>\d+)m)$"
)
_COMPARISON = re.compile(r"(?P<curve>.+?)-(hr|logrank)-(?P<rest>.+)$")
_SUPPLEMENTAL = "sde-"
_COUNTED = frozenset({"{patients}", "{events}", "{records}"})
# What `described` counts, by the beginning of the code of a group; of any other group it is a name of its own.
_DESCRIBED = {"injections-": "denominator", "administration-days-": "denominator", "prior-lines-": "known"}


class Cell(NamedTuple):
    """A count by its name; stratum: None, or (code of the characteristic, its value as a slug)."""

    name: str
    stratum: tuple | None = None


class Place(NamedTuple):
    """A group or a stratum of a group, and the cells of its populations and of a score that is a count."""

    element: dict
    code: str  # of the group
    stratum: tuple | None
    cells: dict  # code of the population -> Cell
    score: Cell | None


class Counts(NamedTuple):
    cells: dict  # Cell -> count
    places: list
    wholes: dict  # name of a numerator -> name of its denominator


def read_counts(report):
    """The Counts of a MeasureReport (dict)."""
    stratifiers = sorted({code for group in report["group"] for (code, _), _ in _strata(group)}, key=len, reverse=True)
    counts = Counts({}, [], {})
    for group in report["group"]:
        code = code_of(group["code"])
        _add(counts, group, code, None, stratifiers)
        for stratum, element in _strata(group):
            _add(counts, element, code, stratum, stratifiers)
    return counts


def _strata(group):
    """((code of the stratifier, value), stratum) of a group."""
    for stratifier in group.get("stratifier", ()):
        for stratum in stratifier["stratum"]:
            yield stratum_of(code_of(stratifier["code"][0]), stratum["value"]["text"]), stratum


def stratum_of(code, value):
    """The stratum of a Cell."""
    return code, slug(value) or value


def _described_by(group, code):
    """The stratum that a group of supplemental data counts, `sde-age-ge65` (At the index: Age: >=65: patients)."""
    value = group["code"]["text"].rsplit(": ", 2)[1]
    _, value = stratum_of(code, value)
    return code.removeprefix(_SUPPLEMENTAL).removesuffix(f"-{value}"), value


def code_of(concept):
    """The code of a CodeableConcept, else its text."""
    return next((coding["code"] for coding in concept.get("coding", ())), concept.get("text"))


def without_limit(code):
    """The code of the group whose number a limit belongs to: `dcr` of `dcr-ci-lower`."""
    return _LIMIT.sub("", code)


def is_of_curve(place):
    """Is it a median or a landmark of times to an event, or a limit of one?"""
    return "events" in place.cells and bool(_CURVE.match(without_limit(place.code)))


def _add(counts, element, code, stratum, stratifiers):
    def cell(kind):
        if kind == "numerator" and code.startswith(_SUPPLEMENTAL):
            return Cell("denominator", _described_by(element, code))
        return Cell(_name(code, kind, stratifiers), stratum)

    cells = {}
    for population in element.get("population", ()):
        kind = code_of(population["code"])
        if "count" in population:
            cells[kind] = _hold(counts, cell(kind), population["count"])
    if "numerator" in cells and "denominator" in cells and not code.startswith(_SUPPLEMENTAL):
        counts.wholes.setdefault(cells["numerator"].name, cells["denominator"].name)
    score, counted = element.get("measureScore", {}), None
    if score.get("code") in _COUNTED and "value" in score and "described" not in cells:
        counted = _hold(counts, cell("numerator"), score["value"])
    counts.places.append(Place(element, code, stratum, cells, counted))


def _hold(counts, cell, count):
    if counts.cells.setdefault(cell, count) != count:
        # Two rows of one code, such as a term in two organ classes.
        cell = Cell(f"{cell.name} of {count}", cell.stratum)
        counts.cells[cell] = count
    return cell


def _name(code, kind, stratifiers):
    """The name of a population of a group: the same count has the same name in all groups."""
    base = without_limit(code)
    match kind:
        case "denominator":
            return _denominator(base, stratifiers)
        case "denominator-exclusion":
            whole = _denominator(base, stratifiers)
            return kind if whole == "denominator" else f"not {whole}"
        case "numerator":
            return base.removesuffix("-evaluable")
        case "described":
            return next((name for stem, name in _DESCRIBED.items() if base.startswith(stem)), _stem(base))
        case "events" if base.startswith("ae-eair"):
            return "ae-any"
        case "events" if base.startswith("ae-eaer"):
            return "ae-events"
        case "events" | "censored" | "competing-events" | "at-risk":
            return _observed(base, kind, stratifiers)
    return kind


def _stem(base):
    return f"described {base.rpartition('-')[0]}"


def _denominator(base, stratifiers):
    if compared := _compared(base, stratifiers):
        return f"compared {compared}"
    if base == "line-asserted-differs":
        return "line-asserted"
    if base.endswith("-evaluable"):
        return "evaluable"
    if base.startswith("discontinuation-"):
        return "stopped" if base.endswith("-of-discontinued") else "visited"
    curve, events, _ = base.partition("-events-")
    return f"{curve} events" if events else "denominator"


def _compared(base, stratifiers):
    """The code of the stratifier whose levels a group compares, else None."""
    found = _COMPARISON.match(base)
    return found and next((s for s in stratifiers if f"{found['rest']}-".startswith(f"{s}-")), None)


def _observed(base, kind, stratifiers):
    if compared := _compared(base, stratifiers):
        return f"compared {compared} {kind}"
    found = _CURVE.match(base)
    if kind == "at-risk":
        return f"{found['curve']} at-risk {found['m'] or found['n']}"
    competing = " beside competing" if kind == "censored" and found["cif"] else ""
    return f"{found['curve']} {kind}{competing}"
