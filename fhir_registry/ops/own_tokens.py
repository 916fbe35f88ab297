"""Clients log in by the tokens that this server made (https://datatracker.ietf.org/doc/html/rfc9068#section-4)."""

from ..core.access import Access, NotTrusted
from ..core.scopes import parse_scopes
from .callers import Caller, Login, most_of


class OwnTokens:
    """registry: Registry. keys: TokenKeys."""

    def __init__(self, registry, keys):
        self._registry, self._keys = registry, keys

    def log_in(self, token, known=False):
        """The Login of a token; `known` is of other providers. Raises NotTrusted."""
        claims = self._keys.verify(token)
        scopes = parse_scopes(claims["scope"], self._registry.content.search_params)
        client = claims["client_id"]
        return self.look_again(Login(Caller(client, None, None, Access(client, scopes)), claims["exp"], claims["jti"]))

    def look_again(self, login):
        """The Login as its client is registered by now. Raises NotTrusted when that or the token was revoked."""
        clients, caller = self._registry.store.clients, login.caller
        with clients.ask() as connection:
            registered = clients.find_for_token(connection, caller.client, login.jti)
        if registered is None or registered.revoked:
            raise NotTrusted("it or its client was revoked")
        access = caller.access._replace(most=most_of(registered.role, self._registry.content.search_params))
        return login._replace(caller=caller._replace(site=registered.site, role=registered.role, access=access))
