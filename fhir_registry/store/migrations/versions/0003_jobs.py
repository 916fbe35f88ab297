"""Jobs: work that outlives the process that does it.

(https://alembic.sqlalchemy.org/en/latest/ops.html#alembic.operations.Operations.create_table)
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"

UNFINISHED = sa.text("state IN ('requested', 'in-progress')")


def upgrade():
    """Make the tables of jobs."""
    op.create_table(
        "job",
        sa.Column("job", sa.Text, primary_key=True),
        _column("site", sa.SmallInteger),
        _column("kind", sa.Text),
        sa.Column("key", sa.Text),
        _column("parameters", sa.Text),
        _column("state", sa.Text),
        _column("attempt", sa.Integer),
        _column("tries", sa.Integer),
        sa.Column("worker", sa.Text),
        _column("submitted", sa.BigInteger),
        _column("due", sa.BigInteger),
        sa.Column("heartbeat", sa.BigInteger),
        sa.Column("finished", sa.BigInteger),
        _column("done", sa.BigInteger),
        _column("total", sa.BigInteger),
        sa.Column("checkpoint", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("problem", sa.Text),
    )
    op.create_index("job_state", "job", ["state", "submitted"])
    where = {"sqlite_where": UNFINISHED, "postgresql_where": UNFINISHED}
    op.create_index("job_key", "job", ["site", "kind", "key"], unique=True, **where)
    op.create_table(
        "job_part",
        _column("site", sa.SmallInteger),
        _column("job", sa.Text),
        _column("number", sa.Integer),
        _column("data", sa.LargeBinary),
        sa.PrimaryKeyConstraint("job", "number"),
    )
    op.create_table(
        "job_error",
        _column("site", sa.SmallInteger),
        _column("job", sa.Text),
        _column("number", sa.BigInteger),
        _column("source", sa.Text),
        _column("line", sa.BigInteger),
        _column("issue", sa.Text),
        sa.PrimaryKeyConstraint("job", "number"),
    )
    op.create_table(
        "job_worker",
        sa.Column("worker", sa.Text, primary_key=True),
        _column("seen", sa.BigInteger),
    )


def _column(name, type_):
    return sa.Column(name, type_, nullable=False)
