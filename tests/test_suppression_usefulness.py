"""Suppression takes no more than it must: what goes of reports made by hand, what is left of made-up registries.

O4 of the oncology definitions: a small cell and the next smallest go, the totals remain.
"""

import re

import pytest

from fhir_registry.content.registry import load_content
from fhir_registry.endpoints.characteristics import MISSING
from fhir_registry.endpoints.outcome import Analysed, Plan, Tally
from fhir_registry.endpoints.survival import Survival
from fhir_registry.endpoints.time_to_event import Time
from fhir_registry.examples import REGISTRIES, Example
from fhir_registry.ops import evaluate, ingest
from fhir_registry.ops.open import open_registry
from fhir_registry.reports.count_sums import Sum
from fhir_registry.reports.measure_report import measure_report
from fhir_registry.reports.protection import protect
from fhir_registry.reports.suppression import suppress

MASKED = [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]
SITE = 1


def price(cell):
    return 100 if "total" in cell else 1


def test_the_next_smallest_goes_and_the_total_remains():
    cells = {"a": 3, "b": 12, "c": 25, "d": 60, "total": 100, "e": 40, "f": 60}
    sums = [Sum("total", ("a", "b", "c", "d")), Sum("total", ("e", "f"))]
    assert protect(cells, sums, 5, price=price) == {"a", "b"}


def test_two_that_protect_each_other_take_no_third():
    # a and b are 6 together: each can be 1 to 5, five numbers of which four are asked for.
    cells = {"a": 3, "b": 3, "c": 25, "total": 31}
    assert protect(cells, [Sum("total", ("a", "b", "c"))], 5, price=price) == {"a", "b"}


def test_of_a_table_the_cheapest_rectangle_goes():
    table = [[3, 20, 30], [15, 40, 50], [60, 70, 80]]
    cells = {f"{i}{j}": n for i, row in enumerate(table) for j, n in enumerate(row)}
    sums = []
    for i in range(3):
        row, column = [f"{i}{j}" for j in range(3)], [f"{j}{i}" for j in range(3)]
        cells |= {f"total {i}.": sum(table[i]), f"total .{i}": sum(row[i] for row in table)}
        sums += [Sum(f"total {i}.", tuple(row)), Sum(f"total .{i}", tuple(column))]
    assert protect(cells, sums, 5, price=price) == {"00", "01", "10", "11"}


def test_nearly_all_of_a_whole_goes_with_what_remains_of_it():
    # 98 of 100 were asked: two were not. Their 10 answers tell nothing.
    cells = {"total": 100, "asked": 98, "answers": 10}
    sums = [Sum("total", ("asked",), True), Sum("asked", ("answers",), True)]
    assert protect(cells, sums, 5, price=price) == {"asked"}


def survival_report(content, patients):
    """The report of overall survival of (ECOG, age, days, died?, flags, how many); all else is missing."""
    measure = content.measures["lipusu-her2-os"]
    codes = [each.code for each in measure.stratifiers]
    tally = Tally(codes, ("primary",))
    for ecog, age, days, died, flags, n in patients:
        values = dict.fromkeys(codes, MISSING) | {"ecog": ecog, "age": age}
        row = Survival(Time(days, int(died), "death" if died else "alive"))
        for _ in range(n):
            tally.add(Analysed(17595, row, frozenset(flags), (), tuple(values.items())))
    return measure_report(measure, tally, Plan("study", None, 20269, {}), "2025-07-15T08:00:00Z")


def elements(report):
    """{code of a group, or (it, stratifier, stratum): group or stratum}."""
    found = {}
    for group in report["group"]:
        code = group["code"]["coding"][0]["code"]
        found[code] = group
        for stratifier in group.get("stratifier", ()):
            by = stratifier["code"][0]["coding"][0]["code"]
            found |= {(code, by, each["value"]["text"]): each for each in stratifier["stratum"]}
    return found


def masked_counts(report):
    return {
        (key, population["code"]["coding"][0]["code"])
        for key, element in elements(report).items()
        for population in element["population"]
        if "count" not in population
    }


def masked_scores(report):
    """Codes of groups and strata; limits go with their number."""
    masked = {key for key, element in elements(report).items() if element["measureScore"].get("extension") == MASKED}
    return {key for key in masked if not re.search("-ci-(lower|upper)$", str(key))}


def test_a_small_stratum_takes_the_next_smallest_of_its_stratifier(content):
    # ECOG missing: 3 died, 6 live. Next are the 20 and 22 of >=2; ages have no small cell.
    report = survival_report(
        content,
        [
            *[("0-1", "<65", 800, True, (), 30), ("0-1", ">=65", 1000, False, (), 40)],
            *[(">=2", "<65", 500, True, (), 20), (">=2", ">=65", 900, False, (), 22)],
            *[(MISSING, "<65", 600, True, (), 3), (MISSING, ">=65", 950, False, (), 6)],
        ],
    )
    found = suppress(report, 5)
    of_strata = {("os-median", "ecog", level) for level in (">=2", MISSING)}
    compared = {"os-hr-ecog-ge2", "os-logrank-ecog"}
    assert {
        (key, kind) for key, kind in masked_counts(found) if not re.search("-ci-(lower|upper)$|-rate-", str(key))
    } == {(key, kind) for key in of_strata | compared for kind in ("events", "censored")}
    assert masked_scores(found) - {f"os-rate-{m}m" for m in (12, 24, 36, 48, 60)} == {
        ("os-median", "ecog", MISSING),
        *compared,
    }
    # The other strata keep their medians, and both ages their hazard ratio.
    for key in [
        ("os-median", "ecog", "0-1"),
        ("os-median", "ecog", ">=2"),
        ("os-median", "age", "<65"),
        "os-hr-age-ge65",
    ]:
        assert elements(found)[key]["measureScore"] == elements(report)[key]["measureScore"]


def test_flags_are_all_that_a_small_flag_takes(content):
    # 2 imputed dates of ECOG >=2, 20 of 0-1: the flag goes in both; ages have 12 and 10.
    report = survival_report(
        content,
        [
            *[("0-1", "<65", 800, True, (), 30), ("0-1", ">=65", 1000, False, (), 40)],
            *[("0-1", "<65", 800, True, ("imputed-dates",), 10), ("0-1", ">=65", 1000, False, ("imputed-dates",), 10)],
            *[(">=2", "<65", 800, True, (), 20), (">=2", ">=65", 1000, False, (), 22)],
            *[(">=2", "<65", 800, True, ("imputed-dates",), 2)],
        ],
    )
    found = suppress(report, 5)
    assert masked_counts(found) == {(("os-median", "ecog", level), "imputed-dates") for level in ("0-1", ">=2")}
    assert masked_scores(found) == set()


def test_a_landmark_before_which_few_are_censored_loses_its_number_at_risk_only(content):
    # 20 die and 1 is censored before month 12; 30 die between 12 and 24; 60 live on, 10 leave after month 24.
    report = survival_report(
        content,
        [
            *[("0-1", "<65", 100, True, (), 20), ("0-1", "<65", 200, False, (), 1)],
            *[("0-1", "<65", 500, True, (), 30), ("0-1", "<65", 900, False, (), 10)],
            *[("0-1", "<65", 1826.25, False, (), 60)],
        ],
    )
    found = suppress(report, 5)
    at_risk = {key for key, kind in masked_counts(found) if kind == "at-risk"}
    assert at_risk == {"os-rate-12m", "os-rate-12m-ci-lower", "os-rate-12m-ci-upper"} | {
        f"os-rate-24m{limit}" for limit in ("", "-ci-lower", "-ci-upper")
    }
    assert masked_scores(found) == set()
    (curve,) = (each for each in found["contained"] if each["id"] == "curve-os")
    months = curve["valueSampledData"]["data"].split()
    # The curve has no point that tells of the one; months 36 and on it has.
    assert months[12 * 4] == months[24 * 4] == "E" and months[36 * 4] != "E" != months[60 * 4]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    """The summary reports of the made-up registries of 200 patients: {measure: MeasureReport}."""
    registry = open_registry(f"sqlite:///{tmp_path_factory.mktemp('made-up') / 'registry.sqlite'}", load_content())
    reports = {}
    for name in sorted(REGISTRIES):
        example = Example(name, 200, seed=1)
        for bundle in example.bundles():
            ingest.bundle(registry, SITE, bundle, None)
        truth = example.truth()
        for measure in truth["measures"]:
            reports[measure] = evaluate.evaluate(
                registry, SITE, measure, period_start=truth["periodStart"], period_end=truth["periodEnd"]
            )
    yield reports
    registry.close()


# Measure -> the most groups that may be masked, in percent, at threshold 5 and 11.
SHARES = {
    "halaven-dcr": (5, 15),
    "halaven-adverse-events": (10, 20),
    "faslodex-discontinuation": (5, 20),
    "faslodex-injections": (5, 20),
    "faslodex-prior-therapies": (10, 20),
    "lipusu-her2-os": (10, 20),
    "lipusu-her2-pfs": (10, 25),
    # Nearly all have failed: one is censored, so that the number of failures, a denominator of many, is not there.
    "lipusu-her2-ttf": (60, 65),
    "lipusu-her2-ttp": (25, 40),
}


@pytest.mark.parametrize("position, threshold", [(0, 5), (1, 11)])
@pytest.mark.parametrize("measure", SHARES)
def test_most_of_a_report_stays(made_up, measure, position, threshold):
    report = made_up[measure]
    found = elements(suppress(report, threshold))
    groups = [key for key in found if isinstance(key, str)]
    masked = [key for key in groups if found[key]["measureScore"].get("extension") == MASKED]
    assert 100 * len(masked) <= SHARES[measure][position] * len(groups)
    totals = {each["code"]["coding"][0]["code"]: each.get("count") for each in report["group"][0]["population"]}
    kept = {each["code"]["coding"][0]["code"]: each.get("count") for each in found[groups[0]]["population"]}
    for kind in ("initial-population", "denominator-exclusion", "denominator"):
        assert kept[kind] == totals[kind]


@pytest.mark.parametrize("threshold", [5, 11])
@pytest.mark.parametrize("curve", ["os", "pfs", "ttf", "ttp"])
def test_medians_stay_of_all_and_of_strata_of_enough_events(made_up, curve, threshold):
    report = made_up[f"lipusu-her2-{curve}"]
    printed, found = elements(report), elements(suppress(report, threshold))
    medians = [key for key in printed if key == f"{curve}-median" or key[0] == f"{curve}-median"]
    few = set()
    for key in medians:
        counts = {each["code"]["coding"][0]["code"]: each["count"] for each in printed[key]["population"]}
        if 0 < counts["denominator"] < threshold or 0 < counts["events"] < threshold:
            few.add(key)
    assert {key for key in medians if found[key]["measureScore"] != printed[key]["measureScore"]} == few
    assert len(few) <= 2


@pytest.mark.parametrize(
    "curve, threshold, months",
    [("os", 5, (12, 24, 36, 48, 60)), ("os", 11, (12, 24, 36)), ("pfs", 5, (12, 24, 36)), ("pfs", 11, (12, 24))],
)
def test_landmarks_stay(made_up, curve, threshold, months):
    report = made_up[f"lipusu-her2-{curve}"]
    printed, found = elements(report), elements(suppress(report, threshold))
    for month in months:
        for limit in ("", "-ci-lower", "-ci-upper"):
            code = f"{curve}-rate-{month}m{limit}"
            assert found[code]["measureScore"] == printed[code]["measureScore"]
