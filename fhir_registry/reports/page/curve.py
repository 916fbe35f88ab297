"""Curves of a report, their steps and their values by month (https://hl7.org/fhir/R4/datatypes.html#SampledData)."""

import base64
import csv
import io
import math
from typing import NamedTuple

from ...endpoints.partial import DAYS_PER_MONTH
from ..curves import EXTENSION
from ..reading import extensions, words

_NOT_ESTIMABLE = ("", "E", "U", "L")  # in the table; in SampledData


class Step(NamedTuple):
    """The curve from `time` (months) on; `low` and `high` are None where they cannot be estimated."""

    time: float
    events: int
    censored: int
    value: float
    low: float | None
    high: float | None


class Curve(NamedTuple):
    """The curve of a statistic, such as `os`.

    stratifier (its code), stratum: empty for all patients. months: [value, low, high, number at risk] of each month,
    None for what cannot be estimated. exact: False where the steps are those of the months, for want of a table.
    note: why it is less than a whole curve, where small numbers are suppressed: then `steps` are the points that are
    known, and what is between them is not.
    """

    code: str
    text: str
    stratifier: str
    stratum: str
    steps: list
    months: list
    exact: bool
    note: str

    @property
    def is_incidence(self):
        """Whether it rises from 0 (cumulative incidence) instead of falling from 1."""
        return "-cif" in self.code


def read_curves(report):
    """MeasureReport (dict) -> list of Curve, in the order in which the report names them."""
    contained = {f"#{resource['id']}": resource for resource in report.get("contained", ()) if "id" in resource}
    references = (link.get("valueReference", {}).get("reference") for link in extensions(report, EXTENSION))
    linked = [contained[reference] for reference in references if reference in contained]
    steps = {}
    for resource in linked:
        if resource["resourceType"] == "DocumentReference":
            steps[resource["id"].removeprefix("steps-")] = _read_steps(resource)
    return [_read_curve(resource, steps) for resource in linked if resource["resourceType"] == "Observation"]


def _read_steps(document):
    """{stratum as in the table, "" of all patients: its Steps} of an attachment text/csv; nothing from other tables."""
    steps = {}
    try:
        data = base64.b64decode(document["content"][0]["attachment"]["data"])
        for row in csv.DictReader(io.StringIO(data.decode())):
            low, high = (_number(row[side]) for side in ("lo", "hi"))
            time = _finite(row["time_d"]) / DAYS_PER_MONTH
            step = Step(time, int(row["n_event"] or 0), int(row["n_censor"] or 0), _finite(row["S"]), low, high)
            steps.setdefault(row["stratum"], []).append(step)
    except (KeyError, TypeError, ValueError, csv.Error):  # somebody else's report
        return {}
    return steps


def _read_months(data):
    """The four numbers of each month in the data of a SampledData; nothing when these are not numbers."""
    try:
        numbers = list(map(_number, data.split()))
    except ValueError:  # somebody else's report
        return []
    return [numbers[k : k + 4] for k in range(0, len(numbers) - 3, 4)]


def _read_curve(observation, steps):
    code = next((coding["code"] for coding in observation["code"].get("coding", ()) if "code" in coding), "")
    code = code.removesuffix("-curve")
    component = next(iter(observation.get("component", ())), {})
    stratifier, stratum = words(component.get("code", {})), component.get("valueString", "")
    exact = steps.get(code, {}).get(f"{stratifier}={stratum}" if stratifier else "", [])
    months = _read_months(observation.get("valueSampledData", {}).get("data", ""))
    by_month = [Step(month, 1, 0, *numbers[:3]) for month, numbers in enumerate(months) if numbers[0] is not None]
    text = words(observation["code"]).partition(": curve")[0]
    note = " ".join(note.get("text", "") for note in observation.get("note", ()))
    return Curve(code, text, stratifier, stratum, exact or by_month, months, bool(exact), note)


def _number(text):
    """The number in a cell; None where it cannot be estimated. Raises ValueError for what is no number."""
    return None if text in _NOT_ESTIMABLE else _finite(text)


def _finite(text):
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a number on an axis")
    return number
