"""A database of the first schema is opened by this release; tests/data/first_schema.py made it and its answers."""

import json
import os
import random
import signal
import sqlite3
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, event, inspect, select
from sqlalchemy.engine import Engine

from fhir_registry.fhir import json as fhir_json
from fhir_registry.ops import ingest
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.search import search
from fhir_registry.ops.search_request import Client
from fhir_registry.store.database import Database
from fhir_registry.store.migrations import FIRST, kept_revision, revisions
from fhir_registry.store.wall import EVERYWHERE

DATA = Path(__file__).parent / "data"
TOLD = json.loads((DATA / "first_schema.json").read_text())
BASE = "http://localhost/fhir"
SITES = ("default", "elsewhere")


@pytest.fixture
def first(database):
    """URL of a database of the first schema, as its program left it."""
    load(database)
    return database


def load(database):
    kind = "sqlite" if database.startswith("sqlite") else "postgresql"
    dump = (DATA / f"first_schema.{kind}.sql").read_text()
    if kind == "sqlite":
        connection = sqlite3.connect(database.removeprefix("sqlite:///"))
        connection.executescript(dump)
    else:
        connection = psycopg.connect(database.replace("+psycopg", ""), autocommit=True)
        connection.execute(dump)
    connection.close()


def check(registry):
    """All versions, submissions and searches are as the program of the first schema told them."""
    tables = registry.store.tables
    with registry.store.read(EVERYWHERE) as connection:
        for site, type_, rid, number, updated, method, submission, body in TOLD["versions"]:
            c = tables.version.c
            query = select(c.site, c.type, c.updated, c.method, c.submission, c.body)
            found = connection.execute(query.where(c.rid == rid, c.version == number)).one()
            assert tuple(found) == (site, type_, updated, method, submission, body)
        c = tables.submission.c
        kept = connection.execute(select(c.site, c.hash, c.created).order_by(c.site, c.hash)).all()
        assert [list(row) for row in kept] == TOLD["submissions"]
    for site, type_, pairs, ids in TOLD["searches"]:
        answer = search(registry, site, type_, [*map(tuple, pairs), ("_count", "500")], Client(BASE))
        entries = json.loads(answer).get("entry", ())
        assert [f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in entries] == ids


def check_derived(registry):
    """Index and mapped rows are those that every current version gives, made here and now."""
    tables, rows = registry.store.tables, registry.store.rows
    expected = {name: [] for name in tables.derived}
    with registry.store.read(EVERYWHERE) as connection:
        r, v = tables.resource.c, tables.version.c
        joined = tables.resource.join(tables.version, (r.rid == v.rid) & (r.version == v.version))
        query = select(r.rid, r.site, r.version, r.submission, v.body).select_from(joined).where(r.deleted == 0)
        for rid, site, version, submission, body in connection.execute(query):
            stored = fhir_json.parse(body.encode())
            for name, found in rows.index(stored).items():
                expected[name] += [(site, rid, *row) for row in found]
            for name, found in rows.map(stored).items():
                head = (site, rid, stored["id"], version, submission)
                expected[name] += [(*head, number, *row) for number, row in enumerate(found)]
        for name, table in tables.derived.items():
            kept = [tuple(row) for row in connection.execute(select(table))]
            assert sorted(kept, key=repr) == sorted(expected[name], key=repr), name
    assert sum(map(len, expected.values())) > 100
    names = {*inspect(registry.store.database.engine).get_table_names()}
    assert names == {*tables.metadata.tables, "alembic_version"}  # of the other slot and of what was replaced nothing


def test_the_first_schema_is_recognised_and_migrated(first, content):  # REL-25
    registry = open_registry(first, content, sites=SITES)
    with registry.store.read(EVERYWHERE) as connection:
        assert kept_revision(connection) == revisions()[-1] != FIRST
        c = registry.store.tables.analysis.c
        assert connection.execute(select(c.complete)).scalars().all() == [-1]  # of the rows of that time
        site = registry.store.tables.site.c
        assert {*connection.execute(select(site.rules)).scalars()} == {registry.store.rules}
    check(registry)
    check_derived(registry)
    # Another write finds everything in its place: the same bundle is recognised by what was kept.
    posted = next(json.loads(row[2]) for row in TOLD["submissions"] if row[2] == '["Patient/made-137"]')
    patient = {"resourceType": "Patient", "name": [{"family": "Müller-" + "Lüdenscheidt" * 20}], "birthDate": "1951-02"}
    created = {"fullUrl": "urn:uuid:0c1f5c5c-24a9-4d10-9d2c-0a4b2d8f5e11", "resource": patient}
    bundle = {"resourceType": "Bundle", "type": "transaction"}
    bundle["entry"] = [{**created, "request": {"method": "POST", "url": "Patient"}}]
    answer = ingest.bundle(registry, 1, bundle, "http://localhost/fhir")
    assert answer["entry"][0]["response"]["location"].endswith(f"{posted[0]}/_history/1")
    registry.close()
    registry = open_registry(first, content, sites=SITES)
    check(registry)
    registry.close()


def test_a_process_that_only_works_here_does_not_migrate(first, content):
    with pytest.raises(ValueError, match="start the server of this release first"):
        open_registry(first, content, sites=SITES, may_rebuild=False)
    engine = create_engine(first)
    with engine.connect() as connection:
        assert kept_revision(connection) is None
    engine.dispose()


def test_who_does_not_know_the_migrated_tables_cannot_write(first, content):
    """Between the migration and the switch: a process of the release before finds other rules than its own."""

    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_registry(first, content, sites=SITES, report=interrupt)
    with closing(Database(first)) as database, database.read(EVERYWHERE) as connection:
        assert kept_revision(connection) == revisions()[-1]
        assert connection.exec_driver_sql("SELECT DISTINCT rules FROM site").scalars().all() == [""]
    registry = open_registry(first, content, sites=SITES)
    check(registry)
    check_derived(registry)
    registry.close()


def open_and_die(database, content, statement):
    """Open it in a process that is killed (SIGKILL) before its n-th statement or commit; how many there were if not."""

    def run(sender):
        count = 0

        def tick(*_):
            nonlocal count
            count += 1
            if count == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", tick)
        event.listen(Engine, "commit", tick)
        open_registry(database, content, sites=SITES).close()
        sender.send(count)

    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=run, args=(sender,))
    process.start()
    sender.close()
    process.join()
    killed = process.exitcode == -signal.SIGKILL
    assert killed or process.exitcode == 0
    counted = None if killed else receiver.recv()
    receiver.close()
    return counted


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_upgrade_that_is_killed_anywhere_goes_on(kind, content, new_database):  # REL-25
    database = new_database(kind)
    load(database)
    steps = open_and_die(database, content, statement=None)
    seed = random.randrange(10**6)
    print("seed", seed)
    database = new_database(kind)
    load(database)
    # Each time a bit further, in the same database: what was committed stays, what was not never was.
    for _ in range(6):
        statement = random.Random(seed).randrange(1, steps)
        seed += 1
        if open_and_die(database, content, statement) is not None:
            break
    registry = open_registry(database, content, sites=SITES)
    check(registry)
    check_derived(registry)
    registry.close()
