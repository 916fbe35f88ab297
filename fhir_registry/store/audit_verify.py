"""Whether the audit log is what was written: walks its chains from their beginning (docs/audit.md, https://datatracker.ietf.org/doc/html/rfc9162)."""

from typing import NamedTuple

import orjson
from sqlalchemy import func, select

from ..core.audit import FIRST, READS, WRITES, chain, compare_private
from .audit import columns_of

CHUNK = 1000  # events between two looks at the index of patients
PATIENTS = 500  # in one statement


class Broken(NamedTuple):
    """The first event of a chain that is not what was written."""

    site: int
    chain: int
    seq: int
    problem: str

    def __str__(self):
        return f"audit site {self.site} chain {self.chain} seq {self.seq}: {self.problem}"


class Mark(NamedTuple):
    """What is known of a chain from elsewhere: the hash that it had at a seq. when: to say of which time."""

    seq: int
    hash: str
    when: str


class Walked(NamedTuple):
    """A chain up to its end, or to what is Broken. erased: {digest: seq} of parts that are not there any more."""

    site: int
    chain: int
    seq: int
    hash: str
    broken: Broken | None
    erased: dict


def chains(audit, connection):
    """The (site, chain) of which there is anything, in order."""
    places = (select(table.c.site, table.c.chain).distinct() for table in audit)
    return sorted({tuple(row) for query in places for row in connection.execute(query)})


def erasures(audit, connection, site):
    """The set of digests that the events of a site say were erased. They can be trusted when its WRITES are whole."""
    c, said = audit.event.c, set()
    payload = columns_of(audit.event, connection.dialect.name == "sqlite")[3]
    query = select(payload).where(c.site == site, c.chain == WRITES, c.payload.like('%"erased":[%'))
    for text in connection.execute(query).scalars():
        try:
            said.update(orjson.loads(text)["erased"])
        except (ValueError, KeyError, TypeError):  # the walk tells of it
            continue
    return said


def walk(audit, connection, site, number, said, marks=(), progress=None):
    """The Walked of a chain, in flat memory.

    audit: AuditTables. connection: a read transaction, so that all is of one moment. said: as erasures gave it. marks:
    Marks in order of seq. progress: function of the number of events that were read since it was called last.
    """
    return _Walk(audit, connection, site, number, said, marks).go(progress or (lambda _: None))


class _Walk:
    def __init__(self, audit, connection, site, number, said, marks):
        self._event, self._head, self._patient = audit
        self._connection, self._site, self._number = connection, site, number
        self._marks = {}
        for mark in marks:
            self._marks.setdefault(mark.seq, []).append(mark)
        self._seq, self._hash = 0, FIRST
        self._erased, self._said = {}, said
        self._about = set()  # (patient, seq) since the last look at their index
        self._led = 0  # rows of that index that lead to an event of their patient

    def go(self, progress):
        c = self._event.c
        columns = columns_of(self._event, self._connection.dialect.name == "sqlite")
        query = select(*columns).where(c.site == self._site, c.chain == self._number).order_by(c.seq)
        some = self._connection.execution_options(stream_results=True, max_row_buffer=CHUNK)
        problem = None if self._number in (WRITES, READS) else (1, "there is no such chain")
        with some.execute(query) as result:
            for rows in result.partitions(CHUNK):
                problem = problem or next(filter(None, map(self._problem_of, rows)), None) or self._missing_in_index()
                progress(len(rows))
                if problem:
                    break
        problem = problem or self._problem_of_end()
        broken = problem and Broken(self._site, self._number, *problem)
        return Walked(self._site, self._number, self._seq, self._hash, broken, self._erased)

    def _problem_of(self, row):
        """(seq, what is wrong) of the next row, None when nothing is."""
        _, seq, recorded, payload, private, hash_ = row
        following = self._seq + 1
        if seq != following:
            return min(seq, following), "it is not there" if seq > following else "it was never given"
        if chain(self._hash, self._site, self._number, seq, payload) != hash_:
            return seq, "it is not what was written, or not in its place: its hash is another"
        for mark in self._marks.get(seq, ()):
            if mark.hash != hash_:
                return seq, f"its hash is not that of the checkpoint of {mark.when}: it, or what is before it, is new"
        try:
            told = orjson.loads(payload)
            there, erased = compare_private(payload, private)
            kept = orjson.loads(private)["parts"]
        except (ValueError, KeyError, TypeError) as problem:
            return seq, str(problem) if type(problem) is ValueError else "its text is not what was written"
        if told["recorded"] != recorded:
            return seq, "its time is not that of its payload"
        if not self._said.isdisjoint(there):
            return seq, "a part of it was erased, and is there again"
        self._erased |= dict.fromkeys(erased, seq)
        self._about |= {(part["patient"], seq) for part in kept if part and part["patient"]}
        self._seq, self._hash = seq, hash_
        return None

    def _missing_in_index(self):
        """(seq, what is wrong) when an event is not found by its patient."""
        if not self._about:
            return None
        p, patients = self._patient.c, sorted({patient for patient, _ in self._about})
        first, last = (edge(seq for _, seq in self._about) for edge in (min, max))
        query = select(p.patient, p.seq).where(
            p.site == self._site, p.chain == self._number, p.seq.between(first, last)
        )
        for start in range(0, len(patients), PATIENTS):
            some = patients[start : start + PATIENTS]
            found = self._about & set(map(tuple, self._connection.execute(query.where(p.patient.in_(some)))))
            self._led += len(found)
            self._about -= found
        missing, self._about = self._about, set()
        return (min(seq for _, seq in missing), "the table audit_patient does not lead to it") if missing else None

    def _problem_of_end(self):
        c = self._head.c
        query = select(c.seq, c.hash).where(c.site == self._site, c.chain == self._number)
        head = self._connection.execute(query).first()
        if head is None:
            return self._seq + 1, "the table audit_head does not tell where the chain ends"
        if head.seq > self._seq:
            return self._seq + 1, f"it is not there, and the chain has {head.seq} events by the table audit_head"
        if tuple(head) != (self._seq, self._hash):
            return min(head.seq + 1, self._seq), "the table audit_head tells of another end of the chain"
        if self._marks and max(self._marks) > self._seq:
            mark = self._marks[max(self._marks)][0]
            return self._seq + 1, f"it is not there, and the checkpoint of {mark.when} is of seq {mark.seq}"
        p = self._patient.c
        query = select(func.count()).where(p.site == self._site, p.chain == self._number)
        if more := self._connection.execute(query).scalar() - self._led:
            return self._seq, f"{more} rows of the table audit_patient lead to no event of their patient"
        return None
