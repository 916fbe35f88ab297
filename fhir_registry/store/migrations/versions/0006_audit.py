"""The audit log: events, the heads of their chains, and whom they are about.

(https://alembic.sqlalchemy.org/en/latest/ops.html#alembic.operations.Operations.create_table)
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0006", "0005"

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade():
    """Make the tables of the audit log."""
    op.create_table(
        "audit",
        _column("site", sa.SmallInteger),
        _column("chain", sa.SmallInteger),
        _column("seq", sa.BigInteger),
        _column("recorded", sa.BigInteger),
        _column("payload", sa.Text),
        _column("private", sa.Text),
        _column("hash", sa.Text),
        sa.PrimaryKeyConstraint("site", "chain", "seq"),
    )
    op.create_index("audit_recorded", "audit", ["site", "recorded", "chain", "seq"])
    op.create_table(
        "audit_head",
        _column("site", sa.SmallInteger),
        _column("chain", sa.SmallInteger),
        _column("seq", sa.BigInteger),
        _column("hash", sa.Text),
        sa.PrimaryKeyConstraint("site", "chain"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_patient",
        _column("site", sa.SmallInteger),
        _column("patient", SORTED),
        _column("chain", sa.SmallInteger),
        _column("seq", sa.BigInteger),
        sa.PrimaryKeyConstraint("site", "patient", "chain", "seq"),
        sqlite_with_rowid=False,
    )


def _column(name, type_):
    return sa.Column(name, type_, nullable=False)
