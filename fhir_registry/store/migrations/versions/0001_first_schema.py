"""The tables of the first schema, from before revisions were kept.

(https://alembic.sqlalchemy.org/en/latest/ops.html#alembic.operations.Operations.create_table)
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CURRENT = sa.text("deleted = 0")


def upgrade():
    """Make all tables but those that follow from the content."""
    op.create_table(
        "site",
        _column("site", sa.Integer, primary_key=True, autoincrement=False),
        _column("name", sa.Text, unique=True),
        _column("updated", sa.BigInteger),
        _column("last", sa.BigInteger),
        _column("submission", sa.BigInteger),
    )
    op.create_table("setting", sa.Column("name", sa.Text, primary_key=True), _column("value", sa.Text))
    op.create_table(
        "resource",
        sa.Column("rid", NUMBER, primary_key=True, autoincrement=False),
        _column("site", sa.SmallInteger),
        _column("type", SORTED),
        _column("id", SORTED),
        _column("version", sa.Integer),
        _column("updated", sa.BigInteger),
        _column("deleted", sa.SmallInteger),
        _column("submission", sa.BigInteger),
    )
    op.create_index("resource_identity", "resource", ["site", "type", "id"], unique=True)
    for name, *columns in (("resource_type", "rid"), ("resource_updated", "updated", "rid")):
        where = {"sqlite_where": CURRENT, "postgresql_where": CURRENT}
        op.create_index(name, "resource", ["site", "type", *columns], **where)
    op.create_table(
        "version",
        _column("site", sa.SmallInteger),
        _column("rid", sa.BigInteger),
        _column("type", SORTED),
        _column("version", sa.Integer),
        _column("updated", sa.BigInteger),
        _column("method", sa.Text),
        _column("submission", sa.BigInteger),
        _column("body", sa.Text),
        sa.PrimaryKeyConstraint("rid", "version"),
    )
    op.create_index("version_history", "version", ["site", "type", "updated", "rid"])
    op.create_table(
        "submission",
        _column("site", sa.SmallInteger),
        _column("hash", sa.Text),
        _column("submission", sa.BigInteger),
        _column("received", sa.BigInteger),
        _column("created", sa.Text),
        sa.PrimaryKeyConstraint("site", "hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "change",
        _column("site", sa.SmallInteger),
        _column("key", SORTED),
        _column("submission", sa.BigInteger),
        sa.PrimaryKeyConstraint("site", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("change_submission", "change", ["site", "submission"])
    _make_analyses()


def _make_analyses():
    op.create_table(
        "analysis",
        _column("analysis", sa.Integer, primary_key=True),
        _column("site", sa.SmallInteger),
        _column("study", SORTED),
        sa.Column("start", sa.BigInteger),
        _column("cutoff", sa.BigInteger),
        _column("definition", sa.Text),
        _column("complete", sa.SmallInteger),
        _column("submission", sa.BigInteger),
        _column("written", sa.BigInteger),
        _column("strays", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index("analysis_key", "analysis", ["site", "study", "cutoff"])
    op.create_table(
        "analysis_tally",
        _column("site", sa.SmallInteger),
        _column("analysis", sa.Integer),
        _column("measure", SORTED),
        _column("tally", sa.Text),
        sa.PrimaryKeyConstraint("analysis", "measure"),
    )
    op.create_table(
        "analysis_subject",
        _column("site", sa.SmallInteger),
        _column("analysis", sa.Integer),
        _column("measure", SORTED),
        _column("subject", SORTED),
        _column("state", SORTED),
        sa.Column("reason", SORTED),
        sa.Column("index_day", sa.BigInteger),
        _column("answer", sa.Text),
        sa.PrimaryKeyConstraint("analysis", "measure", "subject"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "analysis_stray",
        _column("site", sa.SmallInteger),
        _column("analysis", sa.Integer),
        _column("key", SORTED),
        _column("records", sa.Integer),
        sa.PrimaryKeyConstraint("analysis", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "analysis_finding",
        _column("site", sa.SmallInteger),
        _column("analysis", sa.Integer),
        _column("subject", SORTED),
        _column("number", sa.Integer),
        _column("rule", SORTED),
        _column("severity", SORTED),
        _column("resource", SORTED),
        _column("version", sa.Integer),
        _column("note", sa.Text),
        sa.PrimaryKeyConstraint("analysis", "subject", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("analysis_finding_rule", "analysis_finding", ["analysis", "rule", "subject"])


def _column(name, type_, **options):
    return sa.Column(name, type_, nullable=False, **options)
