"""Adverse events as a table: patients and their worst grade (section 1.3 of the definitions)."""

import re
from typing import NamedTuple

from .subgroups import GRADE
from .wording import say_count, say_number, say_range

_LEVELS = {"ae-soc-": "By system organ class", "ae-term-": "By term", "ae-group-": "By group of terms"}
_NAME = re.compile(r"\A.*?, (?:organ class|term|group of terms) ")


class EventRow(NamedTuple):
    """One organ class, term or group: patients, their percentage with its interval, and by worst grade."""

    name: str
    n: str
    percent: str
    interval: str
    grades: list


class EventTable(NamedTuple):
    """The rows of one level. grades: the headings of their columns."""

    title: str
    grades: list
    rows: list


def is_event(code):
    """Whether a statistic is shown in these tables and not in that of all statistics."""
    return code.startswith(tuple(_LEVELS))


def read_events(statistics):
    """{code: Statistic} -> list of EventTable, the most frequent first as in the report."""
    tables = []
    for prefix, title in _LEVELS.items():
        rows = [s for code, s in statistics.items() if code.startswith(prefix) and "-ci-" not in code]
        grades = list(dict.fromkeys(stratum for row in rows for by, _, stratum in row.strata if by == GRADE))
        if rows:
            tables.append(EventTable(title, grades, [_row(row, grades) for row in rows]))
    return tables


def _row(statistic, grades):
    by_grade = {stratum: part for (by, _, stratum), part in statistic.strata.items() if by == GRADE}
    return EventRow(
        _NAME.sub("", statistic.text, count=1),
        _patients(statistic),
        say_number(statistic),
        say_range(statistic).removeprefix("95% CI "),
        [_patients(by_grade[grade]) if grade in by_grade else "" for grade in grades],
    )


def _patients(statistic):
    return say_count(statistic.counts.get("numerator"), statistic.counts, "numerator")
