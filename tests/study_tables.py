"""The tables of one patient by the measures of a registry, for tests."""

from patient_facts import day

from fhir_registry.content.registry import load_content
from fhir_registry.endpoints.catalogue import check_measure, derive_all
from fhir_registry.endpoints.characteristics import characteristics, check_characteristics
from fhir_registry.endpoints.outcome import Analysed, Plan
from fhir_registry.endpoints.usable import usable_data
from fhir_registry.reports.tables import TABLES
from fhir_registry.reports.tables.table import Answer, Person

MEASURES = load_content().measures


def person_of(facts, study, cutoff, measure=None):
    """A Person by all measures of a study, or by one of them (its id)."""
    measures = [m for id, m in sorted(MEASURES.items()) if m.study == study and measure in (None, id)]
    plans = [Plan(study, None, day(cutoff), check_measure(m)) for m in measures]
    usable = usable_data(facts, day(cutoff))
    outcomes = derive_all(usable, [(m.endpoint, plan) for m, plan in zip(measures, plans, strict=True)])
    answers = []
    for m, plan, outcome in zip(measures, plans, outcomes, strict=True):
        if isinstance(outcome, Analysed):
            told = characteristics(usable, outcome.index, plan, check_characteristics(m))
            outcome = outcome._replace(characteristics=tuple(told.items()))
        answers.append(Answer(m, plan, outcome))
    return Person(1, usable, answers)


def rows_of(table, record, study, cutoff, measure=None):
    """The rows of a table (its name) as dicts; what is missing is left out. Every column that is filled is declared."""
    person = person_of(record.facts(), study, cutoff, measure)
    columns = {column.name for column in TABLES[table].columns([answer.measure for answer in person.answers])}
    rows = [{k: v for k, v in row.items() if v not in (None, "")} for row in TABLES[table].rows(person)]
    assert all(row.keys() <= columns for row in rows)
    return rows


def pick(rows, *names):
    """The values of these columns, a tuple a row; None where missing."""
    return [tuple(row.get(name) for name in names) for row in rows]
