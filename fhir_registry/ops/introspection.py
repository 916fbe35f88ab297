"""What a provider says a token is worth that only it can read (https://datatracker.ietf.org/doc/html/rfc7662)."""

import base64
import logging
import time
from typing import NamedTuple
from urllib.parse import quote_plus, urlencode

from ..core.access import NotTrusted
from ..core.jose import LEEWAY
from ..fhir import json
from ..fhir.errors import FhirError
from .key_sets import PATIENCE, SETTING
from .outbound import Host, away, fetch, host_and_port

log = logging.getLogger("fhir_registry")
KEPT_SECONDS = 30  # for which an answer counts: so long a token goes on that the provider has revoked
LIMIT = 100_000  # bytes of an answer
RETRY_SECONDS = 10


class Asking(NamedTuple):
    """Who asks the provider. url: where, None: where the provider itself says."""

    client: str
    secret: str
    url: str | None


class Introspection:
    """Asks a provider about tokens. asking: Asking. hosts: Hosts that are not of the public internet."""

    def __init__(self, asking, hosts=()):
        self._hosts = {(host.name, host.port): host for host in hosts}
        pair = ":".join(quote_plus(part) for part in (asking.client, asking.secret))  # RFC 6749, 2.3.1
        self._authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
        self.url = asking.url

    def claims(self, token, url, issuer, audience):
        """What the token says, its `exp` at most KEPT_SECONDS ahead. Raises NotTrusted, and unavailable."""
        told, now = self._ask(token, url), int(time.time())
        if told.get("active") is not True:
            raise NotTrusted("it is not active")
        if told.get("iss", issuer) != issuer:
            raise NotTrusted("it is of another issuer")
        audiences = told.get("aud")
        if audience not in (audiences if isinstance(audiences, list) else [audiences]):
            raise NotTrusted("it is for another audience")
        expires, begins = told.get("exp", now + KEPT_SECONDS), told.get("nbf", now)
        if type(expires) is not int or type(begins) is not int:
            raise NotTrusted("its exp or nbf is no whole number")
        if expires < now - LEEWAY or begins > now + LEEWAY:
            raise NotTrusted("it is not valid now")
        return told | {"exp": min(max(expires, now + 1), now + KEPT_SECONDS)}

    def _ask(self, token, url):
        form = urlencode({"token": token, "token_type_hint": "access_token"}).encode()
        headers = {"Accept": "application/json", "Authorization": self._authorization}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            place = host_and_port(url)
            host = self._hosts.get(place, Host(*place, None))
            answer = fetch(url, host, headers, PATIENCE, LIMIT, SETTING, form)
            next(answer)
            told = json.parse(b"".join(answer))
        except FhirError as problem:
            log.warning("tokens cannot be checked at %s: %s", url, problem)
            failure = away("The token cannot be checked at the moment; try again")
            failure.headers["Retry-After"] = str(RETRY_SECONDS)
            raise failure from None
        if not isinstance(told, dict):
            raise NotTrusted("the provider says nothing about it")
        return told
