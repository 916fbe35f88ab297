"""Made-up fulvestrant patients of Belgium, their injections and prior therapies (https://clinicaltrials.gov/study/NCT00735215)."""

from collections import Counter
from dataclasses import dataclass

from . import codes
from .person import AdverseEvent, Dose, Hospital, Person, Regimen, day_of, written

REGISTRY = "faslodex"
PERIOD = ("2008-10-01", "2018-12-31")
OVARIAN_SUPPRESSION = "goserelin"

HOSPITALS = (
    Hospital("fas-brussels", "Example Hospital of Brussels", "Brussels", "BE", "+01:00",
             "atc", "inline", "97509-4", "snomed", "icd", True, False, False),
    Hospital("fas-ghent", "Example Hospital of Ghent", "Ghent", "BE", "+02:00",
             "atc-legacy", "contained", "88040-1", "loinc", "icd", False, False, True),
    Hospital("fas-liege", "Example Hospital of Liege", "Liege", "BE", "+01:00",
             "rxnorm", "inline", "97509-4", "snomed", "snomed", False, True, False),
)  # fmt: skip

FATES = {
    5: "no-index-drug",
    8: "enrolment-not-active",
    11: "index-before-period",
    14: "not-in-study",
    18: "history-unknown",
    22: "no-prior-therapy",
    26: "dose-unknown",
    29: "timing-by-assertion",
}
EXCLUDED = ("no-index-drug", "enrolment-not-active", "index-before-period", "not-in-study")


@dataclass
class FulvestrantPatient(Person):
    """A person with the study's two visits."""

    visit_1: int | None = None
    visit_2: int | None = None
    stop_reason: str | None = None
    explicitly_none: bool = False  # "no prior therapy" was told, not just left out


def simulate(number, rng):
    """The latent record of patient `number`."""
    start, cutoff = map(day_of, PERIOD)
    fate = FATES.get(number % 32)
    modern = rng.random() < 0.4  # the 500 mg label
    index = rng.randint(day_of("2013-01-01"), cutoff - 300) if modern else rng.randint(start + 20, start + 600)
    if fate == "index-before-period":
        index = start - 40
    person = FulvestrantPatient(
        number,
        HOSPITALS[number % len(HOSPITALS)],
        birth=index - round(rng.uniform(56, 86) * 365.25),
        index=index,
        enrolled=fate != "not-in-study",
        excluded=fate if fate in EXCLUDED else None,
    )
    simulate_injections(person, fate, modern, rng)
    simulate_visits(person, cutoff, rng)
    simulate_history(person, fate, rng)
    person.birth_precision = rng.choice(("day", "day", "year"))
    return person


def simulate_injections(person, fate, modern, rng):
    """250 mg a month, or 500 mg on days 0, 14, 28 and then monthly; in one resource or as two injections."""
    months = min(1 + round(rng.expovariate(1 / 7)), 22)
    days = [0, 14, *range(28, 28 * months + 1, 28)] if modern else range(0, 28 * months + 1, 28)
    style = rng.choice(("whole", "two-sided", "two-plain")) if modern else "single"
    amount = None if fate == "dose-unknown" else 250
    for n, offset in enumerate(days):
        day = person.index + offset
        if n and rng.random() < 0.06:
            person.doses.append(Dose(day, "fulvestrant", amount, rng.choice(("not-done", "entered-in-error"))))
            continue
        if style == "two-sided":
            sides = ("left gluteus", "right gluteus")
            person.doses += [Dose(day, "fulvestrant", amount, site=side) for side in sides]
        elif style == "two-plain":
            # Alike in everything and sent together: still two injections.
            person.doses += [Dose(day, "fulvestrant", amount, identified=False) for _ in range(2)]
        elif style == "whole":
            halved = rng.random() < 0.04
            given = amount and (amount if halved else 2 * amount)
            person.doses.append(Dose(day, "fulvestrant", given, "stopped" if halved else "completed"))
        else:
            repeated = rng.random() < 0.05
            person.doses.append(Dose(day, "fulvestrant", amount, repeated=repeated))
    blur_one_date(person.doses, rng)
    if fate == "no-index-drug":
        for dose in person.doses:
            dose.status = "not-done"
    for term in rng.sample(codes.ADVERSE_EVENTS[REGISTRY], rng.randint(0, 2)):
        onset = person.index + rng.randint(1, 25)
        person.adverse_events.append(AdverseEvent(onset, onset + 5, term, rng.randint(1, 2)))


def blur_one_date(doses, rng):
    """One dose, neither first nor last and alone in its month, may be known by the month only."""
    months = Counter(written(dose.day, "month") for dose in doses)
    alone = [dose for dose in doses[1:-1] if months[written(dose.day, "month")] == 1]
    if alone and rng.random() < 0.3:
        rng.choice(alone).precision = "month"


def simulate_visits(person, cutoff, rng):
    """Visit 1 near the first dose or months later, Visit 2 when it ends, before, or never."""
    last = max(d.day for d in person.doses)
    first = person.index if rng.random() < 0.6 else person.index + rng.randint(-14, 10)
    if rng.random() < 0.2:
        first = person.index + rng.choice((30, 60))
    person.visit_1 = first
    end = max(last, first) + rng.randint(1, 30)
    person.stop_reason = rng.choices(
        ("progression", "adverse-event", "patient-decision", "lost", None), (60, 8, 8, 4, 20)
    )[0]
    if person.excluded == "no-index-drug":
        person.stop_reason = None
    if person.stop_reason:
        early = rng.random() < 0.15 and last > first + 60
        person.visit_2 = first + 50 if early else min(end, cutoff)
    person.visits = [d.day for d in person.doses if d.given and rng.random() < 0.5]
    person.visits += [day for day in (person.visit_1, person.visit_2) if day is not None]
    if person.visit_2 is None:
        person.visits.append(end)


def simulate_history(person, fate, rng):
    """Early disease years ago or none; then up to two endocrine lines and a line of chemotherapy before the index."""
    index = person.index
    de_novo = rng.random() < 0.25 or fate in ("history-unknown", "no-prior-therapy")
    advanced_lines = advanced_regimens(person, rng)
    if fate in ("history-unknown", "no-prior-therapy", "timing-by-assertion"):
        advanced_lines = []
    length = sum(months for _, months in advanced_lines) * 30 + 30 * len(advanced_lines)
    person.advanced = index - 30 - length
    person.diagnosis = person.advanced - 2
    if not de_novo:
        simulate_early_disease(person, rng)
    day = person.advanced + 15
    for drugs, months in advanced_lines:
        end = day + 30 * months
        person.regimens.append(Regimen(drugs, "advanced", day, end, stop_reason="progression"))
        day = end + 20
    if fate == "timing-by-assertion":
        # Told by its year alone, asserted before the index: prior all the same.
        person.regimens.append(Regimen(("megestrol",), "advanced", index - 5, None, "year", asserted=index - 1))
    for regimen in person.regimens:
        regimen.intent_known = person.hospital.intent or regimen.precision == "year"
    person.explicitly_none = fate == "no-prior-therapy"


def advanced_regimens(person, rng):
    """[(drugs, months)] of advanced disease: endocrine lines, targeted partners in later years, chemotherapy."""
    lines = [
        ((drug,), rng.randint(4, 14)) for drug in rng.sample(("anastrozole", "exemestane"), rng.choice((0, 1, 1, 2)))
    ]
    if person.index > day_of("2013-01-01") and rng.random() < 0.5:
        partner = rng.choice((("palbociclib", "letrozole"), ("everolimus", "tamoxifen"), ("pembrolizumab",)))
        lines.append((partner, rng.randint(3, 9)))
    if rng.random() < 0.3:
        lines.append(
            (rng.choice((("capecitabine",), ("vinorelbine",), ("paclitaxel", "bevacizumab"))), rng.randint(3, 6))
        )
    return lines


def simulate_early_disease(person, rng):
    """Surgery with chemotherapy before or after it, then five years of endocrine therapy or less."""
    person.diagnosis = person.advanced - rng.randint(3000, 4000)
    person.surgery = person.diagnosis + 200
    if rng.random() < 0.25:
        person.regimens.append(Regimen(("docetaxel",), "neoadjuvant", person.surgery - 150, person.surgery - 40))
    elif rng.random() < 0.6:
        drugs = ("fluorouracil", "epirubicin", "cyclophosphamide")
        start = person.surgery + 30
        person.regimens.append(Regimen(drugs, "adjuvant", start, start + 110))
        if rng.random() < 0.3:
            person.regimens.append(Regimen(("docetaxel",), "adjuvant", start + 130, start + 190))
    start = person.surgery + 260
    chosen = rng.choice((("tamoxifen",), ("tamoxifen",), ("letrozole",), ("tamoxifen", OVARIAN_SUPPRESSION), None))
    if chosen:
        middle = start + rng.randint(400, 900)
        precision = rng.choice(("day", "month"))
        person.regimens.append(Regimen(chosen, "adjuvant", start, middle, precision))
        if chosen == ("tamoxifen",) and rng.random() < 0.3:
            person.regimens.append(Regimen(("letrozole",), "adjuvant", middle + 40, middle + 700, precision))


def record(person, chart, rng):
    """Write the record down as the hospital would send it."""
    chart.add_patient()
    if person.enrolled:
        status = rng.choice(("candidate", "screening")) if person.excluded == "enrolment-not-active" else "on-study"
        chart.add_enrolment(person.visit_1, status, chart.add_consent(person.visit_1) if rng.random() < 0.5 else None)
    chart.add_breast_cancer(person.diagnosis, rng.choice(("day", "month")) if person.surgery else "day")
    chart.add_metastasis(person.advanced)
    if person.surgery:
        chart.add_surgery(person.surgery)
    chart.add_marker(codes.OESTROGEN_RECEPTOR, person.diagnosis, "positive")
    chart.add_marker(codes.PROGESTERONE_RECEPTOR, person.diagnosis, rng.choice(("positive", "negative")))
    chart.add_observation(
        codes.MENOPAUSE,
        person.advanced,
        ("valueCodeableConcept", codes.concept(codes.AFTER_MENOPAUSE)),
        category="social-history",
    )
    chart.add_regimens()
    record_silence(person, chart, rng)
    given = [chart.add_administration(dose) for dose in person.doses]
    for event in person.adverse_events:
        chart.add_adverse_event(event, suspect=given[0])
    for day in sorted(set(person.visits)):
        named = {person.visit_1: "visit-1", person.visit_2: "visit-2"}
        chart.add_visit(day, named.get(day))
    if person.stop_reason:
        chart.add_stop("fulvestrant", person.visit_2, person.stop_reason)


def record_silence(person, chart, rng):
    """What is no prior therapy: a drug not taken, and drugs that do not treat cancer."""
    earlier = person.diagnosis + 10
    if person.explicitly_none:
        chart.add_statement("tamoxifen", Regimen(("tamoxifen",), "advanced", earlier, None), "not-taken")
    if rng.random() < 0.3 and person.regimens:
        chart.add_statement(
            "zoledronic-acid", Regimen(("zoledronic-acid",), "advanced", person.advanced + 5, person.index)
        )
    if rng.random() < 0.1 and person.regimens:
        chart.add_statement(
            "gemcitabine", Regimen(("gemcitabine",), "advanced", earlier, earlier + 60), "entered-in-error"
        )
