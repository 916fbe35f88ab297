"""The truth of the made-up patients by published and hand-worked cases."""

import json

import pytest

from fhir_registry.examples import estimates, faslodex, faslodex_truth, halaven, halaven_truth, lipusu_her2_truth
from fhir_registry.examples.person import AdverseEvent, Assessment, Dose, Person, Regimen, day_of

INDEX = day_of("2024-01-15")
HOSPITAL = halaven.HOSPITALS[0]


# Estimators


def test_kaplan_meier_of_ten_patients():
    # Oracle KM10, checked against R survival.
    days = [30, 60, 91, 122, 122, 152, 183, 244, 365, 400]
    events = [1, 0, 1, 1, 1, 0, 1, 0, 1, 0]
    curve = estimates.kaplan_meier(list(zip(days, events, strict=True)))
    assert [(day, round(s, 7)) for day, s, *_ in curve] == [
        (30, 0.9),
        (91, 0.7875),
        (122, 0.5625),
        (183, 0.421875),
        (365, 0.2109375),
    ]
    limits = {day: (round(low, 6), round(high, 6)) for day, _, low, high in curve}
    assert limits[122] == (0.209421, 0.809171)
    assert limits[365] == (0.012764, 0.573899)
    assert estimates.median_with_interval(curve) == (183, 30, None)


def test_median_on_a_flat_step_is_its_middle():
    # R and SAS give 250.
    assert estimates.median_with_interval(estimates.kaplan_meier([(d, 1) for d in (100, 200, 300, 400)]))[0] == 250


def test_survival_beyond_follow_up_is_not_known():
    alive, dead = [(100, 0), (200, 0)], [(100, 1), (200, 1)]
    assert estimates.survival_at(estimates.kaplan_meier(alive), alive, 201) == (None, None, None)
    assert estimates.survival_at(estimates.kaplan_meier(alive), alive, 200) == (1, 1, 1)
    assert estimates.survival_at(estimates.kaplan_meier(dead), dead, 201) == (0, None, None)


@pytest.mark.parametrize(
    ("x", "n", "exact", "wilson"),
    [
        (0, 10, (0, 0.308497), (0, 0.277533)),
        (10, 10, (0.691503, 1), (0.722467, 1)),
        (1, 10, (0.002529, 0.445016), (0.017876, 0.404150)),
        (14, 32, (0.263638, 0.623374), (0.281653, 0.606744)),
        (841, 951, (0.862280, 0.903970), (0.862441, 0.903131)),
    ],
)
def test_intervals_of_proportions(x, n, exact, wilson):
    found = estimates.percent_with_limits("p", x, n) | estimates.wilson_limits("p", x, n)
    assert found["p"] == pytest.approx(100 * x / n)
    assert (found["p-ci-lower"], found["p-ci-upper"]) == pytest.approx([100 * v for v in exact], abs=1e-4)
    assert (found["p-wilson-ci-lower"], found["p-wilson-ci-upper"]) == pytest.approx(
        [100 * v for v in wilson], abs=1e-4
    )


def test_a_proportion_of_nobody_is_not_known():
    assert set((estimates.percent_with_limits("p", 0, 0) | estimates.wilson_limits("p", 0, 0)).values()) == {None}


def test_description_of_eight_injection_counts():
    found = estimates.describe("", [6, 3, 6, 5, 1, 8, 12, 4])
    assert found.pop("sd") == pytest.approx(3.3354, abs=5e-5)
    assert found == {"mean": 5.625, "median": 5.5, "q1": 3.75, "q3": 6.5, "min": 1, "max": 12}


# Response


def person(**elements):
    return Person(1, HOSPITAL, birth=0, **{"index": INDEX, **elements})


def assessed(text, new_drug=None):
    """`40=PR 90=SD` -> a person assessed so, in days since the index."""
    found = [item.split("=") for item in text.split()]
    regimens = [Regimen(("capecitabine",), "advanced", INDEX + new_drug, None)] if new_drug else []
    return person(assessments=[Assessment(INDEX + int(day), value) for day, value in found], regimens=regimens)


RESPONSES = [
    ("B01", assessed("40=PR 90=SD"), "PR"),
    ("B02", assessed("30=SD"), "NE"),
    ("B03", assessed("41=SD"), "NE"),
    ("B04", assessed("42=SD"), "SD"),
    ("B05", assessed("30=SD 60=PD"), "PD"),
    ("B06", assessed("60=PD 120=PR"), "PD"),
    ("B07", assessed("50=NE"), "NE"),
    ("B08", assessed(""), None),
    ("B09", assessed("-3=SD 0=SD"), None),
    ("B10", assessed("60=SD 100=PR", new_drug=80), "SD"),
    ("B11", assessed("100=SD 735=CR"), "SD"),
    ("B12", assessed("100=SD 730=CR"), "CR"),
    ("B13", assessed("60=NON-CR/NON-PD"), "NON-CR/NON-PD"),
]
CUTOFF = day_of("2026-06-30")


@pytest.mark.parametrize(("patient", "expected"), [case[1:] for case in RESPONSES], ids=[case[0] for case in RESPONSES])
def test_best_overall_response(patient, expected):
    assert halaven_truth.best_overall_response(patient, CUTOFF) == expected


def test_the_worst_of_one_day_counts_and_imaging_before_all():
    assert halaven_truth.best_overall_response(assessed("60=PR 60=PD"), CUTOFF) == "PD"
    seen_and_felt = assessed("60=SD 60=PD")
    seen_and_felt.assessments[1].evidence = "physical-exam"
    assert halaven_truth.best_overall_response(seen_and_felt, CUTOFF) == "SD"


def test_disease_control_of_the_published_cohort():
    groups = halaven_truth.response([case[1] for case in RESPONSES], CUTOFF)
    assert groups["dcr"] == pytest.approx(100 * 6 / 13)
    assert (groups["dcr-ci-lower"], groups["dcr-ci-upper"]) == pytest.approx((19.2232, 74.8655), abs=1e-4)
    assert (groups["dcr-evaluable-ci-lower"], groups["dcr-evaluable-ci-upper"]) == pytest.approx(
        (34.9144, 96.8146), abs=1e-4
    )
    assert (groups["orr-wilson-ci-lower"], groups["orr-wilson-ci-upper"]) == pytest.approx((4.3258, 42.2346), abs=1e-4)
    counts = {code: n for code, n in groups.items() if code.startswith("bor-")}
    assert counts == {
        "bor-cr": 1,
        "bor-pr": 1,
        "bor-sd": 3,
        "bor-non-cr-non-pd": 1,
        "bor-pd": 2,
        "bor-ne": 5,
        "bor-not-assessed": 2,
    }


# Exposure and prior therapy


def treated(days, amount=500, visits=(0, 113), **dose):
    made = faslodex.FulvestrantPatient(1, HOSPITAL, 0, INDEX, visit_1=INDEX + visits[0], visit_2=INDEX + visits[1])
    made.doses = [Dose(INDEX + day, "fulvestrant", amount, **dose) for day in days]
    return made


LOADING = (0, 14, 28, 56, 84, 112)
EXPOSURES = [
    ("F01", treated(LOADING), (6, 12, 3000), (6, 12, 3000)),
    ("F02", treated((0, 0, 14, 14, 28, 28), 250), (3, 6, 1500), (3, 6, 1500)),
    ("F06", treated((0, 28, 56, 84, 112), None), (5, 5, None), (5, 5, None)),
    ("F07", treated(LOADING, visits=(60, 113)), (2, 4, 1000), (6, 12, 3000)),
    ("F08", treated((0,), 250, status="stopped"), (1, 1, 250), (1, 1, 250)),
    ("not done", treated((0, 28), 250, status="not-done"), (0, 0, 0), (0, 0, 0)),
]


@pytest.mark.parametrize(("patient", "period", "since"), [e[1:] for e in EXPOSURES], ids=[e[0] for e in EXPOSURES])
def test_exposure_in_the_period_and_since_the_first_dose(patient, period, since):
    groups = faslodex_truth.truth_of_exposure([patient], CUTOFF)
    names = ("administration-days-", "injections-", "cumulative-dose-")
    assert tuple(groups[f"{name}mean"] for name in names) == period
    assert tuple(groups[f"{name}since-first-dose-mean"] for name in names) == since


@pytest.mark.parametrize(("first_visit", "counted"), [("2009-02-10", 1), ("2009-03-20", 1), ("2009-04-01", 0)])
def test_a_dose_known_by_its_month(first_visit, counted):
    # F09 and F10: a month that straddles the visit counts.
    patient = treated((), 250)
    patient.visit_1, patient.visit_2 = day_of(first_visit), day_of("2009-06-01")
    patient.doses = [Dose(day_of("2009-03-15"), "fulvestrant", 250, precision="month")]
    assert faslodex_truth.truth_of_exposure([patient], CUTOFF)["injections-mean"] == counted


def test_frequencies_of_injections():
    groups = faslodex_truth.truth_of_exposure(
        [treated((0,), 250), treated((0, 28), 250), treated((0, 28), 250)], CUTOFF
    )
    assert {code: n for code, n in groups.items() if "frequency" in code} == {
        "injections-frequency-1": 1,
        "injections-frequency-2": 2,
    }


def test_prior_therapies_of_a_hand_made_list():
    # P01, P02, P07, P09 and P12.
    histories = [
        [Regimen(("tamoxifen",), "adjuvant", 0, 9), Regimen(("letrozole",), "advanced", 10, 19)],
        [Regimen(("fluorouracil", "epirubicin", "cyclophosphamide"), "adjuvant", 0, 9)],
        [Regimen(("everolimus", "exemestane"), "advanced", 0, 9)],
        [Regimen(("goserelin", "tamoxifen"), "adjuvant", 0, 9)],
        [],
    ]
    people = [treated(()) for _ in histories]
    for patient, regimens in zip(people, histories, strict=True):
        patient.regimens = regimens
    groups = faslodex_truth.truth_of_history(people)
    cells = {
        cell: groups[f"prior-{cell}"]
        for cell in ("hormonal-early", "hormonal-advanced", "chemo-early", "chemo-advanced")
    }
    assert cells == {"hormonal-early": 40, "hormonal-advanced": 40, "chemo-early": 20, "chemo-advanced": 0}
    assert groups["prior-targeted-advanced"] == 20
    assert [groups[f"prior-lines-hormonal-early-{n}"] for n in ("0", "1", "2", "3plus")] == [2, 2, 0, 0]
    assert groups["prior-history-unknown"] == 1
    assert groups["prior-agent-tamoxifen"] == 2
    people[4].explicitly_none = True
    assert faslodex_truth.truth_of_history(people)["prior-history-unknown"] == 0


# Survival


@pytest.mark.parametrize(
    ("death", "precision", "alive", "cutoff", "expected"),
    [
        ("2024-03-20", "month", "2024-02-10", "2025-06-30", "2024-03-15"),  # T26
        ("2024-03-25", "month", "2024-03-20", "2025-06-30", "2024-03-20"),  # T27
        ("2024-03-20", "month", "2024-02-10", "2024-03-10", "2024-03-10"),  # T28
        ("2024-09-09", "year", "2024-08-01", "2024-10-31", "2024-08-01"),  # T29
        ("2024-02-02", "year", "2023-11-02", "2025-06-30", "2024-07-01"),  # T30
        ("2025-07-01", "day", "2025-06-01", "2025-06-30", None),  # T13: after the cut-off
    ],
)
def test_day_of_death_from_partial_dates(death, precision, alive, cutoff, expected):
    patient = person(death=day_of(death), death_precision=precision, visits=[day_of(alive)])
    assert patient.death_day(day_of(cutoff)) == (expected and day_of(expected))


def test_overall_survival_of_the_published_cohort(cases):
    folder = cases / "cases" / "endpoints"
    inputs = json.loads((folder / "tte_inputs.json").read_text())
    expected = json.loads((folder / "tte_expected.json").read_text())
    times = []
    for name, case in inputs.items():
        patient = person(index=day_of(case["index"]), visits=[day_of(case["lka"])])
        patient.death = case["death"] and day_of(case["death"])
        if name.startswith("T23"):
            assert patient.death < patient.index  # a data error, left out
            continue
        times.append(lipusu_her2_truth.survival_time(patient, day_of(case["dco"])))
        assert times[-1] == tuple(expected[name]["OS"][:2]), name
    groups = lipusu_her2_truth.overall_survival(times)
    assert sum(died for _, died in times) == 6
    assert groups["os-median"] == 1826 / 30.4375
    assert (groups["os-median-ci-lower"], groups["os-median-ci-upper"]) == (400 / 30.4375, None)
    for code, figures in {
        "os-rate-12m": (86.0870, 62.7331, 95.3007),
        "os-rate-24m": (64.5652, 30.6740, 85.0472),
        "os-rate-60m": (43.0435, 8.3499, 75.1122),
    }.items():
        assert (groups[code], groups[f"{code}-ci-lower"], groups[f"{code}-ci-upper"]) == pytest.approx(
            figures, abs=1e-4
        )
    assert [groups[f"os-follow-up-median{end}"] for end in ("", "-ci-lower", "-ci-upper")] == [
        300 / 30.4375,
        184 / 30.4375,
        880 / 30.4375,
    ]


def test_last_contact_needs_a_contact():
    patient = person(visits=[INDEX])
    patient.doses = [Dose(INDEX + 10, "eribulin", 2.0), Dose(INDEX + 90, "eribulin", 2.0, "not-done")]
    patient.assessments = [Assessment(INDEX + 20, "SD"), Assessment(INDEX + 95, "PD", "entered-in-error")]
    assert patient.last_contact(CUTOFF) == INDEX + 20
    assert patient.last_contact(INDEX + 15) == INDEX + 10


# Progression and end of treatment

# Treatments that no made-up patient has: resumed after a gap, with an end on record.
NOT_MADE = ("T14", "T16")


def published_cases(cases):
    """{name: (Person, cut-off, expected)} of the published cohort, but for a death before the index."""
    folder = cases / "cases" / "endpoints"
    expected = json.loads((folder / "tte_expected.json").read_text())
    drugs = {"plipo": "paclitaxel-liposome", "tras": "trastuzumab"}
    found = {}
    for name, case in json.loads((folder / "tte_inputs.json").read_text()).items():
        if name.startswith("T23"):
            continue
        patient = person(index=day_of(case["index"]), visits=[day_of(case["lka"])])
        patient.death = case["death"] and day_of(case["death"])
        patient.doses = [Dose(day_of(day), drugs[drug]) for drug, days in case["doses"].items() for day in days]
        patient.assessments = [Assessment(day_of(day), value) for day, value, *_ in case["assess"]]
        if case["tc"]:
            patient.regimens = [Regimen(("capecitabine",), "advanced", day_of(case["tc"]), day_of(case["dco"]))]
        found[name] = patient, day_of(case["dco"]), expected[name]
    return found


def test_times_of_the_published_cohort(cases):
    for name, (patient, cutoff, expected) in published_cases(cases).items():
        truth = lipusu_her2_truth
        course = truth.follow(patient, cutoff, patient.index)
        stop = truth.stop_of(course, {drug for _, drug in course.doses})
        times = (
            {}
            if name.startswith(NOT_MADE)
            else {
                "TTF": truth.fail(course, stop),
                "rwTTD": truth.end_with_death(course, stop),
            }
        )
        times |= {
            "rwPFS": truth.progression_free(course),
            "TTP": truth.progression_free(course, fallback=False),
            "S1_win30": truth.progression_free(course, 30),
            "S2_grace14": truth.after_grace(course),
            "S3_newTxCens": truth.until_new_therapy(course),
            "S4_nofallback": truth.progression_free(course, fallback=False),
        }
        for analysis, time in times.items():
            days, event, label = expected[analysis]
            found_days, found = truth.at_horizon(time)
            assert (found_days, found or None) == (days, label if event else None), (name, analysis)


def test_progression_of_the_published_cohort(cases):
    courses = [lipusu_her2_truth.follow(p, cutoff, p.index) for p, cutoff, _ in published_cases(cases).values()]
    free = [lipusu_her2_truth.at_horizon(lipusu_her2_truth.progression_free(course)) for course in courses]
    groups = estimates.survival_groups("pfs", free) | lipusu_her2_truth.shares("pfs", free, ("death",))
    limits = [groups[f"pfs-{code}"] for code in ("median", "median-ci-lower", "median-ci-upper")]
    assert limits == [260 / 30.4375, 110 / 30.4375, None] and sum(bool(event) for _, event in free) == 12
    rates = [groups[f"pfs-rate-12m{end}"] for end in ("", "-ci-lower", "-ci-upper")]
    assert rates == pytest.approx([47.1256, 22.9393, 68.0824], abs=1e-4)
    times = [lipusu_her2_truth.progression_free(course, fallback=False) for course in courses]
    causes = [(day, event or None) for day, event in times]
    found = [estimates.aalen_johansen(causes, "progression", day)[0] for day in (10, 60, 140, 150, 189)]
    assert found == pytest.approx([0.053140, 0.106280, 0.167012, 0.227743, 0.301971], abs=5e-7)
    end = estimates.aalen_johansen(causes, "progression", 1826.25)
    assert end == pytest.approx((0.400941, 0.154061, 0.639811), abs=5e-7)
    assert estimates.aalen_johansen(causes, "death", 1826.25)[0] == pytest.approx(0.335140, abs=5e-7)


def test_aalen_johansen_of_ten_patients():
    # Oracle AJ10, checked against SAS and lifelines: 1 is progression, 2 death.
    days = (30, 60, 91, 122, 130, 152, 183, 244, 365, 400)
    times = list(zip(days, (1, None, 2, 1, 1, None, 2, None, 1, None), strict=True))
    first = [estimates.aalen_johansen(times, 1, day)[0] for day in (29, 30, 122, 130, 365)]
    assert first == pytest.approx([0, 0.1, 0.2125, 0.325, 0.535938], abs=5e-7)
    assert estimates.aalen_johansen(times, 1, 365)[1:] == pytest.approx((0.138110, 0.821586), abs=5e-7)
    assert [estimates.aalen_johansen(times, 2, day)[0] for day in (91, 183)] == pytest.approx([0.1125, 0.253125])


def test_incidence_beyond_follow_up_is_not_known():
    alive, dead = [(100, 1), (400, None)], [(100, 1), (200, 2)]
    assert estimates.incidence_groups("cif", alive, 1)["cif-12m"] == 50
    assert estimates.incidence_groups("cif", alive, 1)["cif-24m"] is None
    assert estimates.incidence_groups("cif", dead, 1)["cif-24m"] == 50
    assert estimates.incidence_groups("cif", [], 1)["cif-12m"] is None


def test_rates_have_exact_poisson_limits():
    # Ulm 1990: of 10 events the limits are 4.7954 and 18.3904, of none 0 and 3.6889.
    rate = estimates.rate_per_100_years("r", 10, 36525)
    assert tuple(rate.values()) == pytest.approx((10, 4.7954, 18.3904), abs=1e-4)
    assert tuple(estimates.rate_per_100_years("r", 0, 36525).values()) == pytest.approx((0, 0, 3.6889), abs=1e-4)
    assert set(estimates.rate_per_100_years("r", 0, 0).values()) == {None}


def test_endocrine_maintenance_belongs_to_the_line_and_other_therapy_does_not():
    patient = person(visits=[INDEX + 400])
    patient.doses = [Dose(INDEX + day, "trastuzumab") for day in (0, 21, 42)]
    patient.regimens = [Regimen(("letrozole",), "advanced", INDEX + 60, INDEX + 120)]
    course = lipusu_her2_truth.follow(patient, CUTOFF, INDEX)
    assert course.doses[-3:] == [(60, "letrozole"), (88, "letrozole"), (116, "letrozole")] and course.change is None
    assert lipusu_her2_truth.stop_of(course, {"trastuzumab", "letrozole"}) == (116, "gap")
    # More than 120 days after the last dose it is a line of its own, and so is any other drug at once.
    patient.regimens = [Regimen(("letrozole",), "advanced", INDEX + 42 + 121, INDEX + 300)]
    assert lipusu_her2_truth.follow(patient, CUTOFF, INDEX).change == 163
    patient.regimens = [Regimen(("capecitabine",), "advanced", INDEX + 60, INDEX + 90)]
    assert lipusu_her2_truth.follow(patient, CUTOFF, INDEX).change == 60


def test_who_was_not_seen_for_long_is_followed_no_further():
    # Contacts on days 30, 60 and 200: the follow-up ends on day 60.
    patient = person(visits=[INDEX + 30, INDEX + 200])
    patient.doses = [Dose(INDEX, "paclitaxel-liposome")]
    patient.assessments = [Assessment(INDEX + 60, "SD"), Assessment(INDEX + 200, "PD")]
    course = lipusu_her2_truth.follow(patient, CUTOFF, INDEX)
    assert lipusu_her2_truth.progression_free(course) == (200, "progression")
    assert lipusu_her2_truth.until_unseen(course) == (60, False)
    assert lipusu_her2_truth.until_unseen(course._replace(death=150)) == (150, "death")
    assert lipusu_her2_truth.until_unseen(course._replace(death=151)) == (60, False)


# Adverse events


def event(day, grade, reason="new", term="Nausea", **elements):
    return AdverseEvent(INDEX + day, None, ("", term), grade, reason=reason, **elements)


def eribulin(*events, last=21, **elements):
    """A person with doses on days 0 and `last`."""
    doses = [Dose(INDEX, "eribulin"), Dose(INDEX + last, "eribulin")]
    return person(doses=doses, adverse_events=[*events], visits=[INDEX + 200], **elements)


def test_adverse_events_of_four_hand_made_patients():
    people = [
        eribulin(event(4, 2, causality="Unlikely"), event(9, 3, serious=True, led_to_stop=True)),
        eribulin(event(-30, 1, "resolved-before-first-dose"), event(10, 1, "recurrence-not-worse")),
        eribulin(event(60, 4, "after-window", "Fatigue", causality=None)),
        eribulin(death=INDEX + 30),
    ]
    groups = halaven_truth.adverse_events(people, CUTOFF)
    patients = {code: groups[code] / 25 for code in groups if f"{code}-ci-lower" in groups and "-ea" not in code}
    assert {code: n for code, n in patients.items() if n} == {
        **dict.fromkeys(("ae-any", "ae-serious", "ae-grade3plus", "ae-related", "ae-related-or-unassessed"), 1),
        "ae-discontinuation": 1,
        **{"ae-ich-any": 2, "ae-ich-serious": 1, "ae-ich-grade3plus": 1, "ae-ich-related": 2},
        **{"ae-ich-related-or-unassessed": 2, "ae-ich-discontinuation": 1},
        **{"ae-uncapped-any": 2, "ae-uncapped-serious": 1, "ae-uncapped-grade3plus": 2, "ae-uncapped-related": 1},
        **{"ae-uncapped-related-or-unassessed": 2, "ae-uncapped-discontinuation": 1},
        **{"ae-soc-gastrointestinal-disorders": 1, "ae-term-nausea": 1},
    }
    # Days 0 to 51 of three patients and 0 to 30 of the one who died; up to the first event on day 4 of the first.
    assert groups["ae-eaer-years"] == pytest.approx((3 * 52 + 31) / 365.25)
    assert groups["ae-eair-years"] == pytest.approx((5 + 2 * 52 + 31) / 365.25)
    assert groups["ae-eaer"] == pytest.approx(100 * 2 / (187 / 365.25))
    records = {code: n for code, n in groups.items() if code.startswith("ae-records-") and n}
    assert records == {
        "ae-records-new": 2,
        "ae-records-resolved-before-first-dose": 1,
        "ae-records-recurrence-not-worse": 1,
        "ae-records-after-window": 1,
    }


# Discontinuation


@pytest.mark.parametrize(
    ("reason", "visits", "days", "expected"),
    [
        ("progression", (0, 113), (0, 28), "progression"),
        ("lost", (0, 113), (0, 28), "lost-to-follow-up"),
        ("progression", (0, 50), (0, 28, 56), None),  # goes on after the second visit
        (None, (0, 120), (0,), None),
        (None, (0, 121), (0,), "unknown"),  # more than 120 days without a dose
    ],
)
def test_reason_to_stop(reason, visits, days, expected):
    patient = treated(days, visits=visits)
    patient.stop_reason = reason
    assert faslodex_truth.reason_to_stop(patient, CUTOFF) == expected


def test_reasons_have_two_denominators():
    people = [treated((0,)), treated((0,)), treated((0,)), treated((0,))]
    for patient, reason in zip(people, ("progression", "progression", None, None), strict=True):
        patient.stop_reason = reason
    # Not seen again, and without a dose for more than 120 days.
    people[3].visit_2, people[3].visits = None, [INDEX + 121]
    groups = faslodex_truth.truth_of_discontinuation(people, CUTOFF)
    assert groups["discontinuation-progression"] == pytest.approx(100 * 2 / 3)
    assert groups["discontinuation-progression-of-discontinued"] == pytest.approx(100 * 2 / 3)
    assert groups["discontinuation-unknown-of-discontinued"] == pytest.approx(100 / 3)
    assert (groups["discontinuation-any"], groups["discontinuation-unknown"]) == (pytest.approx(200 / 3), 0)
