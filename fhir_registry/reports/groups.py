"""The groups of a MeasureReport: one a statistic (https://hl7.org/fhir/R4/measurereport.html).

Every group repeats the populations, so that a number can be read by itself. An interval stands beside its
number as the extension quantity-confidenceInterval and as two groups of its own, for readers of plain values.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from ..fhir.json import JsonDecimal
from ..stats.intervals import CONFIDENCE
from .strata import sort_strata

OWN = "https://registry.example"
CHARACTERISTIC = f"{OWN}/CodeSystem/characteristic"
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
RATIO = Unit("1", "1")


class Groups:
    """Collects the groups of one report; `tally` gives the populations that all of them repeat.

    flags: codes of the Tally's flags that are populations of this report beside imputed dates; None: it has no flags.
    stratifiers: of strata.py; `strata` are pairs (Stratifier, [(value, Tally)]).
    """

    def __init__(self, tally, flags=(), stratifiers=()):
        self.groups = []
        self.contained = []  # resources of the report: its curves
        self.tally = tally
        self.strata = [(stratifier, sort_strata(tally, stratifier)) for stratifier in stratifiers]
        self._flags = () if flags is None else ("imputed-dates", *flags)
        self._populations = {
            "initial-population": tally.initial,
            "denominator-exclusion": tally.exclusions.total(),
            **self._analysed(tally),
        }

    def add(self, code, text, score, populations=None):
        """One group, returned; `score` is a Quantity, `populations` {code: count} its own."""
        group = {
            "code": {"coding": [{"system": STATISTIC, "code": code}], "text": text},
            "population": list_populations(self._populations | (populations or {})),
            "measureScore": score,
        }
        self.groups.append(group)
        return group

    def add_number(self, code, text, value, unit, populations=None):
        """One group with a number, absent where `value` is None."""
        return self.add(code, text, absent() if value is None else quantity(value, unit), populations)

    def add_estimate(self, code, text, estimate, unit, method, populations=None, beyond=None):
        """Three groups: the number, which is returned, and its two limits; `beyond` as of `estimated`."""
        group = self.add(code, text, estimated(estimate, unit, method, beyond), populations)
        self.add_limits(code, text, estimate, unit, method, populations)
        return group

    def add_limits(self, code, text, estimate, unit, method, populations=None, infix=""):
        """The two groups of the limits; `infix` tells a second interval of the same number from the first."""
        for side, value in (("lower", estimate[1]), ("upper", estimate[2])):
            state = "" if value is not None else ", not estimable"
            limit = f"{text}: {CONFIDENCE:.0%} confidence limit, {side} ({method}){state}"
            self.add_number(f"{code}-{infix}ci-{side}", limit, value, unit, populations)

    def stratify(self, group, describe):
        """Give a group the stratifiers.

        describe: Tally of a stratum -> (Quantity, its populations {code: count}). Who is excluded is in no stratum.
        """
        for stratifier, strata in self.strata:
            described = []
            for value, stratum in strata:
                score, populations = describe(stratum)
                described.append((value, self._analysed(stratum) | populations, score))
            add_stratifier(group, stratifier.concept, described)

    def _analysed(self, tally):
        return {"denominator": tally.denominator, **{flag: tally.flags[flag] for flag in self._flags}}


def add_stratifier(group, concept, strata):
    """Add a stratifier of this CodeableConcept to a group; strata: (value, {population: count}, Quantity) in order."""
    group.setdefault("stratifier", []).append(
        {
            "code": [concept],
            "stratum": [
                {"value": {"text": value}, "population": list_populations(populations), "measureScore": score}
                for value, populations, score in strata
            ],
        }
    )


def slug(words):
    """Words as a part of a code: `Hot flashes` -> hot-flashes, `>=65` -> ge65."""
    return re.sub(r"[\W_]+", "-", words.lower().replace(">=", "ge").replace("<", "lt")).strip("-")


def literal(value):
    """The digits of an int or float, all of them, never with an exponent."""
    if isinstance(value, int):
        return str(value)
    digits = repr(float(value) + 0.0)  # no -0.0
    if "e" in digits:
        digits = format(Decimal(digits), "f") if abs(value) >= _SMALLEST else "0"
    return digits.removesuffix(".0")


def decimal(value):
    """An int or float as a number of JSON."""
    digits = literal(value)
    return JsonDecimal(digits) if "." in digits else int(digits)


def quantity(value, unit, comparator=None):
    """A Quantity in UCUM."""
    return {
        "value": decimal(value),
        **({"comparator": comparator} if comparator else {}),
        "unit": unit.text,
        "system": UCUM,
        "code": unit.code,
    }


def estimated(estimate, unit, method, beyond=None):
    """A Quantity with its interval; `beyond` is the largest follow-up, given where no value means "later than that"."""
    value = estimate[0]
    if value is not None:
        score = quantity(value, unit)
    elif beyond is not None:
        score = quantity(beyond, unit, comparator=">")
    else:
        score = absent()
    return {"extension": [*_interval(estimate, unit, method), *score.pop("extension", ())], **score}


def absent():
    """A Quantity that says why it has no value: it cannot be estimated."""
    return {"extension": [{"url": ABSENT, "valueCode": "unknown"}]}


def list_populations(populations):
    """Populations of a MeasureReport of {code: count}."""
    return [_population(code, count) for code, count in populations.items()]


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
