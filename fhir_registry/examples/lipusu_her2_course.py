"""What was seen of a made-up patient on first-line anti-HER2 antibodies (https://www.fda.gov/media/71195/download)."""

from typing import NamedTuple

from .codes import HORMONAL
from .lipusu_her2 import LIPOSOME

ANTIBODIES = frozenset({"trastuzumab", "pertuzumab", "inetetamab"})
GAP_DAYS = 120  # longer without a dose is the end of a line and of a treatment
REFILL_DAYS = 28  # tablets are counted as a dose each so many days


class Course(NamedTuple):
    """Up to death or the cut-off; days are counted from the first day, as those of the analyses are."""

    seen: list  # (day, value) of assessments after day 0, in order
    contacts: list
    death: int | None
    doses: list  # (day, drug) of the first line and what belongs to it, in order
    change: int | None  # start of the next line

    @property
    def progression(self):
        return next((day for day, value in self.seen if value == "PD"), None)

    @property
    def last_seen(self):
        return max((day for day, _ in self.seen), default=0)


def follow(person, cutoff, origin, reading="middle"):
    """The Course of a person with day 0 at `origin`; reading: of a partial date of death."""
    death = person.death_day(cutoff, reading)
    until = cutoff if death is None else min(death, cutoff)
    doses = [(d.day, d.drug) for d in person.doses if d.given and d.day <= until]
    line = sorted(d for d in doses if d[1] == LIPOSOME or d[1] in ANTIBODIES)
    line, change = continue_line(line, doses, [r for r in person.regimens if r.start > person.index], until)
    return Course(
        sorted(
            (a.day - origin, a.value)
            for a in person.assessments
            if a.usable and a.value != "NE" and origin < a.day <= until
        ),
        sorted(day - origin for day in contact_days(person, until) if day > origin),
        death and death - origin,
        [(day - origin, drug) for day, drug in line],
        change and change - origin,
    )


def continue_line(line, doses, later, until):
    """(doses of the line, day of the next line or None); endocrine maintenance belongs to the line."""
    starts = [day for day, drug in doses if (day, drug) not in line and day > line[0][0]]
    for regimen in later:
        if regimen.start <= until:
            kept_up = HORMONAL.issuperset(regimen.drugs) and regimen.start - line[-1][0] <= GAP_DAYS
            if kept_up:
                days = range(regimen.start, min(regimen.end, until) + 1, REFILL_DAYS)
                line = sorted(line + [(day, drug) for drug in regimen.drugs for day in days])
            else:
                starts.append(regimen.start)
    return line, min(starts, default=None)


def contact_days(person, until):
    """All days on which somebody saw the patient, up to `until`."""
    days = [*person.visits, *(e.day for e in person.adverse_events if not e.in_error)]
    days += [d.day for d in person.doses if d.given]
    days += [a.day for a in person.assessments if a.usable]
    return [day for day in days if day <= until]
