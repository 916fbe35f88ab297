"""A client of SMART Backend Services, for tests: its keys, its assertions, its tokens."""

import base64
import hmac
import json
import time
import uuid
from functools import cache
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fhir_registry.ops.callers import MOST
from fhir_registry.ops.clients import check_keys, register
from fhir_registry.ops.token_keys import TokenKeys, new_key

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
URL = "http://localhost"
TOKEN_URL = f"{URL}/auth/token"


class Key:
    """A key pair that signs with `algorithm`."""

    def __init__(self, algorithm="ES384", kid="one", bits=2048):
        self.algorithm, self.kid = algorithm, kid
        curves = {"ES384": ec.SECP384R1, "ES256": ec.SECP256R1}
        if algorithm in curves:
            self.private = ec.generate_private_key(curves[algorithm]())
        else:
            self.private = rsa.generate_private_key(65537, bits)

    def jwk(self, private=False, **members):
        kinds = jwt.algorithms.ECAlgorithm if self.algorithm[0] == "E" else jwt.algorithms.RSAAlgorithm
        found = kinds.to_jwk(self.private if private else self.private.public_key(), as_dict=True)
        found.pop("key_ops", None)
        return found | {"kid": self.kid} | members

    def sign(self, claims, algorithm=None, **headers):
        """A JWT; PyJWS, other than PyJWT, signs claims that are wrong."""
        payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        return jwt.PyJWS().encode(payload, self.private, algorithm or self.algorithm, {"kid": self.kid} | headers)


def keyed_with_public(key, claims, **headers):
    """A JWT whose HS256 is keyed with a public key, which PyJWT would not make."""
    public = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = {"alg": "HS256", "kid": key.kid} | headers, claims
    signed = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    mark = base64.urlsafe_b64encode(hmac.digest(public, signed, "sha256")).rstrip(b"=")
    return b".".join((signed, mark)).decode()


@cache
def key(algorithm="ES384", kid="one"):
    """A Key that is made once: RSA takes its time."""
    return Key(algorithm, kid)


def jwks(*keys):
    """The bytes of a JWKS of Keys, or of JWKs as dicts."""
    found = [each.jwk() if isinstance(each, Key) else each for each in keys]
    return json.dumps({"keys": found}).encode()


class SmartClient:
    """A client that is registered in a registry, by its key or by the URL of its JWKS.

    most: what its tokens hold unless another scope is asked for: of a site all data, of other roles all there is.
    """

    def __init__(self, registry, scopes=None, key_=None, jwks_url=None, site="default", role="site"):
        self.key, self.most = key_ or key(), "system/*.cruds" if role == "site" else MOST[role]
        scopes = scopes or self.most
        keys = check_keys(None if jwks_url else jwks(self.key), jwks_url)
        self.id = register(registry, "test", site, role, scopes, keys)

    def claims(self, **changes):
        """The claims of an assertion; a change to None leaves one out."""
        now = int(time.time())
        claims = {"iss": self.id, "sub": self.id, "aud": TOKEN_URL, "exp": now + 240, "jti": uuid.uuid4().hex}
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def assertion(self, **changes):
        return self.key.sign(self.claims(**changes))

    def form(self, assertion=None, scope="system/*.cruds", **changes):
        """The form of a token request; a change to None leaves a parameter out."""
        form = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion or self.assertion(),
        }
        return {name: value for name, value in (form | changes).items() if value is not None}

    def token(self, rest, scope=None):
        """A new access token of the server behind a Rest."""
        response = rest.post_form("/auth/token", self.form(scope=scope or self.most))
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.get_json()["access_token"]


def builtin(folder, **settings):
    """Settings of a server that makes tokens, with a new key in a folder; and more of them."""
    path = folder / "token.pem"
    path.write_bytes(new_key())
    known = {"ACCESS": "builtin", "TOKEN_KEYS": str(path), "BASE_URL": f"{URL}/fhir"}
    return known | {"MAX_FAILED_LOGINS_PER_MINUTE": "0"} | settings


def made(settings, client, issuer=f"{URL}/auth", audience=f"{URL}/fhir", **changes):
    """A token that a server with these settings would make."""
    now = int(time.time())
    claims = {"sub": client.id, "client_id": client.id, "scope": "system/*.cruds", "iat": now, "exp": now + 300}
    keys = TokenKeys([Path(settings["TOKEN_KEYS"]).read_bytes()], issuer, audience)
    return keys.sign(claims | {"jti": uuid.uuid4().hex} | changes)


def read(token):
    """The claims of a token."""
    return jwt.decode(token, options={"verify_signature": False})


def bearer(token):
    """The header that a token is sent in."""
    return {"Authorization": f"Bearer {token}"}


def authenticated(client, token, url):
    """The form of a question about a token, for /auth/introspect or /auth/revoke."""
    return {
        "client_assertion_type": ASSERTION,
        "client_assertion": client.assertion(aud=f"{URL}/auth/{url}"),
        "token": token,
    }
