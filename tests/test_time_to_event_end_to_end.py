"""Progression and treatment failure of made-up patients, from bundles to reports, against their true course."""

from itertools import chain
from math import exp

import pytest
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test
from pandas import DataFrame
from tallies import counts, interval, scores, strata

from fhir_registry.content.registry import load_content
from fhir_registry.endpoints.partial import DAYS_PER_MONTH
from fhir_registry.examples import Example
from fhir_registry.examples.estimates import kaplan_meier, median_with_interval, survival_at
from fhir_registry.examples.lipusu_her2 import LIPOSOME, PERIOD
from fhir_registry.examples.lipusu_her2_truth import HORIZON_DAYS
from fhir_registry.examples.person import day_of
from fhir_registry.fhir import json
from fhir_registry.ops import evaluate, ingest
from fhir_registry.ops.open import open_registry

SITE = 1
CUTOFF = day_of(PERIOD[1])
MAINTENANCE = ("letrozole",)  # a first endocrine agent after an anti-HER2 drug is of the same line
NEXT_LINE = "trastuzumab-deruxtecan"  # the only infusion that they are given after progression


@pytest.fixture(scope="module")
def pushed(tmp_path_factory):
    """(registry, people analysed)."""
    database = tmp_path_factory.mktemp("lipusu") / "registry.sqlite"
    registry = open_registry(f"sqlite:///{database}", load_content())
    example = Example("lipusu-her2", 60, seed=7)
    for bundle in example.bundles():
        ingest.bundle(registry, SITE, json.parse(json.dumps(bundle)), "https://server.example/fhir")
    yield registry, [person for person in example.people if person.excluded is None]
    registry.close()


def first_progression(person):
    days = [a.day for a in person.assessments if a.usable and a.value == "PD" and person.index < a.day <= CUTOFF]
    return min(days, default=None)


def last_assessment(person):
    days = [a.day for a in person.assessments if a.usable and person.index < a.day <= CUTOFF]
    return max(days, default=None)


def first_line_doses(person, drug=None):
    return [d.day for d in person.doses if d.given and d.drug != NEXT_LINE and drug in (None, d.drug)]


def tablets(person, of_first_line):
    """Regimens told by statements that belong to the first line, or those that do not."""
    later = [r for r in person.regimens if r.setting == "advanced" and r.start > person.index]
    last = max(first_line_doses(person))
    return [r for r in later if (r.drugs == MAINTENANCE and r.start - last <= 120) == of_first_line]


def next_line(person):
    days = [d.day for d in person.doses if d.given and d.drug == NEXT_LINE]
    days += [r.start for r in tablets(person, of_first_line=False)]
    return min((day for day in days if day <= CUTOFF), default=None)


def progression_free(person):
    """(day, event): progression, death, or the next line of those never assessed."""
    events = [first_progression(person), person.death_day(CUTOFF)]
    assessed = last_assessment(person)
    if assessed is None:
        events.append(next_line(person))
    known = [day for day in events if day is not None]
    if known:
        return min(known), True
    return (person.last_contact(CUTOFF) if assessed is None else assessed), False


def to_progression(person):
    day = first_progression(person)
    if day is not None:
        return day, True
    death = person.death_day(CUTOFF)
    return (death or last_assessment(person) or person.index), False


def discontinuation(person, drug=None):
    """(day, event) of the end of treatment with one drug, or with all of the first line."""
    change, death = next_line(person), person.death_day(CUTOFF)
    days = first_line_doses(person, drug)
    if drug is None:
        # A period stands for a dose every 28 days.
        days += [day for r in tablets(person, of_first_line=True) for day in range(r.start, r.end + 1, 28)]
    last = max(day for day in days if day <= CUTOFF and (change is None or day < change))
    if change is not None:
        return last, True
    if death is not None:
        return (death if death - last <= 120 else last), True
    return last, person.last_contact(CUTOFF) - last > 120


def failure(person):
    stop, stopped = discontinuation(person)
    progression = first_progression(person)
    if progression is None or (stopped and stop < progression):
        return stop, stopped
    return progression, True


COURSES = {
    "pfs": ("lipusu-her2-pfs", progression_free),
    "ttp": ("lipusu-her2-ttp", to_progression),
    "ttf": ("lipusu-her2-ttf", failure),
    "ttd": ("lipusu-her2-ttf", discontinuation),
    "ttd-index-drug": ("lipusu-her2-ttf", lambda person: discontinuation(person, LIPOSOME)),
}


def observed(people, course):
    """[(days, event)], up to the horizon."""
    times = []
    for person in people:
        day, event = course(person)
        days = max(0, day - person.index)
        times.append((HORIZON_DAYS, False) if days > HORIZON_DAYS else (days, event))
    return times


@pytest.mark.parametrize("code", COURSES)
def test_the_numbers_are_those_of_the_true_course(pushed, code):
    registry, people = pushed
    measure, course = COURSES[code]
    times = observed(people, course)
    curve = kaplan_meier(times)
    expected = dict(zip(("median", "median-ci-lower", "median-ci-upper"), median_with_interval(curve), strict=True))
    expected = {name: None if day is None else day / DAYS_PER_MONTH for name, day in expected.items()}
    for month in (12, 24, 36, 48, 60):
        survival = survival_at(curve, times, month * DAYS_PER_MONTH)
        for suffix, value in zip(("", "-ci-lower", "-ci-upper"), survival, strict=True):
            expected[f"rate-{month}m{suffix}"] = None if value is None else 100 * value

    report = evaluate.evaluate(registry, SITE, measure, *PERIOD)
    groups = {group["code"]["coding"][0]["code"]: group for group in report["group"]}
    found = {}
    for name in expected:
        score = groups[f"{code}-{name}"]["measureScore"]
        found[name] = None if "comparator" in score or "value" not in score else float(score["value"])
    assert found == {name: None if v is None else pytest.approx(v, abs=1e-9) for name, v in expected.items()}
    counts = {p["code"]["coding"][0]["code"]: p["count"] for p in groups[f"{code}-median"]["population"]}
    assert counts["denominator"] == len(people)
    assert counts["events"] == sum(event for _, event in times) > 5


def antibodies(person):
    given = {d.drug for d in person.doses if d.given and d.drug in ("trastuzumab", "pertuzumab", "inetetamab")}
    return "dual" if len(given) == 2 else "single"


@pytest.mark.parametrize("code", ["pfs", "ttp", "ttf"])
def test_the_subgroups_are_those_of_the_true_course(pushed, code):
    registry, people = pushed
    measure, course = COURSES[code]
    report = evaluate.evaluate(registry, SITE, measure, *PERIOD)
    by_level = {
        level: observed([person for person in people if antibodies(person) == level], course)
        for level in ("single", "dual")
    }
    found = strata(report, f"{code}-median", "antibodies")
    assert list(found) == ["single", "dual", "none", "missing"]
    for level, times in by_level.items():
        assert counts(found[level])["denominator"] == len(times)
        assert counts(found[level])["events"] == sum(event for _, event in times) >= 5
        median, *_ = median_with_interval(kaplan_meier(times))
        assert float(found[level]["measureScore"]["value"]) == pytest.approx(median / DAYS_PER_MONTH, abs=1e-9)

    rows = chain.from_iterable(
        [(days, event, level == "dual") for days, event in times] for level, times in by_level.items()
    )
    subjects = DataFrame(rows, columns=["days", "event", "dual"]).astype(float)
    model = CoxPHFitter().fit(subjects, "days", "event", fit_options={"precision": 1e-12})
    ratio, low, high = interval(scores(report)[f"{code}-hr-antibodies-dual"])
    assert ratio == pytest.approx(model.hazard_ratios_["dual"], rel=1e-6)
    assert (low, high) == pytest.approx(tuple(exp(limit) for limit in model.confidence_intervals_.iloc[0]))
    single, dual = (subjects[subjects["dual"] == level] for level in (0, 1))
    test = logrank_test(single["days"], dual["days"], single["event"], dual["event"])
    assert float(scores(report)[f"{code}-logrank-antibodies"]["value"]) == pytest.approx(test.p_value)
