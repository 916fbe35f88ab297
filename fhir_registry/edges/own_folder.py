"""Folders for the temporary files of one server, which a later one clears when it was killed (https://man7.org/linux/man-pages/man2/flock.2.html)."""

import errno
import fcntl
import logging
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from fhir_registry.fhir.errors import error

log = logging.getLogger("fhir_registry")
PREFIX = "fhir-registry-serve-"
_UNLOCKED = "fhir-registry-new-"  # begins the name until the folder is locked
# No room, or no folder to write to.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOENT, errno.EROFS, errno.EACCES}
_AS_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@contextmanager
def own_folder(parent=None):
    """A new folder, gone when the block ends. parent: where, by default as the system says.

    Those in the same place that processes of this user left there when they were killed are deleted. A folder is locked
    as long as its process runs; the number of a process may be that of another by now, or of another container.
    """
    parent = Path(parent or tempfile.gettempdir())
    _clear(parent)
    made = Path(tempfile.mkdtemp(prefix=_UNLOCKED, dir=parent))
    descriptor = os.open(made, _AS_FOLDER)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        folder = made.rename(made.with_name(PREFIX + made.name.removeprefix(_UNLOCKED)))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def _clear(parent):
    for path in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # it is no folder, its process runs, or another clears it
            descriptor = os.open(path, _AS_FOLDER)
            try:
                if os.fstat(descriptor).st_uid == os.geteuid():
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(descriptor)


def no_room(problem):
    """The FhirError for an answer that an OSError kept from being written to a temporary file; the log is told.

    Any other OSError is given back as it is.
    """
    if problem.errno not in _NO_ROOM:
        return problem
    log.error("an answer could not be kept in the folder for temporary files: %s", problem.strerror)
    message = "The server has no room for so large an answer; ask for less, or later. What was to be stored is stored"
    return error("insufficient-storage", "no-store", message, headers={"Retry-After": "60"})
