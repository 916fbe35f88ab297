"""Stratifiers of a report and their strata in the order of a reader (https://hl7.org/fhir/R4/measurereport.html)."""

from typing import NamedTuple

from ..endpoints.characteristics import MISSING, check_characteristics
from ..endpoints.outcome import Tally


class Stratifier(NamedTuple):
    """A stratifier of a Measure. levels: its values in their order, the first the reference; empty: as they come.

    concept: how the Measure codes it, a CodeableConcept.
    """

    code: str
    text: str
    levels: tuple
    concept: dict


def read_stratifiers(measure):
    """The Stratifiers of a content Measure."""
    levels = {each.code: each.levels for each in check_characteristics(measure)}
    declared = [each["code"] for group in measure.resource.get("group", ()) for each in group.get("stratifier", ())]
    return tuple(
        Stratifier(each.code, each.text, levels[each.code], {**concept, "text": each.text})
        for each, concept in zip(measure.stratifiers, declared, strict=True)
    )


def sort_values(found, levels):
    """The levels, then the values found that are none, then MISSING, which is always there."""
    others = sorted(set(found) - {*levels, MISSING})
    return (*levels, *others, MISSING)


def sort_strata(tally, stratifier):
    """[(value, Tally)] of a stratifier by `sort_values`; a stratum of nobody has an empty Tally."""
    strata = {value: stratum for value, stratum in tally.strata.get(stratifier.code, {}).items() if stratum.denominator}
    return [(value, strata.get(value) or Tally()) for value in sort_values(strata, stratifier.levels)]
