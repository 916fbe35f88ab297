"""True exposure to fulvestrant, prior therapies and reasons to stop (https://clinicaltrials.gov/study/NCT00735215)."""

from collections import Counter

from . import codes
from .estimates import describe, order_statistics, percent_with_limits
from .faslodex import OVARIAN_SUPPRESSION
from .outcome import Outcome

MG_PER_INJECTION = 250
CLASSES = ("hormonal", "chemo", "targeted", "immuno")
SETTINGS = ("early", "advanced")
GAP_DAYS = 120  # longer without an injection is a stop
REASONS = (
    "death",
    "progression",
    "no-response",
    "adverse-event",
    "patient-decision",
    "physician-decision",
    "pregnancy",
    "access",
    "lost-to-follow-up",
    "completed",
    "other",
    "unknown",
)


def observation_period(person, cutoff):
    """(Visit 1, Visit 2), inclusive days; without Visit 2 up to the last contact."""
    return person.visit_1, person.last_contact(cutoff) if person.visit_2 is None else person.visit_2


def injections(dose):
    """One dose in injections of 250 mg; a dose without amount is one."""
    return 1 if dose.amount is None else max(1, round(dose.amount / MG_PER_INJECTION))


def exposure_groups(prefix, doses_by_patient):
    """Injections, administration days and mg of lists of given doses."""
    groups = describe(f"injections-{prefix}", [sum(map(injections, doses)) for doses in doses_by_patient])
    groups |= describe(f"administration-days-{prefix}", [len({d.day for d in doses}) for doses in doses_by_patient])
    amounts = [[d.amount for d in doses] for doses in doses_by_patient]
    return groups | describe(f"cumulative-dose-{prefix}", [sum(a) for a in amounts if None not in a])


def truth_of_exposure(people, cutoff):
    """{group code: value} of the fulvestrant given between the visits, and from the first dose to the cut-off."""
    since_first = [[d for d in p.doses if d.given and d.interval[0] <= cutoff] for p in people]
    in_period = []
    for person, doses in zip(people, since_first, strict=True):
        begin, end = observation_period(person, cutoff)
        # A month that straddles a visit counts.
        in_period.append([d for d in doses if d.interval[0] <= end and begin <= d.interval[1]])
    counts = Counter(sum(map(injections, doses)) for doses in in_period)
    return (
        exposure_groups("", in_period)
        | exposure_groups("since-first-dose-", since_first)
        | {f"injections-frequency-{count}": n for count, n in sorted(counts.items())}
        | other_therapy_groups(people, cutoff)
    )


def other_therapy_groups(people, cutoff):
    """Patients who started other anticancer drugs between the visits, by class and by drug."""
    started = []
    for person in people:
        begin, end = observation_period(person, cutoff)
        # A start known by its year counts from the first day of it.
        started.append({drug for r in person.regimens if begin <= r.first_day <= end for drug in r.drugs})
    groups = {}
    for name in CLASSES:
        x = sum(any(codes.drug_class(drug) == name for drug in drugs) for drugs in started)
        groups |= percent_with_limits(f"other-therapy-{name}", x, len(people))
    agents = Counter(drug for drugs in started for drug in drugs)
    return groups | {f"other-agent-{drug}": n for drug, n in sorted(agents.items())}


def truth_of_history(people):
    """{group code: value} of prior therapies by class and setting; a line counts in each class that it holds."""
    groups = {}
    known = [p for p in people if p.regimens or p.explicitly_none]
    for name in CLASSES:
        for setting in SETTINGS:
            lines = [count_lines(p, name, setting) for p in known]
            groups |= percent_with_limits(f"prior-{name}-{setting}", sum(n > 0 for n in lines), len(people))
            prefix = f"prior-lines-{name}-{setting}-"
            groups |= {f"{prefix}{n}": lines.count(n) for n in range(3)}
            groups[f"{prefix}3plus"] = sum(n >= 3 for n in lines)
            groups |= order_statistics(prefix, lines)
    agents = Counter(drug for p in people for drug in {drug for r in p.regimens for drug in r.drugs})
    groups |= {f"prior-agent-{drug}": n for drug, n in sorted(agents.items())}
    sequences = Counter(map(sequence_of_therapies, known))
    groups |= {f"prior-sequence-{rank}": n for rank, (_, n) in enumerate(sequences.most_common(), start=1)}
    groups["prior-history-unknown"] = len(people) - len(known)
    return groups


def sequence_of_therapies(person):
    """What was given before fulvestrant, in order; ovarian suppression is no therapy by itself."""
    ordered = sorted(person.regimens, key=lambda regimen: regimen.start)
    return tuple((frozenset(r.drugs) - {OVARIAN_SUPPRESSION}, r.setting) for r in ordered)


def count_lines(person, name, setting):
    """Prior lines of a drug class, `early` being neoadjuvant and adjuvant together."""
    regimens = [r for r in person.regimens if (r.setting == "advanced") == (setting == "advanced")]
    return sum(any(codes.drug_class(drug) == name for drug in r.drugs) for r in regimens)


def reason_to_stop(person, cutoff):
    """Why fulvestrant had been stopped at the second visit, or at the cut-off without one; None: it had not."""
    doses = [d.interval for d in person.doses if d.given and d.interval[0] <= cutoff]
    _, end = observation_period(person, cutoff)
    if person.stop_reason and all(first <= end for first, _ in doses):
        return {"lost": "lost-to-follow-up"}.get(person.stop_reason, person.stop_reason)
    last = max(last for first, last in doses if first <= end)
    return "unknown" if end - last > GAP_DAYS else None


def truth_of_discontinuation(people, cutoff):
    """{group code: value} of the reasons, of all with a second visit and of all who stopped."""
    reasons = [(reason_to_stop(p, cutoff), p.visit_2 is not None) for p in people]
    visited = [reason for reason, seen in reasons if seen]
    stopped = [reason for reason, _ in reasons if reason]
    groups = percent_with_limits("discontinuation-ongoing", visited.count(None), len(visited))
    groups |= percent_with_limits("discontinuation-any", len(visited) - visited.count(None), len(visited))
    for suffix, of_whom in (("", visited), ("-of-discontinued", stopped)):
        for reason in REASONS:
            groups |= percent_with_limits(f"discontinuation-{reason}{suffix}", of_whom.count(reason), len(of_whom))
    return groups


MEASURES = {
    "faslodex-injections": Outcome(truth_of_exposure, r"injections-(mean|sd|median|q1|q3|min|max)"),
    "faslodex-prior-therapies": Outcome(
        lambda people, cutoff: truth_of_history(people), rf"prior-({'|'.join(CLASSES)})-({'|'.join(SETTINGS)})"
    ),
    "faslodex-discontinuation": Outcome(
        truth_of_discontinuation, "discontinuation-any", counts=lambda person: person.visit_2 is not None
    ),
}


def initial_population(people):
    """Every subject of the study."""
    return [p for p in people if p.enrolled]
