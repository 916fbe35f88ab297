"""Curves within MeasureReports: every step, and by month (section 6, rule 7, and section 4.6 of the definitions)."""

import pytest
from survival_data import KM10, published
from tallies import contained, divided, groups, report, steps, tally

from fhir_registry.content.measures import read_measure
from fhir_registry.endpoints.progression import TimeToProgression
from fhir_registry.endpoints.survival import Survival
from fhir_registry.endpoints.time_to_event import Time
from fhir_registry.endpoints.treatment_failure import TreatmentFailure

CURVE = "https://registry.example/StructureDefinition/curve"


def survivals(counts):
    """Rows of {(days, event): patients}."""
    times = {Time(days, int(event), "death" if event else "alive"): n for (days, event), n in counts.items()}
    return [Survival(time) for time, n in times.items() for _ in range(n)]


def numbers(lines, *columns):
    return [tuple(float(line[column]) if line[column] else None for column in columns) for line in lines]


@pytest.fixture(scope="module")
def km10(content):
    return report(content.measures["lipusu-her2-os"], tally(survivals(KM10)))


def test_every_step_of_ten_patients(km10):
    lines = steps(km10, "os")
    assert list(lines[0]) == ["time_d", "n_risk", "n_event", "n_censor", "S", "se", "lo", "hi"]
    assert numbers(lines, "time_d", "n_risk", "n_event", "n_censor", "S") == [
        (30, 10, 1, 0, pytest.approx(0.9)),
        (60, 9, 0, 1, pytest.approx(0.9)),
        (91, 8, 1, 0, pytest.approx(0.7875)),
        (122, 7, 2, 0, pytest.approx(0.5625)),
        (152, 5, 0, 1, pytest.approx(0.5625)),
        (183, 4, 1, 0, pytest.approx(0.421875)),
        (244, 3, 0, 1, pytest.approx(0.421875)),
        (365, 2, 1, 0, pytest.approx(0.2109375)),
        (400, 1, 0, 1, pytest.approx(0.2109375)),
    ]
    limits = {float(line["time_d"]): (float(line["lo"]), float(line["hi"])) for line in lines}
    expected = {
        30: (0.473009, 0.985281),
        91: (0.380882, 0.942591),
        122: (0.209421, 0.809171),
        183: (0.111029, 0.712567),
        365: (0.012764, 0.573899),
    }
    assert {day: limits[day] for day in expected} == {
        day: pytest.approx(pair, abs=6e-7) for day, pair in expected.items()
    }
    # Greenwood by hand: 0.9 * sqrt(1 / (10 * 9)).
    assert float(lines[0]["se"]) == pytest.approx(0.9 / 90**0.5)


def test_a_curve_by_month(km10):
    observation = contained(km10, "curve-os")
    assert observation["subject"] == {"reference": "#analysed"}
    assert contained(km10, "analysed")["quantity"] == 10
    sampled = observation["valueSampledData"]
    assert (sampled["period"], sampled["dimensions"]) == (30.4375 * 86400 * 1000, 4)
    words = sampled["data"].split(" ")
    months = [words[place : place + 4] for place in range(0, len(words), 4)]
    # 400 days are 13 months; 30 days are before the first of them, 365 before the twelfth.
    assert [float(month[0]) for month in months] == pytest.approx(
        [1, 0.9, 0.9, *[0.7875] * 2, *[0.5625] * 2, *[0.421875] * 5, *[0.2109375] * 2]
    )
    assert [int(month[3]) for month in months] == [10, 9, 8, 7, 7, 4, 4, 3, 3, 2, 2, 2, 1, 1]
    assert months[0][:3] == ["1", "1", "1"]
    assert [float(limit) for limit in months[12][1:3]] == pytest.approx([0.012764, 0.573899], abs=6e-7)


def test_steps_of_published_data_sets_as_in_r(content, cases):
    measure = content.measures["lipusu-her2-os"]
    for name, expected, data in published(cases):
        levels = dict(zip(("negative", "positive"), expected["by_group"], strict=True))
        rows = [(row, {"hormone-receptor": level}) for level, group in levels.items() for row in survivals(data[group])]
        found = report(measure, divided(measure, rows))
        wanted = {"": expected["overall"]}
        wanted |= {f"hormone-receptor={level}": expected["by_group"][group] for level, group in levels.items()}
        for stratum, curve in wanted.items():
            lines = steps(found, "os", stratum)
            for landmark in curve["landmarks_log-log"]:
                before = [line for line in lines if float(line["time_d"]) <= landmark["t"]]
                assert float(before[-1]["S"]) == pytest.approx(landmark["surv"], abs=1e-9), (name, stratum)
                assert float(before[-1]["se"]) == pytest.approx(landmark["se"], abs=1e-9)
                limits = float(before[-1]["lo"]), float(before[-1]["hi"])
                assert limits == pytest.approx((landmark["lower"], landmark["upper"]), abs=1e-9)
                at_risk = [int(line["n_risk"]) for line in lines if float(line["time_d"]) >= landmark["t"]]
                assert max(at_risk, default=0) == landmark["at_risk"]


def test_steps_of_competing_risks(content):
    """AJ10 of section 4.6: 1 progression, 2 death."""
    days, kinds = (30, 60, 91, 122, 130, 152, 183, 244, 365, 400), (1, 0, 2, 1, 1, 0, 2, 0, 1, 0)
    rows = [TimeToProgression(Time(*each, "")) for each in zip(days, kinds, strict=True)]
    found = report(content.measures["lipusu-her2-ttp"], tally(rows))
    incidence = {float(line["time_d"]): line for line in steps(found, "ttp-cif")}
    expected = {30: (0.1, 0.094868), 122: (0.2125, 0.134033), 130: (0.325, 0.155071), 365: (0.535938, 0.196988)}
    for day, pair in expected.items():
        assert (float(incidence[day]["S"]), float(incidence[day]["se"])) == pytest.approx(pair, abs=6e-7)
    assert numbers([incidence[365]], "lo", "hi") == [pytest.approx((0.138110, 0.821586), abs=6e-7)]
    # A death ends the observation without the event; the curve stays.
    assert numbers([incidence[91]], "n_risk", "n_event", "n_censor", "S") == [(8, 0, 1, pytest.approx(0.1))]
    deaths = {float(line["time_d"]): line for line in steps(found, "ttp-cif-death")}
    assert (float(deaths[91]["S"]), float(deaths[183]["S"])) == pytest.approx((0.1125, 0.253125))
    assert numbers([deaths[30]], "S", "se", "lo", "hi") == [(0, 0, 0, 0)]
    # Deaths censored: 1 - .678571.
    assert float(steps(found, "ttp")[-1]["S"]) == pytest.approx(1 - 0.678571, abs=6e-7)


def test_the_horizon_is_the_last_line(content):
    rows = [Survival(Time(1826, 1, "death")), *[Survival(Time(1826.25, 0, "horizon"))] * 3]
    found = report(content.measures["lipusu-her2-os"], tally(rows))
    assert [line["time_d"] for line in steps(found, "os")] == ["1826", "1826.25"]
    assert steps(found, "os")[-1]["n_censor"] == "3"
    words = contained(found, "curve-os")["valueSampledData"]["data"].split(" ")
    assert (len(words), float(words[-4]), words[-1]) == (61 * 4, pytest.approx(0.75), "3")


@pytest.mark.parametrize(
    "times, last_line, by_month",
    [
        # (n_risk, n_event, n_censor, S, se, lo, hi)
        ([Time(10, 1, "death")], (1, 1, 0, 0, None, None, None), "1 1 1 1"),
        ([Time(40, 0, "alive")] * 2, (2, 0, 2, 1, 0, 1, 1), "1 1 1 2 1 1 1 2"),
        ([Time(31, 1, "death")] * 3, (3, 3, 0, 0, None, None, None), "1 1 1 3 1 1 1 3"),
        ([Time(0, 1, "death")] * 2, (2, 2, 0, 0, None, None, None), "0 E E 2"),
    ],
    ids=["one patient", "all censored", "all events on one day", "all events on the first day"],
)
def test_curves_of_few(content, times, last_line, by_month):
    found = report(content.measures["lipusu-her2-os"], tally(map(Survival, times)))
    columns = ("n_risk", "n_event", "n_censor", "S", "se", "lo", "hi")
    assert numbers(steps(found, "os"), *columns) == [last_line]
    assert contained(found, "curve-os")["valueSampledData"]["data"] == by_month


def test_nobody_has_no_curve(content):
    found = report(content.measures["lipusu-her2-os"], tally([], ["under-age"]))
    assert not {"contained", "extension"} & found.keys()


def test_which_curves_are_there(content):
    measure = content.measures["lipusu-her2-ttf"]
    failed, stopped = Time(100, 1, "progression"), Time(200, 0, "ongoing")
    young = [(TreatmentFailure(failed, stopped, stopped), {"age": "<65"})] * 3
    old = [(TreatmentFailure(stopped, stopped, stopped), {"age": ">=65", "ecog": ">=2"})]
    found = report(measure, divided(measure, [*young, *old]))
    linked = [extension["valueReference"]["reference"] for extension in found["extension"]]
    assert {extension["url"] for extension in found["extension"]} == {CURVE}
    told = {"age": ["lt65", "ge65"], "ecog": ["ge2", "missing"]}
    strata = [(each.code, value) for each in measure.stratifiers for value in told.get(each.code, ["missing"])]
    assert linked == [
        "#curve-ttf",
        *(f"#curve-ttf-{stratifier}-{value}" for stratifier, value in strata),
        "#steps-ttf",
        "#curve-ttd",
        "#steps-ttd",
        "#curve-ttd-index-drug",
        "#steps-ttd-index-drug",
    ]
    assert linked == [f"#{each['id']}" for each in found["contained"] if each["id"] != "analysed"]
    stratum = contained(found, "curve-ttf-age-lt65")["component"]
    assert stratum == [{"code": {"text": "age"}, "valueString": "<65"}]
    assert contained(found, "curve-ttf-age-lt65")["code"]["coding"][0]["code"] == "ttf-curve"
    assert [line["n_event"] for line in steps(found, "ttf", "age=<65")] == ["3"]


def test_values_that_are_no_id(content):
    """What a site writes may be long, in any script, or hold a comma."""
    resource = dict(content.measures["lipusu-her2-os"].resource)
    criteria = {"language": "text/x-registry-characteristic", "expression": "observation death"}
    resource["group"] = [dict(resource["group"][0], stratifier=[{"code": {"text": "own"}, "criteria": criteria}])]
    measure = read_measure(resource, content.value_sets, content.studies, content.concept_maps)
    values = ("阳性", "x" * 80, "+1, +2", "1-2", "plain")
    found = report(measure, divided(measure, [(Survival(Time(9, 1, "death")), {"own": value}) for value in values]))
    strata = [each for each in found["contained"] if "component" in each]
    assert {each["component"][0]["valueString"] for each in strata} == set(values)
    assert "curve-os-own-plain" in {each["id"] for each in strata}
    assert len({each["id"] for each in strata}) == len(values)
    assert all(each["id"].isascii() and len(each["id"]) <= 64 for each in strata)
    assert len(steps(found, "os", "own=+1, +2")) == 1
    assert "os-logrank-own" in groups(found)
