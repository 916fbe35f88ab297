"""Whether kept analyses are what would be derived anew (docs/operations.md; https://hl7.org/fhir/R4/measure.html)."""

from contextlib import closing
from functools import partial

import orjson

from ..endpoints.record import dump_tally
from ..store.check import Finding
from ..store.check_analyses import kept_analyses, kept_answers, kept_records, kept_strays, kept_tally
from ..store.facts import read_facts, subject_ranges
from ..store.persons import linked_with
from ..store.repair import REPAIR
from ..store.wall import EVERYWHERE
from .analyse import question
from .derivation import derive_persons
from .workers import spread

RANGE = 1000  # persons in one transaction
FEW = 8  # ranges; for fewer it does not pay to start processes
OF_THE_DAY = "future-date"  # the rule that depends on the day on which a person was derived


def check_answers(registry, bases, processes, progress=None):
    """Yield lists of Findings about the analyses of the present content, for one of the base URLs.

    Persons who were touched since an analysis last saw them are left out: they are derived again before it is read.
    """
    for number, asked in _kept(registry, bases):
        if asked:
            yield from _check_one(registry, asked, number, processes, progress)


def comparable(registry, bases):
    """(how many analyses check_answers compares, how many are kept)."""
    kept = list(_kept(registry, bases))
    return sum(1 for _, asked in kept if asked), len(kept)


def _kept(registry, bases):
    """Yield (number, its Question or None when that is of another base, or of other content) of kept analyses."""
    store = registry.store
    with store.read(EVERYWHERE) as connection:
        kept = kept_analyses(store, connection)
    for number, key in kept:
        asked = (question(registry, key.site, key.study, key.start, key.cutoff, base) for base in bases)
        yield number, next((each for each in asked if each.key == key), None)


def _check_one(registry, asked, number, processes, progress):
    store, site = registry.store, asked.key.site
    with store.read(site) as connection:
        ranges = subject_ranges(store, connection, site, RANGE)
        yield _compare_counts(store, connection, asked, number)
    work = partial(_check_range, registry, asked, number)
    for done, found in enumerate(spread(store, work, ranges, processes if len(ranges) >= FEW else 1), 1):
        yield found
        if progress:
            progress(f"analysis {number} of {asked.key.study}", done, len(ranges))


def _check_range(registry, asked, number, after, until):
    """Findings about the answers of a range of subjects."""
    store, site = registry.store, asked.key.site
    with store.read(site) as connection:
        analysis, touched = _seen(store, connection, asked, number)
        if analysis is None:
            return []
        persons = read_facts(store, connection, site, base=asked.base, after=after, until=until)
        derived = derive_persons(asked, persons, store.now()).persons
        records, findings = kept_answers(store, connection, analysis, asked.asked, after, until)
    wrong = []
    for subject, told, found in derived:
        told = {measure: record for measure, record in told.items() if record is not None}
        same = told == records.pop(subject, {}) and _lasting(found) == _lasting(findings.pop(subject, ()))
        if not same and subject not in touched:
            wrong.append((subject, "what it answered is not what is derived anew"))
    for subject in {*records, *findings} - touched:
        wrong.append((subject, "it answered, and is no person here"))
    return [_finding(asked, number, "analysis_subject", *each) for each in wrong]


def _compare_counts(store, connection, asked, number):
    """Findings about what is counted over the answers that are kept, and about records without a Patient."""
    analyses, found = store.analyses, []
    analysis, touched = _seen(store, connection, asked, number)
    if analysis is None:
        return found
    for measure, each in asked.asked.items():
        if not _is_count(store, connection, analysis, measure, each):
            found.append(_finding(asked, number, "analysis_tally", measure, "it is not the count of the answers"))
    strays, kept = (
        analyses.find_strays(connection, asked.key.site, asked.base),
        kept_strays(store, connection, analysis),
    )
    known = {*analyses.forms(touched, asked.base)}
    for key in sorted({key for key in {*strays, *kept} if strays.get(key) != kept.get(key)} - known):
        found.append(_finding(asked, number, "analysis_stray", key, "its records are counted wrongly"))
    if analysis.strays != sum(kept.values()):
        found.append(_finding(asked, number, "analysis", "strays", "they are not the sum of those kept"))
    return found


def _is_count(store, connection, analysis, measure, asked):
    """Whether the Tally of a measure that is kept is that of the answers that are kept."""
    tally = asked.new_tally()
    try:
        with closing(kept_records(store, connection, analysis, measure)) as records:
            for record in records:
                tally.add_all([asked.read_answer(record)])
        kept = orjson.loads(kept_tally(store, connection, analysis, measure))
    except (LookupError, TypeError, ValueError):  # one of the texts is damaged
        return False
    return _plain(kept) == _plain(orjson.loads(dump_tally(tally)))


def _seen(store, connection, asked, number):
    """(Analysis, the subjects touched since it saw them); (None, none) when it was dropped meanwhile."""
    analyses, site = store.analyses, asked.key.site
    analysis = analyses.find(connection, asked.key)
    if analysis is None or analysis.analysis != number:
        return None, set()
    keys, until = analyses.changed(connection, site, analysis.submission)
    while until is not None:
        more, until = analyses.changed(connection, site, until)
        keys += more
    if not keys:
        return analysis, set()
    patients = analyses.patients(connection, site, keys, asked.base)
    return analysis, linked_with(store, connection, site, patients, asked.base)


def _lasting(findings):
    """Findings as tuples, without those that depend on the day."""
    return [tuple(finding) for finding in findings if finding[0] != OF_THE_DAY]


def _plain(value):
    """The JSON of a Tally without the order of its counts, and without those of nobody."""
    if not isinstance(value, dict):
        return value
    if "n" in value:
        values = zip(*value["columns"], strict=True) if "columns" in value else value["values"]
        return {orjson.dumps(each): n for each, n in zip(values, value["n"], strict=True) if n}
    members = {name: _plain(member) for name, member in value.items()}
    return {name: member for name, member in members.items() if member}


def _finding(asked, number, table, name, problem):
    key = asked.key
    return Finding(table, f"analysis {number} of {key.study}, {name}", problem, REPAIR, ("analysis", key.site, number))
