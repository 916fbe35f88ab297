"""One file a revision, in a line: its number, what it changes, `upgrade` (https://alembic.sqlalchemy.org/en/latest/tutorial.html)."""
