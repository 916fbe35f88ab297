"""Keep the analyses of a study: derive everybody once, then those who changed (docs/store.md).

Operation: https://hl7.org/fhir/R4/measure-operation-evaluate-measure.html
"""

import hashlib
import logging
import os
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from .. import endpoints
from ..content import measures
from ..content.measures import Measure
from ..endpoints.catalogue import ENDPOINTS, check_measure
from ..endpoints.characteristics import check_characteristics
from ..endpoints.outcome import Plan, Tally
from ..endpoints.record import dump_tally, load_tally, read_answer
from ..store import facts as facts_module
from ..store import persons as persons_module
from ..store.analysis import Key
from ..store.facts import read_facts, subject_ranges
from ..store.persons import linked_with, survivors
from ..store.wall import EVERYWHERE
from .derivation import derive_persons, derive_ranges

log = logging.getLogger("fhir_registry")
RANGE = 1000  # persons in one transaction
PROCESSES = os.cpu_count() or 1
_building = Lock()  # a build takes all the processor there is: one at a time in a process


class Asked(NamedTuple):
    """One measure as an analysis answers it."""

    measure: Measure
    plan: Plan
    divisions: tuple  # characteristics, compiled

    def new_tally(self):
        """An empty Tally that counts what the measure asks."""
        return Tally([each.code for each in self.measure.stratifiers], ENDPOINTS[self.measure.endpoint].stratified)

    def load_tally(self, text):
        """The Tally of what Analyses.tally gives."""
        endpoint = ENDPOINTS[self.measure.endpoint]
        codes = [each.code for each in self.measure.stratifiers]
        return load_tally(text, endpoint.row, codes, endpoint.stratified)

    def read_answer(self, record):
        """(Analysed, Excluded or None; unread) of a Record."""
        return read_answer(record, ENDPOINTS[self.measure.endpoint].row)


class Question(NamedTuple):
    """All measures of one study at one cut-off.

    key: of the analysis. base: URL of this server. definition: digest of all that answers follow from, beside the data.
    """

    key: Key
    base: str | None
    definition: str
    asked: dict  # id of the measure -> Asked


def question(reg, site, study, start, cutoff, base=None):
    """The Question about a study: start and cut-off as days since 1970-01-01, start None without a bound.

    base: URL under which the client asks; what the answers follow from is `reg.home` where there is one.
    """
    base = reg.home or base
    asked = {
        measure.id: Asked(measure, Plan(study, start, cutoff, check_measure(measure)), check_characteristics(measure))
        for measure in reg.content.measures.values()
        if measure.study == study
    }
    definition = _digest(reg.content.hash, _code_digest())
    return Question(Key(site, study, start, cutoff, _digest(definition, base)), base, definition, asked)


def analyse(reg, asked, read, job=None, processes=PROCESSES):
    """What `read(connection, analysis)` returns of the Analysis of a Question, when it has seen all that is stored.

    job: the Job that this is done for, which keeps how far the long first time has got. processes: how many derive
    then; one in a process with threads.
    """
    analyses = reg.store.analyses
    while True:
        with reg.store.read(asked.key.site) as connection:
            analysis = analyses.find(connection, asked.key)
            if analysis and not analyses.changed(connection, asked.key.site, analysis.submission, 1)[0]:
                return read(connection, analysis)
        if analysis is None:
            with _building:
                _build(reg, asked, job, processes)
        elif (seen := _update(reg, asked)) is not None:
            with reg.store.read(asked.key.site) as connection:
                analysis = analyses.find(connection, asked.key)
                # Be there new writes or not: it is of the moment when all that was stored had been seen.
                if analysis and analysis.submission == seen:
                    return read(connection, analysis)


def _build(reg, asked, job, processes):
    """Derive everybody, a range of persons at a time. Who changes meanwhile is derived again by _update.

    For a job it goes on where another process of the job was killed: what that one derived counts as it is stored.
    """
    store, analyses, key = reg.store, reg.store.analyses, asked.key
    # The row of a job that is of all sites is not of the site whose analysis it is.
    place = key.site if job is None or job.site == key.site else EVERYWHERE
    at = (job and job.checkpoint) or {}
    with store.database.write(key.site) as connection:
        if analyses.find(connection, key):
            return  # somebody else was faster
        analysis = analyses.resume(connection, key, at["analysis"], at["answers"]) if at else None
        if analysis is None:
            at, analysis = {}, analyses.begin(connection, key)
    log.info("analysis of %s: everybody is derived%s", key.study, ", the rest" if at else "")
    tallies = {measure: each.new_tally() for measure, each in asked.asked.items()}
    with store.read(key.site) as connection:
        ranges = subject_ranges(store, connection, key.site, RANGE)
        left = ranges
        if at:
            _count_stored(analyses, connection, asked, analysis, tallies)
            left = _rest(ranges, at["after"])
        strays = analyses.find_strays(connection, key.site, asked.base)
    answers = at.get("answers", 0)
    for number, derived in enumerate(derive_ranges(reg, asked, left, processes), 1):
        for measure, tally in derived.tallies.items():
            tallies[measure].merge(tally)
        with store.database.write(place) as connection:
            if not analyses.touch(connection, analysis):
                return
            answers += analyses.add(connection, key, analysis, derived.persons)
            if job:
                reached = {"analysis": analysis.analysis, "after": left[number - 1][1], "answers": answers}
                job.save(connection, reached, len(ranges) - len(left) + number, len(ranges))
    with store.database.write(key.site) as connection:
        analyses.lock(connection, key.site)
        if analyses.find(connection, key):
            analyses.hide(connection, analysis.analysis)  # somebody else was faster
        elif analyses.touch(connection, analysis):
            texts = {measure: dump_tally(tally) for measure, tally in tallies.items()}
            analyses.complete(connection, key, analysis, texts, strays)
    _drop_superfluous(reg, key)


def _rest(ranges, done):
    """What of the ranges (after, until) of subjects lies after those that are done; None: all are."""
    if done is None:
        return []
    return [(max(after or "", done), until) for after, until in ranges if until is None or until > done]


def _count_stored(analyses, connection, asked, analysis, tallies):
    """Count what is stored of an unfinished Analysis in the Tallies."""
    for measure, each in asked.asked.items():
        after = None
        while page := analyses.subjects(connection, analysis, measure, after, RANGE):
            tallies[measure].add_all([each.read_answer(record) for _, record in page])
            after = page[-1][0]


def _update(reg, asked):
    """Derive some of those who changed again; the newest submission when these were all, else None.

    All is read and derived at one moment without a lock, so that writers wait for no more than the rows.
    """
    store, analyses, key, base = reg.store, reg.store.analyses, asked.key, asked.base
    with store.read(key.site) as connection:
        newest = analyses.newest(connection, key.site)
        analysis = analyses.find(connection, key)
        if analysis is None:  # dropped meanwhile
            return None
        keys, until = analyses.changed(connection, key.site, analysis.submission)
        patients = analyses.patients(connection, key.site, keys, base)
        # One who was merged, or is no more, may leave another behind that nobody wrote.
        patients = linked_with(store, connection, key.site, patients, base)
        alive = survivors(store, connection, key.site, patients, base)
        found = read_facts(store, connection, key.site, sorted(set(alive.values())), base)
        derived = derive_persons(asked, found, store.now())
        texts = _count_again(analyses, connection, asked, analysis, patients, derived.tallies)
        strays = analyses.count_strays(connection, key.site, patients - alive.keys(), base)
        strays |= dict.fromkeys(analyses.forms(alive, base), 0)
    seen = newest if until is None else until
    with store.database.write(key.site) as connection:
        analyses.lock(connection, key.site)
        if analyses.find(connection, key) != analysis:  # somebody else was faster
            return None
        analyses.remove(connection, analysis, list(asked.asked), patients)
        analyses.add(connection, key, analysis, derived.persons)
        analyses.set_tallies(connection, key, analysis, texts)
        more = analyses.set_strays(connection, key, analysis, strays)
        analyses.advance(connection, analysis, seen, analysis.strays + more)
    return seen if until is None else None


def _count_again(analyses, connection, asked, analysis, patients, derived):
    """{measure: text of its tally} with these patients counted as in the Tallies `derived` and no more as before."""
    before = {measure: [] for measure in asked.asked}
    for (_, measure), record in analyses.records(connection, analysis, patients, list(before)).items():
        before[measure].append(asked.asked[measure].read_answer(record))
    texts = {}
    for measure, each in asked.asked.items():
        tally = each.load_tally(analyses.tally(connection, analysis, measure))
        gone = each.new_tally()
        gone.add_all(before[measure])
        tally.merge(gone, times=-1)
        tally.merge(derived[measure])
        texts[measure] = dump_tally(tally)
    return texts


def _drop_superfluous(reg, key):
    """Drop the analyses that nobody will ask for: abandoned ones, and those beyond the number that is kept."""
    analyses = reg.store.analyses
    with reg.store.database.write(key.site) as connection:
        analyses.lock(connection, key.site)  # nobody is updating one that goes
        numbers = analyses.superfluous(connection, key)
        for number in numbers:
            analyses.hide(connection, number)
    for number in numbers:
        more = True
        while more:
            with reg.store.database.write(key.site) as connection:
                analyses.lock(connection, key.site)  # who erases deletes of the same tables, in another order
                more = analyses.drop_some(connection, number)


def _digest(*parts):
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()


@lru_cache(maxsize=1)
def _code_digest():
    """Digest of the modules that answers follow from."""
    digest = hashlib.sha256()
    readers = (Path(module.__file__) for module in (facts_module, persons_module))
    others = (Path(__file__).with_name("derivation.py"), Path(measures.__file__))
    for path in (*sorted(Path(endpoints.__file__).parent.glob("*.py")), *readers, *others):
        digest.update(path.read_bytes())
    return digest.hexdigest()
