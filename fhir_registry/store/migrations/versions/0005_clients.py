"""Registered clients, the assertions that they have used, and the tokens that were revoked.

(https://alembic.sqlalchemy.org/en/latest/ops.html#alembic.operations.Operations.create_table)
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0005", "0004"


def upgrade():
    """Make the tables of clients."""
    op.create_table(
        "client",
        _column("site", sa.SmallInteger),
        sa.Column("id", sa.Text, primary_key=True),
        _column("name", sa.Text),
        _column("role", sa.Text),
        _column("scopes", sa.Text),
        sa.Column("jwks", sa.Text),
        sa.Column("jwks_url", sa.Text),
        _column("created", sa.BigInteger),
        sa.Column("revoked", sa.BigInteger),
    )
    op.create_table(
        "assertion",
        _column("site", sa.SmallInteger),
        _column("client", sa.Text),
        _column("jti", sa.Text),
        _column("expires", sa.BigInteger),
        sa.PrimaryKeyConstraint("client", "jti"),
    )
    op.create_index("assertion_expires", "assertion", ["expires"])
    op.create_table(
        "revoked_token",
        _column("site", sa.SmallInteger),
        sa.Column("jti", sa.Text, primary_key=True),
        _column("expires", sa.BigInteger),
    )


def _column(name, type_):
    return sa.Column(name, type_, nullable=False)
