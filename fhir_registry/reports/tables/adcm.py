"""ADCM: one row a record of a systemic anticancer therapy other than the index drugs (https://www.cdisc.org/standards/foundational/adam).

Class, setting and line: sections 3.1 to 3.3 of the definitions.
"""

from ...endpoints.asserted_line import find_asserted_number
from ...endpoints.lines import line_rules, parts, therapy_lines
from ...endpoints.prior_therapy import is_prior
from ...endpoints.therapy import find_settings, systemic_therapies
from .days import dated, study_day
from .table import DATE, INTEGER, KEY, SOURCE, Column, Table, source_columns

COLUMNS = (
    *KEY,
    Column("CMTRT", "Reported Name of Drug, Med, or Therapy"),
    Column("CMDECOD", "Standardized Medication Name"),
    Column("CMCLAS", "Medication Class"),
    Column("CMSCAT", "Setting of Therapy"),
    Column("CMLINE", "Line of Therapy in Setting, Derived", INTEGER),
    Column("CMLINEA", "Line of Therapy, Asserted", INTEGER),
    Column("CMINTENT", "Intent of Therapy, Asserted"),
    Column("ASTDT", "Analysis Start Date", DATE),
    Column("ASTDTF", "Analysis Start Date Imputation Flag"),
    Column("ASTDY", "Analysis Start Relative Day", INTEGER),
    Column("AENDT", "Analysis End Date", DATE),
    Column("AENDTF", "Analysis End Date Imputation Flag"),
    Column("PREFL", "Pre-treatment Flag"),
    *SOURCE,
)


def rows(person):
    """Every usable therapy of a Person who is analysed, in order of start; undated ones last."""
    answers = person.analysed()
    if not answers:
        return
    # The measure of prior therapies, when there is one, says how lines are made.
    plan = next(iter(person.analysed("prior-therapy") or answers)).plan
    therapies = [t for t in systemic_therapies(person.facts) if t.agent not in plan.parameters["indexDrugs"]]
    settings, lines = find_settings(person.facts), _lines(person, plan, therapies)
    for t in sorted(therapies, key=lambda t: (t.start_lo is None, t.start_lo, t.source)):
        told = person.rows_of(t.source)[0]
        start = dated("ASTDT", t.start_lo, t.start_hi, person.cutoff)
        yield {
            **person.key(),
            "CMTRT": told.drug_text or told.drug_code,
            "CMDECOD": t.agent,
            "CMCLAS": told.drug_class,
            "CMSCAT": settings(t),
            "CMLINE": lines.get(t.source),
            "CMLINEA": find_asserted_number(person.facts, told, t.first_day),
            "CMINTENT": t.intent,
            **start,
            "ASTDY": study_day(start.get("ASTDT"), person.index),
            **dated("AENDT", t.end_lo, t.end_hi, person.cutoff),
            "PREFL": _says_prior(t, person.index),
            **source_columns(t.source),
        }


def _lines(person, plan, therapies):
    """{Source: number of the line, 1 the first} of those before the index: as the count of prior lines has it."""
    settings, found = find_settings(person.facts), {}
    rules = line_rules(plan.parameters)
    prior = [t for t in therapies if is_prior(t, person.index) and t.first_day is not None and not t.suppression]
    for advanced in (False, True):
        of_setting = [t for t in prior if (settings(t) == "advanced") == advanced]
        lines = therapy_lines(of_setting, person.index - 1, rules)
        for t in of_setting:
            for number, line in enumerate(lines, 1):
                drugs = parts(t.agent, rules.combinations)
                if line.start <= t.first_day <= line.end and not line.drugs.isdisjoint(drugs):
                    found[t.source] = number
    return found


def _says_prior(therapy, index):
    """`Y`, `N`, or `U` when it may have started before the index or after it."""
    if is_prior(therapy, index):
        return "Y"
    return "U" if therapy.start_lo is None or therapy.start_lo < index else "N"


TABLE = Table("Prior and other therapies", lambda measures: COLUMNS, rows)
