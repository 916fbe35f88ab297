"""Small cells of a report cannot be told (section 5, item 8, and case O4 of the oncology definitions)."""

import random
from base64 import b64decode
from copy import deepcopy

import pytest
from fhir.resources.R4B.measurereport import MeasureReport
from random_tallies import random_tally
from suppression_attack import ATTACKS, discontinuation_attack, grade_attack

from fhir_registry.content.custom_measures import CustomMeasure
from fhir_registry.core.validate import Validator
from fhir_registry.endpoints.outcome import Analysed, Plan, Tally
from fhir_registry.endpoints.response import Response
from fhir_registry.endpoints.survival import Survival
from fhir_registry.endpoints.time_to_event import Time
from fhir_registry.fhir.json import dumps, parse
from fhir_registry.reports.custom_measure import Selected, custom_report
from fhir_registry.reports.measure_report import measure_report
from fhir_registry.reports.suppression import suppress

DATE = "2025-07-15T08:00:00Z"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
MASKED = {"url": ABSENT, "valueCode": "masked"}
MEASURES = (
    *("faslodex-discontinuation", "faslodex-injections", "faslodex-prior-therapies"),
    *("halaven-adverse-events", "halaven-dcr"),
    *("lipusu-her2-os", "lipusu-her2-pfs", "lipusu-her2-ttf", "lipusu-her2-ttp"),
)


def report(content, measure, tally):
    return measure_report(content.measures[measure], tally, Plan("study", None, 20269, {}), DATE)


def random_report(content, measure, seed, patients=120):
    return report(content, measure, random_tally(content, measure, random.Random(f"{measure} {seed}"), patients))


def responses(**counts):
    """A Tally of {best overall response: patients}."""
    tally = Tally()
    for best, n in counts.items():
        for _ in range(n):
            tally.add(Analysed(17595, Response(best, True)))
    return tally


def groups(resource):
    return {group["code"]["coding"][0]["code"]: group for group in resource["group"]}


def elements(resource):
    """Groups and strata."""
    for group in resource["group"]:
        yield group
        for stratifier in group.get("stratifier", ()):
            yield from stratifier["stratum"]


def counts(element):
    return {each["code"]["coding"][0]["code"]: each.get("count") for each in element["population"]}


def hide_small_counts_only(resource, threshold):
    """What suppression would be without protecting the small counts from subtraction."""
    resource = deepcopy(resource)
    for element in elements(resource):
        for population in element["population"]:
            if 0 < population["count"] < threshold:
                del population["count"]
                population["extension"] = [MASKED]
    return resource


@pytest.mark.parametrize("threshold", [5, 11])
@pytest.mark.parametrize("measure", ATTACKS)
@pytest.mark.parametrize("seed", range(2))
def test_no_suppressed_number_can_be_calculated(content, measure, threshold, seed):
    original = random_report(content, measure, seed)
    attack = ATTACKS[measure](suppress(original, threshold))
    assert attack.masked and told(attack, ATTACKS[measure](original).printed, threshold) == []


@pytest.mark.parametrize("threshold", [5, 11])
@pytest.mark.parametrize("seed", [0, 2])
def test_no_suppressed_grade_of_a_term_can_be_calculated(content, seed, threshold):
    original = random_report(content, "halaven-adverse-events", seed)
    attack = grade_attack(suppress(original, threshold), seed)
    assert attack.masked and told(attack, grade_attack(original, seed).printed, threshold) == []


def told(attack, truth, threshold):
    """(words, truth, least, greatest) of suppressed numbers of which too few values are left."""

    def enough(kinds):
        # As many numbers are left as a reader knows by the threshold alone, for a small count.
        return threshold - 2 if truth[kinds] < threshold else 1

    ranges = attack.ranges(enough)
    return [(words, truth[kinds], low, high) for kinds, words, low, high in ranges if high - low < enough(kinds)]


@pytest.mark.parametrize("measure", ["halaven-dcr", "faslodex-discontinuation"])
def test_small_counts_hidden_alone_can_be_calculated(content, measure):
    attack = ATTACKS[measure](hide_small_counts_only(random_report(content, measure, 0), 5))
    assert any(low == high for _, _, low, high in attack.ranges())


@pytest.mark.parametrize("measure", MEASURES)
def test_what_is_small_is_not_there(content, measure):
    original = random_report(content, measure, 0)
    found = suppress(original, 5)
    for element in elements(found):
        assert not any(n is not None and 0 < n < 5 for n in counts(element).values())
        score = element["measureScore"]
        if MASKED in score.get("extension", ()):
            assert score == {"extension": [MASKED]}
    # The original is as it was, the result the same again, and nothing is left to do.
    assert original == random_report(content, measure, 0)
    assert dumps(suppress(random_report(content, measure, 0), 5)) == dumps(found)
    assert suppress(found, 5) == found
    assert suppress(original, 0) == original


@pytest.mark.parametrize("measure", MEASURES)
def test_suppressed_reports_are_valid(content, measure):
    sent = dumps(suppress(random_report(content, measure, 1), 11))
    MeasureReport.model_validate_json(sent)
    assert Validator(content.definitions, content.profiles, content.value_sets).validate(parse(sent)) == []


def test_a_category_of_three_takes_the_next_smallest_with_it(content):
    # O4: 3 CR of 60; PR is the next smallest of the sum ORR = CR + PR, and the totals remain.
    found = groups(suppress(report(content, "halaven-dcr", responses(CR=3, PR=12, SD=25, PD=12, NE=8)), 5))
    suppressed = [
        code for code, group in found.items() if "numerator" in counts(group) and None in counts(group).values()
    ]
    assert suppressed == ["bor-cr", "bor-pr"]
    assert found["bor-cr"]["code"]["text"].endswith("(suppressed)")
    assert found["bor-cr"]["measureScore"] == {"extension": [MASKED]}
    assert found["orr"]["measureScore"]["value"] == 25
    assert counts(found["orr"])["numerator"] == 15
    assert found["bor-non-cr-non-pd"]["measureScore"]["value"] == 0


def test_who_had_no_second_visit_is_no_way_around(content):
    # All had one: those who discontinued are as many, by the visit or not, and three are what remains of 36.
    original = random_report(content, "faslodex-discontinuation", 3, 60)
    found = groups(original)["discontinuation-ongoing"]
    assert (counts(found)["visit-2-missing"], counts(found)["numerator"]) == (0, 3)
    attack = discontinuation_attack(suppress(original, 5))
    assert attack.masked and all(low < high for _, _, low, high in attack.ranges())


def test_nothing_small_nothing_suppressed(content):
    original = report(content, "halaven-dcr", responses(CR=10, PR=12, SD=25, PD=12))
    found = suppress(original, 5)
    assert found["group"] == original["group"]
    assert found["meta"]["tag"][0]["display"] == "Counts of 1 to 4 are suppressed"


def test_a_percentage_of_nearly_all_tells_of_the_few_others(content):
    found = groups(suppress(report(content, "halaven-dcr", responses(CR=50, PR=50, PD=2)), 5))
    for code in ("dcr", "dcr-ci-lower", "dcr-wilson-ci-upper", "dcr-evaluable", "orr", "bor-pd"):
        assert found[code]["measureScore"] == {"extension": [MASKED]}
    assert counts(found["dcr"])["denominator"] == 102


def survival(*ends):
    """A Tally of overall survival: (days, died?, patients)."""
    tally = Tally()
    for days, died, n in ends:
        for _ in range(n):
            tally.add(Analysed(17595, Survival(Time(days, int(died), "death" if died else "alive"))))
    return tally


def steps(resource):
    """Lines of the CSV of overall survival: days, at risk, events, censored."""
    (document,) = (each for each in resource["contained"] if each["id"] == "steps-os")
    lines = b64decode(document["content"][0]["attachment"]["data"]).decode().splitlines()[1:]
    return [tuple(float(cell) for cell in line.split(",")[:4]) for line in lines]


def test_a_curve_keeps_points_between_which_enough_patients_left(content):
    # 6 die on day 100, 2 on 200, 4 on 300, 7 on 400; 20 are censored on day 1000. By landmarks: 12 and 7.
    tally = survival((100, True, 6), (200, True, 2), (300, True, 4), (400, True, 7), (1000, False, 20))
    found = suppress(report(content, "lipusu-her2-os", tally), 5)
    months = [days / 30.4375 for days, *_ in steps(found)]
    # Months 7 to 9 lie after the 2 of day 200, of which they would tell: they are 8 with the first 6, but 4 follow.
    assert not {7, 8, 9} & set(months) and {4, 12, 24} <= set(months)
    line = {round(days / 30.4375, 6): rest for days, *rest in steps(found)}
    # The 6 of day 100 may have a line of their own; the other 6 up to month 12 share one.
    assert (100, 39, 6, 0) in steps(found)
    assert line[4] == [33, 0, 0] and line[12][0] == 27
    assert sum(events for _, _, events, _ in steps(found)) == 19
    codes = groups(found)
    assert counts(codes["os-rate-12m"])["at-risk"] == 27
    assert float(codes["os-rate-12m"]["measureScore"]["value"]) == pytest.approx(100 * 27 / 39)


def test_a_landmark_after_which_few_die_is_suppressed(content):
    # 2 of the 12 deaths come after month 12, and nobody can tell: the landmark is not there, nor any point near it.
    tally = survival((100, True, 10), (500, True, 2), (1000, False, 30))
    found = suppress(report(content, "lipusu-her2-os", tally), 5)
    codes = groups(found)
    assert codes["os-rate-12m"]["measureScore"] == {"extension": [MASKED]}
    assert counts(codes["os-rate-12m"])["at-risk"] is None
    assert counts(codes["os-rate-24m"])["at-risk"] == 30
    # Between the 10 of day 100 and the 2 of day 500 no point is left; before them, and after them, there are.
    assert all(days < 100 or days > 500 for days, *_ in steps(found))


def test_a_curve_of_few_events_is_not_there(content):
    found = suppress(report(content, "lipusu-her2-os", survival((100, True, 3), (1000, False, 40))), 5)
    assert "contained" not in found and "extension" not in found
    assert groups(found)["os-median"]["measureScore"] == {"extension": [MASKED]}


@pytest.mark.parametrize("described, shown", [(98, None), (95, 95), (100, 100)])
def test_who_has_no_value_of_a_custom_measure_cannot_be_calculated(described, shown):
    measure = CustomMeasure(
        "stay", "u", "1", "Stay", "s", "SELECT", "e", {}, None, None, "days", "d", (), (), {"group": [{}]}
    )
    tally = Tally()
    for number in range(100):
        tally.add(Analysed(17595, Selected(None, float(number % 9) if number < described else None)))
    found = groups(suppress(custom_report(measure, tally, Plan("s", None, 20269, {}), DATE), 5))
    told = counts(found["custom-stay-mean"])
    assert (told.get("described"), told["denominator"]) == (shown, 100)
