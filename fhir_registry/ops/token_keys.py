"""The keys that sign and verify this server's own access tokens (https://datatracker.ietf.org/doc/html/rfc9068)."""

import hashlib

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ..core.access import NotTrusted
from ..core.jose import read_header, verify
from ..fhir import json

ALGORITHM = "ES384"
TYPE = "at+jwt"


def new_key():
    """A new private key as PEM, bytes."""
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return ec.generate_private_key(ec.SECP384R1()).private_bytes(*form)


def public_key_set(pem):
    """The JWKS, bytes, with the public key of a private one."""
    key = check_key(pem)
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return json.dumps({"keys": [jwk | {"kid": _kid(key), "use": "sig", "alg": ALGORITHM}]}, pretty=True)


class TokenKeys:
    """Private keys as PEM, bytes: the first signs, all verify, so that one can take the place of another.

    issuer, audience: what tokens are from and for.
    """

    def __init__(self, pems, issuer, audience):
        keys = [check_key(pem) for pem in pems]
        self._kid, self._private = _kid(keys[0]), keys[0]
        self._public = {_kid(key): key.public_key() for key in keys}
        self._issuer, self._audience = issuer, audience

    def sign(self, claims):
        """A token with these claims."""
        claims = {"iss": self._issuer, "aud": self._audience} | claims
        return jwt.encode(claims, self._private, ALGORITHM, {"typ": TYPE, "kid": self._kid})

    def verify(self, token):
        """The claims of a token that this server made and that has not expired. Raises NotTrusted."""
        header = read_header(token, (ALGORITHM,))
        if header["kid"] not in self._public or header.get("typ") != TYPE:
            raise NotTrusted("this server did not make it")
        required = ("sub", "client_id", "scope", "iat", "jti")
        return verify(token, self._public[header["kid"]], ALGORITHM, self._issuer, self._audience, required)


def check_key(pem):
    """The private key of a PEM. Raises ValueError for what is no key that signs tokens."""
    key = _load(pem)
    if not _is_p384(key):
        raise ValueError("is no private EC key on P-384 in PEM, without password")
    return key


def signing_key(pem):
    """(private key, algorithm, kid) of the PEM that a client signs assertions with. Raises ValueError."""
    key = _load(pem)
    if _is_p384(key):
        return key, ALGORITHM, _kid(key)
    if isinstance(key, rsa.RSAPrivateKey):
        return key, "RS384", _kid(key)
    raise ValueError("is no private EC key on P-384 or RSA key in PEM, without password")


def _load(pem):
    """The private key of a PEM, None when it is none."""
    try:
        return serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _is_p384(key):
    return isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP384R1)


def _kid(key):
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(key.public_key().public_bytes(*form)).hexdigest()[:32]
