"""What a reader has to know beside the numbers: imputation, what was not understood, suppression, methods."""

from ..reading import MASKED
from .wording import say_count, say_number

UNREAD = "unread-"

# Populations that belong to the numbers themselves.
_COUNTED = frozenset(
    {
        *("initial-population", "denominator", "denominator-exclusion", "denominator-exception", "numerator"),
        *("numerator-exclusion", "measure-population", "measure-population-exclusion", "measure-observation"),
        *("events", "censored", "competing-events", "at-risk", "described"),
    }
)
_METHODS = {
    "log-log": "Curves are Kaplan-Meier estimates (cumulative incidences: Aalen-Johansen) with log-log 95% intervals; "
    "medians have Brookmeyer-Crowley intervals.",
    "clopper-pearson": "Percentages have exact 95% intervals (Clopper-Pearson).",
    "exact-poisson": "Rates have exact 95% intervals (Poisson).",
    "efron-wald": "Hazard ratios come from a Cox model with Efron's handling of ties and Wald 95% intervals. Subgroups "
    "were not randomised: comparisons are exploratory.",
}


def read_notes(statistics, definitions):
    """{code: Statistic} and {code of a population: its definition} -> list of (heading, text)."""
    counts = {code: n for s in reversed(statistics.values()) for code, n in s.counts.items() if code not in _COUNTED}
    notes = [(say_count(n, counts, code), definitions.get(code, code)) for code, n in sorted(counts.items()) if n != 0]
    notes += [
        (say_number(s), s.text) for code, s in statistics.items() if code.startswith(UNREAD) and (s.value or s.absent)
    ]
    return notes


def is_suppressed(statistics):
    """Whether any number of the report is masked."""
    parts = [part for s in statistics.values() for part in (s, *s.strata.values())]
    return any(part.absent == MASKED or None in part.counts.values() for part in parts)


def read_methods(statistics):
    """A sentence for each method that an interval of the report was made by."""
    methods = {part.method for s in statistics.values() for part in (s, *s.strata.values())}
    return [sentence for method, sentence in _METHODS.items() if method in methods]
