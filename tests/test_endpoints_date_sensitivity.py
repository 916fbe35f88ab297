"""Partial dates read as their first and as their last possible day (rule C4); all days are counted by hand."""

import pytest
from lipusu_facts import DCO, LIPOSOME, TRASTUZUMAB, derive, eligible, treated

from fhir_registry.endpoints.outcome import Analysed, Tally
from fhir_registry.endpoints.survival import Survival
from fhir_registry.endpoints.time_to_event import Time
from fhir_registry.reports.survival import survival_groups


def other_days(endpoint, record, field="primary", cutoff=DCO):
    """(earliest, primary, latest) in days since the index."""
    row = derive(endpoint, record.facts(), cutoff=cutoff).row
    return row.earliest.days, getattr(row, field).days, row.latest.days


@pytest.mark.parametrize(
    "death, alive, cutoff, expected",
    [
        ("2024-03", "2024-02-10", DCO, (416, 430, 446)),
        ("2024-03", "2024-03-20", DCO, (435, 435, 446)),  # not before the last contact
        ("2024-03", "2024-02-10", "2024-03-10", (416, 425, 425)),  # nor after the cut-off
        ("2024", "2024-08-01", "2024-10-31", (569, 569, 660)),
        ("2024-03-15", "2024-02-10", DCO, (430, 430, 430)),
    ],
)
def test_death(death, alive, cutoff, expected):
    assert other_days("overall-survival", treated(0).seen(alive).died(death), cutoff=cutoff) == expected


def test_death_without_a_date_is_between_the_last_contact_and_the_first_knowledge():
    record = treated(0).seen(100).died(known=200)
    assert other_days("overall-survival", record) == (100, 150, 200)
    # The last possible day is not after the cut-off, 180 days after the index.
    assert other_days("overall-survival", record, cutoff="2023-07-09") == (100, 150, 180)


def doses_of_january():
    """Both drugs first given in January 2023, no more is known; advanced disease since 2022-12-31."""
    return eligible().dose(LIPOSOME, "2023-01").dose(TRASTUZUMAB, "2023-01")


def test_an_earlier_index_is_a_longer_time():
    # To 2023-07-10 from 1, 15 and 31 January.
    assert other_days("overall-survival", doses_of_january().died("2023-07-10")) == (190, 176, 160)


def test_who_would_be_left_out_keeps_the_time():
    # A first dose on 31 January would be after the death.
    assert other_days("overall-survival", doses_of_january().died("2023-01-20")) == (19, 5, 5)


@pytest.mark.parametrize("endpoint", ["progression-free-survival", "time-to-progression"])
def test_progression(endpoint):
    assert other_days(endpoint, treated(0).assessed("2023-05", "PD")) == (111, 125, 141)
    # Not on the day of the last assessment without progression, nor before it.
    record = treated(0).assessed("2023-05-10", "SD").assessed("2023-05", "PD")
    assert other_days(endpoint, record) == (121, 125, 141)


def test_the_last_dose_before_a_gap():
    record = treated(0, "2023-03").seen(400)
    assert other_days("time-to-treatment-failure", record, "ttf") == (50, 64, 80)


def test_labels_and_events_are_those_of_the_other_dates():
    # With the horizon on day 430 a death on day 430 is seen, one on day 446 is not.
    record = treated(0).seen("2024-02-10").died("2024-03")
    row = derive("overall-survival", record.facts(), horizonDays=430.0).row
    assert (row.primary, row.latest) == (Time(430, 1, "death"), Time(430.0, 0, "horizon"))


def groups_of(*days, living=1):
    """{code: group} of patients (earliest, primary, latest) who all died, and of some alive to the end."""
    tally = Tally()
    alive = Time(1000, 0, "alive")
    for first, middle, last in days:
        times = (Time(day, 1, "death") for day in (middle, first, last))
        tally.add(Analysed(0, Survival(**dict(zip(("primary", "earliest", "latest"), times, strict=True)))))
    tally.add_all([(Analysed(0, Survival(alive, earliest=alive, latest=alive)), frozenset())] * living)
    return {group["code"]["coding"][0]["code"]: group for group in survival_groups(tally).groups}


def months_of(group):
    return float(group["measureScore"]["value"]) * 30.4375


def test_medians_that_hardly_differ_are_not_published():
    # Of four patients the median is between the second and the third event: 250, 250 and 253 days; 0.0986 months.
    groups = groups_of((100, 100, 100), (200, 200, 203), (300, 300, 303))
    assert months_of(groups["os-median"]) == pytest.approx(250)
    assert months_of(groups["os-dates-change"]) == pytest.approx(3)
    assert not any(code.startswith(("os-dates-earliest", "os-dates-latest")) for code in groups)


def test_medians_that_differ_are_published_with_their_intervals():
    groups = groups_of((100, 100, 100), (190, 200, 204), (300, 300, 304))
    assert months_of(groups["os-dates-change"]) == pytest.approx(5)
    assert months_of(groups["os-dates-earliest-median"]) == pytest.approx(245)
    assert months_of(groups["os-dates-latest-median"]) == pytest.approx(254)
    assert months_of(groups["os-dates-latest-median-ci-lower"]) == pytest.approx(100)
    counts = {p["code"]["coding"][0]["code"]: p["count"] for p in groups["os-dates-latest-median"]["population"]}
    assert (counts["denominator"], counts["events"], counts["censored"]) == (4, 3, 1)


def test_a_median_that_is_never_reached_does_not_change():
    groups = groups_of((100, 110, 120), living=2)
    assert groups["os-median"]["measureScore"]["comparator"] == ">"
    assert months_of(groups["os-dates-change"]) == 0 and "os-dates-latest-median" not in groups


def test_a_median_that_is_reached_with_some_dates_only_has_no_change():
    # Beyond the last observation of the one alive, on day 1000, half are dead in one reading only.
    tally = Tally()
    alive, dead = Time(50, 0, "alive"), Time(60, 1, "death")
    early = Time(40, 1, "death")
    tally.add(Analysed(0, Survival(alive, earliest=alive, latest=alive)))
    tally.add(Analysed(0, Survival(Time(60, 0, "alive"), earliest=early, latest=dead)))
    groups = {group["code"]["coding"][0]["code"]: group for group in survival_groups(tally).groups}
    assert "value" not in groups["os-dates-change"]["measureScore"]
    assert months_of(groups["os-dates-earliest-median"]) == pytest.approx(40)
