"""Before any route runs it is settled who asks (https://datatracker.ietf.org/doc/html/rfc6750, https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/)."""

import hashlib
import time
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from flask import current_app, g, request
from werkzeug.exceptions import MethodNotAllowed

from fhir_registry.core.access import NotTrusted
from fhir_registry.fhir.errors import FhirError, error
from fhir_registry.ops.callers import EVERYBODY, NOBODY, Login
from fhir_registry.store.site import EVERY_NUMBER, list_sites

from . import exchange
from .config import NONE, OIDC, PREFIX, ConfigError, is_loopback
from .front import THREADS
from .rate import RateLimiter
from .setting_values import read_secret
from .sites import choose_site

TOKENS = frozenset({"auth.grant_token", "auth.introspect_token", "auth.revoke_token"})
# What everybody may ask; every other route needs a token.
PUBLIC = TOKENS | {
    "watching.report_life",
    "watching.report_readiness",
    "metadata.read_capabilities",
    "metadata.read_openapi",
    "smart.read_configuration",
}
METRICS, WATCHERS = "watching.report_metrics", ("monitor", "administrator")
LOOK_SECONDS = 2  # after which it is looked whether a token, or its client, was revoked
MOST = 10_000  # tokens that a process remembers
ASKING = max(1, THREADS // 4)  # that ask a provider about new tokens, and as many about known ones


class Gate:
    """Lets in who has a token.

    logins: OwnTokens or IdentityProvider. failures: RateLimiter of those that fail, by address; None without limit.
    tokens: TokenEndpoint, None where others make them.
    """

    def __init__(self, logins, failures=None, tokens=None):
        self.logins, self.tokens, self._failures = logins, tokens, failures
        self._known = {}  # SHA-256 of a token: _Known

    def admit(self, token):
        """The Caller that a token of this request names. Raises unauthorized, and what Gate.hold and log_in do."""
        digest, now = hashlib.sha256(token.encode()).digest(), time.time()
        known = self._known.get(digest)
        try:
            if known is None or known.login.expires <= now:
                if known is None:
                    self.hold()
                login = self.logins.log_in(token, known is not None)
            elif now - known.looked < LOOK_SECONDS:
                return known.login.caller
            else:
                login = self.logins.look_again(known.login)
        except NotTrusted:
            self._known.pop(digest, None)
            self.count_failure()
            raise _unauthorized("The token is not valid here, or no more; get a new one", "invalid_token") from None
        except FhirError:
            # Of requests that come together with one token, some get no turn to ask what the others know by now.
            later = self._known.get(digest)
            if later is None or later is known:
                raise
            return later.login.caller
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[digest] = _Known(login, now)
        return login.caller

    def hold(self):
        """Raise too-many-requests when too much that came from the address of this request was wrong."""
        seconds = self._failures.wait(*_address(), count=False) if self._failures else 0
        if seconds:
            raise _throttled("Too many tokens or assertions from this address are wrong", seconds)

    def count_stranger(self):
        """Count a request without a token; raise too-many-requests when there are too many from its address.

        Each leaves an event in the audit log, which somebody might fill so. They keep nobody from using a token.
        """
        seconds = self._failures.wait(*_address(), kind="no token ") if self._failures else 0
        if seconds:
            raise _throttled("Too many requests from this address have no token", seconds)

    def count_failure(self):
        """Count one that is wrong."""
        if self._failures:
            self._failures.wait(*_address())


class _Known(NamedTuple):
    login: Login
    looked: float


def make_gate(config, registry, failures=None):
    """The Gate that a Config describes, None where everybody may do everything. Raises ConfigError.

    failures: RateLimiter that processes share, by default one for this process.
    """
    if config.access == NONE:
        return None
    # What reads tokens takes memory that a server needs only when there are any.
    from fhir_registry.ops.identity_provider import IdentityProvider, Trust
    from fhir_registry.ops.key_sets import KeySets
    from fhir_registry.ops.own_tokens import OwnTokens
    from fhir_registry.ops.token_endpoint import TokenEndpoint
    from fhir_registry.ops.token_keys import TokenKeys

    if failures is None and config.max_failed_logins_per_minute:
        failures = RateLimiter(None, config.max_failed_logins_per_minute, config.trusted_proxies)
    key_sets = KeySets(config.jwks_hosts)
    if config.access == OIDC:
        claims = config.scope_claim, config.client_claim, config.site_claim, config.role_claim, config.user_claim
        trust = Trust(config.issuer, config.audience, config.jwks_url, config.token_algorithms, *claims)
        return Gate(IdentityProvider(registry, trust, key_sets, _introspection(config)), failures)
    keys = TokenKeys(_read_keys(config.token_keys), auth_url(config, ""), config.own_url)
    endpoint = TokenEndpoint(registry, keys, key_sets, auth_url(config, "token"))
    return Gate(OwnTokens(registry, keys), failures, endpoint)


def _introspection(config):
    """The Introspection of a Config, None where the provider makes JWTs only."""
    if not config.introspection_client:
        return None
    from fhir_registry.ops.introspection import Asking, Introspection

    secret = read_secret("INTROSPECTION_SECRET_FILE", config.introspection_secret_file)
    asking = Asking(config.introspection_client, secret, config.introspection_url)
    return Introspection(asking, config.jwks_hosts, ASKING)


def _read_keys(paths):
    from fhir_registry.ops.token_keys import check_key

    found = []
    for path in paths:
        try:
            found.append(path.read_bytes())
            check_key(found[-1])
        except OSError as problem:
            message = f"{path}: {problem.strerror}; fhir-registry key {path} makes one"
            raise ConfigError(f"{PREFIX}TOKEN_KEYS={message}") from None
        except ValueError as problem:
            raise ConfigError(f"{PREFIX}TOKEN_KEYS={path} {problem}; fhir-registry key FILE makes one") from None
    return found


def auth_url(config, name):
    """The URL of what is about tokens: beside the FHIR base, /auth/token beside /fhir."""
    return urljoin(config.own_url, f"auth/{name}").rstrip("/")


def gate():
    """The Gate of this process."""
    return current_app.extensions["fhir_registry_gate"]


def identify():
    """Set the Caller of this request, `g.caller`, or refuse it; before any route, also of what is no route."""
    config = exchange.config()
    if config.access == NONE:
        _check_host(config)
        g.caller = EVERYBODY
        choose_site()
        return
    g.caller = NOBODY
    if request.endpoint in PUBLIC:
        return
    if isinstance(request.routing_exception, MethodNotAllowed) and not _has_credentials():
        return  # nobody may do this; who says who he is is in the audit log
    if request.endpoint == METRICS and _is_of_this_machine():
        return
    g.caller = gate().admit(_token())
    if request.endpoint != METRICS:
        choose_site()
    else:
        _require_watcher(g.caller)


def _require_watcher(caller):
    """Refuse who is not to see what all sites do together."""
    if caller.role not in WATCHERS:
        who = f"clients whose role is {' or '.join(WATCHERS)}"
    elif caller.site != EVERY_NUMBER and len(list_sites(current_app.extensions["fhir_registry"].store)) > 1:
        who = "clients of all sites, for they are of all sites together"
    else:
        return
    raise error("forbidden", "forbidden", f"Metrics are for this machine, and for {who}")


def _has_credentials():
    return "Authorization" in request.headers or "access_token" in request.args


def _token():
    if "access_token" in request.args:  # there it would be in logs and histories
        gate().count_stranger()
        raise _unauthorized("A token is sent in the header Authorization, nowhere else", "invalid_token")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        gate().count_stranger()
        raise _unauthorized("This needs a token, in the header Authorization: Bearer TOKEN")
    return token.strip()


def _throttled(what, seconds):
    headers = {"Retry-After": str(seconds)}
    return error("too-many-requests", "throttled", f"{what}; go on in {seconds} s", headers=headers)


def _unauthorized(message, code=None):
    challenge = f'Bearer error="{code}"' if code else "Bearer"
    return error("unauthorized", "login", message, headers={"WWW-Authenticate": challenge})


def _check_host(config):
    """Refuse a page whose name stands for this machine (https://en.wikipedia.org/wiki/DNS_rebinding)."""
    name = urlsplit(f"//{request.host}").hostname
    if name is None or config.insecure_open_access or is_loopback(name):
        return
    if name != urlsplit(config.base_url or "").hostname:
        message = f"This server answers requests for localhost and the host of {PREFIX}BASE_URL only"
        raise error("misdirected", "security", message)


def _is_of_this_machine():
    # What a proxy on this machine hands on comes from elsewhere.
    handed_on = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return is_loopback(request.remote_addr or "") and not handed_on


def _address():
    return request.remote_addr or "", request.headers.get("X-Forwarded-For")
