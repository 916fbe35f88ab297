"""Erasures that a restored backup does not know of are repeated by the list of tombstones (docs/operations.md).

(https://github.com/ndjson/ndjson-spec) The first line has the key of the hashes, each other line is a tombstone.
"""

from ..fhir import json
from ..fhir.dates import instant, instant_literal
from ..fhir.errors import FhirError, error
from ..store.site import find_site
from ..store.tombstones import Tombstone
from ..store.wall import EVERYWHERE
from .erase import erase


def write_list(registry, file):
    """Write the tombstones of all sites to a binary file; how many there are."""
    tombstones, number = registry.store.tombstones, 0
    with registry.store.read(EVERYWHERE, limited=False) as connection:
        file.write(json.dumps({"key": tombstones.key(connection)}) + b"\n")
        for site, each in tombstones.all(connection):
            line = {"site": site, "hash": each.hash, "erased": instant_literal(each.erased), "reason": each.reason}
            file.write(json.dumps(line) + b"\n")
            number += 1
    return number


def repeat(registry, lines, event, base=None):
    """Keep the tombstones of a list, and yield Erased for each person that is found again.

    lines: iterable of bytes, as write_list wrote them. event: as erase takes it. Raises bad-request for what is no such
    list, or one of another registry.
    """
    key, by_site = _read(lines)
    store = registry.store
    for name, tombstones in sorted(by_site.items()):
        with store.ask(EVERYWHERE) as connection:
            site = find_site(store, connection, name)
        if site is None:
            raise error(
                "bad-request", "not-found", f"The list tells of the site '{name}', which is none of this registry"
            )
        with store.write(site) as writer:
            if not store.tombstones.adopt(writer.connection, key):
                message = "The list is of another registry: its hashes have another key"
                raise error("bad-request", "business-rule", message)
            store.tombstones.put(writer.connection, site, tombstones)
        with store.read(site, limited=False) as connection:
            found = list(store.tombstones.match_patients(connection, site))
        for id_, tombstone in found:
            with store.ask(site) as connection:
                there = store.reader.states(connection, site, [("Patient", id_)])
            if there:  # not merged with one that was erased a moment ago
                yield erase(registry, site, id_, tombstone.reason, event, base)


def _read(lines):
    """(key, {name of a site: [Tombstone]})."""
    by_site = {}
    try:
        first, *rest = map(json.parse, lines)
        for line in rest:
            tombstone = Tombstone(line["hash"], instant(line["erased"]), line["reason"])
            by_site.setdefault(line["site"], []).append(tombstone)
        return first["key"], by_site
    except (FhirError, KeyError, TypeError, ValueError):
        message = "This is no list of tombstones; fhir-registry erase --list FILE writes one"
        raise error("bad-request", "structure", message) from None
