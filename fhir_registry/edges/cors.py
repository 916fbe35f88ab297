"""Which web pages may talk to this server from a browser (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

import re

from flask import Response, request

from .setting_values import LOOPBACK

_LOOPBACK = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")
# What a server is may be read by every page; it tells nothing of patients.
_PUBLIC = frozenset({"/fhir/metadata", "/fhir/openapi.json", "/fhir/.well-known/smart-configuration"})
_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
_SENT = (
    "Accept, Authorization, Content-Encoding, Content-Type, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, "
    "Prefer, X-Provenance, X-Request-Id"
)
_SHOWN = "Content-Location, ETag, Last-Modified, Location, Retry-After, WWW-Authenticate, X-Progress, X-Request-Id"
_SECONDS = "600"  # for which a browser need not ask again


def allow_origins(app, origins):
    """Answer preflights on every path, and tell browsers which origins may read the answers.

    origins: such as https://tool.hospital.org, "*" for all, LOOPBACK for those of this machine.
    """

    def answer_preflight():
        if _is_preflight():
            return Response(status=204)

    def mark(response):
        origin = request.headers.get("Origin")
        if "*" in origins or request.path in _PUBLIC:
            allowed = "*"
        else:
            response.vary.add("Origin")
            allowed = origin if origin in origins or (LOOPBACK in origins and _is_loopback(origin)) else None
        if origin and allowed:
            response.headers["Access-Control-Allow-Origin"] = allowed
            response.headers["Access-Control-Expose-Headers"] = _SHOWN
            if _is_preflight():
                response.headers["Access-Control-Allow-Methods"] = _METHODS
                response.headers["Access-Control-Allow-Headers"] = _SENT
                response.headers["Access-Control-Max-Age"] = _SECONDS
        return response

    app.before_request(answer_preflight)
    app.after_request(mark)


def _is_preflight():
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _is_loopback(origin):
    return origin is not None and _LOOPBACK.fullmatch(origin) is not None
