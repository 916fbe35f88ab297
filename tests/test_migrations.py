"""Migrations of the fixed tables: where they end is what the program works with, on both databases."""

import pytest
from sqlalchemy import create_engine, text

from fhir_registry.ops.open import open_registry
from fhir_registry.store.migrations import kept_revision, revisions


def catalogue(connection):
    """What the database itself says of its tables: columns, types, collations, keys, indexes and their conditions."""
    if connection.dialect.name == "postgresql":
        columns = (
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation::text "
            "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
        )
        indexes = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        return {tuple(row) for query in (columns, indexes) for row in connection.execute(text(query))}
    found = set()
    for kind, name, table, sql in connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_schema")):
        if kind == "table":
            found.add((name, "WITHOUT ROWID" in sql, "AUTOINCREMENT" in sql))
            columns = connection.execute(text(f"PRAGMA table_xinfo({name})"))
            found |= {(table, *row[1:4], row.pk) for row in columns}
        else:
            keys = connection.execute(text(f"PRAGMA index_xinfo({name})"))
            found.add((name, table, sql, tuple(row[1:] for row in keys)))
    return found


def test_the_migrated_schema_is_that_of_the_tables(registry, new_database):
    """A fresh database has been through every revision; the tables of the program, made at once, are the same."""
    with registry.store.read(1) as connection:
        assert kept_revision(connection) == revisions()[-1]
        migrated = catalogue(connection)
    engine = create_engine(new_database(registry.store.database.engine.dialect.name))
    with engine.begin() as connection:
        registry.store.tables.metadata.create_all(connection)
        made = catalogue(connection)
    engine.dispose()
    assert {row for row in migrated if not row[0].endswith("alembic_version") and row[1] != "alembic_version"} == made


def test_revisions_are_one_line():
    assert revisions() == [f"{number:04}" for number in range(1, len(revisions()) + 1)]


def test_a_database_of_a_newer_release_is_refused(database, content):  # REL-25
    open_registry(database, content).close()
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ValueError, match="a newer release of this program made it"):
        open_registry(database, content)
    engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE site (name text)",
        "CREATE TABLE patient (name text)",  # a view's, which the next rebuild would drop
        "CREATE TABLE job (name text)",
        "CREATE VIEW resource AS SELECT 1 AS name",
        "CREATE TABLE alembic_version (version_num varchar(32))",
    ],
)
def test_tables_of_something_else_are_refused(database, content, statement):
    engine, name = create_engine(database), statement.split()[2]
    with engine.begin() as connection:
        connection.execute(text(statement))
        if name == "alembic_version":
            connection.execute(text("INSERT INTO alembic_version VALUES ('ae1027a6acf3')"))
        before = catalogue(connection)
    with pytest.raises(ValueError, match=r"of something else.*; give the registry a database of its own"):
        open_registry(database, content)
    with engine.begin() as connection:
        assert catalogue(connection) == before
    engine.dispose()


def test_a_table_of_something_else_is_not_taken_for_that_of_a_new_view(database, content):
    """Somebody made it in a registry's database; a rebuild would fill it, and the next would drop it."""
    open_registry(database, content).close()
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE patient_b (name text)"))
    with pytest.raises(ValueError, match="something else, among them 'patient_b'"):
        open_registry(database, content, again=True)
    open_registry(database, content).close()
    with engine.begin() as connection:
        assert not connection.execute(text("SELECT name FROM patient_b")).all()
    engine.dispose()
