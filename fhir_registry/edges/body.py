"""Request bodies, never more than the limit in memory (https://hl7.org/fhir/R4/http.html#mime-type)."""

import zlib

from flask import request

from fhir_registry.fhir import json
from fhir_registry.fhir.errors import error

from .exchange import xml
from .negotiation import body_format


def read_body(limit):
    """The request's body, unpacked, as bytes.

    limit: bytes, both as sent and unpacked. A Content-Length above it is refused before reading; a chunked body is
    read no further than the limit. Raises too-large (413), and malformed for a body shorter than its Content-Length.
    """
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    data = request.stream.read(limit + 1)
    if len(data) > limit:
        raise _too_large(limit)
    if len(data) < (request.content_length or 0):
        raise error("malformed", "incomplete", "The body ends before its Content-Length")
    if request.headers.get("Content-Encoding", "").strip().lower() == "gzip":
        return _unpack(data, limit)
    return data


def read_resource(limit):
    """The request's FHIR body, JSON or XML, parsed: a dict. Raises malformed, too-large or unsupported-media-type."""
    format = body_format(request.headers.get("Content-Type"), request.headers.get("Content-Encoding"))
    data = read_body(limit)
    if not data.strip():
        raise error("malformed", "structure", "The body is empty; a FHIR resource is expected")
    if format == "xml":
        return xml().read(data)
    value = json.parse(data)
    if not isinstance(value, dict):
        raise error("malformed", "structure", "The body is not a JSON object; a FHIR resource is expected")
    return value


def _unpack(data, limit):
    unpacked = bytearray()
    while data:  # a gzip stream may have several members
        inflater = zlib.decompressobj(wbits=31)
        try:
            unpacked += inflater.decompress(data, limit + 1 - len(unpacked))
        except zlib.error:
            raise error("malformed", "structure", "The body is not valid gzip") from None
        if len(unpacked) > limit:
            raise _too_large(limit)
        if not inflater.eof:
            raise error("malformed", "structure", "The gzip body ends early")
        data = inflater.unused_data
    return bytes(unpacked)


def _too_large(limit):
    return error(
        "too-large",
        "too-long",
        f"The body is larger than {limit:,} bytes; send it in parts",
        headers={"Connection": "close"},
    )
