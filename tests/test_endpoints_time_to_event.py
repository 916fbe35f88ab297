"""Every time-to-event outcome of the 24 patients of section 4.1 of the oncology definitions, and of their cohort."""

import pytest
from lipusu_facts import derive, patients_of_section_4_1
from patient_facts import day

from fhir_registry.endpoints.outcome import Analysed, Excluded, Plan, Tally
from fhir_registry.endpoints.partial import DAYS_PER_MONTH
from fhir_registry.reports.measure_report import measure_report
from fhir_registry.stats.competing import aalen_johansen
from fhir_registry.stats.survival import kaplan_meier

# Column of the expected results -> (endpoint, field of its row).
COLUMNS = {
    "OS": ("overall-survival", "primary"),
    "rwPFS": ("progression-free-survival", "primary"),
    "TTP": ("time-to-progression", "primary"),
    "TTF": ("time-to-treatment-failure", "ttf"),
    "rwTTD": ("time-to-treatment-failure", "ttd"),
    "S1_win30": ("progression-free-survival", "s1_30"),
    "S2_grace14": ("progression-free-survival", "s2"),
    "S3_newTxCens": ("progression-free-survival", "s3"),
    "S4_nofallback": ("progression-free-survival", "s4"),
}
# The cases say why in their own words; ours are codes of CodeSystem stop-reason.
LABELS = {"toxicity": "adverse-event"}


@pytest.fixture(scope="module")
def patients(cases):
    return list(patients_of_section_4_1(cases))


@pytest.fixture(scope="module")
def cohort(patients):
    """{endpoint: Tally} of all 24."""
    tallies = {}
    for endpoint, _ in COLUMNS.values():
        tallies[endpoint] = Tally()
        for _, record, cutoff, _ in patients:
            tallies[endpoint].add(derive(endpoint, record.facts(), cutoff))
    return tallies


@pytest.mark.parametrize("column", COLUMNS)
def test_the_24_patients(column, patients):
    endpoint, field = COLUMNS[column]
    found, wanted = {}, {}
    for name, record, cutoff, expected in patients:
        answer = derive(endpoint, record.facts(), cutoff)
        if isinstance(answer, Excluded):
            found[name[:3]], wanted[name[:3]] = answer.reason, "death-before-index" if name[:3] == "T23" else expected
        else:
            days, event, label = expected[column]
            found[name[:3]], wanted[name[:3]] = getattr(answer.row, field), (days, event, LABELS.get(label, label))
    assert len(found) == 24
    assert found == wanted


# Section 4.1: events, median [limits] in days, then (month, survival, low, high, at risk); None: not given there.
COHORT = {
    "OS": (
        6,
        (1826, 400, None),
        [
            (12, 0.860870, 0.627331, 0.953007, 8),
            (24, 0.645652, 0.306740, 0.850472, 6),
            (60, 0.430435, 0.083499, 0.751122, 2),
        ],
    ),
    "rwPFS": (
        12,
        (260, 110, None),
        [
            (12, 0.471256, 0.229393, 0.680824, 6),
            (24, 0.392714, 0.163237, 0.617558, 5),
            (60, 0.261809, 0.057788, 0.532617, 2),
        ],
    ),
    "TTP": (
        6,
        (None, 150, None),
        [
            (12, 0.557138, 0.245900, 0.783563, 5),
            (24, 0.557138, 0.245900, 0.783563, 4),
            (60, 0.557138, 0.245900, 0.783563, 2),
        ],
    ),
    "TTF": (
        16,
        (105, 63, 1659),
        [
            (12, 0.328696, 0.141288, 0.531220, 5),
            (24, 0.328696, 0.141288, 0.531220, 5),
            (60, 0.109565, 0.008134, 0.361971, 1),
        ],
    ),
    "rwTTD": (
        15,
        (105, 84, 1826),
        [
            (12, 0.377264, 0.176410, 0.578271, 5),
            (24, 0.377264, 0.176410, 0.578271, 5),
            (60, 0.125755, 0.009110, 0.400514, 1),
        ],
    ),
}


@pytest.mark.parametrize("column", COHORT)
def test_the_cohort(column, cohort):
    endpoint, field = COLUMNS[column]
    events, median, landmarks = COHORT[column]
    counts = {}
    for time, n in cohort[endpoint].counts(field).items():
        counts[time.days, time.event == 1] = counts.get((time.days, time.event == 1), 0) + n
    curve = kaplan_meier(counts)
    assert sum(n for (_, event), n in counts.items() if event) == events
    assert curve.quantile() == median
    for month, *survival, at_risk in landmarks:
        assert curve.landmark(month * DAYS_PER_MONTH) == pytest.approx(tuple(survival), abs=6e-7)
        assert curve.at_risk(month * DAYS_PER_MONTH) == at_risk


def test_the_cumulative_incidence_of_progression(cohort):
    times = cohort["time-to-progression"].counts("primary")
    counts = {}
    for time, n in times.items():
        counts[time.days, time.event] = counts.get((time.days, time.event), 0) + n
    incidence = aalen_johansen(counts)
    found = {step.time: step.incidence for step in incidence[1].steps}
    expected = {10: 0.053140, 60: 0.106280, 140: 0.167012, 150: 0.227743, 189: 0.301971, 260: 0.400941}
    assert found == pytest.approx(expected, abs=6e-7)
    assert incidence[1].landmark(1826.25) == pytest.approx((0.400941, 0.154061, 0.639811), abs=6e-7)
    assert incidence[2].landmark(1826.25).value == pytest.approx(0.335140, abs=6e-7)


def groups_of(content, cohort, measure):
    plan = Plan("lipusu-her2", None, day("2025-06-30"), {})
    chosen = content.measures[measure]
    found = measure_report(chosen, cohort[chosen.endpoint], plan, "2025-07-15T08:00:00Z")
    return {group["code"]["coding"][0]["code"]: group for group in found["group"]}


def numbers(groups):
    return {code: float(g["measureScore"]["value"]) for code, g in groups.items() if "value" in g["measureScore"]}


def counts(group):
    return {population["code"]["coding"][0]["code"]: population["count"] for population in group["population"]}


def test_report_of_progression_free_survival(content, cohort):
    groups = groups_of(content, cohort, "lipusu-her2-pfs")
    score = numbers(groups)
    expected = {
        "pfs-median": 260 / DAYS_PER_MONTH,
        "pfs-median-ci-lower": 110 / DAYS_PER_MONTH,
        "pfs-rate-12m": 47.1256,
        "pfs-rate-12m-ci-lower": 22.9393,
        "pfs-rate-60m-ci-upper": 53.2617,
        # T01 T03 T06 T09 T16 T24 · T02 T10 T11 T21 · T07 T19
        "pfs-events-progression": 50,
        "pfs-events-death": 100 * 4 / 12,
        "pfs-events-treatment-change": 100 * 2 / 12,
    }
    assert {code: score[code] for code in expected} == pytest.approx(expected, abs=6e-5)
    assert "pfs-median-ci-upper" in groups.keys() - score.keys()
    assert counts(groups["pfs-events-death"]) == {
        "initial-population": 24,
        "denominator": 12,
        "denominator-exclusion": 12,
        "numerator": 4,
        "imputed-dates": 0,
        "no-evaluable-assessment": 5,  # T07 T08 T11 T12 T19
    }
    # Events fewer by T02 and T10 within 30 days; T07 and T19 without the fallback.
    assert [counts(groups[f"pfs-{s}-median"])["events"] for s in ("s1-30", "s2", "s3", "s4", "s6")] == [
        10,
        12,
        11,
        10,
        12,
    ]


def test_report_of_time_to_progression(content, cohort):
    groups = groups_of(content, cohort, "lipusu-her2-ttp")
    score = numbers(groups)
    expected = {
        "ttp-rate-12m": 55.7138,
        "ttp-cif-12m": 40.0941,
        "ttp-cif-60m": 40.0941,
        "ttp-cif-60m-ci-lower": 15.4061,
        "ttp-cif-60m-ci-upper": 63.9811,
        "ttp-cif-death-60m": 33.5140,
    }
    assert {code: score[code] for code in expected} == pytest.approx(expected, abs=6e-5)
    assert groups["ttp-median"]["measureScore"]["comparator"] == ">"
    populations = counts(groups["ttp-cif-60m"])
    assert (populations["events"], populations["competing-events"], populations["censored"]) == (6, 4, 13)


def test_report_of_treatment_failure(content, cohort):
    score = numbers(groups_of(content, cohort, "lipusu-her2-ttf"))
    expected = {
        "ttf-median": 105 / DAYS_PER_MONTH,
        "ttf-median-ci-upper": 1659 / DAYS_PER_MONTH,
        "ttf-rate-12m": 32.8696,
        "ttd-median-ci-upper": 1826 / DAYS_PER_MONTH,
        "ttd-rate-60m": 12.5755,
        # T01 T03 T06 T24 of 16
        "ttf-events-progression": 25,
        "ttf-events-adverse-event": 100 / 16,  # T16
        "ttf-events-gap": 100 * 5 / 16,  # T10 T13 T14 T17 T20
        "ttf-events-treatment-change": 100 * 3 / 16,  # T07 T09 T19
        "ttf-events-death": 100 * 3 / 16,  # T02 T11 T21
    }
    assert {code: score[code] for code in expected} == pytest.approx(expected, abs=6e-5)


def test_evidence_tells_the_rows_behind_an_answer(patients):
    by_name = {name[:3]: (record, cutoff) for name, record, cutoff, _ in patients}
    record, cutoff = by_name["T09"]

    def trace(endpoint):
        answer = derive(endpoint, record.facts(), cutoff)
        assert isinstance(answer, Analysed)
        return [(e.role, e.source.resource, e.note) for e in answer.evidence]

    index = [("index", "medication_administration/1", ""), ("index", "medication_administration/7", "")]
    assert trace("overall-survival") == [*index, ("last-contact", "encounter/1", "")]
    assert trace("time-to-progression") == [
        *index,
        ("progression", "observation/4", "PD"),
        ("last-assessment", "observation/4", "PD"),
        ("new-therapy", "medication_administration/13", "capecitabine"),
    ]
    assert trace("time-to-treatment-failure") == [
        *index,
        ("last-dose", "medication_administration/12", "trastuzumab"),
        ("last-dose-of-index-drug", "medication_administration/6", "paclitaxel-liposome"),
        ("progression", "observation/4", "PD"),
        ("new-therapy", "medication_administration/13", "capecitabine"),
    ]
