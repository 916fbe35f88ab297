"""How a database is, in a few cheap questions (https://www.postgresql.org/docs/current/functions-admin.html)."""

import os

from sqlalchemy import func, select, text

from .migrations import kept_revision, revisions


def is_read_only(database, connection):
    """Whether nothing can be written to the database."""
    if database.sqlite:
        return not os.access(database.file, os.W_OK)
    query = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'"
    return connection.execute(text(query)).scalar()


def is_at_head(connection):
    """Whether the fixed tables are those of this release."""
    return kept_revision(connection) == revisions()[-1]


def count_created(store, connection):
    """(resources ever created, write transactions ever committed) of all sites."""
    site = store.tables.site.c
    last = func.sum(site.last.op("&")((1 << 40) - 1))  # the number of a resource without that of its site
    resources, transactions = connection.execute(select(last, func.sum(site.submission))).one()
    return int(resources or 0), int(transactions or 0)
