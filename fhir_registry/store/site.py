"""The row of a site, which its writers take one after the other (https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS)."""

from typing import NamedTuple

from sqlalchemy import insert, select

from ..fhir.errors import error
from .settings import RULES, get_setting
from .tables import SITE_BITS


class Place(NamedTuple):
    """How far a site has come: the newest lastUpdated, resource number and write transaction."""

    updated: int
    last: int
    submission: int


def lock_site(store, connection, site):
    """The Place of a site; other writers wait from here until the transaction ends.

    Raises unavailable when the derived tables follow other rules than those of this process: it would write rows where
    nobody looks for them, and must be started anew.
    """
    c = store.tables.site.c
    query = select(c.updated, c.last, c.submission, c.rules).where(c.site == site).with_for_update()
    *place, rules = connection.execute(query).one()
    if rules != store.rules:
        store.outdated = True
        message = (
            "This process works by older rules than the database, for there is other content; it must be restarted"
        )
        raise error("unavailable", "transient", message, headers={"Retry-After": "5"})
    return Place(*place)


def add_site(store, name):
    """The number of the site with this name, which is created when it is new."""
    site = store.tables.site
    with store.database.write() as connection:
        store.database.lock_schema(connection)
        known = dict(connection.execute(select(site.c.name, site.c.site)).all())
        if name not in known:
            known[name] = max(known.values(), default=0) + 1
            first = known[name] << SITE_BITS
            row = {"site": known[name], "name": name, "updated": 0, "last": first, "submission": 0}
            # Not those of this process: it may have been overtaken, and nobody could write to the site.
            rules = get_setting(connection, store.tables.setting, RULES)
            connection.execute(insert(site).values(row | {"rules": rules}))
        return known[name]
