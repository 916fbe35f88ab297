"""A site is made of others, told so that it does not say whose they are (docs/deidentification.md).

(https://hl7.org/fhir/R4/secpriv-module.html#deId)
"""

import os
from collections import Counter, defaultdict
from dataclasses import replace
from operator import itemgetter
from typing import NamedTuple

from ..core.audit import WRITES, seal
from ..core.pseudonyms import Pseudonyms
from ..fhir import json
from ..store import erase as rows
from ..store.current import count_current, read_current
from ..store.exclusive import alone
from ..store.made import drop_past, not_among
from ..store.purge import overwrite_deleted
from ..store.site import made_by, name_sites
from ..store.wall import EVERYWHERE
from .deidentify import Deidentifier
from .erase_jobs import drop_jobs
from .erase_scope import Scope
from .export import PROGRESS, sort_by_pseudonym
from .import_units import Unit
from .importing import import_units
from .linkage import as_one, find_persons, of_several, share_withdrawals
from .open import check_site_name, make_site
from .own_file import open_own
from .trail import Trail


class PseudonymiseError(Exception):
    """What was asked for cannot be done; the message says why and what to do."""


class Made(NamedTuple):
    """counts: Counter of resources that were created, updated, unchanged or removed.

    left_out: Counter of (type, reason). sources: names of sites. classes: Counter of persons by core.anonymity.Class.
    """

    counts: Counter
    left_out: Counter
    sources: list
    classes: Counter


def pseudonymise(registry, into, sources, disguise, folder, event=None, progress=None):
    """Bring the site `into` to what its sources hold at this moment; it is made when it is new.

    into, sources: names; sources: () for all that are not made themselves. disguise: (key, purpose, systems of linkage,
    base) as a Deidentifier takes them. folder: an empty one for what is told, until it is stored. event: for the audit
    log. progress: function of (text, resources done, all). What is told no more goes first, and with all versions, for
    nobody can tell whether it was erased. Raises PseudonymiseError, also when all is stored and somebody was erased
    meanwhile; FhirError: 409 while another process does this.
    """
    check_site_name(into)
    with alone_at(registry.store, into):
        return _make(registry, into, sources, disguise, folder, event, progress)


def alone_at(store, name):
    """Until the block ends no other process makes or removes the site with this name. Raises conflict when one does."""
    message = f"Another fhir-registry pseudonymise is at work on {name}; wait until it has ended, then run this again"
    return alone(store.database, f"site {name}", message)


def _make(registry, into, sources, disguise, folder, event, progress):
    key, purpose, linked, _ = disguise
    store, by_what = registry.store, Pseudonyms(key, purpose, into).of("site", *sorted({*linked}))
    sites = _check(store, into, sources, by_what)
    with store.read(EVERYWHERE, limited=False) as connection:
        erased = store.tombstones.count(connection, sites)
        telling = _Telling(registry, connection, sites, disguise, progress)
        told = telling.write(folder)
    if event:
        event = event._replace(reason=f"pseudonymised into {into}, purpose {purpose}")
        _record_sources(store, telling.counts, event)
    number = make_site(registry, into, by_what)
    with store.making(number):
        counts = Counter(removed=_remove(registry, number, told, event))
        counts += _store(registry, number, folder, told, event, progress)
    with store.ask(EVERYWHERE) as connection:
        if store.tombstones.count(connection, sites) != erased:
            message = f"Somebody was erased while this run was at work, of whom {into} may tell by now"
            raise PseudonymiseError(f"{message}; run it again, which takes out all of him")
    left_out = sum((teller.left_out for teller in telling.tellers.values()), telling.left_out)
    return Made(counts, left_out, [*sites.values()], telling.anonymity.classes())


def _check(store, into, sources, by_what):
    """{number: name} of the sources. Raises PseudonymiseError."""
    every, own = name_sites(store), name_sites(store, also_made=False)
    if not own:
        raise PseudonymiseError("there is no site to make it of; start the server once, or import something")
    unknown = [name for name in sources if name not in own.values()]
    if unknown:
        what = "is made of others itself" if unknown[0] in every.values() else "is no site"
        raise PseudonymiseError(f"{unknown[0]} {what}; sites to name are {', '.join(own.values())}")
    if into in own.values():
        raise PseudonymiseError(f"{into} is a site of its own; name a new one, which only this command writes to")
    there = [number for number, name in every.items() if name == into]
    if there and made_by(store, there[0]) != by_what:
        message = f"{into} is made with another key, purpose or --link; name those, or a new site"
        raise PseudonymiseError(message)
    return {number: name for number, name in own.items() if not sources or name in sources}


class _Telling:
    """Tells the resources of sites as of one moment.

    tellers: {site: Deidentifier}. counts: Counter of what is told by site. left_out: Counter of (type, reason) of the
    types that are not told.
    """

    def __init__(self, registry, connection, sites, disguise, progress):
        key, purpose, linked, base = disguise
        self._registry, self._connection, self._progress = registry, connection, progress
        # What links persons is the same at every site.
        maker = Pseudonyms(key, purpose, "")
        persons = find_persons(registry, connection, sites, maker, {*linked}, base) if linked else {}
        self.tellers = {
            number: Deidentifier(registry, connection, (number, name), *disguise, persons.get(number))
            for number, name in sites.items()
        }
        share_withdrawals(self.tellers, persons)
        self._persons, self._several = persons, of_several(persons)
        first, *others = self.tellers.values()
        self.rules, self.anonymity = first.rules, first.anonymity
        for teller in others:
            teller.anonymity = self.anonymity
        self._stored = {number: count_current(registry.store, connection, number) for number in sites}
        self.counts, self.left_out = Counter(), Counter()

    def write(self, folder):
        """Write a file (NDJSON) a type, in the order of the pseudonyms; {type: {id}} of what stands there."""
        told = {}
        for type_ in sorted({type_ for counts in self._stored.values() for type_ in counts}):
            if type_ not in self.rules.types:
                self._leave_out(type_)
                continue
            ids = told[type_] = set()
            with open_own(folder / f"{type_}.ndjson") as file:
                for line in sort_by_pseudonym(self._lines(type_), type_, folder):
                    ids.add(json.parse(line)["id"])
                    file.write(line)
        return told

    def _leave_out(self, type):
        owned = sum(type_ == type for type_, _ in self._registry.owned)
        number = sum(counts[type] - owned for counts in self._stored.values() if type in counts)
        if number > 0:
            self.left_out[type, "type-not-told"] = number

    def _lines(self, type):
        total, done, held = sum(counts.get(type, 0) for counts in self._stored.values()), 0, defaultdict(list)
        for site, teller in self.tellers.items():
            for id_, body in read_current(self._registry.store, self._connection, site, type):
                done += 1
                if self._progress and (done % PROGRESS == 0 or done == total):
                    self._progress(f"telling {type}", done, total)
                told = None if (type, id_) in self._registry.owned else teller.tell(type, id_, body)
                if told is None:
                    continue
                self.counts[site] += 1
                person = self._persons.get(site, {}).get(id_) if type == "Patient" else None
                if person in self._several:
                    held[person].append((not teller.survives(id_), json.parse(told)))
                else:
                    yield told + b"\n"
        for patients in held.values():
            yield json.dumps(as_one([patient for _, patient in sorted(patients, key=itemgetter(0))])) + b"\n"


def _record_sources(store, counts, event):
    for site, number in sorted(counts.items()):
        store.audit.record(event._replace(count=number), site)


def _remove(registry, site, told, event):
    """Take all that is not told out of the site, in one transaction; how many resources."""
    store = registry.store
    with store.write(site) as writer:
        connection = writer.connection
        found = not_among(store, connection, site, told)
        gone = {rid: name for rid, name in found.items() if name not in registry.owned}
        if not gone:
            return 0
        overwrite_deleted(store.database, connection)
        rows.refuse_reindex(store)
        patients = {id_ for type_, id_ in gone.values() if type_ == "Patient"}
        if patients:
            drop_jobs(store, connection, site, Scope(patients, set(), (), None))
        rows.remove(store, connection, gone)
        rows.forget(store, connection, site, {"/".join(name) for name in gone.values()}, patients)
        if event:
            done = event._replace(interaction="destroy", count=len(gone), reason="told no more")
            store.audit.append(connection, site, WRITES, [seal(done, store.now())])
        return len(gone)


def _store(registry, site, folder, told, event, progress):
    """Store what is told in the site; Counter of what became of it. Raises PseudonymiseError when some is refused."""
    store, counts, refused = registry.store, Counter(), []
    trail = event and Trail(event._replace(interaction="import"), store)
    # Whoever made the sources has said why he corrects; here it follows.
    registry = replace(registry, trail=trail, origin=None, require_reason=False)

    def keep(connection, done):
        changed = [outcome for each in done for outcome in each.outcomes if outcome.changed and outcome.version > 1]
        drop_past(store, connection, site, [(outcome.type, outcome.id) for outcome in changed])

    total = sum(map(len, told.values()))
    for done in import_units(registry, site, _units(folder, told), None, os.cpu_count() or 1, keep):
        for each in done:
            if each.error:
                refused.append(each.error)
            for outcome in each.outcomes:
                counts["unchanged" if not outcome.changed else "created" if outcome.version == 1 else "updated"] += 1
        if progress:
            progress("storing", counts.total(), total)
    if refused:
        raise PseudonymiseError(f"{len(refused):,} resources could not be stored; the first: {refused[0]}")
    return counts


def _units(folder, told):
    number = 0
    for type_ in told:
        with (folder / f"{type_}.ndjson").open("rb") as file:
            for line in file:
                number += 1
                yield Unit(0, number, number, 0, line)
