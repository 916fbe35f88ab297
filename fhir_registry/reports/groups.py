"""The groups of a MeasureReport: one a statistic (https://hl7.org/fhir/R4/measurereport.html).

Every group repeats the populations, so that a number can be read by itself. An interval stands beside its
number as the extension quantity-confidenceInterval and as two groups of its own, for readers of plain values.
"""

from decimal import Decimal
from typing import NamedTuple

from ..fhir.json import JsonDecimal
from ..stats.intervals import CONFIDENCE

OWN = "https://registry.example"
STATISTIC = f"{OWN}/CodeSystem/registry-statistic"
POPULATION = f"{OWN}/CodeSystem/registry-population"
ESTIMATE = f"{OWN}/StructureDefinition/estimate"
STANDARD_POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
INTERVAL = "http://hl7.org/fhir/StructureDefinition/quantity-confidenceInterval"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
UCUM = "http://unitsofmeasure.org"

_STANDARD = ("initial-population", "denominator-exclusion", "denominator", "numerator")
_SMALLEST = 1e-12  # below it a double says nothing but rounding


class Unit(NamedTuple):
    text: str
    code: str  # UCUM


PERCENT = Unit("%", "%")
MONTHS = Unit("mo", "mo")
DAYS = Unit("d", "d")
MILLIGRAMS = Unit("mg", "mg")
PATIENTS = Unit("patients", "{patients}")
INJECTIONS = Unit("injections", "{injections}")
LINES = Unit("lines", "{lines}")
RECORDS = Unit("records", "{records}")


class Groups:
    """Collects the groups of one report; `tally` gives the populations that all of them repeat."""

    def __init__(self, tally, flags=()):
        self.groups = []
        self._populations = {
            "initial-population": tally.initial,
            "denominator-exclusion": tally.exclusions.total(),
            "denominator": tally.denominator,
            **{flag: tally.flags[flag] for flag in ("imputed-dates", *flags)},
        }

    def add(self, code, text, score, populations=None):
        """One group; `score` is a Quantity from `quantity` or `absent`, `populations` {code: count} its own."""
        self.groups.append(
            {
                "code": {"coding": [{"system": STATISTIC, "code": code}], "text": text},
                "population": [_population(*item) for item in {**self._populations, **(populations or {})}.items()],
                "measureScore": score,
            }
        )

    def add_number(self, code, text, value, unit, populations=None):
        """One group with a number, absent where `value` is None."""
        self.add(code, text, absent() if value is None else quantity(value, unit), populations)

    def add_estimate(self, code, text, estimate, unit, method, populations=None, beyond=None):
        """Three groups: the number and its two limits.

        `beyond` is the largest follow-up, given where no value means "not reached" (later than that).
        """
        value = estimate[0]
        if value is not None:
            score = quantity(value, unit)
        elif beyond is not None:
            score = quantity(beyond, unit, comparator=">")
        else:
            score = absent()
        score = {"extension": [*_interval(estimate, unit, method), *score.pop("extension", ())], **score}
        self.add(code, text, score, populations)
        self.add_limits(code, text, estimate, unit, method, populations)

    def add_limits(self, code, text, estimate, unit, method, populations=None, infix=""):
        """The two groups of the limits; `infix` tells a second interval of the same number from the first."""
        for side, value in (("lower", estimate[1]), ("upper", estimate[2])):
            state = "" if value is not None else ", not estimable"
            limit = f"{text}: {CONFIDENCE:.0%} confidence limit, {side} ({method}){state}"
            self.add_number(f"{code}-{infix}ci-{side}", limit, value, unit, populations)


def decimal(value):
    """An int as it is; a float with all its digits, never with an exponent."""
    if isinstance(value, int):
        return value
    if abs(value) < _SMALLEST or float(value).is_integer():
        return round(value)
    return JsonDecimal(format(Decimal(repr(float(value))), "f"))


def quantity(value, unit, comparator=None):
    """A Quantity in UCUM."""
    return {
        "value": decimal(value),
        **({"comparator": comparator} if comparator else {}),
        "unit": unit.text,
        "system": UCUM,
        "code": unit.code,
    }


def absent():
    """A Quantity that says why it has no value: it cannot be estimated."""
    return {"extension": [{"url": ABSENT, "valueCode": "unknown"}]}


def _population(code, count):
    system = STANDARD_POPULATION if code in _STANDARD else POPULATION
    return {"code": {"coding": [{"system": system, "code": code}]}, "count": count}


def _interval(estimate, unit, method):
    """Extensions of a Quantity: the interval where both limits exist, and how it was made."""
    _, low, high = estimate
    missing = [side for side, value in (("low", low), ("high", high)) if value is None]
    extensions = []
    if not missing:
        limits = {"low": quantity(low, unit), "high": quantity(high, unit)}
        extensions.append(
            {
                "url": INTERVAL,
                "extension": [
                    {"url": "confidence", "valueDecimal": decimal(100 * CONFIDENCE)},
                    {"url": "interval", "valueRange": limits},
                ],
            }
        )
    extensions.append(
        {
            "url": ESTIMATE,
            "extension": [
                {"url": "level", "valueDecimal": decimal(100 * CONFIDENCE)},
                {"url": "method", "valueCode": method},
                *({"url": "notEstimable", "valueCode": side} for side in missing),
            ],
        }
    )
    return extensions
