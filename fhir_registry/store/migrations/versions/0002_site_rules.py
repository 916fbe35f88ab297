"""Each site names the rules that its derived rows follow, so that a writer reads them with the row that it locks.

(https://alembic.sqlalchemy.org/en/latest/ops.html#alembic.operations.Operations.add_column)
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade():
    """Take over what the setting "rules" says of all of them."""
    op.add_column("site", sa.Column("rules", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE site SET rules = COALESCE((SELECT value FROM setting WHERE name = 'rules'), '')")
