"""All that cannot be made anew, in one file for both databases (docs/operations.md, https://datatracker.ietf.org/doc/html/rfc8878).

The file is a zip archive: manifest.json, and of each table its rows as JSON arrays, a line each, compressed with zstd.
Texts of resources are in it as they are read, so that it needs no dictionary; other bytes are {"base64": text}.
"""

import base64
import hashlib
import zipfile
from contextlib import contextmanager

import orjson
import zstandard
from sqlalchemy import LargeBinary, cast, collate, column, func, inspect, select, table
from sqlalchemy.types import String

from .bodies import unpack
from .migrations import FIRST, RESTORING, is_first, kept_revision, revisions
from .settings import CONTENT, REMOVED
from .tables import Tables
from .tombstones import KEY

FORMAT = 1
MANIFEST = "manifest.json"
ENCRYPTED = 0x1  # of the flags of a zip archive's member
CHUNK = 20  # rows; a body may have 50 MB
PROGRESS = 100  # rows between two words of it
LEVEL = 6
BODY = ("version", "body")
# What SQLite may hold as bytes that are no text.
TEXTS = {"version": ("body",), "audit": ("payload", "private")}
RULES = ("site", "rules")  # which derived rows there are


class BackupError(Exception):
    """A backup cannot be made or used; the message says why and what to do."""


def kept_tables():
    """Names of the tables of a backup, in the order in which they are written."""
    tables = Tables(())
    # The assertions that were used expire within minutes.
    left = {each.name for each in (*tables.analyses, tables.jobs.worker, tables.clients.assertion)}
    return [name for name in tables.fixed if name not in left]


def kept_columns(there, name):
    """Names of the columns of a table that are kept, as an Inspector finds them."""
    names = [each["name"] for each in there.get_columns(name)]
    return [each for each in names if (name, each) != RULES]


def schema_of(connection):
    """The revision of the schema of a database. Raises BackupError when it is none of ours, or of a newer release."""
    try:
        revision = kept_revision(connection) or (FIRST if is_first(connection) else None)
    except ValueError as problem:
        raise BackupError(str(problem)) from None
    if revision is None:
        unfinished = inspect(connection).has_table(RESTORING)
        raise BackupError("a restore of it has not been completed" if unfinished else "it holds no registry")
    if revision not in revisions():
        raise BackupError(f"a newer release of this program made it (revision {revision}); use that release")
    return revision


def write_backup(connection, file, about, progress=None):
    """Write a backup of what a read transaction sees; returns its manifest.

    file: binary, open for writing. about: what else the manifest tells. progress: function of (rows done, all).
    """
    there = inspect(connection)
    names = [name for name in kept_tables() if there.has_table(name)]
    tables = {name: _rows(there, name) for name in names}
    total = sum(
        connection.execute(select(func.count()).select_from(rows.subquery())).scalar() for rows in tables.values()
    )
    done, described = 0, {}
    with zipfile.ZipFile(file, "w") as archive:
        for name, query in tables.items():
            digest, rows = hashlib.sha256(), 0
            with archive.open(_member(name), "w", force_zip64=True) as member, _packing(member) as packed:
                for line in _lines(connection, there, name, query):
                    digest.update(line)
                    packed.write(line)
                    rows, done = rows + 1, done + 1
                    if progress and (done % PROGRESS == 0 or done == total):
                        progress(done, total)
            columns = query.selected_columns.keys()
            described[name] = {"columns": columns, "rows": rows, "sha256": digest.hexdigest()}
        manifest = {"format": FORMAT, **about, "schema": schema_of(connection), "tables": described}
        archive.writestr(MANIFEST, orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return manifest


def read_manifest(archive):
    """The manifest of a backup that this release can use. Raises BackupError."""
    try:
        manifest = orjson.loads(archive.read(MANIFEST))
        version, schema = manifest["format"], manifest["schema"]
        known = [(each["columns"], each["rows"], each["sha256"]) for each in manifest["tables"].values()]
    except (KeyError, TypeError, AttributeError, ValueError):
        raise BackupError("it is no backup of this program") from None
    if version != FORMAT or schema not in revisions() or not known:
        message = f"a newer release of this program made it (format {version}, revision {schema})"
        raise BackupError(f"{message}; use that release")
    return manifest


@contextmanager
def open_backup(file):
    """The zip archive of a backup. Raises BackupError for a file that is none, or not complete."""
    try:
        with zipfile.ZipFile(file) as archive:
            if any(each.compress_type != zipfile.ZIP_STORED or each.flag_bits & ENCRYPTED for each in archive.filelist):
                raise zipfile.BadZipFile("its directory is damaged")
            yield archive
    except (zipfile.BadZipFile, NotImplementedError) as problem:
        raise BackupError(f"it is no complete backup ({problem}); take another copy of it") from None


def read_rows(archive, manifest, name):
    """Yield the rows of a table as lists, as they were written.

    Raises BackupError when these are not the rows that were written; that is known at the end.
    """
    told, digest, rows = manifest["tables"][name], hashlib.sha256(), 0
    try:
        with archive.open(_member(name)) as member, zstandard.ZstdDecompressor().stream_reader(member) as packed:
            for line in _split(packed, digest):
                rows += 1
                yield [_decode(value) for value in orjson.loads(line)]
    except (KeyError, ValueError, OSError, zstandard.ZstdError):
        raise _damaged(name) from None
    if (rows, digest.hexdigest()) != (told["rows"], told["sha256"]):
        raise _damaged(name)


def _damaged(name):
    return BackupError(f"its table '{name}' is damaged; take another copy of it, or an older backup")


def _member(name):
    return f"{name}.ndjson.zst"


def _packing(member):
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).stream_writer(member, closefd=False)


def _rows(there, name):
    """A query for what is kept of a table, as the database has it, whatever its release."""
    each = table(name, *map(column, kept_columns(there, name)))
    match name:
        case "version" | "audit" if there.dialect.name == "sqlite":  # bytes, be they no text any more
            texts = TEXTS[name]
            return select(*(cast(c, LargeBinary).label(c.name) if c.name in texts else c for c in each.c))
        case "setting":  # others are secrets, or derived
            kept = each.c.name.startswith(CONTENT) | each.c.name.startswith(REMOVED) | (each.c.name == KEY)
            return select(each).where(kept)
        case "job":  # of tables that are made anew anyway
            return select(each).where(each.c.kind != "reindex")
    return select(each)


def _lines(connection, there, name, query):
    """Yield rows as lines, in the order of the primary key, which is the same in both databases."""
    columns = query.selected_columns
    texts = {each["name"] for each in there.get_columns(name) if isinstance(each["type"], String)}
    fold = connection.dialect.name == "postgresql"
    key = there.get_pk_constraint(name)["constrained_columns"]
    query = query.order_by(*(collate(columns[each], "C") if fold and each in texts else columns[each] for each in key))
    bodies = [columns.keys().index(each) for each in TEXTS.get(name, ())]
    result = connection.execution_options(stream_results=True, max_row_buffer=CHUNK).execute(query)
    while rows := result.fetchmany(1 if name == "job_part" else CHUNK):
        for row in map(list, rows):
            for body in bodies:
                row[body] = _readable(row[body])
            yield orjson.dumps(row, default=_encode, option=orjson.OPT_APPEND_NEWLINE)


def _readable(stored):
    """The text that is stored; what is damaged stays as it is, for a backup is not the time to lose it."""
    try:
        return stored if type(stored) is str else unpack(stored).decode()
    except ValueError:
        return stored


def _encode(value):
    return {"base64": base64.b64encode(value).decode()}


def _decode(value):
    return base64.b64decode(value["base64"]) if type(value) is dict else value


def _split(packed, digest):
    """The lines of a stream; all bytes go through the digest."""
    rest = b""
    while read := packed.read(1 << 20):
        digest.update(read)
        *lines, rest = (rest + read).split(b"\n")
        yield from lines
    if rest:
        raise ValueError("the last line is not complete")
