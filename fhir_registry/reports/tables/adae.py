"""ADAE: one row a record of an adverse event (https://www.cdisc.org/standards/foundational/adam/adam-data-structure-adverse-event-analysis-v10)."""

from ...endpoints.adverse_events import UNKNOWN_SOC, judge_events
from ...endpoints.treatment_emergence import EMERGENT
from .days import dated, imputation_flag, study_day
from .table import DATE, INTEGER, KEY, MEASURE, SOURCE, Column, Table, source_columns, yes

COLUMNS = (
    *KEY,
    MEASURE,
    Column("AETERM", "Reported Term for the Adverse Event"),
    Column("AEDECOD", "Dictionary-Derived Term"),
    Column("AEBODSYS", "Body System or Organ Class"),
    Column("AEGROUP", "Group of Terms"),
    Column("TRTSDT", "Date of First Exposure to Treatment", DATE),
    Column("ASTDT", "Analysis Start Date", DATE),
    Column("ASTDTF", "Analysis Start Date Imputation Flag"),
    Column("ASTDY", "Analysis Start Relative Day", INTEGER),
    Column("AENDT", "Analysis End Date", DATE),
    Column("AENDTF", "Analysis End Date Imputation Flag"),
    Column("AETOXGR", "Standard Toxicity Grade", INTEGER),
    Column("AESER", "Serious Event"),
    Column("AEREL", "Causality"),
    Column("AEOUT", "Outcome of Adverse Event"),
    Column("AEACNFL", "Led to Discontinuation Flag"),
    Column("TRTEMFL", "Treatment Emergent Analysis Flag"),
    Column("TRTEMRES", "Reason of Treatment Emergent Flag"),
    Column("ICHEMFL", "Treatment Emergent by ICH Flag"),
    Column("UNCAPFL", "Treatment Emergent without End Flag"),
    *SOURCE,
)


def rows(person):
    """Every usable adverse event of a Person who is analysed, in order of resources, for each measure of them."""
    for answer in person.analysed("adverse-events"):
        _, judged = judge_events(person.facts, answer.plan, answer.outcome.index)
        for one in sorted(judged, key=lambda one: one.event.source):
            yield _row(person, answer, one)


def _row(person, answer, judged):
    event, verdict, uncapped = judged
    told = next(row for row in person.facts.adverse_events if row.source == event.source)
    index, episode = answer.outcome.index, event.episode
    return {
        **person.key(),
        "MEASURE": answer.version,
        "AETERM": told.term_text or told.term_code,
        "AEDECOD": episode.term,
        "AEBODSYS": None if event.soc == UNKNOWN_SOC else event.soc,
        "AEGROUP": event.group,
        "TRTSDT": index,
        "ASTDT": episode.onset,
        "ASTDTF": imputation_flag(told.onset_lo, told.onset_hi),
        "ASTDY": study_day(episode.onset, index),
        **dated("AENDT", told.end_lo, told.end_hi),
        "AETOXGR": event.grade,
        "AESER": yes(event.serious),
        "AEREL": event.relatedness,
        "AEOUT": told.outcome,
        "AEACNFL": yes(told.led_to_stop),
        "TRTEMFL": yes(verdict is not None and verdict.reason in EMERGENT),
        "TRTEMRES": verdict.reason if verdict else "progression-listed",
        "ICHEMFL": yes(verdict is not None and verdict.ich),
        "UNCAPFL": yes(uncapped is not None and uncapped.reason in EMERGENT),
        **source_columns(event.source),
    }


TABLE = Table("Adverse events", lambda measures: COLUMNS, rows)
