"""Whether the tables as wholes agree: schema, settings, submissions, changes (docs/operations.md)."""

from array import array
from operator import attrgetter

from sqlalchemy import func, inspect, select, text

from ..fhir import json
from ..fhir.errors import FhirError
from .check import HIGHEST, Finding
from .repair import REPAIR
from .schema import SECRET
from .settings import CONTENT, RULES, read_keys
from .site import DEFAULT, DEFAULT_NUMBER, is_lost
from .tables import SITE_BITS

CHUNK = 1000  # rows
MOST = 2**20  # submissions, or groups of them, whose times are kept
REINDEX = "fhir-registry reindex makes it anew"


def count_resources(store, connection):
    """How many resources there are, deleted ones too."""
    return connection.execute(select(func.count()).select_from(store.tables.resource)).scalar_one()


def next_bound(store, connection, after, size):
    """The rid of the resource that is `size` resources after a rid; None when there are less."""
    rid = store.tables.resource.c.rid
    query = select(rid).where(rid > after).order_by(rid).offset(size - 1).limit(1)
    return connection.execute(query).scalar()


def check_schema(store, connection):
    """Yield Findings about columns that are not there: without them nothing can be compared."""
    there, tables = inspect(connection), store.tables
    known = {*there.get_table_names()}
    for name, table in tables.metadata.tables.items():
        columns = {column["name"] for column in there.get_columns(name)} if name in known else set()
        for column in sorted({*table.columns.keys()} - columns):
            yield Finding(name, f"column {column}", "it is not there", **_remedy(tables, table))


def check_indexes(store, connection):
    """Yield Findings about keys and indexes that are not there or others, and what SQLite says of its file."""
    there, tables = inspect(connection), store.tables
    for name, table in tables.metadata.tables.items():
        if there.get_pk_constraint(name)["constrained_columns"] != [column.name for column in table.primary_key]:
            yield Finding(name, "primary key", "it is not there", **_remedy(tables, table))
        indexes = {index["name"]: (index["column_names"], bool(index["unique"])) for index in there.get_indexes(name)}
        for index in sorted(table.indexes, key=attrgetter("name")):
            found = indexes.get(index.name)
            if found != ([column.name for column in index.columns], bool(index.unique)):
                problem = "it is one of other columns, or not unique" if found else "it is not there"
                yield Finding(name, f"index {index.name}", problem, **_remedy(tables, table))
    if store.database.sqlite:
        for (line,) in connection.execute(text("PRAGMA integrity_check(100)")):
            if line != "ok":
                yield Finding("(file)", "PRAGMA integrity_check", line)


def check_settings(store, connection):
    """Yield Findings about settings and the content that they say is stored."""
    setting, sites = store.tables.setting, set(connection.execute(select(store.tables.site.c.site)).scalars())
    kept = dict(connection.execute(select(setting.c.name, setting.c.value)).all())
    if SECRET not in kept:
        yield Finding("setting", SECRET, "it is not there", "a server makes one when it starts")
    for site in sorted(sites):
        name = f"{CONTENT}{site}"
        try:
            keys = read_keys(json.parse(kept[name].encode())["owned"])
        except (KeyError, TypeError, ValueError, FhirError):
            yield Finding("setting", name, "it cannot be read", "a server stores the content again when it starts")
            continue
        states = store.reader.states(connection, site, keys)
        for key in keys:
            if key not in states or states[key].deleted:
                yield Finding("resource", "/".join(key), f"'{name}' names it, and it is not there")


def check_lost_site(store, connection):
    """Yield the Finding that there is no site, though there are resources: nothing of them can be compared then."""
    if is_lost(store, connection):
        yield Finding("site", DEFAULT, "its row is not there", REPAIR, ("site", DEFAULT_NUMBER, DEFAULT))


def check_rules(store, _connection):
    """Yield the Finding that a database without a site was opened by other rules, by which nothing can be compared."""
    if store.outdated:
        problem = "the index and mapped tables follow other content or another release, nothing more is compared"
        yield Finding("setting", RULES, problem, "start the server or run fhir-registry reindex, then fsck again")


def check_sites(store, connection):
    """Yield Findings about sites whose next resource would get a number of another site."""
    c = store.tables.site.c
    for site, name, last in connection.execute(select(c.site, c.name, c.last)):
        if last >> SITE_BITS != site:
            yield Finding("site", name, f"last is {last}, which is no number of this site")


def check_identities(store, connection):
    """Yield Findings about several rows of one resource; the unique index forbids them while it is whole."""
    c = store.tables.resource.c
    key = (c.site, c.type, c.id)
    for site, type_, id_, number in connection.execute(
        select(*key, func.count()).group_by(*key).having(func.count() > 1)
    ):
        yield Finding("resource", f"{type_}/{id_}", f"it has {number} rows in site {site}")


def check_submissions(store, connection, after, limit=CHUNK):
    """(Findings about some of the known bundles, key of the last of them; None when there are no more).

    after: the key (site, hash) of the last one before, None at first.
    """
    rows = _some(connection, store.tables.submission, after, limit)
    newest, found = newest_submissions(store, connection), []
    created = {}
    for row in rows:
        name = f"site {row.site} {row.hash[:12]}"
        if row.submission > newest.get(row.site, 0):
            found.append(Finding("submission", name, f"submission {row.submission} was never given"))
        try:
            made = read_keys(json.parse(row.created.encode()))
        except (FhirError, ValueError):
            found.append(Finding("submission", name, "what it created is no list of Type/id"))
            continue
        created.setdefault(row.site, {}).update(dict.fromkeys(made, name))
    for site, made in created.items():
        for key in made.keys() - store.reader.states(connection, site, made).keys():
            found.append(Finding("submission", made[key], f"it created {'/'.join(key)}, which is not there"))
    return found, tuple(rows[-1][:2]) if len(rows) == limit else None


def check_changes(store, connection):
    """Yield Findings about touched patients: none was touched by a write that there never was."""
    site, change = store.tables.site.c, store.tables.change.c
    query = select(change.key, change.submission).join_from(
        store.tables.change, store.tables.site, change.site == site.site, isouter=True
    )
    for key, submission in connection.execute(query.where(change.submission > func.coalesce(site.submission, 0))):
        yield Finding("change", f"'{key}'", f"submission {submission} was never given")


class Moments:
    """The times of versions by submission, which never run against the order of the commits, in flat memory.

    Beyond MOST submissions of a site several are one group, inside which the order is not looked at.
    """

    def __init__(self, store, connection):
        self._newest = newest_submissions(store, connection)
        self._steps = {site: 1 + newest // MOST for site, newest in self._newest.items()}
        sizes = {site: newest // self._steps[site] + 1 for site, newest in self._newest.items()}
        self._first = {site: array("q", [HIGHEST]) * size for site, size in sizes.items()}
        self._last = {site: array("q", [0]) * size for site, size in sizes.items()}

    def add(self, moments):
        """Add Checked.moments; what was written after this began is left out."""
        for site, found in moments.items():
            for submission, (first, last) in found.items():
                if 0 <= submission <= self._newest.get(site, -1):
                    at = submission // self._steps[site]
                    self._first[site][at] = min(first, self._first[site][at])
                    self._last[site][at] = max(last, self._last[site][at])

    def findings(self):
        """Yield Findings about submissions with a time before that of an earlier one."""
        for site, first in self._first.items():
            newest, before = 0, 0
            for at, last in enumerate(self._last[site]):
                if first[at] < newest:
                    name = f"site {site} submission {at * self._steps[site]}"
                    yield Finding("version", name, f"its lastUpdated is before that of submission {before}")
                if last > newest:
                    newest, before = last, at * self._steps[site]


def newest_submissions(store, connection):
    """{site: its newest submission}."""
    c = store.tables.site.c
    return dict(connection.execute(select(c.site, c.submission)).all())


def _some(connection, table, after, limit):
    """The next rows of a table by its primary key of two columns."""
    one, other = table.primary_key
    query = select(table).order_by(one, other).limit(limit)
    if after is not None:
        query = query.where((one > after[0]) | ((one == after[0]) & (other > after[1])))
    return connection.execute(query).all()


def _remedy(tables, table):
    """{"remedy": ...} for a table that follows from others; indexes are dropped and made with their tables."""
    derived = {*tables.derived.values(), *tables.analyses}
    return {"remedy": REINDEX} if table in derived else {}
