"""How a search is done, for people who want to know why it takes its time (docs/search.md)."""

import time

from ..fhir import json
from ..fhir.json import JsonDecimal


def explain(query, limit, after):
    """The plan of a store Query as a Parameters resource, in bytes; no value of any resource is in it.

    limit, after: of the page that is read to measure it. parameter: `plan` (candidates: those that a criterion leads to
    are sorted; walk: resources are read in the order that is wanted, until the page is full), `step` for each criterion
    (criterion, role: driver or probe, estimate when it leads to few), `sql` with places for values, `found` rows, and
    `milliseconds` for planning and reading the page.
    """
    started = time.perf_counter()
    rows = query.page(limit, after)
    milliseconds = (time.perf_counter() - started) * 1000
    plan = query.explain()
    parameters = [
        {"name": "plan", "valueCode": plan.kind},
        *({"name": "step", "part": _step(step)} for step in plan.steps),
        {"name": "sql", "valueString": plan.sql},
        {"name": "found", "valueInteger": len(rows)},
        {"name": "milliseconds", "valueDecimal": JsonDecimal(f"{milliseconds:.2f}")},
    ]
    return json.dumps({"resourceType": "Parameters", "parameter": parameters})


def _step(step):
    parts = [{"name": "criterion", "valueString": step.criterion}, {"name": "role", "valueCode": step.role}]
    estimate = [] if step.estimate is None else [{"name": "estimate", "valueInteger": step.estimate}]
    return parts + estimate
