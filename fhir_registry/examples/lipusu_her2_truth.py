"""True survival, progression and end of treatment on first-line anti-HER2 antibodies (https://www.fda.gov/media/71195/download)."""

from .estimates import (
    incidence_groups,
    kaplan_meier,
    median_with_interval,
    months,
    percent_with_limits,
    survival_groups,
    with_limits,
)
from .lipusu_her2 import LIPOSOME
from .lipusu_her2_course import GAP_DAYS, follow
from .outcome import Outcome

HORIZON_DAYS = 1826.25
DEATH_WINDOWS = (30, 60, 90)
UNSEEN_DAYS = 90
EARLY_DAYS = 14
SMALL_CHANGE = 0.1  # months by which a median may change before it is published
STOPS = (
    "progression",
    "death",
    "treatment-change",
    "gap",
    "stopped",
    "adverse-event",
    "patient-decision",
    "physician-decision",
    "pregnancy",
    "access",
    "lost-to-follow-up",
    "completed",
    "other",
)


def survival_time(person, cutoff, reading="middle"):
    """(days since index, died): death, or censored at the last contact, up to the horizon."""
    death = person.death_day(cutoff, reading)
    end = person.last_contact(cutoff) if death is None else death
    return at_horizon((end - person.index, death is not None))


def at_horizon(time):
    """(days, event), censored at the horizon when it lies beyond it."""
    return (HORIZON_DAYS, False) if time[0] > HORIZON_DAYS else time


def overall_survival(times):
    """Median, landmark survival and median follow-up of [(days, died)], with 95 % log-log limits."""
    follow_up = median_with_interval(kaplan_meier([(days, not died) for days, died in times]))
    return survival_groups("os", times) | with_limits("os-follow-up-median", map(months, follow_up))


def survival(people, cutoff):
    """{group code: value} of overall survival."""
    times = [survival_time(p, cutoff) for p in people]
    return overall_survival(times) | other_dates("os", people, lambda p, reading: survival_time(p, cutoff, reading))


def other_dates(code, people, find_time):
    """How much the median changes with the earliest and the latest dates of death, and the medians, if much.

    find_time: (person, reading) -> (days, event).
    """
    found = {}
    for reading in ("middle", "earliest", "latest"):
        curve = kaplan_meier([at_horizon(find_time(p, reading)) for p in people])
        found[reading] = [*map(months, median_with_interval(curve))]
    medians = [median for median, *_ in found.values()]
    change = None
    if medians.count(None) in (0, 3):
        change = max(abs((median or 0) - (medians[0] or 0)) for median in medians)
    groups = {f"{code}-dates-change": change}
    if change is None or change > SMALL_CHANGE:
        for reading in ("earliest", "latest"):
            groups |= with_limits(f"{code}-dates-{reading}-median", found[reading])
    return groups


# Progression


def progression_free(course, death_window=None, fallback=True):
    """(days, event): progression, death or, when nothing was ever seen, the next line; event is its name or False."""
    events = []
    if course.progression is not None:
        events.append((course.progression, "progression"))
    if course.death is not None and (death_window is None or course.death - course.last_seen <= death_window):
        events.append((course.death, "death"))
    if not course.seen:
        if fallback and course.change is not None:
            events.append((course.change, "treatment-change"))
        return min(events, key=lambda e: e[0], default=(max([0, *course.contacts]) if fallback else 0, False))
    return min(events, key=lambda e: e[0], default=(course.last_seen, False))


def until_new_therapy(course):
    """The same, censored where a new line comes before the event."""
    time = progression_free(course)
    if course.seen and course.change is not None and (not time[1] or time[0] > course.change):
        return max([0, *(day for day, _ in course.seen if day <= course.change)]), False
    return time


def until_unseen(course):
    """The same, followed only up to the last contact before more than UNSEEN_DAYS without any."""
    end = 0
    for day in sorted({*course.contacts, *(day for day, _ in course.seen)}):
        if day - end > UNSEEN_DAYS:
            break
        end = day

    def known(day):
        return None if day is None or day - end > UNSEEN_DAYS else day

    seen = [each for each in course.seen if each[0] <= end]
    short = course._replace(
        seen=seen,
        contacts=[day for day in course.contacts if day <= end],
        death=known(course.death),
        change=known(course.change),
    )
    if course.seen and not seen:
        # Who was seen later is not one who was never seen.
        return (0, False) if short.death is None else (short.death, "death")
    return progression_free(short)


def after_grace(course):
    """The same, where a progression so early does not count."""
    seen = [(day, value) for day, value in course.seen if value != "PD" or day > EARLY_DAYS]
    return progression_free(course._replace(seen=seen))


def progression_free_survival(people, cutoff):
    """{group code: value} of progression-free survival and its sensitivity analyses."""
    courses = [follow(p, cutoff, p.index) for p in people]
    times = [at_horizon(progression_free(course)) for course in courses]
    groups = survival_groups("pfs", times)
    groups |= shares("pfs", times, ("progression", "death", "treatment-change"))
    groups |= other_dates("pfs", people, lambda p, reading: progression_free(follow(p, cutoff, p.index, reading)))
    variants = {f"s1-{days}": [progression_free(c, days) for c in courses] for days in DEATH_WINDOWS} | {
        "s2": map(after_grace, courses),
        "s3": map(until_new_therapy, courses),
        "s4": [progression_free(c, fallback=False) for c in courses],
        "s5": map(until_unseen, courses),
        "s6": [progression_free(follow(p, cutoff, line_start(p))) for p in people],
    }
    for name, found in variants.items():
        groups |= survival_groups(f"pfs-{name}", [*map(at_horizon, found)], (12,))
    return groups


def line_start(person):
    """The first dose of the line, which may come before the combination is complete."""
    return min(d.day for d in person.doses if d.given)


def shares(code, times, names):
    """Each kind of event in percent of all events."""
    events = [event for _, event in times if event]
    groups = {}
    for name in names:
        groups |= percent_with_limits(f"{code}-events-{name}", events.count(name), len(events))
    return groups


def progressed(course):
    """(days, progressed): death before progression is no event."""
    day, event = progression_free(course, fallback=False)
    return day, event == "progression"


def time_to_progression(people, cutoff):
    """{group code: value}: deaths censored (Kaplan-Meier) and competing (Aalen-Johansen)."""
    times = [at_horizon(progression_free(follow(p, cutoff, p.index), fallback=False)) for p in people]
    groups = survival_groups("ttp", [(day, event == "progression") for day, event in times])
    groups |= other_dates("ttp", people, lambda p, reading: progressed(follow(p, cutoff, p.index, reading)))
    causes = [(day, event or None) for day, event in times]
    groups |= incidence_groups("ttp-cif", causes, "progression")
    return groups | incidence_groups("ttp-cif-death", causes, "death")


# End of treatment


def stop_of(course, drugs):
    """(day, why) treatment with these drugs ended; why is False while it goes on."""
    last = max(day for day, drug in course.doses if drug in drugs and (course.change is None or day < course.change))
    if course.change is not None:
        end, why = course.change, "treatment-change"
    elif course.death is not None and course.death - last <= GAP_DAYS:
        return course.death, "death"
    elif course.death is None and max(course.contacts, default=0) - last <= GAP_DAYS:
        return max(0, last), False
    else:
        end, why = last + GAP_DAYS, "gap"
    seen = course.progression
    return max(0, last), "progression" if seen is not None and last <= seen <= end else why


def treatment_failure(people, cutoff):
    """{group code: value} of the times to treatment failure and to discontinuation."""
    courses = [follow(p, cutoff, p.index) for p in people]
    groups = {}
    for code, find_time in (("ttf", time_to_failure), ("ttd", time_to_discontinuation)):
        times = [at_horizon(find_time(course)) for course in courses]
        groups |= survival_groups(code, times) | shares(code, times, STOPS)
    groups |= other_dates("ttf", people, lambda p, reading: time_to_failure(follow(p, cutoff, p.index, reading)))
    index_drug = [at_horizon(end_with_death(c, stop_of(c, {LIPOSOME}))) for c in courses]
    return groups | survival_groups("ttd-index-drug", index_drug)


def time_to_discontinuation(course):
    """(days, why) the whole regimen ended."""
    return end_with_death(course, stop_of(course, {drug for _, drug in course.doses}))


def time_to_failure(course):
    """(days, why) the regimen ended or the disease progressed."""
    return fail(course, stop_of(course, {drug for _, drug in course.doses}))


def end_with_death(course, stop):
    """The stop, or death before it."""
    dead = course.death is not None and (not stop[1] or course.death < stop[0])
    return (course.death, "death") if dead else stop


def fail(course, stop):
    """The stop, or progression not after it."""
    end = end_with_death(course, stop)
    seen = course.progression
    return (seen, "progression") if seen is not None and (not end[1] or seen <= end[0]) else end


MEASURES = {
    "lipusu-her2-os": Outcome(survival, "os-median"),
    "lipusu-her2-pfs": Outcome(progression_free_survival, "pfs-median"),
    "lipusu-her2-ttp": Outcome(time_to_progression, "ttp-median"),
    "lipusu-her2-ttf": Outcome(treatment_failure, "ttf-median"),
}


def initial_population(people):
    """Everybody who was given paclitaxel liposome."""
    return [p for p in people if any(d.given and d.drug == LIPOSOME for d in p.doses)]
