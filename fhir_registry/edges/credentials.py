"""Who a command is to a server: its tokens (https://hl7.org/fhir/smart-app-launch/backend-services.html)."""

import threading
import time
import uuid
from urllib.parse import urlsplit

import orjson
import requests
from requests.auth import AuthBase

from .config import is_loopback
from .push import explain_silence, open_session

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 240
EARLY_SECONDS = 30  # before its end a token is renewed
_TIMEOUT = (10, 60)  # seconds to connect, to answer


class CredentialsError(Exception):
    """There is no token to send; the message says why and what to do."""


class _Bearer(AuthBase):
    """Sends a token with each request to a server; one that the server does not take is renewed once."""

    def __init__(self, base):
        require_private(base)
        self._base = base.rstrip("/")

    def __call__(self, request):
        self._sign(request)
        request.register_hook("response", self._renew)
        return request

    def _sign(self, request):
        request.headers["Authorization"] = f"Bearer {self._token()}"

    def _is_own(self, url):
        return urlsplit(url)[:2] == urlsplit(self._base)[:2]

    def _renew(self, response, **options):
        request = response.request
        sent = request.headers.get("Authorization", "")
        # A redirect may have led elsewhere, where the token is not for.
        if response.status_code != 401 or not self._is_own(request.url) or not self._replaces(sent):
            return response
        response.content  # noqa: B018 - so that the connection can be used again
        response.close()
        again = request.copy()
        again.hooks["response"] = []
        self._sign(again)
        renewed = response.connection.send(again, **options)
        renewed.history.append(response)
        renewed.request = again
        return renewed


class TokenFile(_Bearer):
    """The token that a file holds at the moment: somebody else renews it."""

    def __init__(self, base, path):
        super().__init__(base)
        self._path = path

    def _token(self):
        try:
            token = self._path.read_text().strip()
        except UnicodeDecodeError:
            token = ""
        if not _is_token(token):
            raise CredentialsError(f"{self._path} holds no token; write one into it, nothing else")
        return token

    def _replaces(self, sent):
        return sent != f"Bearer {self._token()}"


class BackendClient(_Bearer):
    """The tokens that a registered client gets by assertions that its key signs.

    base: FHIR base URL, which tells where tokens are. client: its id. key: file of the private key. scope: asked for.
    """

    def __init__(self, base, client, key, scope):
        super().__init__(base)
        self._client, self._scope, self._key = client, scope, read_key(key)
        self._lock, self._kept, self._until, self._endpoint = threading.Lock(), None, 0, None

    def _token(self):
        with self._lock:
            if self._kept is None or time.monotonic() > self._until:
                self._get()
            return self._kept

    def _replaces(self, sent):
        with self._lock:
            if sent == f"Bearer {self._kept}":  # else another thread has renewed it
                self._kept = None
        return True

    def _get(self):
        asked = time.monotonic()
        with open_session() as session:
            self._endpoint = self._endpoint or find_endpoint(session, self._base)
            form = {
                "grant_type": "client_credentials",
                "scope": self._scope,
                "client_assertion_type": ASSERTION,
                "client_assertion": self._assert(),
            }
            answer = _ask(session, "POST", self._endpoint, data=form)
        told = _members(answer)
        token, seconds = told.get("access_token"), told.get("expires_in")
        if not answer.ok or not _is_token(token):
            raise CredentialsError(_refusal(self._endpoint, answer, told))
        self._kept, self._until = token, asked + (seconds if isinstance(seconds, int) else 0) - EARLY_SECONDS

    def _assert(self):
        import jwt

        key, algorithm, kid = self._key
        claims = {"iss": self._client, "sub": self._client, "aud": self._endpoint, "jti": uuid.uuid4().hex}
        return jwt.encode(claims | {"exp": int(time.time()) + ASSERTION_SECONDS}, key, algorithm, {"kid": kid})


def read_key(path):
    """(private key, algorithm, kid) of a file: a PEM, or a JWK with its kid. Raises CredentialsError."""
    import jwt

    from fhir_registry.ops.token_keys import signing_key

    data = path.read_bytes()
    try:
        if not data.lstrip().startswith(b"{"):
            return signing_key(data)
        told = orjson.loads(data)
        algorithm = told.get("alg") or {"RSA": "RS384", "EC": "ES384"}[told["kty"]]
        if "d" in told and isinstance(told["kid"], str):
            return jwt.PyJWK(told, algorithm).key, algorithm, told["kid"]
    except (ValueError, KeyError, TypeError, jwt.PyJWTError):
        pass
    raise CredentialsError(
        f"{path} is no private key that signs with ES384 or RS384: a PEM without password, such as fhir-registry key "
        "makes, or a JWK with its kid"
    )


def find_endpoint(session, base):
    """Where the server at `base` says that tokens are. Raises CredentialsError."""
    url = f"{base}/.well-known/smart-configuration"
    answer = _ask(session, "GET", url)
    endpoint = _members(answer).get("token_endpoint")
    if not isinstance(endpoint, str):
        raise CredentialsError(
            f"HTTP {answer.status_code}: {url} does not tell where tokens are; is this its FHIR base?"
        )
    require_private(endpoint)
    return endpoint


def require_private(url):
    """Raise CredentialsError for where others on the way could read what is sent."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise CredentialsError(f"{url}: tokens are sent to https: URLs and to this machine only")


def _ask(session, method, url, **options):
    try:
        headers = {"Accept": "application/json"}
        return session.request(method, url, headers=headers, timeout=_TIMEOUT, allow_redirects=False, **options)
    except requests.RequestException as problem:
        raise CredentialsError(explain_silence(url, problem)) from None


def _is_token(text):
    return isinstance(text, str) and text.isascii() and text.isprintable() and text != "" and " " not in text


def _members(answer):
    try:
        told = answer.json()
    except ValueError:
        told = None
    return told if isinstance(told, dict) else {}


def _refusal(endpoint, answer, told):
    code, words = told.get("error"), told.get("error_description")
    advice = {
        "invalid_client": "is the client registered at this server with this key, and the clock right?",
        "invalid_scope": "name what it is registered for with --scope",
    }
    parts = [str(part) for part in (code, words, advice.get(code)) if part]
    return f"no token from {endpoint}: HTTP {answer.status_code}{': ' if parts else ''}{'; '.join(parts)}"
