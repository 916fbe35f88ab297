"""Groups of adverse events: incidence, organ classes, terms, rates (section 1.3 of the definitions)."""

import re
from collections import Counter

from ..endpoints.adverse_events import UNKNOWN_GRADE, UNKNOWN_SOC
from ..endpoints.treatment_emergence import EMERGENT, NOT_EMERGENT
from ..stats.rates import DAYS_PER_YEAR, rate_per_100_years
from .groups import PATIENTS, Groups, Unit
from .proportion import add_proportion

FLAGS = ("onset-unknown", "grade-from-severity", "grade-unknown", "progression-listed")

_RATE = Unit("per 100 patient-years", "/(100.a)")
_YEARS = Unit("patient-years", "a")
_RECORDS = Unit("events", "{events}")
_DEFINITIONS = (
    ("three_part", "ae", "by the registry's definition"),
    ("ich", "ae-ich", "treatment-emergent (ICH)"),
    ("uncapped", "ae-uncapped", "by the registry's definition, no end after the last dose"),
)
_CATEGORIES = {
    "any": "Patients with an adverse event",
    "serious": "Patients with a serious adverse event",
    "grade3plus": "Patients with an adverse event of grade 3 or more",
    "fatal": "Patients with an adverse event of grade 5",
    "related": "Patients with a related adverse event",
    "related-or-unassessed": "Patients with an adverse event that is related or was not assessed",
    "discontinuation": "Patients with adverse events who stopped for one",
}


def adverse_event_groups(tally):
    """Groups of {AdverseEvents row: count}."""
    groups = Groups(tally, FLAGS)
    for field, prefix, definition in _DEFINITIONS:
        patients = tally.counts(field)
        for category, name in _CATEGORIES.items():
            add_proportion(
                groups, f"{prefix}-{category}", f"{name}, {definition}", patients[category], tally.denominator
            )
    _add_rates(groups, tally)
    _add_rows(groups, "ae-soc", "organ class", tally.counts("socs"), tally.denominator)
    _add_rows(groups, "ae-term", "term", tally.counts("terms"), tally.denominator)
    _add_rows(groups, "ae-group", "group of terms", tally.counts("groups"), tally.denominator)
    records = tally.counts("reasons")
    for reason in (*sorted(EMERGENT), *sorted(NOT_EMERGENT)):
        counts = "counted" if reason in EMERGENT else "not counted"
        groups.add_number(f"ae-records-{reason}", f"Records {counts}: {reason}", records[reason], _RECORDS)
    for term, n in sorted(tally.counts("progression").items()):
        text = f"Listed, not counted: {term}: patients"
        groups.add_number(f"ae-listed-{slug(term)}", text, n, PATIENTS, {"numerator": n})
    return groups.groups


def slug(words):
    """Words as a part of a code: `Hot flashes` -> hot-flashes."""
    return re.sub(r"[\W_]+", "-", words.lower()).strip("-")


def _add_rates(groups, tally):
    """Exposure-adjusted incidence (first events, time up to them) and rate of events (all of them, all time)."""
    first, all_days = tally.counts("days_to_first"), tally.counts("days")
    for code, name, events, days in (
        ("ae-eair", "patients with an adverse event", tally.counts("three_part")["any"], _total(first)),
        ("ae-eaer", "adverse events", _total(tally.counts("events")), _total(all_days)),
    ):
        text = f"Exposure-adjusted rate of {name}, by the registry's definition"
        observed = {"events": events}
        groups.add_number(f"{code}-years", f"{text}: time under observation", days / DAYS_PER_YEAR, _YEARS, observed)
        groups.add_estimate(code, text, rate_per_100_years(events, days), _RATE, "exact-poisson", observed)


def _total(counts):
    return sum(value * n for value, n in counts.items())


def _add_rows(groups, prefix, name, counts, denominator):
    """A proportion a row, the most frequent first, and the number of patients at each worst grade.

    `counts`: {(*key, worst grade): patients}, the last of a key being what the row is called.
    """
    rows = {}
    for (*key, grade), n in counts.items():
        rows.setdefault(tuple(key), Counter())[grade] += n
    for key, grades in sorted(rows.items(), key=lambda item: (-item[1].total(), item[0])):
        code = f"{prefix}-{slug(key[-1])}"
        text = f"Patients with an adverse event, {name} {_called(key)}"
        add_proportion(groups, code, text, grades.total(), denominator)
        for grade, n in sorted(grades.items()):
            words = "unknown" if grade == UNKNOWN_GRADE else grade
            groups.add_number(f"{code}-grade-{words}", f"{text}, worst grade {words}", n, PATIENTS, {"numerator": n})


def _called(key):
    """`Nausea (Gastrointestinal disorders)`."""
    soc, *term = ("unknown" if part == UNKNOWN_SOC else part for part in key)
    return f"{term[0]} ({soc})" if term else soc
