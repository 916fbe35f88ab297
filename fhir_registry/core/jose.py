"""Signed tokens and the keys that they are verified by (https://datatracker.ietf.org/doc/html/rfc7519, https://datatracker.ietf.org/doc/html/rfc7517)."""

import re

import jwt
from cryptography.exceptions import UnsupportedAlgorithm

from ..fhir import json
from ..fhir.errors import FhirError
from .access import NotTrusted

LEEWAY = 60  # seconds that the clocks of others may differ
RSA_BITS = 2048  # at least
# Algorithm -> what its key is (https://datatracker.ietf.org/doc/html/rfc7518#section-3.1).
KEYS = {
    "RS256": {"kty": "RSA"},
    "RS384": {"kty": "RSA"},
    "PS256": {"kty": "RSA"},
    "ES256": {"kty": "EC", "crv": "P-256"},
    "ES384": {"kty": "EC", "crv": "P-384"},
}
_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KEYS_OF_ITS_OWN = frozenset({"jwk", "x5u", "x5c"})  # that a header would have us trust
# What PyJWT and json raise for texts that somebody made up.
_BAD = (jwt.PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, ArithmeticError, RecursionError)


def read_key_set(data):
    """The keys of a JWKS, a list of dicts. data: bytes. Raises NotTrusted."""
    try:
        keys = json.parse(data)["keys"]
    except (FhirError, KeyError, TypeError):
        keys = None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise NotTrusted("this is no JWKS, a JSON object with an array `keys`")
    return keys


def check_key_set(keys, algorithms):
    """Raise NotTrusted unless a client may be registered with these keys; algorithms: those that it may sign with."""
    if not keys:
        raise NotTrusted("the JWKS has no key")
    kids = set()
    for number, key in enumerate(keys, 1):
        if key.keys() & _PRIVATE or key.get("kty") == "oct":
            raise NotTrusted(f"key {number} holds private key material; register the public key, and make a new pair")
        kid = key.get("kid")
        if type(kid) is not str or not kid:
            raise NotTrusted(f"key {number} has no `kid`; name it")
        if kid in kids:
            raise NotTrusted(f"key {number} has the `kid` of another key; give each its own")
        kids.add(kid)
        fitting = [algorithm for algorithm in algorithms if _fits(key, algorithm)]
        if not fitting:
            raise NotTrusted(f"key {number} fits none of {', '.join(algorithms)}; make an EC key on P-384, or RSA")
        try:
            _load(key, fitting[0])
        except NotTrusted as problem:
            raise NotTrusted(f"key {number}: {problem}") from None


def find_key(keys, kid, algorithm):
    """The public key of those of a JWKS that has the `kid`, None without one.

    Raises NotTrusted when several have it, and when it is not one for the algorithm.
    """
    named = [key for key in keys if key.get("kid") == kid]
    if not named:
        return None
    if len(named) > 1:
        raise NotTrusted("several keys have its kid")
    if not _fits(named[0], algorithm):
        raise NotTrusted("its key is not one for its algorithm")
    return _load(named[0], algorithm)


def is_jwt(token):
    """Whether a token looks like a signed JWT, which is three parts of base64url."""
    return _JWT.fullmatch(token) is not None


def read_header(token, algorithms):
    """The header of a token that is signed in one of these ways. Raises NotTrusted."""
    try:
        header = jwt.get_unverified_header(token)
    except _BAD:
        raise NotTrusted("it is no JWT") from None
    if header.get("alg") not in algorithms:
        raise NotTrusted("its algorithm is not allowed")
    if header.keys() & _KEYS_OF_ITS_OWN:
        raise NotTrusted("it brings its own key")
    if type(header.get("kid")) is not str:
        raise NotTrusted("it has no kid")
    return header


def read_claims(token):
    """The claims of a token, nothing of which is verified yet. Raises NotTrusted."""
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except _BAD:
        raise NotTrusted("it is no JWT") from None


def verify(token, key, algorithm, issuer, audience, required=()):
    """The claims of a token that this key has signed, in time, from this issuer for this audience. Raises NotTrusted.

    audience: a text, or a list of which one is enough. required: claims that it must have beside iss, aud and exp.
    """
    try:
        claims = jwt.decode(
            token,
            key,
            [algorithm],
            issuer=issuer,
            audience=audience,
            leeway=LEEWAY,
            options={"require": ["iss", "aud", "exp", *required]},
        )
    except _BAD as problem:
        raise NotTrusted(f"it is not valid ({type(problem).__name__})") from None
    if type(claims["exp"]) is not int:
        raise NotTrusted("its exp is no whole number")
    return claims


def _fits(key, algorithm):
    optional = {"use": "sig", "alg": algorithm}
    return all(key.get(name) == value for name, value in KEYS[algorithm].items()) and all(
        key.get(name, value) == value for name, value in optional.items()
    )


def _load(key, algorithm):
    if key.keys() & _PRIVATE:
        raise NotTrusted("it holds private key material")
    try:
        loaded = jwt.PyJWK(key, algorithm).key
    except _BAD:
        raise NotTrusted("it cannot be read") from None
    if key["kty"] == "RSA" and loaded.key_size < RSA_BITS:
        raise NotTrusted(f"an RSA key has {RSA_BITS} bits at least")
    return loaded
