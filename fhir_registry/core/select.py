"""The SELECT of a custom measure: what it may read and use, the same on both databases (https://sqlite.org/lang_select.html).

It is compiled by SQLite in an empty database that has nothing but the declared relations.
"""

import re
import sqlite3

# What SQLite and PostgreSQL know by the same name with the same meaning, and what follows from its arguments alone.
FUNCTIONS = frozenset(
    (
        *("abs", "coalesce", "length", "lower", "nullif", "replace", "substr", "trim", "upper"),
        *("avg", "count", "max", "min", "sum"),
        *("cume_dist", "dense_rank", "first_value", "lag", "last_value", "lead", "nth_value", "ntile", "percent_rank"),
        *("rank", "row_number"),
    )
)
_ANSWERS = "answers"
_WORDS = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\"(?P<name>(?:[^\"]|\"\")*)\"")
# Where the two read a text differently: block comments, escapes, other quotes, casts, parameters.
_FOREIGN = re.compile(r"/\*|[\\$`\[\]:?@#;]")


def check_select(select, relations):
    """Names of the columns of a SELECT, in order; relations: {name: names of columns} that it may read.

    Raises ValueError with what is wrong: not one SELECT, another relation, column or function.
    """
    _check_words(select, relations)
    database = sqlite3.connect(":memory:")
    try:
        for name, columns in relations.items():
            listed = ", ".join(quote_name(column) for column in columns)
            database.execute(f"CREATE TEMP TABLE {quote_name(name)} ({listed})")
        # A view holds exactly one SELECT, whatever brackets and semicolons the text has.
        database.execute(f"CREATE TEMP VIEW {_ANSWERS} AS\n{select}\n")
        refused = []
        database.set_authorizer(_authorizer(relations, refused))
        try:
            cursor = database.execute(f"SELECT * FROM {_ANSWERS}")
        except sqlite3.DatabaseError as problem:
            raise ValueError(next(iter(refused), str(problem))) from None
        return [column[0] for column in cursor.description]
    except (sqlite3.Error, sqlite3.Warning) as problem:
        raise ValueError(f"is not one SELECT: {problem}") from None
    finally:
        database.close()


def quote_name(name):
    """A name of SQL in quotes."""
    return '"{}"'.format(name.replace('"', '""'))


def _check_words(select, relations):
    if "\\" in select or (foreign := _FOREIGN.search(_WORDS.sub(" ", select))):
        found = "\\" if "\\" in select else foreign[0]
        raise ValueError(f"'{found}' is not the same in all databases: leave it out")
    known = {*relations, *(column for columns in relations.values() for column in columns)}
    for match in _WORDS.finditer(select):
        # SQLite takes an unknown name in quotes for a text.
        if match["name"] is not None and match["name"] not in known:
            raise ValueError(f'no such column: "{match["name"]}"')


def _authorizer(relations, refused):
    """Allows reading the relations and calling FUNCTIONS, and says in `refused` what was tried beside."""
    readable = {*relations, _ANSWERS}

    def authorize(action, first, second, place, _view):
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION:
            if second.lower() in FUNCTIONS:
                return sqlite3.SQLITE_OK
            refused.append(f"no such function: {second}; known are {', '.join(sorted(FUNCTIONS))}")
        elif action == sqlite3.SQLITE_READ and (place is None or first in readable):
            return sqlite3.SQLITE_OK
        else:
            refused.append(f"no such table: {first}; known are {', '.join(sorted(relations))}")
        return sqlite3.SQLITE_DENY

    return authorize
