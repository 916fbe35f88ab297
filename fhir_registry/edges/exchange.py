"""One request and its response, as the routes see them (https://hl7.org/fhir/R4/http.html)."""

from contextlib import suppress
from dataclasses import replace
from functools import cache
from tempfile import TemporaryFile
from urllib.parse import quote, urljoin

from flask import Response, current_app, g, request, send_file

from fhir_registry.content.definitions import load_definitions
from fhir_registry.core.paging import Client
from fhir_registry.core.query import parse_pairs
from fhir_registry.core.xml import Xml
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import bad_parameter, error
from fhir_registry.ops.callers import NOBODY

from .negotiation import FHIR_JSON, FHIR_XML, FORM, choose_format, not_acceptable, prefers_lenient, wants_pretty
from .own_folder import no_room

SITE = "fhir_registry.site"  # the site that the URL names, in the environment of a request (sites.py)


def registry():
    """The open Registry of this process, as who asks may use it."""
    if "registry" not in g:
        opened, access = current_app.extensions["fhir_registry"], g.get("caller", NOBODY).access
        g.registry = replace(opened, access=access, trail=g.get("trail"), home=home_url())
    return g.registry


def config():
    """The Config of this process."""
    return current_app.extensions["fhir_registry_config"]


@cache
def xml():
    """The Xml of this process."""
    return Xml(load_definitions())


def caller():
    """Who asks, as cursors are bound to it."""
    return g.caller.client


def site():
    """The number of the site that is asked; EVERY_NUMBER for all."""
    return g.caller.site


def base_url():
    """The public FHIR base of this request without a slash at its end, for Location and links.

    That of a site, /site/NAME/fhir, is beside that of the server, /fhir.
    """
    if SITE not in request.environ:
        return home_url()
    return urljoin(home_url(), f"site/{quote(request.environ[SITE], safe='')}/fhir")


def home_url():
    """The public FHIR base of the server."""
    return config().base_url or f"{request.host_url}fhir"


def client():
    """The Client of this request; of a POST when its form has been read."""
    strict = not prefers_lenient(request.headers.get("Prefer"))
    return Client(base_url(), strict, caller(), request.method == "POST", g.representation)


def negotiate(page=False):
    """Read the URL's parameters, choose the format of the answer and check the host; before any route of /fhir runs.

    `g.parameters` are those that the route is to know. page: whether the route offers a page too; `g.page` says that
    it is wanted.
    """
    if not (config().base_url or request.host):  # Location and links would lead nowhere
        raise error("bad-request", "invalid", "The Host header is missing or names no host")
    g.offers_page, g.representation = page, ()
    # Of a form its own parameters, which are read later, may still say how it is to be answered.
    form_follows = request.method == "POST" and request.mimetype == FORM
    g.parameters = take_representation(parse_parameters(request.query_string), final=not form_follows)


def take_representation(pairs, final=True):
    """Remember the `_format` and `_pretty` of (name, value) pairs, of the URL or of a form; gives the other pairs.

    `g.representation` holds them, for links. final: whether to raise not-acceptable (406) when there is no format to
    answer in.
    """
    others = [pair for pair in pairs if pair[0] not in ("_format", "_pretty")]
    if "representation" not in g:  # a route that chooses by the URL alone
        if len(others) < len(pairs):
            raise error("bad-request", "not-supported", "_format and _pretty stand in the URL here")
        return others
    # Without a value they say nothing, as every parameter.
    g.representation += tuple(pair for pair in pairs if pair not in others and pair[1])
    named = [value for name, value in g.representation if name == "_format"]
    accept = request.headers.get("Accept")
    chosen = choose_format(accept, named, g.offers_page)
    if chosen is None and final:
        raise not_acceptable(accept, named)
    g.format = chosen or "json"
    g.page = chosen == "html"
    g.pretty = wants_pretty([value for name, value in g.representation if name == "_pretty"])
    return others


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
            raise bad_parameter(name, "not-supported", message)
        if known[name] in arguments:
            raise bad_parameter(name, "invalid", f"The parameter '{name}' may be given once only")
        if value:
            arguments[known[name]] = value
    return arguments


def tell_sender(issues):
    """Issues as who sent the request knows its parts: a parameter of a Parameters resource is at its place there."""
    places = g.get("places")
    if places is None:
        return issues
    return [
        replace(issue, expression=places.get(issue.parameter, "Parameters.parameter"))
        if issue.parameter and (issue.parameter in places or issue.parameter not in request.args)
        else issue
        for issue in issues
    ]


def refuse_parameters():
    """For interactions that know no parameter but _format and _pretty: naming any other is an error."""
    for name, _ in g.parameters:
        raise bad_parameter(name, "not-supported", f"The parameter '{name}' is not supported here")


def respond(body, status=200, headers=None):
    """A FHIR response. body: JSON bytes, sent as they are unless XML or `_pretty=true` was asked for; b"" for none."""
    pretty = g.get("pretty", False)
    as_xml = answer_format() == "xml"
    if body and as_xml:
        body = xml().write(json.parse(body), pretty)
    elif body and pretty:
        body = json.dumps(json.parse(body), pretty=True)
    response = Response(body, status, headers)
    if body:
        response.headers["Content-Type"] = FHIR_XML if as_xml else FHIR_JSON
    else:
        del response.headers["Content-Type"]
    response.vary.add("Accept")
    return response


def answer_format():
    """What was negotiated; for what no route of /fhir answers, or failed before that, as far as it can be known."""
    if "format" not in g:
        named = [value for value in request.args.getlist("_format") if value][:1]
        g.format = choose_format(request.headers.get("Accept"), named) or "json"
    return g.format


def respond_file(write, mimetype, name):
    """A file to keep, as `write(binary file)` makes it.

    It is answered whole or not at all: what goes wrong on the way is still an OperationOutcome.
    """
    try:
        sink = TemporaryFile()  # noqa: SIM115 - closed when it has been sent
        try:
            write(sink)
            size = sink.tell()
            sink.seek(0)  # writes what is left
        except BaseException:
            with suppress(OSError):  # it cannot be written now either
                sink.close()
            raise
    except OSError as problem:
        raise no_room(problem) from None
    # No ranges: the next request makes another file, and parts of the two would not fit.
    response = send_file(sink, mimetype, as_attachment=True, download_name=name, conditional=False)
    response.content_length = size
    response.vary.add("Accept")
    return response
