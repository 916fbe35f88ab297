"""The wall between sites, PostgreSQL's row security (https://www.postgresql.org/docs/current/ddl-rowsecurity.html).

Every statement about a site says so: `WHERE site = ...`. Should one forget it, its transaction meets the rows of its
own site and no others all the same (docs/adr/0008-row-level-security.md). SQLite has no such thing.
"""

from sqlalchemy import text

EVERYWHERE = "*"  # in the place of a site's number: the rows of all sites
# Which connection may see all rows is said once, when it is made. Only therefore may the function be called immutable:
# the planner then knows its answer, and what is left of a policy is an equation that joins those of the statement.
OPENED = "SET app.everywhere = 'yes'"
_FUNCTION = """CREATE OR REPLACE FUNCTION sees_everywhere() RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$ BEGIN RETURN coalesce(current_setting('app.everywhere', true), '') = 'yes'; END $$"""
_OWN_SITE = "NULLIF(current_setting('app.site', true), '')::smallint"
_WITHOUT = """SELECT relname FROM pg_class c
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    AND NOT (relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid))"""


def require_site(site):
    """Raise TypeError for what is neither the number of a site nor EVERYWHERE."""
    if type(site) is not int and site != EVERYWHERE:
        raise TypeError(f"{site!r} is no site")


def raise_wall(connection, tables):
    """Let each of these tables that has a site show a transaction the rows of its own, and take no others from it."""
    if connection.dialect.name == "sqlite":
        return
    without = {*connection.execute(text(_WITHOUT)).scalars()}
    sites = {table.name: next((name for name in ("_site", "site") if name in table.c), None) for table in tables}
    missing = [(name, site) for name, site in sites.items() if site and name in without]
    if missing:
        connection.exec_driver_sql(_FUNCTION)
    for name, site in missing:
        # FORCE: for the owner too, whom we connect as.
        force = "ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
        connection.exec_driver_sql(f'ALTER TABLE "{name}" {force}')
        connection.exec_driver_sql(f'DROP POLICY IF EXISTS site ON "{name}"')
        # What is written is compared row by row: as a SELECT the setting is asked once a statement.
        sees, writes = (f"({site} = {own} OR sees_everywhere())" for own in (_OWN_SITE, f"(SELECT {_OWN_SITE})"))
        connection.exec_driver_sql(f'CREATE POLICY site ON "{name}" USING {sees} WITH CHECK {writes}')
