"""Groups of the line of therapy that the record asserts beside the derived one (section 2.4 of the definitions)."""

from .groups import PATIENTS
from .proportion import add_proportion


def add_asserted_line(groups):
    """How many have an asserted line at the index, and how many of them another one as derived (LineChecks `line`)."""
    checks = groups.tally.counts("line")
    del checks[None]
    n = checks.total()
    differing = sum(patients for check, patients in checks.items() if check.asserted != check.derived)
    text = "Line of therapy at the index asserted: patients"
    groups.add_number("line-asserted", text, n, PATIENTS, {"numerator": n})
    populations = {"denominator": n, "denominator-exclusion": groups.tally.initial - n}
    text = "Line of therapy as derived differs from the one asserted"
    add_proportion(groups, "line-asserted-differs", text, differing, n, populations)
