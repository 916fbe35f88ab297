"""What is kept of analyses, as it is compared with what is derived anew (docs/operations.md)."""

from collections import defaultdict

from sqlalchemy import func, select

from ..endpoints.record import Record
from .analysis import COMPLETE, STATES, Key
from .check import Finding
from .check_tables import newest_submissions
from .repair import REPAIR

_RECORD = ("state", "reason", "index_day", "answer")
_FINDING = ("rule", "severity", "resource", "version", "note")


def check_analyses(store, connection):
    """Yield Findings about analyses that have seen more than there is, and about rows of none."""
    tables, newest = store.tables, newest_submissions(store, connection)
    c = tables.analysis.c
    known = set()
    for number, site, complete, submission in connection.execute(select(c.analysis, c.site, c.complete, c.submission)):
        known.add(number)
        if complete not in STATES:
            yield Finding("analysis", str(number), f"{complete} is no state", REPAIR, ("analysis", site, number))
        if submission > newest.get(site, 0):
            problem = f"it has seen submission {submission}, which was never given"
            yield Finding("analysis", str(number), problem, REPAIR, ("analysis", site, number))
    for table in tables.analyses[1:]:
        last = -1
        while (last := connection.execute(_next_analysis(table, last)).scalar()) is not None:
            if last not in known:
                yield Finding(table.name, f"analysis {last}", "its rows are of none", REPAIR, ("analysis", 0, last))


def kept_analyses(store, connection):
    """[(number, Key)] of the complete analyses."""
    c = store.tables.analysis.c
    columns = [c.analysis, c.site, c.study, c.start, c.cutoff, c.definition]
    rows = connection.execute(select(*columns).where(c.complete == COMPLETE).order_by(c.analysis))
    return [(number, Key(*key)) for number, *key in rows]


def kept_answers(store, connection, analysis, measures, after, until):
    """({subject: {measure: Record}}, {subject: [values of a finding]}) with after < subject <= until."""
    records, findings = defaultdict(dict), defaultdict(list)
    c = store.tables.analysis_subject.c
    query = _in_range(select(c.subject, *(c[name] for name in _RECORD)), c, analysis, after, until)
    for measure in measures:
        for subject, *record in connection.execute(query.where(c.measure == measure)):
            records[subject][measure] = Record(*record)
    c = store.tables.analysis_finding.c
    query = _in_range(select(c.subject, *(c[name] for name in _FINDING)), c, analysis, after, until)
    for subject, *finding in connection.execute(query.order_by(c.subject, c.number)):
        findings[subject].append(tuple(finding))
    return records, findings


def kept_tally(store, connection, analysis, measure):
    """The text of a Tally, None when there is none."""
    c = store.tables.analysis_tally.c
    query = select(c.tally).where(c.analysis == analysis.analysis, c.measure == measure)
    return connection.execute(query).scalar()


def kept_records(store, connection, analysis, measure):
    """Yield every Record of a measure."""
    c = store.tables.analysis_subject.c
    query = select(*(c[name] for name in _RECORD)).where(c.analysis == analysis.analysis, c.measure == measure)
    with connection.execution_options(stream_results=True).execute(query) as rows:
        for row in rows:
            yield Record(*row)


def kept_strays(store, connection, analysis):
    """{subject that is no Patient here: records}."""
    c = store.tables.analysis_stray.c
    return dict(connection.execute(select(c.key, c.records).where(c.analysis == analysis.analysis)).all())


def _in_range(query, columns, analysis, after, until):
    query = query.where(columns.analysis == analysis.analysis)
    if after is not None:
        query = query.where(columns.subject > after)
    return query if until is None else query.where(columns.subject <= until)


def _next_analysis(table, last):
    return select(func.min(table.c.analysis)).where(table.c.analysis > last)
