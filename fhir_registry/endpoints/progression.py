"""Real-world progression-free survival and time to progression: sections 1.6 and 1.7 of the definitions.

Methods: https://www.ncbi.nlm.nih.gov/pmc/articles/PMC9123022/, https://www.fda.gov/media/71195/download
"""

from functools import lru_cache
from typing import NamedTuple

from .asserted_line import LineCheck
from .assessment import Assessment, daily_assessments
from .date_sensitivity import with_other_dates
from .outcome import Analysed, Evidence
from .parameters import Parameter, complete_parameters
from .time_to_event import CENSORED, COMPETING, EVENT, PARAMETERS, Subject, Time, earlier, find_subject, within_horizon
from .usable import once, usable_data
from .vital_status import contacts, last_contact

TTP_PARAMETERS = {**PARAMETERS, "pdGraceDays": Parameter("integer", 0, minimum=0)}
PFS_PARAMETERS = {
    **TTP_PARAMETERS,
    "deathWindowDays": Parameter("integer", minimum=0),
    "censorAtNewTherapy": Parameter("boolean", False),
    "treatmentChangeFallback": Parameter("boolean", True),
    "visitGapDays": Parameter("integer", minimum=1),
}


class ProgressionFree(NamedTuple):
    """Time to progression or death; labels progression, death, treatment-change, last-assessment, no-assessment,
    censored-new-therapy, horizon. Each sensitivity differs from the primary analysis in one rule."""

    primary: Time
    s1_30: Time  # deaths count up to 30 days after the last evaluable assessment (the index, when there is none)
    s1_60: Time
    s1_90: Time
    s2: Time  # a PD up to day 14 does not count
    s3: Time  # a new therapy without PD censors at the last assessment up to it
    s4: Time  # no fallback to the treatment change
    s5: Time  # more than 90 days without contact end the follow-up
    s6: Time  # from the start of the index line
    line: LineCheck | None = None
    earliest: Time | None = None  # primary with partial dates read as their first possible day (C4)
    latest: Time | None = None  # as their last


class TimeToProgression(NamedTuple):
    """Time to progression; event EVENT, or COMPETING for death before it; labels as ProgressionFree."""

    primary: Time
    line: LineCheck | None = None
    earliest: Time | None = None  # primary with partial dates read as their first possible day (C4)
    latest: Time | None = None  # as their last


class Rule(NamedTuple):
    """One way to analyse a FollowUp."""

    pd_grace: int  # PD counts from the day after
    death_window: int | None = None  # days after the last evaluable assessment; None: any time
    censor_at_new_therapy: bool = False
    fallback: bool = False  # without an evaluable assessment the treatment change is an event
    visit_gap: int | None = None  # longest time without contact; None: any


# What each sensitivity analysis changes; S6 changes the origin of time.
_SENSITIVITIES = {
    "s1_30": {"death_window": 30},
    "s1_60": {"death_window": 60},
    "s1_90": {"death_window": 90},
    "s2": {"pd_grace": 14},
    "s3": {"censor_at_new_therapy": True},
    "s4": {"fallback": False},
    "s5": {"visit_gap": 90},
}


class FollowUp(NamedTuple):
    """What happened to one patient, in days since the index."""

    assessments: list[Assessment]  # evaluable, one a day, up to death
    death: int | None
    change: int | None  # start of the next line
    contacts: list[int]  # in no order


def check_pfs_parameters(parameters):
    """PFS_PARAMETERS completed; ValueError for a bad one."""
    return complete_parameters(PFS_PARAMETERS, parameters)


def check_ttp_parameters(parameters):
    """TTP_PARAMETERS completed; ValueError for a bad one."""
    return complete_parameters(TTP_PARAMETERS, parameters)


@with_other_dates("primary")
def derive_pfs(facts, plan):
    """Time from index to progression or death -> Analysed(ProgressionFree), Excluded or None."""
    facts = usable_data(facts, plan.cutoff)
    subject = find_subject(facts, plan)
    if not isinstance(subject, Subject):
        return subject
    parameters = plan.parameters
    rule = Rule(
        parameters["pdGraceDays"],
        parameters["deathWindowDays"],
        parameters["censorAtNewTherapy"],
        parameters["treatmentChangeFallback"],
        parameters["visitGapDays"],
    )
    follow_up = _follow_up(facts, plan.cutoff, subject.death, subject.therapy.change, subject.index.day)
    times = {name: progression_free(follow_up, each) for name, each in _rules(rule).items()}
    times["s6"] = times["primary"]
    if subject.therapy.line.start < subject.index.day:
        since_line = _follow_up(facts, plan.cutoff, subject.death, subject.therapy.change, subject.therapy.line.start)
        times["s6"] = progression_free(since_line, rule)
    horizon = parameters["horizonDays"]
    row = ProgressionFree(**{name: within_horizon(time, horizon) for name, time in times.items()}, line=subject.line)
    return _answer(facts, plan, subject, follow_up, row)


@lru_cache(maxsize=64)
def _rules(primary):
    """{field of ProgressionFree: Rule}, all but S6."""
    return {"primary": primary, **{name: primary._replace(**change) for name, change in _SENSITIVITIES.items()}}


@with_other_dates("primary")
def derive_ttp(facts, plan):
    """Time from index to progression, death competing -> Analysed(TimeToProgression), Excluded or None."""
    facts = usable_data(facts, plan.cutoff)
    subject = find_subject(facts, plan)
    if not isinstance(subject, Subject):
        return subject
    follow_up = _follow_up(facts, plan.cutoff, subject.death, subject.therapy.change, subject.index.day)
    time = progression_free(follow_up, Rule(plan.parameters["pdGraceDays"]))
    if time.label == "death":
        time = time._replace(event=COMPETING)
    row = TimeToProgression(within_horizon(time, plan.parameters["horizonDays"]), subject.line)
    return _answer(facts, plan, subject, follow_up, row)


def progression_free(follow_up, rule):
    """The Time of a FollowUp by a Rule; the horizon is not applied."""
    evaluable = _evaluable(follow_up, rule)
    missing = not evaluable
    if rule.visit_gap is not None:
        follow_up = _up_to_gap(follow_up, rule.visit_gap)
        evaluable = _evaluable(follow_up, rule)
    last = max(evaluable, default=0)
    event = _first_event(follow_up, rule, last, missing)
    change = follow_up.change
    if rule.censor_at_new_therapy and not missing and change is not None and (event is None or event.days > change):
        return Time(max((day for day in evaluable if day <= change), default=0), CENSORED, "censored-new-therapy")
    if event is not None:
        return event
    if missing:
        # A treatment change would have been seen until the last contact.
        return Time(max([0, *follow_up.contacts]) if rule.fallback else 0, CENSORED, "no-assessment")
    return Time(last, CENSORED, "last-assessment")


def _evaluable(follow_up, rule):
    """Days of the assessments that count."""
    return [a.day for a in follow_up.assessments if a.value != "PD" or a.day > rule.pd_grace]


def _first_event(follow_up, rule, last, missing):
    """The earliest event as Time, in a tie progression before death before treatment change; or None."""
    event, death, change = None, follow_up.death, follow_up.change
    for a in follow_up.assessments:
        if a.value == "PD" and a.day > rule.pd_grace:
            event = Time(a.day, EVENT, "progression")
            break
    if death is not None and (rule.death_window is None or death - last <= rule.death_window):
        event = earlier(event, Time(death, EVENT, "death"))
    if missing and rule.fallback and change is not None:
        event = earlier(event, Time(change, EVENT, "treatment-change"))
    return event


def _up_to_gap(follow_up, gap):
    """The FollowUp up to the last contact before more than `gap` days without any; what comes after is not seen."""
    days = {*follow_up.contacts, *[a.day for a in follow_up.assessments]}
    end = 0
    for day in sorted([day for day in days if day > 0]):
        if day - end > gap:
            break
        end = day
    return FollowUp(
        [a for a in follow_up.assessments if a.day <= end],
        *(None if day is None or day - end > gap else day for day in (follow_up.death, follow_up.change)),
        [day for day in follow_up.contacts if day <= end],
    )


@once
def _follow_up(facts, cutoff, death, change, origin):
    """The FollowUp with day 0 at `origin`; `death` is a Death, `change` the first Dose of the next line, or None."""
    upper = min(cutoff, death.day) if death else cutoff
    assessments = daily_assessments(facts, origin, upper)
    return FollowUp(
        [a for a in assessments if a.value != "NE" and a.day + origin <= upper],
        death.day - origin if death else None,
        change.day - origin if change else None,
        [day - origin for day, _ in contacts(facts, upper)],
    )


def _answer(facts, plan, subject, follow_up, row):
    """Analysed with what the row rests on: the first PD, else the last evaluable assessment; death, new therapy."""
    index, death, change = subject.index, subject.death, subject.therapy.change
    assessments = follow_up.assessments
    evidence = list(subject.evidence)
    progressions = [a for a in assessments if a.value == "PD"]
    if progressions:
        evidence.append(Evidence("progression", progressions[0].source, "PD"))
    if assessments:
        evidence.append(Evidence("last-assessment", assessments[-1].source, assessments[-1].value))
    if death:
        evidence.append(death.evidence)
    if change:
        evidence.append(Evidence("new-therapy", change.source, change.drug))
    if not assessments:
        evidence.append(Evidence("last-contact", last_contact(facts, plan.cutoff).source))
    imputed = index.imputed or bool(death and death.imputed) or any(a.imputed for a in assessments)
    flags = {"imputed-dates": imputed, "no-evaluable-assessment": not assessments}
    return Analysed(index.day, row, frozenset(flag for flag, holds in flags.items() if holds), tuple(evidence))
