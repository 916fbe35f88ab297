"""The row of a site, which its writers take one after the other (https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS)."""

from typing import NamedTuple

from sqlalchemy import delete, func, insert, select

from ..fhir.errors import error
from .settings import REMOVED, RULES, get_setting, set_setting
from .tables import SITE_BITS
from .wall import EVERYWHERE

DEFAULT, DEFAULT_NUMBER = "default", 1  # the first site
EVERY, EVERY_NUMBER = "*", 0  # in the place of a site: all of them
SUBMISSIONS = 2**53  # more than there will ever be
NO_ROW = (
    "its table 'site' is empty, though there are resources; "
    "run fhir-registry fsck --repair, or restore a backup into a new database"
)


class Place(NamedTuple):
    """How far a site has come: the newest lastUpdated, resource number and write transaction; and its name.

    made: as in add_site.
    """

    updated: int
    last: int
    submission: int
    name: str
    made: str | None


def lock_site(store, connection, site):
    """The Place of a site; other writers wait from here until the transaction ends.

    Raises unavailable when the derived tables follow other rules than those of this process: it would write rows where
    nobody looks for them, and must be started anew.
    """
    c = store.tables.site.c
    query = select(c.updated, c.last, c.submission, c.name, c.made, c.rules).where(c.site == site).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise no_row()
    *place, rules = row
    if rules != store.rules:
        store.outdated = True
        message = (
            "This process works by older rules than the database, for there is other content; it must be restarted"
        )
        raise error("unavailable", "transient", message, headers={"Retry-After": "5"})
    return Place(*place)


def lock_sites(store, connection):
    """Let the writers of all sites, and who erases there, wait from here until the transaction ends."""
    c = store.tables.site.c
    connection.execute(select(c.site).order_by(c.site).with_for_update()).all()


def no_row():
    """The FhirError for a site whose row is not there."""
    message = "The database has no row of this site: it was removed, or is lost"
    return error("unavailable", "exception", f"{message}; its administrator can run fhir-registry fsck --repair")


def add_site(store, name, made=None):
    """The number of the site with this name, which is created when it is new; no site ever had it.

    made: of a new one that is made of others, by what; nobody else writes to it. Raises conflict when the one that is
    there is not made so; ValueError when it would give numbers that are taken, since the row of a site is lost.
    """
    site = store.tables.site
    with store.database.write(EVERYWHERE) as connection:
        store.database.lock_schema(connection)
        there = connection.execute(select(site.c.site, site.c.made).where(site.c.name == name)).first()
        if is_lost(store, connection):
            raise ValueError(NO_ROW)
        if there:
            if made and there.made != made:
                raise error("conflict", "conflict", f"{name} is another site, which was made meanwhile; name a new one")
            return there.site
        number = max(given_numbers(store, connection), default=0) + 1
        first = number << SITE_BITS
        row = {"site": number, "name": name, "updated": 0, "last": first, "submission": 0, "made": made}
        # Not those of this process: it may have been overtaken, and nobody could write to the site.
        rules = get_setting(connection, store.tables.setting, RULES)
        connection.execute(insert(site).values(row | {"rules": rules}))
        return number


def remove_row(store, connection, site):
    """Remove the row of a site; its number is not given again, for events of the audit log and clients bear it."""
    c = store.tables.site.c
    name = connection.execute(delete(store.tables.site).where(c.site == site).returning(c.name)).scalar_one()
    set_setting(connection, store.tables.setting, f"{REMOVED}{site}", name)


def given_numbers(store, connection):
    """The numbers of all sites, those too that were removed."""
    site, setting = store.tables.site.c.site, store.tables.setting.c.name
    removed = connection.execute(select(setting).where(setting.startswith(REMOVED))).scalars()
    return {*connection.execute(select(site)).scalars(), *(int(name.removeprefix(REMOVED)) for name in removed)}


def find_site(store, connection, name):
    """The number of the site with this name, None when there is none."""
    site = store.tables.site.c
    return connection.execute(select(site.site).where(site.name == name)).scalar()


def number_of(store, name, or_every=False):
    """The number of the site with this name. or_every: whether EVERY may be asked for. Raises not-found."""
    known = {EVERY: EVERY_NUMBER} if or_every else {}
    known |= {known_name: number for number, known_name in name_sites(store).items()}
    if name not in known:
        raise error("not-found", "not-found", f"there is no site '{name}'; sites are {', '.join(known)}")
    return known[name]


def list_sites(store):
    """The numbers of all sites."""
    site = store.tables.site.c.site
    with store.ask(EVERYWHERE) as connection:
        return connection.execute(select(site).order_by(site)).scalars().all()


def name_sites(store, also_made=True):
    """{number: name} of all sites, in the order of their numbers. also_made: those too that are made of others."""
    site = store.tables.site.c
    query = select(site.site, site.name).order_by(site.site)
    with store.ask(EVERYWHERE) as connection:
        return dict(connection.execute(query if also_made else query.where(site.made.is_(None))).all())


def made_by(store, site):
    """By what a site is made of others, None for one that is not, or that is none. site: its number."""
    c = store.tables.site.c
    with store.ask(EVERYWHERE) as connection:
        return connection.execute(select(c.made).where(c.site == site)).scalar()


def is_lost(store, connection):
    """Whether the table of sites is empty though there are resources."""
    tables = store.tables
    site, resource = (select(column).limit(1) for column in (tables.site.c.site, tables.resource.c.rid))
    return connection.execute(site).first() is None and connection.execute(resource).first() is not None


def add_lost(store, connection):
    """Make the row of the site of this version anew, with counters that are behind nothing that is stored."""
    number, tables = DEFAULT_NUMBER, store.tables
    rid, updated = tables.resource.c.rid, tables.version.c.updated
    row = {"site": number, "name": DEFAULT, "rules": store.rules, "submission": 0}
    first = number << SITE_BITS
    taken = select(func.max(rid)).where(rid.between(first, first + (1 << SITE_BITS) - 1))
    row["last"] = connection.execute(taken).scalar() or first
    row["updated"] = connection.execute(select(func.max(updated)).where(updated <= store.now())).scalar() or 0
    for table in (tables.version, tables.submission, tables.change, tables.analysis):
        c = table.c.submission  # a number that was never given would leave none for those to come
        newest = connection.execute(select(func.max(c)).where(c < SUBMISSIONS)).scalar()
        row["submission"] = max(row["submission"], newest or 0)
    connection.execute(insert(tables.site).values(row))
