"""Find what may be wrong with the data of one patient: section 5 (https://hl7.org/fhir/R4/detectedissue.html)."""

from .disease import HER2_WINDOW_DAYS, her2_status
from .finding import date_text, finding
from .findings_of_death import find_death_findings
from .findings_of_records import (
    read_administrations,
    read_adverse_events,
    read_doses,
    read_future,
    read_observations,
    read_statements,
    read_statuses,
    read_visits,
)
from .partial import is_year
from .population import completed_years
from .repeats import find_repeats
from .stop_reason import reasons_of
from .usable import usable_data

_POSITIVE = frozenset({"positive", "3+"})
_DISTANT = frozenset({"distant", "recurrence-distant"})
_NO_TREATMENT = frozenset({"supportive", "ignored"})
# Statuses of a dose, of a statement and of an order that may give the reason of a stop.
_LEFT = frozenset({"not-done", "stopped"})
_ENDED = frozenset({"completed", "stopped"})
_ORDER_ENDED = _ENDED | {"cancelled"}


def find_findings(facts, asked, today=None):
    """The Findings of one patient, in an order that depends on the facts only.

    facts: PatientFacts as stored, or UsableData; what is dated after the cut-off is not looked at, but dates of death.
    asked: what asked_by returns. today: what is dated later is in the future, days since 1970-01-01; None: that is not
    looked for. Of partial dates only what is certain is found.
    """
    usable = usable_data(facts, asked.cutoff)
    stored = usable.stored
    found = [finding("record-repeated", row) for row in find_repeats(usable)]
    read_statuses(stored, asked.cutoff, found)
    read_doses(stored, asked.cutoff, found)
    if today is not None:
        read_future(stored, today, found)
    doses = read_administrations(usable.administrations, asked, found)
    taken = read_statements(usable.statements, found)
    responses, her2 = read_observations(usable.observations, found)
    read_adverse_events(usable.adverse_events, found)
    read_visits(usable.encounters, usable.procedures, found)

    first = min(doses, key=lambda dose: (dose.start_lo, dose.start_hi), default=None)
    found += find_death_findings(usable, first, asked.cutoff)
    if first is not None:
        found += _find_of_index(usable, doses, first, asked)
        if asked.her2:
            found += _find_her2_negative(usable, her2, first.start_lo)
    progressions = [o for o in responses if o.value == "PD"]
    if progressions:
        found += _find_untreated(usable, taken, progressions)
        found += _find_differing(responses)
    found += _find_of_stops(stored, progressions, asked)
    found += _find_conflicting_births(usable.patients)
    found += _find_early_metastases(usable.conditions)
    return tuple(found)


def _find_of_index(facts, doses, first, asked):
    """Findings about the first dose of the index drug and the age on that day."""
    found = []
    known = min((dose.start_lo for dose in doses if not is_year(dose.start_lo, dose.start_hi)), default=None)
    for dose in doses:
        if is_year(dose.start_lo, dose.start_hi) and (known is None or dose.start_hi < known):
            found.append(finding("index-date-by-year", dose, date_text(dose.start_lo, dose.start_hi)))
    born = [person for person in facts.patients if person.birth_lo is not None]
    if born:
        person = min(born, key=lambda person: person.birth_lo)
        note = f"born {date_text(person.birth_lo, person.birth_hi)}"
        if person.birth_lo > first.start_hi:
            found.append(finding("birth-after-index", person, note))
        elif completed_years(person.birth_lo, first.start_lo) < asked.min_age:
            found.append(finding("under-age", person, note))
    return found


def _find_her2_negative(usable, results, index):
    """The latest result that is not positive, when HER2 is negative at the index."""
    latest = index + HER2_WINDOW_DAYS
    doubtful = [o for o in results if o.value not in _POSITIVE and (o.effective_lo is None or o.effective_lo <= latest)]
    if not doubtful or her2_status(usable, index) != "negative":
        return []
    result = max(doubtful, key=lambda o: (o.effective_lo is not None, o.effective_lo))
    return [finding("her2-negative", result, date_text(result.effective_lo, result.effective_hi))]


def _find_untreated(facts, taken, progressions):
    """Progressions before the first of all therapies and procedures. One of unknown start may have been before."""
    given = [a.start_lo for a in facts.administrations if a.drug_class not in _NO_TREATMENT]
    given += [s.start_lo for s in taken if s.drug_class not in _NO_TREATMENT]
    given += [p.start_lo for p in facts.procedures]
    if not given or None in given:
        return []
    return [
        finding("progression-before-treatment", o, date_text(o.effective_lo, o.effective_hi))
        for o in progressions
        if o.effective_hi < min(given)
    ]


def _find_differing(responses):
    """Responses other than the first of the same day."""
    values, found = {}, []
    for o in responses:
        day = date_text(o.effective_lo, o.effective_hi)
        value = values.setdefault(day, o.value)
        if value != o.value and o.effective_lo == o.effective_hi:
            found.append(finding("responses-differ", o, f"{day}: {o.value} and {value}"))
    return found


def _find_of_stops(facts, progressions, asked):
    """Findings about why drugs were stopped."""
    # Row, day from which it tells, day of the stop as an interval.
    told = [(a, a.start_lo, a.start_lo, a.start_hi) for a in facts.administrations if a.reasons and a.status in _LEFT]
    told += [(s, s.start_lo, s.end_lo, s.end_hi) for s in facts.statements if s.reasons and s.status in _ENDED]
    told += [(r, r.authored_lo, None, None) for r in facts.requests if r.reasons and r.status in _ORDER_ENDED]
    found = []
    for row, known, lo, hi in told:
        if (known is not None and known > asked.cutoff) or (lo is not None and lo > asked.cutoff):
            continue
        reasons = reasons_of(row)
        if "pregnancy" in reasons and all(person.gender == "male" for person in facts.patients):
            found.append(finding("pregnancy-of-male", row))
        if (
            "progression" in reasons
            and row.drug in asked.drugs
            and not any(
                lo is None or (o.effective_lo - asked.window <= hi and lo <= o.effective_hi + asked.window)
                for o in progressions
            )
        ):
            found.append(finding("progression-without-pd", row, date_text(lo, hi)))
    return found


def _find_conflicting_births(patients):
    """Patients of a merged person who were not born on the day of the first one; the surviving one is the first."""
    born = [person for person in patients if person.birth_lo is not None]
    found = []
    for person in born[1:]:
        if person.birth_lo > born[0].birth_hi or person.birth_hi < born[0].birth_lo:
            told, elsewhere = (date_text(p.birth_lo, p.birth_hi) for p in (person, born[0]))
            found.append(finding("birth-dates-conflict", person, f"{told}, elsewhere {elsewhere}"))
    return found


def _find_early_metastases(conditions):
    """Distant metastases before the first diagnosis of the primary tumour."""
    primary = min((c.onset_lo for c in conditions if c.kind == "breast" and c.onset_lo is not None), default=None)
    if primary is None:
        return []
    return [
        finding("metastasis-before-primary", c, date_text(c.onset_lo, c.onset_hi))
        for c in conditions
        if c.kind in _DISTANT and c.onset_lo is not None and c.onset_hi < primary
    ]
