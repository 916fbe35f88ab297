"""What was erased and must not come back.

(https://alembic.sqlalchemy.org/en/latest/ops.html#alembic.operations.Operations.create_table)
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0008", "0007"


def upgrade():
    """Make the table of tombstones."""
    op.create_table(
        "tombstone",
        sa.Column("site", sa.SmallInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("erased", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("site", "hash"),
        sqlite_with_rowid=False,
    )
