"""The tables of registered clients, and of what they may not use again (https://datatracker.ietf.org/doc/html/rfc7523#section-3)."""

from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, SmallInteger, Table, Text

MICROSECONDS = BigInteger


class ClientTables(NamedTuple):
    client: Table
    assertion: Table
    revoked_token: Table


def client_tables(metadata):
    """ClientTables in this MetaData."""
    return ClientTables(
        Table(
            "client",
            metadata,
            Column("site", SmallInteger, nullable=False),
            Column("id", Text, primary_key=True),
            Column("name", Text, nullable=False),
            Column("role", Text, nullable=False),
            Column("scopes", Text, nullable=False),  # with spaces between
            Column("jwks", Text),  # JSON; or
            Column("jwks_url", Text),  # where it is
            Column("created", MICROSECONDS, nullable=False),
            Column("revoked", MICROSECONDS),
        ),
        Table(
            "assertion",
            metadata,
            Column("site", SmallInteger, nullable=False),
            Column("client", Text, nullable=False),
            Column("jti", Text, nullable=False),  # SHA-256 of it
            Column("expires", MICROSECONDS, nullable=False),
            PrimaryKeyConstraint("client", "jti"),
            Index("assertion_expires", "expires"),
        ),
        Table(
            "revoked_token",
            metadata,
            Column("site", SmallInteger, nullable=False),
            Column("jti", Text, primary_key=True),
            Column("expires", MICROSECONDS, nullable=False),
        ),
    )
