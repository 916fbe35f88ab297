"""Tokens of an identity provider of others (https://datatracker.ietf.org/doc/html/rfc9068#section-4, https://openid.net/specs/openid-connect-discovery-1_0.html)."""

import logging
from typing import NamedTuple

from ..core.access import Access, NotTrusted
from ..core.jose import is_jwt, read_header, verify
from ..core.scopes import parse_scopes
from ..core.user_claims import read_purposes, read_user
from ..fhir import json
from ..fhir.errors import FhirError, error
from ..store.site import EVERY, EVERY_NUMBER, find_site, list_sites
from ..store.wall import EVERYWHERE
from .callers import OF_ALL_SITES, ROLES, Caller, Login, most_of

log = logging.getLogger("fhir_registry")
DISCOVERY = "/.well-known/openid-configuration"
_TYPES = frozenset({None, "jwt", "at+jwt", "application/at+jwt"})


class Trust(NamedTuple):
    """Whose tokens are taken, and where they say what. The claims are tuples of names, the first one present counts.

    jwks_url: where the keys are, None: where the provider itself says.
    """

    issuer: str
    audience: str
    jwks_url: str | None
    algorithms: tuple[str, ...]
    scope_claims: tuple[str, ...]
    client_claims: tuple[str, ...]
    site_claims: tuple[str, ...]
    role_claims: tuple[str, ...]
    user_claims: tuple[str, ...]


class IdentityProvider:
    """Logs clients in by the tokens of a provider.

    registry: Registry. trust: Trust. key_sets: KeySets. introspection: Introspection for tokens that are no JWT, None
    where there are none.
    """

    def __init__(self, registry, trust, key_sets, introspection=None):
        self._registry, self._trust, self._key_sets = registry, trust, key_sets
        self._introspection = introspection

    def log_in(self, token, known=False):
        """The Login of a token. known: whether it was good before.

        Raises NotTrusted; forbidden for a site or a role that is none; unavailable.
        """
        opaque = self._introspection and not is_jwt(token)
        claims = self._ask(token, known) if opaque else self._read(token)
        return Login(self._caller(claims), claims["exp"], None)

    def _ask(self, token, known):
        url = self._introspection.url or self.configuration().get("introspection_endpoint")
        if not isinstance(url, str):
            log.warning("%s names no introspection_endpoint; set FHIR_REGISTRY_INTROSPECTION_URL", self._trust.issuer)
            raise NotTrusted("it is no JWT, and nobody can be asked about it")
        return self._introspection.claims(token, url, self._trust.issuer, self._trust.audience, known)

    def _read(self, token):
        trust = self._trust
        header = read_header(token, trust.algorithms)
        if str(header.get("typ") or "jwt").lower() not in _TYPES:
            raise NotTrusted("it is no access token")
        url = trust.jwks_url or self.configuration()["jwks_uri"]
        key = self._key_sets.find(url, header["kid"], header["alg"])
        if key is None:
            raise NotTrusted("its key is not one of the provider")
        claims = verify(token, key, header["alg"], trust.issuer, trust.audience)
        if "at_hash" in claims or claims.get("typ") == "ID":
            raise NotTrusted("it is an ID token")
        return claims

    def look_again(self, login):
        """The provider's tokens count until they expire. Raises NotTrusted when their site was removed."""
        site = login.caller.site
        if site != EVERY_NUMBER and site not in list_sites(self._registry.store):
            raise NotTrusted("its site was removed")
        return login

    def configuration(self):
        """What the provider says about itself, a dict. Raises unavailable."""
        return self._key_sets.read(self._trust.issuer.rstrip("/") + DISCOVERY, self._read_configuration)

    def _read_configuration(self, data):
        try:
            told = json.parse(data)
        except FhirError:
            told = None
        if not isinstance(told, dict) or told.get("issuer") != self._trust.issuer:
            raise NotTrusted("this is not the configuration of the issuer")
        if not isinstance(told.get("jwks_uri"), str) or not isinstance(told.get("token_endpoint"), str):
            raise NotTrusted("it names no jwks_uri or no token_endpoint")
        return told

    def _caller(self, claims):
        client = _one(claims, self._trust.client_claims)
        if not client:
            raise NotTrusted("it names no client")
        named = any(claims.get(name) is not None for name in self._trust.role_claims)
        role = _one(claims, self._trust.role_claims) if named else ROLES[0]
        if role not in ROLES:
            raise error("forbidden", "forbidden", f"The token has a role that is none of {', '.join(ROLES)}")
        site = self._site(_one(claims, self._trust.site_claims), role)
        search_params = self._registry.content.search_params
        scopes = parse_scopes(" ".join(_texts(claims, self._trust.scope_claims)), search_params)
        access = Access(client, scopes, most_of(role, search_params))
        user = read_user(claims, self._trust.user_claims, client)
        return Caller(client, site, role, access, user, read_purposes(claims))

    def _site(self, name, role):
        if name == EVERY and role in OF_ALL_SITES:
            return EVERY_NUMBER
        with self._registry.store.ask(EVERYWHERE) as connection:
            site = name and find_site(self._registry.store, connection, name)
        if site is None:
            message = "The token names no site that this registry has; its administrator can add it"
            raise error("forbidden", "forbidden", message)
        return site


def _texts(claims, names):
    """The first of these claims that is there, a text or a list of texts, as a list; [] without one."""
    for name in names:
        value = claims.get(name)
        found = value if isinstance(value, list) else [value]
        if found and all(isinstance(each, str) and each and each.isprintable() for each in found):
            return found
    return []


def _one(claims, names):
    """The one text of the first of these claims that is there, None without one."""
    found = _texts(claims, names)
    return found[0] if len(found) == 1 else None
