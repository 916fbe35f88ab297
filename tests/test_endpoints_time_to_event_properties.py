"""What holds between the time-to-event outcomes of every patient (section 1.8 of the definitions)."""

from hypothesis import given
from hypothesis import strategies as st
from lipusu_facts import LIPOSOME, TRASTUZUMAB, derive, eligible
from patient_facts import day, shifted

from fhir_registry.endpoints.outcome import Analysed

CUTOFF = day("2024-12-31")
ENDPOINTS = ("overall-survival", "progression-free-survival", "time-to-progression", "time-to-treatment-failure")
AFTER = st.integers(0, 800)
VALUES = st.sampled_from(["CR", "PR", "SD", "NON-CR/NON-PD", "PD", "PD", "NE"])
LATER = st.sampled_from(["capecitabine", "trastuzumab-deruxtecan", "letrozole", "paclitaxel", "pertuzumab", LIPOSOME])
REASONS = st.sampled_from([None, '["adverse-event"]', '["no-response"]', '["completed", "other"]'])
PARTIAL = st.sampled_from(["2023", "2023-05", "2023-11", "2024-02"])
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "pdGraceDays": st.sampled_from([0, 14]),
        "horizonDays": st.sampled_from([300.25, 1826.25]),
        "lineGapDays": st.sampled_from([60, 120]),
    },
)


@st.composite
def patients(draw, dates=AFTER, stops=2):
    """An eligible patient on both drugs from day 0, and whatever comes later."""
    record = eligible()
    for drug in (LIPOSOME, TRASTUZUMAB):
        first = draw(st.sampled_from([0, 0, 0, 10, 28]))
        record.dose(drug, *range(first, first + 21 * draw(st.integers(1, 12)), 21))
    for drug in draw(st.lists(LATER, max_size=3)):
        first = draw(AFTER)
        record.dose(drug, *range(first, first + 21 * draw(st.integers(1, 4)), 21))
    for when in draw(st.lists(dates, max_size=5)):
        record.assessed(when, draw(VALUES))
    for when in draw(st.lists(dates, max_size=3)):
        record.seen(when)
    for drug in draw(st.lists(st.sampled_from([LIPOSOME, TRASTUZUMAB]), max_size=stops)):
        start = draw(st.integers(0, 60))
        end = start + draw(AFTER)
        record.took(drug, start, end, status=draw(st.sampled_from(["stopped", "active"])), reasons=draw(REASONS))
    if draw(st.booleans()):
        record.died(draw(dates))
    return record.facts()


def outcomes(facts, cutoff=CUTOFF, **options):
    """The rows by endpoint, or None for a patient whom the registry does not analyse."""
    rows = []
    for endpoint in ENDPOINTS:
        known = {name: value for name, value in options.items() if name in PARAMETERS_OF[endpoint]}
        answer = derive(endpoint, facts, cutoff, minAge=0, **known)
        rows.append(answer.row if isinstance(answer, Analysed) else None)
    # The four have the same population.
    assert len({row is None for row in rows}) == 1
    return None if rows[0] is None else rows


COMMON = {"horizonDays", "lineGapDays"}
PARAMETERS_OF = {endpoint: COMMON | {"pdGraceDays"} for endpoint in ENDPOINTS} | {"overall-survival": COMMON}
MAYBE_PARTIAL = st.one_of(AFTER, AFTER, PARTIAL)


@given(facts=patients(MAYBE_PARTIAL), options=OPTIONS)
def test_failure_comes_before_progression_and_progression_before_death(facts, options):
    rows = outcomes(facts, **options)
    if rows is None:
        return
    survival, progression_free, to_progression, treatment = rows
    death, pfs, ttp, ttf = survival.primary, progression_free.primary, to_progression.primary, treatment.ttf
    if pfs.event and pfs.label != "treatment-change":
        assert ttf.event
        assert ttf.days <= pfs.days
        assert not death.event or pfs.days <= death.days
    if death.event:
        assert pfs.event and pfs.days <= death.days
        assert treatment.ttd.event and treatment.ttd.days <= death.days
        assert treatment.ttd_index.event and treatment.ttd_index.days <= death.days
    if ttf.event:
        assert ttf.days <= treatment.ttd.days or not treatment.ttd.event
    # Those who die without progression are the competing events.
    assert (ttp.event == 2) == (ttp.label == "death")


@given(facts=patients(MAYBE_PARTIAL), options=OPTIONS)
def test_progression_free_survival_is_the_first_of_progression_and_death(facts, options):
    rows = outcomes(facts, **options)
    if rows is None:
        return
    survival, progression_free, to_progression, _ = rows
    pfs = progression_free.primary
    if pfs.label not in ("treatment-change", "no-assessment"):
        events = [time.days for time in (to_progression.primary, survival.primary) if time.event]
        assert pfs.event == bool(events)
        if events:
            assert pfs.days == min(events)
    without_fallback = progression_free.s4
    assert without_fallback[::2] == to_progression.primary[::2]
    assert without_fallback.event == bool(to_progression.primary.event)


@given(facts=patients(MAYBE_PARTIAL), options=OPTIONS)
def test_sensitivities_only_take_events_away_or_delay_them(facts, options):
    rows = outcomes(facts, **options)
    if rows is None:
        return
    row = rows[1]
    for stricter, looser in (("s1_30", "s1_60"), ("s1_60", "s1_90"), ("s1_90", "primary"), ("s4", "primary")):
        assert getattr(row, stricter).event <= getattr(row, looser).event
    assert row.s3.event <= row.primary.event
    assert row.s3.days <= row.primary.days
    assert row.s5.event <= row.primary.event
    assert row.s5.days <= row.primary.days
    if row.s6.label == row.primary.label == "death":
        assert row.s6.days >= row.primary.days


@given(facts=patients(MAYBE_PARTIAL), shift=st.integers(-9000, 9000))
def test_a_date_shift_changes_nothing(facts, shift):
    assert outcomes(shifted(facts, shift), CUTOFF + shift) == outcomes(facts)


# Without ends on record: doses after an end tell that it was none.
@given(facts=patients(stops=0), earlier=st.integers(0, 690))
def test_a_later_cut_off_never_moves_an_event(facts, earlier):
    before, after = outcomes(facts, day("2023-01-10") + 28 + earlier), outcomes(facts)
    if before is None or after is None:
        return
    for row, later_row in zip(before[:3], after[:3], strict=True):
        # An assessment that comes to be known takes the place of the treatment change.
        if row.primary.event and row.primary.label != "treatment-change":
            assert later_row.primary == row.primary
    # That a dose was the last is known in retrospect: failure may turn out to have been earlier.
    for time, later in zip(before[3][:3], after[3][:3], strict=True):
        if time.event:
            assert later.event
            assert later.days <= time.days
