"""A MeasureReport read back: its numbers by code, and which belong together (https://hl7.org/fhir/R4/measurereport.html)."""

from typing import NamedTuple

from .groups import ABSENT, ESTIMATE, INTERVAL

EXCLUSION = "exclusion-"
MASKED = "masked"  # data-absent-reason of what is suppressed because too few patients stand behind it

# The population that a statistic is about, most specific first.
_BASES = ("at-risk", "described", "denominator", "measure-population", "initial-population")


class Statistic(NamedTuple):
    """One number of a report: the score of a group, or of one of its strata.

    value is None when there is none, and `absent` says why: "masked", "unknown" or "". comparator: ">" for a bound.
    unit: words, empty for what is counted. low, high: the limits of its interval, both or none. open: "low", "high",
    which of them cannot be estimated. method: of the interval. counts: {code of the population: patients, None where
    suppressed}. strata: {(code of the stratifier, words of the stratifier, stratum): Statistic}.
    """

    code: str
    text: str
    value: float | int | None
    comparator: str
    unit: str
    low: float | int | None
    high: float | int | None
    open: tuple
    method: str
    absent: str
    counts: dict
    strata: dict

    @property
    def base(self):
        """The code of the population that the number is about; None where the group has none of these."""
        return next((code for code in _BASES if code in self.counts), None)

    @property
    def n(self):
        """Patients of that population; None where there is none, or where it is suppressed."""
        return self.counts.get(self.base)


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
    """MeasureReport (dict) -> {code, or number of a group that has none: Statistic} in the order of its groups."""
    statistics = map(_statistic, report.get("group", ()))
    return {statistic.code or str(number): statistic for number, statistic in enumerate(statistics, start=1)}


def read_populations(report):
    """Counts of the populations of the first group: {'initial-population': 24, ...}."""
    return _counts(next(iter(report.get("group", ())), {}))


def lay_out(codes):
    """Codes of statistics -> list of Row: a number and its interval, a mean and its deviation ... share a row."""
    codes = dict.fromkeys(codes)
    rows, used = [], set()
    for code in codes:
        if code not in used:
            rows.append(_row(code, codes))
            used.update(rows[-1].codes)
    return rows


def words(concept):
    """The text of a CodeableConcept, else the display or the code of its first coding, else nothing."""
    coding = next(iter(concept.get("coding", ())), {})
    return concept.get("text") or coding.get("display") or coding.get("code", "")


def extensions(element, url):
    """The extensions of an element with this url, in their order."""
    return [extension for extension in element.get("extension", ()) if extension["url"] == url]


def _row(code, codes):
    for suffixes, name, pattern in _SHAPES:
        stem = code.removesuffix(suffixes[0])
        together = tuple(stem + suffix for suffix in suffixes)
        if together[0] == code and all(other in codes for other in together):
            return Row(f"{stem}, {name}" if name else stem, together, pattern)
    return Row(code, (code,), "{0}{unit}")


def _statistic(group):
    concept = group.get("code", {})
    code = _code(concept)
    strata = {}
    for stratifier in group.get("stratifier", ()):
        by = next(iter(stratifier.get("code", ())), {})
        for stratum in stratifier.get("stratum", ()):
            values = (stratum, *stratum.get("component", ()))
            value = " / ".join(filter(None, (words(part.get("value", {})) for part in values)))
            strata[_code(by) or words(by), words(by), value] = _read(code, value, stratum, {})
    return _read(code, words(concept), group, strata)


def _code(concept):
    return next((coding["code"] for coding in concept.get("coding", ()) if "code" in coding), "")


def _read(code, text, element, strata):
    score = element.get("measureScore", {})
    absent = next((extension.get("valueCode", "") for extension in extensions(score, ABSENT)), "")
    counted = score.get("code", "").startswith("{")  # UCUM writes what is counted in braces: {patients}
    limits = next((part["valueRange"] for part in _parts(score, INTERVAL) if "valueRange" in part), {})
    estimate = _parts(score, ESTIMATE)
    return Statistic(
        code=code,
        text=text.removesuffix(" (suppressed)") if absent == MASKED else text,
        value=score.get("value"),
        comparator=score.get("comparator", ""),
        unit="" if counted else score.get("unit", ""),
        low=limits.get("low", {}).get("value"),
        high=limits.get("high", {}).get("value"),
        open=tuple(part["valueCode"] for part in estimate if part["url"] == "notEstimable"),
        method=next((part["valueCode"] for part in estimate if part["url"] == "method"), ""),
        absent=absent,
        counts=_counts(element),
        strata=strata,
    )


def _parts(element, url):
    return [part for extension in extensions(element, url) for part in extension.get("extension", ())]


def _counts(element):
    return {
        coding["code"]: population.get("count")
        for population in element.get("population", ())
        for coding in population.get("code", {}).get("coding", ())[:1]
        if "code" in coding
    }
