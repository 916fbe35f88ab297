"""Cancer, extent of disease and HER2 status of one patient: sections 2.2 and 2.3 of the definitions.

Profiles: https://hl7.org/fhir/us/mcode/STU4/group-disease.html
"""

from .usable import once

_DISTANT = frozenset({"distant", "recurrence-distant"})
_ADVANCED = _DISTANT | {"locally-advanced"}
_METASTATIC = frozenset({("stage", "IV"), ("m-category", "M1"), ("metastasis", "positive")})  # topic and value
_DE_NOVO_DAYS = 90  # spread found this soon after the diagnosis was there at the diagnosis
HER2_WINDOW_DAYS = 28  # results up to this long after the index still describe the tumour treated
# A later one weighs more on the same day.
_HER2_TOPICS = ("her2", "her2-ihc", "her2-copies", "her2-ratio", "her2-ish")
# Least values of a positive in-situ hybridisation: HER2/CEP17 and HER2 copies a cell (ASCO/CAP).
_HER2_POSITIVE = {"her2-ratio": 2.0, "her2-copies": 6.0}
_FROM_EVER = -(10**6)  # stands for an unknown day in the past


def has_cancer(facts, kind):
    """True when a usable Condition is of this kind, such as `breast`."""
    return any(c.kind == kind for c in facts.conditions)


@once
def advanced_day(facts):
    """The first day of advanced disease, or None: the earliest evidence, else the first palliative therapy."""
    days = [day for day in _evidence(facts, _ADVANCED) if day != _FROM_EVER]
    if not days:
        therapies = (*facts.administrations, *facts.statements)
        days = [t.start_lo for t in therapies if t.intent == "palliative" and t.start_lo is not None]
    return min(days, default=None)


@once
def advanced_since(facts):
    """The day from which therapies are for advanced disease: `advanced_day`, or the diagnosis when de novo."""
    day = advanced_day(facts)
    if day is None:
        return None
    diagnoses = [c for c in facts.conditions if c.kind == "breast" and c.onset_lo is not None]
    de_novo = [c.onset_lo for c in diagnoses if c.onset_lo <= day <= c.onset_hi + _DE_NOVO_DAYS]
    return min([day, *de_novo])


def disease_onset(facts, index):
    """`de-novo`: metastatic (else advanced) on or before the index and at the diagnosis; `recurrent`: later; or None.

    Of several diagnoses the first counts. A distant recurrence says that it is one.
    """
    if any(c.kind == "recurrence-distant" and (c.onset_lo is None or c.onset_lo <= index) for c in facts.conditions):
        return "recurrent"
    spread = [day for day in _evidence(facts, _DISTANT) if _FROM_EVER < day <= index] or [
        day for day in _evidence(facts, _ADVANCED) if _FROM_EVER < day <= index
    ]
    diagnoses = [(c.onset_lo, c.onset_hi) for c in facts.conditions if c.kind == "breast" and c.onset_lo is not None]
    if not spread or not diagnoses:
        return None
    earliest, latest = min(diagnoses)
    if min(spread) > latest + _DE_NOVO_DAYS:
        return "recurrent"
    # A diagnosis long after the spread is one that was told late.
    return "de-novo" if min(spread) >= earliest - _DE_NOVO_DAYS else None


def shows_extent(facts, extent, index):
    """True when the disease was `advanced` or `metastatic` on or before the index. Undated evidence counts."""
    if extent == "any":
        return True
    days = _evidence(facts, _DISTANT if extent == "metastatic" else _ADVANCED)
    if not days and extent == "advanced":
        days = [d for d in [advanced_day(facts)] if d is not None]
    return any(day <= index for day in days)


@once
def _evidence(facts, kinds):
    days = [c.onset_lo for c in facts.conditions if c.kind in kinds]
    # A stage within a Condition may be newer than the onset: it dates nothing.
    days += [None for c in facts.conditions if c.stage in ("IV", "M1")]
    days += [o.effective_lo for o in facts.observations if (o.topic, o.value) in _METASTATIC]
    return [_FROM_EVER if day is None else day for day in days]


@once
def her2_status(facts, index):
    """`positive`, `negative` or None (no conclusive result) up to HER2_WINDOW_DAYS after the index.

    A positive result in advanced disease wins; else the latest result, of one day ISH before IHC.
    """
    since = advanced_since(facts)
    results = []
    for o in facts.observations:
        if o.topic not in _HER2_TOPICS:
            continue
        verdict = _her2_verdict(o)
        day = _FROM_EVER if o.effective_lo is None else o.effective_lo
        if verdict is None or day > index + HER2_WINDOW_DAYS:
            continue
        if verdict == "positive" and since is not None and day >= since:
            return "positive"
        results.append((day, _HER2_TOPICS.index(o.topic), verdict))
    return max(results)[2] if results else None


def _her2_verdict(observation):
    if observation.value in ("positive", "negative"):
        return observation.value
    if observation.value == "not-detected":
        return "negative"
    if observation.topic == "her2-ihc":
        score = observation.value_number
        if score is None and observation.value in ("0", "1+", "2+", "3+"):
            score = int(observation.value[0])
        # 2+ is equivocal: it takes an in-situ hybridisation to decide.
        return {0: "negative", 1: "negative", 3: "positive"}.get(score)
    least = _HER2_POSITIVE.get(observation.topic)
    return "positive" if least is not None and (observation.value_number or 0) >= least else None
