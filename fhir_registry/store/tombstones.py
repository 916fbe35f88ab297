"""What was erased is known by keyed hashes alone, so that it is refused when it comes again (https://datatracker.ietf.org/doc/html/rfc2104)."""

import hashlib
import hmac
import json
from secrets import token_hex
from typing import NamedTuple

from sqlalchemy import bindparam, exists, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from .settings import get_setting

KEY = "key of tombstones"  # the setting; it goes with backups, without it the hashes mean nothing
_CHUNK = 500


class Tombstone(NamedTuple):
    """erased: microseconds since 1970-01-01. reason: code of CodeSystem erasure-reason."""

    hash: str
    erased: int
    reason: str


class Tombstones:
    """The tombstones of a store; each question runs in the transaction of `connection`."""

    def __init__(self, store):
        tables = store.tables
        self._table, self._setting = tables.tombstone, tables.setting
        self._site, self._resource = tables.site, tables.resource
        self._insert = (sqlite if store.database.sqlite else postgresql).insert
        here, consent = bindparam("of"), tables.mapped.get("consent")
        erased = exists(select(1).where(self._table.c.site == here))
        withdrawn = literal(False) if consent is None else exists(select(1).where(consent.c._site == here))
        # Made once: both are asked in many transactions.
        self._erased, self._any = select(erased), select(erased, withdrawn)

    def has_any(self, connection, site):
        """(whether something was erased in the site, whether somebody there has withdrawn): one short question."""
        erased, withdrawn = connection.execute(self._any, {"of": site}).one()
        return bool(erased), bool(withdrawn)

    def has_erased(self, connection, site):
        """Whether something was erased in the site, asked without a table of the mappings."""
        return bool(connection.execute(self._erased, {"of": site}).scalar())

    def find(self, connection, site, names):
        """{name: Tombstone} of those names that were erased: (type, id) of resources, (system, value) of patients."""
        key = self.key(connection)
        if key is None:
            return {}
        c, hashes, found = self._table.c, {}, {}
        for name in names:
            hashes[digest(key, site, name)] = name
        listed = sorted(hashes)
        for start in range(0, len(listed), _CHUNK):
            query = select(c.hash, c.erased, c.reason).where(c.site == site, c.hash.in_(listed[start : start + _CHUNK]))
            found |= {hashes[row.hash]: Tombstone(*row) for row in connection.execute(query)}
        return found

    def count(self, connection, sites):
        """How many names were erased in these sites."""
        c = self._table.c
        return connection.execute(select(func.count()).where(c.site.in_([*sites]))).scalar_one()

    def all(self, connection):
        """Yield (name of the site, Tombstone) of all sites."""
        c, site = self._table.c, self._site.c
        query = select(site.name, c.hash, c.erased, c.reason).join_from(self._table, self._site, site.site == c.site)
        for name, *tombstone in connection.execute(query.order_by(c.site, c.hash)):
            yield name, Tombstone(*tombstone)

    def match_patients(self, connection, site):
        """Yield (id, Tombstone) of the Patients here, deleted ones too, that were erased once."""
        c = self._resource.c
        ids = connection.execute(select(c.id).where(c.site == site, c.type == "Patient").order_by(c.id)).scalars().all()
        found = self.find(connection, site, [("Patient", id_) for id_ in ids])
        yield from ((id_, tombstone) for (_, id_), tombstone in found.items())

    def add(self, connection, site, names, erased, reason):
        """Remember that these names were erased, and since when."""
        if self.key(connection) is None:
            self.adopt(connection, token_hex(32))
        key = self.key(connection)  # that of another erasure, when both were the first
        self.put(connection, site, [Tombstone(digest(key, site, name), erased, reason) for name in sorted(names)])

    def put(self, connection, site, tombstones):
        """Keep Tombstones; of one that is there the older stays."""
        rows = [{"site": site, **each._asdict()} for each in tombstones]
        if rows:
            connection.execute(self._insert(self._table).on_conflict_do_nothing(), rows)

    def key(self, connection):
        """The key of the hashes, hexadecimal; None as long as nothing was erased."""
        return get_setting(connection, self._setting, KEY)

    def adopt(self, connection, key):
        """Let this be the key of the hashes, when there is none; whether it is."""
        query = self._insert(self._setting).values(name=KEY, value=key).on_conflict_do_nothing()
        connection.execute(query)
        return self.key(connection) == key


def digest(key, site, name):
    """The hash by which a name is kept. name: (type, id) or (system, value)."""
    text = json.dumps([site, *name])
    return hmac.new(bytes.fromhex(key), text.encode(), hashlib.sha256).hexdigest()
