"""Analyses: what every person answered at a cut-off, and the counts over it, kept between reports (docs/store.md)."""

from typing import NamedTuple

from sqlalchemy import and_, delete, func, insert, or_, select, update

from ..endpoints.facts import VIEWS
from ..endpoints.record import Record
from .change import MEDICATION, NOBODY
from .persons import local
from .site import lock_site, no_row

KEPT = 6  # analyses of one study
STATES = _BUILT, COMPLETE, _DROPPED = 0, 1, -1  # analysis.complete
CHANGED = 5000  # keys in one go
_ABANDONED = 600 * 10**6  # microseconds after which nobody builds an analysis any more
_DELETED = 5000  # rows in one transaction


class Key(NamedTuple):
    """What an analysis is of. Days since 1970-01-01."""

    site: int
    study: str
    start: int | None
    cutoff: int
    definition: str  # digest of all that the answers follow from, beside the data


class Analysis(NamedTuple):
    analysis: int
    submission: int  # the newest write transaction of the site that it has seen
    strays: int  # records whose subject is no Patient here


class Analyses:
    """The questions about analyses; each runs in the transaction of `connection`."""

    def __init__(self, store):
        self._store, self._tables = store, store.tables

    def find(self, connection, key):
        """The complete Analysis of a Key, None when there is none."""
        c = self._tables.analysis.c
        query = select(c.analysis, c.submission, c.strays).where(*self._of(key), c.complete == COMPLETE)
        row = connection.execute(query.order_by(c.analysis)).first()
        return row and Analysis(*row)

    def lock(self, connection, site):
        """Keep writers of the site out until the transaction ends; the newest submission."""
        return lock_site(self._store, connection, site).submission

    def newest(self, connection, site):
        """The newest submission of the site. Raises unavailable for one that was removed."""
        site_ = self._tables.site.c
        newest = connection.execute(select(site_.submission).where(site_.site == site)).scalar()
        if newest is None:
            raise no_row()
        return newest

    def begin(self, connection, key):
        """Start an Analysis that nobody finds before it is complete."""
        submission = self.lock(connection, key.site)
        row = {**key._asdict(), "complete": _BUILT, "submission": submission, "written": self._store.now(), "strays": 0}
        number = connection.execute(insert(self._tables.analysis), row).inserted_primary_key[0]
        return Analysis(number, submission, 0)

    def resume(self, connection, key, number, answers):
        """The Analysis of this number, from now on ours, when it is of the Key and still built; else None.

        answers: how many it holds. A restored database gives numbers again that a job may know from before.
        """
        analysis = self._tables.analysis.c
        query = select(analysis.submission).where(*self._of(key), analysis.analysis == number)
        submission = connection.execute(query).scalar()
        c = self._tables.analysis_subject.c
        held = connection.execute(select(func.count()).where(c.analysis == number)).scalar_one()
        begun = submission is not None and held == answers and Analysis(number, submission, 0)
        return begun if begun and self.touch(connection, begun) else None

    def add(self, connection, key, analysis, persons):
        """Write persons: (subject, {measure: Record or None}, findings) of each; the number of answers."""
        head = (key.site, analysis.analysis)
        subjects = [
            (*head, measure, subject, *record)
            for subject, records, _ in persons
            for measure, record in records.items()
            if record is not None
        ]
        findings = [
            (*head, subject, number, *finding) for subject, _, found in persons for number, finding in enumerate(found)
        ]
        bulk = self._store.bulk
        # In the order of the tree.
        bulk.insert(connection, "analysis_subject", sorted(subjects))
        bulk.insert(connection, "analysis_finding", findings)
        return len(subjects)

    def touch(self, connection, analysis):
        """Say that somebody works on it; False when it was dropped meanwhile, because nobody seemed to."""
        c = self._tables.analysis.c
        query = update(self._tables.analysis).where(c.analysis == analysis.analysis, c.complete == _BUILT)
        return connection.execute(query.values(written=self._store.now())).rowcount == 1

    def complete(self, connection, key, analysis, tallies, strays):
        """Let the analysis be found; `strays`: {subject that is no Patient here: records}."""
        self.set_strays(connection, key, analysis, strays)
        self.set_tallies(connection, key, analysis, tallies)
        self._update(connection, analysis, complete=COMPLETE, strays=sum(strays.values()))

    def set_tallies(self, connection, key, analysis, tallies):
        """Keep {measure: text} in place of what there was."""
        c = self._tables.analysis_tally.c
        connection.execute(delete(self._tables.analysis_tally).where(c.analysis == analysis.analysis))
        rows = [(key.site, analysis.analysis, measure, text) for measure, text in tallies.items()]
        self._store.bulk.insert(connection, "analysis_tally", rows)

    def tally(self, connection, analysis, measure):
        """The text of a measure's tally."""
        c = self._tables.analysis_tally.c
        query = select(c.tally).where(c.analysis == analysis.analysis, c.measure == measure)
        return connection.execute(query).scalar_one()

    def records(self, connection, analysis, subjects, measures=None):
        """{(subject, measure): Record} of these subjects."""
        c = self._tables.analysis_subject.c
        query = select(c.subject, c.measure, *(c[name] for name in _RECORD))
        query = query.where(c.analysis == analysis.analysis)
        if measures is not None:
            query = query.where(c.measure.in_(measures))
        found = {}
        for some in _slices(sorted(subjects)):
            for subject, measure, *record in connection.execute(query.where(c.subject.in_(some))):
                found[subject, measure] = Record(*record)
        return found

    def subjects(self, connection, analysis, measure, after=None, limit=None):
        """[(subject, Record)] of a measure, in order of subjects, after a subject."""
        c = self._tables.analysis_subject.c
        query = select(c.subject, *(c[name] for name in _RECORD)).order_by(c.subject).limit(limit)
        query = query.where(c.analysis == analysis.analysis, c.measure == measure)
        if after is not None:
            query = query.where(c.subject > after)
        return [(subject, Record(*record)) for subject, *record in connection.execute(query)]

    def states(self, connection, analysis, measure):
        """(subject, state) of a measure, in order of subjects."""
        c = self._tables.analysis_subject.c
        query = select(c.subject, c.state).where(c.analysis == analysis.analysis, c.measure == measure)
        return connection.execute(query.order_by(c.subject))

    def remove(self, connection, analysis, measures, subjects):
        """Delete what these subjects answered and what was found."""
        for some in _slices(sorted(subjects)):
            c = self._tables.analysis_subject.c
            # With the measures the whole key is there to be looked up.
            which = (c.analysis == analysis.analysis, c.measure.in_(measures), c.subject.in_(some))
            connection.execute(delete(self._tables.analysis_subject).where(*which))
            c = self._tables.analysis_finding.c
            which = (c.analysis == analysis.analysis, c.subject.in_(some))
            connection.execute(delete(self._tables.analysis_finding).where(*which))

    def set_strays(self, connection, key, analysis, strays):
        """Keep {key: records}; 0 for a key that has none any more. Returns by how many records there are more."""
        table, c = self._tables.analysis_stray, self._tables.analysis_stray.c
        before = 0
        for some in _slices(sorted(strays)):
            which = and_(c.analysis == analysis.analysis, c.key.in_(some))
            before += connection.execute(select(func.coalesce(func.sum(c.records), 0)).where(which)).scalar_one()
            connection.execute(delete(table).where(which))
        rows = [(key.site, analysis.analysis, name, n) for name, n in sorted(strays.items()) if n]
        self._store.bulk.insert(connection, "analysis_stray", rows)
        return sum(strays.values()) - int(before)

    def advance(self, connection, analysis, submission, strays):
        """Say that the analysis has seen all up to a submission."""
        self._update(connection, analysis, submission=submission, strays=strays)

    def changed(self, connection, site, since, limit=CHANGED):
        """(keys, submission): at most some `limit` keys touched after `since`, and up to which submission they are all.

        submission: None when there are no more.
        """
        c = self._tables.change.c
        query = select(c.submission, c.key).where(c.site == site, c.submission > since)
        rows = connection.execute(query.order_by(c.submission, c.key).limit(limit)).all()
        if len(rows) < limit:
            return [key for _, key in rows], None
        last = rows[-1].submission
        whole = [key for submission, key in rows if submission < last]
        if whole:
            return whole, last - 1
        query = select(c.key).where(c.site == site, c.submission == last).order_by(c.key)
        return list(connection.execute(query).scalars()), last

    def patients(self, connection, site, keys, base):
        """The Patient ids that touched keys are about, NOBODY among them for rows without a subject."""
        found = {local(key, "Patient", base) for key in keys if not key.startswith(MEDICATION)}
        names = [key.removeprefix(MEDICATION) for key in keys if key.startswith(MEDICATION)]
        names += [f"{base}/Medication/{name}" for name in names] if base else []
        tables = [table for table in self._tables.mapped.values() if {"patient", "medication"} <= set(table.c.keys())]
        for some in _slices(sorted(names)):
            for table in tables:
                query = select(table.c.patient).where(table.c._site == site, table.c.medication.in_(some))
                told = connection.execute(query.distinct()).scalars()
                found.update(local(patient or NOBODY, "Patient", base) for patient in told)
        return found

    def count_strays(self, connection, site, patients, base):
        """{key: records} of subjects that are no Patient here, those without any records at 0."""
        strays = dict.fromkeys(self.forms(patients, base), 0)
        for view in VIEWS:
            c = self._tables.mapped[view].c
            query = select(c.patient, func.count(func.distinct(c._id))).where(c._site == site).group_by(c.patient)
            for some in _slices(sorted(strays)):
                for key, n in connection.execute(query.where(c.patient.in_(some))):
                    strays[key] += n
        return strays

    def forms(self, patients, base):
        """The keys by which rows may name these patients, sorted."""
        urls = {f"{base}/Patient/{patient}" for patient in patients if patient != NOBODY} if base else set()
        return sorted({*patients, *urls})

    def find_strays(self, connection, site, base):
        """{key: records} of all subjects that are no Patient here."""
        here = self._tables.mapped["patient"].c
        strays = {}
        for view in VIEWS:
            if view == "patient":
                continue
            c = self._tables.mapped[view].c
            known = select(1).where(here._site == site, here.patient == c.patient).exists()
            # One question a subject, not one a row.
            query = select(c.patient, func.count(func.distinct(c._id))).where(c._site == site).group_by(c.patient)
            for key, n in connection.execute(query.having(~known)):
                strays[key] = strays.get(key, 0) + n
        urls = {key: local(key, "Patient", base) for key in strays if local(key, "Patient", base) != key}
        for some in _slices(sorted(set(urls.values()))):
            query = select(here.patient).where(here._site == site, here.patient.in_(some))
            known = set(connection.execute(query).scalars())
            for key in [key for key, id_ in urls.items() if id_ in known]:
                del strays[key]
        return strays

    def superfluous(self, connection, key):
        """Numbers of the analyses of the same site and study that are dropped to keep the one of this Key."""
        c = self._tables.analysis.c
        mine = (c.site == key.site, c.study == key.study)
        abandoned = and_(c.complete == _BUILT, c.written < self._store.now() - _ABANDONED)
        gone = select(c.analysis).where(*mine, or_(abandoned, c.complete == _DROPPED))
        # Its own stays whatever the clock says: who had it made is about to read it.
        own = (self.find(connection, key) or Analysis(0, 0, 0)).analysis
        others = select(c.analysis).where(*mine, c.complete == COMPLETE, c.analysis != own)
        others = others.order_by(c.written.desc(), c.analysis.desc()).offset(KEPT - 1)
        return [*connection.execute(gone).scalars(), *connection.execute(others).scalars()]

    def hide(self, connection, number):
        """Let an analysis not be found any more; what is in it may then be dropped bit by bit."""
        table = self._tables.analysis
        connection.execute(update(table).where(table.c.analysis == number).values(complete=_DROPPED))

    def drop_some(self, connection, number):
        """Delete some rows of an analysis, at last itself; False when nothing is left."""
        tables = self._tables
        for table in (tables.analysis_subject, tables.analysis_finding, tables.analysis_stray):
            key = [column for column in table.primary_key.columns if column.name != "analysis"]
            of = table.c.analysis == number
            last = connection.execute(select(*key).where(of).order_by(*key).offset(_DELETED).limit(1)).first()
            if last is not None:
                connection.execute(delete(table).where(of, _up_to(key, last)))
                return True
            connection.execute(delete(table).where(of))
        for table in (tables.analysis_tally, tables.analysis):
            connection.execute(delete(table).where(table.c.analysis == number))
        return False

    def _of(self, key):
        c = self._tables.analysis.c
        start = c.start.is_(None) if key.start is None else c.start == key.start
        return (
            c.site == key.site,
            c.study == key.study,
            c.cutoff == key.cutoff,
            c.definition == key.definition,
            start,
        )

    def _update(self, connection, analysis, **values):
        table = self._tables.analysis
        values["written"] = self._store.now()
        connection.execute(update(table).where(table.c.analysis == analysis.analysis).values(values))


_RECORD = ("state", "reason", "index_day", "answer")


def _slices(values, size=400):
    return (values[start : start + size] for start in range(0, len(values), size))


def _up_to(columns, values):
    """columns <= values, in the order of the columns."""
    first, *more = columns
    value, *others = values
    return or_(first < value, and_(first == value, _up_to(more, others))) if more else first <= value
