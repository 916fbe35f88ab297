"""The MeasureReport of one patient: the answer, and the rows it rests on (https://hl7.org/fhir/R4/measurereport.html)."""

from ..endpoints.outcome import Excluded, Items
from ..endpoints.population import EXCLUSIONS
from ..endpoints.time_to_event import CENSORED, COMPETING, EVENT, Time
from ..fhir.dates import from_day
from .envelope import report_envelope
from .groups import DAYS, Unit, list_populations, quantity

_NUMBER = Unit("1", "1")
_POPULATIONS = {EVENT: "events", CENSORED: "censored", COMPETING: "competing-events"}


def individual_report(measure, patient, answer, plan, date, reporter=None):
    """The individual MeasureReport (dict) of an Analysed or Excluded; patient: id.

    One group a field of the answer, its words in the text of the group. `evaluatedResource` names the version of each
    resource that the answer rests on, and says in `display` what it proves.
    """
    excluded = isinstance(answer, Excluded)
    populations = {"initial-population": 1, "denominator-exclusion": int(excluded), "denominator": int(not excluded)}
    if excluded:
        words = EXCLUSIONS.get(answer.reason, answer.reason)  # a custom measure has reasons of its own
        groups, evidence = [_group(f"Excluded: {words} ({answer.reason})", populations)], ()
    else:
        populations |= dict.fromkeys(sorted(answer.flags), 1)
        groups, evidence = _answer_groups(answer, populations), answer.evidence
    return {
        "resourceType": "MeasureReport",
        **report_envelope(measure, "individual", plan.start, plan.cutoff, date, reporter, f"Patient/{patient}"),
        "group": groups,
        **({"evaluatedResource": [_trace(each) for each in evidence]} if evidence else {}),
    }


def _answer_groups(answer, populations):
    # A custom measure knows no index.
    dated = [] if answer.index is None else [f"Index date: {from_day(answer.index).isoformat()}"]
    groups = [_group(text, populations) for text in dated]
    groups += [_group(f"{code}: {value}", populations) for code, value in answer.characteristics]
    for field, value in answer.row._asdict().items():
        groups += _field_groups(field.replace("_", " "), value, populations)
    return groups


def _field_groups(name, value, populations):
    match value:
        case Time(days, event, label):
            kind = _POPULATIONS[event]
            score = quantity(days, DAYS)
            return [_group(f"{name}: {kind.removesuffix('s')}: {label}", {**populations, kind: 1}, score)]
        case Items():
            return [_group(f"{name}: {_words(item)}", populations) for item in value]
        case int() | float() if not isinstance(value, bool):
            return [_group(name, populations, quantity(value, _NUMBER))]
        case None:
            return [_group(f"{name}: not known or not asked for", populations)]
    return [_group(f"{name}: {_words(value)}", populations)]


def _words(value):
    if hasattr(value, "_fields"):
        return ", ".join(f"{name.replace('_', ' ')} {_words(part)}" for name, part in value._asdict().items())
    if isinstance(value, tuple):
        return ", ".join(_words(part) for part in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _group(text, populations, score=None):
    group = {"code": {"text": text}, "population": list_populations(populations)}
    return group if score is None else {**group, "measureScore": score}


def _trace(evidence):
    source = evidence.source
    display = f"{evidence.role}: {evidence.note}" if evidence.note else evidence.role
    return {"reference": f"{source.resource}/_history/{source.version}", "display": display}
