"""What a custom measure may read: mapped rows and answers as relations of SQL (https://www.sqlite.org/lang_with.html).

Each is a common table expression in front of the SELECT, restricted to the site and the analysis.
"""

from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Boolean
from sqlalchemy.exc import DBAPIError

from ..core.select import quote_name
from .analysis import Key
from .deadline import limit_postgresql, limit_sqlite
from .failures import describe
from .persons import read_mergers

PERIOD = "period"  # one row: start, cutoff
_OF_ANSWERS = ("patient", "state", "reason", "index_day")
_TYPES = {str: "text", int: "bigint", float: "double precision", bool: "integer"}
_SECONDS = 25  # for one SELECT; less than a writer waits for another (BUSY_SECONDS)


class Answers(NamedTuple):
    """The answers to an endpoint Measure as a relation; columns: as endpoints.record.answer_columns gives them."""

    name: str
    measure: str
    columns: list


class SelectError(Exception):
    """A SELECT that the database refuses, or that takes too long; the message says why."""


def relation_columns(mapped, answers):
    """{name of a relation: names of its columns}.

    mapped: {name of a view: names of its columns}; answers: [Answers]. Raises ValueError for a name that occurs twice.
    """
    relations = {PERIOD: ["start", "cutoff"]}
    told = {each.name: [*_OF_ANSWERS, *(name for name, *_ in each.columns)] for each in answers}
    for name, columns in (*mapped.items(), *told.items()):
        if name in relations:
            raise ValueError(f"two relations are named '{name}'")
        relations[name] = columns
    return relations


def try_select(store, select, answers):
    """Let the database plan a SELECT. Raises SelectError for what it refuses."""
    text = _statement(store, select, answers, Key(0, "", None, 0, ""), 0, None, {})
    with store.read(0) as connection, _read_only(store, connection):
        _execute(connection, f"EXPLAIN {text}").close()


@contextmanager
def selected(store, connection, key, analysis, base, select, answers):
    """The rows of a SELECT in the order of `subject`; at the end of each whether that is no Patient here.

    key, analysis: of store.analysis; base: URL of this server. The connection may be one that writes: while this lasts
    it only reads. Raises SelectError.
    """
    mergers = read_mergers(store, connection, key.site, base)
    text = _statement(store, select, answers, key, analysis.analysis, base, mergers)
    with _read_only(store, connection), _execute(connection, text, stream_results=True) as rows:
        yield rows


def _execute(connection, text, **options):
    # Without parameters a % is nothing special.
    return connection.exec_driver_sql(text, None, {"no_parameters": True, **options})


@contextmanager
def _read_only(store, connection):
    """What is done here cannot write, and ends after _SECONDS."""
    limit = _limited_sqlite if store.database.sqlite else _limited_postgresql
    try:
        with limit(connection):
            yield
    except DBAPIError as problem:
        raise SelectError(describe(problem.orig)) from problem


@contextmanager
def _limited_sqlite(connection):
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA query_only = ON")
    limit_sqlite(connection, _SECONDS)
    try:
        yield
    finally:
        limit_sqlite(connection)
        driver.execute("PRAGMA query_only = OFF")


@contextmanager
def _limited_postgresql(connection):
    # Both settings go back to what they were with the savepoint.
    savepoint = connection.begin_nested()
    try:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SELECT {limit_postgresql(connection, _SECONDS)}")
        yield
    finally:
        savepoint.rollback()


def _statement(store, select, answers, key, analysis, base, mergers):
    start = "CAST(NULL AS bigint)" if key.start is None else key.start
    relations = {
        PERIOD: f"SELECT {start} AS start, {key.cutoff} AS cutoff",
        **{
            name: _mapped_rows(store, name, table, key.site, base, mergers)
            for name, table in store.tables.mapped.items()
        },
        **{each.name: _answers(store, each, analysis) for each in answers},
    }
    if mergers:
        pairs = [(old, survivor) for survivor, members in mergers.items() for old in members[1:]]
        values = ", ".join(f"({_quote(old)}, {_quote(survivor)})" for old, survivor in pairs)
        # No view can have a name that begins so.
        relations = {
            "_merged": f"SELECT column1 AS patient, column2 AS survivor FROM (VALUES {values}) AS pairs"
        } | relations
    head = ", ".join(f"{quote_name(name)} AS ({query})" for name, query in relations.items())
    return (
        f"WITH {head} SELECT answers.*, person.patient IS NULL FROM (\n{select}\n) AS answers "
        "LEFT JOIN patient AS person ON person.patient = answers.subject ORDER BY answers.subject"
    )


def _mapped_rows(store, view, table, site, base, mergers):
    """The rows of a view; `patient` is the surviving Patient's id wherever it can be one, booleans are 0 and 1."""
    columns = []
    for column in table.columns:
        name = quote_name(column.name)
        if column.name == "patient":
            columns.append(f"{_person(f't.{name}', base, mergers)} AS {name}")
        elif isinstance(column.type, Boolean):
            columns.append(f"CAST(t.{name} AS integer) AS {name}")
        elif not column.name.startswith("_"):
            columns.append(f"t.{name}")
    query = f"SELECT {', '.join(columns)} FROM {_table(store, table.name)} AS t WHERE t._site = {site}"
    if view == "patient" and mergers:
        query += " AND t.patient NOT IN (SELECT _merged.patient FROM _merged)"
    return query


def _person(patient, base, mergers):
    if base:
        prefix = f"{base}/Patient/"
        rest = f"substr({patient}, {len(prefix) + 1})"
        patient = f"CASE WHEN substr({patient}, 1, {len(prefix)}) = {_quote(prefix)} THEN {rest} ELSE {patient} END"
    if mergers:
        patient = f"COALESCE((SELECT _merged.survivor FROM _merged WHERE _merged.patient = {patient}), {patient})"
    return patient


def _answers(store, answers, analysis):
    single = [f"{_at(store, path, type_)} AS {quote_name(name)}" for name, path, type_ in answers.columns]
    columns = ["t.subject AS patient", *(f"t.{name}" for name in _OF_ANSWERS[1:]), *single]
    return (
        f"SELECT {', '.join(columns)} FROM {_table(store, 'analysis_subject')} AS t "
        f"WHERE t.analysis = {analysis} AND t.measure = {_quote(answers.measure)} AND t.state <> 'outside'"
    )


def _at(store, path, type_):
    """The value at a path of the answer, of a type that both databases know by this name."""
    if store.database.sqlite:
        value = f"json_extract(t.answer, '${''.join(f'[{step}]' for step in path)}')"
    else:
        value = f"(CAST(t.answer AS jsonb) #>> '{{{','.join(map(str, path))}}}')"
        value = f"CAST({value} AS boolean)" if type_ is bool else value
    return f"CAST({value} AS {_TYPES[type_]})"


def _table(store, name):
    # SQLite takes a relation named as the table for one that reads itself.
    return f"main.{quote_name(name)}" if store.database.sqlite else quote_name(name)


def _quote(text):
    return "'{}'".format(text.replace("'", "''"))
