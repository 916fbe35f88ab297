"""The audit log: append, erase, read (docs/audit.md, https://hl7.org/fhir/R4/auditevent.html)."""

import logging
from itertools import product
from typing import NamedTuple

import orjson
from sqlalchemy import LargeBinary, bindparam, cast, delete, func, literal, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from ..core.audit import FIRST, READS, WRITES, canonical, chain, seal, without_patients
from ..fhir.errors import error
from .site import DEFAULT_NUMBER
from .tombstones import Tombstones
from .wall import EVERYWHERE

log = logging.getLogger("fhir_registry")
CHUNK = 500  # events


class Head(NamedTuple):
    """Where a chain ends."""

    site: int
    chain: int
    seq: int
    hash: str


class Row(NamedTuple):
    """A stored event. payload, private: as core.audit.seal made them, parsed; erased parts are None."""

    chain: int
    seq: int
    recorded: int
    payload: dict
    private: dict


class Audit:
    """The audit log of a store. What takes a `connection` runs in its transaction, the rest in one of its own."""

    def __init__(self, store):
        self.now, self._bulk, self._write = store.now, store.bulk, store.database.write
        self._insert = (sqlite if store.database.sqlite else postgresql).insert
        self._event, self._head, self._patient = store.tables.audit
        self._tombstones = Tombstones(store)
        self._columns = columns_of(self._event, store.database.sqlite)
        c, place = self._head.c, (bindparam("of"), bindparam("number"))
        self._locked = select(c.seq, c.hash).where(c.site == place[0], c.chain == place[1]).with_for_update()
        values = {"seq": bindparam("last"), "hash": bindparam("link")}
        self._moved = update(self._head).where(c.site == place[0], c.chain == place[1]).values(values)

    def append(self, connection, site, number, sealed):
        """Append Sealed events to the chain `number` of a site; it is locked until the commit. Their last seq.

        Who was erased since they were read is not named.
        """
        seq, before = self._lock(connection, site, number)
        rows, patients = [], []
        for each in self._without_erased(connection, site, sealed):
            seq += 1
            before = chain(before, site, number, seq, each.payload)
            rows.append((site, number, seq, each.recorded, each.payload.decode(), each.private.decode(), before))
            patients += [(site, patient, number, seq) for patient in each.patients]
        self._bulk.insert(connection, "audit", rows)
        if patients:
            self._bulk.insert(connection, "audit_patient", patients)
        connection.execute(self._moved, {"of": site, "number": number, "last": seq, "link": before})
        return seq

    def _without_erased(self, connection, site, sealed):
        """Sealed events that name nobody who was erased. The chain is locked: who is erased later is found in it."""
        patients = set().union(*(each.patients for each in sealed))
        if not patients or not self._tombstones.has_erased(connection, site):
            return sealed
        names = [("Patient", patient) for patient in patients]
        erased = {patient for _, patient in self._tombstones.find(connection, site, names)}
        return [each if erased.isdisjoint(each.patients) else without_patients(each, erased) for each in sealed]

    def note(self, connection, site, event):
        """Append the Event of a command, None for none, to the chain of reads; of all sites to that of the first."""
        if event:
            self.append(connection, site or DEFAULT_NUMBER, READS, [seal(event, self.now())])

    def record(self, event, site=DEFAULT_NUMBER):
        """As note."""
        if event:
            with self._write(EVERYWHERE) as connection:
                self.note(connection, site, event)

    def _lock(self, connection, site, number):
        """(seq, hash) of the last event of a chain, which nobody else appends to until the transaction ends."""
        place = {"of": site, "number": number}
        head = connection.execute(self._locked, place).first()
        if head is None:
            self._begin(connection, site, number)
            head = connection.execute(self._locked, place).first()
        if head is None:
            message = "The audit log has lost the end of a chain; its administrator can run fhir-registry audit verify"
            raise error("unavailable", "exception", message)
        return head

    def _begin(self, connection, site, number):
        """Make the head of a new chain, unless it has events: another process just began it, or its head is lost."""
        e = self._event.c
        if not connection.execute(select(e.seq).where(e.site == site, e.chain == number).limit(1)).first():
            row = {"site": site, "chain": number, "seq": 0, "hash": FIRST}
            connection.execute(self._insert(self._head).values(row).on_conflict_do_nothing())

    def heads(self, connection):
        """The Head of every chain, in order."""
        c = self._head.c
        return [
            Head(*row) for row in connection.execute(select(c.site, c.chain, c.seq, c.hash).order_by(c.site, c.chain))
        ]

    def hash_of(self, connection, site, number, seq):
        """The hash of an event, None when it is not there."""
        c = self._event.c
        return connection.execute(select(c.hash).where(c.site == site, c.chain == number, c.seq == seq)).scalar()

    def erase(self, connection, site, patients, event):
        """Erase what the log keeps of patients, and append an Event of that for each; how many events were about them.

        The query and reason of such an event go too, as they may name him. What was erased is known by its digests.
        The transaction has the row of the site, so that nobody else erases there.
        """
        erased, seen = {patient: [] for patient in patients}, {}
        found = self._erase_parts(connection, site, erased, seen)  # which may take long, and holds up nobody
        for number in (WRITES, READS):
            self._lock(connection, site, number)
        found += self._erase_parts(connection, site, erased, seen)
        p = self._patient.c
        connection.execute(delete(self._patient).where(p.site == site, p.patient.in_(patients)))
        for digests in erased.values():
            self.append(connection, site, WRITES, [seal(event._replace(erased=tuple(digests)), self.now())])
        return found

    def _erase_parts(self, connection, site, erased, seen):
        """Erase what is kept of patients, and add its digests to `erased`, {patient: [digest]}; of how many events.

        seen: {(patient, chain): seq} up to which that is done, moved on.
        """
        e, p, found = self._event.c, self._patient.c, 0
        for patient, number in product(erased, (WRITES, READS)):
            mine = (p.site == site, p.patient == patient, p.chain == number, p.seq > seen.get((patient, number), 0))
            seqs = connection.execute(select(p.seq).where(*mine).order_by(p.seq)).scalars().all()
            for start in range(0, len(seqs), CHUNK):
                where = (e.site == site, e.chain == number, e.seq.in_(seqs[start : start + CHUNK]))
                for row in self._rows(connection, select(*self._columns).where(*where)):
                    digests, private = without(row, patient)
                    erased[patient] += digests
                    found += 1
                    query = update(self._event).where(e.site == site, e.chain == row.chain, e.seq == row.seq)
                    connection.execute(query.values(private=canonical(private).decode()))
            if seqs:
                seen[patient, number] = seqs[-1]
        return found

    def find(self, connection, site, number, seq):
        """The Row of an event, None when it is not there."""
        c = self._event.c
        query = select(*self._columns).where(c.site == site, c.chain == number, c.seq == seq)
        return next(self._rows(connection, query), None)

    def page(self, connection, site, limit, after=None, newest=True, during=(None, None), patients=None):
        """At most `limit` Rows by the time they were recorded, the newest or the oldest first.

        after: (recorded, chain, seq) of the last one before, which is not given again. during: (from, until) in
        microseconds, exclusive at the end. patients: ids; only events about one of these Patients.
        """
        c, p = self._event.c, self._patient.c
        query = select(*self._columns).where(c.site == site)
        if patients is not None:  # by their events, which are few beside all that are of the site
            about = select(p.chain, p.seq).where(p.site == site, p.patient.in_(patients)).distinct().subquery()
            query = query.join(about, (about.c.chain == c.chain) & (about.c.seq == c.seq))
        lo, hi = during
        query = query if lo is None else query.where(c.recorded >= lo)
        query = query if hi is None else query.where(c.recorded < hi)
        key = (c.recorded, c.chain, c.seq)
        if after is not None:
            place = tuple_(*map(literal, after))
            query = query.where(tuple_(*key) < place if newest else tuple_(*key) > place)
        query = query.order_by(*(each.desc() if newest else each for each in key)).limit(limit)
        return list(self._rows(connection, query))

    def _rows(self, connection, query):
        for number, seq, recorded, payload, private, _ in connection.execute(query).all():
            try:
                yield Row(number, seq, recorded, orjson.loads(payload), orjson.loads(private))
            except orjson.JSONDecodeError:
                log.error("table audit, chain %d, seq %d: it is no JSON; run fhir-registry audit verify", number, seq)
                message = "An event of the audit log is damaged; the log of the server names it"
                raise error("internal", "exception", message) from None


def columns_of(event, sqlite):
    """chain, seq, recorded, payload, private, hash; texts as bytes, for SQLite quotes those that are no UTF-8."""
    c = event.c
    texts = (
        cast(column, LargeBinary) if sqlite else func.convert_to(column, "UTF8", type_=LargeBinary)
        for column in (c.payload, c.private)
    )
    return c.chain, c.seq, c.recorded, *texts, c.hash


def without(row, patient):
    """(digests of what goes, the private part that is left) of a Row, when nothing is kept of a patient any more."""
    said, private = row.payload["parts"], dict(row.private)
    gone = [part is not None and part["patient"] == patient for part in private["parts"]]
    digests = [digest for digest, goes in zip(said, gone, strict=True) if goes]
    private["parts"] = [None if goes else part for part, goes in zip(private["parts"], gone, strict=True)]
    if private.get("asked"):
        digests.append(row.payload["asked"])
        private["asked"] = None
    return digests, private
