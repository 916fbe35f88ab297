"""The latent record of a made-up patient: what truly happened, in whole days since 1970-01-01.

Classes follow the clinical facts of mCODE (https://hl7.org/fhir/us/mcode/STU4/), not the resources that report them.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from ..fhir.dates import day_interval, from_day, to_day

GIVEN = frozenset(["completed", "in-progress", "stopped"])
USABLE = frozenset(["final", "amended", "corrected"])


class Hospital(NamedTuple):
    """A sender and its habits."""

    id: str
    name: str
    city: str
    country: str
    zone: str
    drugs: str  # rxnorm | snomed | atc | atc-legacy | local | text
    medication: str  # inline | contained | entry: where the Medication stands
    response: str  # LOINC code of its response observations
    answers: str  # loinc | snomed
    conditions: str  # icd | snomed
    intent: bool  # whether it codes the intent of prior therapies
    mcode: bool
    narrative: bool


@dataclass
class Dose:
    """One administration; `amount` in mg, None when the hospital does not send it."""

    day: int
    drug: str
    amount: float | None = None
    status: str = "completed"
    precision: str = "day"
    site: str | None = None
    identified: bool = True
    repeated: bool = False  # the same identifier sent twice

    @property
    def given(self):
        return self.status in GIVEN

    @property
    def interval(self):
        """(first, last) day that the reported date may mean."""
        return day_interval(written(self.day, self.precision))


@dataclass
class Assessment:
    """One response assessment; `value` is CR, PR, SD, NON-CR/NON-PD, PD or NE."""

    day: int
    value: str
    status: str = "final"
    evidence: str = "imaging"

    @property
    def usable(self):
        return self.status in USABLE


@dataclass
class Regimen:
    """Systemic therapy told by a statement an agent; `setting` is neoadjuvant, adjuvant or advanced."""

    drugs: tuple
    setting: str
    start: int
    end: int | None
    precision: str = "day"
    stop_reason: str | None = None
    asserted: int | None = None
    intent_known: bool = False

    @property
    def first_day(self):
        """The first day on which it may have begun, as it is reported."""
        return day_interval(written(self.start, self.precision))[0]


@dataclass
class AdverseEvent:
    """One adverse event with its CTCAE grade."""

    day: int
    end: int | None
    term: tuple  # (MedDRA code, name)
    grade: int
    serious: bool = False
    in_error: bool = False
    reason: str = "new"  # why it counts, or does not, by the definition in three parts (docs/outcomes.md)
    causality: str | None = "Probably-Likely"  # WHO-UMC; None: not assessed
    led_to_stop: bool = False


@dataclass
class Person:
    """Everybody's record. `excluded` is the reason why the registry's measures leave the patient out."""

    number: int
    hospital: Hospital
    birth: int
    index: int | None
    enrolled: bool = True
    excluded: str | None = None
    birth_precision: str = "day"
    diagnosis: int | None = None  # primary tumour
    advanced: int | None = None  # first evidence of advanced disease
    surgery: int | None = None
    death: int | None = None
    death_precision: str = "day"  # day | month | year | observation
    doses: list = field(default_factory=list)
    assessments: list = field(default_factory=list)
    visits: list = field(default_factory=list)
    adverse_events: list = field(default_factory=list)
    regimens: list = field(default_factory=list)

    def last_contact(self, cutoff):
        """Day of the last patient contact up to `cutoff`; None without any (rule C7)."""
        days = [*self.visits, *(e.day for e in self.adverse_events if not e.in_error)]
        days += [d.interval[0] for d in self.doses if d.given]
        days += [a.day for a in self.assessments if a.usable]
        return max((d for d in days if d <= cutoff), default=None)

    def death_day(self, cutoff, reading="middle"):
        """Day of death as an analyst reads the reported date (rule C4); None when alive at `cutoff`.

        reading: of a partial date, middle, earliest or latest.
        """
        if self.death is None:
            return None
        reported = written(self.death, self.death_precision)
        first, last = day_interval(reported)
        if first > cutoff:
            return None
        if first == last:
            return first
        day = {"middle": middle_day(reported), "earliest": first, "latest": last}[reading]
        return min(max(day, self.last_contact(cutoff) or first), cutoff)


def written(day, precision="day"):
    """A day as FHIR date, shortened to the month or the year."""
    literal = from_day(day).isoformat()
    return {"month": literal[:7], "year": literal[:4]}.get(precision, literal)


def middle_day(literal):
    """The day that stands for a FHIR date: the 15th of a month, 1 July of a year (rule C4)."""
    return day_of(literal + {4: "-07-01", 7: "-15", 10: ""}[len(literal)])


def day_of(literal):
    """`2024-07-31` -> whole days since 1970-01-01."""
    return to_day(date.fromisoformat(literal))
