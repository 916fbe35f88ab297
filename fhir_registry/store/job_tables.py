"""The tables of jobs, their inputs, what they refused, and the processes that do them (https://hl7.org/fhir/R4/async.html)."""

from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

MICROSECONDS = BigInteger


class JobTables(NamedTuple):
    job: Table
    part: Table
    error: Table
    worker: Table


def job_tables(metadata):
    """JobTables in this MetaData."""
    unfinished = text("state IN ('requested', 'in-progress')")
    return JobTables(
        Table(
            "job",
            metadata,
            Column("job", Text, primary_key=True),
            Column("site", SmallInteger, nullable=False),
            Column("kind", Text, nullable=False),
            Column("key", Text),  # of unfinished jobs only one has it
            Column("parameters", Text, nullable=False),  # JSON
            Column("state", Text, nullable=False),  # of a FHIR Task
            Column("attempt", Integer, nullable=False),  # how often it was claimed
            Column("tries", Integer, nullable=False),  # of these, since it last got on
            Column("worker", Text),  # who claimed it last
            Column("submitted", MICROSECONDS, nullable=False),
            Column("due", MICROSECONDS, nullable=False),  # not claimed before
            Column("heartbeat", MICROSECONDS),
            Column("finished", MICROSECONDS),
            Column("done", BigInteger, nullable=False),
            Column("total", BigInteger, nullable=False),  # 0: not known
            Column("checkpoint", Text),  # JSON
            Column("result", Text),  # JSON
            Column("problem", Text),  # JSON, the last one: {"kind", "issue"}
            Index("job_state", "state", "submitted"),
            Index(
                "job_key",
                "site",
                "kind",
                "key",
                unique=True,
                sqlite_where=unfinished,
                postgresql_where=unfinished,
            ),
        ),
        Table(
            "job_part",
            metadata,
            Column("site", SmallInteger, nullable=False),
            Column("job", Text, nullable=False),
            Column("number", Integer, nullable=False),  # from 0
            Column("data", LargeBinary, nullable=False),
            PrimaryKeyConstraint("job", "number"),
        ),
        Table(
            "job_error",
            metadata,
            Column("site", SmallInteger, nullable=False),
            Column("job", Text, nullable=False),
            Column("number", BigInteger, nullable=False),  # from 0
            Column("source", Text, nullable=False),  # file or URL
            Column("line", BigInteger, nullable=False),  # from 1
            Column("issue", Text, nullable=False),  # JSON array of OperationOutcome.issue
            PrimaryKeyConstraint("job", "number"),
        ),
        Table(
            "job_worker",
            metadata,
            Column("worker", Text, primary_key=True),
            Column("seen", MICROSECONDS, nullable=False),
        ),
    )
