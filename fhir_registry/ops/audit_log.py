"""Events of reads, failures and operations are stored before they are answered, many in one transaction (https://en.wikipedia.org/wiki/Write-ahead_logging)."""

import logging
import threading
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NotInTime

from ..core.audit import READS, seal
from ..fhir.errors import FhirError, error
from ..store.wall import EVERYWHERE

log = logging.getLogger("fhir_registry")
SECONDS = 10  # that a request waits for its event to be stored
MOST = 1000  # events in one transaction
IDLE = 5  # seconds without an event after which the thread ends: it would hold a registry that nobody uses any more


class AuditLog:
    """Appends to the chain of reads by one thread of this process, so that many who wait share one commit.

    seconds: that somebody waits. The thread is started by an event: a process may fork before the first.
    """

    def __init__(self, store, seconds=SECONDS):
        self._store, self._seconds = store, seconds
        self._changed = threading.Condition()
        self._waiting = []  # (site, Sealed, Future)
        self._thread, self._closed = None, False

    def record(self, site, event):
        """Return when the Event is stored. Raises unavailable (503) when that cannot be done in time.

        It may be stored nevertheless, when the database answered too late: of what was refused there may be an event,
        of what was done there is one.
        """
        stored = Future()
        with self._changed:
            if self._closed:
                raise _unavailable()
            self._waiting.append((site, seal(event, self._store.now()), stored))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            stored.result(self._seconds)
        except NotInTime:
            stored.cancel()
            raise _unavailable() from None
        except CancelledError:
            raise _unavailable() from None

    def close(self):
        """Store what waits, and nothing after it."""
        with self._changed:
            self._closed, thread = True, self._thread
            self._changed.notify()
        if thread:
            thread.join(self._seconds)

    def _run(self):
        while batch := self._next():
            # Who has given up is told that nothing was stored, and as far as it is known here nothing is.
            self._store_and_tell([each for each in batch if each[2].set_running_or_notify_cancel()])

    def _store_and_tell(self, batch):
        """Store events and let those who wait go on: where one site is damaged, those of the others all the same."""
        try:
            self._store_all(batch)
        except Exception as problem:  # whatever it is, somebody waits for it
            sites = {site for site, _, _ in batch}
            if len(sites) == 1 or not _may_be_of_one_site(problem):
                _tell(batch, problem)
                return
            for one in sites:
                self._store_and_tell([each for each in batch if each[0] == one])
        else:
            for _, _, stored in batch:
                stored.set_result(None)

    def _next(self):
        """The next events, as many as there are; none when the thread is to end."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting or self._closed, IDLE):
                self._thread = None
                return []
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            return batch

    def _store_all(self, batch):
        by_site = {}
        for site, sealed, _ in batch:
            by_site.setdefault(site, []).append(sealed)
        if not by_site:
            return
        with self._store.database.write(EVERYWHERE) as connection:
            for site in sorted(by_site):  # in one order, so that no two processes wait for each other
                self._store.audit.append(connection, site, READS, by_site[site])


def _may_be_of_one_site(problem):
    """Not that the database is away, busy or full: then nothing else would be stored, or perhaps all was."""
    return not isinstance(problem, FhirError) or problem.issues[0].code == "exception"


def _tell(batch, problem):
    """Let all who wait raise; each an exception of its own, for each thread adds to its traceback."""
    if not isinstance(problem, FhirError):
        log.error("the audit log cannot be written: %s", type(problem).__name__)
    for _, _, stored in batch:
        stored.set_exception(_unavailable())


def _unavailable():
    message = "This was not done, for it could not be noted in the audit log; try again"
    return error("unavailable", "transient", message, headers={"Retry-After": "5"})
