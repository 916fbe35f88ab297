"""The tables that follow from the stored resources: search indexes, mapped rows (https://hl7.org/fhir/R4/search.html).

They stand in a slot, so that the tables of other rules can be filled in another one while those of the present rules
are in use (docs/adr/0007-two-slots.md): the slot is a suffix of their names.
"""

import hashlib
import re
from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    inspect,
    text,
)

from ..content.errors import ContentError
from ..core.mapping import table_columns

FIRST, SECOND = "", "_b"  # slots; the third is _b3
_SLOT = re.compile(r"(?:_b\d*)?\Z")
NAME = 48  # characters of a view's name; PostgreSQL cuts what is longer than 63, suffixes of indexes included
INDEX_TEXT = 200  # characters of a text in an index key; PostgreSQL allows some 2,700 bytes in all
INDEX_START = 160  # of which these are its beginning when it is longer
# The few patients that a merger knows of, as index and query both write it.
LINKED_INDEX, LINKED = "patient_linked", "(replaced_by IS NOT NULL OR replaces <> '[]')"

# Code-point order on both engines, so that prefixes are ranges.
SORTED = Text().with_variant(Text(collation="C"), "postgresql")
MICROSECONDS = BigInteger
_KINDS = {"text": SORTED, "integer": BigInteger, "real": Float(53), "boolean": Boolean(create_constraint=False)}

# kind -> value columns in the order of Rows.index
INDEX_COLUMNS = {
    # norm and exact are shortened; whole: the normal form when norm is, else ''
    "string": (("norm", SORTED), ("exact", SORTED), ("whole", SORTED)),
    # system: as number_system gives it
    "token": (("system", BigInteger), ("code", SORTED)),
    "date": (("lo", MICROSECONDS), ("hi", MICROSECONDS)),
    "number": (("lo", Float(53)), ("hi", Float(53)), ("value", Float(53))),
    "quantity": (
        ("lo", Float(53)),
        ("hi", Float(53)),
        ("value", Float(53)),
        ("system", BigInteger),
        ("code", SORTED),
        ("unit", SORTED),
    ),
    "reference": (("type", SORTED), ("id", SORTED)),
    "uri": (("value", SORTED),),
}
# The tree of an index table after site and parameter: what a search looks up first, then rid, so that resources with
# one value are walked in the order of rid, then the rest.
INDEX_KEYS = {
    "string": ("norm", "rid", "item", "exact"),
    "token": ("code", "rid", "item", "system"),
    "date": ("lo", "hi", "rid", "item"),
    "number": ("lo", "hi", "value", "rid", "item"),
    "quantity": ("lo", "hi", "value", "rid", "item", "system", "code", "unit"),
    "reference": ("id", "rid", "item", "type"),
    "uri": ("value", "rid", "item"),
}


def slot_of(rules):
    """The slot of the derived tables that follow these rules."""
    return _SLOT.search(rules)[0]


def next_slot(slot):
    """The slot after this one. None comes again, for who works by the rules of one must not meet other tables there."""
    return f"{SECOND}{int(slot.removeprefix(SECOND) or 2) + 1}" if slot else SECOND


def standing_slots(connection):
    """The slots of which an index table stands, in use or not, the newest last."""
    names, kept = {f"index_{kind}" for kind in INDEX_KEYS}, inspect(connection).get_table_names()
    slots = {slot_of(name) for name in kept if name.removesuffix(slot_of(name)) in names}
    return sorted(slots, key=lambda slot: (len(slot), slot))


def require_free(connection, names):
    """Raise ValueError when one of these names is that of a table or view of something else: it would be dropped."""
    there = inspect(connection)
    taken = {*there.get_table_names(), *there.get_view_names()} & {*names}
    if taken:
        message = f"it holds tables of something else, among them '{min(taken)}'"
        raise ValueError(f"{message}; give the registry a database of its own")


def shorten(value):
    """A text as an index key: itself, or its beginning and a digest, so that equal means equal."""
    if len(value) <= INDEX_TEXT:
        return value
    return value[:INDEX_START] + hashlib.sha256(value.encode()).hexdigest()[: INDEX_TEXT - INDEX_START]


@lru_cache(maxsize=1024)
def number_system(system):
    """The number by which index rows name a code system, 0 for none: they are many, and their URLs long.

    64 bits of a SHA-256: of a million systems no two are likely (1 in 40 million) to have the same.
    """
    if not system:
        return 0
    return int.from_bytes(hashlib.sha256(system.encode()).digest()[:8], signed=True)


def _by_end(kind, slot):
    """Indexes of intervals by their end: of all dates, and of the few numbers that are no points."""
    if kind == "date":
        yield Index(f"index_date_end{slot}", "site", "param", "hi", "rid")
    elif kind in ("number", "quantity"):
        wide = text("lo <> hi")
        yield Index(f"index_{kind}_range{slot}", "site", "param", "hi", sqlite_where=wide, postgresql_where=wide)


def mapped_key(columns):
    """The key of a mapped table with these (name, kind) columns: the rows of a patient lie together, in order of id.

    In a column `patient` of a key "" stands for no patient, and what is longer than an index key is shortened.
    """
    return ("_site", *(["patient"] if ("patient", "text") in columns else []), "_id", "_row")


def index_table(metadata, kind, slot):
    """The table of the index rows of a kind of value in a slot."""
    return Table(
        f"index_{kind}{slot}",
        metadata,
        Column("site", SmallInteger, nullable=False),
        Column("rid", BigInteger, nullable=False),
        Column("param", Integer, nullable=False),
        # Which occurrence of a composite parameter's element the value stands in, from 1; 0 elsewhere.
        Column("item", Integer, nullable=False),
        *(Column(name, type_, nullable=False) for name, type_ in INDEX_COLUMNS[kind]),
        PrimaryKeyConstraint("site", "param", *INDEX_KEYS[kind]),
        # On SQLite they hold the key as well, so that they answer alone.
        Index(f"index_{kind}_rid{slot}", "rid", "param"),
        *_by_end(kind, slot),
        sqlite_with_rowid=False,
    )


def mapped_table(metadata, view, slot):
    """The table of a view's rows in a slot. Raises ContentError for a name that no table can have."""
    problem = None
    if any(f"{view.name}{suffix}" in metadata.tables for suffix in (FIRST, slot)):
        problem = "this name is taken by a table of the store"
    elif slot_of(view.name):
        problem = f"names that end in {SECOND}, or that and a number, are those of tables of other rules"
    elif len(view.name) > NAME:
        problem = f"a name has {NAME} characters at most"
    if problem:
        raise ContentError(view.name, "ViewDefinition.name", problem)
    columns = table_columns(view)
    key = mapped_key(columns)
    table = Table(
        f"{view.name}{slot}",
        metadata,
        # Names that no column of a view can have.
        Column("_site", SmallInteger, nullable=False),
        Column("_rid", BigInteger, nullable=False),
        Column("_id", SORTED, nullable=False),
        Column("_version", Integer, nullable=False),
        Column("_submission", BigInteger, nullable=False),  # that created the resource
        Column("_row", Integer, nullable=False),
        *(Column(name, _KINDS[kind], nullable=name not in key) for name, kind in columns),
        PrimaryKeyConstraint(*key),
        sqlite_with_rowid=False,
    )
    Index(f"{view.name}_rid{slot}", table.c._rid)
    if view.name == "patient":
        linked = {"sqlite_where": text(LINKED), "postgresql_where": text(LINKED)}
        Index(f"{LINKED_INDEX}{slot}", table.c._site, table.c.patient, **linked)
    return table
