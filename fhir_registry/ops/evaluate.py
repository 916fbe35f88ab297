"""Evaluate a measure (https://hl7.org/fhir/R4/measure-operation-evaluate-measure.html)."""

from ..endpoints.catalogue import ENDPOINTS, check_measure
from ..endpoints.outcome import Plan, Tally
from ..endpoints.unread import UNREAD, find_unread
from ..fhir.dates import SECOND, day_interval, instant_interval, instant_literal
from ..fhir.errors import error
from ..reports.measure_report import measure_report
from ..store.facts import count_strays, read_facts

REPORT_TYPES = ("summary",)
_DAY = 86400 * SECOND


def evaluate(reg, site, measure_id, period_start=None, period_end=None, report_type="summary", base=None):
    """The MeasureReport (dict) of a measure over all persons of a site.

    period_start: FHIR date, the earliest index (its first day when partial); None: no bound.
    period_end: FHIR date, the data cut-off (its last day when partial); None: today.
    base: URL of this server; references that begin with it are to resources here.
    Raises FhirError: not-found for an unknown measure, bad-request for a wrong parameter, unprocessable when the
    initial population is empty.
    """
    measure = _find_measure(reg, measure_id)
    if report_type not in REPORT_TYPES:
        supported = ", ".join(REPORT_TYPES)
        message = f"reportType '{report_type}' is not supported; supported: {supported}"
        raise error("bad-request", "not-supported", message)
    now = reg.store.now()
    start = None if period_start is None else _days("periodStart", period_start)[0]
    cutoff = now // _DAY if period_end is None else _days("periodEnd", period_end)[1]
    if start is not None and start > cutoff:
        raise error("bad-request", "value", f"periodStart {period_start} is after periodEnd {period_end or '(today)'}")

    plan = Plan(measure.study, start, cutoff, check_measure(measure))
    derive = ENDPOINTS[measure.endpoint].derive
    tally = Tally()
    with reg.store.read() as connection:
        for facts in read_facts(reg.store, connection, site, base=base):
            tally.add(derive(facts, plan), find_unread(facts, cutoff))
        tally.strays = count_strays(reg.store, connection, site, base)
    if not tally.initial:
        raise error("unprocessable", "business-rule", _nobody(measure, plan, tally))
    return measure_report(measure, tally, plan, instant_literal(now))


def _find_measure(reg, measure_id):
    measure = reg.content.measures.get(measure_id)
    if measure is None:
        known = ", ".join(sorted(reg.content.measures))
        raise error("not-found", "not-found", f"There is no Measure '{measure_id}'; known are {known}")
    return measure


def _days(parameter, literal):
    try:
        instant_interval(literal)  # nothing may follow the date
        return day_interval(literal)
    except ValueError:
        raise error("bad-request", "value", f"{parameter} '{literal}' is not a date such as 2024-12-31") from None


def _nobody(measure, plan, tally):
    if plan.parameters["requireEnrolment"]:
        wanted = f"a ResearchSubject whose study is ResearchStudy/{plan.study}"
    else:
        drugs = ", ".join(sorted(plan.parameters["indexDrugs"]))
        wanted = f"a completed MedicationAdministration of {drugs} up to periodEnd"
    unread = "".join(f" {n} patients have {UNREAD[code]}." for code, n in sorted(tally.unread_outside.items()))
    strays = f" {tally.strays} records are of nobody: their subject is no Patient here." if tally.strays else ""
    return (
        f"Nobody is in the initial population of Measure '{measure.id}': no patient here has {wanted}. "
        f"Push the patients' records with it, or check the drug codes and periodEnd.{unread}{strays}"
    )
