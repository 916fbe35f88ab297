"""One write transaction on one site: versions, index rows, mapped rows (https://hl7.org/fhir/R4/http.html#versions)."""

from collections import defaultdict
from functools import lru_cache

from sqlalchemy import bindparam, select, update

from ..fhir import json
from ..fhir.dates import instant_literal
from ..fhir.errors import FhirError
from .change import Touched
from .deadline import check_time
from .read import CHUNK, Stored
from .rows import restamp, stamp
from .site import lock_site

MILLISECOND = 1000
_instant = lru_cache(maxsize=256)(instant_literal)  # the resources of a transaction share theirs


class Writer:
    """Collects rows and writes them at `flush`.

    Creating it takes the row of the site, so that writers of a site come one after the other: conditions hold
    until the commit, nobody waits in a circle, and lastUpdated never runs against the order of the commits. name,
    made: of the site, as in its Place.
    """

    def __init__(self, store, connection, site):
        self._store, self.connection, self.site = store, connection, site
        tables = store.tables
        self._site = tables.site
        self._newest, self._last, submission, self.name, self.made = lock_site(store, connection, site)
        self.submission = submission + 1
        self.now = max(store.now(), self._newest)
        self.references = {}  # (type, id, version) that was put: its index rows of references
        self._clear()

    def _clear(self):
        self._resources, self._changes, self._versions = [], [], []
        self._rows = defaultdict(list)
        self._unindexed = []  # rids
        self._unmapped = defaultdict(list)  # view -> rids
        self._touched = Touched(self._store.tables)

    def put(self, type, id, resource, method, state=None):
        """Store a resource as the next version of (type, id); `state` is what states() said. Returns Stored.

        When it differs in nothing but meta.versionId and meta.lastUpdated from what is current, there is no new
        version and the current one is returned.
        """
        if same := self.find_same(type, id, resource, state):
            return same
        place = self._advance(state)
        _, version, updated = place
        prepared = self._store.rows.prepare(type, id, resource, version, _instant(updated))
        if state and not state.deleted:
            self._unindex(state.rid, type)
        return self._add(place, prepared, method, state)

    def find_same(self, type, id, resource, state):
        """Stored of the current version of (type, id) when a resource is what it holds; else None."""
        if state is None or state.deleted:
            return None
        old = self._read_sound(type, id)
        stamped = json.dumps(stamp(type, id, resource, state.version, _instant(state.updated)))
        return old if old and stamped == old.body else None

    def _read_sound(self, type, id):
        """Stored of the current version; None when it is damaged: what is stored over it mends that."""
        try:
            return self._store.reader.read(self.connection, self.site, type, id)
        except FhirError as problem:
            if problem.kind != "internal":
                raise
            return None

    def put_prepared(self, prepared, method, unstamped, state=None):
        """Store a resource as the next version, without asking whether it differs; see put. Returns Stored.

        prepared: Prepared as version 1, with the text `unstamped`, which nothing else in it holds, as the time.
        """
        place = self._advance(state)
        _, version, updated = place
        if state and not state.deleted:
            self._unindex(state.rid, prepared.type)
        body = restamp(prepared.body, unstamped, version, _instant(updated))
        return self._add(place, prepared._replace(body=body), method, state)

    def is_same(self, prepared, unstamped, state, body):
        """Whether put_prepared would store what is current: that State and these bytes."""
        return restamp(prepared.body, unstamped, state.version, _instant(state.updated)) == body

    def _add(self, place, prepared, method, state):
        rid, version, updated = place
        type_, id_, body, indexed, mapped = prepared
        self._versions.append((self.site, rid, type_, version, updated, method, self.submission, body.decode()))
        if state:
            self._changes.append({"key": rid, "version": version, "updated": updated, "deleted": 0})
        else:
            self._resources.append((rid, self.site, type_, id_, version, updated, 0, self.submission))
        self.index(rid, indexed)
        self.references[type_, id_, version] = indexed.get("index_reference", ())
        self._touched.add(id_, mapped)
        self.map(rid, id_, mapped, version, state.submission if state else self.submission)
        return Stored(type_, id_, version, updated, False, body, method)

    def next_submission(self):
        """Write what was collected; what follows is another submission in the same transaction."""
        self.flush()
        self.submission += 1
        self.now = max(self.now, self._newest)

    def delete(self, type, id, state):
        """Store a deletion as the next version. Returns Stored."""
        rid, version, updated = self._advance(state)
        self._unindex(rid, type)
        self._versions.append((self.site, rid, type, version, updated, "DELETE", self.submission, ""))
        self._changes.append({"key": rid, "version": version, "updated": updated, "deleted": 1})
        return Stored(type, id, version, updated, True, b"", "DELETE")

    def _advance(self, state):
        check_time(self.connection)
        if state is None:
            self._last += 1
            return self._last, 1, self.now
        updated = max(self.now, state.updated + MILLISECOND)
        self._newest = max(self._newest, updated)
        return state.rid, state.version + 1, updated

    def index(self, rid, rows):
        """Collect the index rows of a resource, as Rows.index gives them."""
        start = (self.site, rid)
        for table, found in rows.items():
            self._rows[table] += [start + row for row in found]

    def map(self, rid, id, rows, version, submission):
        """Collect the mapped rows of a resource, as Rows.map gives them."""
        key = (self.site, rid, id, version, submission)
        for view, found in rows.items():
            collected = self._rows[view]
            for number, row in enumerate(found):
                collected.append((*key, number, *row))

    def _unindex(self, rid, type):
        self._unindexed.append(rid)
        for view in self._store.rows.views.get(type, ()):
            self._unmapped[view.name].append(rid)

    def flush(self):
        """Write what was collected; after this it can be searched."""
        connection, bulk, tables = self.connection, self._store.bulk, self._store.tables
        for table, rids in self._unmapped.items():
            self._touched.add_stored(connection, table, rids)
            bulk.delete(connection, table, rids)
        if self._unindexed:
            for kind in tables.index:
                bulk.delete(connection, f"index_{kind}", self._unindexed)
        if self._resources:
            bulk.insert(connection, "resource", self._resources)
        if self._changes:
            values = {name: bindparam(name) for name in ("version", "updated", "deleted")}
            query = update(tables.resource).where(tables.resource.c.rid == bindparam("key")).values(values)
            connection.execute(query, self._changes)
        if self._versions:
            bulk.insert(connection, "version", self._versions)
        for table, rows in self._rows.items():
            if rows:
                bulk.insert(connection, table, rows)
        bulk.upsert(connection, "change", [(self.site, key, self.submission) for key in self._touched.collected()])
        changed = self._versions
        self._clear()
        if changed:
            values = {"updated": max(self._newest, self.now), "last": self._last, "submission": self.submission}
            connection.execute(update(self._site).where(self._site.c.site == self.site).values(values))

    def discard(self):
        """Forget what was collected and not written."""
        self._clear()

    def created_by(self, digest):
        """["Type/id"] that the submission with this hash created, None when it is new."""
        return self.known([digest]).get(digest)

    def known(self, digests):
        """{hash: ["Type/id"] that it created} of the submissions with these hashes that were seen before."""
        submission, found = self._store.tables.submission, {}
        query = select(submission.c.hash, submission.c.created).where(submission.c.site == self.site)
        for start in range(0, len(digests), CHUNK):
            some = query.where(submission.c.hash.in_(digests[start : start + CHUNK]))
            found |= {digest: json.parse(created.encode()) for digest, created in self.connection.execute(some)}
        return found

    def remember(self, created):
        """Keep what submissions created: {hash: ["Type/id"], in the order of its POST entries}."""
        rows = [
            (self.site, digest, self.submission, self.now, json.dumps(names).decode())
            for digest, names in created.items()
        ]
        self._store.bulk.upsert(self.connection, "submission", rows)
