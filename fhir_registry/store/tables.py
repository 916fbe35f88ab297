"""The tables: resources, their versions, search indexes, mapped rows (https://hl7.org/fhir/R4/search.html).

Every table starts with `site`. A `rid` numbers a resource; its upper bits are the site (see SITE_BITS), so
that one number names a row, and the rows of a site lie together.
"""

import hashlib

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from ..content.errors import ContentError
from ..core.mapping import table_columns
from .job_tables import job_tables

SITE_BITS = 40  # rid = site << SITE_BITS | n
INDEX_TEXT = 200  # characters of a text in an index key; PostgreSQL allows some 2,700 bytes in all
INDEX_START = 160  # of which these are its beginning when it is longer
# The few patients that a merger knows of, as index and query both write it.
LINKED_INDEX, LINKED = "patient_linked", "(replaced_by IS NOT NULL OR replaces <> '[]')"

# Code-point order on both engines, so that prefixes are ranges.
SORTED = Text().with_variant(Text(collation="C"), "postgresql")
# SQLite numbers its rows with exactly this type; any other name costs a second tree.
RID = BigInteger().with_variant(Integer(), "sqlite")
MICROSECONDS = BigInteger
_KINDS = {"text": SORTED, "integer": BigInteger, "real": Float(53), "boolean": Boolean(create_constraint=False)}

# kind -> value columns in the order of Rows.index
INDEX_COLUMNS = {
    # norm and exact are shortened; whole: the normal form when norm is, else ''
    "string": (("norm", SORTED), ("exact", SORTED), ("whole", SORTED)),
    "token": (("system", SORTED), ("code", SORTED)),
    "date": (("lo", MICROSECONDS), ("hi", MICROSECONDS)),
    "number": (("lo", Float(53)), ("hi", Float(53)), ("value", Float(53))),
    "quantity": (
        ("lo", Float(53)),
        ("hi", Float(53)),
        ("value", Float(53)),
        ("system", SORTED),
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


def shorten(value):
    """A text as an index key: itself, or its beginning and a digest, so that equal means equal."""
    if len(value) <= INDEX_TEXT:
        return value
    return value[:INDEX_START] + hashlib.sha256(value.encode()).hexdigest()[: INDEX_TEXT - INDEX_START]


def _by_end(kind):
    """Indexes of intervals by their end: of all dates, and of the few numbers that are no points."""
    if kind == "date":
        yield Index("index_date_end", "site", "param", "hi", "rid")
    elif kind in ("number", "quantity"):
        wide = text("lo <> hi")
        yield Index(f"index_{kind}_range", "site", "param", "hi", sqlite_where=wide, postgresql_where=wide)


def mapped_key(columns):
    """The key of a mapped table with these (name, kind) columns: the rows of a patient lie together, in order of id.

    In a column `patient` of a key "" stands for no patient, and what is longer than an index key is shortened.
    """
    return ("_site", *(["patient"] if ("patient", "text") in columns else []), "_id", "_row")


class Tables:
    """The tables of one registry; `mapped` has one for each of its views."""

    def __init__(self, views):
        self.metadata = MetaData()
        self.site = Table(
            "site",
            self.metadata,
            Column("site", Integer, primary_key=True, autoincrement=False),
            Column("name", Text, unique=True, nullable=False),
            Column("updated", MICROSECONDS, nullable=False),  # the newest lastUpdated given
            Column("last", BigInteger, nullable=False),  # the newest rid given
            Column("submission", BigInteger, nullable=False),  # the newest write transaction
            Column("rules", Text, nullable=False, server_default=""),  # that its derived rows follow
        )
        self.setting = Table(
            "setting", self.metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False)
        )
        current = text("deleted = 0")
        self.resource = Table(
            "resource",
            self.metadata,
            Column("rid", RID, primary_key=True, autoincrement=False),
            Column("site", SmallInteger, nullable=False),
            Column("type", SORTED, nullable=False),
            Column("id", SORTED, nullable=False),
            Column("version", Integer, nullable=False),
            Column("updated", MICROSECONDS, nullable=False),
            Column("deleted", SmallInteger, nullable=False),
            Column("submission", BigInteger, nullable=False),  # the write transaction that created it
            Index("resource_identity", "site", "type", "id", unique=True),
            *(
                Index(name, "site", "type", *columns, sqlite_where=current, postgresql_where=current)
                for name, *columns in (("resource_type", "rid"), ("resource_updated", "updated", "rid"))
            ),
        )
        self.version = Table(
            "version",
            self.metadata,
            Column("site", SmallInteger, nullable=False),
            Column("rid", BigInteger, nullable=False),
            Column("type", SORTED, nullable=False),
            Column("version", Integer, nullable=False),
            Column("updated", MICROSECONDS, nullable=False),
            Column("method", Text, nullable=False),
            Column("submission", BigInteger, nullable=False),
            Column("body", Text, nullable=False),  # '' when deleted
            PrimaryKeyConstraint("rid", "version"),
            Index("version_history", "site", "type", "updated", "rid"),
        )
        self.submission = Table(
            "submission",
            self.metadata,
            Column("site", SmallInteger, nullable=False),
            Column("hash", Text, nullable=False),
            Column("submission", BigInteger, nullable=False),
            Column("received", MICROSECONDS, nullable=False),
            Column("created", Text, nullable=False),  # JSON array of "Type/id", one for each POST
            PrimaryKeyConstraint("site", "hash"),
            sqlite_with_rowid=False,
        )
        self.change = Table(
            "change",
            self.metadata,
            Column("site", SmallInteger, nullable=False),
            Column("key", SORTED, nullable=False),  # see store/change.py
            Column("submission", BigInteger, nullable=False),  # the newest write transaction that touched it
            PrimaryKeyConstraint("site", "key"),
            Index("change_submission", "site", "submission"),
            sqlite_with_rowid=False,
        )
        self._add_analysis_tables()
        self.jobs = job_tables(self.metadata)
        self.index = {kind: self._index_table(kind) for kind in INDEX_KEYS}
        taken = set(self.metadata.tables)
        self.mapped = {view.name: self._mapped_table(view, taken) for view in views}
        self.view_types = {view.name: view.resource for view in views}

    def _add_analysis_tables(self):
        """What every person answered at a cut-off, and the counts over the answers (store/analysis.py)."""
        self.analysis = Table(
            "analysis",
            self.metadata,
            Column("analysis", Integer, primary_key=True),
            Column("site", SmallInteger, nullable=False),
            Column("study", SORTED, nullable=False),
            Column("start", BigInteger),  # day
            Column("cutoff", BigInteger, nullable=False),  # day
            Column("definition", Text, nullable=False),  # digest of content and code that it follows from
            Column("complete", SmallInteger, nullable=False),  # 1; 0 while it is built, -1 while it is dropped
            Column("submission", BigInteger, nullable=False),  # the newest write transaction that it has seen
            Column("written", MICROSECONDS, nullable=False),
            Column("strays", BigInteger, nullable=False),
            Index("analysis_key", "site", "study", "cutoff"),
            # SQLite would give the number of one that was dropped again, while somebody still works on that.
            sqlite_autoincrement=True,
        )
        self.analysis_tally = Table(
            "analysis_tally",
            self.metadata,
            Column("site", SmallInteger, nullable=False),
            Column("analysis", Integer, nullable=False),
            Column("measure", SORTED, nullable=False),
            Column("tally", Text, nullable=False),  # JSON
            PrimaryKeyConstraint("analysis", "measure"),
        )
        self.analysis_subject = Table(
            "analysis_subject",
            self.metadata,
            Column("site", SmallInteger, nullable=False),
            Column("analysis", Integer, nullable=False),
            Column("measure", SORTED, nullable=False),
            Column("subject", SORTED, nullable=False),  # id of the (surviving) Patient
            Column("state", SORTED, nullable=False),  # analysed, excluded or outside
            Column("reason", SORTED),  # of exclusion
            Column("index_day", BigInteger),
            Column("answer", Text, nullable=False),  # JSON, see endpoints/record.py
            PrimaryKeyConstraint("analysis", "measure", "subject"),
            sqlite_with_rowid=False,
        )
        self.analysis_stray = Table(
            "analysis_stray",
            self.metadata,
            Column("site", SmallInteger, nullable=False),
            Column("analysis", Integer, nullable=False),
            Column("key", SORTED, nullable=False),  # a subject that is no Patient here
            Column("records", Integer, nullable=False),
            PrimaryKeyConstraint("analysis", "key"),
            sqlite_with_rowid=False,
        )
        self.analysis_finding = Table(
            "analysis_finding",
            self.metadata,
            Column("site", SmallInteger, nullable=False),
            Column("analysis", Integer, nullable=False),
            Column("subject", SORTED, nullable=False),
            Column("number", Integer, nullable=False),  # of the findings of the subject
            Column("rule", SORTED, nullable=False),
            Column("severity", SORTED, nullable=False),
            Column("resource", SORTED, nullable=False),
            Column("version", Integer, nullable=False),
            Column("note", Text, nullable=False),
            PrimaryKeyConstraint("analysis", "subject", "number"),
            Index("analysis_finding_rule", "analysis", "rule", "subject"),
            sqlite_with_rowid=False,
        )
        self.analyses = (
            self.analysis,
            self.analysis_tally,
            self.analysis_subject,
            self.analysis_stray,
            self.analysis_finding,
        )

    def _index_table(self, kind):
        return Table(
            f"index_{kind}",
            self.metadata,
            Column("site", SmallInteger, nullable=False),
            Column("rid", BigInteger, nullable=False),
            Column("param", Integer, nullable=False),
            # Which occurrence of a composite parameter's element the value stands in, from 1; 0 elsewhere.
            Column("item", Integer, nullable=False),
            *(Column(name, type_, nullable=False) for name, type_ in INDEX_COLUMNS[kind]),
            PrimaryKeyConstraint("site", "param", *INDEX_KEYS[kind]),
            # On SQLite they hold the key as well, so that they answer alone.
            Index(f"index_{kind}_rid", "rid", "param"),
            *_by_end(kind),
            sqlite_with_rowid=False,
        )

    def _mapped_table(self, view, taken):
        if view.name in taken:
            raise ContentError(view.name, "ViewDefinition.name", "this name is taken by a table of the store")
        columns = table_columns(view)
        key = mapped_key(columns)
        table = Table(
            view.name,
            self.metadata,
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
        Index(f"{view.name}_rid", table.c._rid)
        if view.name == "patient":
            linked = {"sqlite_where": text(LINKED), "postgresql_where": text(LINKED)}
            Index(LINKED_INDEX, table.c._site, table.c.patient, **linked)
        return table
