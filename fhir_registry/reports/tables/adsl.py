"""ADSL: one row a person of an initial population (https://www.cdisc.org/standards/foundational/adam)."""

from ...endpoints.baseline import find_age
from ...endpoints.outcome import Analysed, Excluded
from ...endpoints.partial import impute
from ...endpoints.population import EXCLUSIONS
from ...endpoints.vital_status import find_death, last_known_alive
from .days import dated
from .table import DATE, INTEGER, KEY, Column, Table, yes

COLUMNS = (
    *KEY,
    Column("AGE", "Age", INTEGER),
    Column("AGEU", "Age Units"),
    Column("SEX", "Sex"),
    Column("ENRLFL", "Enrolled Population Flag"),
    Column("ENRLDT", "Date of Enrollment", DATE),
    Column("ENRLDTF", "Date of Enrollment Imputation Flag"),
    Column("SAFFL", "Safety Population Flag"),
    Column("FASFL", "Full Analysis Set Population Flag"),
    Column("EXCLREAS", "Reasons for Exclusion"),
    Column("INDEXDT", "Index Date", DATE),
    Column("TRTSDT", "Date of First Exposure to Treatment", DATE),
    Column("TRTSDTF", "Date of First Exposure Imput. Flag"),
    Column("TRTEDT", "Date of Last Exposure to Treatment", DATE),
    Column("TRTEDTF", "Date of Last Exposure Imput. Flag"),
    Column("DTHFL", "Subject Death Flag"),
    Column("DTHDT", "Date of Death", DATE),
    Column("DTHDTF", "Date of Death Imputation Flag"),
    Column("LSTALVDT", "Date Last Known Alive", DATE),
    Column("DCUTDT", "Date of Data Cut-Off", DATE),
)
# https://www.cdisc.org/standards/terminology/controlled-terminology (SEX); `other` is not in it.
_SEX = {"female": "F", "male": "M", "unknown": "U", "other": "OTHER"}
# How a death is dated -> what was imputed; "Y" all of the date, from what else is known.
_DEATH_FLAGS = {"": None, "C4 mid-month": "D", "C4 mid-year": "M"}


def columns(measures):
    """COLUMNS, then a flag of each measure and one of each characteristic that the measures ask for."""
    flags = [Column(_name(measure.id, "FL"), f"Analysed by {measure.id}") for measure in measures]
    declared = [each for measure in measures for each in (*measure.stratifiers, *measure.supplemental)]
    texts = {_name(each.code, "GR"): each.text for each in reversed(declared)}
    return (*COLUMNS, *flags, *(Column(name, text) for name, text in sorted(texts.items())))


def rows(person):
    """The one row of a Person who is in an initial population; none of anybody else."""
    outcomes = [answer.outcome for answer in person.answers if answer.outcome is not None]
    if not outcomes:
        return
    excluded = {outcome.reason for outcome in outcomes if isinstance(outcome, Excluded)}
    age = None if person.index is None else find_age(person.facts, person.index)
    yield {
        **person.key(),
        "AGE": age,
        "AGEU": None if age is None else "YEARS",
        "SEX": next((_SEX[p.gender] for p in person.facts.patients if p.gender in _SEX), None),
        **_enrolment(person),
        **_exposure(person),
        "FASFL": yes(person.index is not None),
        "EXCLREAS": "; ".join(reason for reason in EXCLUSIONS if reason in excluded),
        "INDEXDT": person.index,
        **_vital_status(person),
        "DCUTDT": person.cutoff,
        **{_name(a.measure.id, "FL"): yes(isinstance(a.outcome, Analysed)) for a in person.answers if a.outcome},
        **_characteristics(person),
    }


def _enrolment(person):
    study = person.answers[0].plan.study
    subjects = [s for s in person.facts.research_subjects if s.study == study]
    dates = [(s.start_lo, s.start_hi) for s in subjects if s.start_lo is not None]
    return {"ENRLFL": yes(bool(subjects)), **dated("ENRLDT", *min(dates, default=(None, None)), person.cutoff)}


def _exposure(person):
    """First and last dose of the index drugs of all measures."""
    drugs = frozenset().union(*(answer.plan.parameters["indexDrugs"] for answer in person.answers))
    doses = [a for a in person.facts.administrations if a.drug in drugs]
    dates = [(a.start_lo, a.start_hi) for a in doses if a.start_lo is not None]
    if not dates:
        return {"SAFFL": yes(bool(doses))}
    first, last = (choose(dates, key=lambda dates: impute(*dates, upper=person.cutoff)) for choose in (min, max))
    return {"SAFFL": "Y", **dated("TRTSDT", *first, person.cutoff), **dated("TRTEDT", *last, person.cutoff)}


def _vital_status(person):
    death, contact = find_death(person.facts, person.cutoff), last_known_alive(person.facts, person.cutoff)
    status = {"DTHFL": yes(death is not None), "LSTALVDT": contact}
    if death:
        status |= {"DTHDT": death.day, "DTHDTF": _DEATH_FLAGS.get(death.evidence.note, "Y")}
    return status


def _characteristics(person):
    """Of several measures the first that tells a characteristic."""
    told = {}
    for answer in reversed(person.analysed()):
        told |= {_name(code, "GR"): value for code, value in answer.outcome.characteristics}
    return told


def _name(code, suffix):
    return f"{code}-{suffix}".upper().replace("-", "_")


TABLE = Table("Persons", columns, rows)
