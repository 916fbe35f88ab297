"""A backup beside servers that write, and back into an empty database (docs/operations.md, https://sqlite.org/isolation.html)."""

import os
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

import fhir_registry

from ..fhir.dates import instant_literal
from ..store.audit import Audit
from ..store.backup import BackupError, open_backup, read_manifest, schema_of, write_backup
from ..store.bare import bare
from ..store.bodies import learn_dictionaries
from ..store.database import Database
from ..store.restore import begin_restore, load, verify
from ..store.tables import Tables
from ..store.wall import EVERYWHERE

__all__ = ["BackupError", "back_up", "is_logged", "restore"]


def back_up(url, path, force=False, progress=None, event=None):
    """Write a backup of the database at a URL to a file, which is there when it is complete; returns its manifest.

    It is of one moment; others may write meanwhile. force: replace a file that is there. progress: function of (rows
    done, all). event: for the audit log, which has it before the file is there. Raises BackupError, and FhirError when
    the database cannot be used.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        raise BackupError("it is no file; name one")  # a device or a folder is nothing to replace
    if path.exists() and not force:
        raise BackupError("it is there already; name another file, or add --force")
    about = {"program": fhir_registry.__version__, "taken": instant_literal(time.time_ns() // 1000)}
    with closing(_open(url)) as database:
        # Only its owner may read it: it holds patients.
        file, part = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".part")
        try:
            with os.fdopen(file, "wb") as file, database.read(EVERYWHERE) as connection:
                schema_of(connection)
                learn_dictionaries(connection, Tables(()).setting)
                manifest = write_backup(connection, file, about, progress)
                file.flush()
                os.fsync(file.fileno())
            if event and is_logged(manifest):
                count = manifest["tables"]["resource"]["rows"]
                Audit(bare(database)).record(event._replace(count=count, reason=f"backup as of {manifest['taken']}"))
            _publish(part, path, force)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(part)
    return manifest


def is_logged(manifest):
    """Whether the database of a backup has an audit log: that of an older release has none."""
    return "audit" in manifest["tables"]


def restore(url, path, progress=None):
    """Load a backup into the empty database at a URL; returns its manifest. Who opens it then makes what is derived.

    All of the file is read and compared with its digests before anything is written. The rows go in in one
    transaction: when this process is killed they are not there, and who opens the database is told so. progress:
    function of (what, rows done, all). Raises BackupError, and FhirError when the database cannot be used.
    """
    told = progress or (lambda *_: None)
    with open(path, "rb") as file, open_backup(file) as archive, closing(_open(url)) as database:
        manifest = read_manifest(archive)
        verify(archive, manifest, lambda *done: told("verifying", *done))
        begin_restore(database)
        load(database, archive, manifest, lambda *done: told("loading", *done))
    return manifest


def _open(url):
    try:
        return Database(url)
    except ValueError as problem:
        raise BackupError(str(problem)) from None


def _publish(part, path, force):
    """Give a complete file its name; without `force` only when no other has it."""
    if force:
        os.replace(part, path)
    else:
        try:
            os.link(part, path)
        except FileExistsError:
            raise BackupError("it is there already; name another file, or add --force") from None
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
