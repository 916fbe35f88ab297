"""Whether an adverse event emerged under treatment: section 1.3 of the definitions (ICH E9, https://database.ich.org).

The registry's definition has three parts: new; pre-existing and recurring with more intensity or frequency; present at
the first dose and exacerbated. ICH counts every onset under treatment.
"""

from typing import NamedTuple

BASELINE_DAYS = 90  # before the first dose, in which earlier episodes are counted

EMERGENT = frozenset(
    {
        "new",
        "exacerbation",
        "recurrence-intensity",
        "recurrence-frequency",
        "recurrence-grade-unknown",
        "onset-unknown",
    }
)
NOT_EMERGENT = frozenset(
    {"resolved-before-first-dose", "pre-existing-unchanged", "recurrence-not-worse", "after-window"}
)


class Episode(NamedTuple):
    """One record of an adverse event. Days since 1970-01-01."""

    term: str  # records of the same event have the same term
    onset: int | None  # None: unknown
    end: int | None  # None: not known to have ended
    grade: int | None  # 1 to 5
    found: int | None = None  # when it was found to be so; for an event from before the first dose


class Verdict(NamedTuple):
    reason: str  # of EMERGENT or NOT_EMERGENT
    ich: bool  # treatment-emergent as ICH has it
    day: int  # on which it emerged, if it did


def classify(episodes, first, last):
    """The Verdict of each episode of one patient under treatment from day `first` to day `last`."""
    by_term = {}
    for episode in episodes:
        by_term.setdefault(episode.term, []).append(episode)
    histories = {term: _history(same, first, last) for term, same in by_term.items()}
    return [_judge(episode, histories[episode.term], first, last) for episode in episodes]


class _History(NamedTuple):
    """What is known of one term before the first dose, and whether it is more frequent since."""

    earlier: list  # of Episode
    frequent: bool


def _history(same, first, last):
    earlier = [e for e in same if e.onset is not None and e.onset < first and not _is_follow_up(e, first)]
    since = sum(e.onset is not None and first <= e.onset <= last for e in same)
    recent = sum(e.onset >= first - BASELINE_DAYS for e in earlier)
    return _History(earlier, since >= 2 and since / (last - first + 1) > recent / BASELINE_DAYS)


def _is_follow_up(episode, first):
    """True when it tells how an event from before the first dose was found to be since."""
    return episode.found is not None and episode.found >= first and not _ended_before(episode, first)


def _ended_before(episode, day):
    return episode.end is not None and episode.end < day


def _judge(episode, history, first, last):
    if episode.onset is None:
        ended = _ended_before(episode, first)
        return Verdict("resolved-before-first-dose" if ended else "onset-unknown", not ended, first)
    if episode.onset < first and _ended_before(episode, first):
        return Verdict("resolved-before-first-dose", False, first)
    # Of an event from before the first dose, what was found since counts.
    day = episode.onset if episode.onset >= first else episode.found
    if day is None or day < first:
        return Verdict("pre-existing-unchanged", False, first)
    if day > last:
        return Verdict("after-window", False, day)
    if episode.onset < first:
        worse = _is_worse(episode, _reference(history.earlier, first))
        return Verdict("exacerbation" if worse else "pre-existing-unchanged", bool(worse), day)
    return Verdict(_recurrence(episode, history, first), True, day)


def _recurrence(episode, history, first):
    """The reason of an episode that began under treatment."""
    if not history.earlier:
        return "new"
    present = not all(_ended_before(e, episode.onset) for e in history.earlier)
    worse = _is_worse(episode, _reference(history.earlier, first))
    if worse:
        return "exacerbation" if present else "recurrence-intensity"
    if history.frequent:
        return "recurrence-frequency"
    if worse is None:
        return "recurrence-grade-unknown"
    return "pre-existing-unchanged" if present else "recurrence-not-worse"


def _reference(earlier, first):
    """The grades to compare with: those at the first dose, else all earlier ones."""
    return [e.grade for e in earlier if not _ended_before(e, first)] or [e.grade for e in earlier]


def _is_worse(episode, grades):
    """True, False, or None where a grade is not known. Compared with nothing it is not worse."""
    if episode.grade is None or None in grades:
        return None
    return bool(grades) and episode.grade > max(grades)
