"""What the database does to us becomes an answer (https://www.postgresql.org/docs/current/errcodes-appendix.html, https://sqlite.org/rescode.html)."""

import logging

from sqlalchemy.exc import DBAPIError

from ..fhir.errors import error

log = logging.getLogger("fhir_registry")
# What SQLite says when a statement is beyond its limits (https://sqlite.org/limits.html); it has no code of its own.
_BEYOND_LIMITS = (
    "Expression tree is too large",
    "parser stack overflow",
    "too many SQL variables",
    "pattern too complex",
)
_told = []  # the first table that was replaced
# kind of error, issue code, seconds to wait, message
GONE = ("unavailable", "transient", 5, "The database cannot be used at the moment; try again")
BUSY = ("unavailable", "lock-error", 5, "The database is busy with others; try again")
_LOST = "The database was lost while it stored this, so that nobody knows whether it did; ask, or send the same again"
_FULL = ("insufficient-storage", "no-store", 60, "The database has no space left; nothing was stored, try again later")
_READ_ONLY = ("unavailable", "no-store", 60, "The database takes no writes at the moment; try again later")
# By the code of the driver, or its first letters.
_ANSWERS = {
    "SQLITE_FULL": _FULL,
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_": GONE,
    "08": GONE,  # connection exception
    "25006": _READ_ONLY,  # read_only_sql_transaction
    "25P03": GONE,  # idle_in_transaction_session_timeout: this process stood still
    "25P04": GONE,  # transaction_timeout, which an administrator may have set
    "40": BUSY,  # serialization failure, deadlock; docs/store.md says why there are none
    "42501": _READ_ONLY,  # insufficient_privilege: also of PostgreSQL itself, over its files
    "42P01": GONE,  # undefined_table: other rules hold now, and the tables of those of this process are dropped
    "53": GONE,  # insufficient resources: too many connections, out of memory
    "53100": _FULL,  # disk_full
    "55P03": BUSY,  # lock_not_available, after lock_timeout
    "57": GONE,  # the server stops or starts
    "58": GONE,  # its disk fails
    "XX": GONE,  # what it keeps is damaged
}

# What a driver says when it cannot open a database: what to do.
_ADVICE = {
    "Connection refused": "start it, or correct host and port",
    "No such file or directory": "start it, or correct the folder of its socket",
    "resolve host": "correct the host",
    "timeout expired": "correct host and port, or let the network through",
    "starting up": "wait until it is up",
    "password authentication failed": "correct user and password",
    "no password supplied": "put a password into the URL, or into the file .pgpass",
    "no pg_hba.conf entry": "let it accept this user from this machine, in pg_hba.conf",
    "permission denied": "let this user in: GRANT CONNECT ON DATABASE NAME TO USER",
    "role ": "create the user with createuser, or name another",
    "database ": "create it: createdb --encoding=UTF8 --template=template0 NAME",
    "too many clients": "raise max_connections",
    "unable to open database file": "let this user write the file and its folder",
    "file is not a database": "name another file; this one is something else",
    "disk image is malformed": "restore a backup; the file is damaged",
    "disk is full": "make room",
    "disk I/O error": "look at the disk",
}


def advise(problem):
    """What an administrator can do about what a driver said on opening: `; start it`; nothing for what is not known."""
    return next((f"; {advice}" for words, advice in _ADVICE.items() if words in problem), "")


_OF_THE_WALL = (
    "ExecWithCheckOptions"  # where PostgreSQL refuses a row of another site: its text depends on the language
)


def answer(how):
    """The FhirError of an answer."""
    kind, issue, seconds, message = how
    return error(kind, issue, message, headers={"Retry-After": str(seconds)})


def answer_failure(problem, driver, commits, is_outdated):
    """The FhirError for what a driver raised, and one line in the log without any data; None when it is our mistake.

    commits: whether it did so while it committed. is_outdated: function; whether other rules hold by now.
    """
    cause = getattr(problem, "orig", None) or problem
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    if code == "42501" and getattr(cause, "diag", None) and cause.diag.source_function == _OF_THE_WALL:
        return None
    found = next((_ANSWERS[code[:n]] for n in range(len(code or ""), 1, -1) if code[:n] in _ANSWERS), None)
    # DatabaseError itself is SQLite's word for a file that is none of its own, or damaged; without a code there was
    # no server to give one.
    unusable = (
        isinstance(cause, (driver.OperationalError, driver.InterfaceError)) or type(cause) is driver.DatabaseError
    )
    if not unusable and (found is None or (code or "").startswith("SQLITE_")):
        return None
    if code == "42P01" or "no such table" in str(cause):
        _tell_of_table(describe(cause), is_outdated())
    else:
        log.error("the database cannot be used: %s", describe(cause))
    how = found or GONE
    return answer((*how[:3], _LOST) if commits and how is GONE else how)


def _tell_of_table(problem, outdated):
    """A table is not there: told once a process when it was replaced, for all requests on their way meet it."""
    if not outdated:
        log.error("a table is not there: %s; fhir-registry fsck tells what is lost", problem)
    elif not _told:
        _told.append(problem)
        log.warning("a table is not there: %s; other rules hold by now, this process is to be started anew", problem)


def describe(problem):
    """The first line of what a driver says, with its code; the lines after it may quote data."""
    code = getattr(problem, "sqlstate", None) or getattr(problem, "sqlite_errorname", None) or type(problem).__name__
    return f"{(str(problem).splitlines() or [''])[0]} ({code})"


def refuse_too_costly(problem):
    """Raise bad-request when what the driver says is that a statement was beyond its limits."""
    cause = getattr(problem, "orig", problem) if isinstance(problem, DBAPIError) else problem
    # Of PostgreSQL class 54, program limit exceeded.
    if (getattr(cause, "sqlstate", None) or "").startswith("54") or any(w in str(cause) for w in _BEYOND_LIMITS):
        message = "This search is more than the database can do; fewer values or shorter chains cost less"
        raise error("bad-request", "too-costly", message) from problem
