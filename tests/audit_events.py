"""Events for tests of the audit log."""

from fhir_registry.core.audit import READS, WRITES, Event, Part, seal
from fhir_registry.ops.audit_verify import verify
from fhir_registry.store.wall import EVERYWHERE

SITE = 1
CLIENT = "push-client"


def pushed(*patients, **members):
    """A transaction that creates a Patient and updates an Observation of each."""
    parts = tuple(Part(p, (("create", "Patient", p, 1), ("update", "Observation", f"of-{p}", 2))) for p in patients)
    told = {"client": CLIENT, "role": "site", "request": "req-1", "method": "POST", "route": "/fhir", "status": 200}
    return Event("transaction", **(told | {"address": "192.0.2.7", "count": 2 * len(parts), "parts": parts} | members))


def read(patient, **members):
    """A read of a Patient."""
    told = {"client": "reader", "request": "req-2", "method": "GET", "route": "/fhir/<type>/<id>", "status": 200}
    parts = (Part(patient, (("read", "Patient", patient, 1),)),)
    return Event("read", **(told | {"address": "192.0.2.8", "parts": parts} | members))


def searched(*patients, query="patient=p1", **members):
    """A search that found something of these patients."""
    parts = tuple(Part(p) for p in patients)
    return Event("search-type", "reader", request="req-3", address="192.0.2.8", parts=parts, query=query, **members)


def append(store, *events, chain=READS, site=SITE):
    """Append events to a chain, in one transaction; the seq of the last."""
    with store.database.write(EVERYWHERE) as connection:
        return store.audit.append(connection, site, chain, [seal(event, store.now()) for event in events])


def fill(store, number=20):
    """Both chains of a site with so many events each."""
    for n in range(number):
        append(store, pushed(f"p{n % 5}", f"p{n % 7}x"), chain=WRITES)
        append(store, read(f"p{n % 5}"), searched("p1", f"p{n % 5}"))


def erase(store, patient, site=SITE):
    with store.database.write(EVERYWHERE) as connection:
        return store.audit.erase(connection, site, [patient], Event("destroy", "admin", role="administrator"))


def broken(store, checkpoints=None):
    """{(site, chain): the first seq that is not what was written} of chains that are broken."""
    found = (walked.broken for walked in verify(store, checkpoints))
    return {(each.site, each.chain): each.seq for each in found if each}
