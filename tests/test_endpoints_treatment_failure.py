"""Time to treatment failure and discontinuation of single patients (section 1.8 of the definitions)."""

import pytest
from lipusu_facts import LIPOSOME, TRASTUZUMAB, derive, eligible, treated


def times(record, **options):
    """(TTF, time to discontinuation, of the index drug) as tuples."""
    row = derive("time-to-treatment-failure", record.facts(), **options).row
    return tuple(map(tuple, (row.ttf, row.ttd, row.ttd_index)))


def stopped(record, end, *reasons, drugs=(LIPOSOME, TRASTUZUMAB), status="stopped"):
    """The same record, with statements that these drugs were taken from day 0 until `end`."""
    told = "[" + ", ".join(f'"{reason}"' for reason in reasons) + "]" if reasons else None
    for drug in drugs:
        record.took(drug, 0, end, status=status, reasons=told)
    return record


DOSES = (0, 21, 42)
# Discontinuation of the regimen: by the first rule that holds.
CASES = {
    "a gap of 121 days": (treated(*DOSES, 163).seen(170), (42, 1, "gap")),
    "a gap of 120 days": (treated(*DOSES, 162).seen(170), (162, 0, "ongoing")),
    "a gap of the regimen, though something else is given": (
        treated(*DOSES, 163).dose("capecitabine", 163).seen(170),
        (42, 1, "gap"),
    ),
    "a gap comes before a recorded end": (stopped(treated(*DOSES, 205), 30).seen(210), (42, 1, "gap")),
    "recorded end of each drug": (stopped(treated(*DOSES), 50).seen(60), (50, 1, "stopped")),
    "recorded end of one drug": (stopped(treated(*DOSES), 50, drugs=[LIPOSOME]).seen(60), (42, 0, "ongoing")),
    "recorded ends before the last dose": (stopped(treated(*DOSES), 30).seen(60), (42, 0, "ongoing")),
    "recorded end on another day for each": (
        stopped(stopped(treated(*DOSES), 45, "completed", drugs=[LIPOSOME]), 50, "other", drugs=[TRASTUZUMAB]).seen(60),
        (50, 1, "other"),
    ),
    "the end of an adjuvant course does not count": (
        stopped(treated(*DOSES), 50, drugs=[LIPOSOME]).took(TRASTUZUMAB, -900, -500, intent="adjuvant").seen(60),
        (42, 0, "ongoing"),
    ),
    "still taken": (stopped(treated(*DOSES), 50, status="active").seen(60), (42, 0, "ongoing")),
    "several reasons": (stopped(treated(*DOSES), 50, "other", "adverse-event").seen(60), (50, 1, "adverse-event")),
    "no response is progression": (stopped(treated(*DOSES), 50, "no-response").seen(60), (50, 1, "progression")),
    "reason unknown": (stopped(treated(*DOSES), 50, "unknown").seen(60), (50, 1, "stopped")),
    "recorded end after the cut-off": (stopped(treated(*DOSES), "2025-07-15").seen(60), None),
    "recorded end before the next line": (
        stopped(treated(*DOSES), 50).dose("capecitabine", 55).seen(60),
        (50, 1, "stopped"),
    ),
    "recorded end after the next line": (
        stopped(treated(*DOSES), 58).dose("capecitabine", 55).seen(60),
        (42, 1, "treatment-change"),
    ),
    "next line": (treated(*DOSES).dose("capecitabine", 55).seen(60), (42, 1, "treatment-change")),
    "next line on the day of the last dose": (
        treated(*DOSES).dose("capecitabine", 42).seen(60),
        (21, 1, "treatment-change"),
    ),
    "the antibody goes on into the next line": (
        treated(*DOSES).dose("capecitabine", 50).dose(TRASTUZUMAB, 63, 84).seen(90),
        (42, 1, "treatment-change"),
    ),
    "a reason with the last dose": (
        eligible()
        .dose(LIPOSOME, *DOSES)
        .dose(TRASTUZUMAB, 0, 21)
        .dose(TRASTUZUMAB, 42, status="stopped", reasons='["adverse-event"]')
        .dose("capecitabine", 55)
        .seen(60),
        (42, 1, "adverse-event"),
    ),
    "death 120 days after the last dose": (treated(*DOSES).died(162), (162, 1, "death")),
    "death 121 days after the last dose": (treated(*DOSES).died(163), (42, 1, "gap")),
    "death before a recorded end": (stopped(treated(*DOSES), 60).died(55), (55, 1, "death")),
    "a dose after death": (treated(*DOSES, 63).died(50), (50, 1, "death")),
    "seen 121 days after the last dose": (treated(*DOSES).seen(163), (42, 1, "gap")),
    "seen 120 days after the last dose": (treated(*DOSES).seen(162), (42, 0, "ongoing")),
    "a substitute is of the regimen": (treated(*DOSES).dose("paclitaxel", 63, 84).seen(100), (84, 0, "ongoing")),
}


@pytest.mark.parametrize("case", CASES)
def test_discontinuation(case):
    record, expected = CASES[case]
    failure, discontinuation, _ = times(record)
    if expected is None:
        assert discontinuation[1:] == (0, "ongoing")
    else:
        assert failure == discontinuation == expected


# Progression is a failure by itself, and the reason of a stop that follows it.
PROGRESSION = {
    "treatment goes on": (treated(*DOSES).assessed(30, "PD").seen(60), (30, 1, "progression"), (42, 0, "ongoing")),
    "between last dose and next line": (
        treated(*DOSES).assessed(50, "PD").dose("capecitabine", 55).seen(60),
        (42, 1, "progression"),
        (42, 1, "progression"),
    ),
    "after the next line": (
        treated(*DOSES).assessed(60, "PD").dose("capecitabine", 55).seen(70),
        (42, 1, "treatment-change"),
        (42, 1, "treatment-change"),
    ),
    "before the last dose": (
        treated(*DOSES).assessed(30, "PD").dose("capecitabine", 55).seen(70),
        (30, 1, "progression"),
        (42, 1, "treatment-change"),
    ),
    "within the gap": (
        treated(*DOSES).assessed(100, "PD").seen(200),
        (42, 1, "progression"),
        (42, 1, "progression"),
    ),
    "long after the last dose": (
        treated(*DOSES).assessed(190, "PD").seen(200),
        (42, 1, "gap"),
        (42, 1, "gap"),
    ),
    "up to the recorded end": (
        stopped(treated(*DOSES), 50, "other").assessed(50, "PD").seen(60),
        (50, 1, "progression"),
        (50, 1, "progression"),
    ),
    "on the day of death": (
        treated(*DOSES).assessed(60, "PD").died(60),
        (60, 1, "progression"),
        (60, 1, "death"),
    ),
}


@pytest.mark.parametrize("case", PROGRESSION)
def test_progression(case):
    record, failure, discontinuation = PROGRESSION[case]
    assert times(record)[:2] == (failure, discontinuation)


def test_stopping_one_of_two_drugs_is_no_failure_but_the_end_of_that_drug():
    record = eligible().dose(LIPOSOME, *range(0, 106, 21)).dose(TRASTUZUMAB, *range(0, 400, 21)).seen(400)
    ongoing = (399, 0, "ongoing")
    assert times(record) == (ongoing, ongoing, (105, 1, "gap"))
    assert times(stopped(record, 110, "completed", drugs=[LIPOSOME])) == (ongoing, ongoing, (110, 1, "completed"))


def test_the_gap_and_the_grace_are_parameters():
    record = treated(*DOSES).seen(100)
    assert times(record, discontinuationGapDays=57)[0] == (42, 1, "gap")
    assert times(record, discontinuationGapDays=58)[0] == (42, 0, "ongoing")
    early = treated(*DOSES).assessed(10, "PD").seen(60)
    assert times(early, pdGraceDays=14)[0] == (42, 0, "ongoing")
