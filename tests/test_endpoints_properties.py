"""What holds for every patient and every endpoint, on generated patients (section 1.8 of the definitions)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patient_facts import Record, day, shifted

from fhir_registry.content.measures import Characteristic
from fhir_registry.endpoints.catalogue import ENDPOINTS, derive_all
from fhir_registry.endpoints.characteristics import characteristics, check_characteristics
from fhir_registry.endpoints.outcome import Analysed, Excluded, Plan, Tally
from fhir_registry.endpoints.population import EXCLUSIONS
from fhir_registry.endpoints.usable import usable_data

DAYS = st.integers(-1200, 1200)
PARTIAL = st.one_of(DAYS, st.sampled_from(["2023", "2024", "2023-03", "2024-02", "2022-11", "2023-01-10"]))
INDEX_DRUGS = st.sampled_from(["eribulin", "fulvestrant", "paclitaxel-liposome"])
OTHER_DRUGS = st.sampled_from(["trastuzumab", "letrozole", "goserelin", "capecitabine", "everolimus"])
DRUGS = INDEX_DRUGS | OTHER_DRUGS
VALUES = st.sampled_from(["CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE"])
INTENTS = st.sampled_from([None, None, "adjuvant", "palliative"])
TERMS = st.sampled_from(["Nausea", "Fatigue", "Disease progression", None])
STOPS = st.sampled_from([None, '["progression"]', '["adverse-event","other"]', "[]"])
PARAMETERS = {
    "adverse-events": {"progressionTerms": frozenset({"Disease progression"})},
    "best-overall-response": {},
    "discontinuation": {},
    "exposure": {},
    "prior-therapy": {},
    "overall-survival": {"combineWith": frozenset({"trastuzumab"}), "firstLine": True},
    "progression-free-survival": {"combineWith": frozenset({"trastuzumab"}), "visitGapDays": 90},
    "time-to-progression": {"firstLine": True},
    "time-to-treatment-failure": {},
}


class Divided:
    """As much of a Measure as characteristics need."""

    id, supplemental = "divided", ()
    stratifiers = tuple(
        Characteristic(words[0], words[0], " ".join(map(str, words)), words[0], tuple(words[1:]), "Measure")
        for words in (
            ("age", "65"),
            ("menopause",),
            ("disease-onset",),
            ("line", "2", "3"),
            ("antibodies", frozenset({"trastuzumab", "everolimus"})),
            ("drug", frozenset({"goserelin"})),
            ("prior", frozenset({"trastuzumab", "eribulin"}), "early"),
        )
    )


@st.composite
def patients(draw):
    record = Record().condition("breast", draw(DAYS))
    if draw(st.booleans()):
        record.enrolled("study", draw(st.sampled_from(["on-study", "screening"])), start=draw(DAYS))
    for kind in draw(st.lists(st.sampled_from(["distant", "locally-advanced", "regional"]), max_size=2)):
        record.condition(kind, draw(st.one_of(st.none(), PARTIAL)))
    for drug in draw(st.lists(DRUGS, max_size=6)):
        first = draw(st.integers(-100, 300))
        record.dose(drug, *range(first, first + 21 * draw(st.integers(1, 4)), 21), dose=250.0, dose_unit="mg")
    for drug in draw(st.lists(DRUGS, max_size=3)):
        record.dose(drug, draw(PARTIAL), intent=draw(INTENTS))
    for drug in draw(st.lists(DRUGS, max_size=4)):
        start = draw(st.one_of(st.none(), PARTIAL))
        end = start + draw(st.integers(0, 400)) if isinstance(start, int) and draw(st.booleans()) else None
        asserted, status = draw(st.one_of(st.none(), DAYS)), draw(st.sampled_from(["completed", "stopped", "active"]))
        record.took(drug, start, end, status, asserted, intent=draw(INTENTS), reasons=draw(STOPS))
    for drug in draw(st.lists(INDEX_DRUGS, max_size=2)):
        record.dose(drug, draw(PARTIAL), status="not-done", reasons=draw(STOPS))
        dates = record.dates(authored=draw(PARTIAL))
        status = draw(st.sampled_from(["active", "stopped"]))
        record.add("medication_request", drug=drug, status=status, reasons=draw(STOPS), **dates)
    for term in draw(st.lists(TERMS, max_size=4)):
        onset, end = draw(st.one_of(st.none(), PARTIAL)), draw(st.one_of(st.none(), PARTIAL))
        found = record.dates(detected=draw(st.one_of(st.none(), DAYS)))
        record.adverse_event(onset, end, term=term, grade=draw(st.sampled_from([None, 1, 3])), **found)
    for value in draw(st.lists(VALUES, max_size=5)):
        record.assessed(draw(PARTIAL), value)
    for when in draw(st.lists(PARTIAL, max_size=3)):
        record.seen(when, draw(st.sampled_from([None, "visit-1", "visit-2"])))
    if draw(st.booleans()):
        record.surgery(draw(DAYS))
    if draw(st.booleans()):
        record.died(draw(st.one_of(st.none(), PARTIAL)), known=draw(DAYS))
    return record.facts()


def plan(endpoint, cutoff, **parameters):
    # Age is left out: a shift across a leap day moves birthdays.
    complete = ENDPOINTS[endpoint].check_parameters({"minAge": 0, **PARAMETERS[endpoint], **parameters})
    return Plan("study", None, cutoff, complete)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@given(
    patient=patients(), drug=INDEX_DRUGS, extent=st.sampled_from(["any", "advanced"]), shift=st.integers(-9000, 9000)
)
def test_a_date_shift_changes_nothing_but_the_index(endpoint, patient, drug, extent, shift):
    derive, cutoff = ENDPOINTS[endpoint].derive, day("2024-12-31")
    options = {"indexDrugs": frozenset({drug}), "extent": extent}
    before = derive(patient, plan(endpoint, cutoff, **options))
    after = derive(shifted(patient, shift), plan(endpoint, cutoff + shift, **options))
    assert (before._replace(index=before.index + shift) if isinstance(before, Analysed) else before) == after


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@given(people=st.lists(patients(), max_size=5), drug=INDEX_DRUGS, enrolment=st.booleans())
def test_everybody_in_the_initial_population_is_analysed_or_excluded_once(endpoint, people, drug, enrolment):
    asked = plan(endpoint, day("2024-12-31"), indexDrugs=frozenset({drug}), requireEnrolment=enrolment)
    answers = [ENDPOINTS[endpoint].derive(patient, asked) for patient in people]
    tally = Tally()
    for answer in answers:
        tally.add(answer)
        assert answer is None or isinstance(answer, Analysed) or answer.reason in EXCLUSIONS
    if enrolment:
        assert tally.initial == sum(bool(patient.research_subjects) for patient in people)
    assert tally.initial == sum(answer is not None for answer in answers)
    assert tally.denominator == sum(isinstance(answer, Analysed) for answer in answers)
    assert tally.exclusions.total() == sum(isinstance(answer, Excluded) for answer in answers)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@given(patient=patients(), drug=INDEX_DRUGS, cutoff=st.integers(-100, 1200))
def test_everybody_analysed_is_in_one_stratum_of_each_characteristic(endpoint, patient, drug, cutoff):
    asked = plan(endpoint, day("2023-01-10") + cutoff, indexDrugs=frozenset({drug}))
    usable = usable_data(patient, asked.cutoff)
    answer = ENDPOINTS[endpoint].derive(usable, asked)
    if isinstance(answer, Analysed):
        divisions = check_characteristics(Divided)
        told = characteristics(usable, answer.index, asked, divisions)
        assert [told[each.code] in (*each.levels, "missing") for each in divisions] == [True] * len(divisions)
        # The index line is there wherever there is an index.
        assert told["line"] != "missing"


@given(patient=patients(), drug=INDEX_DRUGS, cutoff=st.integers(-100, 1200))
def test_survival_ends_within_cut_off_and_horizon(patient, drug, cutoff):
    cutoff += day("2023-01-10")
    parameters = {"indexDrugs": frozenset({drug}), "combineWith": None, "firstLine": False, "horizonDays": 300.25}
    answer = ENDPOINTS["overall-survival"].derive(patient, plan("overall-survival", cutoff, **parameters))
    if isinstance(answer, Analysed):
        days, event, label = answer.row.primary
        assert 0 <= days <= 300.25
        assert answer.index + days <= cutoff or label == "horizon"
        assert event == (label == "death")
        assert event <= bool(patient.patients[0].deceased)


@given(patient=patients(), drug=INDEX_DRUGS)
def test_what_comes_after_the_cut_off_changes_nothing(patient, drug):
    cutoff = day("2023-12-31")
    later = Record("2024-01-01").dose(drug, 3, 24).assessed(10, "CR").seen(30).condition("distant", 1).facts()
    both = patient._replace(**{name: getattr(patient, name) + getattr(later, name) for name in patient._fields[3:]})
    for endpoint in ENDPOINTS:
        asked = plan(endpoint, cutoff, indexDrugs=frozenset({drug}))
        assert ENDPOINTS[endpoint].derive(both, asked) == ENDPOINTS[endpoint].derive(patient, asked)


@given(patient=patients(), drug=INDEX_DRUGS, cutoff=st.integers(-100, 1200))
def test_adverse_events_of_one_patient_agree_with_each_other(patient, drug, cutoff):
    asked = plan("adverse-events", day("2023-01-10") + cutoff, indexDrugs=frozenset({drug}))
    answer = ENDPOINTS["adverse-events"].derive(patient, asked)
    if isinstance(answer, Analysed):
        row = answer.row
        assert 1 <= row.days_to_first <= row.days <= 731
        assert answer.index + row.days - 1 <= asked.cutoff
        # What emerged by the registry's definition did so for ICH.
        assert set(row.three_part) <= set(row.ich)
        assert ("any" in row.three_part) == (row.events > 0) == bool(row.terms)
        assert row.events == sum(e.role == "event" for e in answer.evidence)
        assert {soc for soc, _ in row.socs} == {soc for soc, _, _ in row.terms}


@given(
    patient=patients(),
    asked=st.lists(
        st.tuples(
            st.sampled_from([*ENDPOINTS]),
            st.fixed_dictionaries(
                {"indexDrugs": INDEX_DRUGS.map(lambda drug: frozenset({drug}))},
                optional={
                    "requireEnrolment": st.booleans(),
                    "minAge": st.sampled_from([0, 18]),
                    "cancer": st.just("breast"),
                    "extent": st.sampled_from(["any", "advanced", "metastatic"]),
                    "her2": st.sampled_from(["any", "positive"]),
                    "combineWith": st.sampled_from([None, frozenset({"trastuzumab"}), frozenset({"letrozole"})]),
                    "combinationWindowDays": st.sampled_from([0, 28, 90]),
                    "firstLine": st.booleans(),
                    "maxEndocrineLines": st.integers(0, 2),
                    "lineWindowDays": st.sampled_from([0, 28]),
                    "lineGapDays": st.sampled_from([30, 120]),
                    "maintainedDrugs": st.just(frozenset({"everolimus"})),
                    "horizonDays": st.sampled_from([300.25, 1826.25]),
                    "pdGraceDays": st.sampled_from([0, 14]),
                    "improvedIsResponse": st.booleans(),
                },
            ),
            st.sampled_from([None, day("2023-01-10")]),
        ),
        min_size=2,
    ),
)
def test_what_endpoints_share_depends_on_all_that_they_ask(patient, asked):
    """Answered together or one by one, whatever differs between the measures."""
    cutoff = day("2024-12-31")
    plans = []
    for endpoint, parameters, start in asked:
        known = plan(endpoint, cutoff, indexDrugs=frozenset({"eribulin"})).parameters
        wanted = {name: value for name, value in parameters.items() if name in known}
        plans.append((endpoint, plan(endpoint, cutoff, **wanted)._replace(start=start)))
    assert derive_all(patient, plans) == [ENDPOINTS[endpoint].derive(patient, each) for endpoint, each in plans]
