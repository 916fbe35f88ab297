"""The line of therapy at the index and what ends it: sections 1.8 and 3.3 (https://doi.org/10.1038/s41416-021-01319-8)."""

from typing import NamedTuple

from .disease import advanced_day
from .lines import Dose, Line, line_rules, lines_of_therapy, parts
from .partial import impute, is_year
from .therapy import find_settings, systemic_therapies, therapy_class
from .usable import once


class IndexLine(NamedTuple):
    """Days are days since 1970-01-01."""

    earlier: list[Line]  # lines of advanced disease before the index line
    line: Line
    doses: list[Dose]  # of all lines, in order of days, fixed combinations by their parts
    change: Dose | None  # the dose that starts the next line: the treatment change

    @property
    def number(self):
        """Of the line among those of advanced disease, 1 the first."""
        return len(self.earlier) + 1

    def doses_of(self, drugs):
        """Doses of these drugs up to the treatment change, the day of the change included."""
        last = self.change.day if self.change else self.doses[-1].day
        return [dose for dose in self.doses if dose.drug in drugs and dose.day <= last]


def find_index_line(facts, plan, index, until):
    """The IndexLine of usable data, counting doses up to the day `until` (cut-off or death); `index` is the Index.

    Lines are those of advanced disease and those after the index.
    """
    doses = [dose for dose in _doses(facts, plan, index) if dose.day <= until]
    lines = lines_of_therapy(doses, line_rules(plan.parameters))
    # The last line started by the index is the index line.
    started = [line for line in lines if line.start <= index.day]
    line, following = started[-1], lines[len(started) :]
    return IndexLine(started[:-1], line, doses, _first_dose(doses, following[0], line) if following else None)


def _first_dose(doses, following, line):
    """The dose that starts the following line: of a new drug rather than of one given before."""
    given = [dose for dose in doses if dose.day == following.start]
    return min(given, key=lambda dose: (dose.drug in line.drugs, dose))


def _doses(facts, plan, index):
    """Doses of advanced disease and those that begin at the index or later, in order of days."""
    since = index.day
    if plan.parameters.get("combineWith") and advanced_day(facts) is None:
        since -= plan.parameters["combinationWindowDays"]
    parameters = plan.parameters
    return _doses_since(facts, since, parameters["indexDrugs"], parameters["fixedCombinations"], plan.cutoff)


@once
def _doses_since(facts, since, index_drugs, combinations, cutoff):
    """Doses of advanced disease, and those that begin on the day `since` or later whatever their setting."""
    setting, advanced = find_settings(facts), advanced_day(facts)
    doses = []
    for t in systemic_therapies(facts):
        if t.suppression or t.first_day is None:
            continue
        begun = t.latest_start
        if (begun is not None and begun >= since) or setting(t) == "advanced":
            for day in _days(facts, t, advanced, cutoff):
                for drug in parts(t.agent, combinations):
                    doses.append(Dose(day, drug, t.kind, t.source))
    # A drug of no class, or one that is never a line by itself, is a line when the measure is about it.
    for a in facts.administrations:
        if a.drug not in index_drugs or therapy_class(a) not in (None, "hormonal/ofs"):
            continue
        if a.start_lo is not None and not is_year(a.start_lo, a.start_hi):
            day = impute(a.start_lo, a.start_hi, advanced, cutoff, facts.place)
            doses.append(Dose(day, a.drug, "unclassified", a.source))
    return sorted(doses)


def _days(facts, therapy, advanced, cutoff):
    """Days on which it was given. A single dose is dated as the index is; known by its year, it dates nothing."""
    lo, hi = therapy.start_lo, therapy.start_hi
    if lo == hi or therapy.repeated:
        return therapy.dose_days(cutoff)
    return [] if is_year(lo, hi) else [impute(lo, hi, advanced, cutoff, facts.place)]
