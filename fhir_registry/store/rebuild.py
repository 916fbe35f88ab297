"""Makes the derived tables by other rules, in the slot that is not in use (docs/adr/0007-two-slots.md, https://hl7.org/fhir/R5/async-bundle.html).

The work is a job. Every transaction of it keeps how far it is, so that another process goes on where this one was
killed. Those who work by the present rules read and write meanwhile; what they wrote is made again before the switch,
one transaction that excludes writers.
"""

import time
from collections import defaultdict
from contextlib import nullcontext
from functools import partial
from operator import itemgetter

from sqlalchemy import and_, inspect, select, tuple_, update
from sqlalchemy.schema import AddConstraint, CreateIndex

from ..fhir import json
from ..fhir.errors import FhirError
from .bodies import naming_damaged
from .bulk import Bulk
from .derived_tables import INDEX_KEYS, require_free, slot_of, standing_slots
from .job import JobLost
from .search import present
from .settings import MAPPED, RULES, get_setting, set_setting
from .site import lock_sites
from .statement import Statement
from .tables import SITE_BITS, Tables
from .wall import EVERYWHERE, raise_wall

CHUNK = 1000  # resources in one transaction
PASSES = 20  # over what was written meanwhile, after which writers wait for the last one
LOCK_MILLISECONDS = 300  # that readers may keep a table from being replaced; less than PostgreSQL's deadlock_timeout
PAUSE = 2  # seconds in which writers get on before readers are held up again
INDEX_MEMORY = "256MB"  # for sorting the rows of a table
GONE = "_gone_"  # begins the name of a table that was replaced; no view's can
_DROPPED = -1  # analysis.complete


def drop_replaced(store):
    """Drop the tables that were replaced, one a transaction; what somebody still reads is left for the next time."""
    with store.read(EVERYWHERE) as connection:
        names = [name for name in inspect(connection).get_table_names() if name.startswith(GONE)]
    for name in names:
        try:
            with store.database.write(EVERYWHERE) as connection:
                connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{name}"')
        except FhirError:  # it was logged
            return


class Rebuild:
    """The steps of one job, whose parameters are the rules that hold now (`from`) and those to come (`rules`).

    report: function of (text, done, total); total 0: not known. spread: function of (function, [its arguments]) that
    gives what it returns, in order, be it worked out by other processes. Raises JobLost when another process goes on
    with it.
    checkpoint: {"step", "rid" up to which rows are made, "since": {site: (newest lastUpdated, newest rid, newest
    submission)} when what the step reads began}.
    """

    def __init__(self, store, job, report, spread):
        self._store, self._job, self._report, self._spread = store, job, report, spread
        self._slot = slot = slot_of(job.parameters["rules"])
        self._write = partial(store.database.write, EVERYWHERE)
        self._read = partial(store.read, EVERYWHERE, limited=False)
        self._tables = Tables(store.views, slot)
        self._bulk = Bulk(store.database, self._tables.derived)
        self._keys = {name: _key(table) for name, table in self._tables.derived.items()}

    def load(self):
        """The rows of all resources that there were when it began, as far as that is not done; the checkpoint."""
        checkpoint = self._job.checkpoint or self._begin()
        with self._write() as connection:
            # Who erases by now may not have seen this job, and ends first: what is read next would bring it back.
            lock_sites(self._store, connection)
        return self._load(checkpoint) if checkpoint["step"] == "load" else checkpoint

    def finish(self, checkpoint):
        """All other steps that are not done yet, among them statements that take long."""
        if checkpoint["step"] == "index" and not self._store.database.sqlite:
            self._index(checkpoint)
        since = self._catch_up(checkpoint["since"])
        while not self._switch(since):
            self._report("waiting for those who read the tables that are replaced", 0, 0)
            time.sleep(PAUSE)
            since = self._catch_up(since)  # so that writers never wait for all that was written since the first try
        self._report("rebuilt the index and mapped tables", 1, 1)

    # --- steps --------------------------------------------------------------------------------------

    def _begin(self):
        """Empty tables in the slot; the first checkpoint."""
        with self._read() as connection:
            left = slot_tables(connection, self._store, self._slot)
        for name in left:
            with self._write() as connection:
                # Who was silent for long must not drop what another process fills by now.
                self._job.hold(connection)
                connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{name}"')
        with self._write() as connection:
            self._job.hold(connection)
            require_free(connection, [table.name for table in self._tables.derived.values()])
            self._tables.metadata.create_all(connection, self._tables.derived.values())
            if not self._store.database.sqlite:
                for table in self._tables.derived.values():
                    _drop_keys(connection, table)
            raise_wall(connection, self._tables.derived.values())
            views = json.dumps([*self._tables.mapped]).decode()
            set_setting(connection, self._tables.setting, f"{MAPPED}{self._slot}", views)
            checkpoint = {"step": "load", "rid": 0, "since": self._places(connection)}
            self._job.save(connection, checkpoint)
        return checkpoint

    def _load(self, checkpoint):
        """The rows of all resources that there were, in the order of their numbers."""
        since = checkpoint["since"]
        starts = {last: int(site) << SITE_BITS for site, (_, last, _) in since.items()}
        total, done, places = sum(last - start for last, start in starts.items()), 0, []
        for last, start in sorted(starts.items()):
            first = min(max(checkpoint["rid"], start), last)
            done += first - start
            places += [(after, min(after + CHUNK, last)) for after in range(first, last, CHUNK)]
        for (after, until), rows in zip(places, self._spread(self._rows_of, places), strict=True):
            done, checkpoint = done + until - after, {"step": "load", "rid": until, "since": since}
            with self._write() as connection:
                self._insert(connection, rows)
                self._job.save(connection, checkpoint, done, total)
            self._report("rebuilding the index and mapped tables", done, total)
        return {**checkpoint, "step": "index"}

    def _index(self, checkpoint):
        """The keys and indexes that _begin dropped: PostgreSQL makes them faster of all rows than row by row."""
        tables = self._tables.derived.values()
        for done, table in enumerate(tables):
            with self._write() as connection:
                _add_keys(connection, table)
                self._job.save(connection, checkpoint, done + 1, len(tables))
            self._report("indexing", done + 1, len(tables))

    def _catch_up(self, since):
        """What was written since, until it is little."""
        for _ in range(PASSES):
            with self._read() as connection:
                places = self._places(connection)
            renewed = 0
            for resources in self._written(since):
                with self._write() as connection:
                    self._renew(connection, resources)
                    self._job.save(connection, {"step": "catch up", "rid": 0, "since": since})
                renewed += len(resources)
                self._report("catching up with what was written meanwhile", renewed, 0)
            since = places
            if renewed <= CHUNK:
                break
        return since

    def _switch(self, since):
        """The last of what was written, and from now on these rules hold; False when readers are in the way."""
        store, tables, rules = self._store, self._tables, self._job.parameters
        try:
            with self._write() as connection:
                store.database.lock_schema(connection)
                lock_sites(store, connection)
                if get_setting(connection, tables.setting, RULES) != rules["from"]:
                    raise JobLost(self._job.id)
                for resources in self._written(since, connection):
                    self._renew(connection, resources)
                if not store.database.sqlite:
                    # Who reads the old tables holds this up, and this everybody who comes after them.
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}")
                # Who does not know that there are other rules meets no table, and never one that is not kept any more.
                # Of all slots: when the rules were lost, nobody knows which of them was in use.
                for slot in {slot_of(rules["from"]), *standing_slots(connection)} - {self._slot}:
                    for name in slot_tables(connection, store, slot):
                        connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{GONE}{name}"')
                        connection.exec_driver_sql(f'ALTER TABLE "{name}" RENAME TO "{GONE}{name}"')
                    connection.execute(tables.setting.delete().where(tables.setting.c.name == f"{MAPPED}{slot}"))
                connection.execute(update(tables.site).values(rules=rules["rules"]))
                set_setting(connection, tables.setting, RULES, rules["rules"])
                # They are of other rows, and by other rules a write marks other patients.
                connection.execute(update(tables.analysis).values(complete=_DROPPED))
                self._job.complete(connection, {})
        except FhirError as problem:
            if problem.issues[0].code != "lock-error":
                raise
            return False
        return True

    # --- rows ---------------------------------------------------------------------------------------

    def _places(self, connection):
        c = self._tables.site.c
        return {str(row.site): (row.updated, row.last, row.submission) for row in connection.execute(select(c))}

    def _rows_of(self, after, until):
        """{table: rows} of the resources with numbers after one and up to another."""
        c = self._tables.resource.c
        meant = c.rid > after, c.rid <= until, c.deleted == 0
        rids, version = select(c.rid).where(*meant), self._tables.version
        with self._read() as connection, naming_damaged(connection, version, rids):
            return self._make(connection.execute(self._query().where(*meant).order_by(c.rid)))

    def _written(self, since, connection=None):
        """Yield lots of the resources, deleted ones too, that were written since, as often as they were.

        connection: of the transaction to read in; by default each lot is read in one of its own.
        """
        reading = self._read if connection is None else partial(nullcontext, connection)
        version, resource = self._tables.version.c, self._tables.resource.c
        with reading() as connection:
            sites = [int(site) for site in self._places(connection)]
            types = [(site, type) for site in sites for type in self._types(connection, site)]
        for site, type_ in types:
            updated, _, submission = since.get(str(site), (0, 0, 0))
            after = (updated, 0)
            written = select(version.updated, version.rid).order_by(version.updated, version.rid).limit(CHUNK)
            written = written.where(version.site == site, version.type == type_, version.submission > submission)
            while after:
                with reading() as connection:
                    found = connection.execute(written.where(tuple_(version.updated, version.rid) > after)).all()
                    rids = {row.rid for row in found}
                    with naming_damaged(connection, self._tables.version, rids):
                        resources = connection.execute(self._query().where(resource.rid.in_(rids))).all()
                if resources:
                    yield resources
                after = tuple(found[-1]) if len(found) == CHUNK else None

    def _types(self, connection, site):
        return present(Statement(connection, site, self._slot), "resource", "type")

    def _query(self):
        resource, version = self._tables.resource.c, self._tables.version.c
        current = and_(version.rid == resource.rid, version.version == resource.version)
        told = (resource.rid, resource.site, resource.type, resource.version, resource.submission, resource.deleted)
        return select(*told, version.body).join_from(self._tables.resource, self._tables.version, current)

    def _renew(self, connection, resources):
        """Put the rows of the resources in the place of those that there are."""
        of_type = defaultdict(list)
        for row in resources:
            of_type[row.type].append(row.rid)
        for type_, rids in of_type.items():
            views = [view.name for view in self._store.rows.views.get(type_, ())]
            for name in (*(f"index_{kind}" for kind in INDEX_KEYS), *views):
                self._bulk.delete(connection, name, rids)
        self._insert(connection, self._make(row for row in resources if not row.deleted))

    def _make(self, resources):
        """{table: rows}."""
        made, rows = self._store.rows, defaultdict(list)
        for rid, site, _, version, submission, _, body in resources:
            stored = json.parse(body.encode())
            for table, found in made.index(stored).items():
                rows[table] += [(site, rid, *row) for row in found]
            key = (site, rid, stored["id"], version, submission)
            for view, found in made.map(stored).items():
                rows[view] += [(*key, number, *row) for number, row in enumerate(found)]
        if self._store.database.sqlite:
            for name, found in rows.items():
                found.sort(key=self._keys[name])  # neighbours in the tree one after the other
        return rows

    def _insert(self, connection, rows):
        for name, found in rows.items():
            if found:
                self._bulk.insert(connection, name, found)


# --- tables -----------------------------------------------------------------------------------------


def slot_tables(connection, store, slot):
    """The names of the derived tables that there are in a slot, be they of other content."""
    views = json.parse((get_setting(connection, store.tables.setting, f"{MAPPED}{slot}") or "[]").encode())
    names = {*(f"index_{kind}{slot}" for kind in INDEX_KEYS), *(f"{view}{slot}" for view in views)}
    return sorted(names & {*inspect(connection).get_table_names()})


def _key(table):
    """A function of a row: its primary key."""
    names = [column.name for column in table.columns]
    return itemgetter(*(names.index(column.name) for column in table.primary_key))


def _drop_keys(connection, table):
    connection.exec_driver_sql(f'ALTER TABLE "{table.name}" DROP CONSTRAINT "{table.name}_pkey"')
    for index in table.indexes:
        connection.exec_driver_sql(f'DROP INDEX "{index.name}"')


def _add_keys(connection, table):
    if inspect(connection).get_pk_constraint(table.name)["constrained_columns"]:
        return
    connection.exec_driver_sql(f"SET LOCAL maintenance_work_mem = '{INDEX_MEMORY}'")
    connection.execute(AddConstraint(table.primary_key, isolate_from_table=False))
    for index in table.indexes:
        connection.execute(CreateIndex(index))
    connection.exec_driver_sql(f'ANALYZE "{table.name}"')
