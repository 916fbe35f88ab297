"""True response and adverse events on eribulin (RECIST 1.1: https://doi.org/10.1016/j.ejca.2008.10.026; CTCAE v5)."""

from collections import Counter

from . import codes
from .estimates import percent_with_limits, rate_per_100_years, wilson_limits
from .halaven import STABLE_FROM_DAY, WINDOW_DAYS
from .outcome import Outcome

ORDER = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")  # best first
AFTER_LAST_DOSE_DAYS = 30
RELATED = ("Certain", "Probably-Likely", "Possible")  # WHO-UMC
# Reason of a record -> does it count by the definition in three parts?
REASONS = {
    "new": True,
    "exacerbation": True,
    "recurrence-intensity": True,
    "recurrence-frequency": True,
    "recurrence-grade-unknown": True,
    "onset-unknown": True,
    "recurrence-not-worse": False,
    "pre-existing-unchanged": False,
    "resolved-before-first-dose": False,
    "after-window": False,
}


def best_overall_response(person, cutoff):
    """CR, PR, SD, NON-CR/NON-PD, PD, NE, or None without any assessment after the index."""
    starts = [r.start for r in person.regimens if r.start > person.index and codes.drug_class(r.drugs[0])]
    until = min([person.index + WINDOW_DAYS, cutoff, *starts])
    daily = {}
    for a in person.assessments:
        if a.usable and person.index < a.day <= until:
            daily.setdefault(a.day, []).append((a.evidence != "imaging", -ORDER.index(a.value), a.value))
    values = {day: min(found)[2] for day, found in daily.items()}
    progression = min((day for day, value in values.items() if value == "PD"), default=until)
    counted = [
        "NE" if value in ("SD", "NON-CR/NON-PD") and day - person.index < STABLE_FROM_DAY else value
        for day, value in values.items()
        if day <= progression
    ]
    return min(counted, key=ORDER.index, default=None)


def response(people, cutoff):
    """{group code: value}: control and response rates, distribution."""
    best = [best_overall_response(p, cutoff) for p in people]
    controlled = sum(b in ORDER[:4] for b in best)
    responded = sum(b in ORDER[:2] for b in best)
    evaluable = sum(b not in (None, "NE") for b in best)
    groups = {}
    for code, x in (("dcr", controlled), ("orr", responded)):
        for name, n in ((code, len(best)), (f"{code}-evaluable", evaluable)):
            groups |= percent_with_limits(name, x, n) | wilson_limits(name, x, n)
    for value in ORDER:
        groups[f"bor-{value.replace('/', '-').lower()}"] = best.count(value)
    groups["bor-not-assessed"] = best.count(None)
    groups["bor-ne"] += groups["bor-not-assessed"]
    return groups


def last_day(person, cutoff):
    """The last day under observation: 30 days after the last dose, 730 after the first, death or the cut-off."""
    last = max(d.day for d in person.doses if d.given and d.day <= cutoff)
    ends = [last + AFTER_LAST_DOSE_DAYS, person.index + WINDOW_DAYS, cutoff, person.death_day(cutoff)]
    return min(day for day in ends if day is not None)


def counted_events(person, cutoff):
    """The records that count by the definition in three parts."""
    return [e for e in person.adverse_events if REASONS[e.reason] and e.day <= cutoff]


def events_by_ich(person, cutoff):
    """Every onset under treatment."""
    return [e for e in person.adverse_events if person.index <= e.day <= last_day(person, cutoff)]


def events_whenever(person, cutoff):
    """What counts when observation does not end with the last dose: also what came after it."""
    return [e for e in person.adverse_events if (REASONS[e.reason] or e.reason == "after-window") and e.day <= cutoff]


HOLDS = {
    "any": lambda e: True,
    "serious": lambda e: e.serious,
    "grade3plus": lambda e: e.grade >= 3,
    "fatal": lambda e: e.grade == 5,
    "related": lambda e: e.causality in RELATED,
    "related-or-unassessed": lambda e: e.causality != "Unlikely",
    "discontinuation": lambda e: e.led_to_stop,
}


def adverse_events(people, cutoff):
    """{group code: value}: patients with an event by three definitions, by class and term; rates; records."""
    groups = {}
    for prefix, find in (("ae", counted_events), ("ae-ich", events_by_ich), ("ae-uncapped", events_whenever)):
        found = [find(p, cutoff) for p in people]
        for category, holds in HOLDS.items():
            x = sum(any(map(holds, events)) for events in found)
            groups |= percent_with_limits(f"{prefix}-{category}", x, len(people))
    counted = [counted_events(p, cutoff) for p in people]
    rows = Counter(row for events in counted for row in {row for e in events for row in rows_of(e)})
    for row, x in sorted(rows.items()):
        groups |= percent_with_limits(row, x, len(people))
    records = Counter(e.reason for p in people for e in p.adverse_events if e.day <= cutoff)
    groups |= {f"ae-records-{reason}": records[reason] for reason in REASONS}
    return groups | rates(people, counted, cutoff)


def rows_of(event):
    """Codes of the rows of the report in which an event stands."""
    name = event.term[1]
    organ_class, group = codes.ORGAN_CLASSES[name], codes.TOXICITIES.get(name)
    named = {"ae-soc": organ_class, "ae-term": name, "ae-group": group}
    return [f"{prefix}-{'-'.join(words.lower().split())}" for prefix, words in named.items() if words]


def rates(people, counted, cutoff):
    """Patients with an event by the time up to it, and events by all time, per 100 years."""
    days = [last_day(p, cutoff) - p.index + 1 for p in people]
    up_to_first = [
        min((e.day - p.index + 1 for e in events), default=all_days)
        for p, events, all_days in zip(people, counted, days, strict=True)
    ]
    return {
        "ae-eair-years": sum(up_to_first) / 365.25,
        **rate_per_100_years("ae-eair", sum(map(bool, counted)), sum(up_to_first)),
        "ae-eaer-years": sum(days) / 365.25,
        **rate_per_100_years("ae-eaer", sum(map(len, counted)), sum(days)),
    }


MEASURES = {
    "halaven-dcr": Outcome(response, "dcr|orr"),
    "halaven-adverse-events": Outcome(
        adverse_events, f"ae-({'|'.join(HOLDS)})", waived=frozenset({"under-age", "extent-not-met"})
    ),
}


def initial_population(people):
    """Every subject of the study."""
    return [p for p in people if p.enrolled]
