"""Creating the tables, and rebuilding those that follow from the stored resources (https://sqlite.org/lang_createtable.html)."""

import hashlib
import logging
import unicodedata
from pathlib import Path

from sqlalchemy import and_, insert, inspect, select

from ..content import composites, definitions, searchparam, searchparams, terminology, views
from ..core import index, index_contained, index_ranges, index_texts, index_values, mapping
from ..fhir import json
from .migrations import migrate
from .tables import SITE_BITS
from .write import Writer

log = logging.getLogger("fhir_registry")
CHUNK = 1000  # resources
SECRET = "secret of cursors"  # the setting that is no part of a backup
# What index rows and mapped rows follow from, beside the content.
_RULES = (
    *sorted(Path(json.__file__).parent.glob("*.py")),
    *(Path(module.__file__) for module in (index, index_contained, index_ranges, index_texts, index_values, mapping)),
    *(Path(module.__file__) for module in (composites, definitions, searchparam, searchparams, terminology, views)),
    Path(definitions.__file__).with_name("r4.json.gz"),
    *(Path(__file__).with_name(name) for name in ("rows.py", "tables.py")),
)


def prepare(store):
    """Create what is missing, in one transaction; rebuild the index and mapped tables when their rules changed.

    The rules are the content and the modules that make the rows, so that no version number must be kept by hand.
    Analyses are dropped then: they were made of other rows, and by other rules a write marks other patients.
    """
    tables = store.tables
    with store.database.write() as connection:
        store.database.lock_schema(connection)
        migrate(connection)
        tables.metadata.create_all(connection)
        rules = _rules(store.content_hash)
        built = get_setting(connection, tables.setting, "rules")
        if built == rules:
            return
        if built is not None:
            _check_kept(connection, tables)
            _drop_derived(connection, tables)
            tables.metadata.create_all(connection)
            _rebuild(connection, store)
        set_setting(connection, tables.setting, "rules", rules)
        set_setting(connection, tables.setting, "mapped", json.dumps(sorted(tables.mapped)).decode())


def _check_kept(connection, tables):
    """Raise ValueError when a table that cannot be made anew is not as the migrations made it."""
    there = inspect(connection)
    for table in (tables.site, tables.resource, tables.version, tables.submission, tables.change):
        columns = {column["name"] for column in there.get_columns(table.name)}
        indexes = {index["name"] for index in there.get_indexes(table.name)}
        if columns != set(table.columns.keys()) or not {index.name for index in table.indexes} <= indexes:
            message = f"something else than this program changed its table '{table.name}'"
            raise ValueError(f"{message}; undo that, or restore a backup into a new database")


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
            connection.execute(insert(site).values(row))
        return known[name]


def keep_setting(store, name, make):
    """The text kept under a name; when there is none, what `make()` gives is kept, the same for all processes."""
    setting = store.tables.setting
    with store.database.write() as connection:
        store.database.lock_schema(connection)
        value = get_setting(connection, setting, name)
        if value is None:
            value = make()
            set_setting(connection, setting, name, value)
        return value


def _rules(content_hash):
    # Another Python may fold letters in another way.
    digest = hashlib.sha256(f"{content_hash} {unicodedata.unidata_version}".encode())
    for path in _RULES:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def get_setting(connection, setting, name):
    """The text kept under a name in the table `setting`, None when there is none."""
    return connection.execute(select(setting.c.value).where(setting.c.name == name)).scalar()


def set_setting(connection, setting, name, value):
    """Keep a text under a name in the table `setting`."""
    connection.execute(setting.delete().where(setting.c.name == name))
    connection.execute(insert(setting).values(name=name, value=value))


def _drop_derived(connection, tables):
    built = json.parse(get_setting(connection, tables.setting, "mapped").encode())
    known = inspect(connection).get_table_names()
    derived = (*tables.index.values(), *tables.analyses)
    for name in {*built, *(table.name for table in derived)} & set(known):
        connection.exec_driver_sql(f'DROP TABLE "{name}"')


def _rebuild(connection, store):
    resource, version = store.tables.resource, store.tables.version
    current = and_(version.c.rid == resource.c.rid, version.c.version == resource.c.version)
    columns = (resource.c.rid, resource.c.site, resource.c.version, resource.c.submission, version.c.body)
    query = select(*columns).join_from(resource, version, current).where(resource.c.deleted == 0)
    last, done = 0, 0
    while rows := connection.execute(query.where(resource.c.rid > last).order_by(resource.c.rid).limit(CHUNK)).all():
        by_site = {}
        for row in rows:
            by_site.setdefault(row.site, []).append(row)
        for site, members in by_site.items():
            writer = Writer(store, connection, site)
            for row in members:
                parsed = json.parse(row.body.encode())
                writer.index(row.rid, store.rows.index(parsed))
                writer.map(row.rid, parsed["id"], store.rows.map(parsed), row.version, row.submission)
            writer.flush()
        last, done = rows[-1].rid, done + len(rows)
    log.info("rebuilt the index and mapped tables from %d resources", done)
