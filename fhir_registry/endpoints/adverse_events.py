"""Adverse events under the index drug: section 1.3 of the definitions (CTCAE v5, https://ctep.cancer.gov).

Resource: https://hl7.org/fhir/R4/adverseevent.html
"""

from functools import partial
from typing import NamedTuple

from .facts import Source
from .index import Index
from .outcome import Analysed, Evidence, Items
from .parameters import COMMON, Parameter, complete_parameters
from .partial import impute, middle
from .population import screen_living
from .stop_reason import find_stops
from .treatment_emergence import EMERGENT, Episode, Verdict, classify
from .usable import usable_data
from .vital_status import find_death

PARAMETERS = {
    **COMMON,
    "windowDays": Parameter("decimal", 730.0, minimum=1),
    "afterLastDoseDays": Parameter("integer", 30, minimum=0),
    "progressionTerms": Parameter("terms"),
}
check_parameters = partial(complete_parameters, PARAMETERS)

# What a patient can have had, in the order of a report.
CATEGORIES = ("any", "serious", "grade3plus", "fatal", "related", "related-or-unassessed", "discontinuation")
UNKNOWN_SOC = "soc-unknown"
UNKNOWN_GRADE = 0
_GRADE_OF_SEVERITY = {"mild": 1, "moderate": 2, "severe": 3}
_INFUSION_DAYS = 2  # a longer period of one administration is a cycle: its end is the last dose


class AdverseEvents(NamedTuple):
    """Grades are 1 to 5, or UNKNOWN_GRADE."""

    three_part: Items  # of CATEGORIES, by the registry's definition: the primary analysis
    ich: Items  # of CATEGORIES, by the treatment-emergent flag of ICH
    uncapped: Items  # of CATEGORIES, by the registry's definition without an end after the last dose
    socs: Items  # (organ class, worst grade)
    terms: Items  # (organ class, term, worst grade)
    groups: Items  # (group of terms, worst grade)
    reasons: Items  # of treatment_emergence: one a record, not one a patient
    progression: Items  # terms of progression that are listed, not counted
    events: int  # records that count
    days_to_first: int  # days under observation up to the first event, or all
    days: int  # days under observation


class Event(NamedTuple):
    """A usable adverse event, read."""

    episode: Episode
    soc: str
    group: str | None
    grade: int | None
    by_severity: bool  # the grade was told as a severity
    serious: bool
    relatedness: str | None
    led_to_stop: bool
    imputed: bool
    source: Source


class Window(NamedTuple):
    """Observation under treatment, from the index on. Days since 1970-01-01."""

    end: int
    uncapped_end: int  # whatever the last dose
    last_dose: Source


class Judged(NamedTuple):
    """An event and the verdicts on it; None for a term of progression, which is listed only."""

    event: Event
    verdict: Verdict | None
    uncapped: Verdict | None  # without an end after the last dose


def derive(facts, plan):
    """Adverse events since the first dose -> Analysed(AdverseEvents), Excluded or None."""
    facts = usable_data(facts, plan.cutoff)
    index = screen_living(facts, plan)
    if not isinstance(index, Index):
        return index
    death = find_death(facts, plan.cutoff)

    window, judged = judge_events(facts, plan, index.day)
    excluded = Items(sorted({j.event.episode.term for j in judged if j.verdict is None}))
    judged = [j for j in judged if j.verdict]
    stopped = bool(judged) and _stopped_for_event(facts.stored, plan, _doses(facts, plan))
    counted = [j for j in judged if j.verdict.reason in EMERGENT]
    ours = [j.event for j in counted]
    row = AdverseEvents(
        three_part=_categories(ours, stopped),
        ich=_categories([j.event for j in judged if j.verdict.ich], stopped),
        uncapped=_categories([j.event for j in judged if j.uncapped.reason in EMERGENT], stopped),
        socs=_worst(((e.soc,), e.grade) for e in ours),
        terms=_worst(((e.soc, e.episode.term), e.grade) for e in ours),
        groups=_worst(((e.group,), e.grade) for e in ours if e.group),
        reasons=Items(sorted(j.verdict.reason for j in judged)),
        progression=excluded,
        events=len(ours),
        days_to_first=min((j.verdict.day for j in counted), default=window.end) - index.day + 1,
        days=window.end - index.day + 1,
    )
    evidence = [*index.evidence, *map(_evidence, judged), Evidence("last-dose", window.last_dose)]
    if death:
        evidence.append(death.evidence)
    return Analysed(index.day, row, _flags(index, death, ours, excluded), tuple(evidence))


def judge_events(facts, plan, index):
    """(Window, [Judged]) of usable data; `index` is the day of the first dose."""
    last_day, last_dose = max((_last_day(a, index, plan.cutoff), a.source) for a in _doses(facts, plan))
    uncapped_end = _end(plan, index, find_death(facts, plan.cutoff))
    window = Window(min(uncapped_end, last_day + plan.parameters["afterLastDoseDays"]), uncapped_end, last_dose)
    read = [_read(e, index, plan.cutoff) for e in facts.adverse_events]
    progression = plan.parameters["progressionTerms"] or frozenset()
    events = [e for e in read if e.episode.term not in progression]
    verdicts = classify([e.episode for e in events], index, window.end)
    uncapped = classify([e.episode for e in events], index, window.uncapped_end)
    judged = list(map(Judged, events, verdicts, uncapped))
    return window, judged + [Judged(e, None, None) for e in read if e.episode.term in progression]


def _doses(facts, plan):
    return [a for a in facts.administrations if a.drug in plan.parameters["indexDrugs"] and a.start_lo is not None]


def _read(event, index, cutoff):
    """The Event of a row; its onset, where it may be before or after the index, is the index."""
    onset, imputed = None, False
    if event.onset_lo is not None:
        onset = _onset(event, index)
        imputed = event.onset_lo != event.onset_hi
    fatal = event.outcome == "fatal" and (event.end_lo is None or event.end_lo <= cutoff)
    grade = 5 if fatal else event.grade
    by_severity = grade is None and event.severity in _GRADE_OF_SEVERITY
    if by_severity:
        grade = _GRADE_OF_SEVERITY[event.severity]
    return Event(
        episode=Episode(_term(event), onset, event.end_hi, grade, event.detected_lo),
        soc=event.soc or UNKNOWN_SOC,
        group=event.term_group,
        grade=grade,
        by_severity=by_severity,
        # Serious, SeriousResultsInDeath ..., in upper or lower case.
        serious=(event.seriousness or "").lower().startswith("serious"),
        relatedness=event.relatedness,
        led_to_stop=bool(event.led_to_stop),
        imputed=imputed,
        source=event.source,
    )


def _onset(event, index):
    lo, hi = event.onset_lo, event.onset_hi
    if hi < index:
        return middle(lo, hi)
    if lo >= index:
        return lo
    return lo if event.end_hi is not None and event.end_hi < index else index


def _term(event):
    """The same for records of the same event: the term, else the words in which it was sent."""
    return event.term or " ".join((event.term_text or event.term_code or "term unknown").lower().split())


def _last_day(administration, index, cutoff):
    """The day of an administration, or of the last dose of a cycle told as one."""
    start = impute(administration.start_lo, administration.start_hi, index, cutoff)
    if administration.end_hi is None or administration.end_hi - administration.start_lo <= _INFUSION_DAYS:
        return start
    return max(start, min(administration.end_hi, cutoff))


def _end(plan, index, death):
    """The last day of observation, whatever the last dose."""
    days = [int(index + plan.parameters["windowDays"]), plan.cutoff]
    return min([*days, death.day] if death else days)


def _stopped_for_event(facts, plan, doses):
    """True when a reason recorded for the stop of an index drug is an adverse event."""
    stops = find_stops(facts, plan.parameters["indexDrugs"], [a.start_lo for a in doses], plan.cutoff)
    return any("adverse-event" in stop.reasons for same_source in stops for stop in same_source)


def _categories(events, stopped):
    grades = [e.grade or UNKNOWN_GRADE for e in events]
    relatedness = [e.relatedness for e in events]
    holds = {
        "any": bool(events),
        "serious": any(e.serious for e in events),
        "grade3plus": any(grade >= 3 for grade in grades),
        "fatal": 5 in grades,
        "related": "related" in relatedness,
        "related-or-unassessed": any(value != "not-related" for value in relatedness),
        "discontinuation": bool(events) and (stopped or any(e.led_to_stop for e in events)),
    }
    return Items(category for category in CATEGORIES if holds[category])


def _worst(graded):
    """Items (*key, worst grade), each key once, of pairs (key, grade)."""
    worst = {}
    for key, grade in graded:
        worst[key] = max(worst.get(key, UNKNOWN_GRADE), grade or UNKNOWN_GRADE)
    return Items(sorted((*key, grade) for key, grade in worst.items()))


def _flags(index, death, events, excluded):
    flags = {
        "imputed-dates": index.imputed or bool(death and death.imputed) or any(e.imputed for e in events),
        "onset-unknown": any(e.episode.onset is None for e in events),
        "grade-from-severity": any(e.by_severity for e in events),
        "grade-unknown": any(e.grade is None for e in events),
        "progression-listed": bool(excluded),
    }
    return frozenset(flag for flag, holds in flags.items() if holds)


def _evidence(judged):
    event, verdict, _ = judged
    grade = "" if event.grade is None else f" G{event.grade}"
    role = "event" if verdict.reason in EMERGENT else "not-counted"
    return Evidence(role, event.source, f"{event.episode.term}{grade}: {verdict.reason}")
