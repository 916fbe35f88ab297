"""Who the patients are: the supplemental data of a report (https://hl7.org/fhir/R4/measure.html)."""

from .wording import say_number, say_share

_PREFIX = "sde-"


def is_baseline(code):
    """Whether a statistic is one of the supplemental data."""
    return code.startswith(_PREFIX)


def read_baseline(statistics):
    """{code: Statistic} -> {characteristic: list of (value, patients, percent of those analysed)}."""
    rows = {}
    for code, statistic in statistics.items():
        if is_baseline(code):
            words = statistic.text.removeprefix("At the index: ").removesuffix(": patients")
            name, _, value = words.partition(": ")
            share = say_share(statistic).partition(" of ")[0]
            rows.setdefault(name, []).append((value, say_number(statistic), share))
    return rows
