"""Evaluation as a job: asked for now, answered later (https://hl7.org/fhir/R5/async-bundle.html)."""

from ..core.scopes import dump_access
from ..fhir import json
from ..fhir.dates import instant_literal
from .disclosure import require_reports
from .evaluate import check_request, evaluate_measure
from .provenance import dump_origin
from .publish import publish
from .trail import dump_trail

KIND = "evaluate"


def request_evaluation(reg, site, measure_id, arguments, base, keep):
    """The id of a job that evaluates a measure.

    arguments: {name: value} of those of evaluate_measure that were given. base: URL of this server. keep: whether the
    report is kept, as POST does. What is wrong with them is said at once: raises FhirError.
    """
    now = reg.store.now()
    named = ("period_start", "period_end", "report_type", "subject")
    _, report_type, *_ = check_request(reg, measure_id, *(arguments.get(name) for name in named), now)
    require_request(reg, report_type, keep)
    if keep:
        reg.store.require_writable(site)
    # Without an end it is today's, whenever the job is done.
    arguments = {"period_end": instant_literal(now)[:10], **arguments}
    parameters = {"measure": measure_id, "arguments": arguments, "base": base, "keep": keep, "report_type": report_type}
    parameters |= {"access": dump_access(reg.access), "home": reg.home, "origin": dump_origin(reg), **dump_trail(reg)}
    return reg.store.jobs.submit(site, KIND, parameters)


def require_request(reg, report_type, keep):
    """Raise forbidden unless the client may ask for a report of this type (a value of REPORT_TYPES), and to keep it."""
    require_reports(reg, report_type)
    if keep:
        reg.access.require("MeasureReport", "c")


def run_evaluation(reg, job):
    """Do the job: {"entry": what stands in the batch-response}."""
    asked, base = job.parameters, job.parameters["base"]
    evaluated = evaluate_measure(reg, job.site, asked["measure"], **asked["arguments"], base=base, job=job)
    if not asked["keep"]:
        return {"entry": [{"resource": evaluated.report, "response": {"status": "200 OK"}}]}
    stored = publish(reg, job.site, evaluated)
    location = f"{base}/MeasureReport/{stored.id}/_history/{stored.version}"
    response = {"status": "200 OK", "location": location, "etag": f'W/"{stored.version}"'}
    return {"entry": [{"resource": json.parse(stored.body), "response": response}]}
