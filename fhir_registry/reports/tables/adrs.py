"""ADRS: one row an assessment of the tumour, and the best overall response (https://doi.org/10.1016/j.ejca.2008.10.026)."""

from ...endpoints.assessment import BEST_FIRST, daily_assessments
from ...endpoints.vital_status import find_death
from .days import dated, study_day
from .table import DATE, INTEGER, KEY, MEASURE, SOURCE, Column, Table, source_columns, yes

COLUMNS = (
    *KEY,
    MEASURE,
    Column("PARAMCD", "Parameter Code"),
    Column("PARAM", "Parameter"),
    Column("ADT", "Analysis Date", DATE),
    Column("ADTF", "Analysis Date Imputation Flag"),
    Column("ADY", "Analysis Relative Day", INTEGER),
    Column("AVALC", "Analysis Value (C)"),
    Column("AVAL", "Analysis Value", INTEGER),
    Column("ANL01FL", "Analysis Flag 01"),
    *SOURCE,
)
# Measures that rest on assessments; the first of them that analyses a person says which of them count.
ENDPOINTS = (
    "best-overall-response",
    "progression-free-survival",
    "time-to-progression",
    "time-to-treatment-failure",
)


def rows(person):
    """Every usable assessment of a Person who is analysed, in order of days; then the best overall response."""
    answers = sorted(person.analysed(*ENDPOINTS), key=lambda answer: ENDPOINTS.index(answer.measure.endpoint))
    if not answers:
        return
    for answer in answers[:1]:
        yield from sorted(_assessments(person, answer), key=lambda row: (row["ADT"], row["SRCSEQ"]))
    for answer in answers:
        if answer.measure.endpoint == "best-overall-response":
            yield _best_response(person, answer)


def _assessments(person, answer):
    counted = _counted(person, answer)
    for o in person.facts.observations:
        if o.topic == "response" and o.effective_lo is not None:
            when = dated("ADT", o.effective_lo, o.effective_hi, person.cutoff)
            # What the analysis made of it: a partial date of progression comes after earlier assessments.
            value, when["ADT"] = counted.get(o.source, (o.value, when["ADT"]))
            yield {
                **person.key(),
                "PARAMCD": "OVR",
                "PARAM": "Overall response at an assessment",
                **when,
                "ADY": study_day(when["ADT"], answer.outcome.index),
                **_value(value),
                "ANL01FL": yes(o.source in counted),
                **source_columns(o.source),
            }


def _counted(person, answer):
    """{Source: (value, day)} of the assessments that count, one a day."""
    if answer.measure.endpoint == "best-overall-response":
        wanted = {evidence.source for evidence in answer.outcome.evidence if evidence.role == "assessment"}
    else:
        wanted = None
    index, death = answer.outcome.index, find_death(person.facts, person.cutoff)
    upper = min(person.cutoff, death.day) if death else person.cutoff
    improved = answer.plan.parameters.get("improvedIsResponse", True)
    found = daily_assessments(person.facts, index, upper, improved)
    return {a.source: (a.value, a.day + index) for a in found if wanted is None or a.source in wanted}


def _best_response(person, answer):
    """The best overall response, dated by the first assessment of that value."""
    best, index = answer.outcome.row.best, answer.outcome.index
    counted = _counted(person, answer)
    days = [(day, source) for source, (value, day) in counted.items() if value == best]
    row = {
        **person.key(),
        "MEASURE": answer.version,
        "PARAMCD": "BOR",
        "PARAM": "Best overall response",
        **_value(best),
        "ANL01FL": "Y",
    }
    if days:
        day, source = min(days)
        row |= {"ADT": day, "ADY": study_day(day, index), **source_columns(source)}
    return row


def _value(value):
    """AVAL orders the responses, 1 the best."""
    return {"AVALC": value, "AVAL": BEST_FIRST.index(value) + 1 if value in BEST_FIRST else None}


TABLE = Table("Tumour responses", lambda measures: COLUMNS, rows)
