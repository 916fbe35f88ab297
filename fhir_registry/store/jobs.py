"""Long work kept in a table, so that it outlives the process that does it (https://hl7.org/fhir/R5/async-bundle.html).

A job is requested, then in-progress, at last completed, failed or cancelled: states of a FHIR Task. Who claims it may
commit work for it until another claims it or somebody cancels it: `save` in the transaction of the work sees to that.
"""

from contextlib import contextmanager
from functools import partial
from secrets import token_hex

from sqlalchemy import and_, case, delete, func, insert, null, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from ..fhir import json
from ..fhir.dates import SECOND
from ..fhir.errors import error, operation_outcome
from .audit import Audit
from .bare import open_bare
from .job import CANCELLED, FAILED, IN_PROGRESS, PAUSES, REQUESTED, STATES, UNFINISHED, dump_problem, read_job
from .wall import EVERYWHERE

EXPIRY = 60 * SECOND  # without a heartbeat, after which another may claim a job
TRIES = 5  # claims of a job that does not get on
KEPT = 7 * 86400 * SECOND  # how long a finished job can be asked for


class Jobs:
    """The jobs of a store. What takes a `connection` runs in its transaction, the rest in one of its own."""

    def __init__(self, store):
        self.store, self.now = store, store.now
        # A process does the jobs of all sites.
        self.ask, self.write = partial(store.ask, EVERYWHERE), partial(store.database.write, EVERYWHERE)
        self._table, self._part, self._error, self._worker = store.tables.jobs
        tries = self._table.c.tries
        self.one_less = case((tries > 0, tries - 1), else_=0)
        self._insert = (sqlite if store.database.sqlite else postgresql).insert
        self.audit = Audit(store)

    # --- asking for work ----------------------------------------------------------------------------

    def submit(self, site, kind, parameters, key=None, parts=()):
        """The id of a new job; that of the unfinished one of this kind and key when there is one.

        parameters: dict. parts: iterable of bytes, input that is kept with the job.
        """
        id_, now = token_hex(16), self.now()
        row = {"job": id_, "site": site, "kind": kind, "key": key, "state": REQUESTED, "submitted": now, "due": 0}
        row |= {"parameters": json.dumps(parameters).decode(), "attempt": 0, "tries": 0, "done": 0, "total": 0}
        c = self._table.c
        new = self._insert(self._table).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
        same = select(c.job).where(c.site == site, c.kind == kind, c.key == key, c.state.in_(UNFINISHED))
        with self.write() as connection:
            # The unique index, not a look before, decides between two at once.
            while not connection.execute(new).rowcount:
                if there := connection.execute(same).scalar():
                    return there
            for number, data in enumerate(parts):
                connection.execute(insert(self._part), {"site": site, "job": id_, "number": number, "data": data})
        return id_

    def cancel(self, id, event=None):
        """Cancel a job; its process stops within seconds and commits nothing more. False when it was finished.

        event: for the audit log, in the same transaction, here and below.
        """
        c = self._table.c
        with self.write() as connection:
            query = update(self._table).where(c.job == id, c.state.in_(UNFINISHED))
            changed = query.values(state=CANCELLED, finished=self.now()).returning(c.site)
            site = connection.execute(changed).scalar()
            if site is not None:
                self.drop_parts(connection, id)
                self.audit.note(connection, site, event)
        return site is not None

    def retry(self, id, event=None):
        """Request a failed job again, from its last checkpoint. False when it has not failed, or a new one does it."""
        c = self._table.c
        query = update(self._table).where(c.job == id, c.state == FAILED)
        # Half-made tables may name who was erased since.
        checkpoint = case((c.kind == "reindex", null()), else_=c.checkpoint)
        changed = query.values(state=REQUESTED, tries=0, due=0, finished=None, checkpoint=checkpoint).returning(c.site)
        try:
            with self.write() as connection:
                site = connection.execute(changed).scalar()
                if site is not None:
                    self.audit.note(connection, site, event)
                return site is not None
        except IntegrityError:  # an unfinished one has its key
            return False

    # --- doing it -----------------------------------------------------------------------------------

    def claim(self, worker, kinds, id=None, is_gone=None):
        """The oldest Job of these kinds that nobody does, now this worker's; None when there is none.

        worker: name of the process. id: this job and no other. is_gone: function of a worker's name, True when that
        process is known to have ended, so that nobody waits for its heartbeat to expire. What was claimed TRIES times
        without getting on is failed instead.
        """
        query = self._claimable(kinds, id, is_gone)
        if not self._is_any(query):  # most of the time, and nobody waits for a lock
            return None
        with self.write() as connection:
            while row := connection.execute(query.with_for_update(skip_locked=True)).first():
                job = read_job(row, self)
                if job.tries >= TRIES:
                    self._give_up(connection, job)
                    continue
                values = {"state": IN_PROGRESS, "attempt": job.attempt + 1, "tries": job.tries + 1}
                values |= {"worker": worker, "heartbeat": self.now()}
                connection.execute(update(self._table).where(self._table.c.job == job.id).values(values))
                return self.find(connection, job.id)
        return None

    def await_worker(self, kinds, is_gone=None):
        """Whether there is a job of these kinds to claim. is_gone: as in claim."""
        return self._is_any(self._claimable(kinds, None, is_gone))

    def _is_any(self, query):
        with self.ask() as connection:
            return connection.execute(query).first() is not None

    def _claimers(self):
        c = self._table.c
        with self.ask() as connection:
            return connection.execute(select(c.worker).where(c.state == IN_PROGRESS).distinct()).scalars().all()

    def _claimable(self, kinds, id, is_gone):
        gone = [each for each in self._claimers() if is_gone(each)] if is_gone else []
        c, now = self._table.c, self.now()
        # A time far ahead is of a clock that was set back since.
        due = and_(c.state == REQUESTED, ~c.due.between(now + 1, now + PAUSES[-1] * SECOND))
        silent = or_(~c.heartbeat.between(now - EXPIRY, now + EXPIRY), c.worker.in_(gone))
        query = select(self._table).where(c.kind.in_(kinds), or_(due, and_(c.state == IN_PROGRESS, silent)))
        if id is not None:
            query = query.where(c.job == id)
        return query.order_by(c.submitted, c.job).limit(1)

    def _give_up(self, connection, job):
        last = str(job.error()) if job.problem else "its process was killed"
        # Not as transient: who asked would ask for the answer again and again.
        problem = error("internal", "exception", f"The job ended {TRIES} times before it got on: {last}")
        values = {"state": FAILED, "finished": self.now(), "problem": dump_problem(problem)}
        connection.execute(update(self._table).where(self._table.c.job == job.id).values(values))

    def change(self, connection, job, values):
        """Change a claimed Job; False when it is not this claim's any more. The row is locked until the commit."""
        c = self._table.c
        mine = (c.job == job.id, c.state == IN_PROGRESS, c.attempt == job.attempt)
        return connection.execute(update(self._table).where(*mine).values(values)).rowcount == 1

    def parts(self, connection, id, number=0):
        """Yield the parts of a job, bytes, from a number until one is missing."""
        c = self._part.c
        query = select(c.data).where(c.job == id)
        while (data := connection.execute(query.where(c.number == number)).scalar()) is not None:
            yield data
            number += 1

    def add_part(self, connection, job, number, data):
        """Keep bytes with a job, under a number that it does not have."""
        connection.execute(insert(self._part), {"site": job.site, "job": job.id, "number": number, "data": data})

    def drop_parts(self, connection, id):
        """Forget a job's input."""
        connection.execute(delete(self._part).where(self._part.c.job == id))

    def add_errors(self, connection, job, first, errors):
        """Keep what was refused. first: number of the first, from 0; errors: [(source, line, [Issue])]."""
        rows = [
            {
                "site": job.site,
                "job": job.id,
                "number": first + n,
                "source": source,
                "line": line,
                "issue": _dump(issues),
            }
            for n, (source, line, issues) in enumerate(errors)
        ]
        if rows:
            connection.execute(insert(self._error), rows)

    def drop_errors(self, connection, id, numbers):
        """Forget what was refused and has been stored since."""
        for number in numbers:
            connection.execute(delete(self._error).where(self._error.c.job == id, self._error.c.number == number))

    def errors(self, connection, id, after=-1, limit=1000):
        """[(number, source, line, OperationOutcome.issue)] of what was refused, in order, after a number."""
        c = self._error.c
        query = select(c.number, c.source, c.line, c.issue).where(c.job == id, c.number > after)
        rows = connection.execute(query.order_by(c.number).limit(limit))
        return [(number, source, line, json.parse(issue.encode())) for number, source, line, issue in rows]

    # --- looking on ---------------------------------------------------------------------------------

    def find(self, connection, id, site=None):
        """The Job of this id (in this site), None when there is none."""
        c = self._table.c
        query = select(self._table).where(c.job == id, *([] if site is None else [c.site == site]))
        row = connection.execute(query).first()
        return row and read_job(row, self)

    def get(self, id):
        """The Job of this id, None when there is none."""
        with self.ask() as connection:
            return self.find(connection, id)

    def list(self, connection, states=STATES, limit=100, site=None):
        """Jobs in these states (of this site), the newest first, without their results."""
        c = self._table.c
        query = self._without_result().where(c.state.in_(states), *([] if site is None else [c.site == site]))
        query = query.order_by(c.submitted.desc(), c.job).limit(limit)
        return [read_job(row, self) for row in connection.execute(query)]

    def matching(self, connection, prefix):
        """The Jobs whose id begins with a text, two at most, without their results."""
        c = self._table.c
        query = self._without_result().where(c.job.startswith(prefix, autoescape=True)).limit(2)
        return [read_job(row, self) for row in connection.execute(query)]

    def _without_result(self):
        # Some are large.
        return select(*(null().label("result") if c.name == "result" else c for c in self._table.c))

    def counts(self, connection):
        """{state: how many jobs are in it}, all states."""
        c = self._table.c
        found = connection.execute(select(c.state, func.count()).group_by(c.state)).all()
        return dict.fromkeys(STATES, 0) | dict(found)

    def oldest_waiting(self, connection, kinds):
        """Seconds that the oldest job of these kinds waits for a process that may do it, 0 when none does."""
        c, now = self._table.c, self.now()
        since = func.min(case((c.due > c.submitted, c.due), else_=c.submitted))  # the pause after a try is no wait
        oldest = connection.execute(select(since).where(c.state == REQUESTED, c.kind.in_(kinds))).scalar()
        return 0 if oldest is None else max(0, now - oldest) / SECOND

    def waiting(self, connection, site, kinds):
        """How many jobs of these kinds of a site wait for a process."""
        c = self._table.c
        query = select(func.count()).select_from(self._table)
        return connection.execute(query.where(c.site == site, c.state == REQUESTED, c.kind.in_(kinds))).scalar()

    def unfinished(self, connection, site):
        """The ids of the jobs of a site that are not finished, the oldest first."""
        c = self._table.c
        query = select(c.job).where(c.site == site, c.state.in_(UNFINISHED)).order_by(c.submitted, c.job)
        return connection.execute(query).scalars().all()

    def see(self, worker):
        """Note that a process that does jobs lives; names not seen for an hour are dropped."""
        c, now = self._worker.c, self.now()
        with self.write() as connection:
            connection.execute(delete(self._worker).where(or_(c.worker == worker, c.seen < now - 3600 * SECOND)))
            connection.execute(insert(self._worker), {"worker": worker, "seen": now})

    def unsee(self, worker):
        """Note that a process that does jobs ends."""
        with self.write() as connection:
            connection.execute(delete(self._worker).where(self._worker.c.worker == worker))

    def seen(self, connection):
        """{worker: seconds since it was seen} of the processes that do jobs."""
        c, now = self._worker.c, self.now()
        return {worker: max(0, now - seen) / SECOND for worker, seen in connection.execute(select(c.worker, c.seen))}

    def remove(self, id):
        """Delete a finished job and all that belongs to it. False when it is unfinished or not there."""
        c = self._table.c
        with self.write() as connection:
            gone = connection.execute(delete(self._table).where(c.job == id, c.state.not_in(UNFINISHED))).rowcount == 1
            if gone:
                self.drop_parts(connection, id)
                connection.execute(delete(self._error).where(self._error.c.job == id))
        return gone

    def remove_old(self):
        """Delete the jobs that finished more than KEPT ago."""
        c = self._table.c
        with self.ask() as connection:
            old = connection.execute(select(c.job).where(c.finished < self.now() - KEPT)).scalars().all()
        for id_ in old:
            self.remove(id_)


@contextmanager
def open_jobs(url):
    """The Jobs of a database for who looks on or cancels: nothing is made or changed, and no content is needed.

    Raises ValueError for a database that is none of ours.
    """
    with open_bare(url, "job") as bare:
        yield Jobs(bare)


def _dump(issues):
    return json.dumps(operation_outcome(issues)["issue"]).decode()
