"""The findings that an analysis keeps: read in order, counted (docs/store.md)."""

from typing import NamedTuple

from sqlalchemy import and_, func, or_, select

from ..endpoints.finding import Finding


class Choice(NamedTuple):
    """Which findings; None: any."""

    rule: str | None = None
    severity: str | None = None
    subject: str | None = None  # Patient id, the surviving one


def read_findings(store, connection, analysis, choice, after=None, limit=None):
    """[((subject, number), Finding)] of an Analysis in this order; `after`: the pair of the last one read."""
    c = store.tables.analysis_finding.c
    query = select(c.subject, c.number, *(c[name] for name in Finding._fields)).where(*_chosen(c, analysis, choice))
    if after is not None:
        subject, number = after
        query = query.where(or_(c.subject > subject, and_(c.subject == subject, c.number > number)))
    rows = connection.execute(query.order_by(c.subject, c.number).limit(limit))
    return [((subject, number), Finding(*finding)) for subject, number, *finding in rows]


def count_findings(store, connection, analysis, choice):
    """[(rule, findings, patients)] of an Analysis, in order of rules."""
    c = store.tables.analysis_finding.c
    counts = select(c.rule, func.count(), func.count(func.distinct(c.subject))).where(*_chosen(c, analysis, choice))
    return [tuple(row) for row in connection.execute(counts.group_by(c.rule).order_by(c.rule))]


def _chosen(columns, analysis, choice):
    wanted = [columns[name] == value for name, value in choice._asdict().items() if value is not None]
    return (columns.analysis == analysis.analysis, *wanted)
