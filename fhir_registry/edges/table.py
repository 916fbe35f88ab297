"""A MeasureReport as rows and as a readable table (https://hl7.org/fhir/R4/measurereport.html)."""

from typing import NamedTuple

EXCLUSION = "exclusion-"
SEQUENCES_SHOWN = 10

_SEQUENCE = "prior-sequence-"
# The population that a statistic is about, most specific first.
_BASES = ("at-risk", "described", "denominator", "measure-population", "initial-population")
_FLOW = ("initial-population", "denominator-exclusion", "denominator", "numerator")


class Statistic(NamedTuple):
    """One group of a report. `value` is None when not reached or not estimable; `comparator` is '>' for a bound."""

    code: str
    text: str
    value: float | int | None
    comparator: str
    unit: str
    n: int | None


class Row(NamedTuple):
    """One line of a table: the codes of the statistics that it shows, and how they stand together."""

    label: str
    codes: tuple[str, ...]
    pattern: str


class _Shape(NamedTuple):
    suffixes: tuple[str, ...]  # of the codes that belong together
    name: str
    pattern: str


_SHAPES = (
    _Shape(("-mean", "-sd"), "mean (SD)", "{0}{unit} ({1})"),
    _Shape(("-median", "-q1", "-q3"), "median (Q1 to Q3)", "{0}{unit} ({1} to {2})"),
    _Shape(("-min", "-max"), "range", "{0} to {1}{unit}"),
    _Shape(("-0", "-1", "-2", "-3plus"), "0 / 1 / 2 / 3+", "{0} / {1} / {2} / {3}"),
    _Shape(("", "-ci-lower", "-ci-upper"), "", "{0}{unit} ({1} to {2})"),
    _Shape(("-wilson-ci-lower", "-wilson-ci-upper"), "Wilson", "{0} to {1}{unit}"),
)


def read_statistics(report):
    """MeasureReport (dict) -> {code: Statistic} in the order of its groups."""
    statistics = map(_statistic, report.get("group", ()))
    return {statistic.code: statistic for statistic in statistics}


def read_populations(report):
    """Counts of the populations of the first group: {'initial-population': 24, ...}."""
    return _counts(next(iter(report.get("group", ())), {}))


def lay_out(codes):
    """Codes of statistics -> list of Row: a number and its interval, a mean and its deviation ... share a row."""
    rows, used = [], set()
    for code in codes:
        if code not in used:
            rows.append(_row(code, codes))
            used.update(rows[-1].codes)
    return rows


def format_report(report, width):
    """Lines that a person can read: who was analysed, who was left out and why, and a table of the statistics.

    width: of the lines, in characters; longer meanings are cut.
    """
    statistics = read_statistics(report)
    codes = [code for code in statistics if not code.startswith(EXCLUSION)]
    sequences = [code for code in codes if code.startswith(_SEQUENCE)]
    hidden = set(sequences[SEQUENCES_SHOWN:])
    rows = [("statistic", "value (95% CI)", "n", "meaning")]
    for row in lay_out([code for code in codes if code not in hidden]):
        first = statistics[row.codes[0]]
        value = fill(row, [format_value(statistics[code]) for code in row.codes], first.unit)
        # The text of a row of several statistics: what stands in front of ": mean", ": first quartile" ...
        meaning = first.text if row.label == first.code else first.text.rpartition(": ")[0]
        rows.append((row.label, value, "" if first.n is None else str(first.n), meaning))
    lines = [*_format_flow(report, statistics), "", *(_cut(line, width) for line in align(rows))]
    if hidden:
        lines.append(f"and {len(hidden)} rarer sequences of therapy: see the MeasureReport (--output FILE)")
    return lines


def fill(row, values, unit=""):
    """The values of a row's codes (texts of format_value) in one text: '35.32 mo (28.19 to 56.87)'."""
    if len(set(values)) == 1 and values[0].startswith("not "):
        return values[0]  # neither the number nor its limits
    shown = unit and not values[0].startswith("not ")
    return row.pattern.format(*values, unit=f" {unit}" if shown else "")


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
    """'59.99', '> 60', 'not reached', 'not estimable'."""
    if statistic.value is None:
        return missing(statistic.code)
    number = format_number(statistic.value)
    return f"{statistic.comparator} {number}" if statistic.comparator else number


def missing(code):
    """What the absence of this number means."""
    return "not reached" if "-median" in code else "not estimable"


def format_number(value):
    """Whole numbers as such, others to two decimals."""
    return str(int(value)) if float(value).is_integer() else f"{value:.2f}"


def _row(code, codes):
    for suffixes, name, pattern in _SHAPES:
        stem = code.removesuffix(suffixes[0])
        together = tuple(stem + suffix for suffix in suffixes)
        if together[0] == code and all(other in codes for other in together):
            return Row(f"{stem}, {name}" if name else stem, together, pattern)
    return Row(code, (code,), "{0}{unit}")


def _format_flow(report, statistics):
    counts = read_populations(report)
    period = report.get("period", {})
    yield f"{report.get('measure', '').rpartition('/')[2]}, {period.get('start', '')} to {period.get('end', '')}"
    analysed, left_out = counts.get("denominator", 0), counts.get("denominator-exclusion", 0)
    yield f"{_patients(counts.get('initial-population', 0))}: {analysed} analysed, {left_out} left out"
    for code, statistic in statistics.items():
        if code.startswith(EXCLUSION) and statistic.value:
            reason = statistic.text.removeprefix("Excluded: ")
            yield f"{statistic.value:6}  {reason} ({code.removeprefix(EXCLUSION)})"
    for code, count in counts.items():
        if code not in _FLOW and count:
            yield f"{code}: {_patients(count)}"


def _patients(count):
    return f"{count} patient{'' if count == 1 else 's'}"


def _cut(line, width):
    return line if len(line) <= width else line[: width - 1] + "…"


def _statistic(group):
    code = group.get("code", {})
    codes = [coding.get("code") for coding in code.get("coding", ())]
    score = group.get("measureScore", {})
    counts = _counts(group)
    counted = score.get("code", "").startswith("{")  # UCUM writes what is counted in braces: {patients}
    return Statistic(
        code=codes[0] if codes else "",
        text=code.get("text", ""),
        value=score.get("value"),
        comparator=score.get("comparator", ""),
        unit="" if counted else score.get("unit", ""),
        n=next((counts[name] for name in _BASES if name in counts), None),
    )


def _counts(group):
    return {
        coding["code"]: population.get("count")
        for population in group.get("population", ())
        for coding in population.get("code", {}).get("coding", ())[:1]
    }
