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


class Endpoint(NamedTuple):
    """`check_parameters(dict) -> dict` completes or raises ValueError.

    `derive(facts, plan) -> Analysed | Excluded | None` answers for one patient.
    """

    check_parameters: Callable
    derive: Callable


ENDPOINTS = {
    "adverse-events": Endpoint(adverse_events.check_parameters, adverse_events.derive),
    "best-overall-response": Endpoint(response.check_parameters, response.derive),
    "discontinuation": Endpoint(discontinuation.check_parameters, discontinuation.derive),
    "exposure": Endpoint(exposure.check_parameters, exposure.derive),
    "overall-survival": Endpoint(survival.check_parameters, survival.derive),
    "prior-therapy": Endpoint(prior_therapy.check_parameters, prior_therapy.derive),
    "progression-free-survival": Endpoint(progression.check_pfs_parameters, progression.derive_pfs),
    "time-to-progression": Endpoint(progression.check_ttp_parameters, progression.derive_ttp),
    "time-to-treatment-failure": Endpoint(treatment_failure.check_parameters, treatment_failure.derive),
}


def check_measure(measure):
    """The complete parameters of a content Measure. Raises ContentError for an unknown endpoint or bad parameter."""
    endpoint = ENDPOINTS.get(measure.endpoint)
    if endpoint is None:
        known = ", ".join(ENDPOINTS)
        raise ContentError(measure.id, "Measure.endpoint", f"unknown endpoint '{measure.endpoint}'; known are {known}")
    try:
        return endpoint.check_parameters(measure.parameters)
    except ValueError as e:
        raise ContentError(measure.id, "Measure.extension(measure-parameter)", str(e)) from None
