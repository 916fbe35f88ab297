"""What the headers of a request ask for (https://hl7.org/fhir/R4/http.html#mime-type)."""

import re

from fhir_registry.fhir.errors import error

FHIR_JSON = "application/fhir+json; charset=utf-8"
_JSON_TYPES = frozenset({"application/fhir+json", "application/json", "text/json"})
# How general a media range is; the most specific one that matches decides (RFC 9110, 12.5.1).
_RANGES = {"*/*": 1, "application/*": 2} | dict.fromkeys(_JSON_TYPES, 3)
_PAGE_RANGES = {"*/*": 1, "text/*": 2, "text/html": 3}
_VERSIONS = frozenset({"4.0", "4.0.1"})
_ENTITY_TAG = re.compile(r'(?:W/)?"([^"]*)"|([^\s",]+)')
_RETURN = re.compile(r"(?:^|[,;])\s*return\s*=\s*\"?([A-Za-z]+)\"?\s*(?=$|[,;])")
_HANDLING = re.compile(r"(?:^|[,;])\s*handling\s*=\s*\"?(strict|lenient)\"?\s*(?=$|[,;])")
_ONLY_JSON = "this version reads and writes application/fhir+json (FHIR R4, fhirVersion=4.0) only"


def media_type(value):
    """Split 'application/FHIR+json; fhirVersion=4.0' into ('application/fhir+json', {'fhirversion': '4.0'})."""
    essence, *parts = value.split(";")
    parameters = {}
    for part in parts:
        name, _, text = part.partition("=")
        parameters[name.strip().lower()] = text.strip().strip('"').lower()
    return essence.strip().lower(), parameters


def require_json_answer(accept, format_values):
    """Check that JSON is acceptable: `_format` overrides Accept. Raises not-acceptable (406).

    accept: the Accept header or None. format_values: the values of `_format` in the URL, a list.
    """
    if format_values:
        if len(format_values) > 1:
            raise error("bad-request", "invalid", "_format may be given once only")
        if not _is_json_format(format_values[0]):
            raise error("not-acceptable", "not-supported", f"_format={format_values[0]} is not offered: {_ONLY_JSON}")
    elif accept and not _accepted(accept, _RANGES):
        raise error("not-acceptable", "not-supported", f"Accept: {accept} cannot be satisfied: {_ONLY_JSON}")


def prefers_page(accept, format_values):
    """Whether a page is asked for rather than JSON, which is what a client gets that likes both as much.

    accept: the Accept header or None. format_values: the values of `_format` in the URL, a list; they override Accept.
    """
    if format_values:
        return len(format_values) == 1 and media_type(format_values[0])[0] in ("html", "text/html")
    return bool(accept) and _accepted(accept, _PAGE_RANGES) > _accepted(accept, _RANGES)


def require_json_body(content_type, encoding):
    """Check the Content-Type and Content-Encoding of a FHIR body. Raises unsupported-media-type (415)."""
    if not content_type:
        raise error("unsupported-media-type", "not-supported", "Content-Type is missing; send application/fhir+json")
    essence, parameters = media_type(content_type)
    charset = parameters.get("charset", "utf-8")
    if essence not in _JSON_TYPES or not _version_fits(parameters) or charset not in ("utf-8", "utf8"):
        raise error("unsupported-media-type", "not-supported", f"Content-Type {content_type} is not read: {_ONLY_JSON}")
    require_known_encoding(encoding)


def require_known_encoding(encoding):
    """Content-Encoding may be absent, identity or gzip. Raises unsupported-media-type (415)."""
    if (encoding or "identity").strip().lower() not in ("identity", "gzip"):
        raise error("unsupported-media-type", "not-supported", f"Content-Encoding {encoding} is not read; send gzip")


def wants_pretty(values):
    """The `_pretty` parameter: true or false, once."""
    if not values or values == ["false"]:
        return False
    if values == ["true"]:
        return True
    raise error("bad-request", "invalid", "_pretty is either true or false")


def entity_tags(header):
    """If-Match or If-None-Match -> list of opaque tags, '*' or None.

    Weak, strong and unquoted tags are equal here: FHIR's tags are weak and clients send all three.
    """
    if header is None:
        return None
    if header.strip() == "*":
        return "*"
    tags = []
    for item in header.split(","):
        match = _ENTITY_TAG.fullmatch(item.strip())
        if not match:
            raise error("bad-request", "invalid", f"'{header}' is not a list of entity tags such as W/\"3\"")
        tags.append(match[1] if match[1] is not None else match[2])
    return tags


def preferred_return(prefer):
    """Prefer: return=... -> 'representation', 'minimal' or 'OperationOutcome'; None for nothing or anything else."""
    match = _RETURN.search(prefer or "")
    return match[1] if match and match[1] in ("representation", "minimal", "OperationOutcome") else None


def prefers_lenient(prefer):
    """Prefer: handling=lenient -> True; strict and nothing -> False."""
    match = _HANDLING.search(prefer or "")
    return bool(match) and match[1] == "lenient"


def _is_json_format(value):
    # A raw + in a query arrives as a space.
    essence, parameters = media_type(value)
    essence = essence.replace(" ", "+")
    return (essence == "json" or essence in _JSON_TYPES) and _version_fits(parameters)


def _accepted(accept, ranges):
    """The quality, 0 to 1, that Accept gives to what `ranges` match."""
    best, quality = 0, 0.0
    for item in accept.split(","):
        essence, parameters = media_type(item)
        specificity = ranges.get(essence, 0)
        if not specificity or not _version_fits(parameters):
            continue
        q = _quality(parameters.get("q"))
        if specificity > best:
            best, quality = specificity, q
        elif specificity == best:
            quality = max(quality, q)
    return quality


def _version_fits(parameters):
    return parameters.get("fhirversion", "4.0") in _VERSIONS


def _quality(text):
    if text is None:
        return 1.0
    return float(text) if re.fullmatch(r"[01](\.\d{0,3})?", text) else 0.0
