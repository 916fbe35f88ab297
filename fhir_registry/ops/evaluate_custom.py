"""Evaluate a custom measure by its SELECT (https://hl7.org/fhir/R4/measure-operation-evaluate-measure.html)."""

from decimal import Decimal

from ..content.custom_measures import SUBJECT
from ..endpoints.characteristics import MISSING
from ..endpoints.outcome import Analysed, Excluded, Plan, Tally
from ..fhir.errors import FhirError, error, parameter_place
from ..reports.custom_measure import Selected
from ..reports.individual import individual_report
from ..reports.subject_list import subject_list_report
from ..store.persons import survivors
from ..store.relations import SelectError, selected
from .analyse import analyse
from .disclosure import reads_patients
from .lint_custom import study_answers


def evaluate_custom(reg, asked, measure, report_type, subject, date, reporter, job=None):
    """(MeasureReport, newest submission that it has seen) of a CustomMeasure, naming patients.

    asked: Question about its study; report_type: individual or subject-list. The rest as in evaluate_measure.
    Raises FhirError: unprocessable when the SELECT fails or its rows are not what the Measure says.
    """
    plan = Plan(measure.study, asked.key.start, asked.key.cutoff, {})

    def subject_list(connection, analysis):
        populations = {"initial-population": [], "denominator": [], "denominator-exclusion": []}
        populations |= {"numerator": []} if measure.numerator else {}
        for patient, answer in _read_answers(reg, asked, measure, connection, analysis):
            excluded = isinstance(answer, Excluded)
            populations["initial-population"].append(patient)
            populations["denominator-exclusion" if excluded else "denominator"].append(patient)
            if not excluded and answer.row.numerator:
                populations["numerator"].append(patient)
        populations = {code: sorted(patients) for code, patients in populations.items()}
        return subject_list_report(measure, populations, plan, date, reporter), analysis.submission

    def individual(connection, analysis):
        patient = subject.removeprefix(f"{asked.base}/").removeprefix("Patient/")
        known = survivors(reg.store, connection, asked.key.site, [patient], asked.base)
        if patient not in known:
            raise error("not-found", "not-found", f"There is no Patient '{patient}'", parameter_place("subject"))
        answers = dict(_read_answers(reg, asked, measure, connection, analysis))
        if known[patient] not in answers:
            message = f"Patient '{patient}' is outside the initial population of Measure '{measure.id}'"
            raise error("unprocessable", "business-rule", message)
        answer = answers[known[patient]]
        return individual_report(measure, known[patient], answer, plan, date, reporter), analysis.submission

    return analyse(reg, asked, {"subject-list": subject_list, "individual": individual}[report_type], job)


def count_custom(reg, asked, measure, job=None):
    """(Tally, newest submission that it has seen) of a CustomMeasure. Raises as evaluate_custom."""

    def count(connection, analysis):
        tally = Tally([each.code for each in measure.stratifiers], Selected._fields)
        try:
            for _, answer in _read_answers(reg, asked, measure, connection, analysis):
                tally.add(answer)
        except FhirError as problem:
            if problem.kind != "unprocessable" or reads_patients(reg):
                raise
            why = "its SELECT fails on these data; who may read those of single patients is told why"
            raise _wrong(measure, why) from None
        return tally, analysis.submission

    return analyse(reg, asked, count, job)


def _read_answers(reg, asked, measure, connection, analysis):
    """Yield (Patient id, Analysed or Excluded) of each row."""
    answers = study_answers(reg.content, measure.study)
    before = None
    try:
        with selected(reg.store, connection, asked.key, analysis, asked.base, measure.select, answers) as rows:
            names = list(rows.keys())[:-1]
            for *cells, stranger in rows:
                row = dict(zip(names, cells, strict=True))
                patient = row[SUBJECT]
                if stranger:
                    raise _wrong(measure, f"the subject '{patient}' is no Patient here")
                if patient == before:
                    raise _wrong(measure, f"the subject '{patient}' has several rows")
                before = patient
                yield patient, _answer(measure, row)
    except SelectError as e:
        raise _wrong(measure, str(e)) from e


def _answer(measure, row):
    reason = row.get(measure.exclusion)
    if reason is not None:
        return Excluded(str(reason))
    told = {each.code: _word(row[each.name]) for each in (*measure.stratifiers, *measure.supplemental)}
    return Analysed(
        None, Selected(_numerator(measure, row), _observation(measure, row)), characteristics=(*told.items(),)
    )


def _numerator(measure, row):
    if measure.numerator is None:
        return None
    value = row[measure.numerator]
    if value not in (0, 1):
        raise _wrong(measure, f"'{measure.numerator}' of '{row[SUBJECT]}' is {value!r}, neither 0 nor 1")
    return bool(value)


def _observation(measure, row):
    value = row.get(measure.observation)
    if value is None:
        return None
    if not isinstance(value, (int, float, Decimal)):
        raise _wrong(measure, f"'{measure.observation}' of '{row[SUBJECT]}' is {value!r}, no number")
    return float(value)


def _word(value):
    """A value of a characteristic; PostgreSQL has a type for truth, SQLite has 0 and 1."""
    return MISSING if value is None else str(int(value) if isinstance(value, bool) else value)


def _wrong(measure, message):
    return error("unprocessable", "business-rule", f"Measure '{measure.id}': {message}")
