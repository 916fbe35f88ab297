"""One request and its response, as the routes see them (https://hl7.org/fhir/R4/http.html)."""

from tempfile import TemporaryFile

from flask import Response, current_app, g, request, send_file

from fhir_registry.core.paging import ANYBODY
from fhir_registry.core.query import parse_pairs
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import error

from .negotiation import FHIR_JSON, prefers_page, require_json_answer, wants_pretty

SITE = 1  # the one site of this version


def registry():
    """The open Registry of this process."""
    return current_app.extensions["fhir_registry"]


def config():
    """The Config of this process."""
    return current_app.extensions["fhir_registry_config"]


def caller():
    """Who asks, as cursors are bound to it; the same for everybody in this version."""
    return ANYBODY


def base_url():
    """The public FHIR base without a slash at its end, for Location and links."""
    return config().base_url or f"{request.host_url}fhir"


def negotiate(page=False):
    """Read the URL's parameters, check that JSON is acceptable and the host known; before any route of /fhir runs.

    page: whether the route offers a page too; `g.page` says that it is wanted.
    """
    if not (config().base_url or request.host):  # Location and links would lead nowhere
        raise error("bad-request", "invalid", "The Host header is missing or names no host")
    pairs = parse_parameters(request.query_string)
    formats = [value for name, value in pairs if name == "_format"]
    pretty = [value for name, value in pairs if name == "_pretty"]
    accept = request.headers.get("Accept")
    g.page = page and prefers_page(accept, formats)
    if not g.page:
        require_json_answer(accept, formats)
    g.pretty = wants_pretty(pretty)
    g.parameters = [pair for pair in pairs if pair[0] not in ("_format", "_pretty")] if pairs else pairs


def parse_parameters(encoded):
    """b'a=1&b=%C3%A9' -> [('a', '1'), ('b', 'é')]; UTF-8 and no control characters, else bad-request."""
    try:
        return parse_pairs(encoded.decode("ascii"))
    except UnicodeDecodeError:
        raise error("bad-request", "invalid", "The parameters are not percent-encoded") from None


def read_arguments(pairs, known):
    """{argument: value} of the (name, value) pairs that have a value; known: {parameter: argument of the walk}."""
    arguments = {}
    for name, value in pairs:
        if name not in known:
            message = f"The parameter '{name}' is not supported; known: {', '.join(known)}"
            raise error("bad-request", "not-supported", message)
        if known[name] in arguments:
            raise error("bad-request", "invalid", f"The parameter '{name}' may be given once only")
        if value:
            arguments[known[name]] = value
    return arguments


def refuse_parameters():
    """For interactions that know no parameter but _format and _pretty: naming any other is an error."""
    for name, _ in g.parameters:
        raise error("bad-request", "not-supported", f"The parameter '{name}' is not supported here")


def respond(body, status=200, headers=None):
    """A FHIR JSON response. body: bytes, sent as they are unless `_pretty=true` was asked for."""
    if body and g.get("pretty"):
        body = json.dumps(json.parse(body), pretty=True)
    response = Response(body, status, headers)
    if body:
        response.headers["Content-Type"] = FHIR_JSON
    else:
        del response.headers["Content-Type"]
    return response


def respond_file(write, mimetype, name):
    """A file to keep, as `write(binary file)` makes it.

    It is answered whole or not at all: what goes wrong on the way is still an OperationOutcome.
    """
    sink = TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    try:
        write(sink)
    except BaseException:
        sink.close()
        raise
    size = sink.tell()
    sink.seek(0)
    response = send_file(sink, mimetype, as_attachment=True, download_name=name)
    response.content_length = size
    response.vary.add("Accept")
    return response
