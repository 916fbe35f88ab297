"""What a patient was like at the index: sections 2.2 and 2.3 of the definitions.

Every function takes UsableData and the index day (days since 1970-01-01); None: it cannot be told.
Profiles: https://hl7.org/fhir/us/mcode/STU4/group-assessment.html
"""

from .disease import HER2_WINDOW_DAYS
from .partial import middle
from .population import completed_years
from .therapy import systemic_therapies
from .usable import once

_METASTATIC = frozenset({"distant", "recurrence-distant"})  # kinds of Condition
_PERFORMANCE_DAYS = 60  # a performance status older than this tells nothing
_POSTMENOPAUSAL_YEARS = 60
_SUPPRESSED_DAYS = 120
_POSITIVE_PERCENT = 1  # of nuclei (ASCO/CAP)


def find_sex(facts, index):
    """`female`, `male` or `other`, of the surviving record first."""
    return next((p.gender for p in facts.patients if p.gender not in (None, "unknown")), None)


@once
def find_age(facts, index):
    """Completed years; the day of a partial birth date is its middle (C4)."""
    births = [middle(p.birth_lo, p.birth_hi) for p in facts.patients if p.birth_lo is not None]
    return completed_years(births[0], index) if births else None


def hormone_receptor_status(facts, index):
    """`positive`: the oestrogen or the progesterone receptor is; `negative`: both are known to be."""
    receptors = {_receptor_status(facts, topic, index) for topic in ("er", "pr")}
    if "positive" in receptors:
        return "positive"
    return "negative" if receptors == {"negative"} else None


def _receptor_status(facts, topic, index):
    """The latest conclusive result up to as long after the index as for HER2; positive, if two of one day differ."""
    results = [
        (-1 if o.effective_lo is None else o.effective_lo, verdict == "positive", verdict)
        for o in facts.observations
        if o.topic == topic
        and (o.effective_lo is None or o.effective_lo <= index + HER2_WINDOW_DAYS)
        and (verdict := _receptor_verdict(o))
    ]
    return max(results)[2] if results else None


def _receptor_verdict(observation):
    if observation.value in ("positive", "negative"):
        return observation.value
    if observation.value_unit != "%" or observation.value_number is None:
        return None
    return "positive" if observation.value_number >= _POSITIVE_PERCENT else "negative"


def performance_status(facts, index):
    """ECOG 0 to 4: the last within 60 days up to the index, as such before by Karnofsky, then the worst of one day."""
    found = [
        (o.effective_lo, o.topic == "ecog", status)
        for o in facts.observations
        if o.topic in ("ecog", "karnofsky")
        and o.effective_lo is not None
        and o.effective_lo <= index <= o.effective_hi + _PERFORMANCE_DAYS
        and (status := _ecog(o)) is not None
    ]
    return max(found)[2] if found else None


def _ecog(observation):
    number = observation.value_number
    if observation.topic == "karnofsky":
        # 100 and 90 are ECOG 0, 80 and 70 are 1 ... 20 and 10 are 4.
        return (100 - int(number)) // 20 if number is not None and 10 <= number <= 100 else None
    if number is None and observation.value in ("0", "1", "2", "3", "4"):
        number = int(observation.value)
    return int(number) if number in (0, 1, 2, 3, 4) else None


def menopausal_status(facts, index):
    """`premenopausal` or `postmenopausal`: the last one stated, else by ovaries removed, age or their suppression."""
    stated = [
        (-1 if o.effective_lo is None else o.effective_lo, o.value)
        for o in facts.observations
        if o.topic == "menopause"
        and o.value in ("premenopausal", "postmenopausal")
        and (o.effective_lo is None or o.effective_lo <= index)
    ]
    if stated:
        return max(stated)[1]
    if find_sex(facts, index) == "male":
        return None
    if any(p.kind == "oophorectomy" and (p.start_lo is None or p.start_lo <= index) for p in facts.procedures):
        return "postmenopausal"
    if (find_age(facts, index) or 0) >= _POSTMENOPAUSAL_YEARS:
        return "postmenopausal"
    return "premenopausal" if any(_suppresses(t, index) for t in systemic_therapies(facts)) else None


def _suppresses(therapy, index):
    """True when the ovaries are suppressed at the index: the last dose is no longer ago than makes a stop."""
    if not therapy.suppression or therapy.first_day is None or therapy.first_day > index:
        return False
    last = therapy.end_hi if therapy.repeated or therapy.end_hi is not None else therapy.start_hi
    return last is None or last >= index - _SUPPRESSED_DAYS


def latest_value(facts, index, topic):
    """The canonical value of the last Observation of a topic on or before the index; undated ones are the oldest."""
    found = [
        (-1 if o.effective_lo is None else o.effective_lo, o.value)
        for o in facts.observations
        if o.topic == topic and o.value is not None and (o.effective_lo is None or o.effective_lo <= index)
    ]
    return max(found)[1] if found else None


def has_metastasis(facts, index, sites):
    """True when a metastasis of one of these sites is on record; False: all that are have other sites; else None."""
    found = {c.site for c in facts.conditions if c.kind in _METASTATIC and (c.onset_lo is None or c.onset_lo <= index)}
    if found & sites:
        return True
    return None if not found or None in found else False
