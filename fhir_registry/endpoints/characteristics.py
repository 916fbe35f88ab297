"""Baseline characteristics, by which reports are divided and described: sections 1.9 and 2.3 of the definitions.

Stratifiers and supplemental data: https://hl7.org/fhir/R4/measure.html
"""

from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from ..content.errors import ContentError
from .asserted_line import find_asserted_line
from .baseline import (
    find_age,
    find_sex,
    has_metastasis,
    hormone_receptor_status,
    latest_value,
    menopausal_status,
    performance_status,
)
from .disease import disease_onset, her2_status
from .index import Index
from .index_line import find_index_line
from .lines import parts
from .outcome import Plan
from .parameters import ASSERTED, LINES
from .prior_therapy import is_prior, says_none
from .therapy import CLASSES, SETTINGS, find_settings, systemic_therapies
from .usable import TAKEN, once

MISSING = "missing"  # the stratum of those of whom it cannot be told
# The parameters of a Plan that characteristics read, with what holds where a Measure has none.
_PARAMETERS = {
    "indexDrugs": frozenset(),
    "combineWith": None,
    "combinationWindowDays": 28,
    **{name: parameter.default for name, parameter in (LINES | ASSERTED).items()},
}


class Division(NamedTuple):
    """A characteristic compiled. `levels` in the order of a report, the first the reference; empty: as they come.

    value(Baseline) -> one of the levels, None when it cannot be told.
    """

    code: str
    text: str
    expression: str
    levels: tuple
    value: Callable


class Baseline:
    """One patient at the index: usable data, index day, _PARAMETERS, and what several characteristics read."""

    def __init__(self, facts, index, parameters):
        self.facts, self.index, self.parameters = facts, index, parameters
        self.window = parameters["combinationWindowDays"]
        self.told = {}  # expression -> value

    def parts(self, *drugs):
        """These drugs, fixed combinations by their parts."""
        combinations = self.parameters["fixedCombinations"]
        return frozenset([part for drug in drugs for part in parts(drug, combinations)])

    def tell(self, division):
        """The value of a Division, worked out once."""
        if division.expression not in self.told:
            self.told[division.expression] = division.value(self) or MISSING
        return self.told[division.expression]

    @cached_property
    def line(self):
        """The IndexLine, as far as its regimen is: what is given later is no baseline."""
        until = min(self.index + self.parameters["lineWindowDays"], self.facts.cutoff)
        plan = Plan(None, None, self.facts.cutoff, self.parameters)
        return find_index_line(self.facts, plan, Index(self.index, False, ()), until)

    @cached_property
    def line_number(self):
        """Of the line at the index: as asserted, where that is trusted and told, else as derived."""
        trusted = self.parameters["trustAssertedLines"]
        asserted = find_asserted_line(self.facts, self.parameters, self.index) if trusted else None
        return asserted.number if asserted else self.line.number

    @cached_property
    def prior(self):
        """Therapies before the index. Drugs that the index is made of are prior when they were over long before it."""
        own = self.parameters["indexDrugs"] | (self.parameters["combineWith"] or frozenset())

        def was_before(therapy):
            if therapy.agent not in own:
                return is_prior(therapy, self.index)
            last = therapy.end_hi if therapy.repeated or therapy.end_hi is not None else therapy.start_hi
            return last is not None and last < self.index - self.window

        return [therapy for therapy in systemic_therapies(self.facts) if was_before(therapy)]


@once
def _find_baseline(facts, index, *values):
    return Baseline(facts, index, dict(zip(_PARAMETERS, values, strict=True)))


def check_characteristics(measure):
    """The stratifiers and supplemental data of a content Measure, compiled: Divisions, one a code.

    Raises ContentError for a characteristic or an argument that nobody knows.
    """
    declared = {each.code: each for each in (*measure.stratifiers, *measure.supplemental)}
    return tuple(_compile(measure, each) for each in declared.values())


def characteristics(facts, index, plan, divisions):
    """{code: value or `missing`} of one patient: UsableData, index day, Plan, what check_characteristics returned."""
    values = [plan.parameters.get(name, default) for name, default in _PARAMETERS.items()]
    patient = _find_baseline(facts, index, *values)
    return {division.code: patient.tell(division) for division in divisions}


def _compile(measure, characteristic):
    where = f"{characteristic.element}.criteria.expression"
    if characteristic.name not in CHARACTERISTICS:
        known = ", ".join(CHARACTERISTICS)
        message = f"unknown characteristic '{characteristic.name}'; known are {known}"
        raise ContentError(measure.id, where, message)
    try:
        levels, value = CHARACTERISTICS[characteristic.name](*characteristic.arguments)
    except ValueError as e:
        raise ContentError(measure.id, where, f"'{characteristic.expression}': {e}") from None
    return Division(characteristic.code, characteristic.text, characteristic.expression, levels, value)


# Each of these makes a function of the arguments of an expression: -> (levels, value); ValueError for a bad one.


def _of(find, *levels):
    """A characteristic without arguments that `find(facts, index)` tells."""

    def compile_expression(*arguments):
        if arguments:
            raise ValueError("no argument is expected")
        return levels, lambda patient: find(patient.facts, patient.index)

    return compile_expression


def _in_groups(count, least=None):
    """Groups of what `count(patient)` tells; the arguments are the least values of all groups but the first."""

    def compile_expression(*arguments):
        if not arguments or not all(isinstance(a, str) and a.isdecimal() for a in arguments):
            raise ValueError("whole numbers are expected, such as 65")
        cuts = [int(argument) for argument in arguments]
        bounds = cuts if least is None else [least, *cuts]
        if any(low >= high for low, high in pairwise(bounds)):
            raise ValueError("increasing numbers are expected")
        between = [str(low) if high - low == 1 else f"{low}-{high - 1}" for low, high in pairwise(bounds)]
        levels = (*([f"<{cuts[0]}"] if least is None else []), *between, f">={cuts[-1]}")

        def value(patient):
            number = count(patient)
            return None if number is None else levels[bisect_right(cuts, number)]

        return levels, value

    return compile_expression


def _of_drugs(levels, find):
    """What `find(patient, drugs)` tells of the drugs of a ValueSet, fixed combinations by their parts."""

    def compile_expression(*arguments):
        if len(arguments) != 1 or not isinstance(arguments[0], frozenset):
            raise ValueError("the canonical of a ValueSet of drugs is expected")
        return levels, lambda patient: find(patient, patient.parts(*arguments[0]))

    return compile_expression


def _is_given(patient, drugs):
    """A dose, or a period of taking it, within the window of a combination around the index."""
    first, last = patient.index - patient.window, patient.index + patient.window
    periods = [
        (a.drug, a.start_lo, a.start_hi if a.end_hi is None else a.end_hi) for a in patient.facts.administrations
    ]
    for s in patient.facts.statements:
        if s.status in TAKEN:
            goes_on = s.end_hi is None and s.status in ("active", "on-hold")
            periods.append((s.drug, s.start_lo, last if goes_on else s.start_hi if s.end_hi is None else s.end_hi))
    return _yes_no(
        start is not None and start <= last and end >= first and not drugs.isdisjoint(patient.parts(drug))
        for drug, start, end in periods
    )


def _count_agents(patient, drugs):
    """How many of the drugs the regimen of the index line holds."""
    return ("none", "single", "dual")[min(len(patient.line.line.drugs & drugs), 2)]


def _had_prior(wanted=None, setting=None, *more):
    if more or not (isinstance(wanted, frozenset) or wanted in CLASSES) or setting not in (None, *SETTINGS):
        classes, settings = ", ".join(CLASSES), " or ".join(SETTINGS)
        raise ValueError(f"a ValueSet of drugs or one of {classes} is expected, then perhaps {settings}")
    of_class = wanted in CLASSES

    def value(patient):
        drugs = None if of_class else patient.parts(*wanted)

        def fits(therapy):
            # Ovarian suppression alone is no therapy of a line.
            if of_class:
                found = therapy.kind == wanted and not therapy.suppression
            else:
                found = not drugs.isdisjoint(patient.parts(therapy.agent))
            return found and setting in (
                None,
                "advanced" if find_settings(patient.facts)(therapy) == "advanced" else "early",
            )

        if any(fits(therapy) for therapy in patient.prior):
            return "yes"
        # Nothing on record is not nothing taken, but who was never free of metastases had no early therapy.
        if patient.prior or says_none(patient.facts):
            return "no"
        return "no" if setting == "early" and disease_onset(patient.facts, patient.index) == "de-novo" else None

    return ("no", "yes"), value


def _observation(*arguments):
    if len(arguments) != 1 or not isinstance(arguments[0], str):
        raise ValueError("one topic of observation is expected")
    return (), lambda patient: latest_value(patient.facts, patient.index, arguments[0])


def _condition(*arguments):
    if len(arguments) != 1 or not isinstance(arguments[0], str):
        raise ValueError("one kind of condition is expected")
    return ("no", "yes"), lambda patient: _yes_no(
        c.kind == arguments[0] and (c.onset_lo is None or c.onset_lo <= patient.index) for c in patient.facts.conditions
    )


def _metastasis(*arguments):
    if not arguments or not all(isinstance(argument, str) for argument in arguments):
        raise ValueError("sites of metastasis are expected")
    words = {True: "yes", False: "no", None: None}
    return ("no", "yes"), lambda patient: words[has_metastasis(patient.facts, patient.index, {*arguments})]


def _yes_no(found):
    return "yes" if any(found) else "no"


CHARACTERISTICS = {
    "sex": _of(find_sex, "female", "male", "other"),
    "age": _in_groups(lambda patient: find_age(patient.facts, patient.index)),
    "hormone-receptor": _of(hormone_receptor_status, "negative", "positive"),
    "her2": _of(her2_status, "negative", "positive"),
    "ecog": _in_groups(lambda patient: performance_status(patient.facts, patient.index), least=0),
    "menopause": _of(menopausal_status, "premenopausal", "postmenopausal"),
    "disease-onset": _of(disease_onset, "de-novo", "recurrent"),
    "metastasis": _metastasis,
    "line": _in_groups(lambda patient: patient.line_number, least=1),
    "antibodies": _of_drugs(("single", "dual", "none"), _count_agents),
    "drug": _of_drugs(("no", "yes"), _is_given),
    "prior": _had_prior,
    "observation": _observation,
    "condition": _condition,
}
