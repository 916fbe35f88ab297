"""What the headers of a request ask for (https://hl7.org/fhir/R4/http.html#mime-type)."""

import re

from werkzeug.http import parse_date

from fhir_registry.fhir.errors import bad_parameter, error, parameter_place

FHIR_JSON = "application/fhir+json; charset=utf-8"
FHIR_XML = "application/fhir+xml; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
# Media type -> format of a body; for an answer also the names of DSTU2, which HAPI's client still sends.
FHIR_FORMATS = {
    "application/fhir+json": "json",
    "application/json": "json",
    "text/json": "json",
    "application/fhir+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
}
_WRITTEN = FHIR_FORMATS | {"application/json+fhir": "json", "application/xml+fhir": "xml"}
_PAGE = {"text/html": "html"}
# Format -> how general a media range is; the most specific one that matches decides (RFC 9110, 12.5.1). Of formats
# that a client likes as much as another, it gets the first. Java's own client sends `*; q=.2`.
_RANGES = {
    "json": {"*": 1, "*/*": 1, "application/*": 2} | {name: 3 for name, format in _WRITTEN.items() if format == "json"},
    "xml": {"*": 1, "*/*": 1, "application/*": 2} | {name: 3 for name, format in _WRITTEN.items() if format == "xml"},
    "html": {"*": 1, "*/*": 1, "text/*": 2, "text/html": 3},
}
_VERSIONS = frozenset({"4.0", "4.0.1"})
_UTF_8 = frozenset({"utf-8", "utf8"})
_ENTITY_TAG = re.compile(r'(?:W/)?"([^"]*)"|([^\s",]+)')
# Names of preferences have no case (RFC 7240, 2).
_RETURN = re.compile(r"(?:^|[,;])\s*(?i:return)\s*=\s*\"?([A-Za-z]+)\"?\s*(?=$|[,;])")
_HANDLING = re.compile(r"(?:^|[,;])\s*(?i:handling)\s*=\s*\"?(strict|lenient)\"?\s*(?=$|[,;])")
_ASYNC = re.compile(r"(?:^|[,;])\s*(?i:respond-async)\s*(?=$|[,;])")
_OFFERED = "this server reads and writes application/fhir+json and application/fhir+xml (FHIR R4, fhirVersion=4.0)"


def media_type(value):
    """Split 'application/FHIR+json; fhirVersion=4.0' into ('application/fhir+json', {'fhirversion': '4.0'})."""
    essence, *parts = value.split(";")
    parameters = {}
    for part in parts:
        name, _, text = part.partition("=")
        parameters[name.strip().lower()] = text.strip().strip('"').lower()
    return essence.strip().lower(), parameters


def choose_format(accept, named, page=False):
    """The format of an answer: json, xml, or html where a page is offered; None when none of them is wanted.

    accept: the Accept header or None. named: the values of `_format`, a list; one overrides Accept.
    Raises bad-request for several.
    """
    if len(named) > 1:
        raise bad_parameter("_format", "invalid", "_format may be given once only")
    if named:
        essence, parameters = media_type(named[0])
        formats = _WRITTEN | {"json": "json", "xml": "xml"} | (_PAGE | {"html": "html"} if page else {})
        # A raw + in a query arrives as a space.
        return formats.get(essence.replace(" ", "+")) if fits(parameters) else None
    if not accept:
        return "json"
    offered = ("json", "xml", "html") if page else ("json", "xml")
    qualities = {format: _quality_of(accept, _RANGES[format]) for format in offered}
    best = max(qualities, key=qualities.get)
    return best if qualities[best] else None


def not_acceptable(accept, named):
    """The error for what choose_format has no format for (406)."""
    wanted = f"_format={named[0]}" if named else f"Accept: {accept}"
    place = parameter_place("_format") if named else None
    return error("not-acceptable", "not-supported", f"{wanted} is not offered: {_OFFERED}", place)


def body_format(content_type, encoding):
    """json or xml, from the Content-Type and Content-Encoding of a FHIR body. Raises unsupported-media-type (415)."""
    if not content_type:
        raise error("unsupported-media-type", "not-supported", "Content-Type is missing; send application/fhir+json")
    essence, parameters = media_type(content_type)
    if essence not in FHIR_FORMATS or not fits(parameters):
        raise error("unsupported-media-type", "not-supported", f"Content-Type {content_type} is not read: {_OFFERED}")
    require_known_encoding(encoding)
    return FHIR_FORMATS[essence]


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
    raise bad_parameter("_pretty", "invalid", "_pretty is either true or false")


def entity_tags(headers, name):
    """If-Match or If-None-Match, by its name -> list of opaque tags, '*' or None.

    Weak, strong and unquoted tags are equal here: FHIR's tags are weak and clients send all three.
    """
    header = headers.get(name)
    if header is None:
        return None
    if header.strip() == "*":
        return "*"
    tags = []
    for item in header.split(","):
        match = _ENTITY_TAG.fullmatch(item.strip())
        if not match:
            raise error("bad-request", "invalid", f"{name} is '{header}', not a list of entity tags such as W/\"3\"")
        tags.append(match[1] if match[1] is not None else match[2])
    return tags


def http_moment(header):
    """The datetime of a header; None when there is none, or it is no date and to be ignored (RFC 9110, 13.1.3)."""
    try:
        return parse_date(header)
    except OverflowError:  # of many digits
        return None


def preferred_return(prefer):
    """Prefer: return=... -> 'representation', 'minimal' or 'OperationOutcome'; None for nothing or anything else."""
    match = _RETURN.search(prefer or "")
    return match[1] if match and match[1] in ("representation", "minimal", "OperationOutcome") else None


def prefers_lenient(prefer):
    """Prefer: handling=lenient -> True; strict and nothing -> False."""
    match = _HANDLING.search(prefer or "")
    return bool(match) and match[1] == "lenient"


def prefers_async(prefer):
    """Prefer: respond-async -> True."""
    return bool(_ASYNC.search(prefer or ""))


def _quality_of(accept, ranges):
    """The quality, 0 to 1, that Accept gives to what `ranges` match."""
    best, quality = 0, 0.0
    for item in accept.split(","):
        essence, parameters = media_type(item)
        specificity = ranges.get(essence, 0)
        if not specificity or not fits(parameters):
            continue
        q = _quality(parameters.get("q"))
        if specificity > best:
            best, quality = specificity, q
        elif specificity == best:
            quality = max(quality, q)
    return quality


def fits(parameters):
    """Whether the parameters of a media type ask for R4 and UTF-8, as far as they ask for anything."""
    return parameters.get("fhirversion", "4.0") in _VERSIONS and parameters.get("charset", "utf-8") in _UTF_8


def _quality(text):
    if text is None:
        return 1.0
    return float(text) if re.fullmatch(r"[01](\.\d{0,3})?|\.\d{1,3}", text) else 0.0
