"""ADSL, ADRS, ADAE, ADCM, ADEX and the trace of single patients; A, B and F are cases of the oncology definitions."""

import pytest
from lipusu_facts import treated
from patient_facts import Record, day
from study_tables import pick, rows_of

CUTOFF = "2026-12-31"
HALAVEN = day("2024-01-15")


def halaven(*doses):
    """A woman with metastatic breast cancer whose first dose of eribulin is day 0."""
    record = Record("2024-01-15").born("1960-01-15").enrolled("halaven", start=-5)
    record.condition("breast", -400).condition("distant", -30)
    return record.dose("eribulin", *(doses or (0, 7, 98)))


def faslodex():
    record = Record("2010-03-01").born("1950").enrolled("faslodex", start="2010-02")
    record.condition("breast", -900).condition("distant", -30)
    return record.seen(0, "visit-1")


# ADSL


def test_a_person_is_one_row():
    record = halaven().seen(120).died("2024-08")
    record.rows["patient"][0] = record.rows["patient"][0]._replace(gender="female")
    (row,) = rows_of("adsl", record, "halaven", CUTOFF)
    expected = {
        "STUDYID": "halaven",
        "USUBJID": "p",
        "SITEID": "1",
        "AGE": 64,  # on her birthday
        "AGEU": "YEARS",
        "SEX": "F",
        "ENRLFL": "Y",
        "ENRLDT": HALAVEN - 5,
        "SAFFL": "Y",
        "FASFL": "Y",
        "INDEXDT": HALAVEN,
        "TRTSDT": HALAVEN,
        "TRTEDT": HALAVEN + 98,
        "DTHFL": "Y",
        "DTHDT": day("2024-08-15"),
        "DTHDTF": "D",
        "LSTALVDT": HALAVEN + 120,
        "DCUTDT": day(CUTOFF),
        "HALAVEN_ADVERSE_EVENTS_FL": "Y",
        "HALAVEN_DCR_FL": "Y",
        "SEX_GR": "female",
    }
    assert {name: row.get(name) for name in expected} == expected
    characteristics = {name: value for name, value in row.items() if name not in expected}
    assert all(name.endswith("_GR") for name in characteristics)
    assert "<65" in characteristics.values()


def test_those_who_are_excluded_say_why():
    record = Record("2024-01-15").born("2010").enrolled("halaven").condition("distant", -30).dose("eribulin", 0)
    (row,) = rows_of("adsl", record, "halaven", CUTOFF)
    # The measure of adverse events has no limit of age.
    assert pick([row], "FASFL", "EXCLREAS", "AGE") == [("Y", "under-age", 13)]
    assert pick([row], "HALAVEN_ADVERSE_EVENTS_FL", "HALAVEN_DCR_FL") == [("Y", "N")]
    (row,) = rows_of("adsl", Record().enrolled("halaven", status="withdrawn"), "halaven", CUTOFF)
    assert pick([row], "FASFL", "SAFFL", "EXCLREAS", "TRTSDT") == [("N", "N", "enrolment-not-active", None)]


def test_those_outside_every_initial_population_are_in_no_table():
    for table in ("adsl", "adtte", "adrs", "adae", "adcm", "adex"):
        assert rows_of(table, Record().dose("capecitabine", 0), "halaven", CUTOFF) == []


# ADRS


def adrs(record):
    return pick(rows_of("adrs", record, "halaven", CUTOFF), "PARAMCD", "ADY", "AVALC", "AVAL", "ANL01FL", "SRCSEQ")


def test_every_assessment_and_the_best_of_those_that_count():
    record = halaven().assessed(-3, "PD").assessed(60, "PR").assessed(60, "PD").assessed(120, "CR")
    assert adrs(record) == [
        ("OVR", -3, "PD", 5, "N", "1"),  # before the index; there is no day 0
        ("OVR", 61, "PR", 2, "N", "2"),  # of one day the worst counts
        ("OVR", 61, "PD", 5, "Y", "3"),
        ("OVR", 121, "CR", 1, "N", "4"),  # after progression
        ("BOR", 61, "PD", 5, "Y", "3"),
    ]


@pytest.mark.parametrize(
    ("days", "best"),
    [
        ([(35, "PR"), (60, "PD")], ("BOR", 36, "PR", 2, "Y", "1")),  # B15
        ([(60, "NON-CR/NON-PD")], ("BOR", 61, "NON-CR/NON-PD", 4, "Y", "1")),  # B13
        ([(30, "SD")], ("BOR", None, "NE", 6, "Y", None)),  # too early to be stable
        ([], ("BOR", None, "NE", 6, "Y", None)),
    ],
)
def test_best_overall_response(days, best):
    record = halaven()
    for when, value in days:
        record.assessed(when, value)
    assert adrs(record)[-1] == best


def test_without_a_measure_of_response_the_assessments_are_those_of_progression():
    record = treated(0, 21).assessed(0, "PD").assessed(63, "SD").seen(70)
    rows = rows_of("adrs", record, "lipusu-her2", "2025-06-30")
    assert pick(rows, "PARAMCD", "ADY", "AVALC", "ANL01FL") == [("OVR", 1, "PD", "N"), ("OVR", 64, "SD", "Y")]


# ADAE

AE = ("AEDECOD", "ASTDY", "AETOXGR", "TRTEMFL", "TRTEMRES", "ICHEMFL", "UNCAPFL")


def event(record, onset, end=None, grade=None, term="Nausea", **values):
    return record.adverse_event(onset, end, grade=grade, **{"term": term, **values})


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([(10, 20, 2)], [("Nausea", 11, 2, "Y", "new", "Y", "Y")]),  # A01
        ([(0, None, None)], [("Nausea", 1, None, "Y", "new", "Y", "Y")]),  # A02
        ([(-1, -1, 2)], [("Nausea", -1, 2, "N", "resolved-before-first-dose", "N", "N")]),  # A03
        (
            [(-26, -25, 2), (60, None, 2)],  # A09: by the registry none, by ICH one
            [
                ("Nausea", -26, 2, "N", "resolved-before-first-dose", "N", "N"),
                ("Nausea", 61, 2, "N", "recurrence-not-worse", "Y", "N"),
            ],
        ),
        (
            [(-26, -25, 2), (60, None, 3)],  # A10
            [
                ("Nausea", -26, 2, "N", "resolved-before-first-dose", "N", "N"),
                ("Nausea", 61, 3, "Y", "recurrence-intensity", "Y", "Y"),
            ],
        ),
        ([(None, None, 2)], [("Nausea", None, 2, "Y", "onset-unknown", "Y", "Y")]),  # A14
        ([("2024-01", None, 2)], [("Nausea", 1, 2, "Y", "new", "Y", "Y")]),  # A16
        ([(129, None, 2)], [("Nausea", 130, 2, "N", "after-window", "N", "Y")]),  # A21
    ],
)
def test_why_an_adverse_event_counts(events, expected):
    record = halaven()
    for when, end, grade in events:
        event(record, when, end, grade)
    assert pick(rows_of("adae", record, "halaven", CUTOFF), *AE) == expected


def test_an_adverse_event_is_told_in_full():
    record = event(
        halaven(),
        "2024-01",
        "2024-02",
        3,
        soc="Gastrointestinal disorders",
        term_text="felt sick",
        seriousness="Serious",
        relatedness="related",
        outcome="resolved",
        led_to_stop=True,
    )
    (row,) = rows_of("adae", record, "halaven", CUTOFF)
    expected = {
        "MEASURE": "halaven-adverse-events|1.0.0",
        "AETERM": "felt sick",
        "AEDECOD": "Nausea",
        "AEBODSYS": "Gastrointestinal disorders",
        "TRTSDT": HALAVEN,
        "ASTDT": HALAVEN,  # may be before the first dose: on it
        "ASTDTF": "D",
        "AENDT": day("2024-02-15"),
        "AENDTF": "D",
        "AETOXGR": 3,
        "AESER": "Y",
        "AEREL": "related",
        "AEOUT": "resolved",
        "AEACNFL": "Y",
        "SRCDOM": "adverse_event",
        "SRCSEQ": "1",
        "SRCVER": 1,
    }
    assert {name: row.get(name) for name in expected} == expected


# ADCM


def test_therapies_with_class_setting_and_line():
    record = faslodex().surgery(-1000).dose("fulvestrant", 0, 28)
    record.took("tamoxifen", -980, -700, drug_text="Nolvadex 20 mg")
    record.dose("docetaxel", -25, -4).took("letrozole", 60, status="active")
    record.took("capecitabine", None, None)
    rows = rows_of("adcm", record, "faslodex", CUTOFF)
    assert pick(rows, "CMTRT", "CMDECOD", "CMCLAS", "CMSCAT", "CMLINE", "ASTDY", "PREFL") == [
        ("Nolvadex 20 mg", "tamoxifen", "hormonal/anti-oestrogen", "adjuvant", 1, -980, "Y"),
        (None, "docetaxel", "chemo", "advanced", 1, -25, "Y"),
        (None, "docetaxel", "chemo", "advanced", 1, -4, "Y"),
        (None, "letrozole", "hormonal/aromatase-inhibitor", "advanced", None, 61, "N"),
        (None, "capecitabine", "chemo", "early", None, None, "U"),
    ]


def test_asserted_lines_stand_beside_derived_ones():
    record = faslodex().dose("fulvestrant", 0).condition("distant", -400)
    record.took("letrozole", -350, -300, line=2).took("capecitabine", -100, -50).took("exemestane", 30)
    record.took("tamoxifen", None, None)
    record.episode(1, -400, -200).episode(3, -120, -20).episode(None, 0)
    rows = rows_of("adcm", record, "faslodex", CUTOFF)
    assert pick(rows, "CMDECOD", "CMLINE", "CMLINEA") == [
        ("letrozole", 1, 2),  # its own number, not that of the episode
        ("capecitabine", 2, 3),
        ("exemestane", None, None),
        ("tamoxifen", None, None),
    ]


# ADEX


def test_f07_doses_within_the_observation_period():
    record = faslodex().dose("fulvestrant", 0, 14, 28, 56, 84, 112, dose=500.0, dose_unit="mg").seen(113, "visit-2")
    record.rows["encounter"][0] = record.rows["encounter"][0]._replace(start_lo=day("2010-03-01") + 60)
    rows = rows_of("adex", record, "faslodex", CUTOFF)
    assert pick(rows, "EXTRT", "ASTDY", "EXDOSE", "EXDOSU", "EXDOSMG", "EXINJ", "OBSPFL") == [
        ("fulvestrant", study_day, 500.0, "mg", 500.0, 2, flag)
        for study_day, flag in ((1, "N"), (15, "N"), (29, "N"), (57, "N"), (85, "Y"), (113, "Y"))
    ]


def test_f06_no_dose_is_one_injection():
    rows = rows_of("adex", faslodex().dose("fulvestrant", 0), "faslodex", CUTOFF)
    assert pick(rows, "EXDOSMG", "EXINJ") == [(None, 1)]


def test_both_drugs_of_a_combination_are_exposure():
    rows = rows_of("adex", treated(0, 21), "lipusu-her2", "2025-06-30")
    assert sorted(pick(rows, "EXTRT", "ASTDY", "OBSPFL")) == [
        (drug, study_day, None) for drug in ("paclitaxel-liposome", "trastuzumab") for study_day in (1, 22)
    ]


# Trace


def test_the_trace_of_a_measure_has_every_record_it_rests_on():
    record = treated(0, 21).assessed(63, "PD").died(100)
    rows = rows_of("trace", record, "lipusu-her2", "2025-06-30", "lipusu-her2-pfs")
    assert set(pick(rows, "STATE", "PRIMARY_DAYS", "PRIMARY_EVENT", "PRIMARY_LABEL", "S6_DAYS")) == {
        ("analysed", 63, 1, "progression", 63)
    }
    assert pick(rows, "ROLE", "RESOURCE", "VERSION", "NOTE") == [
        ("index", "medication_administration/1", 1, None),
        ("index", "medication_administration/3", 1, None),
        ("progression", "observation/2", 1, "PD"),
        ("last-assessment", "observation/2", 1, "PD"),
        ("death", "patient/1", 1, None),
    ]


def test_the_trace_shows_the_asserted_line_beside_the_derived_one():
    rows = rows_of("trace", treated(0).episode(2, 0), "lipusu-her2", "2025-06-30", "lipusu-her2-os")
    assert set(pick(rows, "LINE_ASSERTED", "LINE_DERIVED")) == {(2, 1)}
    assert ("asserted-line", "episode_of_care/1", "line 2") in pick(rows, "ROLE", "RESOURCE", "NOTE")


def test_the_trace_says_who_was_excluded_and_why():
    record = Record().enrolled("halaven", status="withdrawn")
    rows = rows_of("trace", record, "halaven", CUTOFF, "halaven-dcr")
    assert pick(rows, "MEASURE", "STATE", "REASON") == [("halaven-dcr|1.0.0", "excluded", "enrolment-not-active")]


def test_fields_of_a_row_are_columns_of_the_trace():
    record = event(event(halaven(), 10, 20, 3), 30, 40, 1, term="Fatigue").seen(200)
    row = rows_of("trace", record, "halaven", CUTOFF, "halaven-adverse-events")[0]
    assert pick([row], "THREE_PART", "EVENTS", "DAYS_TO_FIRST", "DAYS", "REASONS") == [
        ("any; grade3plus; related-or-unassessed", 2, 11, 129, "new; new")
    ]
    assert row["TERMS"] == "soc-unknown Fatigue 1; soc-unknown Nausea 3"
    record = faslodex().dose("fulvestrant", 0).seen(200, "visit-2")
    row = rows_of("trace", record, "faslodex", CUTOFF, "faslodex-discontinuation")[0]
    assert pick([row], "STATUS_VISIT_2", "STATUS_REASON") == [("Y", "unknown")]
