"""Curves thinned until no step tells of few patients (section 5, item 8, of the oncology definitions).

A point of a curve tells how many had the event, and how many were censored, up to it. Points are kept where between any
two of them nobody left, or at least as many as the threshold, of each kind; landmarks first, then months, then days.
A landmark at which only the censored are few keeps its survival and loses its number at risk.
"""

import re
from base64 import b64decode, b64encode
from bisect import bisect_left, bisect_right, insort
from itertools import pairwise
from math import log
from typing import NamedTuple

from ..endpoints.partial import DAYS_PER_MONTH
from .curves import COLUMNS, EXTENSION
from .groups import literal
from .published_counts import Cell, code_of, stratum_of
from .time_to_event import LANDMARK_MONTHS

_LANDMARK = re.compile(r"(.+)-rate-(\d+)m")
_INCIDENCE = re.compile(r"-cif(-death)?$")
_EVENTS, _CENSORED = slice(0, -1), slice(-1, None)  # kinds of ends
_DIMENSIONS = 4  # of the SampledData: curve, its limits, at risk
_NOTE = "thinned: between two points nobody left, or at least {} of each kind"


class Step(NamedTuple):
    """A line of the CSV; `numbers` are S, se, lo, hi as they are written."""

    time: float
    events: int
    censored: int
    numbers: tuple


class Observed:
    """The running totals of each kind of end in curves of the same patients."""

    def __init__(self, ends):
        """ends: {time: a count for each kind}."""
        self.times = sorted(ends)
        self._totals = [(0,) * len(next(iter(ends.values())))]
        for time in self.times:
            self._totals.append(tuple(map(sum, zip(self._totals[-1], ends[time], strict=True))))

    @property
    def last(self):
        return self.times[-1]

    def before(self, time):
        return self._totals[bisect_left(self.times, time)]

    def until(self, time):
        return self._totals[bisect_right(self.times, time)]

    def at_risk(self, time):
        return sum(self._totals[-1]) - sum(self.before(time))

    def allows(self, earlier, time, later, threshold, kinds):
        """May there be a point at `time` between two others (None: the beginning, the end)?"""
        states = (
            self._totals[0] if earlier is None else self.until(earlier),
            self.before(time),
            self.until(time),
            self._totals[-1] if later is None else self.before(later),
        )
        differences = (y - x for one, other in pairwise(states) for x, y in zip(one[kinds], other[kinds], strict=True))
        return all(n == 0 or n >= threshold for n in differences)


class Points(NamedTuple):
    """Times of a curve that tell of no few patients, the first to be asked for first.

    kept: steps with all their numbers. shown: landmarks of which survival is printed without the number at risk.
    """

    kept: list
    shown: list


def read_steps(report):
    """{family: {code of the curve: {stratum or None: [Step]}}}; curves of competing events are of one family."""
    families = {}
    for resource in report.get("contained", ()):
        if resource["resourceType"] == "DocumentReference":
            code = resource["id"].removeprefix("steps-")
            families.setdefault(_INCIDENCE.sub("", code), {})[code] = _read_document(resource)
    return families


def thin_curves(families, threshold):
    """{family: Points of the curve of all}."""
    points = {}
    for family, documents in families.items():
        observed = _observe(documents, [None])
        months = range(int(observed.last // DAYS_PER_MONTH) + 1)
        landmarks = [month * DAYS_PER_MONTH for month in LANDMARK_MONTHS]
        candidates = [*landmarks, *(month * DAYS_PER_MONTH for month in months), *observed.times]
        points[family] = _choose([observed], candidates, threshold, landmarks)
    return points


def withheld_landmarks(report, points, threshold):
    """The numbers at risk (Cells) of landmarks that tell of few patients, and those whose survival may be printed."""
    withheld, shown, unseen = set(), set(), {}
    for group in report["group"]:
        if found := _LANDMARK.fullmatch(code_of(group["code"])):
            curve, month = found[1], int(found[2])
            cell, time = Cell(f"{curve} at-risk {month}"), month * DAYS_PER_MONTH
            if curve not in points:
                unseen.setdefault(curve, []).append((month, group))
            elif time not in points[curve].kept:
                withheld.add(cell)
                if time in points[curve].shown:
                    shown.add(cell)
    for curve, landmarks in unseen.items():
        withheld |= {Cell(f"{curve} at-risk {month}") for month in _telling(landmarks, threshold)}
    return withheld, shown


def write_curves(report, families, points, suppressed, threshold):
    """Thin the curves of a MeasureReport (dict), in place; what is suppressed has none."""
    times = {}  # (family, stratum) -> times
    for family, documents in families.items():
        names = {"denominator", f"{family} events", f"{family} censored"}
        hidden = {cell.stratum for cell in suppressed if cell.name in names}
        if None not in hidden:
            times[family, None] = points[family].kept
            times |= _thin_strata(family, documents, points[family].kept, hidden, threshold)
    report["contained"] = [
        resource for resource in report["contained"] if _rewrite(resource, families, times, threshold)
    ]
    references = {f"#{resource['id']}" for resource in report["contained"]}
    report["extension"] = [
        each
        for each in report["extension"]
        if each["url"] != EXTENSION or each["valueReference"]["reference"] in references
    ]
    if not any(resource["resourceType"] != "Group" for resource in report["contained"]):
        report["contained"] = []
    for name in ("contained", "extension"):
        if not report[name]:
            del report[name]


def _thin_strata(family, documents, kept, hidden, threshold):
    """The strata of a stratifier keep the same points, safe in each and in all that are hidden taken together."""
    stratifiers = {}
    for strata in documents.values():
        for stratum in strata:
            if stratum:
                stratifiers.setdefault(stratum[0], {})[stratum] = None
    times = {}
    for strata in stratifiers.values():
        shown = [stratum for stratum in strata if stratum not in hidden]
        together = [stratum for stratum in strata if stratum in hidden]
        groups = [[stratum] for stratum in shown] + ([together] if together else [])
        chosen = _choose([_observe(documents, group) for group in groups], kept, threshold).kept
        times |= {(family, stratum): chosen for stratum in shown}
    return times


def _observe(documents, strata):
    """The Observed of some strata: each cause of an event, then the censored."""
    causes = [code for code in documents if _INCIDENCE.search(code)] or list(documents)
    ends = {}
    for position, code in enumerate(causes):
        for stratum in strata:
            for step in documents[code].get(stratum, ()):
                counts = ends.setdefault(step.time, [0] * (len(causes) + 1))
                counts[position] += step.events
                # In the first curve the other causes are censored, and are taken away when their own turn comes.
                counts[-1] += step.censored if position == 0 else -step.events
    return Observed(ends)


def _choose(populations, candidates, threshold, landmarks=()):
    """The Points that each population allows, by the events between all and the censored between those kept."""
    points, shown, kept = Points([], []), [], []
    for time in candidates:
        if time in shown or not _allow(populations, shown, time, threshold, _EVENTS):
            continue
        if _allow(populations, kept, time, threshold, _CENSORED):
            points.kept.append(time)
            insort(kept, time)
            insort(shown, time)
        elif time in landmarks and all(each.at_risk(time) >= threshold for each in populations):
            points.shown.append(time)
            insort(shown, time)
    return points


def _allow(populations, times, time, threshold, kinds):
    position = bisect_left(times, time)
    later = times[position] if position < len(times) else None
    earlier = times[position - 1] if position else None
    return all(each.allows(earlier, time, later, threshold, kinds) for each in populations)


def _telling(landmarks, threshold):
    """The months, of a curve whose steps are not known, at which it may tell of few events.

    Survival falls by 1/m with each event, m being at risk: how many events there were can be bounded by it.
    """
    survival = 1.0
    for month, group in sorted(landmarks, key=lambda item: item[0]):
        counts = {code_of(each["code"]): each["count"] for each in group["population"]}
        if "value" not in group["measureScore"]:
            continue
        now, n = float(group["measureScore"]["value"]) / 100, counts["denominator"]
        fewest_at_risk = counts["at-risk"] - threshold + 2  # if fewer than `threshold` had the event
        since = now == survival or (
            fewest_at_risk >= 2 and now < survival * (1 - 1 / fewest_at_risk) ** (threshold - 1) * (1 - 1e-9)
        )
        most = 0 if now == 1 else log(now) / log(1 - 1 / n) if now > 0 and n > 1 else counts["events"]
        left = counts["events"] - most
        if since and (left >= threshold or counts["events"] == 0):
            survival = now
        else:
            yield month


def _rewrite(resource, families, times, threshold):
    """Thin a contained resource; False: it has no point left."""
    note = _NOTE.format(threshold)
    if resource["resourceType"] == "Observation":
        code = code_of(resource["code"]).removesuffix("-curve")
        part = next(iter(resource.get("component", ())), None)
        stratum = part and stratum_of(part["code"]["text"], part["valueString"])
        kept = set(times.get((_INCIDENCE.sub("", code), stratum), ()))
        sampled = resource["valueSampledData"]
        sampled["data"] = _sample(sampled["data"], kept)
        resource["note"] = [{"text": f"{note[0].upper()}{note[1:]}"}]
        return any(each != "E" for each in sampled["data"].split())
    if resource["resourceType"] == "DocumentReference":
        code = resource["id"].removeprefix("steps-")
        family = _INCIDENCE.sub("", code)
        attachment = resource["content"][0]["attachment"]
        lines = [
            line
            for stratum, steps in families[family][code].items()
            for line in _lines(code, steps, sorted(times.get((family, stratum), ())), steps.label)
        ]
        attachment["data"] = b64encode("".join(f"{line}\n" for line in (",".join(COLUMNS), *lines)).encode()).decode()
        resource["description"] = resource["description"].replace("every step of the curve", note)
        return bool(lines)
    return True


def _sample(data, kept):
    numbers = data.split()
    for month in range(len(numbers) // _DIMENSIONS):
        if month * DAYS_PER_MONTH not in kept:
            numbers[month * _DIMENSIONS : (month + 1) * _DIMENSIONS] = ["E"] * _DIMENSIONS
    return " ".join(numbers)


class _Steps(list):
    """The Steps of one curve and its stratum as it is written."""

    label = ""


def _read_document(resource):
    strata = {}
    for line in b64decode(resource["content"][0]["attachment"]["data"]).decode().splitlines()[1:]:
        time, _, events, censored, *numbers, label = line.split(",", len(COLUMNS) - 1)
        stratum = stratum_of(*label.split("=", 1)) if label else None
        steps = strata.setdefault(stratum, _Steps())
        steps.label = label
        steps.append(Step(float(time), int(events), int(censored), tuple(numbers)))
    return strata


def _lines(code, steps, times, label):
    """The lines of a thinned curve: events and censored are those since the line before."""
    before = ("0",) * 4 if _INCIDENCE.search(code) else ("1", "0", "1", "1")
    starts, position = [step.time for step in steps], 0
    at_risk = left = sum(step.events + step.censored for step in steps)
    for time in times:
        if time <= starts[-1]:
            at_risk = left - sum(s.events + s.censored for s in steps[position : bisect_left(starts, time)])
            until = bisect_right(starts, time)
            since = steps[position:until]
            events, censored = sum(s.events for s in since), sum(s.censored for s in since)
            numbers = steps[until - 1].numbers if until else before
            yield ",".join((*map(literal, (time, at_risk, events, censored)), *numbers, label))
            left, position = left - events - censored, until
