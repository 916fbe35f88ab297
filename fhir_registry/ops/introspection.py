"""What a provider says a token is worth that only it can read (https://datatracker.ietf.org/doc/html/rfc7662)."""

import base64
import hashlib
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
from .turns import Turns

log = logging.getLogger("fhir_registry")
KEPT_SECONDS = 30  # for which an answer counts: so long a token goes on that the provider has revoked
INACTIVE_SECONDS = 5  # for which nobody asks again about a token that is not active
MOST_INACTIVE = 10_000  # such tokens that a process remembers
LIMIT = 100_000  # bytes of an answer
SLOW_SECONDS = 0.5  # that a thread waits for a turn to ask
RETRY_SECONDS = 10


class Asking(NamedTuple):
    """Who asks the provider. url: where, None: where the provider itself says."""

    client: str
    secret: str
    url: str | None


class Introspection:
    """Asks a provider about tokens.

    asking: Asking. hosts: Hosts that are not of the public internet. most: threads that ask at a time about new tokens,
    and as many about those that were good before, so that no flood of new ones keeps them from being asked about.
    """

    def __init__(self, asking, hosts=(), most=1):
        self._hosts = {(host.name, host.port): host for host in hosts}
        pair = ":".join(quote_plus(part) for part in (asking.client, asking.secret))  # RFC 6749, 2.3.1
        self._authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
        self.url = asking.url
        self._turns = {known: Turns(most, SLOW_SECONDS) for known in (False, True)}
        self._inactive = {}  # SHA-256 of a token: when the provider said so

    def claims(self, token, url, issuer, audience, known=False):
        """What the token says, its `exp` at most KEPT_SECONDS ahead. known: whether it was good before.

        Raises NotTrusted, and unavailable.
        """
        told, now = self._told(token, url, known), int(time.time())
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

    def _told(self, token, url, known):
        digest = hashlib.sha256(token.encode()).digest()
        said = self._inactive.get(digest)
        if said is not None and time.monotonic() - said < INACTIVE_SECONDS:
            raise NotTrusted("it was not active a moment ago")
        with self._turns[known].take() as mine:
            if not mine:
                raise _unchecked()
            told = self._ask(token, url)
        if told.get("active") is True:
            return told
        if len(self._inactive) >= MOST_INACTIVE:
            self._inactive.clear()
        self._inactive[digest] = time.monotonic()
        raise NotTrusted("it is not active")

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
            raise _unchecked() from None
        if not isinstance(told, dict):
            raise NotTrusted("the provider says nothing about it")
        return told


def _unchecked():
    return away("The token cannot be checked at the moment; try again", RETRY_SECONDS)
