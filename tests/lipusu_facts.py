"""Patients of the Lipusu registry as facts, those of section 4.1 of the oncology definitions among them."""

import json

from patient_facts import DRUGS, Record, day

from fhir_registry.endpoints.catalogue import ENDPOINTS
from fhir_registry.endpoints.outcome import Plan

LIPOSOME, TRASTUZUMAB = "paclitaxel-liposome", "trastuzumab"
PARAMETERS = {
    **DRUGS,
    "indexDrugs": frozenset({LIPOSOME}),
    "combineWith": frozenset({TRASTUZUMAB, "pertuzumab", "trastuzumab-pertuzumab"}),
    "cancer": "breast",
    "extent": "metastatic",
    "her2": "positive",
    "firstLine": True,
}
DCO = "2025-06-30"


def eligible(day_0="2023-01-10"):
    """A woman of 50 with HER2-positive metastatic breast cancer, ten days before day 0."""
    record = Record(day_0).born("1973").condition("breast", -10).condition("distant", -10)
    return record.observed("her2", -8, "positive")


def treated(*days, day_0="2023-01-10"):
    """`eligible`, with both drugs on these days."""
    return eligible(day_0).dose(LIPOSOME, *days).dose(TRASTUZUMAB, *days)


def derive(endpoint, facts, cutoff=DCO, start=None, **parameters):
    """The answer of an endpoint with the parameters of the registry."""
    complete = ENDPOINTS[endpoint].check_parameters({**PARAMETERS, **parameters})
    cutoff = day(cutoff) if isinstance(cutoff, str) else cutoff
    return ENDPOINTS[endpoint].derive(facts, Plan("study", None if start is None else day(start), cutoff, complete))


def patients_of_section_4_1(cases):
    """[(name, Record, cut-off, expected results)] of T01 to T24."""
    inputs = json.loads((cases / "cases/endpoints/tte_inputs.json").read_bytes())
    expected = json.loads((cases / "cases/endpoints/tte_expected.json").read_bytes())
    for name, patient in inputs.items():
        record = eligible(patient["index"])
        for drug, dates in patient["doses"].items():
            record.dose({"plipo": LIPOSOME, "tras": TRASTUZUMAB}[drug], *dates)
        for when, value in patient["assess"]:
            record.assessed(when, value)
        record.seen(patient["lka"])
        if patient["death"]:
            record.died(patient["death"])
        # T14 changes its therapy by starting the same drugs again.
        if patient["tc"] and not name.startswith("T14"):
            record.dose("capecitabine", patient["tc"])
        if patient.get("eot"):
            reasons = json.dumps([{"toxicity": "adverse-event"}[patient["eotReason"]]])
            for drug in (LIPOSOME, TRASTUZUMAB):
                record.took(drug, 0, patient["eot"], status="stopped", reasons=reasons)
        yield name, record, patient["dco"], expected[name]
