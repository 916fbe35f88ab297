"""What Alembic runs for each command (https://alembic.sqlalchemy.org/en/latest/cookbook.html#connection-sharing)."""

from alembic import context

# The transaction is the caller's: all revisions or none.
context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
