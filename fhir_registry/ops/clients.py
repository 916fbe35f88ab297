"""Clients are registered by who administrates the registry (https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#registering-a-client-communicating-public-keys)."""

import uuid

from ..core.access import NotTrusted, is_covered
from ..core.jose import check_key_set, read_key_set
from ..core.scopes import parse_scopes
from ..fhir.errors import error
from ..store.clients import Registration
from ..store.site import EVERY, EVERY_NUMBER
from .callers import MOST, OF_ALL_SITES, ROLES, most_of
from .open import check_site_name, make_site
from .outbound import host_and_port
from .token_endpoint import ALGORITHMS


def register(registry, name, site, role, scopes, keys, event=None):
    """The id of a new client.

    site: a name; the site is made when it is new. EVERY is all sites, for the roles OF_ALL_SITES. role: one of ROLES.
    scopes: with spaces between. keys: as check_keys gives them. event: for the audit log. Raises bad-request.
    """
    if not name.strip() or not name.isprintable():
        raise error("bad-request", "value", "The name of a client is a text that can be printed")
    if role not in ROLES:
        raise error("bad-request", "value", f"'{role}' is no role; roles are {', '.join(ROLES)}")
    if site == EVERY and role not in OF_ALL_SITES:
        message = f"Of all sites, '{EVERY}', are clients of the roles {', '.join(OF_ALL_SITES)} only"
        raise error("bad-request", "value", message)
    if site != EVERY:
        check_site_name(site)
    search_params = registry.content.search_params
    wanted = list(dict.fromkeys(scopes.split()))
    known = {scope.text: scope for scope in parse_scopes(" ".join(wanted), search_params)}
    for each in wanted:
        if each not in known or not each.startswith("system/"):
            message = f"'{each}' is no scope of a client; scopes are such as system/*.rs or system/Patient.cruds"
            raise error("bad-request", "value", message)
        if not is_covered(known[each], most_of(role, search_params)):
            raise error("bad-request", "value", f"'{each}' is more than the role {role} permits: {MOST[role]}")
    if not wanted:
        raise error("bad-request", "required", "A client needs a scope, such as system/*.rs")
    store, id_ = registry.store, str(uuid.uuid4())
    number = EVERY_NUMBER if site == EVERY else make_site(registry, site)
    event = event and event._replace(reason=f"client {id_} is registered: {role}, {' '.join(wanted)}")
    store.clients.add(Registration(number, id_, name, role, " ".join(wanted), *keys, store.now()), event)
    return id_


def check_keys(jwks, jwks_url):
    """(text of the JWKS, its URL), one of them None, as they are registered. Raises bad-request."""
    if (jwks is None) == (jwks_url is None):
        raise error("bad-request", "invalid", "A client has either a file with its public keys, or the URL of one")
    if jwks_url is not None:
        host_and_port(jwks_url)
        return None, jwks_url
    try:
        check_key_set(read_key_set(jwks), ALGORITHMS)
    except NotTrusted as problem:
        raise error("bad-request", "security", f"These keys cannot be registered: {problem}") from None
    return jwks.decode(), None
