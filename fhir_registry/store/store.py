"""Everything the store offers, put together (https://hl7.org/fhir/R4/http.html)."""

import time
from contextlib import contextmanager, suppress

from sqlalchemy import inspect

from ..fhir.errors import FhirError, error
from .analysis import Analyses
from .audit import Audit
from .bulk import Bulk
from .clients import Clients
from .database import Database
from .derived_tables import FIRST
from .history import Histories
from .jobs import Jobs
from .read import Reader
from .rows import Rows
from .search import Search
from .settings import RULES, get_setting
from .site import made_by
from .tables import Tables
from .tombstones import Tombstones
from .wall import EVERYWHERE
from .write import Writer

MILLISECOND = 1000


class Store:
    """The database of a registry: `read` and `write` give transactions, `reader`, `histories` and `search` ask in them.

    clock: function giving microseconds since 1970-01-01.
    """

    def __init__(self, url, content, clock=None):
        self._clock = clock or (lambda: time.time_ns() // 1000)
        self.content_hash = content.hash
        self.rows = Rows(content)
        self.database = Database(url)
        self.views = content.views
        self.on_write = lambda _waited, _held: None  # told of each write how many seconds it waited for others and took
        self.outdated = False  # whether other rules hold by now, so that this process cannot write any more
        self.database.is_outdated = self._is_outdated
        self._making = None  # the site that is written to though it is made of others
        self.use(FIRST, None)

    def use(self, slot, rules):
        """From now on work with the derived tables of this slot, which follow these rules (schema.prepare)."""
        self.rules = rules
        self.tables = Tables(self.views, slot)
        self.bulk = Bulk(self.database, self.tables.fixed | self.tables.derived)
        self.reader = Reader(self.tables)
        self.histories = Histories(self.tables)
        self.search = Search(self.tables, self.now)
        self.analyses = Analyses(self)
        self.jobs = Jobs(self)
        self.clients = Clients(self)
        self.audit = Audit(self)
        self.tombstones = Tombstones(self)

    def now(self):
        """Microseconds since 1970-01-01, whole milliseconds: what a FHIR instant of ours can say."""
        return self._clock() // MILLISECOND * MILLISECOND

    def follows_rules(self, connection):
        """Whether the derived tables still are those of this process; `outdated` once they are not."""
        self.outdated = self.outdated or get_setting(connection, self.tables.setting, RULES) != self.rules
        return not self.outdated

    def look_at_rules(self):
        """Ask the database, after it failed: tables that are not there any more are a sign that other rules hold."""
        with suppress(FhirError), self.ask(EVERYWHERE) as connection:
            self.follows_rules(connection)

    def _is_outdated(self):
        # Asked when a table is not there: when it is that of settings, asking it would come back to here for ever.
        if self.rules is not None:
            with suppress(FhirError), self.ask(EVERYWHERE) as connection:
                if inspect(connection).has_table(self.tables.setting.name):
                    self.follows_rules(connection)
        return self.outdated

    def limit(self, seconds):
        """From now on a transaction may take so many seconds, unless it is told otherwise."""
        self.database.limit(seconds)

    def read(self, site, limited=True):
        """A transaction that reads of a site: a context manager giving a Connection. limited: see Database."""
        return self.database.read(site, limited)

    def ask(self, site):
        """A transaction that reads of a site with one statement: a context manager giving a Connection."""
        return self.database.ask(site)

    @contextmanager
    def write(self, site):
        """A transaction that writes to a site: gives a Writer, commits at the end, rolls back on any error.

        Raises what require_writable raises.
        """
        asked, begun = time.monotonic(), None
        try:
            with self.database.write(site) as connection:
                writer = Writer(self, connection, site)
                self._refuse_made(site, writer.made)
                begun = time.monotonic()
                yield writer
                writer.flush()
        finally:
            if begun:
                self.on_write(begun - asked, time.monotonic() - begun)

    def require_writable(self, site):
        """Raise method-not-allowed for a site that is made of others, before there is anything to write."""
        self._refuse_made(site, made_by(self, site))

    def _refuse_made(self, site, made):
        if made and site != self._making:
            message = "This site is made of others by fhir-registry pseudonymise; write to those, then run it"
            raise error("method-not-allowed", "business-rule", message, headers={"Allow": "GET, HEAD"})

    @contextmanager
    def making(self, site):
        """Until the end a site may be written to, also one that is made of others: by this process, which makes it."""
        self._making = site
        try:
            yield
        finally:
            self._making = None

    def close(self):
        """Give all connections back to the system."""
        self.database.close()
