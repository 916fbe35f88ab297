"""Strata of statistics, their comparison, and supplemental data (section 1.9, section 6, rules 6, 8 and 10)."""

from collections import Counter

import pytest
from fhir.resources.R4B.measurereport import MeasureReport
from survival_data import counts as observations
from survival_data import published
from tallies import counts, divided, groups, interval, populations, report, scores, strata

from fhir_registry.core.validate import Validator
from fhir_registry.endpoints.adverse_events import AdverseEvents
from fhir_registry.endpoints.discontinuation import Discontinuation, Status
from fhir_registry.endpoints.exposure import Exposure
from fhir_registry.endpoints.outcome import Items
from fhir_registry.endpoints.partial import DAYS_PER_MONTH
from fhir_registry.endpoints.prior_therapy import CELLS, PriorTherapy
from fhir_registry.endpoints.progression import ProgressionFree, TimeToProgression
from fhir_registry.endpoints.response import Response
from fhir_registry.endpoints.survival import Survival
from fhir_registry.endpoints.time_to_event import Time
from fhir_registry.endpoints.treatment_failure import TreatmentFailure
from fhir_registry.fhir.json import dumps, parse

HORMONE = "hormone-receptor"
HR, LOG_RANK = f"os-hr-{HORMONE}-positive", f"os-logrank-{HORMONE}"


def survivals(counts, **characteristics):
    """(row, characteristics) of {(days, event): patients}."""
    values = {code.replace("_", "-"): value for code, value in characteristics.items()}
    for (days, event), n in counts.items():
        yield from [(Survival(Time(days, int(event), "death" if event else "alive")), values)] * n


@pytest.fixture(scope="module")
def os(content):
    """A function: pairs (row, characteristics) -> report of overall survival."""
    measure = content.measures["lipusu-her2-os"]
    return lambda rows, exclusions=(): report(measure, divided(measure, list(rows), exclusions))


def test_published_data_sets_as_in_r(os, cases):
    for name, expected, data in published(cases):
        reference, other = expected["by_group"]
        levels = {"negative": reference, "positive": other}
        found = os(row for level, group in levels.items() for row in survivals(data[group], hormone_receptor=level))
        (cox,) = expected["cox_efron_by_group"]
        ratio = interval(scores(found)[HR])
        assert ratio == pytest.approx((cox["hr"], cox["lower"], cox["upper"]), abs=1e-6), name
        limits = [float(scores(found)[f"{HR}-ci-{side}"]["value"]) for side in ("lower", "upper")]
        assert limits == list(ratio[1:])
        assert float(scores(found)[LOG_RANK]["value"]) == pytest.approx(expected["logrank"]["p"], rel=1e-9)
        by_level = strata(found, "os-median", HORMONE)
        assert list(by_level) == ["negative", "positive", "missing"]
        for level, group in levels.items():
            wanted = expected["by_group"][group]
            median = wanted["median_ci_log-log"]
            days = [number and number * DAYS_PER_MONTH for number in interval(by_level[level]["measureScore"])]
            if median.get("median_upper") is None:
                assert days[1:] == [None, None]  # an interval has two limits or none
            else:
                wanted_days = [median["median"], median["median_lower"], median["median_upper"]]
                assert days == pytest.approx(wanted_days), (name, group)
            assert counts(by_level[level])["denominator"] == wanted["n"]
            assert counts(by_level[level])["events"] == wanted["events"]


def test_what_a_comparison_says(os):
    """Freireich: log-rank chi-square 16.792941, hazard ratio of placebo against 6-MP 4.8169 (section 4.6)."""
    treated = observations("6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+")
    placebo = observations("1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23")
    rows = [
        *survivals(treated, hormone_receptor="negative"),
        *survivals(placebo, hormone_receptor="positive"),
        *survivals(observations("4 50+")),
    ]
    found = os(rows, ["under-age"])
    group = groups(found)[HR]
    assert float(group["measureScore"]["value"]) == pytest.approx(4.8169, abs=5e-5)
    assert (group["measureScore"]["unit"], group["measureScore"]["code"]) == ("1", "1")
    text = group["code"]["text"]
    assert all(words in text for words in ("positive against negative", "Hormone receptor", "Efron", "exploratory"))
    # Two of unknown status are not compared.
    assert populations(found, HR) == {
        "initial-population": 45,
        "denominator-exclusion": 3,
        "denominator": 42,
        "imputed-dates": 0,
        "events": 30,
        "censored": 12,
    }
    assert populations(found, LOG_RANK) == populations(found, HR)
    # Upper tail of chi-square with one degree of freedom: erfc(sqrt(16.792941 / 2)).
    assert float(scores(found)[LOG_RANK]["value"]) == pytest.approx(4.1688e-5, rel=1e-4)
    assert "exploratory" in groups(found)[LOG_RANK]["code"]["text"]
    missing = strata(found, "os-median", HORMONE)["missing"]
    assert (counts(missing)["denominator"], counts(missing)["events"]) == (2, 1)


def few(n, last=30):
    return observations(" ".join(str(day) for day in range(1, n + 1)) + f" {last}+")


@pytest.mark.parametrize(
    "negative, positive, why, p_is_there",
    [
        (few(4), few(20), "fewer than 5 events", True),
        (few(20), few(4), "fewer than 5 events", True),
        (few(20), {}, "fewer than 5 events", False),
        ({}, few(20), "fewer than 5 events", False),
        (few(0), few(0), "fewer than 5 events", False),
        (observations("1 2 3 4 5"), observations("6 7 8 9 10"), "has the event first", True),
    ],
    ids=[
        "few events in the reference",
        "few events in the other",
        "a single level",
        "nobody in the reference",
        "all censored",
        "separation",
    ],
)
def test_nothing_to_estimate(os, negative, positive, why, p_is_there):
    found = os([*survivals(negative, hormone_receptor="negative"), *survivals(positive, hormone_receptor="positive")])
    for code in (HR, f"{HR}-ci-lower", f"{HR}-ci-upper"):
        assert "value" not in scores(found)[code]
        assert why in groups(found)[code]["code"]["text"]
    assert ("value" in scores(found)[LOG_RANK]) == p_is_there
    assert ("nothing to compare" in groups(found)[LOG_RANK]["code"]["text"]) != p_is_there
    by_level = strata(found, "os-median", HORMONE)
    assert counts(by_level["negative"])["denominator"] == sum(negative.values())
    assert counts(by_level["missing"])["denominator"] == 0
    assert "value" not in by_level["missing"]["measureScore"]


def test_all_events_on_one_day(os):
    same = observations("5 5 5 5 5 9+")
    found = os([*survivals(same, hormone_receptor="negative"), *survivals(same, hormone_receptor="positive")])
    assert float(scores(found)[HR]["value"]) == pytest.approx(1)
    assert float(scores(found)[LOG_RANK]["value"]) == pytest.approx(1)


def test_medians_of_strata(os):
    rows = [
        *survivals(observations("913.125+ 100+"), age="<65"),
        *survivals(observations("304.375"), age=">=65"),
        *survivals(observations("700 700 700"), ecog="0-1"),
    ]
    found = os(rows)
    ages = {value: each["measureScore"] for value, each in strata(found, "os-median", "age").items()}
    assert list(ages) == ["<65", ">=65", "missing"]
    assert (ages["<65"]["value"], ages["<65"]["comparator"]) == (30, ">")  # not reached
    assert (ages[">=65"]["value"], "comparator" in ages[">=65"]) == (10, False)
    assert float(ages["missing"]["value"]) == pytest.approx(700 / DAYS_PER_MONTH)  # all on one day
    ecog = strata(found, "os-median", "ecog")
    assert [(value, counts(each)["denominator"]) for value, each in ecog.items()] == [
        ("0-1", 3),
        (">=2", 0),
        ("missing", 3),
    ]


def test_levels_beyond_two_have_a_ratio_each(content):
    measure = content.measures["lipusu-her2-os"]
    (antibodies,) = (each for each in measure.stratifiers if each.code == "antibodies")
    rows = [
        *survivals(few(9), antibodies="single"),
        *survivals(few(8, last=40), antibodies="dual"),
        *survivals(few(7, last=50), antibodies="none"),
    ]
    found = report(measure, divided(measure, rows))
    ratios = [code for code in groups(found) if code.startswith("os-hr-antibodies") and "-ci-" not in code]
    assert ratios == ["os-hr-antibodies-dual", "os-hr-antibodies-none"]
    assert all("value" in scores(found)[code] for code in ratios)
    assert antibodies.text in groups(found)["os-logrank-antibodies"]["code"]["text"]


def test_rates_of_response(content):
    """8 of 8 and 13 patients: section 4.2."""
    measure = content.measures["halaven-dcr"]
    by_sex = {"<65": "CR PR SD SD SD SD PD PD", ">=65": "PD PD"}
    rows = [(Response(best, True), {"age": age}) for age, words in by_sex.items() for best in words.split()]
    found = report(measure, divided(measure, rows, ["no-index-drug"]))
    young = strata(found, "dcr", "age")["<65"]
    assert interval(young["measureScore"]) == pytest.approx((75, 34.9144, 96.8146), abs=6e-5)
    assert counts(young) == {"denominator": 8, "imputed-dates": 0, "numerator": 6}
    # 1 - 0.025 ** (1 / 2) of none in two.
    old = strata(found, "orr", "age")[">=65"]["measureScore"]
    assert interval(old) == pytest.approx((0, 0, 84.1886), abs=6e-5)
    assert "value" not in strata(found, "orr", "age")["missing"]["measureScore"]


def test_supplemental_data(content):
    measure = content.measures["lipusu-her2-os"]
    alive = Survival(Time(30, 0, "alive"))
    values = [{"sex": "female", "age-group": "40-49"}, {"sex": "female"}, {"age-group": ">=70"}, {}]
    found = report(measure, divided(measure, [(alive, each) for each in values], ["under-age"]))
    score = {code: each["value"] for code, each in scores(found).items() if code.startswith("sde-")}
    codes = {each.code for each in measure.supplemental}
    assert {code: n for code, n in score.items() if code.startswith("sde-sex")} == {
        "sde-sex-female": 2,
        "sde-sex-male": 0,
        "sde-sex-other": 0,
        "sde-sex-missing": 2,
    }
    ages = {code: n for code, n in score.items() if code.startswith("sde-age-group")}
    assert list(ages.items()) == [
        ("sde-age-group-lt40", 0),
        ("sde-age-group-40-49", 1),
        ("sde-age-group-50-59", 0),
        ("sde-age-group-60-69", 0),
        ("sde-age-group-ge70", 1),
        ("sde-age-group-missing", 2),
    ]
    assert sum(score.values()) == 4 * len(codes)
    assert groups(found)["sde-sex-female"]["measureScore"]["unit"] == "patients"


PROGRESSED, DEAD, ALIVE = Time(200, 1, "progression"), Time(300, 1, "death"), Time(400, 0, "alive")
EVENTS = AdverseEvents(*[Items()] * 8, 0, 129, 129)._replace(
    three_part=Items(["any", "serious"]), terms=Items([("Investigations", "Anaemia", 3)]), events=1
)
NO_LINES = PriorTherapy(True, (0,) * len(CELLS), Items(), "FUL")
ROWS = {
    "lipusu-her2-os": [Survival(DEAD), Survival(ALIVE)],
    "lipusu-her2-pfs": [ProgressionFree(*[PROGRESSED] * 9), ProgressionFree(*[DEAD] * 9)],
    "lipusu-her2-ttp": [TimeToProgression(PROGRESSED), TimeToProgression(DEAD._replace(event=2))],
    "lipusu-her2-ttf": [TreatmentFailure(DEAD, ALIVE, ALIVE), TreatmentFailure(PROGRESSED, ALIVE, ALIVE)],
    "halaven-adverse-events": [EVENTS, AdverseEvents(*[Items()] * 8, 0, 129, 129)],
    "halaven-dcr": [Response("CR", True), Response("NE", False)],
    "faslodex-discontinuation": [Discontinuation(Status(True, "death")), Discontinuation(Status(False, "ongoing"))],
    "faslodex-injections": [Exposure(1, 2, 500.0, 3, 4, None), Exposure(3, 3, None, 3, 4, None)],
    "faslodex-prior-therapies": [NO_LINES, PriorTherapy(False, None, Items(), None)],
}
MAIN = {
    "lipusu-her2-os": "os-median",
    "lipusu-her2-pfs": "pfs-median",
    "lipusu-her2-ttp": "ttp-median",
    "lipusu-her2-ttf": "ttf-median",
    "halaven-adverse-events": "ae-any",
    "halaven-dcr": "dcr",
    "faslodex-discontinuation": "discontinuation-any",
    "faslodex-injections": "injections-mean",
    "faslodex-prior-therapies": f"prior-{'-'.join(CELLS[0])}",
}


@pytest.fixture(params=ROWS)
def divided_report(request, content):
    """(Measure, report): of each stratifier and supplemental data a value each, of one patient nothing is known."""
    measure = content.measures[request.param]
    values = {
        "hormone-receptor": ("positive", "negative"),
        "age": ("<65", ">=65"),
        "sex": ("female", "male"),
        "ecog": (">=2", "0-1"),
    }
    first, second = ROWS[request.param]
    told = [{code: pair[side] for code, pair in values.items()} for side in (0, 1)]
    rows = [(first, told[0]), (first, told[1]), (second, told[0]), (second, told[1]), (second, {})]
    return measure, report(measure, divided(measure, rows, ["no-index-drug"])), rows


def test_strata_add_up(divided_report):
    measure, found, _ = divided_report
    for group in found["group"]:
        for stratifier in group.get("stratifier", ()):
            total = Counter()
            for stratum in stratifier["stratum"]:
                total.update(counts(stratum))
            assert +total == {code: n for code, n in counts(group).items() if n and code in total}
            worst_grade = stratifier["code"][0]["coding"][0]["code"] == "max-grade"
            assert worst_grade or stratifier["stratum"][-1]["value"]["text"] == "missing"
    by = [each["code"][0] for each in groups(found)[MAIN[measure.id]]["stratifier"]]
    assert [(each["coding"][0]["code"], each["text"]) for each in by] == [(s.code, s.text) for s in measure.stratifiers]


def test_reports_with_strata_are_valid(divided_report, content):
    _, found, _ = divided_report
    sent = dumps(found)
    MeasureReport.model_validate_json(sent)
    validator = Validator(content.definitions, content.profiles, content.value_sets)
    assert validator.validate(parse(sent)) == []
    assert max(Counter(group["code"]["coding"][0]["code"] for group in found["group"]).values()) == 1


def test_the_order_of_patients_does_not_matter(divided_report):
    measure, found, rows = divided_report
    assert dumps(report(measure, divided(measure, rows[::-1], ["no-index-drug"]))) == dumps(found)


def test_worst_grades_are_strata(content):
    measure = content.measures["halaven-adverse-events"]
    nothing = AdverseEvents(*[Items()] * 8, 0, 129, 129)
    grades = (4, 4, 3, 0)
    rows = [(nothing._replace(terms=Items([("Investigations", "Anaemia", grade)])), {}) for grade in grades]
    found = report(measure, divided(measure, [*rows, (nothing, {})]))
    by_grade = strata(found, "ae-term-anaemia", "max-grade")
    assert {value: counts(each)["numerator"] for value, each in by_grade.items()} == {
        "1": 0,
        "2": 0,
        "3": 1,
        "4": 2,
        "5": 0,
        "unknown": 1,
    }
    assert (scores(found)["ae-term-anaemia"]["value"], by_grade["4"]["measureScore"]["value"]) == (80, 40)
