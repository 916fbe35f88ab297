"""A MeasureReport as rows and as a readable table (https://hl7.org/fhir/R4/measurereport.html)."""

from typing import NamedTuple

_CI = "http://hl7.org/fhir/StructureDefinition/quantity-confidenceInterval"
# The population that a statistic is about, most specific first.
_BASES = ("at-risk", "denominator", "measure-population", "initial-population")


class Statistic(NamedTuple):
    """One group of a report. `value` is None when not reached or not estimable; `comparator` is '>' for a bound."""

    code: str
    text: str
    value: float | int | None
    comparator: str
    unit: str
    low: float | None
    high: float | None
    n: int | None


def read_statistics(report):
    """MeasureReport (dict) -> list of Statistic in the order of its groups."""
    return [_statistic(group) for group in report.get("group", ())]


def read_populations(report):
    """Counts of the populations of the first group: {'initial-population': 24, ...}."""
    return _counts(next(iter(report.get("group", ())), {}))


def format_report(report):
    """Lines of a table: statistic, value, 95 % interval, number of patients, meaning."""
    statistics = read_statistics(report)
    by_code = {s.code: s for s in statistics}
    rows = [("statistic", "value", "95% CI", "n", "meaning")]
    for s in statistics:
        if not s.code.endswith(("-ci-lower", "-ci-upper")):
            n = "" if s.n is None else str(s.n)
            rows.append((s.code, format_value(s), _format_interval(s, by_code), n, s.text))
    return [report.get("measure", ""), *align(rows)]


def align(rows):
    """Tuples of strings, the first one the heading -> lines; columns with figures are right-aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if position in (0, len(row) - 1) else cell.rjust(width)
            for position, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def format_value(statistic):
    """'59.99 mo', '> 60 mo', 'not reached'."""
    if statistic.value is None:
        return "not reached"
    comparator = f"{statistic.comparator} " if statistic.comparator else ""
    unit = "" if statistic.unit in ("", "1") else f" {statistic.unit}"
    return f"{comparator}{format_number(statistic.value)}{unit}"


def format_number(value):
    """Whole numbers as such, others to two decimals."""
    if value is None:
        return "-"
    return str(int(value)) if float(value).is_integer() else f"{value:.2f}"


def _format_interval(statistic, by_code):
    low, high = statistic.low, statistic.high
    siblings = [by_code.get(f"{statistic.code}-ci-{side}") for side in ("lower", "upper")]
    if low is None and siblings[0]:
        low = siblings[0].value
    if high is None and siblings[1]:
        high = siblings[1].value
    if low is None and high is None:
        return ""
    return f"{format_number(low)} to {format_number(high)}"


def _statistic(group):
    code = group.get("code", {})
    codes = [coding.get("code") for coding in code.get("coding", ())]
    score = group.get("measureScore", {})
    counts = _counts(group)
    low = high = None
    for extension in score.get("extension", ()):
        if extension.get("url") == _CI:
            for part in extension.get("extension", ()):
                low = part.get("valueRange", {}).get("low", {}).get("value", low)
                high = part.get("valueRange", {}).get("high", {}).get("value", high)
    return Statistic(
        code=codes[0] if codes else "",
        text=code.get("text", ""),
        value=score.get("value"),
        comparator=score.get("comparator", ""),
        unit=score.get("unit", ""),
        low=low,
        high=high,
        n=next((counts[name] for name in _BASES if name in counts), None),
    )


def _counts(group):
    return {
        coding["code"]: population.get("count")
        for population in group.get("population", ())
        for coding in population.get("code", {}).get("coding", ())[:1]
    }
