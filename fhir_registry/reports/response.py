"""Groups of best overall response: disease control, response, distribution (section 1.2 of the definitions)."""

from ..endpoints.assessment import BEST_FIRST
from ..stats.intervals import wilson
from .groups import PATIENTS, PERCENT, Groups
from .proportion import add_proportion, percentage, stratify_proportion

_CONTROLLED = frozenset({"CR", "PR", "SD", "NON-CR/NON-PD"})
_RESPONDED = frozenset({"CR", "PR"})


def response_groups(tally, stratifiers=()):
    """Groups of a Tally of Response; stratifiers apply to the rates of all treated."""
    groups = Groups(tally, stratifiers=stratifiers)
    best = dict.fromkeys(BEST_FIRST, 0) | tally.counts("best")
    not_assessed = tally.counts("assessed")[False]
    evaluable = tally.denominator - best["NE"]
    for code, name, values in (
        ("dcr", "Disease control rate (CR, PR, SD, NON-CR/NON-PD)", _CONTROLLED),
        ("orr", "Overall response rate (CR, PR)", _RESPONDED),
    ):
        count = _counter_of(values)
        x, n = count(tally)
        stratify_proportion(groups, _add_rate(groups, code, f"{name}, all treated", x, n, {}), count)
        populations = {"denominator": evaluable, "denominator-exclusion": tally.initial - evaluable}
        _add_rate(groups, f"{code}-evaluable", f"{name}, evaluable", x, evaluable, populations)
    for value, n in best.items():
        code = f"bor-{value.lower().replace('/', '-')}"
        groups.add_number(code, f"Best overall response {value}: patients", n, PATIENTS, {"numerator": n})
    text = "Best overall response NE for want of any assessment: patients (part of NE)"
    groups.add_number("bor-not-assessed", text, not_assessed, PATIENTS, {"numerator": not_assessed})
    return groups


def _counter_of(values):
    """Tally -> (how many have one of these best responses, of how many)."""

    def count(tally):
        best = tally.counts("best")
        return sum(best[value] for value in values), tally.denominator

    return count


def _add_rate(groups, code, text, x, n, populations):
    """A proportion, of which the group is returned, with Wilson's limits beside the exact ones."""
    group = add_proportion(groups, code, text, x, n, populations)
    populations = {**populations, "numerator": x}
    groups.add_limits(code, text, percentage(x, n, wilson), PERCENT, "wilson", populations, infix="wilson-")
    return group
