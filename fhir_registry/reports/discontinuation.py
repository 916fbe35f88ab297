"""Groups of discontinuation at the second visit (section 1.4, F3 of the definitions)."""

from collections import Counter

from ..endpoints.discontinuation import ONGOING
from ..endpoints.stop_reason import REASONS
from .groups import Groups
from .proportion import add_proportion, stratify_proportion

FLAGS = ("visit-2-missing", "progression-without-pd", "stop-by-gap")

_WORDS = {
    "death": "death",
    "progression": "progression or no response",
    "no-response": "no response (part of progression)",
    "adverse-event": "adverse event",
    "patient-decision": "decision of the patient",
    "physician-decision": "decision of the physician",
    "pregnancy": "pregnancy",
    "access": "financial reasons or not available",
    "lost-to-follow-up": "lost to follow-up or moved away",
    "completed": "completed as planned",
    "other": "other reason",
    "unknown": "reason unknown",
}


def discontinuation_groups(tally, stratifiers=()):
    """Groups of a Tally of Discontinuation: of the patients with a second visit, and of those who discontinued.

    Stratifiers apply to whether treatment was discontinued by the second visit.
    """
    groups = Groups(tally, FLAGS, stratifiers)
    visited = _with_second_visit(tally)
    stopped = Counter()
    for status, n in tally.counts("status").items():
        if status.reason != ONGOING:
            stopped[status.reason] += n

    seen = {"denominator": visited.total(), "denominator-exclusion": tally.initial - visited.total()}
    ongoing = visited[ONGOING]
    text = "Treatment ongoing at the second visit"
    add_proportion(groups, "discontinuation-ongoing", text, ongoing, visited.total(), seen)
    text = "Treatment discontinued by the second visit"
    group = add_proportion(groups, "discontinuation-any", text, *_discontinued(tally), seen)
    stratify_proportion(groups, group, _discontinued)
    _add_reasons(groups, "", "of all with a second visit", visited, visited.total(), seen)
    left = {"denominator": stopped.total(), "denominator-exclusion": tally.initial - stopped.total()}
    _add_reasons(groups, "-of-discontinued", "of all who discontinued", stopped, stopped.total(), left)
    return groups


def _with_second_visit(tally):
    """{reason: patients with a second visit}."""
    visited = Counter()
    for status, n in tally.counts("status").items():
        if status.visit_2:
            visited[status.reason] += n
    return visited


def _discontinued(tally):
    """How many discontinued by the second visit, of how many who had one."""
    visited = _with_second_visit(tally)
    return visited.total() - visited[ONGOING], visited.total()


def _add_reasons(groups, suffix, of_whom, counts, denominator, populations):
    for reason in REASONS:
        n = counts[reason]
        if reason == "progression":
            n += counts["no-response"]
        text = f"Discontinued: {_WORDS[reason]}, {of_whom}"
        add_proportion(groups, f"discontinuation-{reason}{suffix}", text, n, denominator, populations)
