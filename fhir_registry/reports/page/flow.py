"""Who is in the report: from the initial population to those analysed (section 5, row 10 of the definitions)."""

from typing import NamedTuple

from ..reading import EXCLUSION, MASKED
from .wording import say_count, say_number

# Population of the main figure -> words, as far as it has them.
_ENDS = {
    "events": "with the event",
    "competing-events": "with a competing event",
    "censored": "without it by the end of their follow-up",
}


class Flow(NamedTuple):
    """Numbers of patients, in words. reasons, ends: (words, number)."""

    initial: str
    excluded: str
    reasons: list
    analysed: str
    ends: list


def read_flow(statistics):
    """{code: Statistic} -> Flow; None where the report has no initial population."""
    first = next(iter(statistics.values()), None)
    # The first figure may be about some of those analysed; the exclusions are of all.
    whole = next((s for code, s in statistics.items() if code.startswith(EXCLUSION)), first)
    if whole is None or "initial-population" not in whole.counts:
        return None
    counts = whole.counts
    reasons = [
        (statistic.text.removeprefix("Excluded: "), say_number(statistic))
        for code, statistic in statistics.items()
        if code.startswith(EXCLUSION) and (statistic.value or statistic.absent == MASKED)
    ]
    ends = [
        (text, say_count(first.counts[code], first.counts, code))
        for code, text in _ENDS.items()
        if code in first.counts
    ]
    if not ends and first.n != whole.counts.get("denominator"):
        ends = [("in the denominator of the first figure", say_count(first.n, first.counts, first.base))]
    return Flow(
        say_count(counts.get("initial-population"), counts, "initial-population"),
        say_count(counts.get("denominator-exclusion"), counts, "denominator-exclusion"),
        reasons,
        say_count(counts.get("denominator"), counts, "denominator"),
        ends,
    )
