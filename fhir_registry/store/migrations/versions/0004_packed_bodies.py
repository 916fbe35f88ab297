"""Texts of resources are bytes, so that they can be packed; those that are there stay as they are.

(https://www.postgresql.org/docs/current/storage-toast.html)
"""

from alembic import op

revision, down_revision = "0004", "0003"


def upgrade():
    """On SQLite a column takes bytes whatever its type."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE version ALTER COLUMN body TYPE bytea USING convert_to(body, 'UTF8')")
        # What is packed already is not worth another attempt.
        op.execute("ALTER TABLE version ALTER COLUMN body SET STORAGE EXTERNAL")
