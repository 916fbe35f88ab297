"""Clients prove who they are and get access tokens (https://hl7.org/fhir/smart-app-launch/backend-services.html, https://datatracker.ietf.org/doc/html/rfc7523)."""

import re
import secrets
from contextlib import contextmanager
from typing import NamedTuple

from ..core.access import NotTrusted
from ..core.jose import LEEWAY, find_key, read_claims, read_header, read_key_set, verify
from ..core.scopes import grant_scopes
from ..fhir.dates import SECOND
from ..fhir.errors import FhirError
from ..store.clients import Registration

ALGORITHMS = ("ES384", "RS384")  # that clients sign with
ASSERTION_SECONDS = 300  # that an assertion may be valid from now on
TOKEN_SECONDS = 300
REMEMBERED_SECONDS = 2 * LEEWAY  # after the exp: a server whose clock is behind still takes what another forgets
INACTIVE = {"active": False}
_CLIENT = re.compile(r"[A-Za-z0-9-]{1,64}")


class OAuthError(Exception):
    """An answer of RFC 6749, section 5.2. code: its `error`; of an assertion invalid_client tells nothing more.

    client: the Registration of who says to be this client, None when there is none.
    """

    def __init__(self, code, message=None, client=None):
        super().__init__(code, message)
        self.code, self.message, self.client = code, message, client


class Assertion(NamedTuple):
    """A client that has proved who it is, and by what, which counts once."""

    client: Registration
    jti: str
    expires: int  # seconds since 1970


class TokenEndpoint:
    """Issues, describes and revokes tokens.

    registry: Registry. keys: TokenKeys. key_sets: KeySets. url: its own, which assertions are for.
    """

    def __init__(self, registry, keys, key_sets, url):
        self._store, self._search_params = registry.store, registry.content.search_params
        self._keys, self._key_sets, self._url = keys, key_sets, url

    def grant(self, proved, scope):
        """The members of the answer with a new token. scope: what is asked for, a text. Raises OAuthError."""
        client = proved.client
        granted = grant_scopes(scope, client.scopes, self._search_params)
        if not granted:
            message = "The registration of this client covers none of these scopes; its administrator can list them"
            raise OAuthError("invalid_scope", message, client)
        with self._used(proved):
            now = self._store.now() // SECOND
            claims = {"sub": client.id, "client_id": client.id, "scope": granted, "iat": now}
            token = self._keys.sign(claims | {"exp": now + TOKEN_SECONDS, "jti": secrets.token_urlsafe(16)})
        return {"access_token": token, "token_type": "bearer", "expires_in": TOKEN_SECONDS, "scope": granted}

    def introspect(self, proved, token):
        """What a token is worth (RFC 7662). Nothing of the tokens of other clients."""
        with self._used(proved) as connection:
            claims = self._readable(token, proved.client)
            known = claims and self._store.clients.find_for_token(connection, claims["client_id"], claims["jti"])
        if not known or known.revoked:
            return INACTIVE
        return {"active": True, "token_type": "bearer"} | claims

    def revoke(self, proved, token):
        """Let a token count no more (RFC 7009); one that does not count is no error, nor is that of another client."""
        with self._used(proved) as connection:
            if claims := self._readable(token, proved.client):
                expires = (claims["exp"] + REMEMBERED_SECONDS) * SECOND
                self._store.clients.revoke_token(connection, proved.client.site, claims["jti"], expires)

    def _readable(self, token, client):
        """The claims of a token that this client may ask about, None for any other."""
        try:
            claims = self._keys.verify(token)
        except NotTrusted:
            return None
        return claims if claims["client_id"] == client.id or client.role == "administrator" else None

    @contextmanager
    def _used(self, proved):
        """The transaction in which an assertion is used, with all that is done by it; never twice."""
        with self._store.clients.write() as connection:
            expires = (proved.expires + REMEMBERED_SECONDS) * SECOND
            if not self._store.clients.use(connection, proved.client, proved.jti, expires):
                raise OAuthError("invalid_client", client=proved.client) from NotTrusted("its jti was used before")
            yield connection

    def prove(self, assertion, url, name=None):
        """The Assertion of a text for this URL or the token endpoint; not used yet. Raises OAuthError.

        name: the client that is named beside it, which must be the same (RFC 7521, 4.2); None or "" for none.
        """
        client = None
        try:
            header = read_header(assertion, ALGORITHMS)
            client = self._find(read_claims(assertion).get("iss"))
            proved = self._read(assertion, header, client, {url, self._url})
            if name not in (None, "", client.id):
                raise NotTrusted("client_id names another client")
            return proved
        except NotTrusted as problem:
            raise OAuthError("invalid_client", client=client) from problem

    def _read(self, assertion, header, client, audiences):
        if "jku" in header and header["jku"] != client.jwks_url:
            raise NotTrusted("its jku is not the URL of the client's keys")
        key = self._find_key(client, header)
        claims = verify(assertion, key, header["alg"], client.id, [*audiences], ("sub", "jti"))
        if claims["sub"] != client.id:
            raise NotTrusted("its sub is not its iss")
        if claims["exp"] > self._store.now() // SECOND + ASSERTION_SECONDS + LEEWAY:
            raise NotTrusted("it is valid for too long")
        if type(claims["jti"]) is not str or not claims["jti"]:
            raise NotTrusted("its jti is no text")
        return Assertion(client, claims["jti"], claims["exp"])

    def _find(self, id):
        client = None
        if isinstance(id, str) and _CLIENT.fullmatch(id):
            with self._store.clients.ask() as connection:
                client = self._store.clients.find(connection, id)
        if client is None or client.revoked:
            raise NotTrusted("no such client is registered, or it was revoked")
        return client

    def _find_key(self, client, header):
        kid, algorithm = header["kid"], header["alg"]
        if client.jwks is not None:
            key = find_key(read_key_set(client.jwks.encode()), kid, algorithm)
        else:
            try:
                key = self._key_sets.find(client.jwks_url, kid, algorithm)
            except FhirError as problem:
                raise NotTrusted(str(problem)) from None
        if key is None:
            raise NotTrusted("the client has no key with its kid")
        return key
