"""The tables of the audit log (docs/audit.md, https://profiles.ihe.net/ITI/BALP/)."""

from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, SmallInteger, Table, Text

from .derived_tables import MICROSECONDS, SORTED


class AuditTables(NamedTuple):
    event: Table
    head: Table
    patient: Table


def audit_tables(metadata):
    """AuditTables in this MetaData."""
    return AuditTables(
        Table(
            "audit",
            metadata,
            Column("site", SmallInteger, nullable=False),
            Column("chain", SmallInteger, nullable=False),
            Column("seq", BigInteger, nullable=False),  # from 1, without a gap
            Column("recorded", MICROSECONDS, nullable=False),  # as in the payload
            Column("payload", Text, nullable=False),  # JSON, see core/audit.py
            Column("private", Text, nullable=False),  # JSON: what may tell of persons, and can be erased
            Column("hash", Text, nullable=False),
            PrimaryKeyConstraint("site", "chain", "seq"),
            Index("audit_recorded", "site", "recorded", "chain", "seq"),
        ),
        Table(
            "audit_head",  # the last event of each chain: the row that who appends to it takes
            metadata,
            Column("site", SmallInteger, nullable=False),
            Column("chain", SmallInteger, nullable=False),
            Column("seq", BigInteger, nullable=False),
            Column("hash", Text, nullable=False),
            PrimaryKeyConstraint("site", "chain"),
            sqlite_with_rowid=False,
        ),
        Table(
            "audit_patient",  # whom the events are about
            metadata,
            Column("site", SmallInteger, nullable=False),
            Column("patient", SORTED, nullable=False),
            Column("chain", SmallInteger, nullable=False),
            Column("seq", BigInteger, nullable=False),
            PrimaryKeyConstraint("site", "patient", "chain", "seq"),
            sqlite_with_rowid=False,
        ),
    )
