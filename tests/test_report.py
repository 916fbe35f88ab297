"""MeasureReports of tallies with known results (section 6 of the oncology definitions)."""

import json
from collections import Counter

import pytest
from fhir.resources.R4B.measurereport import MeasureReport
from tallies import interval, populations, report, scores, tally

from fhir_registry.core.validate import Validator
from fhir_registry.endpoints.adverse_events import AdverseEvents
from fhir_registry.endpoints.asserted_line import LineCheck
from fhir_registry.endpoints.discontinuation import Discontinuation, Status
from fhir_registry.endpoints.exposure import Exposure
from fhir_registry.endpoints.outcome import Items
from fhir_registry.endpoints.partial import DAYS_PER_MONTH
from fhir_registry.endpoints.population import EXCLUSIONS
from fhir_registry.endpoints.prior_therapy import CELLS, PriorTherapy
from fhir_registry.endpoints.progression import ProgressionFree, TimeToProgression
from fhir_registry.endpoints.response import Response
from fhir_registry.endpoints.survival import Survival
from fhir_registry.endpoints.time_to_event import Time
from fhir_registry.endpoints.treatment_failure import TreatmentFailure
from fhir_registry.fhir.json import dumps, parse
from fhir_registry.reports.groups import decimal

# Overall survival of T01-T22 and T24 (section 4.1): days, + for censored.
T_COHORT = (
    "400 100 150 890+ 160+ 60+ 300+ 870+ 300+ 560 0 0+ 880+ 210+ 210+ 150+ 184+ 183+ 200+ 1826.25+ 1826 1826.25+ 200+"
)


def t_cohort():
    rows = []
    for time in T_COHORT.split():
        days, event = float(time.rstrip("+")), not time.endswith("+")
        rows.append(Survival(Time(days, event, "death" if event else "horizon" if days == 1826.25 else "alive")))
    return tally(rows, ["death-before-index"])


def test_survival_of_section_4_1(content):
    found = report(content.measures["lipusu-her2-os"], t_cohort())
    score = {code: q.get("value") for code, q in scores(found).items()}
    assert float(score["os-median"]) * DAYS_PER_MONTH == pytest.approx(1826)
    assert float(score["os-median-ci-lower"]) * DAYS_PER_MONTH == pytest.approx(400)
    assert score["os-median-ci-upper"] is None
    expected = {
        "os-rate-12m": 86.0870,
        "os-rate-12m-ci-lower": 62.7331,
        "os-rate-12m-ci-upper": 95.3007,
        "os-rate-24m": 64.5652,
        "os-rate-24m-ci-lower": 30.6740,
        "os-rate-24m-ci-upper": 85.0472,
        "os-rate-60m": 43.0435,
        "os-rate-60m-ci-lower": 8.3499,
        "os-rate-60m-ci-upper": 75.1122,
    }
    assert {code: float(score[code]) for code in expected} == pytest.approx(expected, abs=6e-5)
    assert [populations(found, f"os-rate-{m}m")["at-risk"] for m in (12, 24, 60)] == [8, 6, 2]
    follow_up = [float(score["os-follow-up-median" + suffix]) for suffix in ("", "-ci-lower", "-ci-upper")]
    assert follow_up == pytest.approx([days / DAYS_PER_MONTH for days in (300, 184, 880)])
    assert populations(found, "os-median") == {
        "initial-population": 24,
        "denominator-exclusion": 1,
        "denominator": 23,
        "imputed-dates": 0,
        "events": 6,
        "censored": 17,
    }
    assert score["exclusion-death-before-index"] == 1
    assert found["period"] == {"start": "2018-03-05", "end": "2025-06-30"}
    assert found["measure"] == "https://registry.example/Measure/lipusu-her2-os|1.0.0"


def test_survival_by_the_other_censoring_stands_beside(content):
    rows = [Survival(Time(300, 0, "alive"), registry_through=Time(days, 0, "alive")) for days in (800, 900)]
    died = Time(100, 1, "death")
    found = report(content.measures["lipusu-her2-os"], tally([*rows, Survival(died, registry_through=died)]))
    assert scores(found)["os-rate-24m"].get("value") is None
    assert float(scores(found)["os-registry-through-rate-24m"]["value"]) == pytest.approx(200 / 3)
    assert "os-last-contact-median" not in scores(found)


def test_asserted_lines_that_differ_are_a_part_of_those_asserted(content):
    lines = [*[LineCheck(asserted=1, derived=1)] * 2, LineCheck(2, 2), LineCheck(2, 1), None]
    rows = [Survival(Time(300, 0, "alive"), line=line) for line in lines]
    found = report(content.measures["lipusu-her2-os"], tally(rows, ["death-before-index"]))
    assert scores(found)["line-asserted"]["value"] == 4
    # R: binom.test(1, 4)
    assert interval(scores(found)["line-asserted-differs"]) == pytest.approx((25, 0.6309463, 80.5879550))
    counted = populations(found, "line-asserted-differs")
    assert (counted["denominator"], counted["denominator-exclusion"], counted["numerator"]) == (4, 2, 1)
    found = scores(report(content.measures["lipusu-her2-os"], tally(rows[-1:])))
    assert (found["line-asserted"]["value"], "value" in found["line-asserted-differs"]) == (0, False)


def test_a_median_not_reached_is_later_than_the_follow_up(content):
    found = scores(report(content.measures["lipusu-her2-os"], tally([Survival(Time(913.125, 0, "alive"))] * 3)))
    median = found["os-median"]
    assert (median["value"], median["comparator"], median["code"]) == (30, ">", "mo")
    (estimate,) = median["extension"]
    assert [e["valueCode"] for e in estimate["extension"] if e["url"] == "notEstimable"] == ["low", "high"]
    absent = [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
    assert found["os-median-ci-upper"] == {"extension": absent}
    assert found["os-rate-24m"]["value"] == 100
    assert "value" not in found["os-rate-36m"]
    assert found["os-rate-36m"]["extension"][-1] == absent[0]


def test_response_of_section_4_2(content):
    best = ["PR", "NE", "NE", "SD", "PD", "PD", "NE", "NE*", "NE*", "SD", "SD", "CR", "NON-CR/NON-PD"]
    rows = [Response(value.rstrip("*"), not value.endswith("*")) for value in best]
    found = report(content.measures["halaven-dcr"], tally(rows))
    score = {code: float(q["value"]) for code, q in scores(found).items()}
    expected = {
        "dcr": 46.1538,
        "dcr-ci-lower": 19.2232,
        "dcr-ci-upper": 74.8655,
        "dcr-wilson-ci-lower": 23.2061,
        "dcr-wilson-ci-upper": 70.8562,
        "dcr-evaluable": 75,
        "dcr-evaluable-ci-lower": 34.9144,
        "dcr-evaluable-ci-upper": 96.8146,
        "dcr-evaluable-wilson-ci-lower": 40.9275,
        "dcr-evaluable-wilson-ci-upper": 92.8521,
        "orr": 15.3846,
        "orr-ci-lower": 1.9207,
        "orr-ci-upper": 45.4471,
        "orr-wilson-ci-lower": 4.3258,
        "orr-wilson-ci-upper": 42.2346,
        "bor-cr": 1,
        "bor-pr": 1,
        "bor-sd": 3,
        "bor-non-cr-non-pd": 1,
        "bor-pd": 2,
        "bor-ne": 5,
        "bor-not-assessed": 2,
    }
    assert {code: score[code] for code in expected} == pytest.approx(expected, abs=6e-5)
    assert populations(found, "dcr-evaluable") == {
        "initial-population": 13,
        "denominator-exclusion": 5,
        "denominator": 8,
        "imputed-dates": 0,
        "numerator": 6,
    }


def test_injections_of_eight_patients(content):
    rows = [Exposure(n, n, None if n == 12 else 250.0 * n, n + 1, n + 1, None) for n in (6, 3, 6, 5, 1, 8, 12, 4)]
    found = report(content.measures["faslodex-injections"], tally(rows, flags=frozenset({"dose-unknown"})))
    score = {code: q.get("value") for code, q in scores(found).items()}
    names = ("mean", "median", "q1", "q3", "min", "max")
    assert [float(score[f"injections-{n}"]) for n in names] == [5.625, 5.5, 3.75, 6.5, 1, 12]
    assert float(score["injections-sd"]) == pytest.approx(3.3354, abs=5e-5)
    assert float(score["injections-since-first-dose-mean"]) == 6.625
    assert (score["injections-frequency-6"], score["injections-frequency-1"]) == (2, 1)
    # The patient with a dose unknown has no sum of mg.
    assert float(score["cumulative-dose-median"]) == 1250
    assert populations(found, "cumulative-dose-median")["described"] == 7
    assert score["cumulative-dose-since-first-dose-median"] is None
    assert populations(found, "injections-mean")["dose-unknown"] == 8


def prior(agents, sequence, **lines):
    counts = tuple(lines.get(f"{kind}_{setting}", 0) for kind, setting in CELLS)
    return PriorTherapy(True, counts, Items(agents), sequence)


def test_prior_therapies(content):
    rows = [
        prior(("letrozole", "tamoxifen"), "TAM(adj) > LET(adv) > FUL", hormonal_early=1, hormonal_advanced=1),
        prior(("letrozole", "tamoxifen"), "TAM(adj) > LET(adv) > FUL", hormonal_early=1, hormonal_advanced=1),
        prior(("capecitabine",), "CAP(adv) > CAP(adv) > CAP(adv) > FUL", chemo_advanced=3),
        prior((), "FUL"),
        PriorTherapy(False, None, Items(), None),
    ]
    found = report(content.measures["faslodex-prior-therapies"], tally(rows))
    score = {code: q.get("value") for code, q in scores(found).items()}
    assert (score["prior-hormonal-early"], score["prior-chemo-advanced"]) == (40, 20)
    assert populations(found, "prior-hormonal-early")["numerator"] == 2
    # Five patients, of four of whom the history is known.
    numbers = [score[f"prior-lines-chemo-advanced-{n}"] for n in ("0", "1", "2", "3plus")]
    assert numbers == [3, 0, 0, 1]
    assert populations(found, "prior-lines-hormonal-early-median") == {
        "initial-population": 5,
        "denominator-exclusion": 0,
        "denominator": 5,
        "imputed-dates": 0,
        "timing-unknown": 0,
        "described": 4,
    }
    assert float(score["prior-lines-hormonal-early-median"]) == 0.5
    assert (score["prior-agent-letrozole"], score["prior-history-unknown"]) == (2, 1)
    text = next(g["code"]["text"] for g in found["group"] if g["code"]["coding"][0]["code"] == "prior-sequence-1")
    assert (score["prior-sequence-1"], "TAM(adj) > LET(adv) > FUL" in text) == (2, True)


PROGRESSED, DEAD = Time(200, 1, "progression"), Time(300, 1, "death")
NO_EVENTS = AdverseEvents(*[Items()] * 8, 0, 129, 129)
EVENTS = NO_EVENTS._replace(
    three_part=Items(["any", "grade3plus"]),
    ich=Items(["any"]),
    uncapped=Items(["any"]),
    socs=Items([("Investigations", 4), ("soc-unknown", 0)]),
    terms=Items([("Investigations", "Neutrophil count decreased", 4), ("soc-unknown", "dry mouth", 0)]),
    groups=Items([("Neutropenia (grouped)", 4)]),
    reasons=Items(["new", "new", "after-window"]),
    progression=Items(["Disease progression"]),
    events=2,
    days_to_first=11,
)
TALLIES = {
    "lipusu-her2-os": lambda: t_cohort(),
    "lipusu-her2-pfs": lambda: tally([ProgressionFree(*[PROGRESSED] * 9), ProgressionFree(*[DEAD] * 9)], ["under-age"]),
    "lipusu-her2-ttp": lambda: tally([TimeToProgression(PROGRESSED), TimeToProgression(DEAD._replace(event=2))]),
    "lipusu-her2-ttf": lambda: tally([TreatmentFailure(DEAD, PROGRESSED, PROGRESSED)] * 3),
    "halaven-adverse-events": lambda: tally([EVENTS, NO_EVENTS], ["no-index-drug"]),
    "halaven-dcr": lambda: tally([Response("CR", True), Response("NE", False)], ["under-age"]),
    "faslodex-discontinuation": lambda: tally(
        [Discontinuation(Status(True, "death")), Discontinuation(Status(False, "ongoing"))], ["under-age"]
    ),
    "faslodex-injections": lambda: tally(
        [Exposure(1, 2, 500.0, 3, 4, None, Items(["chemo"]), Items(["capecitabine"]))] * 3
    ),
    "faslodex-prior-therapies": lambda: tally([prior(("letrozole",), "LET(adv) > FUL", hormonal_advanced=1)]),
}
NOBODY = {measure: lambda: tally([], ["no-index-drug", "under-age"]) for measure in TALLIES}


@pytest.mark.parametrize("measure", TALLIES)
@pytest.mark.parametrize("tallies", [TALLIES, NOBODY], ids=["some", "all excluded"])
def test_reports_are_valid_and_add_up(content, measure, tallies):
    found = report(content.measures[measure], tallies[measure]())
    sent = dumps(found)
    MeasureReport.model_validate_json(sent)
    validator = Validator(content.definitions, content.profiles, content.value_sets)
    assert validator.validate(parse(sent)) == []
    codes = [group["code"]["coding"][0]["code"] for group in found["group"]]
    assert Counter(codes).most_common(1)[0][1] == 1
    excluded = sum(q["value"] for code, q in scores(found).items() if code.startswith("exclusion-"))
    for code in codes:
        counts = populations(found, code)
        assert counts["initial-population"] == counts["denominator"] + counts["denominator-exclusion"]
    assert counts["denominator-exclusion"] == excluded
    assert [code for code in codes if code.startswith("exclusion-")] == [f"exclusion-{reason}" for reason in EXCLUSIONS]


@pytest.mark.parametrize("measure", TALLIES)
def test_every_code_is_in_its_code_system(content, measure):
    systems = [r for r in content.resources if r["resourceType"] == "CodeSystem"]
    held = {system["url"]: {concept["code"] for concept in system.get("concept", ())} for system in systems}
    stems = (
        *("ae-soc-", "ae-term-", "ae-group-", "ae-listed-"),
        *("injections-frequency-", "other-agent-", "prior-agent-", "prior-sequence-", "sde-"),
        *(f"{code}-{kind}-" for code in ("os", "pfs", "ttp", "ttf") for kind in ("hr", "logrank")),
    )
    found = report(content.measures[measure], TALLIES[measure]())
    for group in found["group"]:
        (coding,) = group["code"]["coding"]
        code = next((stem.rstrip("-") for stem in stems if coding["code"].startswith(stem)), coding["code"])
        assert code in held[coding["system"]]
        for population in group["population"]:
            (coding,) = population["code"]["coding"]
            assert coding["code"] in held.get(coding["system"], {coding["code"]})


@pytest.mark.parametrize("measure", TALLIES)
def test_the_same_counts_give_the_same_bytes(content, measure):
    first, second = TALLIES[measure](), TALLIES[measure]()
    second.exclusions = Counter(dict(reversed(first.exclusions.items())))
    for field, counts in reversed(first.fields.items()):
        second.fields[field] = Counter(dict(reversed(counts.items())))
    assert dumps(report(content.measures[measure], first)) == dumps(report(content.measures[measure], second))


def test_period_starts_where_it_was_asked_to(content):
    found = report(content.measures["halaven-dcr"], TALLIES["halaven-dcr"](), start=17532)
    assert found["period"]["start"] == "2018-01-01"


@pytest.mark.parametrize(
    "value, literal",
    [
        (7, "7"),
        (60.0, "60"),
        (1 / 3, "0.3333333333333333"),
        (1.5e-7, "0.00000015"),
        (1e-20, "0"),
        (123456789012.25, "123456789012.25"),
        (1e16, "10000000000000000"),
    ],
)
def test_numbers_have_all_digits_and_no_exponent(value, literal):
    assert dumps(decimal(value)) == literal.encode()
    assert json.loads(literal) == pytest.approx(value, abs=1e-12)
