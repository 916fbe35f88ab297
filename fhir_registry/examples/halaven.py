"""Made-up eribulin patients of Asia, their disease control (RECIST 1.1: https://doi.org/10.1016/j.ejca.2008.10.026)."""

from . import codes
from .person import AdverseEvent, Assessment, Dose, Hospital, Person, Regimen, day_of

REGISTRY = "halaven"
PERIOD = ("2012-01-01", "2017-12-31")
WINDOW_DAYS = 730
STABLE_FROM_DAY = 42

HOSPITALS = (
    Hospital("hal-seoul", "Example Hospital of Seoul", "Seoul", "KR", "+09:00",
             "rxnorm", "inline", "97509-4", "snomed", "snomed", True, True, False),
    Hospital("hal-tokyo", "Example Hospital of Tokyo", "Tokyo", "JP", "+09:00",
             "snomed", "contained", "88040-1", "loinc", "icd", False, False, False),
    Hospital("hal-bangkok", "Example Hospital of Bangkok", "Bangkok", "TH", "+07:00",
             "atc-legacy", "entry", "21976-6", "loinc", "icd", False, False, True),
    Hospital("hal-manila", "Example Hospital of Manila", "Manila", "PH", "+08:00",
             "text", "inline", "88040-1", "loinc", "snomed", False, True, False),
)  # fmt: skip

# Who is left out, by place in each round of 32 patients; every reason comes early in a small registry.
FATES = {
    3: "not-in-study",
    6: "no-index-drug",
    10: "enrolment-not-active",
    13: "extent-not-met",
    17: "under-age",
    20: "death-before-index",
    24: "index-before-period",
    27: "dosed-after-cutoff",
}
COURSES = (("response", 20), ("stable", 48), ("progression", 15), ("early-stable", 5), ("unclear", 4), ("unseen", 8))


def simulate(number, rng):
    """The latent record of patient `number`."""
    start, cutoff = map(day_of, PERIOD)
    fate = FATES.get(number % 32)
    index = rng.randint(start + 30, cutoff - 200)
    index = {"index-before-period": start - 100, "dosed-after-cutoff": cutoff + 20}.get(fate, index)
    age = 17 if fate == "under-age" else rng.randint(34, 79)
    person = Person(
        number,
        HOSPITALS[number % len(HOSPITALS)],
        birth=index - round((age + 0.5) * 365.25),
        index=index,
        enrolled=fate != "not-in-study",
        excluded={"dosed-after-cutoff": "no-index-drug"}.get(fate, fate),
        diagnosis=index - rng.randint(500, 2500),
        advanced=index - rng.randint(150, 400),
    )
    simulate_course(person, rng)
    simulate_treatment(person, rng)
    simulate_prior_therapy(person, rng)
    simulate_follow_up(person, rng)
    if fate == "no-index-drug":
        person.index = None
        for dose in person.doses:
            dose.status = rng.choice(("not-done", "entered-in-error"))
    if fate == "death-before-index":
        person.death, person.death_precision = index - 3, "day"
    person.birth_precision = "day" if fate else rng.choice(("day", "day", "month", "year"))
    return person


def simulate_course(person, rng):
    """Assessments about every eight weeks, and what must not count beside them."""
    course = rng.choices([c for c, _ in COURSES], [w for _, w in COURSES])[0]
    day, seen = person.index, person.assessments
    seen.append(Assessment(day - rng.randint(0, 14), rng.choice(("SD", "PD"))))  # baseline
    first = day + rng.randint(STABLE_FROM_DAY, 70)
    if course == "response":
        seen.append(Assessment(first, rng.choice(("PR", "SD"))))
        seen.append(Assessment(first + 56, rng.choice(("PR", "PR", "PR", "CR"))))
        seen.append(Assessment(first + 112, rng.choice(("SD", "PR"))))
        if rng.random() < 0.2:
            # Beyond 24 months: too late to be the best response.
            seen.append(Assessment(day + WINDOW_DAYS + rng.randint(1, 20), "CR"))
        else:
            seen.append(Assessment(first + 168 + rng.randint(0, 60), "PD"))
    elif course == "stable":
        visits = rng.randint(1, 4)
        value = rng.choice(("SD", "SD", "SD", "NON-CR/NON-PD"))
        seen += [Assessment(first + 56 * n, value) for n in range(visits)]
        if rng.random() < 0.7:
            seen.append(Assessment(first + 56 * visits, "PD"))
    elif course == "progression":
        seen.append(Assessment(first, "PD"))
    elif course == "early-stable":
        seen.append(Assessment(day + rng.randint(20, STABLE_FROM_DAY - 1), "SD"))
    elif course == "unclear":
        seen.append(Assessment(first, "NE"))
    if course in ("stable", "progression"):
        # Neither an error nor a preliminary reading counts; nor does a response after progression.
        if rng.random() < 0.3:
            seen.append(Assessment(first + 7, "CR", rng.choice(("entered-in-error", "preliminary", "cancelled"))))
        if seen[-1].value == "PD" and rng.random() < 0.3:
            seen.append(Assessment(seen[-1].day + 60, "PR"))
        if rng.random() < 0.1:
            # The clinical impression of the same day yields to the image.
            seen.append(Assessment(first, "PR", evidence="physical-exam"))


def simulate_treatment(person, rng):
    """Eribulin on days 1 and 8 of three weeks until progression, toxicity or the end of the story."""
    progression = first_progression(person.assessments, person.index)
    cycles = rng.randint(2, 9)
    until = min(progression or person.index + cycles * 21, person.index + 9 * 21)
    amount = rng.choice((1.8, 2.0, 2.1, 2.3, 2.4))
    if rng.random() < 0.15:
        person.doses.append(Dose(person.index - 7, "eribulin", amount, "not-done"))
    day = person.index
    while day <= until:
        person.doses.append(Dose(day, "eribulin", amount))
        skipped = rng.random() < 0.1
        person.doses.append(Dose(day + 7, "eribulin", amount, "not-done" if skipped else "completed"))
        day += 21
    simulate_adverse_events(person, rng)


def simulate_adverse_events(person, rng):
    """Up to three terms that are new under eribulin, and one that has a history or comes too late."""
    terms = rng.sample(codes.ADVERSE_EVENTS[REGISTRY], rng.randint(0, 4))
    for term in terms[:3]:
        onset = person.index + rng.randint(1, 40)
        end = onset + rng.randint(3, 25) if rng.random() < 0.7 else None
        add_adverse_event(person, rng, onset, end, term, rng.randint(1, 4), "new")
    for term in terms[3:]:
        before, onset, grade = person.index - rng.randint(20, 60), person.index + rng.randint(5, 30), rng.randint(1, 2)
        history = rng.choice(("resolved", "worse-again", "as-before", "ongoing", "exacerbated", "late"))
        if history == "late":
            last = max(d.day for d in person.doses if d.given)
            add_adverse_event(person, rng, last + rng.randint(31, 50), None, term, grade, "after-window")
            continue
        goes_on = history in ("ongoing", "exacerbated")
        reason = "pre-existing-unchanged" if goes_on else "resolved-before-first-dose"
        add_adverse_event(person, rng, before, None if goes_on else before + 10, term, grade, reason)
        again = {"worse-again": ("recurrence-intensity", 1), "as-before": ("recurrence-not-worse", 0)}
        again["exacerbated"] = ("exacerbation", 2)
        if history in again:
            reason, more = again[history]
            add_adverse_event(person, rng, onset, onset + 9, term, grade + more, reason)


def add_adverse_event(person, rng, onset, end, term, grade, reason):
    """One event with what the physician thinks of it."""
    causality = rng.choice(("Certain", "Probably-Likely", "Possible", "Unlikely", None))
    stopped = reason != "resolved-before-first-dose" and grade >= 3 and rng.random() < 0.3
    serious = rng.random() < 0.1
    person.adverse_events.append(AdverseEvent(onset, end, term, grade, serious, False, reason, causality, stopped))


def simulate_prior_therapy(person, rng):
    """Anthracycline after surgery, a line or two of advanced disease before eribulin, one after."""
    person.surgery = person.diagnosis + 20
    early = person.diagnosis + 50
    person.regimens.append(Regimen(("doxorubicin", "cyclophosphamide"), "adjuvant", early, early + 84))
    first = person.advanced + 10
    person.regimens.append(Regimen((rng.choice(("docetaxel", "paclitaxel")),), "advanced", first, first + 90))
    if person.assessments[-1].value in ("PD", "SD") and rng.random() < 0.4:
        # A new therapy, then a response that is not eribulin's.
        start = max(person.assessments[-1].day + 10, person.doses[-1].day + 5)
        person.regimens.append(Regimen((rng.choice(("capecitabine", "gemcitabine")),), "advanced", start, start + 80))
        person.assessments.append(Assessment(start + 56, "PR"))
    elif rng.random() < 0.2:
        person.regimens.append(Regimen(("zoledronic-acid",), "advanced", person.index + 30, person.index + 200))


def simulate_follow_up(person, rng):
    """Visits on most treatment days and after; death of about every second."""
    person.visits = [d.day for d in person.doses if d.given and rng.random() < 0.6]
    known = max(person.index, *person.visits, *(a.day for a in person.assessments), *(d.day for d in person.doses))
    known = max(known, person.index + 30, *(e.day for e in person.adverse_events), *(r.end for r in person.regimens))
    person.visits.append(known + rng.randint(1, 40))
    if rng.random() < 0.5:
        person.death = person.visits[-1] + rng.randint(5, 120)
        person.death_precision = rng.choice(("day", "day", "day", "month"))


def record(person, chart, rng):
    """Write the record down as the hospital would send it."""
    chart.add_patient()
    if person.enrolled:
        consent = chart.add_consent(person.index or person.doses[0].day) if rng.random() < 0.5 else None
        status = "screening" if person.excluded == "enrolment-not-active" else rng.choice(("on-study", "off-study"))
        chart.add_enrolment((person.index or person.doses[0].day) - 1, status, consent)
    chart.add_breast_cancer(person.diagnosis, rng.choice(("day", "month")))
    if person.excluded == "extent-not-met":
        chart.add_condition(codes.AXILLARY_NODES, person.advanced, "secondary-cancer-condition")
        chart.add_metastasis(person.advanced, verification="entered-in-error")
    else:
        chart.add_metastasis(person.advanced)
    chart.add_marker(codes.HER2_INTERPRETATION, person.diagnosis + 5, "negative")
    chart.add_performance(person.advanced, rng.randint(0, 2))
    chart.add_surgery(person.surgery)
    chart.add_regimens()
    given = [chart.add_administration(dose) for dose in person.doses]
    for assessment in person.assessments:
        chart.add_response(assessment)
    for event in person.adverse_events:
        chart.add_adverse_event(event, suspect=given[0])
    for day in person.visits:
        chart.add_visit(day)
    chart.add_visit(person.visits[-1] + 400, status="cancelled")


def first_progression(assessments, index):
    """Day of the first usable PD after the index, None without."""
    return min((a.day for a in assessments if a.usable and a.value == "PD" and a.day > index), default=None)
