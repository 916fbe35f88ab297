"""What a transaction will store is made before the others of its site wait for it (https://hl7.org/fhir/R4/http.html#trules)."""

from types import SimpleNamespace
from typing import NamedTuple

from ..core.bundle import check_identities, link_targets
from ..fhir.errors import FhirError
from ..store.rows import UNSTAMPED
from .apply import resolve, rewrite_references


class Foreseen(NamedTuple):
    """What the creates and updates of a transaction will be, if their conditions find then what they find now.

    places: of each entry what its condition has found, (type, id) or None, and its id. resources: of each the resource
    with its references. prepared: (type, id) -> the first version, Prepared at UNSTAMPED, of those that are new.
    """

    places: list
    resources: list
    prepared: dict

    def holds(self, entries):
        """Whether these entries, in the same order, have found what was foreseen."""
        return [(entry.match, entry.id) for entry in entries] == self.places


def foresee(registry, site, entries):
    """Foreseen for the entries of a transaction, in the order of writing; None for what is rather done when it writes.

    The entries are not changed, but for the ids that they will have when nothing is found.
    """
    if registry.content.reads_stamp or not all(entry.method in ("POST", "PUT") for entry in entries):
        return None
    for entry in entries:
        entry.new_id = entry.id or registry.new_id()
    sent = [(entry.match, entry.id, entry.resource) for entry in entries]
    try:
        return _carry_out(registry, site, entries)
    except FhirError as problem:
        if problem.status >= 500:
            raise  # what takes too long now would then keep others waiting
        return None  # said when it is carried out
    finally:
        for entry, (match, id_, resource) in zip(entries, sent, strict=True):
            entry.match, entry.id, entry.resource = match, id_, resource


def _carry_out(registry, site, entries):
    """Foreseen, after which the entries are as if nothing that is stored changed any more."""
    stored = _look_up(registry, site, entries)
    check_identities(entries)
    writes = [entry for entry in entries if not entry.match]
    if rewrite_references(registry, writes, link_targets(entries), transaction=True):
        return None
    prepare = registry.store.rows.prepare
    new = [entry for entry in writes if (entry.type, entry.id) not in stored]
    prepared = {(e.type, e.id): prepare(e.type, e.id, e.resource, 1, UNSTAMPED) for e in new}
    return Foreseen([(e.match, e.id) for e in entries], [e.resource for e in entries], prepared)


def _look_up(registry, site, entries):
    """Give the entries their ids; returns {(type, id)} of those that are stored already."""
    puts = [entry for entry in entries if entry.method == "PUT"]
    if not puts and all(entry.criteria is None for entry in entries):
        resolve(registry, None, entries)
        return ()
    with registry.store.read(site) as connection:
        resolve(registry, SimpleNamespace(connection=connection, site=site), entries)
        return registry.store.reader.states(connection, site, [(entry.type, entry.id) for entry in puts])
