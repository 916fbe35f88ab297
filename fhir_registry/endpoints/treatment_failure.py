"""Time to treatment failure and to treatment discontinuation: section 1.8 of the definitions.

Methods: https://www.ncbi.nlm.nih.gov/pmc/articles/PMC6873914/, https://www.fda.gov/media/71195/download
"""

from functools import partial
from itertools import pairwise
from typing import NamedTuple

from .asserted_line import LineCheck
from .assessment import daily_assessments
from .date_sensitivity import with_other_dates
from .lines import Dose, parts
from .outcome import Analysed, Evidence
from .parameters import Parameter, complete_parameters
from .stop_reason import REASONS, reasons_of
from .time_to_event import CENSORED, EVENT, Subject, Time, earlier, find_subject, within_horizon
from .time_to_event import PARAMETERS as TIME_TO_EVENT
from .usable import usable_data
from .vital_status import last_contact

PARAMETERS = {
    **TIME_TO_EVENT,
    "pdGraceDays": Parameter("integer", 0, minimum=0),
    "discontinuationGapDays": Parameter("integer", 120, minimum=1),
}
check_parameters = partial(complete_parameters, PARAMETERS)

_ENDED = frozenset({"completed", "stopped"})


class TreatmentFailure(NamedTuple):
    """Times to the end of treatment; labels a reason of CodeSystem stop-reason, stopped, treatment-change,
    gap, ongoing, horizon."""

    ttf: Time  # treatment failure: discontinuation of the regimen, progression or death
    ttd: Time  # discontinuation of all drugs of the regimen, or death
    ttd_index: Time  # discontinuation of the index drugs, or death
    line: LineCheck | None = None
    earliest: Time | None = None  # ttf with partial dates read as their first possible day (C4)
    latest: Time | None = None  # as their last


class Stop(NamedTuple):
    """The end of treatment with some drugs. Days since 1970-01-01."""

    day: int
    label: str | None  # None: treatment goes on; `day` is the last dose
    last: Dose  # before the stop
    evidence: tuple = ()


@with_other_dates("ttf")
def derive(facts, plan):
    """Time from index to the end of treatment -> Analysed(TreatmentFailure), Excluded or None."""
    facts = usable_data(facts, plan.cutoff)
    subject = find_subject(facts, plan)
    if not isinstance(subject, Subject):
        return subject
    index, death, therapy = subject.index, subject.death, subject.therapy
    progression = _progression(facts, plan, subject)
    combinations = plan.parameters["fixedCombinations"]
    index_drugs = frozenset([part for drug in plan.parameters["indexDrugs"] for part in parts(drug, combinations)])
    regimen = _stop(facts, plan, subject, progression, therapy.line.drugs | index_drugs)
    component = _stop(facts, plan, subject, progression, index_drugs)
    row = TreatmentFailure(
        ttf=_time(plan, subject, regimen, progression),
        ttd=_time(plan, subject, regimen),
        ttd_index=_time(plan, subject, component),
        line=subject.line,
    )
    evidence = [*subject.evidence, Evidence("last-dose", regimen.last.source, regimen.last.drug)]
    evidence.append(Evidence("last-dose-of-index-drug", component.last.source, component.last.drug))
    evidence += regimen.evidence
    if progression:
        evidence.append(Evidence("progression", progression.source, "PD"))
    if death:
        evidence.append(death.evidence)
    if therapy.change:
        evidence.append(Evidence("new-therapy", therapy.change.source, therapy.change.drug))
    imputed = index.imputed or bool(death and death.imputed) or bool(progression and progression.imputed)
    return Analysed(index.day, row, frozenset({"imputed-dates"} if imputed else ()), tuple(dict.fromkeys(evidence)))


def _progression(facts, plan, subject):
    """The first PD after the grace up to death, an Assessment; or None."""
    upper = min(plan.cutoff, subject.death.day) if subject.death else plan.cutoff
    for a in daily_assessments(facts, subject.index.day, upper):
        if a.value == "PD" and a.day > plan.parameters["pdGraceDays"] and a.day + subject.index.day <= upper:
            return a
    return None


def _time(plan, subject, stop, progression=None):
    """The Time to the earliest of progression (when given), stop and death; in a tie in this order."""
    origin = subject.index.day
    # An imputed index may lie after the first day of the very dose that it stands for.
    stopped = max(0, stop.day - origin)
    time = Time(progression.day, EVENT, "progression") if progression else None
    if stop.label:
        time = earlier(time, Time(stopped, EVENT, stop.label))
    if subject.death:
        time = earlier(time, Time(subject.death.day - origin, EVENT, "death"))
    return within_horizon(time or Time(stopped, CENSORED, "ongoing"), plan.parameters["horizonDays"])


def _stop(facts, plan, subject, progression, drugs):
    """The Stop of all of these drugs of the index line, by the first rule that holds.

    A gap between two doses; a recorded end of each drug; the treatment change; death; a gap up to the last contact.
    """
    gap, change, death = plan.parameters["discontinuationGapDays"], subject.therapy.change, subject.death
    doses = subject.therapy.doses_of(drugs)
    progressed = progression.day + subject.index.day if progression else None

    def stop(day, last, until, label, reason=None, evidence=()):
        by_progression = progressed is not None and last.day <= progressed <= until
        return Stop(day, "progression" if by_progression else reason or label, last, evidence)

    for dose, following in pairwise(doses):
        if following.day - dose.day > gap and following.day > subject.index.day:
            return stop(dose.day, dose, following.day, "gap")
    last = next(dose for dose in reversed(doses) if change is None or dose.day < change.day)
    ends = _recorded_ends(facts, plan, subject.therapy.line.start, last.day, change)
    if ends and ends.keys() >= {dose.drug for dose in doses if dose.day <= last.day}:
        day = max(end for end, _ in ends.values())
        reason = _first_reason(s for end, s in ends.values() if end == day)
        evidence = tuple(Evidence("end-of-treatment", s.source, ", ".join(reasons_of(s))) for _, s in ends.values())
        return stop(day, last, day, "stopped", reason, evidence)
    contact = last_contact(facts, plan.cutoff)
    if change is None:
        if death and death.day - last.day <= gap:
            return Stop(death.day, "death", last)
        if not death and contact.day - last.day <= gap:
            return Stop(last.day, None, last)
    reason = _first_reason(_rows_at_the_end(facts, plan, last, drugs))
    if change:
        return stop(last.day, last, change.day, "treatment-change", reason)
    evidence = () if death else (Evidence("last-contact", contact.source),)
    return stop(last.day, last, last.day + gap, "gap", reason, evidence)


def _recorded_ends(facts, plan, since, last, change):
    """{drug: (day, statement)}: the latest end on record of each drug from the day `since` to the treatment change.

    {} when all of them are before the dose on the day `last`, which contradicts them.
    """
    ends = {}
    for s in facts.statements:
        if s.status in _ENDED and s.drug and s.end_lo is not None and s.end_lo <= plan.cutoff:
            day = min(s.end_hi, plan.cutoff)
            if since <= day and (change is None or day <= change.day):
                for drug in parts(s.drug, plan.parameters["fixedCombinations"]):
                    ends[drug] = max(ends.get(drug, (day, s)), (day, s), key=lambda end: (end[0], end[1].source))
    return ends if any(day >= last for day, _ in ends.values()) else {}


def _rows_at_the_end(facts, plan, last, drugs):
    """Administrations of these drugs on the day of the last dose, and statements that they ended then or later."""
    given = [a for a in facts.administrations if a.start_lo == last.day]
    ended = [s for s in facts.statements if s.status in _ENDED and s.end_lo is not None and s.end_lo >= last.day]
    combinations = plan.parameters["fixedCombinations"]
    return [row for row in (*given, *ended) if row.drug and drugs.intersection(parts(row.drug, combinations))]


def _first_reason(rows):
    """The weightiest reason that these rows give; no response is progression (section 2.7). None when unknown."""
    told = {reason for row in rows for reason in reasons_of(row)} - {"unknown"}
    reason = min(told, key=REASONS.index, default=None)
    return "progression" if reason == "no-response" else reason
