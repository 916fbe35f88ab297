"""Numbers of a MeasureReport beside the true ones that the generator of examples knows (docs/examples.md)."""

import math
import re
from collections import Counter
from textwrap import wrap
from typing import NamedTuple

from fhir_registry.reports.reading import EXCLUSION, lay_out, read_populations, read_statistics

from .table import align, fill, format_number, format_value, missing

TOLERANCE = 1e-9  # relative: two ways to add up the same doubles
WIDTH = 100  # characters of a line
# Many numbers of one kind are one line; each is compared all the same.
_KINDS = {
    "injections-frequency-": "numbers of injections",
    "prior-lines-": "numbers on prior lines",
    "prior-agent-": "prior agents",
    "other-agent-": "other agents",
    "prior-sequence-": "sequences of therapy",
}


# Of these the truth knows nothing: who the patients are, and comparisons of subgroups.
UNTOLD = re.compile(r"sde-.+|[a-z]+-(hr|logrank)-.+")


class Comparison(NamedTuple):
    """`lines` to print; how many numbers were `compared`; `different` has a line for each that is not the true one."""

    lines: list[str]
    compared: int
    different: list[str]


def compare(report, truth):
    """Compare every number of a report with the truth of its measure, but for those that are UNTOLD.

    report: MeasureReport (dict). truth: {"populations": {code: count}, "groups": {code: number or None}}.
    """
    statistics = {code: s for code, s in read_statistics(report).items() if not UNTOLD.fullmatch(code)}
    computed = {code: None if s.comparator else s.value for code, s in statistics.items()}
    computed |= {code: n for code, n in read_populations(report).items() if code in truth["populations"]}
    true = truth["populations"] | truth["groups"]
    # A count that is not in the truth is zero there.
    true |= {code: 0 for code in computed if code not in true}
    different = {
        code: f"{code}: computed {computed.get(code, 'nothing')}, true {number}"
        for code, number in true.items()
        if code not in computed or not is_same(computed[code], number)
    }
    lines = [
        *_format_flow(truth["populations"], different),
        *_format_table(statistics, truth["groups"], different),
        *_format_kinds(truth["groups"], different),
    ]
    return Comparison(lines, len(true), list(different.values()))


def is_same(computed, true):
    """Equal up to the rounding of doubles; None (not reached) equals None only."""
    if computed is None or true is None:
        return computed is true
    return math.isclose(computed, true, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _format_flow(populations, different):
    left_out = [
        f"{n} {code.removeprefix(EXCLUSION)}" for code, n in populations.items() if n and code.startswith(EXCLUSION)
    ]
    flow = f"{populations['initial-population']} patients, {populations['denominator']} analysed"
    wrong = any(code in populations or code.startswith(EXCLUSION) for code in different)
    return wrap(f"{flow}; left out: {', '.join(left_out) or 'nobody'}  {'✗' if wrong else '✓'}", WIDTH)


def _format_table(statistics, groups, different):
    rows = [("statistic", "computed", "true", "")]
    for row in lay_out([code for code in groups if not code.startswith(tuple(_KINDS))]):
        found = [format_value(statistics[code]) if code in statistics else "nothing" for code in row.codes]
        known = [missing(code) if groups[code] is None else format_number(groups[code]) for code in row.codes]
        unit = statistics[row.codes[0]].unit if row.codes[0] in statistics else ""
        rows.append((row.label, fill(row, found, unit), fill(row, known), _mark(row.codes, different)))
    return align(rows)


def _format_kinds(groups, different):
    kinds = Counter(kind for code in groups for prefix, kind in _KINDS.items() if code.startswith(prefix))
    for prefix, kind in _KINDS.items():
        if kinds[kind]:
            wrong = sum(code.startswith(prefix) for code in different)
            verdict = f"{wrong} differ" if wrong else "all as true"
            yield f"{kinds[kind]} {kind}: {verdict}  {'✗' if wrong else '✓'}"


def _mark(codes, different):
    return "✗" if any(code in different for code in codes) else "✓"
