"""Evaluate a measure (https://hl7.org/fhir/R4/measure-operation-evaluate-measure.html)."""

import hashlib
from typing import NamedTuple

from ..content.custom_measures import CustomMeasure
from ..content.measures import Measure
from ..endpoints.record import ANALYSED, OUTSIDE
from ..endpoints.usable import usable_data
from ..fhir import json
from ..fhir.dates import SECOND, day_interval, instant_interval, instant_literal
from ..fhir.errors import bad_parameter, error, parameter_place
from ..reports.individual import individual_report
from ..reports.pooled import tell_sites
from ..reports.subject_list import subject_list_report
from ..reports.suppression import suppress
from ..store.facts import read_facts
from ..store.persons import survivors
from ..store.site import EVERY_NUMBER, name_sites
from .analyse import analyse, question
from .derivation import derive_answers
from .disclosure import require_report, require_reports, small_cell
from .evaluate_custom import evaluate_custom
from .summarise import summarise

# Words of R4 and R5 for a type of report (https://hl7.org/fhir/R4/valueset-measure-report-type.html) -> ours.
REPORT_TYPES = {
    "summary": "summary",
    "population": "summary",
    "individual": "individual",
    "subject": "individual",
    "patient": "individual",
    "subject-list": "subject-list",
    "patient-list": "subject-list",
}
_DAY = 86400 * SECOND


class Evaluated(NamedTuple):
    """A MeasureReport (dict) of a content Measure, and what it is of."""

    report: dict
    measure: Measure | CustomMeasure
    seen: dict  # site -> its newest write transaction that the report has seen
    definition: str  # digest of all that the answers follow from, beside the data


def evaluate(reg, site, measure_id, period_start=None, period_end=None, report_type=None, subject=None, base=None):
    """The MeasureReport (dict) of a measure; see evaluate_measure."""
    return evaluate_measure(reg, site, measure_id, period_start, period_end, report_type, subject, base).report


def evaluate_measure(
    reg, site, measure_id, period_start=None, period_end=None, report_type=None, subject=None, base=None, job=None
):
    """Evaluated of a measure over all persons of a site; of all sites together when it is EVERY_NUMBER.

    period_start: FHIR date, the earliest index (its first day when partial); None: no bound.
    period_end: FHIR date, the data cut-off (its last day when partial); None: today.
    report_type: a word of REPORT_TYPES; None: individual with a subject, summary without.
    subject: reference to a Patient, for individual reports. base: URL of this server; references that begin with it
    are to resources here. job: as `analyse` takes it.
    Raises FhirError: not-found for an unknown measure or patient, bad-request for a wrong parameter, forbidden,
    unprocessable when the initial population is empty.
    """
    now = reg.store.now()
    measure, report_type, start, cutoff = check_request(
        reg, measure_id, period_start, period_end, report_type, subject, now
    )
    require_reports(reg, report_type)
    subject = subject and subject.removeprefix(f"{base}/")
    pooled = site == EVERY_NUMBER
    if pooled and report_type != "summary":
        raise error("bad-request", "not-supported", "Of all sites together there are summary reports only; name a site")
    # What is made of other sites holds their persons once more.
    names = name_sites(reg.store, also_made=False) if pooled else {site: None}
    questions = [question(reg, number, measure.study, start, cutoff, base) for number in names]
    date, reporter = instant_literal(now), {"display": reg.content.studies[measure.study].get("title", measure.study)}
    if report_type == "summary":
        report, seen = summarise(reg, questions, measure, date, reporter, job)
        report = suppress(tell_sites(report, names.values()) if pooled else report, small_cell(reg))
    else:
        report, seen = _report_patients(reg, *questions, measure, report_type, subject, date, reporter, job)
    require_report(reg, report)
    if reg.trail and report_type != "summary":
        reg.trail.note_reports([report])
    states = {names[number]: submission for number, submission in seen.items()} if pooled else {}
    definition = questions[0].definition
    return Evaluated(_identified(report, definition, states), measure, seen, definition)


def check_request(reg, measure_id, period_start, period_end, report_type, subject, now):
    """(Measure or CustomMeasure, a value of REPORT_TYPES, earliest index or None, cut-off) of what was asked for.

    Arguments as in evaluate_measure; days since 1970-01-01. Raises FhirError.
    """
    measure = reg.content.custom_measures.get(measure_id) or find_measure(reg, measure_id)
    return measure, _read_type(report_type, subject), *read_period(period_start, period_end, now)


def _report_patients(reg, asked, measure, report_type, subject, date, reporter, job):
    """(MeasureReport, {site: newest submission that it has seen}) that names patients, of the Question `asked`."""
    if measure.id in reg.content.custom_measures:
        report, submission = evaluate_custom(reg, asked, measure, report_type, subject, date, reporter, job)
        return report, {asked.key.site: submission}
    plan = asked.asked[measure.id].plan
    if report_type == "individual":
        submission, patient, answer = _answer_of_one(reg, asked, measure, subject)
        report = individual_report(measure, patient, answer, plan, date, reporter)
    else:
        submission, populations = analyse(reg, asked, _reading_subjects(reg, measure), job)
        report = subject_list_report(measure, populations, plan, date, reporter)
    return report, {asked.key.site: submission}


def _reading_subjects(reg, measure):
    """Reads (submission, {population: [Patient id]})."""

    def read(connection, analysis):
        populations = {"initial-population": [], "denominator": [], "denominator-exclusion": []}
        for subject, state in reg.store.analyses.states(connection, analysis, measure.id):
            if state != OUTSIDE:
                populations["initial-population"].append(subject)
                populations["denominator" if state == ANALYSED else "denominator-exclusion"].append(subject)
        return analysis.submission, populations

    return read


def _answer_of_one(reg, asked, measure, subject):
    """(newest submission, id of the surviving patient, Analysed or Excluded) of a reference.

    One patient is derived from the facts: that takes no analysis of everybody, and brings the evidence.
    """
    patient = subject.removeprefix(f"{asked.base}/").removeprefix("Patient/")
    store, site = reg.store, asked.key.site
    with store.read(site) as connection:
        survivor = survivors(store, connection, site, [patient], asked.base).get(patient)
        if survivor is None:
            raise error("not-found", "not-found", f"There is no Patient '{patient}'", parameter_place("subject"))
        (facts,) = read_facts(store, connection, site, [survivor], asked.base)
        submission = store.analyses.newest(connection, site)
    each = {measure.id: asked.asked[measure.id]}
    answer = derive_answers(usable_data(facts, asked.key.cutoff), each)[measure.id]
    if answer is None:
        message = f"Patient '{patient}' is outside the initial population of Measure '{measure.id}'"
        raise error("unprocessable", "business-rule", message)
    return submission, survivor, answer


def _identified(report, definition, states):
    """The report with its identifiers: the digest of all it says but the date, of the definition, and `states`.

    states: {name of a site: newest submission that the report has seen}.
    """
    content = {name: value for name, value in report.items() if name != "date"}
    identifiers = [
        {"system": "https://registry.example/report-content", "value": digest_of(content)},
        {"system": "https://registry.example/measure-definition", "value": definition},
        *(
            {"system": "https://registry.example/database-state", "value": f"site {name}, submission {submission}"}
            for name, submission in states.items()
        ),
    ]
    head = {name: report[name] for name in ("resourceType", "contained", "extension") if name in report}
    return {**head, "identifier": identifiers, **report}


def digest_of(value):
    """SHA-256 of a JSON value, in hexadecimal."""
    return hashlib.sha256(json.dumps(value)).hexdigest()


def find_measure(reg, measure_id):
    """The content Measure of this id. Raises not-found."""
    measure = reg.content.measures.get(measure_id)
    if measure is None:
        known = ", ".join(sorted({*reg.content.measures, *reg.content.custom_measures}))
        raise error("not-found", "not-found", f"There is no Measure '{measure_id}'; known are {known}")
    return measure


def _read_type(report_type, subject):
    if report_type is None:
        return "summary" if subject is None else "individual"
    if report_type not in REPORT_TYPES:
        message = f"reportType '{report_type}' is not supported; supported: {', '.join(REPORT_TYPES)}"
        raise bad_parameter("reportType", "not-supported", message)
    known = REPORT_TYPES[report_type]
    if known == "individual" and subject is None:
        raise bad_parameter("subject", "required", f"reportType '{report_type}' needs a subject, such as Patient/123")
    if known != "individual" and subject is not None:
        raise bad_parameter("subject", "invalid", f"reportType '{report_type}' is of all subjects: leave out `subject`")
    return known


def read_period(period_start, period_end, now):
    """(earliest index or None, cut-off) as days since 1970-01-01; period_start, period_end: as in evaluate_measure."""
    start = None if period_start is None else _days("periodStart", period_start)[0]
    cutoff = now // _DAY if period_end is None else _days("periodEnd", period_end)[1]
    if start is not None and start > cutoff:
        message = f"periodStart {period_start} is after periodEnd {period_end or '(today)'}"
        raise bad_parameter("periodStart", "value", message)
    return start, cutoff


def _days(parameter, literal):
    try:
        instant_interval(literal)  # nothing may follow the date
        return day_interval(literal)
    except ValueError:
        raise bad_parameter(parameter, "value", f"{parameter} '{literal}' is not a date such as 2024-12-31") from None
