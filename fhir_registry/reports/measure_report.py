"""The MeasureReport of one measure (https://hl7.org/fhir/R4/measurereport.html, section 6 of the definitions)."""

from ..endpoints.characteristics import check_characteristics
from ..endpoints.population import EXCLUSIONS
from ..endpoints.unread import UNREAD
from .adverse_events import adverse_event_groups
from .curves import link_curves
from .description import add_distribution
from .discontinuation import discontinuation_groups
from .envelope import report_envelope
from .exposure import exposure_groups
from .groups import PATIENTS, RECORDS, Groups
from .prior_therapy import prior_therapy_groups
from .progression import progression_free_groups, progression_groups
from .response import response_groups
from .strata import read_stratifiers
from .survival import survival_groups
from .treatment_failure import treatment_failure_groups

# Endpoint -> its statistics: (Tally, Stratifiers) -> Groups.
STATISTICS = {
    "adverse-events": adverse_event_groups,
    "best-overall-response": response_groups,
    "discontinuation": discontinuation_groups,
    "exposure": exposure_groups,
    "overall-survival": survival_groups,
    "prior-therapy": prior_therapy_groups,
    "progression-free-survival": progression_free_groups,
    "time-to-progression": progression_groups,
    "time-to-treatment-failure": treatment_failure_groups,
}


def measure_report(measure, tally, plan, date, reporter=None):
    """The summary MeasureReport (dict) of a Tally.

    measure: content Measure; plan: the Plan it was counted by; date: instant of the run (literal);
    reporter: Reference dict or None. All but `date` depends on measure, tally, plan and reporter only.
    """
    start = plan.start if plan.start is not None else tally.first_index
    statistics = STATISTICS[measure.endpoint](tally, read_stratifiers(measure))
    curves = {"contained": statistics.contained, "extension": link_curves(statistics.contained)}
    return {
        "resourceType": "MeasureReport",
        **(curves if statistics.contained else {}),
        **report_envelope(measure, "summary", start, plan.cutoff, date, reporter),
        "group": [
            *statistics.groups,
            *_supplemental_groups(measure, tally),
            *_exclusion_groups(tally),
            *_withdrawn_groups(tally),
            *_unread_groups(tally),
        ],
    }


def _supplemental_groups(measure, tally):
    """Who the patients are: the number analysed by each value of the supplemental data."""
    groups = Groups(tally)
    levels = {each.code: each.levels for each in check_characteristics(measure)}
    for each in measure.supplemental:
        counts = tally.supplemental.get(each.code, {})
        add_distribution(groups, f"sde-{each.code}-", f"At the index: {each.text}", counts, levels[each.code])
    return groups.groups


def _exclusion_groups(tally):
    groups = Groups(tally)
    for reason, text in EXCLUSIONS.items():
        n = tally.exclusions[reason]
        groups.add_number(f"exclusion-{reason}", f"Excluded: {text}", n, PATIENTS, {"numerator": n})
    return groups.groups


def _withdrawn_groups(tally):
    """Where somebody has withdrawn in a mode that ends the use of data: how many."""
    groups, n = Groups(tally), tally.flags["withdrawn"]
    if n:
        text = "Withdrawn: patients analysed with what is dated up to their withdrawal"
        groups.add_number("withdrawn", text, n, PATIENTS, {"numerator": n})
    return groups.groups


def _unread_groups(tally):
    groups = Groups(tally)
    for code, text in UNREAD.items():
        n, outside = tally.unread[code], tally.unread_outside[code]
        groups.add_number(code, f"Not understood: patients with {text}", n, PATIENTS, {"numerator": n})
        text = f"Not understood: patients outside the initial population with {text}"
        groups.add_number(f"{code}-outside", text, outside, PATIENTS)
    groups.add_number(
        "unread-subject", "Not understood: records whose subject is no Patient here", tally.strays, RECORDS
    )
    return groups.groups
