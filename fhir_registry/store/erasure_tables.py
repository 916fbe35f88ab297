"""The table of what was erased and must not come back (docs/consent.md, https://eur-lex.europa.eu/eli/reg/2016/679/art_17)."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, SmallInteger, Table, Text


def tombstone_table(metadata):
    """The table in this MetaData."""
    return Table(
        "tombstone",
        metadata,
        Column("site", SmallInteger, nullable=False),
        Column("hash", Text, nullable=False),  # of a Type/id, or an identifier of a patient; see store/tombstones.py
        Column("erased", BigInteger, nullable=False),  # microseconds
        Column("reason", Text, nullable=False),  # code of CodeSystem erasure-reason
        PrimaryKeyConstraint("site", "hash"),
        sqlite_with_rowid=False,
    )
