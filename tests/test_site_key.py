"""Every table carries the site, so that ids, identifiers and searches are per site by construction."""

from sqlalchemy import inspect


def test_every_table_carries_the_site(registry):
    inspector = inspect(registry.store.database.engine)
    tables = inspector.get_table_names()
    assert {"resource", "version", "index_token", "patient", "submission"} <= set(tables)
    for table in tables:
        if table not in ("setting", "alembic_version", "job_worker"):  # of the database as a whole
            assert {"site", "_site"} & {column["name"] for column in inspector.get_columns(table)}, table
