"""ADEX: one row an administration of the index drug or its partner (https://hl7.org/fhir/R4/medicationadministration.html)."""

from ...endpoints.exposure import count_injections, dose_in_mg
from .days import dated, study_day
from .table import DATE, INTEGER, KEY, NUMBER, SOURCE, Column, Table, source_columns, yes

COLUMNS = (
    *KEY,
    Column("EXTRT", "Name of Treatment"),
    Column("EXDOSE", "Dose", NUMBER),
    Column("EXDOSU", "Dose Units"),
    Column("EXDOSMG", "Dose (mg)", NUMBER),
    Column("EXINJ", "Number of Injections", INTEGER),
    Column("EXLOC", "Location of Dose Administration"),
    Column("ASTDT", "Analysis Start Date", DATE),
    Column("ASTDTF", "Analysis Start Date Imputation Flag"),
    Column("ASTDY", "Analysis Start Relative Day", INTEGER),
    Column("AENDT", "Analysis End Date", DATE),
    Column("AENDTF", "Analysis End Date Imputation Flag"),
    Column("OBSPFL", "In Observation Period Flag"),
    *SOURCE,
)


def rows(person):
    """Every usable administration of a Person who is analysed, in order of days; undated ones last."""
    answers = person.analysed()
    drugs = {
        drug for a in answers for name in ("indexDrugs", "combineWith") for drug in a.plan.parameters.get(name) or ()
    }
    doses = [a for a in person.facts.administrations if a.drug in drugs]
    exposure = next(iter(person.analysed("exposure")), None)
    for a in sorted(doses, key=lambda a: (a.start_lo is None, a.start_lo, a.source)):
        start = dated("ASTDT", a.start_lo, a.start_hi, person.cutoff)
        mg = dose_in_mg(a)
        yield {
            **person.key(),
            "EXTRT": a.drug,
            "EXDOSE": a.dose,
            "EXDOSU": a.dose_unit,
            "EXDOSMG": mg,
            "EXLOC": a.site,
            **start,
            "ASTDY": study_day(start.get("ASTDT"), person.index),
            **dated("AENDT", a.end_lo, a.end_hi, person.cutoff),
            **(_counted(exposure, a, mg) if exposure else {}),
            **source_columns(a.source),
        }


def _counted(exposure, administration, mg):
    """What the measure of exposure makes of an administration of its index drug."""
    parameters = exposure.plan.parameters
    if administration.drug not in parameters["indexDrugs"] or administration.start_lo is None:
        return {}
    inside = any(e.role == "dose" and e.source == administration.source for e in exposure.outcome.evidence)
    return {"EXINJ": count_injections(mg, parameters["mgPerInjection"]), "OBSPFL": yes(inside)}


TABLE = Table("Exposure", lambda measures: COLUMNS, rows)
