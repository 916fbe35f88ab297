"""Curves as resources within a report: month by month, and exact (https://hl7.org/fhir/R4/datatypes.html#SampledData).

Rule 7 of section 6 of the definitions. An Observation holds one curve sampled by month, a DocumentReference all of
its steps, those of the strata too, as CSV.
"""

import csv
from base64 import b64encode
from hashlib import sha256
from io import StringIO
from re import fullmatch
from typing import NamedTuple

from ..endpoints.partial import DAYS_PER_MONTH
from ..stats.survival import StepCurve
from .groups import OWN, STATISTIC, UCUM, literal, slug

EXTENSION = f"{OWN}/StructureDefinition/curve"
COLUMNS = ("time_d", "n_risk", "n_event", "n_censor", "S", "se", "lo", "hi", "stratum")

_ANALYSED = "analysed"  # id of the Group
_MONTH_MS = 2629800000  # 30.4375 days


class StratumCurve(NamedTuple):
    """A curve with the counts {(days, event): patients} it was made of; of all analysed without a stratifier."""

    counts: dict
    curve: StepCurve
    stratifier: str | None = None  # its code
    value: str | None = None


def add_curves(groups, code, text, curves):
    """Contain the curves of a statistic that anybody is in: an Observation for each, one DocumentReference for all."""
    curves = [each for each in curves if each.curve.last is not None]
    if not curves:
        return
    if not groups.contained:
        groups.contained.append(_analysed(groups.tally.denominator))
    groups.contained += [_observation(code, text, each) for each in curves]
    groups.contained.append(_document(code, text, curves))


def link_curves(contained):
    """The extensions of a MeasureReport that refer to the curves it contains."""
    return [
        {"url": EXTENSION, "valueReference": {"reference": f"#{resource['id']}"}}
        for resource in contained
        if resource["id"] != _ANALYSED
    ]


def _analysed(n):
    return {"resourceType": "Group", "id": _ANALYSED, "type": "person", "actual": True, "quantity": n}


def _observation(code, text, each):
    stratum = f", {each.stratifier}: {each.value}" if each.stratifier else ""
    return {
        "resourceType": "Observation",
        "id": _id("curve", code, *([each.stratifier, each.value] if each.stratifier else [])),
        "status": "final",
        "code": {
            "coding": [{"system": STATISTIC, "code": f"{code}-curve"}],
            "text": f"{text}{stratum}: curve, 95% limits and number at risk by month",
        },
        "subject": {"reference": f"#{_ANALYSED}"},
        "valueSampledData": {
            "origin": {"value": 0, "unit": "1", "system": UCUM, "code": "1"},
            "period": _MONTH_MS,
            "dimensions": 4,
            "data": " ".join(_by_month(each.curve)),
        },
        **({"component": [{"code": {"text": each.stratifier}, "valueString": each.value}]} if each.stratifier else {}),
    }


def _by_month(curve):
    """The curve, its limits and the number at risk at each month of the follow-up; E is not estimable."""
    for month in range(int(curve.last // DAYS_PER_MONTH) + 1):
        day = month * DAYS_PER_MONTH
        yield from ("E" if number is None else literal(number) for number in curve.landmark(day))
        yield str(curve.at_risk(day))


def _document(code, text, curves):
    table = StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in curves:
        stratum = f"{each.stratifier}={each.value}" if each.stratifier else ""
        writer.writerows((*row, stratum) for row in _steps(each))
    return {
        "resourceType": "DocumentReference",
        "id": _id("steps", code),
        "status": "current",
        "subject": {"reference": f"#{_ANALYSED}"},
        "description": f"{text}: every step of the curve",
        "content": [{"attachment": {"contentType": "text/csv", "data": b64encode(table.getvalue().encode()).decode()}}],
    }


def _steps(each):
    """The cells of a line for each day on which an observation ended, all but the stratum."""
    ended = {}
    for (time, event), n in each.counts.items():
        ended.setdefault(time, [0, 0])[not event] += n
    at_risk = sum(each.counts.values())
    for time in sorted(ended):
        events, censored = ended[time]
        step = each.curve.step_at(time)
        value, low, high = each.curve.landmark(time)
        numbers = (value, step.se if step else 0, low, high)
        yield literal(time), at_risk, events, censored, *("" if n is None else literal(n) for n in numbers)
        at_risk -= events + censored


def _id(*parts):
    """An id of a contained resource: its parts as codes; the digest of a value that an id or a code cannot tell."""
    name = "-".join(map(slug, parts))
    value = parts[-1].replace(">=", "ge").replace("<", "lt")
    if slug(value) == value and fullmatch(r"[A-Za-z0-9\-.]{1,64}", name):
        return name
    return f"{parts[0]}-{sha256(repr(parts).encode()).hexdigest()[:32]}"
