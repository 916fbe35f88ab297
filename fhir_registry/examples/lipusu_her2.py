"""Made-up patients on paclitaxel liposome with anti-HER2 antibodies, and their survival (https://clinicaltrials.gov/study/NCT06481553)."""

import math

from . import codes
from .person import AdverseEvent, Assessment, Dose, Hospital, Person, Regimen, day_of

REGISTRY = "lipusu-her2"
PERIOD = ("2017-01-01", "2024-07-31")
LIPOSOME = "paclitaxel-liposome"

HOSPITALS = (
    Hospital("lip-beijing", "Example Cancer Hospital of Beijing", "Beijing", "CN", "+08:00",
             "local", "inline", "88040-1", "loinc", "icd", False, False, False),
    Hospital("lip-shanghai", "Example Hospital of Shanghai", "Shanghai", "CN", "+08:00",
             "atc-legacy", "inline", "97509-4", "snomed", "snomed", True, True, False),
    Hospital("lip-guangzhou", "Example Hospital of Guangzhou", "Guangzhou", "CN", "+08:00",
             "atc", "contained", "21976-6", "loinc", "icd", True, False, True),
    Hospital("lip-chengdu", "Example Hospital of Chengdu", "Chengdu", "CN", "+08:00",
             "text", "entry", "88040-1", "snomed", "snomed", False, False, False),
)  # fmt: skip

FATES = {
    2: "combined-on-day-28",
    4: "combined-on-day-29",
    7: "died-before-antibody",
    9: "her2-not-positive",
    12: "extent-not-met",
    15: "prior-advanced-therapy",
    18: "endocrine-first",
    21: "death-before-index",
    23: "under-age",
    26: "index-before-period",
    29: "other-taxane",
    31: "her2-equivocal-fish-positive",
}
EXCLUDED = {
    "combined-on-day-29": "no-combination",
    "died-before-antibody": "no-combination",
    "her2-not-positive": "her2-not-positive",
    "extent-not-met": "extent-not-met",
    "prior-advanced-therapy": "prior-advanced-therapy",
    "death-before-index": "death-before-index",
    "under-age": "under-age",
    "index-before-period": "index-before-period",
    "other-taxane": "not-in-study",
}


def simulate(number, rng):
    """The latent record of patient `number`; `index` is the day on which the combination was complete."""
    start, cutoff = map(day_of, PERIOD)
    fate = FATES.get(number % 32)
    first = start - 400 if fate == "index-before-period" else rng.randint(start + 60, cutoff - 300)
    age = 17 if fate == "under-age" else rng.randint(28, 76)
    person = Person(
        number,
        HOSPITALS[number % len(HOSPITALS)],
        birth=first - round((age + 0.5) * 365.25),
        index=first,
        excluded=EXCLUDED.get(fate),
        advanced=first - rng.randint(8, 40),
    )
    simulate_history(person, fate, rng)
    simulate_outcome(person, fate, cutoff, rng)
    person.birth_precision = "day" if fate == "under-age" else rng.choice(("day", "month", "year"))
    return person


def simulate_history(person, fate, rng):
    """Stage IV from the start, or surgery and chemotherapy years before; seldom something of advanced disease."""
    de_novo = fate == "under-age" or rng.random() < 0.4
    person.diagnosis = person.advanced - (3 if de_novo else rng.randint(900, 2500))
    if not de_novo:
        person.surgery = person.diagnosis + 20
        early = person.surgery + 30
        person.regimens += [
            Regimen(("doxorubicin", "cyclophosphamide"), "adjuvant", early, early + 63, "day", "completed"),
            Regimen(("trastuzumab",), "adjuvant", early + 84, early + 84 + 357, "day", "completed"),
        ]
    before = {"prior-advanced-therapy": "capecitabine", "endocrine-first": "letrozole"}.get(fate)
    if before:
        person.advanced = person.index - 240
        person.diagnosis = min(person.diagnosis, person.advanced - 3)
        person.regimens.append(
            Regimen((before,), "advanced", person.advanced + 12, person.index - 40, "day", "progression")
        )
    for regimen in person.regimens:
        regimen.intent_known = person.hospital.intent


def simulate_outcome(person, fate, cutoff, rng):
    """Treatment, progression, death or loss to follow-up, and what is known of them."""
    first = person.index
    survival = max(weibull(rng, 1350, 1.3), 45)
    progression = max(weibull(rng, 430, 1.2), 40)
    died_without = progression > survival
    progression = min(progression, survival - 4)
    lost = rng.randint(60, 1500) if rng.random() < 0.15 else None
    if fate == "died-before-antibody":
        survival, progression, lost = 20, 16, None
    observed = min(survival, lost or survival, cutoff - first + 120)
    simulate_doses(person, fate, min(progression, observed), rng)
    # Seldom nobody writes a progression down, and only the next line tells of it.
    progressed = progression < observed - 2 and not died_without and rng.random() > 0.08
    simulate_assessments(person, min(progression, observed - 2), progressed, rng)
    if progression + 40 < observed:
        simulate_next_line(person, first + progression + 12, first + observed, rng)
    if fate == "other-taxane":
        for dose in person.doses:
            dose.drug = "docetaxel" if dose.drug == LIPOSOME else dose.drug
    last = first + observed - rng.randint(2, 30)
    person.visits = [d.day for d in person.doses if d.given and rng.random() < 0.35]
    person.visits += [*range(first + 200, last, 180), max(last, person.last_contact(first + observed) or first)]
    if rng.random() < 0.1:
        term = codes.ADVERSE_EVENTS[REGISTRY][0]
        person.adverse_events.append(AdverseEvent(last + 500, None, term, 2, in_error=True))
    if survival == observed:
        person.death = first + survival
        person.death_precision = rng.choice(("day",) * 6 + ("month", "month", "year", "observation"))
        if person.death_precision == "day" and rng.random() < 0.3:
            person.visits.append(person.death)  # died in hospital
    if fate == "death-before-index":
        person.death, person.death_precision = first - 2, "day"


def weibull(rng, median, shape):
    """A Weibull time in whole days."""
    return round(median * (rng.expovariate(1) / math.log(2)) ** (1 / shape))


def simulate_doses(person, fate, until, rng):
    """Six cycles or so of the combination every three weeks, then the antibody alone."""
    first = person.index
    antibodies = rng.choices((("trastuzumab",), ("trastuzumab", "pertuzumab"), ("inetetamab",)), (35, 40, 25))[0]
    delay = {"combined-on-day-28": 28, "combined-on-day-29": 29}.get(fate, rng.choice((0, 0, 0, 0, 1)))
    if rng.random() < 0.15:
        # Planned a week before, but not given: not the index.
        person.doses.append(Dose(first - 7, LIPOSOME, 240, "not-done"))
    cycles = rng.randint(4, 8)
    person.doses += [Dose(first + 21 * n, LIPOSOME, 240) for n in range(cycles) if 21 * n <= until]
    if fate != "died-before-antibody":
        total = rng.randint(cycles, 14)
        for antibody in antibodies:
            amount = {"trastuzumab": 420, "pertuzumab": 420, "inetetamab": 400}[antibody]
            # The first dose belongs to the case even where progression comes early.
            days = [delay + 21 * n for n in range(total) if n == 0 or delay + 21 * n <= until]
            person.doses += [Dose(first + day, antibody, amount) for day in days]
        person.index = first + delay
    for term in rng.sample(codes.ADVERSE_EVENTS[REGISTRY], rng.randint(0, 2)):
        onset = first + rng.randint(1, 14)
        person.adverse_events.append(AdverseEvent(onset, onset + 3, term, rng.randint(1, 3)))


def simulate_assessments(person, until, progressed, rng):
    """Every nine weeks, seven times at most, then progression if there was any; some patients were never assessed."""
    if rng.random() < 0.1:
        return
    best = rng.choice(("PR", "PR", "SD", "CR"))
    days = [person.doses[0].day + 63 * n for n in range(1, 8)]
    end = person.doses[0].day + until
    person.assessments = [Assessment(day, best) for day in days if day < end]
    if progressed:
        person.assessments.append(Assessment(end, "PD"))
        person.assessments.append(Assessment(end + 900, "PD", "entered-in-error"))
    if rng.random() < 0.05:
        # So early that it may have been there before.
        person.assessments.append(Assessment(person.index + rng.randint(2, 14), "PD"))


def simulate_next_line(person, start, end, rng):
    """What followed progression: an infusion told by administrations, tablets by a statement."""
    if rng.random() < 0.5:
        days = range(start, min(start + 64, end - 3), 21)
        person.doses += [Dose(day, "trastuzumab-deruxtecan", 300) for day in days]
    else:
        drugs = rng.choice((("capecitabine", "pyrotinib"), ("capecitabine",), ("letrozole",)))
        person.regimens.append(Regimen(drugs, "advanced", start, min(start + 150, end - 3)))


def record(person, chart, rng):
    """Write the record down as the hospital would send it."""
    fate = FATES.get(person.number % 32)
    chart.add_patient(gender="male" if rng.random() < 0.02 else "female")
    chart.add_breast_cancer(person.diagnosis, "day")
    record_extent(person, fate, chart, rng)
    record_her2(person, fate, chart, rng)
    chart.add_marker(codes.OESTROGEN_RECEPTOR, person.diagnosis, rng.choice(("positive", "negative")))
    chart.add_performance(person.advanced, rng.randint(0, 2))
    if person.surgery:
        chart.add_surgery(person.surgery)
    chart.add_regimens()
    given = [chart.add_administration(dose) for dose in person.doses]
    for assessment in person.assessments:
        chart.add_response(assessment)
    for event in person.adverse_events:
        chart.add_adverse_event(event, suspect=given[0])
    in_hospital = person.death_precision == "day" and person.death == max(person.visits)
    for day in sorted(person.visits):
        chart.add_visit(day, disposition="exp" if in_hospital and day == person.death else None)
    # Booked but never kept: no sign of life.
    chart.add_visit(max(person.visits) + 365, status=rng.choice(("cancelled", "planned")))
    if person.death_precision == "observation" and person.death is not None:
        chart.add_death(person.death)


def record_extent(person, fate, chart, rng):
    """Evidence of distant disease; only axillary nodes where the extent is not met."""
    if fate == "extent-not-met":
        chart.add_condition(codes.AXILLARY_NODES, person.advanced, "secondary-cancer-condition")
        return
    evidence = rng.choice(("metastasis", "metastasis", "stage", "m-category"))
    if evidence == "metastasis":
        chart.add_metastasis(person.advanced)
    else:
        code, found = {
            "stage": (codes.STAGE_GROUP, codes.STAGE_IV),
            "m-category": (codes.M_CATEGORY, codes.M1),
        }[evidence]
        chart.add_observation(code, person.advanced, ("valueCodeableConcept", codes.concept(found)))


def record_her2(person, fate, chart, rng):
    """The biopsy of the metastasis; equivocal immunohistochemistry needs in-situ hybridisation."""
    day = person.advanced + 3
    if fate == "her2-not-positive":
        chart.add_marker(codes.HER2_INTERPRETATION, day, "negative")
        chart.add_observation(
            codes.HER2_BY_IHC,
            day + 1,
            ("valueCodeableConcept", codes.concept(codes.ANSWERS["loinc"]["positive"])),
            "entered-in-error",
        )
    elif fate == "her2-equivocal-fish-positive":
        chart.add_observation(codes.HER2_BY_IHC, day, ("valueCodeableConcept", codes.concept(codes.EQUIVOCAL)))
        chart.add_marker(codes.HER2_BY_FISH, day + 4, "positive")
    else:
        chart.add_marker(rng.choice((codes.HER2_INTERPRETATION, codes.HER2_BY_IHC)), day, "positive")
