"""Groups of exposure: injections, administration days and mg (section 1.4, F2 of the definitions)."""

from ..endpoints.therapy import CLASSES
from .description import add_description, stratify_description
from .groups import DAYS, INJECTIONS, MILLIGRAMS, PATIENTS, Groups
from .proportion import add_proportion

FLAGS = ("visit-2-missing", "dose-unknown", "date-straddles-visit")

_PRIMARY = "injections"
_AMOUNTS = (
    ("injections-", "Injections", INJECTIONS, _PRIMARY),
    ("administration-days-", "Administration days", DAYS, "days"),
    ("cumulative-dose-", "Cumulative dose", MILLIGRAMS, "mg"),
)
_PERIODS = (
    ("", "in the observation period", ""),
    ("since-first-dose-", "since the first dose", "_since_first"),
)


def exposure_groups(tally, stratifiers=()):
    """Groups of a Tally of Exposure; stratifiers apply to the injections in the observation period."""
    groups = Groups(tally, FLAGS, stratifiers)
    for infix, period, suffix in _PERIODS:
        for code, name, unit, field in _AMOUNTS:
            counts = _counts(tally, field + suffix)
            described = add_description(groups, code + infix, f"{name} {period}", counts, unit)
            if field + suffix == _PRIMARY:
                stratify_description(groups, described, lambda stratum: _counts(stratum, _PRIMARY), unit)
    for number, n in sorted(_counts(tally, _PRIMARY).items()):
        text = f"Patients with {number} injections in the observation period"
        groups.add_number(f"injections-frequency-{number}", text, n, PATIENTS, {"numerator": n})
    _add_other_therapies(groups, tally)
    return groups


def _add_other_therapies(groups, tally):
    classes = tally.counts("other_classes")
    for kind in CLASSES:
        text = f"Patients who started other {kind} therapy in the observation period"
        add_proportion(groups, f"other-therapy-{kind}", text, classes[kind], tally.denominator)
    for agent, n in sorted(tally.counts("other_agents").items()):
        text = f"Started {agent} in the observation period: patients"
        groups.add_number(f"other-agent-{agent}", text, n, PATIENTS, {"numerator": n})


def _counts(tally, field):
    """{value: number of patients}; patients of whom it is unknown are left out."""
    counts = tally.counts(field)
    counts.pop(None, None)
    return counts
