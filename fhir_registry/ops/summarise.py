"""Count what all persons answered to a measure, of one site or of several together (https://hl7.org/fhir/R4/measurereport.html)."""

from ..content.custom_measures import CustomMeasure
from ..endpoints.outcome import Plan
from ..endpoints.unread import UNREAD
from ..fhir.errors import error
from ..reports.custom_measure import custom_report
from ..reports.measure_report import measure_report
from .analyse import analyse
from .disclosure import small_cell
from .evaluate_custom import count_custom


def summarise(reg, questions, measure, date, reporter, job=None):
    """(summary MeasureReport, {site: newest submission that it has seen}) over the persons of all these Questions.

    questions: about the same at different sites. measure: a Measure or CustomMeasure of their study. date, reporter: as
    in measure_report. job: as `analyse` takes it. Raises unprocessable when the initial population is empty.
    """
    custom, key = isinstance(measure, CustomMeasure), questions[0].key
    plan = Plan(measure.study, key.start, key.cutoff, {}) if custom else questions[0].asked[measure.id].plan
    tallies, seen = [], {}
    for asked in questions:
        tally, seen[asked.key.site] = (count_custom if custom else _count)(reg, asked, measure, job)
        tallies.append(tally)
    total, *others = tallies
    for tally in others:
        total.merge(tally)
        total.strays += tally.strays
    if not total.initial:
        raise error("unprocessable", "business-rule", _nobody(measure, plan, total, small_cell(reg)))
    return (custom_report if custom else measure_report)(measure, total, plan, date, reporter), seen


def _count(reg, asked, measure, job):
    """(Tally, newest submission that it has seen) of the Question `asked`."""

    def read(connection, analysis):
        return analysis, reg.store.analyses.tally(connection, analysis, measure.id)

    analysis, text = analyse(reg, asked, read, job)
    tally = asked.asked[measure.id].load_tally(text)
    tally.strays = analysis.strays
    return tally, analysis.submission


def _nobody(measure, plan, tally, threshold):
    def told(n):
        return f"fewer than {threshold}" if 0 < n < threshold else n

    if isinstance(measure, CustomMeasure):
        return f"Nobody is in the initial population of Measure '{measure.id}': its SELECT has no row"
    if plan.parameters["requireEnrolment"]:
        wanted = f"a ResearchSubject whose study is ResearchStudy/{plan.study}"
    else:
        drugs = ", ".join(sorted(plan.parameters["indexDrugs"]))
        wanted = f"a completed MedicationAdministration of {drugs} up to periodEnd"
    unread = "".join(f" {told(n)} patients have {UNREAD[code]}." for code, n in sorted(tally.unread_outside.items()))
    strays = f" {told(tally.strays)} records are of nobody: their subject is no Patient here." if tally.strays else ""
    return (
        f"Nobody is in the initial population of Measure '{measure.id}': no patient here has {wanted}. "
        f"Push the patients' records with it, or check the drug codes and periodEnd.{unread}{strays}"
    )
