"""Opening a registry: content, store, clock and ids in one value (https://hl7.org/fhir/R4/http.html)."""

import gc
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..content.registry import Content
from ..core.access import AUDIT, OPEN, Access
from ..core.bundle import uri_names
from ..core.paging import Cursors
from ..core.provenance import Origin
from ..core.validate import Validator
from ..fhir import json
from ..fhir.errors import FhirError, error
from ..store.fitness import require_fit
from ..store.schema import SECRET, keep_setting
from ..store.settings import CONTENT, get_setting, read_keys, set_setting
from ..store.site import DEFAULT, EVERY, add_site, list_sites
from ..store.store import Store
from .import_places import Places
from .lint import lint_content
from .lint_custom import try_custom_measures
from .reindex import open_tables
from .trail import Trail

MAX_ENTRIES = 10_000
_ENVELOPE = frozenset({"Parameters"})  # of operations, never stored


@dataclass(frozen=True)
class Registry:
    """What every walk works on.

    owned: the (type, id) that come from files and that clients cannot write. small_cell: counts of patients below it
    are suppressed in summary reports, 0: none. cursors: the same for all processes on this database. places: where
    imports that are asked for by URL may read. types: those that clients store and find. access: what who asks may do.
    require_reason: whether a correction must say why. origin: who is told of in the Provenance of what is written,
    None: there is none. trail: notes for the audit log, None where none is kept. home: URL with which absolute
    references to resources here begin, whichever the URL under which the client asks (that may have the name of a site
    in it); None where it is not known.
    """

    content: Content
    store: Store
    validator: Validator
    new_id: Callable
    max_entries: int
    uri_names: Callable
    owned: frozenset
    small_cell: int
    cursors: Cursors
    places: Places
    types: frozenset
    access: Access = OPEN
    require_reason: bool = False
    origin: Origin | None = None
    trail: Trail | None = None
    home: str | None = None

    def with_audit_log(self):
        """This Registry where AuditEvents are made from the audit log alone: none that are stored are served."""
        return replace(self, types=self.types - {AUDIT})

    def close(self):
        """Give the database's connections back."""
        self.store.close()


def open_registry(
    database_url,
    content,
    *,
    clock=None,
    new_id=None,
    max_entries=MAX_ENTRIES,
    small_cell=0,
    sites=(DEFAULT,),
    insecure_durability=False,
    report=None,
    may_rebuild=True,
    again=False,
    places=None,
    require_reason=False,
):
    """Open (and at first create) the database and put the content's resources into every site.

    database_url: SQLAlchemy URL of a SQLite file or a PostgreSQL database. content: Content. clock: function giving
    microseconds since 1970-01-01. new_id: function giving a new logical id. small_cell, require_reason: as in
    Registry. sites: names, numbered from 1 in the order in which they are first seen, beside those that there are; ()
    to store no content. insecure_durability: as in require_fit. report, may_rebuild, again: as in open_tables. Raises
    ContentError for content that cannot serve (ops/lint.py) before it touches the database, ValueError for a database
    that is none of ours or not fit to be trusted, FhirError when the database cannot be used.
    """
    validator = Validator(content.definitions, content.profiles, content.value_sets)
    lint_content(content, validator)
    store = Store(database_url, content, clock)
    try:
        require_fit(store.database, insecure_durability)
        open_tables(store, report, may_rebuild, again)
        registry = Registry(
            content,
            store,
            validator,
            new_id or time_ordered_id,
            max_entries,
            uri_names(content.definitions),
            frozenset((resource["resourceType"], resource["id"]) for resource in content.resources),
            small_cell,
            Cursors(keep_setting(store, SECRET, Cursors.new_secret)),
            places or Places(),
            content.definitions.resource_types - _ENVELOPE,
            require_reason=require_reason,
        )
        if not store.outdated:  # the tables of its content are there
            try_custom_measures(registry)
        for name in sites:
            add_site(store, name)
        for number in list_sites(store) if sites else ():
            _publish(registry, number)
    except BaseException:
        store.close()
        raise
    return registry


def check_site_name(name):
    """Raise bad-request for what cannot be the name of a site."""
    if not name.strip() or not name.isprintable():
        raise error("bad-request", "value", "The name of a site is a text that can be printed")
    if "/" in name or name in (".", "..", EVERY):
        message = f"The name of a site stands in URLs: it has no / and is none of . and .. and {EVERY}"
        raise error("bad-request", "value", message)


def make_site(registry, name, made=None):
    """The number of the site with this name, which is made, with the content's resources, when it is new.

    made: as in add_site.
    """
    number = add_site(registry.store, name, made)
    _publish(registry, number)
    return number


def spare_collector():
    """Let Python's cycle collector pass over what is loaded by now, and run seldom: after opening, in a long process.

    A bundle is hundreds of thousands of objects without a cycle, all gone when it is answered. At its usual
    thresholds the collector looks at all of them, and at the whole content, again and again: a fifth of the time.
    """
    gc.collect()
    pass_over()


def pass_over():
    """As spare_collector, without a look at what there is: in a forked process it would copy what both have."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def time_ordered_id():
    """A UUID of version 7 (RFC 9562): what is made together lies together in the indexes."""
    text = f"{time.time_ns() // 1_000_000:012x}7{os.urandom(10).hex()}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{'89ab'[int(text[16], 16) & 3]}{text[17:20]}-{text[20:32]}"


def _publish(registry, site):
    """Store the content's resources in a site, and delete those that the content had before and has no more."""
    store, name = registry.store, f"{CONTENT}{site}"
    setting, reader = store.tables.setting, store.reader
    with store.making(site), store.write(site) as writer:
        state = {"hash": registry.content.hash, "owned": sorted("/".join(key) for key in registry.owned)}
        before = get_setting(writer.connection, setting, name)
        state = json.dumps(state).decode()
        if before == state:
            return
        gone = _owned(before) - registry.owned
        states = reader.states(writer.connection, site, registry.owned | gone)
        for resource in registry.content.resources:
            key = resource["resourceType"], resource["id"]
            writer.put(*key, resource, "PUT", states.get(key))
        for key in gone & states.keys():
            if not states[key].deleted:
                writer.delete(*key, states[key])
        set_setting(writer.connection, setting, name, state)


def _owned(state):
    """{(type, id)} that a setting of content names; none where it cannot be read, and all is stored again."""
    try:
        return {*read_keys(json.parse(state.encode())["owned"])} if state else set()
    except (FhirError, KeyError, TypeError, ValueError):
        return set()
