"""The tables a statistician works with, from the data stored now (docs/tables.md; https://www.cdisc.org/standards/foundational/adam)."""

from ..endpoints.usable import usable_data
from ..fhir.errors import bad_parameter, error
from ..reports.tables import TABLES
from ..reports.tables.formats import FORMATS
from ..reports.tables.table import Answer, Person
from ..store.facts import read_facts
from .analyse import question
from .derivation import derive_answers
from .disclosure import require_patients
from .evaluate import find_measure, read_period


def write_table(reg, site, scope, table, format, sink, period_start=None, period_end=None, base=None):
    """Write one table to a binary file, a person at a time: memory does not grow with the registry.

    scope: (type, id) of a Measure, or of a ResearchStudy: all of its Measures. table: name in TABLES. format: name in
    FORMATS. period_start, period_end, base: as in evaluate. A table of nobody has its head only.
    Raises FhirError: not-found for an unknown scope, bad-request for any other wrong argument, forbidden; nothing is
    written then.
    """
    study, wanted = _find_scope(reg, *scope)
    _check("table", table, TABLES)
    _check("_format", format, FORMATS)
    if table == "trace" and scope[0] != "Measure":
        raise bad_parameter("table", "value", "The table 'trace' is one of a Measure, not of a ResearchStudy")
    require_patients(reg)
    start, cutoff = read_period(period_start, period_end, reg.store.now())
    about = question(reg, site, study, start, cutoff, base)
    asked = [about.asked[id] for id in wanted]
    chosen = TABLES[table]
    with reg.store.read(site, limited=False) as connection:
        found = read_facts(reg.store, connection, site, base=about.base)
        persons = (_answer(reg, site, facts, asked) for facts in found)
        rows = (row for person in persons for row in chosen.rows(person))
        FORMATS[format](chosen.columns([each.measure for each in asked]), rows, sink)


def _find_scope(reg, type, id):
    """(id of the study, ids of the Measures in order)."""
    if type == "Measure":
        return find_measure(reg, id).study, [id]
    measures = sorted(measure.id for measure in reg.content.measures.values() if measure.study == id)
    if not measures:
        known = ", ".join(sorted({measure.study for measure in reg.content.measures.values()}))
        raise error("not-found", "not-found", f"No Measure is of a ResearchStudy '{id}'; those of Measures are {known}")
    return id, measures


def _check(parameter, value, known):
    if value not in known:
        message = f"{parameter} '{value}' is not supported; supported: {', '.join(known)}"
        raise bad_parameter(parameter, "not-supported", message)


def _answer(reg, site, facts, asked):
    """The Person of these facts, with the answers of all measures and the characteristics they ask for."""
    if reg.trail:
        reg.trail.note_patients([facts.subject])
    usable = usable_data(facts, asked[0].plan.cutoff)
    answers = derive_answers(usable, {each.measure.id: each for each in asked})
    return Person(site, usable, [Answer(each.measure, each.plan, answers[each.measure.id]) for each in asked])
