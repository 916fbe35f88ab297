"""Tallies of rows written by hand, and the numbers of the reports made of them."""

import csv
from base64 import b64decode
from io import StringIO

from fhir_registry.endpoints.catalogue import ENDPOINTS
from fhir_registry.endpoints.outcome import Analysed, Excluded, Plan, Tally
from fhir_registry.reports.measure_report import measure_report

INDEX, CUTOFF = 17595, 20269  # 2018-03-05, 2025-06-30
DATE = "2025-07-15T08:00:00Z"


def tally(rows, exclusions=(), flags=frozenset()):
    counted = Tally()
    for row in rows:
        counted.add(Analysed(INDEX, row, flags))
    for reason in exclusions:
        counted.add(Excluded(reason))
    return counted


def divided(measure, rows, exclusions=()):
    """Tally of pairs (row, {characteristic: value}) for a content Measure; what is not said is missing."""
    stratifiers = [each.code for each in measure.stratifiers]
    codes = dict.fromkeys([*stratifiers, *(each.code for each in measure.supplemental)])
    counted = Tally(stratifiers, ENDPOINTS[measure.endpoint].stratified)
    for row, values in rows:
        characteristics = tuple((code, values.get(code, "missing")) for code in codes)
        counted.add(Analysed(INDEX, row, characteristics=characteristics))
    for reason in exclusions:
        counted.add(Excluded(reason))
    return counted


def report(measure, counted, start=None):
    plan = Plan("study", start, CUTOFF, {})
    return measure_report(measure, counted, plan, DATE, {"display": "Registry office"})


def groups(resource):
    """{code: group}."""
    return {group["code"]["coding"][0]["code"]: group for group in resource["group"]}


def scores(resource):
    """{group code: measureScore}."""
    return {code: group["measureScore"] for code, group in groups(resource).items()}


def counts(element):
    """{population: count} of a group or of a stratum."""
    return {p["code"]["coding"][0]["code"]: p["count"] for p in element["population"]}


def populations(resource, code):
    return counts(groups(resource)[code])


def strata(resource, code, stratifier):
    """{value: stratum} of a group."""
    (found,) = (
        each for each in groups(resource)[code]["stratifier"] if each["code"][0]["coding"][0]["code"] == stratifier
    )
    return {stratum["value"]["text"]: stratum for stratum in found["stratum"]}


def contained(resource, id):
    return next(each for each in resource["contained"] if each["id"] == id)


def steps(resource, code, stratum=""):
    """The lines of the CSV of a curve: {column: text, a number where it is one}."""
    (content,) = contained(resource, f"steps-{code}")["content"]
    table = StringIO(b64decode(content["attachment"]["data"]).decode(), newline="")
    return [line for line in csv.DictReader(table) if line.pop("stratum") == stratum]


def interval(score):
    """(value, low, high) of a Quantity, None for what it has not."""
    limits = {}
    for extension in score.get("extension", ()):
        for part in extension.get("extension", ()):
            limits |= part.get("valueRange", {})
    numbers = (score.get("value"), *(limits.get(side, {}).get("value") for side in ("low", "high")))
    return tuple(None if number is None else float(number) for number in numbers)
