"""The tables of one registry: resources, their versions, analyses, and those of derived_tables.py.

(https://hl7.org/fhir/R4/http.html#versions)

Every table starts with `site`. A `rid` numbers a resource; its upper bits are the site (see SITE_BITS), so
that one number names a row, and the rows of a site lie together. What stands here is made and changed by migrations/.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from .audit_tables import audit_tables
from .bodies import Body
from .client_tables import client_tables
from .derived_tables import FIRST, INDEX_KEYS, MICROSECONDS, SORTED, index_table, mapped_table
from .erasure_tables import tombstone_table
from .job_tables import job_tables

SITE_BITS = 40  # rid = site << SITE_BITS | n
# SQLite numbers its rows with exactly this type; any other name costs a second tree.
RID = BigInteger().with_variant(Integer(), "sqlite")


class Tables:
    """The tables of one registry; those that follow from the resources are those of a slot, by the names of the first.

    index: {kind of value: table}; mapped: {view: table}; derived: {name: table} of both; fixed: {name: table} of all
    others.
    """

    def __init__(self, views, slot=FIRST):
        self.slot = slot
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
            Column("made", Text),  # where it is made of other sites: by which key and purpose (ops/pseudonymise.py)
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
            Column("body", Body, nullable=False),  # '' when deleted
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
        self.clients = client_tables(self.metadata)
        self.audit = audit_tables(self.metadata)
        self.tombstone = tombstone_table(self.metadata)
        self.fixed = dict(self.metadata.tables)
        self.index = {kind: index_table(self.metadata, kind, slot) for kind in INDEX_KEYS}
        self.mapped = {view.name: mapped_table(self.metadata, view, slot) for view in views}
        self.derived = {f"index_{kind}": table for kind, table in self.index.items()} | self.mapped
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
