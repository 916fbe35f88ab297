"""One patient's mapped rows: the contract between the mappings and the derivations.

Each NamedTuple is read from the mapped table of the view named in VIEWS; a field is a column of that
view. A column whose FHIR type is date, dateTime or instant is stored as three: `x` (as written),
`x_lo` and `x_hi` (whole days since 1970-01-01, both inclusive; see fhir/dates.py). All are None when
absent. Codes are canonical: the ConceptMap named in the view's column has been applied, None where no
map knows the code (`*_code` and `*_text` keep what the site sent).

Every table also has the columns of `Source`; they come first in each tuple.
"""

from typing import NamedTuple

# Values of drug_class. What stands after the slash is a sub-class.
DRUG_CLASSES = (
    "chemo",
    "hormonal/anti-oestrogen",
    "hormonal/aromatase-inhibitor",
    "hormonal/progestogen",
    "hormonal/ofs",  # GnRH analogue: never a line by itself
    "hormonal-if-breast-cancer",  # progestogens of ATC G03: hormonal only with a breast cancer indication
    "targeted",
    "targeted/adc",
    "immuno",
    "supportive",
    "ignored",
)


class Source(NamedTuple):
    """Where a row comes from. `submission` is the write transaction that created the resource."""

    resource: str  # "Observation/123"
    version: int
    submission: int


class Patient(NamedTuple):
    source: Source
    birth_lo: int | None
    birth_hi: int | None
    gender: str | None
    deceased: bool | None  # deceasedBoolean, or True when there is a deceasedDateTime
    death: str | None
    death_lo: int | None
    death_hi: int | None
    replaced_by: str | None  # id of the Patient that this one was merged into
    replaces: str | None  # JSON array of the ids of the Patients that were merged into this one


class Condition(NamedTuple):
    source: Source
    kind: str | None  # breast | in-situ | distant | regional | locally-advanced | recurrence-distant
    verification: str | None  # confirmed, refuted, entered-in-error ...
    stage: str | None  # Condition.stage: IV, M1 ...
    onset_lo: int | None  # onset, else recordedDate
    onset_hi: int | None
    site: str | None  # of a metastasis: liver, lung, bone ...


class Administration(NamedTuple):
    source: Source
    status: str | None
    drug: str | None  # ingredient, e.g. "eribulin" (ConceptMap drug)
    drug_code: str | None
    drug_text: str | None
    drug_class: str | None  # ConceptMap drug-class; see DRUG_CLASSES
    medication: str | None  # id of the Medication when given by reference; resolved into drug by the reader
    start_lo: int | None
    start_hi: int | None
    end_lo: int | None
    end_hi: int | None
    start: str | None  # as written
    dose: float | None
    dose_unit: str | None
    site: str | None  # body site code or text
    identifier: str | None  # system|value
    performer: str | None
    intent: str | None  # neoadjuvant | adjuvant | palliative | curative
    reason: str | None  # stop reason (ConceptMap stop-reason)
    reasons: str | None  # JSON array of all stop reasons
    line: int | None  # of therapy, as asserted


class Statement(NamedTuple):
    source: Source
    status: str | None
    drug: str | None
    drug_code: str | None
    drug_text: str | None
    drug_class: str | None  # ConceptMap drug-class; see DRUG_CLASSES
    medication: str | None
    start_lo: int | None
    start_hi: int | None
    end_lo: int | None
    end_hi: int | None
    asserted_lo: int | None
    asserted_hi: int | None
    identifier: str | None
    intent: str | None
    reason: str | None
    reasons: str | None  # JSON array of all stop reasons
    indication: str | None  # "breast-cancer" when reasonCode says so
    line: int | None  # of therapy, as asserted


class Request(NamedTuple):
    source: Source
    status: str | None
    drug: str | None
    drug_code: str | None
    drug_text: str | None
    drug_class: str | None  # ConceptMap drug-class; see DRUG_CLASSES
    medication: str | None
    authored_lo: int | None
    authored_hi: int | None
    intent: str | None
    reason: str | None
    reasons: str | None  # JSON array of all stop reasons
    line: int | None  # of therapy, as asserted


class Observation(NamedTuple):
    source: Source
    # response | her2 | her2-ihc | her2-ish | er | pr | ecog | karnofsky | stage | m-category | metastasis |
    # death | dead | vital-status | menopause | no-prior-therapy
    topic: str | None
    status: str | None
    effective_lo: int | None
    effective_hi: int | None
    value: str | None  # canonical: CR PR SD NON-CR/NON-PD PD NE; positive negative equivocal; IV; M1 ...
    value_code: str | None
    value_number: float | None
    value_unit: str | None
    identifier: str | None
    evidence: str | None  # imaging | physical-exam | pathology | lab


class AdverseEvent(NamedTuple):
    source: Source
    actuality: str | None
    term: str | None  # ConceptMap ae-term, else the code as sent
    soc: str | None  # system organ class (ConceptMap ae-soc)
    term_group: str | None  # ConceptMap ae-group
    term_system: str | None
    term_code: str | None
    term_text: str | None
    onset_lo: int | None
    onset_hi: int | None
    detected_lo: int | None  # when the event was found to be as it is told
    detected_hi: int | None
    recorded_lo: int | None
    recorded_hi: int | None
    end_lo: int | None
    end_hi: int | None
    grade: int | None  # CTCAE, 1 to 5
    severity: str | None
    seriousness: str | None
    outcome: str | None
    causality: str | None
    relatedness: str | None  # related | not-related | unassessed
    led_to_stop: bool | None
    identifier: str | None
    in_error: bool | None  # meta.tag entered-in-error


class Procedure(NamedTuple):
    source: Source
    kind: str | None  # breast-surgery | oophorectomy | radiotherapy | other
    status: str | None
    start_lo: int | None
    start_hi: int | None
    end_lo: int | None
    end_hi: int | None


class Encounter(NamedTuple):
    source: Source
    status: str | None
    visit: str | None  # visit-1 | visit-2 | other code
    start_lo: int | None
    start_hi: int | None
    end_lo: int | None
    end_hi: int | None
    disposition: str | None  # discharge disposition code, e.g. "exp"


class ResearchSubject(NamedTuple):
    source: Source
    study: str | None  # id of the ResearchStudy
    status: str | None
    start_lo: int | None
    start_hi: int | None


class EpisodeOfCare(NamedTuple):
    """A line of therapy, as asserted."""

    source: Source
    status: str | None
    line: int | None  # its number
    intent: str | None  # neoadjuvant | adjuvant | palliative | curative | maintenance
    start_lo: int | None
    start_hi: int | None
    end_lo: int | None
    end_hi: int | None


class Consent(NamedTuple):
    """A withdrawal that holds."""

    source: Source
    mode: str | None  # stop-collection | retain-until-withdrawal | erase
    withdrawn_lo: int | None
    withdrawn_hi: int | None


VIEWS = {
    "patient": Patient,
    "condition": Condition,
    "medication_administration": Administration,
    "medication_statement": Statement,
    "medication_request": Request,
    "observation": Observation,
    "adverse_event": AdverseEvent,
    "procedure": Procedure,
    "encounter": Encounter,
    "research_subject": ResearchSubject,
    "episode_of_care": EpisodeOfCare,
    "consent": Consent,
}


class PatientFacts(NamedTuple):
    """All mapped rows of one person: lists in order of resource id, one list a view.

    A merged person (Patient.link replaced-by) has several `patients`, the surviving one first.
    """

    subject: str  # Patient id
    first_known_dead: int | None  # day the server first stored a version with a death and no date
    patients: list[Patient]
    conditions: list[Condition]
    administrations: list[Administration]
    statements: list[Statement]
    requests: list[Request]
    observations: list[Observation]
    adverse_events: list[AdverseEvent]
    procedures: list[Procedure]
    encounters: list[Encounter]
    research_subjects: list[ResearchSubject]
    episodes_of_care: list[EpisodeOfCare]
    consents: list[Consent]
