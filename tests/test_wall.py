"""The wall between sites on PostgreSQL: a statement that forgets the site meets no other (store/wall.py)."""

import random
from contextlib import closing, suppress

import psycopg
import pytest
from sqlalchemy import BigInteger, Boolean, Float, Integer, LargeBinary
from sqlalchemy.exc import ProgrammingError

from fhir_registry.core.paging import Client
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest
from fhir_registry.ops.history import history
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.read import read_in
from fhir_registry.ops.search import search_in
from fhir_registry.store.bodies import Body
from fhir_registry.store.database import Database
from fhir_registry.store.site import list_sites
from fhir_registry.store.tables import SITE_BITS
from fhir_registry.store.wall import EVERYWHERE

BASE = "http://localhost/fhir"
SITES = ("default", "elsewhere")
ONE, OTHER = 1, 2


@pytest.fixture(scope="module")
def registry(new_registry, content):
    """One with a row of each site in every table that has a wall; the site `elsewhere` is OTHER."""
    opened = open_registry(new_registry("postgresql"), content, sites=SITES)
    assert list_sites(opened.store) == [ONE, OTHER]
    for site in (ONE, OTHER):
        ingest.update(opened, site, "Patient", f"of-{site}", {"resourceType": "Patient", "id": f"of-{site}"})
    with opened.store.database.write(EVERYWHERE) as connection:
        for name, table in walled(opened.store).items():
            for site in (ONE, OTHER) if name != "site" else ():
                connection.exec_driver_sql(insert_of(table, site))
    yield opened
    opened.close()


def walled(store):
    """{name: table} of the tables that have a column of sites."""
    return {name: table for name, table in store.tables.metadata.tables.items() if column_of(table)}


def column_of(table):
    return next((name for name in ("_site", "site") if name in table.c), None)


def insert_of(table, site):
    """An INSERT of a row of a site."""
    values = {column.name: literal(column, site) for column in table.c}
    values[column_of(table)] = site
    for name in {"rid", "_rid"} & values.keys():
        values[name] = (site << SITE_BITS) + 2**30
    if "analysis" in values:
        values["analysis"] = 1000 + site
    names = ", ".join(f'"{name}"' for name in values)
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join(map(str, values.values()))})'


def literal(column, site):
    if isinstance(column.type, Boolean):
        return "true"
    if isinstance(column.type, (BigInteger, Integer, Float)):
        return 1
    return r"'\x00'" if isinstance(column.type, (LargeBinary, Body)) else f"'x{site}'"


def sites_seen(connection, table):
    return {*connection.exec_driver_sql(f'SELECT DISTINCT "{column_of(table)}" FROM "{table.name}"').scalars()}


def sites_of_patients(connection):
    return {*connection.exec_driver_sql("SELECT DISTINCT _site FROM patient").scalars()}


def test_a_statement_without_a_site_meets_the_own_one_on_every_table(registry):
    store = registry.store
    tables = walled(store)
    assert {"site", "version", "index_token", "patient", "audit", "job_part", "analysis_subject"} <= tables.keys()
    for name, table in tables.items():
        for begin in (store.read, store.ask, store.database.write):
            with begin(OTHER) as connection:
                assert sites_seen(connection, table) == {OTHER}, name
            with begin(EVERYWHERE) as connection:
                assert sites_seen(connection, table) >= {ONE, OTHER}, name


def test_who_does_not_say_of_which_site_he_is_meets_nothing(registry):
    url = registry.store.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(url)) as connection:
        for name in walled(registry.store):
            assert connection.execute(f'SELECT count(*) FROM "{name}"').fetchone() == (0,), name


def test_no_row_is_written_for_another_site(registry):
    store = registry.store
    for name, table in walled(store).items():
        site = column_of(table)
        with pytest.raises(ProgrammingError, match="row-level security"), store.database.write(OTHER) as connection:
            connection.exec_driver_sql(insert_of(table, ONE))
        with pytest.raises(ProgrammingError, match="row-level security"), store.database.write(OTHER) as connection:
            connection.exec_driver_sql(f'UPDATE "{name}" SET "{site}" = {ONE}')
        with store.read(EVERYWHERE) as connection:
            before = connection.exec_driver_sql(f'SELECT count(*) FROM "{name}" WHERE "{site}" = {ONE}').scalar()
        with store.database.write(OTHER) as connection:
            savepoint = connection.begin_nested()
            connection.exec_driver_sql(f'DELETE FROM "{name}"')
            assert sites_seen(connection, table) == set()
            savepoint.rollback()
        with store.read(EVERYWHERE) as connection:
            after = connection.exec_driver_sql(f'SELECT count(*) FROM "{name}" WHERE "{site}" = {ONE}').scalar()
        assert before == after > 0


def test_many_rows_of_another_site_are_not_written(registry):
    """As they are written: not one by one."""
    rows = [(ONE, (ONE << SITE_BITS) + 2**30 + n, 1, 0, 0, "x") for n in range(100)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege), registry.store.database.write(OTHER) as connection:
        registry.store.bulk.insert(connection, "index_token", rows)


def test_a_walk_that_asks_for_another_site_finds_nothing(registry):
    """What a walk would do if it took the site from elsewhere than its transaction did."""
    client = Client(BASE)
    with registry.store.read(OTHER) as connection:
        with pytest.raises(FhirError, match="Patient/of-1 is not known"):
            read_in(registry, connection, ONE, "Patient", "of-1")
        assert b"of-1" not in search_in(registry, connection, ONE, "Patient", [], client)
        assert read_in(registry, connection, OTHER, "Patient", "of-2").id == "of-2"
    assert b"of-1" in history(registry, ONE, [], client, "Patient")
    with registry.store.read(ONE) as connection:
        assert b"of-1" in search_in(registry, connection, ONE, "Patient", [], client)


def test_nothing_is_left_on_a_connection_for_the_next(registry):
    database, chance = registry.store.database, random.Random(1)
    seen = {ONE: {ONE}, OTHER: {OTHER}, 3: set(), EVERYWHERE: {ONE, OTHER}}
    for _ in range(1000):
        site = chance.choice([ONE, OTHER, ONE, OTHER, 3, EVERYWHERE])
        begin = chance.choice([database.read, database.ask, database.write])
        ends = chance.choice(["well", "well", "by an error", "by one of the database", "by one that it reports"])
        try:
            with begin(site) as connection:
                assert sites_of_patients(connection) == seen[site]
                if ends == "by an error":
                    raise KeyError
                if ends == "by one of the database":
                    connection.exec_driver_sql("SELECT 1 / 0")
                if ends == "by one that it reports":
                    connection.exec_driver_sql("SELECT 1 FROM nowhere")
        except (KeyError, FhirError, ProgrammingError):
            pass
        except Exception as problem:
            assert "division by zero" in str(problem)
    assert database.in_use == 0


def test_it_stands_after_the_connection_was_replaced(registry):
    database = registry.store.database
    for site in (ONE, OTHER, EVERYWHERE, EVERYWHERE, ONE, ONE):
        with suppress(FhirError), database.ask(site) as connection:
            assert sites_of_patients(connection) == ({ONE, OTHER} if site == EVERYWHERE else {site})
            connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
            raise AssertionError("it was not lost")


def test_the_tables_of_the_next_slot_have_it(new_registry, content):
    url = new_registry("postgresql")
    for _ in range(2):
        registry = open_registry(url, content, again=True)
        with registry.store.read(EVERYWHERE) as connection:
            assert without_wall(connection) == set()
        registry.close()


def without_wall(connection):
    """The names of the tables that have a column of sites, and no policy for who owns them."""
    query = """SELECT relname FROM pg_class c JOIN pg_attribute ON attrelid = c.oid
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attname IN ('site', '_site')
        AND NOT (relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid))"""
    return {*connection.exec_driver_sql(query).scalars()}


def test_a_wall_that_somebody_took_down_is_raised_at_the_next_start(new_registry, content):
    url = new_registry("postgresql")
    with closing(Database(url)) as database, database.write(EVERYWHERE) as connection:
        connection.exec_driver_sql("ALTER TABLE version NO FORCE ROW LEVEL SECURITY")
        connection.exec_driver_sql("ALTER TABLE resource DISABLE ROW LEVEL SECURITY")
        connection.exec_driver_sql("DROP POLICY site ON index_token")
        assert without_wall(connection) == {"version", "resource", "index_token"}
    registry = open_registry(url, content)
    with registry.store.read(EVERYWHERE) as connection:
        assert without_wall(connection) == set()
    registry.close()


def test_a_transaction_without_a_site_cannot_be_begun(database):
    with closing(Database(database)) as opened:
        for begin in (opened.read, opened.ask, opened.write):
            with pytest.raises(TypeError), begin():
                pass
            for none in (None, "1", "1; SELECT 1", 1.5, True):
                with pytest.raises(TypeError, match="is no site"), begin(none):
                    pass
