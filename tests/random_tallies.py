"""Tallies of made-up patients for each measure of the repository: small enough that many cells are small."""

from fhir_registry.endpoints.adverse_events import CATEGORIES, AdverseEvents
from fhir_registry.endpoints.asserted_line import LineCheck
from fhir_registry.endpoints.assessment import BEST_FIRST
from fhir_registry.endpoints.catalogue import ENDPOINTS
from fhir_registry.endpoints.characteristics import MISSING, check_characteristics
from fhir_registry.endpoints.discontinuation import ONGOING, Discontinuation, Status
from fhir_registry.endpoints.exposure import Exposure
from fhir_registry.endpoints.outcome import Analysed, Excluded, Items, Tally
from fhir_registry.endpoints.population import EXCLUSIONS
from fhir_registry.endpoints.prior_therapy import CELLS, PriorTherapy
from fhir_registry.endpoints.progression import ProgressionFree, TimeToProgression
from fhir_registry.endpoints.response import Response
from fhir_registry.endpoints.stop_reason import REASONS
from fhir_registry.endpoints.survival import Survival
from fhir_registry.endpoints.time_to_event import Time
from fhir_registry.endpoints.treatment_emergence import EMERGENT, NOT_EMERGENT
from fhir_registry.endpoints.treatment_failure import TreatmentFailure

INDEX = 17595
# (organ class, term, group of terms)
TERMS = (
    ("Investigations", "Neutrophil count decreased", "Neutropenia (grouped)"),
    ("Investigations", "ALT increased", None),
    ("Gastrointestinal disorders", "Nausea", None),
    ("Nervous system disorders", "Paresthesia", None),
    ("Blood disorders", "Anemia", None),
)


def random_tally(content, measure_id, rng, patients=120):
    """A Tally with all that the Measure asks for; rng: random.Random."""
    measure = content.measures[measure_id]
    endpoint = ENDPOINTS[measure.endpoint]
    divisions = check_characteristics(measure)
    tally = Tally([each.code for each in measure.stratifiers], endpoint.stratified)
    reasons = rng.sample(list(EXCLUSIONS), 4)
    # How often each level is met differs from registry to registry.
    habits = {each.code: _habit(rng, [*each.levels, MISSING]) for each in divisions}
    outcome = _OUTCOMES[measure.endpoint](rng)
    lines = _habit(rng, [LineCheck(1, 1), LineCheck(2, 1), None])
    share = rng.choice((0.01, 0.1))
    for _ in range(rng.randint(patients // 4, patients)):
        unread = {"unread-drug"} if rng.random() < 0.05 else frozenset()
        if rng.random() < share:
            tally.add(Excluded(rng.choice(reasons)), unread)
            continue
        row, flags = outcome()
        if "line" in row._fields:
            row = row._replace(line=rng.choices(*lines)[0])
        flags |= {"imputed-dates"} if rng.random() < 0.1 else set()
        if "earliest" in row._fields:
            days = 10 if "imputed-dates" in flags else 0
            row = row._replace(earliest=_moved(row[0], -days), latest=_moved(row[0], days))
        values = {code: rng.choices(*habit)[0] for code, habit in habits.items()}
        if {"age", "age-group"} <= values.keys():
            values["age"] = _coarse_age(values["age-group"], rng)
        tally.add(Analysed(INDEX, row, frozenset(flags), (), tuple(values.items())), unread)
    for _ in range(rng.randint(0, 8)):
        tally.add(None, {"unread-response"})
    return tally


def _habit(rng, values):
    weights = [rng.choice((1, 3, 10, 30)) for _ in values]
    weights[-1] = rng.choice((0, 1, 3))
    return values, weights


def _coarse_age(group, rng):
    if group == "60-69":
        return rng.choice(("<65", ">=65"))
    return group if group == MISSING else ">=65" if group == ">=70" else "<65"


def _response(rng):
    habit = _habit(rng, list(BEST_FIRST))

    def outcome():
        best = rng.choices(*habit)[0]
        return Response(best, best != "NE" or rng.random() < 0.5), set()

    return outcome


def _discontinuation(rng):
    reasons, weights = _habit(rng, [*REASONS, ONGOING])
    weights = [*weights[:-1], 30]
    seen = rng.choice((0.7, 0.97, 1))

    def outcome():
        visit_2 = rng.random() < seen
        reason = rng.choices(reasons, weights)[0]
        flags = {
            flag for flag, holds in (("visit-2-missing", not visit_2), ("stop-by-gap", reason == "unknown")) if holds
        }
        return Discontinuation(Status(visit_2, reason)), flags

    return outcome


def _exposure(rng):
    most = rng.choice((2, 4, 12))

    def outcome():
        n, more = rng.randint(1, most), rng.randint(0, 3)
        known, since = rng.random() < 0.95, rng.random() < 0.95
        mg = 250.0 * n if known else None
        row = Exposure(n, n, mg, n + more, n + more, 250.0 * (n + more) if known and since else None)
        others = Items(kind for kind in ("chemo", "hormonal") if rng.random() < 0.15)
        row = row._replace(
            other_classes=others, other_agents=Items({"chemo": "capecitabine"}.get(k, k) for k in others)
        )
        return row, set() if known and since else {"dose-unknown"}

    return outcome


def _prior(rng):
    habit = _habit(rng, [0, 1, 2, 3, 5])

    def outcome():
        if rng.random() < 0.05:
            return PriorTherapy(False, None, Items(), None), set()
        lines = tuple(rng.choices(*habit)[0] if kind in ("hormonal", "chemo") else 0 for kind, _ in CELLS)
        agents = Items(a for a, n in zip(("anastrozole", "letrozole", "capecitabine"), lines, strict=False) if n)
        return PriorTherapy(True, lines, agents, " > ".join([*agents, "FUL"])), set()

    return outcome


def _time(rng, scale, label="death"):
    event = rng.random() < 0.6
    days = rng.expovariate(1 / scale)
    return Time(1826.25, 0, "horizon") if days > 1826.25 else Time(int(days), int(event), label if event else "alive")


def _moved(time, days):
    """What other dates may make of an event."""
    if not time.event or time.days + days < 0:
        return time
    return time._replace(days=time.days + days) if time.days + days <= 1826 else Time(1826.25, 0, "horizon")


def _survival(rng):
    scale, through = rng.choice((300, 900, 3000)), rng.random() < 0.5

    def outcome():
        time = _time(rng, scale)
        later = time if time.event or rng.random() < 0.5 else time._replace(days=min(1826.25, time.days + 40))
        return Survival(time, registry_through=later if through else None), set()

    return outcome


def _censored(rng, time, share):
    """The same time, or censored somewhat earlier: what a sensitivity analysis may make of it."""
    return Time(max(0, int(time.days) - 20), 0, "last-assessment") if time.event and rng.random() < share else time


def _progression_free(rng):
    scale, share = rng.choice((200, 700)), rng.choice((0.03, 0.2))

    def outcome():
        time = _time(rng, scale, rng.choice(("progression", "progression", "death", "treatment-change")))
        s90 = _censored(rng, time, share)
        s60 = _censored(rng, s90, share)
        rest = [_censored(rng, time, share) for _ in range(5)]
        return ProgressionFree(time, _censored(rng, s60, share), s60, s90, *rest), set()

    return outcome


def _progression(rng):
    scale = rng.choice((200, 700))

    def outcome():
        time = _time(rng, scale, "progression")
        competes = time.event and rng.random() < 0.3
        return TimeToProgression(Time(time.days, 2, "death") if competes else time), set()

    return outcome


def _treatment_failure(rng):
    scale = rng.choice((200, 700))
    labels = ("progression", "death", "gap", "adverse-event", "stopped")

    def outcome():
        time = _time(rng, scale, rng.choice(labels))
        ttd = _censored(rng, time, 0.2)
        return TreatmentFailure(time, ttd, time if rng.random() < 0.1 else ttd), set()

    return outcome


def _adverse_events(rng):
    often, severe = rng.choice((0.05, 0.2, 0.5)), rng.choice((0.02, 0.2))

    def outcome():
        found = [(term, _grade(rng, severe)) for term in TERMS if rng.random() < often]
        row = AdverseEvents(
            three_part=_categories(rng, found),
            ich=_categories(rng, found),
            uncapped=_categories(rng, found),
            socs=_worst([((soc,), grade) for (soc, _, _), grade in found]),
            terms=_worst([((soc, term), grade) for (soc, term, _), grade in found]),
            groups=_worst([((group,), grade) for (_, _, group), grade in found if group]),
            reasons=Items([*rng.choices(sorted(EMERGENT), k=len(found)), *rng.choices(sorted(NOT_EMERGENT), k=1)]),
            progression=Items(["Disease progression"] if rng.random() < 0.03 else []),
            events=len(found),
            days_to_first=rng.randint(1, 50) if found else 100,
            days=100,
        )
        return row, {"grade-unknown"} if any(grade == 0 for _, grade in found) else set()

    return outcome


def _grade(rng, severe):
    return rng.choice((3, 4, 5)) if rng.random() < severe else rng.choice((0, 1, 1, 2, 2))


def _worst(graded):
    worst = {}
    for key, grade in graded:
        worst[key] = max(worst.get(key, 0), grade)
    return Items(sorted((*key, grade) for key, grade in worst.items()))


def _categories(rng, found):
    grades = [grade for _, grade in found]
    related = bool(found) and rng.random() < 0.6
    holds = {
        "any": bool(found),
        "serious": bool(found) and rng.random() < 0.2,
        "grade3plus": any(grade >= 3 for grade in grades),
        "fatal": 5 in grades,
        "related": related,
        "related-or-unassessed": related or (bool(found) and rng.random() < 0.1),
        "discontinuation": bool(found) and rng.random() < 0.1,
    }
    return Items(category for category in CATEGORIES if holds[category])


_OUTCOMES = {
    "adverse-events": _adverse_events,
    "best-overall-response": _response,
    "discontinuation": _discontinuation,
    "exposure": _exposure,
    "overall-survival": _survival,
    "prior-therapy": _prior,
    "progression-free-survival": _progression_free,
    "time-to-progression": _progression,
    "time-to-treatment-failure": _treatment_failure,
}
