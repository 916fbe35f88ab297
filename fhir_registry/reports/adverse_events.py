"""Groups of adverse events: incidence, organ classes, terms, rates (section 1.3 of the definitions)."""

from collections import Counter

from ..endpoints.adverse_events import UNKNOWN_GRADE, UNKNOWN_SOC
from ..endpoints.treatment_emergence import EMERGENT, NOT_EMERGENT
from ..stats.rates import DAYS_PER_YEAR, rate_per_100_years
from .groups import CHARACTERISTIC, PATIENTS, PERCENT, Groups, Unit, add_stratifier, quantity, slug
from .proportion import add_proportion, stratify_proportion

FLAGS = ("onset-unknown", "grade-from-severity", "grade-unknown", "progression-listed")

_RATE = Unit("per 100 patient-years", "/(100.a)")
_YEARS = Unit("patient-years", "a")
_RECORDS = Unit("events", "{events}")
_PRIMARY = "three_part"
_DEFINITIONS = (
    (_PRIMARY, "ae", "by the registry's definition"),
    ("ich", "ae-ich", "treatment-emergent (ICH)"),
    ("uncapped", "ae-uncapped", "by the registry's definition, no end after the last dose"),
)
_WORST_GRADE = {"coding": [{"system": CHARACTERISTIC, "code": "max-grade"}], "text": "Worst grade"}
_GRADES = (1, 2, 3, 4, 5, UNKNOWN_GRADE)
_CATEGORIES = {
    "any": "Patients with an adverse event",
    "serious": "Patients with a serious adverse event",
    "grade3plus": "Patients with an adverse event of grade 3 or more",
    "fatal": "Patients with an adverse event of grade 5",
    "related": "Patients with a related adverse event",
    "related-or-unassessed": "Patients with an adverse event that is related or was not assessed",
    "discontinuation": "Patients with adverse events who stopped for one",
}


def adverse_event_groups(tally, stratifiers=()):
    """Groups of a Tally of AdverseEvents; stratifiers apply to the primary definition."""
    groups = Groups(tally, FLAGS, stratifiers)
    for field, prefix, definition in _DEFINITIONS:
        patients = tally.counts(field)
        for category, name in _CATEGORIES.items():
            text = f"{name}, {definition}"
            group = add_proportion(groups, f"{prefix}-{category}", text, patients[category], tally.denominator)
            if field == _PRIMARY:
                stratify_proportion(groups, group, _counter_of(category))
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
    return groups


def _counter_of(category):
    return lambda stratum: (stratum.counts(_PRIMARY)[category], stratum.denominator)


def _add_rates(groups, tally):
    """Exposure-adjusted incidence (first events, time up to them) and rate of events (all of them, all time)."""
    first, all_days = tally.counts("days_to_first"), tally.counts("days")
    for code, name, events, days in (
        ("ae-eair", "patients with an adverse event", tally.counts(_PRIMARY)["any"], _total(first)),
        ("ae-eaer", "adverse events", _total(tally.counts("events")), _total(all_days)),
    ):
        text = f"Exposure-adjusted rate of {name}, by the registry's definition"
        observed = {"events": events}
        groups.add_number(f"{code}-years", f"{text}: time under observation", days / DAYS_PER_YEAR, _YEARS, observed)
        groups.add_estimate(code, text, rate_per_100_years(events, days), _RATE, "exact-poisson", observed)


def _total(counts):
    return sum(value * n for value, n in counts.items())


def _add_rows(groups, prefix, name, counts, denominator):
    """A proportion a row, the most frequent first, stratified by the worst grade.

    `counts`: {(*key, worst grade): patients}, the last of a key being what the row is called.
    """
    rows = {}
    for (*key, grade), n in counts.items():
        rows.setdefault(tuple(key), Counter())[grade] += n
    for key, grades in sorted(rows.items(), key=lambda item: (-item[1].total(), item[0])):
        text = f"Patients with an adverse event, {name} {_called(key)}"
        group = add_proportion(groups, f"{prefix}-{slug(key[-1])}", text, grades.total(), denominator)
        strata = [(_grade(grade), *_share(grades[grade], denominator)) for grade in _GRADES]
        add_stratifier(group, _WORST_GRADE, strata)


def _grade(grade):
    return "unknown" if grade == UNKNOWN_GRADE else str(grade)


def _share(n, denominator):
    """The populations and the score of a stratum: patients at a worst grade among all."""
    return {"numerator": n}, quantity(100 * n / denominator, PERCENT)


def _called(key):
    """`Nausea (Gastrointestinal disorders)`."""
    soc, *term = ("unknown" if part == UNKNOWN_SOC else part for part in key)
    return f"{term[0]} ({soc})" if term else soc
