"""Who is analysed: rule C9, one reason a patient (https://hl7.org/fhir/R4/researchsubject.html)."""

from ..fhir.dates import from_day
from .disease import has_cancer, her2_status, shows_extent
from .index import Index, find_index
from .outcome import Excluded
from .parameters import COMMON
from .usable import once_for
from .vital_status import find_death

# Reason -> words, in the order in which the criteria are tried.
EXCLUSIONS = {
    "enrolment-not-active": "enrolled, but not active in the study",
    "no-index-drug": "no usable dose of the index drug",
    "no-combination": "index drug not combined as the measure requires",
    "index-date-unknown": "date of the first dose known by its year at best",
    "index-before-period": "first dose before the period",
    "under-age": "younger than the measure requires",
    "cancer-not-confirmed": "cancer not confirmed",
    "extent-not-met": "extent of disease not shown on or before the index",
    "her2-not-positive": "not HER2-positive",
    "prior-advanced-therapy": "index line is not the first of advanced disease",
    "death-before-index": "death recorded before the index",
}

_ENROLLED = frozenset(
    {"eligible", "on-study", "on-study-intervention", "on-study-observation", "follow-up", "off-study"}
)


@once_for(*COMMON, "combineWith", "combinationWindowDays")
def screen(facts, plan):
    """The Index of a patient who meets the common criteria, Excluded for the first not met, None for outsiders.

    `facts` are usable data. Outsiders are persons who belong to no initial population: see docs/outcomes.md.
    """
    parameters = plan.parameters
    subjects = [s for s in facts.research_subjects if s.study == plan.study]
    if parameters["requireEnrolment"]:
        if not subjects:
            return None
        if not any(s.status in _ENROLLED for s in subjects):
            return Excluded("enrolment-not-active")
    index = find_index(facts, plan)
    if isinstance(index, Excluded):
        outsider = index.reason == "no-index-drug" and not parameters["requireEnrolment"]
        return None if outsider else index
    if plan.start is not None and index.day < plan.start:
        return Excluded("index-before-period")
    reason = _ineligible(facts, parameters, index.day)
    return Excluded(reason) if reason else index


def screen_living(facts, plan):
    """What `screen` says, but Excluded for somebody who died before the index."""
    index = screen(facts, plan)
    if isinstance(index, Index):
        death = find_death(facts, plan.cutoff)
        if death and death.day < index.day:
            return Excluded("death-before-index")
    return index


def _ineligible(facts, parameters, index):
    if _is_under_age(facts, parameters["minAge"], index):
        return "under-age"
    if parameters["cancer"] and not has_cancer(facts, parameters["cancer"]):
        return "cancer-not-confirmed"
    if not shows_extent(facts, parameters["extent"], index):
        return "extent-not-met"
    if parameters["her2"] == "positive" and her2_status(facts, index) != "positive":
        return "her2-not-positive"
    return None


def _is_under_age(facts, years, index):
    """True when even the earliest day of birth that was written makes the patient younger than `years`."""
    births = [p.birth_lo for p in facts.patients if p.birth_lo is not None]
    return bool(births and years) and completed_years(min(births), index) < years


def completed_years(birth, day):
    """The age on a day; both are days since 1970-01-01."""
    born, today = from_day(birth), from_day(day)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
