"""ADTTE: one row a person and time-to-event analysis (https://www.cdisc.org/standards/foundational/adam/adam-basic-data-structure-bds-time-event-tte-analyses-v1-0)."""

from typing import NamedTuple

from ...endpoints.assessment import daily_assessments
from ...endpoints.outcome import Evidence
from ...endpoints.time_to_event import CENSORED, COMPETING, EVENT, find_subject
from ...endpoints.vital_status import find_death
from .days import imputation_flag
from .table import DATE, INTEGER, KEY, MEASURE, NUMBER, SOURCE, Column, Table, source_columns


class Parameter(NamedTuple):
    code: str
    text: str
    last_dose: str = "last-dose"  # role of the evidence of the last dose


# (endpoint, field of its row) -> PARAMCD and PARAM.
PARAMETERS = {
    ("overall-survival", "primary"): Parameter("OS", "Overall survival"),
    ("overall-survival", "last_contact"): Parameter("OSLC", "Overall survival, the living censored at last contact"),
    ("overall-survival", "registry_through"): Parameter(
        "OSREG", "Overall survival, the living censored where the death registry ends"
    ),
    ("progression-free-survival", "primary"): Parameter("PFS", "Progression-free survival"),
    ("progression-free-survival", "s1_30"): Parameter("PFSS130", "PFS, S1: deaths within 30 days of assessment"),
    ("progression-free-survival", "s1_60"): Parameter("PFSS160", "PFS, S1: deaths within 60 days of assessment"),
    ("progression-free-survival", "s1_90"): Parameter("PFSS190", "PFS, S1: deaths within 90 days of assessment"),
    ("progression-free-survival", "s2"): Parameter("PFSS2", "PFS, S2: no progression up to day 14"),
    ("progression-free-survival", "s3"): Parameter("PFSS3", "PFS, S3: censored at new therapy"),
    ("progression-free-survival", "s4"): Parameter("PFSS4", "PFS, S4: treatment change is no event"),
    ("progression-free-survival", "s5"): Parameter("PFSS5", "PFS, S5: 90 days without contact end follow-up"),
    ("progression-free-survival", "s6"): Parameter("PFSS6", "PFS, S6: from the start of the line"),
    ("time-to-progression", "primary"): Parameter("TTP", "Time to progression"),
    ("time-to-treatment-failure", "ttf"): Parameter("TTF", "Time to treatment failure"),
    ("time-to-treatment-failure", "ttd"): Parameter("TTD", "Time to treatment discontinuation"),
    ("time-to-treatment-failure", "ttd_index"): Parameter(
        "TTDIDX", "Time to discontinuation of the index drug", "last-dose-of-index-drug"
    ),
}
ENDPOINTS = tuple(dict.fromkeys(endpoint for endpoint, _ in PARAMETERS))

COLUMNS = (
    *KEY,
    MEASURE,
    Column("PARAMCD", "Parameter Code"),
    Column("PARAM", "Parameter"),
    Column("STARTDT", "Time-to-Event Origin Date for Subject", DATE),
    Column("ADT", "Analysis Date", DATE),
    Column("ADTF", "Analysis Date Imputation Flag"),
    Column("AVAL", "Analysis Value", NUMBER),
    Column("AVALU", "Analysis Value Unit"),
    Column("CNSR", "Censor", INTEGER),
    Column("EVNTDESC", "Event or Censoring Description"),
    Column("CNSDTDSC", "Censor Date Description"),
    *SOURCE,
    Column("SRCVAR", "Source Variable"),
)

# ADaM has 0 for an event.
_CNSR = {EVENT: 0, CENSORED: 1, COMPETING: 2}
_CENSORED_AT = {
    "alive": "last contact",
    "censored-new-therapy": "last evaluable assessment up to the new therapy",
    "death": "death before progression",
    "horizon": "end of the horizon",
    "last-assessment": "last evaluable assessment",
    "no-assessment": "last contact",
    "ongoing": "last dose",
}
_BY_ASSESSMENT = ("progression", "last-assessment", "censored-new-therapy")
# Without any assessment that counts these are censored on day 0.
_ON_THE_INDEX = ("no-assessment", "last-assessment", "censored-new-therapy")
# Dates of a row that are of no event.
_OTHER_DATES = ("birth", "asserted", "detected", "recorded")


def rows(person):
    """The rows of a Person, in the order of the measures and of their analyses."""
    for answer in person.analysed(*ENDPOINTS):
        for field, time in zip(answer.outcome.row._fields, answer.outcome.row, strict=True):
            # Times by other dates have another origin: they are not in the table.
            if time is not None and (answer.measure.endpoint, field) in PARAMETERS:
                yield _row(person, answer, field, time)


def _row(person, answer, field, time):
    parameter = PARAMETERS[answer.measure.endpoint, field]
    start = _line_start(person, answer) if field == "s6" else answer.outcome.index
    day = start + int(time.days)
    censor = _CNSR[time.event]
    return {
        **person.key(),
        "MEASURE": answer.version,
        "PARAMCD": parameter.code,
        "PARAM": parameter.text,
        "STARTDT": start,
        "ADT": day,
        # ADaM counts the day of origin as day 1, the report as day 0.
        "AVAL": float(time.days + 1),
        "AVALU": "DAYS",
        "CNSR": censor,
        "EVNTDESC": time.label,
        "CNSDTDSC": _censored_at(field, time) if censor else None,
        **_source(person, answer, parameter, time.label, day),
    }


def _line_start(person, answer):
    """The first day of the index line, where it lies before the index."""
    subject = find_subject(person.facts, answer.plan)
    return min(subject.index.day, subject.therapy.line.start)


def _censored_at(field, time):
    if field == "registry_through" and time.label == "alive":
        return "end of the death registry"
    if time.days == 0 and time.label in _ON_THE_INDEX:
        return "index date"
    return _CENSORED_AT[time.label]


def _source(person, answer, parameter, label, day):
    """The columns of the record that dates an analysis, and the imputation flag; {} when no record does."""
    for evidence in _candidates(person, answer, parameter, label, day):
        for row in person.rows_of(evidence.source):
            for name, lo, hi, flag in _dates(row):
                if lo <= day <= hi:
                    return {**source_columns(evidence.source), "SRCVAR": name, "ADTF": flag}
        if evidence.role == "death" and find_death(person.facts, person.cutoff).day == day:
            return {**source_columns(evidence.source), "ADTF": "Y"}  # the record has no date of it
    return {}


def _candidates(person, answer, parameter, label, day):
    """Evidence of what happened on a day, the likeliest first."""
    if label == "horizon":
        return
    if label in _BY_ASSESSMENT:
        yield from _assessments(person, day, label)
    if label in ("alive", "no-assessment"):
        roles = ("last-contact", "index")
    else:
        # A stop may have been recorded as one for progression or death, days before it.
        first = "death" if label == "death" else "new-therapy"
        roles = (first, "end-of-treatment", parameter.last_dose, "index")
    for role in roles:
        yield from (evidence for evidence in answer.outcome.evidence if evidence.role == role)


def _assessments(person, day, label):
    """The assessment that counts on a day, as Evidence."""
    death = find_death(person.facts, person.cutoff)
    upper = min(person.cutoff, death.day) if death else person.cutoff
    # Days since 1970-01-01: whatever the origin of the analysis is.
    for a in daily_assessments(person.facts, 0, upper):
        if a.day == day and (a.value == "PD" or label != "progression"):
            yield Evidence("assessment", a.source)


def _dates(row):
    """(name, lo, hi, imputation flag) of the dates of a row; a period last: it stands for the doses within."""
    for field in row._fields:
        name, _, end = field.rpartition("_")
        lo = getattr(row, field)
        if end == "lo" and lo is not None and name not in _OTHER_DATES:
            hi = getattr(row, f"{name}_hi")
            yield name, lo, hi, imputation_flag(lo, hi)
    start, end = getattr(row, "start_lo", None), getattr(row, "end_hi", None)
    if start is not None and end is not None:
        yield "start", start, end, None


TABLE = Table("Times to events", lambda measures: COLUMNS, rows)
