"""The MeasureReport of a custom measure (https://hl7.org/fhir/R4/measurereport.html; docs/registries.md)."""

from typing import NamedTuple

from .description import add_description, add_distribution, stratify_description
from .envelope import report_envelope
from .groups import PATIENTS, Groups, Unit, slug
from .proportion import add_proportion, stratify_proportion
from .strata import Stratifier


class Selected(NamedTuple):
    """What a SELECT says of one patient; None: the Measure does not ask, or nothing is known."""

    numerator: bool | None
    observation: float | None


def custom_report(measure, tally, plan, date, reporter=None):
    """The summary MeasureReport (dict) of a Tally of Selected and a CustomMeasure; the rest as in measure_report."""
    groups = Groups(tally, flags=None, stratifiers=_read_stratifiers(measure))
    code, title = f"custom-{measure.id}", measure.title
    if measure.numerator:
        x, n = _count(tally)
        stratify_proportion(groups, add_proportion(groups, code, title, x, n), _count)
    if measure.observation:
        unit = Unit(measure.unit, measure.unit)
        described = add_description(groups, f"{code}-", title, _values(tally), unit)
        stratify_description(groups, described, _values, unit)
    for each in measure.supplemental:
        add_distribution(groups, f"sde-{each.code}-", each.text, tally.supplemental.get(each.code, {}), ())
    for reason, n in sorted(tally.exclusions.items()):
        groups.add_number(f"exclusion-{slug(reason)}", f"Excluded: {reason}", n, PATIENTS, {"numerator": n})
    return {
        "resourceType": "MeasureReport",
        **report_envelope(measure, "summary", plan.start, plan.cutoff, date, reporter),
        "group": groups.groups,
    }


def _count(tally):
    return tally.counts("numerator")[True], tally.denominator


def _values(tally):
    return {value: n for value, n in tally.counts("observation").items() if value is not None}


def _read_stratifiers(measure):
    declared = measure.resource["group"][0].get("stratifier", ())
    return [
        Stratifier(each.code, each.text, (), {**concept["code"], "text": each.text})
        for each, concept in zip(measure.stratifiers, declared, strict=True)
    ]
