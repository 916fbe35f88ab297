"""Numbers of a MeasureReport beside the true ones that the generator of examples knows (docs/examples.md)."""

import math
import re
from textwrap import wrap
from typing import NamedTuple

from fhir_registry.reports.reading import EXCLUSION, lay_out, read_populations, read_statistics

from .table import align, fill, format_number, format_value, missing

TOLERANCE = 1e-9  # relative: two ways to add up the same doubles
WIDTH = 100  # characters of a line
# Many numbers of one kind are one line; each is compared all the same. Pattern of the codes -> what they are.
_KINDS = {
    r"injections-frequency-.+": "numbers of injections",
    r"prior-lines-.+": "numbers on prior lines",
    r"prior-agent-.+": "prior agents",
    r"other-agent-.+": "other agents",
    r"prior-sequence-.+": "sequences of therapy",
    r"ae-(ich|uncapped)-.+": "numbers by other definitions of an adverse event",
    r"ae-(soc|term|group)-.+": "numbers on organ classes and terms",
    r"ae-records-.+": "counts of records",
    r"discontinuation-.+-of-discontinued.*": "numbers of those who discontinued",
    r"[a-z]+-events-.+": "shares of kinds of events",
    r"pfs-s\d.+": "numbers of sensitivity analyses",
    r".+ of \S+ .+": "numbers of subgroups",
}
# Of these the truth knows nothing: who the patients are, comparisons of subgroups, lines that a site asserts.
UNTOLD = re.compile(r"sde-.+|[a-z]+-(hr|logrank)-.+|line-asserted.*")


class Comparison(NamedTuple):
    """`lines` to print; how many numbers were `compared`; `different` has a line for each that is not the true one."""

    lines: list[str]
    compared: int
    different: list[str]


def compare(report, truth):
    """Compare every number of a report with the truth of its measure, but for those that are UNTOLD.

    report: MeasureReport (dict). truth: {"populations": {code: count}, "groups": {code: number or None}, "strata":
    {stratifier: {value: {"denominator" or code: number or None}}}}; strata of other stratifiers are not compared.
    """
    statistics = {code: s for code, s in read_statistics(report).items() if not UNTOLD.fullmatch(code)}
    strata = _name_strata(truth["strata"])
    computed = {code: None if s.comparator else s.value for code, s in statistics.items()}
    computed |= {code: n for code, n in read_populations(report).items() if code in truth["populations"]}
    computed |= _read_strata(statistics, truth["strata"])
    true = truth["populations"] | truth["groups"] | strata
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
        *_format_kinds(truth["groups"] | strata, different),
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
    for row in lay_out([code for code in groups if _kind(code) is None]):
        found = [format_value(statistics[code]) if code in statistics else "nothing" for code in row.codes]
        known = [missing(code) if groups[code] is None else format_number(groups[code]) for code in row.codes]
        unit = statistics[row.codes[0]].unit if row.codes[0] in statistics else ""
        rows.append((row.label, fill(row, found, unit), fill(row, known), _mark(row.codes, different)))
    return align(rows)


def _format_kinds(true, different):
    for kind in _KINDS.values():
        n, wrong = (sum(_kind(code) == kind for code in codes) for codes in (true, different))
        if n:
            yield f"{n} {kind}: {f'{wrong} differ' if wrong else 'all as true'}  {'✗' if wrong else '✓'}"


def _kind(code):
    return next((kind for pattern, kind in _KINDS.items() if re.fullmatch(pattern, code)), None)


def _name_strata(strata):
    """{"os-median of age <65": number, "denominator of age <65": patients}; `strata` as of a truth."""
    return {
        f"{code} of {stratifier} {value}": number
        for stratifier, values in strata.items()
        for value, numbers in values.items()
        for code, number in numbers.items()
    }


def _read_strata(statistics, stratifiers):
    """The same of the statistics of a report, as far as it is divided by these stratifiers."""
    found = {}
    for statistic in statistics.values():
        for (stratifier, _, value), stratum in statistic.strata.items():
            if stratifier in stratifiers:
                place = f"of {stratifier} {value}"
                found[f"{statistic.code} {place}"] = None if stratum.comparator else stratum.value
                found[f"denominator {place}"] = stratum.counts["denominator"]
    return found


def _mark(codes, different):
    return "✗" if any(code in different for code in codes) else "✓"
