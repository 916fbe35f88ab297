"""ADTTE of single patients; T-cases are those of section 4.1 of the oncology definitions."""

from itertools import pairwise

import pytest
from lipusu_facts import LIPOSOME, TRASTUZUMAB, eligible, patients_of_section_4_1, treated
from patient_facts import day
from study_tables import pick, rows_of

DCO = "2025-06-30"
INDEX = day("2023-01-10")
# Name in the expected results -> PARAMCD.
ANALYSES = {
    "OS": "OS",
    "rwPFS": "PFS",
    "TTP": "TTP",
    "TTF": "TTF",
    "rwTTD": "TTD",
    "S1_win30": "PFSS130",
    "S2_grace14": "PFSS2",
    "S3_newTxCens": "PFSS3",
    "S4_nofallback": "PFSS4",
}


def adtte(record, cutoff=DCO):
    """{PARAMCD: row}"""
    return {row["PARAMCD"]: row for row in rows_of("adtte", record, "lipusu-her2", cutoff)}


def test_the_patients_of_section_4_1(cases):
    compared = 0
    for name, record, cutoff, expected in patients_of_section_4_1(cases):
        rows = adtte(record, cutoff)
        if not rows:
            assert expected["OS"][0] == "EXCLUDE", name
            continue
        for analysis, code in ANALYSES.items():
            days, status, label = expected[analysis]
            row = rows[code]
            # The first day is day 1 here; 0 is an event, a competing death 2.
            assert row["AVAL"] == days + 1, (name, code)
            assert row["CNSR"] == {0: 1, 1: 0, 2: 2}[status], (name, code)
            assert row["EVNTDESC"] == {"toxicity": "adverse-event"}.get(label, label), (name, code)
            assert row["ADT"] - row["STARTDT"] == int(days), (name, code)
            assert ("CNSDTDSC" in row) == (status != 1), (name, code)
            compared += 1
    assert compared > 200


def test_every_event_and_censoring_names_the_record_of_its_day(cases):
    for name, record, cutoff, _ in patients_of_section_4_1(cases):
        dates = {}
        for rows in record.rows.values():
            for row in rows:
                known = row._asdict()
                bounds = [known[n] for n in known if n.endswith(("_lo", "_hi")) and not n.startswith("birth")]
                dates[row.source.resource] = [bound for bound in bounds if bound is not None]
        for code, row in adtte(record, cutoff).items():
            if row["EVNTDESC"] == "horizon":
                assert "SRCSEQ" not in row, (name, code)
            else:
                told = dates[f"{row['SRCDOM']}/{row['SRCSEQ']}"]
                assert min(told) <= row["ADT"] <= max(told), (name, code)
                assert row["SRCVER"] == 1


def test_a_progression_rests_on_the_assessment_that_found_it():
    record = treated(0, 21, 42).assessed(10, "PD").assessed(63, "SD").assessed(100, "PD").seen(120)
    rows = adtte(record)
    assert pick([rows["PFS"], rows["PFSS2"]], "AVAL", "EVNTDESC", "SRCDOM", "SRCSEQ", "SRCVAR") == [
        (11, "progression", "observation", "2", "effective"),  # the first is her HER2 result
        (101, "progression", "observation", "4", "effective"),
    ]


def test_new_therapy_censors_at_the_assessment_before_it():
    record = treated(0, 21, 42).assessed(40, "PR").assessed(90, "SD").dose("capecitabine", 60).seen(100)
    row = adtte(record)["PFSS3"]
    assert pick([row], "AVAL", "CNSR", "EVNTDESC", "SRCSEQ") == [(41, 1, "censored-new-therapy", "2")]
    assert row["CNSDTDSC"] == "last evaluable assessment up to the new therapy"


def test_imputed_dates_are_flagged():
    record = treated(0, 21).assessed(42, "SD").died("2024-03")
    assert pick([adtte(record)["OS"]], "ADT", "ADTF", "SRCDOM") == [(day("2024-03-15"), "D", "patient")]
    record = treated(0, 21).assessed(42, "SD").died("2024")
    assert pick([adtte(record)["OS"]], "ADT", "ADTF") == [(day("2024-07-01"), "M")]


def test_a_death_without_a_date_is_imputed_altogether():
    # Last seen on day 100, known to be dead on day 200: half-way.
    record = treated(0, 21).seen(100).died(known=200)
    assert pick([adtte(record)["OS"]], "ADT", "ADTF", "SRCDOM", "SRCVAR") == [(INDEX + 150, "Y", "patient", None)]


def test_s6_counts_from_the_start_of_the_line():
    record = eligible().dose(LIPOSOME, -7, 14).dose(TRASTUZUMAB, 0, 21).assessed(63, "PD").seen(70)
    rows = adtte(record)
    assert pick([rows["PFS"], rows["PFSS6"]], "STARTDT", "ADT", "AVAL") == [
        (INDEX, INDEX + 63, 64),
        (INDEX - 7, INDEX + 63, 71),
    ]


def test_what_lies_beyond_the_horizon_is_censored_there_and_rests_on_no_record():
    record = treated(0, 21, day_0="2018-03-05").died("2025-01-01")
    row = adtte(record)["OS"]
    assert pick([row], "AVAL", "CNSR", "EVNTDESC", "CNSDTDSC") == [(1827.25, 1, "horizon", "end of the horizon")]
    assert row["ADT"] == day("2018-03-05") + 1826
    assert "SRCDOM" not in row


def test_treatment_failure_rests_on_the_last_dose_of_its_own_drugs():
    record = eligible().dose(LIPOSOME, 0, 21).dose(TRASTUZUMAB, 0, 21, 42, 63).seen(300)
    rows = adtte(record)
    assert pick([rows["TTD"], rows["TTDIDX"]], "AVAL", "SRCSEQ") == [(64, "6"), (22, "2")]


def test_a_stop_for_progression_rests_on_the_last_dose_not_on_an_assessment_of_its_day():
    record = treated(0, 21).assessed(21, "SD").assessed(63, "PD").dose("capecitabine", 70).seen(80)
    row = adtte(record)["TTF"]
    assert pick([row], "AVAL", "EVNTDESC", "SRCDOM") == [(22, "progression", "medication_administration")]


def test_a_stop_recorded_for_death_rests_on_its_own_record():
    record = treated(0, 21).died(70)
    for drug in (LIPOSOME, TRASTUZUMAB):
        record.took(drug, 0, 60, status="stopped", reasons='["death"]')
    rows = adtte(record)
    assert pick([rows["TTF"], rows["OS"]], "AVAL", "EVNTDESC", "SRCDOM", "ADTF") == [
        (61, "death", "medication_statement", None),
        (71, "death", "patient", None),
    ]


def test_nobody_assessed_is_censored_on_the_index_date():
    rows = adtte(treated(0).seen(0))
    assert pick([rows[code] for code in ("TTP", "PFSS4", "TTF", "OS")], "AVAL", "CNSR", "CNSDTDSC", "SRCDOM") == [
        (1, 1, "index date", "medication_administration"),
        (1, 1, "index date", "medication_administration"),
        (1, 1, "last dose", "medication_administration"),
        (1, 1, "last contact", "medication_administration"),
    ]


def test_those_who_are_excluded_have_no_rows():
    assert adtte(eligible().dose(LIPOSOME, 0)) == {}


def test_the_order_is_that_of_the_measures_and_their_analyses():
    codes = list(adtte(treated(0, 21).seen(60)))
    assert codes[:3] == ["OS", "PFS", "PFSS130"]
    assert codes[-4:] == ["TTF", "TTD", "TTDIDX", "TTP"]
    assert all(first != second for first, second in pairwise(codes))


@pytest.mark.parametrize("other", ["halaven", "faslodex"])
def test_a_study_without_such_measures_has_none(other):
    assert rows_of("adtte", treated(0).dose("eribulin", 0).dose("fulvestrant", 0), other, DCO) == []
