"""Overall survival: section 1.5 of the definitions (https://www.fda.gov/media/71195/download)."""

from typing import NamedTuple

from .asserted_line import LineCheck
from .date_sensitivity import with_other_dates
from .outcome import Analysed, Evidence
from .parameters import Parameter, complete_parameters
from .time_to_event import CENSORED, EVENT, Subject, Time, find_subject, within_horizon
from .time_to_event import PARAMETERS as TIME_TO_EVENT
from .usable import usable_data
from .vital_status import last_contact

PARAMETERS = {
    **TIME_TO_EVENT,
    "osCensoring": Parameter("code", "last-contact", codes=("last-contact", "registry-through")),
    "deathRegistryThrough": Parameter("date"),
}


class Survival(NamedTuple):
    """Time to death of any cause; labels death, alive, horizon."""

    primary: Time  # by osCensoring
    last_contact: Time | None = None  # sensitivity: the living censored at the last contact, when that is not primary
    registry_through: Time | None = None  # sensitivity: at deathRegistryThrough, when given and not primary
    line: LineCheck | None = None
    earliest: Time | None = None  # primary with partial dates read as their first possible day (C4)
    latest: Time | None = None  # as their last


def check_parameters(parameters):
    """PARAMETERS completed; ValueError for a bad one."""
    complete = complete_parameters(PARAMETERS, parameters)
    if complete["osCensoring"] == "registry-through" and complete["deathRegistryThrough"] is None:
        raise ValueError("parameter 'deathRegistryThrough' is needed with osCensoring 'registry-through'")
    return complete


@with_other_dates("primary")
def derive(facts, plan):
    """Time from index to death of any cause -> Analysed(Survival), Excluded or None."""
    facts = usable_data(facts, plan.cutoff)
    subject = find_subject(facts, plan)
    if not isinstance(subject, Subject):
        return subject
    index, death = subject.index, subject.death
    contact = last_contact(facts, plan.cutoff)
    through = plan.parameters["deathRegistryThrough"]
    ways = {"last-contact": _survival(subject, contact.day, plan)}
    if through is not None:
        ways["registry-through"] = _survival(subject, min(plan.cutoff, through), plan)
    primary = ways.pop(plan.parameters["osCensoring"])
    row = Survival(primary, ways.get("last-contact"), ways.get("registry-through"), subject.line)
    imputed = index.imputed or bool(death and death.imputed)
    end = death.evidence if death else Evidence("last-contact", contact.source)
    return Analysed(index.day, row, frozenset({"imputed-dates"} if imputed else ()), (*subject.evidence, end))


def _survival(subject, censoring_day, plan):
    """The Time to death, or to the day on which the living are censored."""
    if subject.death:
        time = Time(subject.death.day - subject.index.day, EVENT, "death")
    else:
        # An imputed index may lie after the first day of the very dose that it stands for.
        time = Time(max(0, censoring_day - subject.index.day), CENSORED, "alive")
    return within_horizon(time, plan.parameters["horizonDays"])
