"""A site that is made of others is removed, with all that is of it but its audit log (docs/deidentification.md).

(https://eur-lex.europa.eu/eli/reg/2016/679/art_17)
"""

from ..fhir.errors import error
from ..store.erase import refuse_reindex
from ..store.made import drop_site
from ..store.site import find_site, lock_site
from ..store.wall import EVERYWHERE
from .pseudonymise import PseudonymiseError, alone_at


def remove_site(registry, name, event=None):
    """Remove the site with this name, wholly or not at all; how many resources it had.

    event: for the audit log, of the first site: nobody can be asked for that of this one any more. Raises
    PseudonymiseError for a site that is not made of others, and while a client may ask it; FhirError, 409, while
    another process makes it, a job of it is not finished or tables are made anew.
    """
    store = registry.store
    with alone_at(store, name), store.database.write(EVERYWHERE) as connection:
        store.database.lock_schema(connection)
        site = find_site(store, connection, name)
        if site is None:
            raise PseudonymiseError(f"{name} is no site")
        if lock_site(store, connection, site).made is None:
            raise PseudonymiseError(f"{name} is a site of its own, not made of others; only such a one is removed")
        _refuse_used(store, connection, site, name)
        number = drop_site(store, connection, site, registry.owned)
        reason = f"site {name}, number {site}, is removed"
        store.audit.note(connection, None, event and event._replace(count=number, reason=reason))
        return number


def _refuse_used(store, connection, site, name):
    if clients := store.clients.active(connection, site):
        named = ", ".join(f"{client.id} ({client.name})" for client in clients)
        raise PseudonymiseError(f"{name} has clients: {named}; first fhir-registry client revoke each of them")
    if jobs := store.jobs.unfinished(connection, site):
        message = f"Job {jobs[0]} of {name} is not finished; wait for it or cancel it (fhir-registry jobs)"
        raise error("conflict", "conflict", f"{message}, then run this again")
    refuse_reindex(store)
