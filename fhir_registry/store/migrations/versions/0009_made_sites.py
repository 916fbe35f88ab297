"""A site may be made of others: it says by which key and purpose.

(https://alembic.sqlalchemy.org/en/latest/ops.html#alembic.operations.Operations.add_column)
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0009", "0008"


def upgrade():
    """None of those that are there is."""
    op.add_column("site", sa.Column("made", sa.Text))
