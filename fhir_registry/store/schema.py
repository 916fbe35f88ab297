"""Opens the tables, and knows whether those that follow from the resources follow these rules (https://sqlite.org/lang_createtable.html)."""

import hashlib
import re
import unicodedata
from pathlib import Path

from sqlalchemy import inspect, select, update

from ..content import composites, definitions, searchparam, searchparams, terminology, views
from ..core import index, index_contained, index_ranges, index_texts, index_values, mapping
from ..fhir import json
from .bodies import keep_dictionaries
from .derived_tables import FIRST, next_slot, require_free, slot_of, standing_slots
from .migrations import is_first, kept_revision, migrate, revisions
from .settings import MAPPED, RULES, get_setting, set_setting
from .tables import Tables
from .wall import EVERYWHERE, raise_wall

NOBODY_S = ""  # site.rules while no process may write
SECRET = "secret of cursors"  # the setting that is no part of a backup
LOST = "lost"  # in the place of a digest that nobody knows any more
_KNOWN = re.compile(rf"(?:[0-9a-f]{{64}}|{LOST})(?:_b\d*)?")
# What index rows and mapped rows follow from, beside the content.
_RULES = (
    *sorted(Path(json.__file__).parent.glob("*.py")),
    *(Path(module.__file__) for module in (index, index_contained, index_ranges, index_texts, index_values, mapping)),
    *(Path(module.__file__) for module in (composites, definitions, searchparam, searchparams, terminology, views)),
    Path(definitions.__file__).with_name("r4.json.gz"),
    *(Path(__file__).with_name(name) for name in ("rows.py", "derived_tables.py")),
)


def prepare(store, may_migrate=True):
    """Bring the fixed tables to this release, in one transaction; the derived ones are made in an empty database.

    None, and the store works with the derived tables; or the rules that they follow, when these are others than its
    own: the content and the modules that make the rows, so that no version number must be kept by hand. may_migrate:
    False to refuse a database of an older release. Raises ValueError for one that this program cannot work with.
    """
    tables, digest = store.tables, _digest(store.content_hash)
    with store.database.write(EVERYWHERE) as connection:
        store.database.lock_schema(connection)
        if (
            not may_migrate
            and inspect(connection).has_table("resource")
            and kept_revision(connection) != revisions()[-1]
        ):
            raise ValueError("its tables are those of another release; start the server of this release first")
        if kept_revision(connection) is None and not is_first(connection):
            require_free(connection, [*tables.metadata.tables])
        migrated = migrate(connection)
        keep_dictionaries(connection, tables.setting)
        rules = get_setting(connection, tables.setting, RULES)
        if not _KNOWN.fullmatch(rules or "") and connection.execute(select(tables.resource.c.rid).limit(1)).first():
            rules = _close(connection, tables)
        follows = rules is not None and digest == rules.removesuffix(slot_of(rules))
        if follows:
            # Those that were closed below, by content that was taken back before its tables were made.
            connection.execute(update(tables.site).where(tables.site.c.rules != rules).values(rules=rules))
        elif migrated:
            # Processes of the release before do not know these tables: they must not write any more.
            connection.execute(update(tables.site).values(rules=NOBODY_S))
        raise_wall(connection, tables.fixed.values())
        if rules is None:
            rules = f"{digest}{FIRST}"
            tables.metadata.create_all(connection, tables.derived.values())
            set_setting(connection, tables.setting, RULES, rules)
            set_setting(connection, tables.setting, f"{MAPPED}{FIRST}", json.dumps([*tables.mapped]).decode())
        elif not follows:
            _check_kept(connection, tables)
            return rules
        raise_wall(connection, Tables(store.views, slot_of(rules)).derived.values())
    store.use(slot_of(rules), rules)
    return None


def _close(connection, tables):
    """Rules that nobody has, for those that are lost, damaged or of a restore: with them the slot is not known.

    The tables are made anew after all slots that stand, for one is in use; and as in a switch nobody writes any more.
    """
    rules = LOST + (standing_slots(connection) or [FIRST])[-1]
    set_setting(connection, tables.setting, RULES, rules)
    connection.execute(update(tables.site).values(rules=NOBODY_S))
    return rules


def other_rules(store, rules):
    """The rules of this program and content, in the slot after that of those `rules`."""
    return _digest(store.content_hash) + next_slot(slot_of(rules))


def _check_kept(connection, tables):
    """Raise ValueError when a table that cannot be made anew is not as the migrations made it."""
    there = inspect(connection)
    for table in (tables.site, tables.resource, tables.version, tables.submission, tables.change):
        columns = {column["name"] for column in there.get_columns(table.name)}
        indexes = {index["name"] for index in there.get_indexes(table.name)}
        if columns != set(table.columns.keys()) or not {index.name for index in table.indexes} <= indexes:
            message = f"something else than this program changed its table '{table.name}'"
            raise ValueError(f"{message}; undo that, or restore a backup into a new database")


def keep_setting(store, name, make):
    """The text kept under a name; when there is none, what `make()` gives is kept, the same for all processes."""
    setting = store.tables.setting
    with store.database.write(EVERYWHERE) as connection:
        store.database.lock_schema(connection)
        value = get_setting(connection, setting, name)
        if value is None:
            value = make()
            set_setting(connection, setting, name, value)
        return value


def _digest(content_hash):
    # Another Python may fold letters in another way.
    digest = hashlib.sha256(f"{content_hash} {unicodedata.unidata_version}".encode())
    for path in _RULES:
        digest.update(path.read_bytes())
    return digest.hexdigest()
