"""Registered clients in the database, and what they may not use again (https://datatracker.ietf.org/doc/html/rfc7523#section-3)."""

import hashlib
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from sqlalchemy import Text, cast, delete, func, insert, literal, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from ..fhir.errors import error
from .audit import Audit
from .bare import open_bare
from .settings import REMOVED
from .site import EVERY, EVERY_NUMBER
from .wall import EVERYWHERE

MOST = 1000  # rows that are forgotten at a time


class Registration(NamedTuple):
    """A client as it was registered.

    site: a number, or EVERY_NUMBER. jwks: the text of its keys, or None for those at jwks_url. scopes: a text.
    """

    site: int
    id: str
    name: str
    role: str
    scopes: str
    jwks: str | None
    jwks_url: str | None
    created: int
    revoked: int | None = None


class Clients:
    """The clients of a store. What takes a `connection` runs in its transaction, the rest in one of its own."""

    def __init__(self, store):
        self.store, self.now = store, store.now
        # Asked before it is known of which site the request is.
        self.ask, self.write = partial(store.ask, EVERYWHERE), partial(store.database.write, EVERYWHERE)
        self._table, self._assertion, self._revoked = store.tables.clients
        self._site, self._setting = store.tables.site, store.tables.setting
        self._insert = (sqlite if store.database.sqlite else postgresql).insert
        self._audit = Audit(store)

    def add(self, registration, event=None):
        """Keep a Registration. event: for the audit log, in the same transaction, here and below.

        Raises not-found for a site that was removed meanwhile.
        """
        with self.write() as connection:
            self.store.database.lock_schema(connection)  # who removes a site looks under it for clients
            site = select(self._site.c.site).where(self._site.c.site == registration.site)
            if registration.site != EVERY_NUMBER and connection.execute(site).first() is None:
                raise error("not-found", "not-found", "The site was removed meanwhile; run this again for a new one")
            connection.execute(insert(self._table).values(registration._asdict()))
            self._audit.note(connection, registration.site, event)

    def list(self, connection, site=None):
        """[(Registration, name of its site)] (of this site), the oldest first."""
        named, removed, number = self._site.c, self._setting.c, self._table.c.site
        name = func.coalesce(named.name, removed.value, EVERY).label("site_name")
        joined = select(*self._own(), name).join(self._site, named.site == number, isouter=True)
        joined = joined.join(self._setting, removed.name == literal(REMOVED).concat(cast(number, Text)), isouter=True)
        if site is not None:
            joined = joined.where(number == site)
        rows = connection.execute(joined.order_by(self._table.c.created, self._table.c.id))
        return [(Registration(*row[:-1]), row[-1]) for row in rows]

    def active(self, connection, site):
        """The Registrations of a site, by its number, that are not revoked, the oldest first."""
        c = self._table.c
        query = select(*self._own()).where(c.site == site, c.revoked.is_(None)).order_by(c.created, c.id)
        return [Registration(*row) for row in connection.execute(query)]

    def find(self, connection, id):
        """The Registration of a client, None when there is none."""
        row = connection.execute(select(*self._own()).where(self._table.c.id == id)).first()
        return row and Registration(*row)

    def find_for_token(self, connection, id, jti):
        """As find; None also when its token with this jti was revoked."""
        revoked = select(self._revoked.c.jti).where(self._revoked.c.jti == digest(jti)).exists()
        row = connection.execute(select(*self._own()).where(self._table.c.id == id, ~revoked)).first()
        return row and Registration(*row)

    def rotate(self, id, jwks, jwks_url, event=None):
        """Replace the keys of a client that is not revoked; False when there is no such one."""
        return self._change(id, event, jwks=jwks, jwks_url=jwks_url)

    def revoke(self, id, event=None):
        """Revoke a client; False when there is none, or it is revoked already."""
        return self._change(id, event, revoked=self.now())

    def _change(self, id, event, **values):
        c = self._table.c
        with self.write() as connection:
            changed = update(self._table).where(c.id == id, c.revoked.is_(None)).values(values)
            site = connection.execute(changed.returning(c.site)).scalar()
            if site is not None:
                self._audit.note(connection, site, event)
            return site is not None

    def use(self, connection, registration, jti, expires):
        """Note that a client has used the assertion with this jti; False when it had before, anywhere."""
        self._forget_expired(connection, self._assertion)
        row = {"site": registration.site, "client": registration.id, "jti": digest(jti), "expires": expires}
        return self._add_once(connection, self._assertion, row)

    def revoke_token(self, connection, site, jti, expires):
        """Note that a token is not to be taken any more."""
        self._forget_expired(connection, self._revoked)
        self._add_once(connection, self._revoked, {"site": site, "jti": digest(jti), "expires": expires})

    def _forget_expired(self, connection, table):
        # Not those that another transaction is at: two that delete the same rows might wait for each other.
        keys = tuple_(*table.primary_key)
        old = select(*table.primary_key).where(table.c.expires < self.now()).limit(MOST)
        connection.execute(delete(table).where(keys.in_(old.with_for_update(skip_locked=True))))

    def _add_once(self, connection, table, row):
        # The unique index, not a look before, decides between two at once.
        new = self._insert(table).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
        return connection.execute(new).rowcount == 1

    def _own(self):
        return [self._table.c[name] for name in Registration._fields]


def digest(jti):
    """What is kept of a jti, which may be long and hold any characters."""
    return hashlib.sha256(jti.encode(errors="surrogatepass")).hexdigest()


@contextmanager
def open_clients(url):
    """The Clients of a database for a command that needs no content. Raises ValueError for one that is none of ours."""
    with open_bare(url, "client") as bare:
        yield Clients(bare)
