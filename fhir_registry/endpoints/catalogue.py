"""The endpoints by name, and the check that a Measure asks one of them rightly.

Measure: https://hl7.org/fhir/R4/measure.html
"""

from collections.abc import Callable
from typing import NamedTuple

from ..content.errors import ContentError
from . import (
    adverse_events,
    discontinuation,
    exposure,
    prior_therapy,
    progression,
    response,
    survival,
    treatment_failure,
)
from .usable import own_plan, usable_data


class Endpoint(NamedTuple):
    """`check_parameters(dict) -> dict` completes or raises ValueError.

    `derive(facts, plan) -> Analysed | Excluded | None` answers for one patient: facts as stored, or UsableData.
    """

    check_parameters: Callable
    derive: Callable
    row: type  # the NamedTuple of Analysed.row
    stratified: tuple  # names of the fields of the row that are counted by subgroup too


ENDPOINTS = {
    "adverse-events": Endpoint(
        adverse_events.check_parameters, adverse_events.derive, adverse_events.AdverseEvents, ("three_part",)
    ),
    "best-overall-response": Endpoint(response.check_parameters, response.derive, response.Response, ("best",)),
    "discontinuation": Endpoint(
        discontinuation.check_parameters, discontinuation.derive, discontinuation.Discontinuation, ("status",)
    ),
    "exposure": Endpoint(exposure.check_parameters, exposure.derive, exposure.Exposure, ("injections",)),
    "overall-survival": Endpoint(survival.check_parameters, survival.derive, survival.Survival, ("primary",)),
    "prior-therapy": Endpoint(
        prior_therapy.check_parameters, prior_therapy.derive, prior_therapy.PriorTherapy, ("lines",)
    ),
    "progression-free-survival": Endpoint(
        progression.check_pfs_parameters, progression.derive_pfs, progression.ProgressionFree, ("primary",)
    ),
    "time-to-progression": Endpoint(
        progression.check_ttp_parameters, progression.derive_ttp, progression.TimeToProgression, ("primary",)
    ),
    "time-to-treatment-failure": Endpoint(
        treatment_failure.check_parameters, treatment_failure.derive, treatment_failure.TreatmentFailure, ("ttf",)
    ),
}


def derive_all(facts, plans):
    """The answers for one patient in the order of `plans`: pairs (endpoint name, Plan).

    What several endpoints need is worked out once: the plans share a cut-off.
    """
    if not plans:
        return []
    usable = usable_data(facts, plans[0][1].cutoff)
    return [ENDPOINTS[endpoint].derive(usable, own_plan(usable, plan)) for endpoint, plan in plans]


def check_measure(measure):
    """The complete parameters of a content Measure. Raises ContentError for an unknown endpoint or bad parameter."""
    endpoint = ENDPOINTS.get(measure.endpoint)
    if endpoint is None:
        known = ", ".join(ENDPOINTS)
        message = f"unknown endpoint '{measure.endpoint}'; known are {known}"
        raise ContentError(measure.id, "Measure.group.population.criteria.expression", message)
    try:
        return endpoint.check_parameters(measure.parameters)
    except ValueError as e:
        raise ContentError(measure.id, "Measure.extension(measure-parameter)", str(e)) from None
