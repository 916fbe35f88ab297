"""Overall survival of single patients; T-cases are those of section 4.1 of the oncology definitions."""

import pytest
from lipusu_facts import DCO, LIPOSOME, PARAMETERS, TRASTUZUMAB, eligible, patients_of_section_4_1, treated
from lipusu_facts import derive as derive_facts
from patient_facts import Record, day

from fhir_registry.endpoints import survival
from fhir_registry.endpoints.outcome import Analysed, Excluded
from fhir_registry.endpoints.usable import usable_data
from fhir_registry.endpoints.vital_status import find_death


def derive(record, **options):
    return derive_facts("overall-survival", record.facts(), **options)


def death_of(record, cutoff):
    return find_death(usable_data(record.facts(), cutoff), cutoff)


def row_of(answer):
    assert isinstance(answer, Analysed), answer
    return tuple(answer.row.primary)


def indexed(answer):
    return answer.index, row_of(answer)


def test_the_24_patients_of_section_4_1(cases):
    results = {}
    for name, record, dco, expected in patients_of_section_4_1(cases):
        answer = derive(record, cutoff=dco)
        want = expected["OS"] if isinstance(expected, dict) else expected
        if isinstance(answer, Excluded):
            results[name] = answer.reason, want
        else:
            results[name] = list(answer.row.primary), want
    assert len(results) == 24
    reason, _ = results.pop(next(name for name in results if name.startswith("T23")))
    assert reason == "death-before-index"
    assert {name: got for name, (got, _) in results.items()} == {name: want for name, (_, want) in results.items()}


T25 = {"osCensoring": "registry-through", "deathRegistryThrough": "2025-05-31"}


@pytest.mark.parametrize(
    "doses, options, expected",
    [
        (range(0, 862, 21), {}, (870, False, "alive")),
        (range(0, 862, 21), T25, (872, False, "alive")),
        ([0], {}, (0, False, "alive")),
        ([0], T25, (872, False, "alive")),
    ],
)
def test_t25_censoring_at_the_last_contact_or_through_the_death_registry(doses, options, expected):
    record = treated(*doses).seen(870 if len(doses) > 1 else 0)
    assert row_of(derive(record, **options)) == expected


@pytest.mark.parametrize(
    "case, death, alive, cutoff, expected",
    [
        ("T26 mid-month", "2024-03", "2024-02-10", DCO, "2024-03-15"),
        ("T27 not before the last contact", "2024-03", "2024-03-20", DCO, "2024-03-20"),
        ("T28 not after the cut-off", "2024-03", "2024-02-10", "2024-03-10", "2024-03-10"),
        ("T29 a year, last contact after 1 July", "2024", "2024-08-01", "2024-10-31", "2024-08-01"),
        ("T30 a year, 1 July", "2024", "2023-11-02", DCO, "2024-07-01"),
        ("T38 date as the site wrote it", "2024-03-01T23:30:00-05:00", "2024-02-10", DCO, "2024-03-01"),
        ("contact after the month of death", "2024-03", "2024-05-02", DCO, "2024-03-31"),
        ("leap year", "2024-02", "2024-01-02", DCO, "2024-02-15"),
    ],
)
def test_dates_of_death(case, death, alive, cutoff, expected):
    record = treated(0).seen(alive).died(death)
    found = death_of(record, day(cutoff))
    assert (found.day, found.imputed) == (day(expected), len(death) < 10)
    assert row_of(derive(record, cutoff=cutoff)) == (day(expected) - day("2023-01-10"), True, "death")


def test_t31_death_without_date_lies_midway_between_last_contact_and_first_knowledge():
    record = treated(0).seen("2024-05-10").died(None, known="2024-07-09")
    answer = derive(record)
    assert row_of(answer) == (day("2024-06-09") - day("2023-01-10"), True, "death")
    assert answer.flags == {"imputed-dates"}


@pytest.mark.parametrize(
    "told",
    [
        lambda r: r.observed("dead", 150),
        lambda r: r.observed("vital-status", 150, "dead"),
        lambda r: r.adverse_event(50, outcome="fatal", **r.dates(recorded=150)),
    ],
)
def test_who_is_found_dead_died_between_the_last_contact_and_that_day(told):
    record = treated(0).seen(50)
    told(record)
    answer = derive(record)
    assert (row_of(answer), answer.flags) == ((100, True, "death"), {"imputed-dates"})
    assert row_of(derive(record.died(70))) == (70, True, "death")


def test_vital_status_is_a_contact_only_with_the_living():
    record = treated(0).seen(50)
    assert row_of(derive(record.observed("vital-status", 150, None))) == (50, False, "alive")
    assert row_of(derive(record.observed("vital-status", 140, "alive"))) == (140, False, "alive")


def test_t35_combination_within_28_days():
    def first_antibody(when):
        return derive(eligible().dose(LIPOSOME, 0, 21, 42).dose(TRASTUZUMAB, when).seen(100))

    assert indexed(first_antibody(28)) == (day("2023-02-07"), (72, 0, "alive"))
    assert first_antibody(29) == Excluded("no-combination")


def test_t36_no_immortal_time_for_one_who_died_before_the_antibody():
    assert derive(eligible().dose(LIPOSOME, 0).died(20)) == Excluded("no-combination")


def test_t37_a_dose_not_done_is_no_dose():
    record = eligible().dose(LIPOSOME, 0, status="not-done").dose(LIPOSOME, 21).dose(TRASTUZUMAB, 21).seen(50)
    assert indexed(derive(record)) == (day("2023-01-31"), (29, 0, "alive"))


def test_t40_doses_and_death_of_a_merged_patient_are_one_row():
    merged = treated(0, 21).facts()
    surviving = Record().died(400).facts()
    person = merged._replace(patients=surviving.patients + merged.patients)
    assert row_of(derive_facts("overall-survival", person)) == (400, True, "death")


def test_dead_after_the_cutoff_is_alive_at_the_cutoff_whoever_tells_of_the_death():
    told_twice = treated(0).seen("2024-05-10").died(None, known="2024-07-09").observed("death", "2024-07-02")
    assert row_of(derive(told_twice, cutoff="2024-06-30")) == (day("2024-05-10") - day("2023-01-10"), False, "alive")
    assert row_of(derive(told_twice, cutoff="2024-07-02")) == (day("2024-07-02") - day("2023-01-10"), True, "death")


def test_death_registry_beats_the_hospital_and_the_hospital_a_fatal_event():
    record = treated(0).died("2024-03-05").observed("death", "2024-03-02")  # O6
    assert death_of(record, day(DCO)).day == day("2024-03-02")
    record = treated(0).died("2024-03-05").adverse_event("2024-02-20", "2024-03-01", outcome="fatal")
    assert death_of(record, day(DCO)).day == day("2024-03-05")
    record = treated(0).adverse_event("2024-02-20", "2024-03-01", outcome="fatal")
    assert death_of(record, day(DCO)).day == day("2024-03-01")
    record = treated(0).seen("2024-03-03", disposition="exp")
    assert death_of(record, day(DCO)).day == day("2024-03-03")


@pytest.mark.parametrize(
    "reason, change",
    [
        ("under-age", lambda r: r.born("2006-01-10").dose("tamoxifen", 100)),
        ("cancer-not-confirmed", lambda r: r.rows["condition"].__delitem__(0)),
        ("extent-not-met", lambda r: r.rows["condition"].__delitem__(1)),
        ("her2-not-positive", lambda r: r.rows["observation"].clear()),
        ("prior-advanced-therapy", lambda r: r.dose("capecitabine", -9)),
        ("prior-advanced-therapy", lambda r: r.took("tamoxifen", -60, -59).took("letrozole", -20, -19)),
        ("death-before-index", lambda r: r.died(-3)),
    ],
)
def test_one_reason_a_patient(reason, change):
    record = treated(0, 21, day_0="2023-03-10")
    conditions = record.rows["condition"]
    conditions[:] = [c._replace(onset_lo=c.onset_lo - 200, onset_hi=c.onset_hi - 200) for c in conditions]
    assert isinstance(derive(record), Analysed)
    if reason == "prior-advanced-therapy":
        record.day_0 = record.day_0.replace(year=2022, month=11)  # after the metastasis, before the index
    change(record)
    assert derive(record) == Excluded(reason)


def test_one_endocrine_line_before_is_allowed():
    record = treated(0, 21, day_0="2023-03-10").condition("distant", "2022-01-01")
    record.took("letrozole", "2022-02-01", "2023-02-01")
    assert isinstance(derive(record), Analysed)
    assert derive(record, maxEndocrineLines=0) == Excluded("prior-advanced-therapy")


def test_adjuvant_antibody_years_ago_is_neither_line_nor_part_of_the_combination():
    record = treated(0, 21).condition("breast", "2018-01-01").surgery("2018-02-01")
    record.took(TRASTUZUMAB, "2018-03-01", "2019-03-01").dose(TRASTUZUMAB, "2018-03-01").seen(60)
    assert row_of(derive(record)) == (60, False, "alive")


@pytest.mark.parametrize(
    "results, expected",
    [
        ([("her2-ihc", -8, "2+")], False),
        ([("her2-ihc", -8, "3+")], True),
        ([("her2-ihc", -8, "equivocal"), ("her2-ish", -5, "positive")], True),
        ([("her2-ihc", -8, "equivocal"), ("her2-ish", -5, "negative")], False),
        ([("her2", -900, "positive"), ("her2", -800, "negative")], False),
        ([("her2", -900, "negative"), ("her2", -8, "positive")], True),
        ([("her2", -8, "positive"), ("her2", -5, "negative")], True),
        ([("her2", 28, "positive")], True),
        ([("her2", 29, "positive")], False),
        ([("her2-ihc", -900, "positive"), ("her2-ish", -900, "negative")], False),
        ([("her2-ihc", -900, "positive"), ("her2-ish", -800, "not-detected")], False),
    ],
)
def test_her2_status(results, expected):
    record = treated(0, 21)
    record.rows["observation"].clear()
    for topic, when, value in results:
        record.observed(topic, when, value)
    answer = derive(record)
    assert isinstance(answer, Analysed) if expected else answer == Excluded("her2-not-positive")


def test_results_of_one_specimen_may_share_its_identifier():
    record = treated(0, 21)
    record.rows["observation"].clear()
    record.observed("her2", -8, "positive", identifier="s|specimen").observed(
        "er", -8, "negative", identifier="s|specimen"
    )
    assert isinstance(derive(record), Analysed)


@pytest.mark.parametrize(
    "topic, number, expected",
    [("her2-ratio", 1.9, False), ("her2-ratio", 2.0, True), ("her2-copies", 5.9, False), ("her2-copies", 6.0, True)],
)
def test_her2_in_numbers(topic, number, expected):
    record = treated(0, 21)
    record.rows["observation"].clear()
    record.observed(topic, -8, value_number=number)
    answer = derive(record)
    assert isinstance(answer, Analysed) if expected else answer == Excluded("her2-not-positive")


@pytest.mark.parametrize(
    "evidence",
    [
        lambda r: r.condition("recurrence-distant", 0),
        lambda r: r.observed("stage", -20, "IV"),
        lambda r: r.observed("m-category", -20, "M1"),
        lambda r: r.observed("metastasis", -20, "positive"),
        lambda r: r.condition("distant"),
        lambda r: r.condition("breast", "2015-01-01", stage="IV"),
    ],
)
def test_each_evidence_of_metastasis(evidence):
    record = treated(0, 21)
    del record.rows["condition"][1]
    assert derive(record) == Excluded("extent-not-met")
    evidence(record)
    assert isinstance(derive(record), Analysed)


def test_evidence_after_the_index_or_in_error_does_not_count():
    record = treated(0, 21).condition("distant", 5).condition("distant", -5, verification="refuted")
    del record.rows["condition"][1]
    assert derive(record) == Excluded("extent-not-met")


def test_index_known_by_month_is_its_15th_but_not_before_advanced_disease():
    record = eligible("2023-03-18").dose(LIPOSOME, "2023-03").dose(TRASTUZUMAB, "2023-03").seen("2023-04-30")
    answer = derive(record)
    assert (answer.index, answer.flags) == (day("2023-03-15"), {"imputed-dates"})
    record = eligible("2023-03-30").dose(LIPOSOME, "2023-03").dose(TRASTUZUMAB, "2023-03").seen("2023-04-30")
    assert derive(record).index == day("2023-03-20")


def test_doses_without_date_are_no_missing_combination():
    record = eligible().dose(LIPOSOME, None).dose(TRASTUZUMAB, None)
    assert derive(record) == Excluded("index-date-unknown")
    assert derive(record.dose(LIPOSOME, 0).dose(TRASTUZUMAB, 0).seen(10)).index == day("2023-01-10")
    adjuvant = eligible().dose(LIPOSOME, 0).dose(TRASTUZUMAB, None, intent="adjuvant")
    assert derive(adjuvant) == Excluded("no-combination")


def test_index_known_by_year_is_unknown():
    record = eligible().dose(LIPOSOME, "2023").dose(TRASTUZUMAB, 3)
    assert derive(record) == Excluded("index-date-unknown")


def test_period_start_bounds_the_index_and_nobody_without_the_drug_is_counted():
    assert indexed(derive(treated(0).seen(10), start="2023-01-10")) == (day("2023-01-10"), (10, 0, "alive"))
    assert derive(treated(0), start="2023-01-11") == Excluded("index-before-period")
    assert derive(eligible().dose(TRASTUZUMAB, 0)) is None
    assert derive(treated(0), cutoff="2023-01-09") is None


def test_unusable_records_are_no_contact():
    record = treated(0).seen(50).seen(400, status="planned").observed("ecog", 300, status="cancelled")
    record.surgery(200, status="not-done").adverse_event(100, actuality="potential")
    assert row_of(derive(record)) == (50, False, "alive")


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"indexDrug": frozenset({"x"})}, "unknown parameter 'indexDrug'"),
        ({"horizonDays": "five years"}, "'horizonDays' is not a decimal"),
        ({"horizonDays": 0}, "'horizonDays' is 0.0, less than 1"),
        ({"minAge": True}, "'minAge' is not a integer"),
        ({"osCensoring": "never"}, "'osCensoring' is 'never', not one of last-contact, registry-through"),
        ({"osCensoring": "registry-through"}, "'deathRegistryThrough' is needed"),
        ({"deathRegistryThrough": "2024"}, "not a full date"),
        ({"indexDrugs": frozenset()}, "at least one"),
        ({"indexDrugs": None}, "'indexDrugs' is missing"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match="parameter") as caught:
        survival.check_parameters({**PARAMETERS, **parameters})
    assert message in str(caught.value)
