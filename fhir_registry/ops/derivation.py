"""What persons answer to all measures of a study, derived by one process or several (docs/store.md)."""

import threading
from collections import deque
from typing import NamedTuple

from ..endpoints.catalogue import derive_all
from ..endpoints.characteristics import characteristics
from ..endpoints.finding import asked_by
from ..endpoints.findings import find_findings
from ..endpoints.outcome import Analysed
from ..endpoints.record import record_answer
from ..endpoints.unread import find_unread
from ..endpoints.usable import own_plan, usable_data
from ..fhir.dates import SECOND
from ..store.facts import read_facts
from .workers import begin_work, open_pool

AHEAD = 2  # ranges a process may be ahead of the one that writes
FEW = 8  # ranges; for fewer it does not pay to start processes
_DAY = 86400 * SECOND
_of_this_process = {}


class Derived(NamedTuple):
    """persons: (subject, {measure: Record or None}, findings) of each; tallies: {measure: Tally} of them."""

    persons: list
    tallies: dict


def derive_answers(usable, asked):
    """{measure: Analysed with its characteristics, Excluded or None} of a person's UsableData; asked: of a Question."""
    answers = {}
    plans = {measure: own_plan(usable, each.plan) for measure, each in asked.items()}
    endpoints = [(each.measure.endpoint, plans[measure]) for measure, each in asked.items()]
    for (measure, each), answer in zip(asked.items(), derive_all(usable, endpoints), strict=True):
        if isinstance(answer, Analysed) and plans[measure] is not each.plan:
            answer = answer._replace(flags=answer.flags | {"withdrawn"})
        if isinstance(answer, Analysed) and each.divisions:
            told = characteristics(usable, answer.index, plans[measure], each.divisions)
            answer = answer._replace(characteristics=tuple(told.items()))
        answers[measure] = answer
    return answers


def derive_persons(question, persons, now):
    """Derived of PatientFacts; now: microseconds since 1970-01-01."""
    asked, cutoff = question.asked, question.key.cutoff
    of_findings = asked_by([each.plan for each in asked.values()], cutoff)
    counted = {measure: [] for measure in asked}
    derived = []
    for facts in persons:
        usable = usable_data(facts, cutoff)
        unread = find_unread(facts, usable.cutoff)
        records = {}
        for measure, answer in derive_answers(usable, asked).items():
            counted[measure].append((answer, unread))
            records[measure] = record_answer(answer, unread)
        derived.append((facts.subject, records, find_findings(usable, of_findings, now // _DAY)))
        usable.known.clear()  # some of it refers to the facts: circles would wait for the collector
    tallies = {measure: each.new_tally() for measure, each in asked.items()}
    for measure, answers in counted.items():
        tallies[measure].add_all(answers)
    return Derived(derived, tallies)


def derive_ranges(reg, question, ranges, processes):
    """Yield Derived of each range of subjects, in order; each is read in a transaction of its own."""
    if processes < 2 or len(ranges) < FEW or threading.active_count() > 1:
        # A process with threads must not be forked: another thread may hold a lock for ever in the copy.
        yield from (_derive_range(reg, question, *each) for each in ranges)
        return
    with open_pool(processes, _begin, (reg, question)) as pool:
        waiting = deque()
        for each in ranges:
            waiting.append(pool.submit(_derive_here, *each))
            if len(waiting) > AHEAD * processes:
                yield waiting.popleft().result()
        for future in waiting:
            yield future.result()


def _begin(reg, question):
    begin_work()
    reg.store.database.forget_connections()
    _of_this_process["asked"] = reg, question


def _derive_here(after, until):
    return _derive_range(*_of_this_process["asked"], after, until)


def _derive_range(reg, question, after, until):
    with reg.store.read(question.key.site) as connection:
        persons = read_facts(reg.store, connection, question.key.site, base=question.base, after=after, until=until)
        return derive_persons(question, persons, reg.store.now())
