"""A MeasureReport as a readable table (https://hl7.org/fhir/R4/measurereport.html)."""

from fhir_registry.reports.reading import EXCLUSION, MASKED, lay_out, read_populations, read_statistics

SEQUENCES_SHOWN = 10

_SEQUENCE = "prior-sequence-"
_FLOW = ("initial-population", "denominator-exclusion", "denominator", "numerator")
_NOT_REACHED, _NOT_ESTIMABLE, _SUPPRESSED = "not reached", "not estimable", "suppressed"


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
        meaning = first.text if row.label == row.codes[0] else first.text.rpartition(": ")[0]
        rows.append((row.label, value, "" if first.n is None else str(first.n), meaning))
    lines = [*_format_flow(report, statistics), "", *(_cut(line, width) for line in align(rows))]
    if hidden:
        lines.append(f"and {len(hidden)} rarer sequences of therapy: see the MeasureReport (--output FILE)")
    return lines


def fill(row, values, unit=""):
    """The values of a row's codes (texts of format_value) in one text: '35.32 mo (28.19 to 56.87)'."""
    absent = values[0] in (_NOT_REACHED, _NOT_ESTIMABLE, _SUPPRESSED)
    if absent and len(set(values)) == 1:
        return values[0]  # neither the number nor its limits
    shown = unit and not absent
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
    """'59.99', '> 60', 'not reached', 'not estimable', 'suppressed'."""
    if statistic.absent == MASKED:
        return _SUPPRESSED
    if statistic.value is None:
        return missing(statistic.code)
    number = format_number(statistic.value)
    return f"{statistic.comparator} {number}" if statistic.comparator else number


def missing(code):
    """What the absence of this number means."""
    return _NOT_REACHED if "-median" in code else _NOT_ESTIMABLE


def format_number(value):
    """Whole numbers as such, others to two decimals."""
    return str(int(value)) if float(value).is_integer() else f"{value:.2f}"


def _format_flow(report, statistics):
    counts = read_populations(report)
    period = report.get("period", {})
    yield f"{report.get('measure', '').rpartition('/')[2]}, {period.get('start', '')} to {period.get('end', '')}"
    analysed, left_out = counts.get("denominator", 0), counts.get("denominator-exclusion", 0)
    yield f"{_patients(counts.get('initial-population', 0))}: {_count(analysed)} analysed, {_count(left_out)} left out"
    for code, statistic in statistics.items():
        if code.startswith(EXCLUSION) and (statistic.value or statistic.absent == MASKED):
            reason = statistic.text.removeprefix("Excluded: ")
            yield f"{format_value(statistic):>6}  {reason} ({code.removeprefix(EXCLUSION)})"
    for code, count in counts.items():
        if code not in _FLOW and count != 0:
            yield f"{code}: {_patients(count)}"


def _patients(count):
    return f"{_count(count)} patient{'' if count == 1 else 's'}"


def _count(count):
    return _SUPPRESSED if count is None else count


def _cut(line, width):
    return line if len(line) <= width else line[: width - 1] + "…"
