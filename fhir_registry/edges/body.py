"""Request bodies, never more than the limit in memory (https://hl7.org/fhir/R4/http.html#mime-type)."""

import zlib

from flask import request

from fhir_registry.fhir import json
from fhir_registry.fhir.errors import error

from .exchange import xml
from .negotiation import body_format
from .origin import note_body

MAX_FORM_BYTES = 1_000_000  # more than all values that a search may have
MAX_MEMBERS = 10_000  # of one gzip body
_PIECE = 16_384


def read_body(limit):
    """The request's body, unpacked, as bytes; Provenance will name its digest.

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
        data = _unpack(data, limit)
    note_body(data)
    return data


def read_resource(limit):
    """The request's FHIR body, JSON or XML, parsed: a dict. Raises malformed, too-large or unsupported-media-type."""
    format = body_format(request.headers.get("Content-Type"), request.headers.get("Content-Encoding"))
    data = read_body(limit)
    if not data.strip():
        raise error("malformed", "structure", "The body is empty; a FHIR resource is expected")
    if format == "xml":
        return xml().read(data)
    value = json.parse_sent(data)
    if not isinstance(value, dict):
        raise error("malformed", "structure", "The body is not a JSON object; a FHIR resource is expected")
    return value


def _unpack(data, limit):
    unpacked, rest, members, inflater = bytearray(), memoryview(data), 0, None
    while rest:  # a gzip stream may have several members
        if inflater is None:
            members, inflater = members + 1, zlib.decompressobj(wbits=31)
        if members > MAX_MEMBERS:
            raise error("malformed", "too-costly", f"The gzip body has more than {MAX_MEMBERS:,} members")
        piece = rest[:_PIECE]  # what a member leaves over is copied: no more than this
        try:
            unpacked += inflater.decompress(piece, limit + 1 - len(unpacked))
        except zlib.error:
            raise error("malformed", "structure", "The body is not valid gzip") from None
        if len(unpacked) > limit:
            raise _too_large(limit)
        rest = rest[len(piece) - len(inflater.unused_data) :]
        inflater = None if inflater.eof else inflater
    if inflater:
        raise error("malformed", "structure", "The gzip body ends early")
    return bytes(unpacked)


def _too_large(limit):
    return error(
        "too-large",
        "too-long",
        f"The body is larger than {limit:,} bytes; send it in parts",
        headers={"Connection": "close"},
    )
