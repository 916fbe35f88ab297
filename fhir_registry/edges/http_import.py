"""`$import`: many resources are stored later, from the body or from where it says (https://github.com/smart-on-fhir/bulk-import)."""

from contextlib import contextmanager
from dataclasses import replace

from flask import Blueprint, request

from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError, error
from fhir_registry.ops.import_job import Source, request_body, request_urls

from .body import read_body, read_resource
from .exchange import base_url, config, negotiate, refuse_parameters, registry, site
from .http_jobs import accept, require_room
from .negotiation import fits, media_type, prefers_async, require_known_encoding

imports = Blueprint("imports", __name__, url_prefix="/fhir")
NDJSON = ("application/fhir+ndjson", "application/ndjson", "application/x-ndjson", "ndjson")
STORAGE = ("https", "file")
MOST = 500  # inputs of one request
_KNOWN = frozenset({"inputFormat", "inputSource", "mode", "storageDetail", "input"})
_OF_INPUT = frozenset({"type", "url", "etag"})


@imports.before_request
def _negotiate():
    negotiate()
    refuse_parameters()


@imports.post("/$import")
def import_many():
    registry().access.require_any("cu")
    registry().store.require_writable(site())
    if not prefers_async(request.headers.get("Prefer")):
        message = "An import takes its time; send the header Prefer: respond-async and ask where Content-Location says"
        raise error("bad-request", "required", message)
    require_room()
    limit = config().max_body_bytes
    content_type = request.headers.get("Content-Type", "")
    essence, parameters = media_type(content_type)
    if essence in NDJSON:
        if not fits(parameters):
            message = f"Content-Type {content_type} is not read: lines are FHIR 4.0 in UTF-8"
            raise error("unsupported-media-type", "not-supported", message)
        require_known_encoding(request.headers.get("Content-Encoding"))
        body = read_body(limit)
        if not body.strip():
            raise error("malformed", "structure", "The body is empty; each of its lines is to be a resource")
        return accept(request_body(registry(), site(), body, True, base_url(), limit))
    sent = read_resource(limit)
    if sent.get("resourceType") == "Bundle":
        if sent.get("type") not in ("batch", "transaction"):
            raise error("malformed", "value", "Bundle.type must be batch or transaction", "Bundle.type")
        return accept(request_body(registry(), site(), json.dumps(sent), False, base_url(), limit))
    if sent.get("resourceType") == "Parameters":
        parameters = sent.get("parameter", [])
        asked = _read_parameters(parameters, "Parameters.parameter")
        with _placed(_places(parameters, "Parameters.parameter")):
            return _import_urls(asked, limit)
    if "resourceType" in sent:
        raise error("malformed", "invalid", "The body of $import is NDJSON, a Bundle, or says what is to be imported")
    return _import_urls(sent, limit)


def _import_urls(sent, limit):
    sources = _read_request(sent)
    return accept(request_urls(registry(), site(), sources, sent.get("inputSource"), base_url(), limit))


def _read_parameters(parameters, path):
    """The JSON of the draft that a Parameters resource stands for."""
    found = {}
    for position, parameter in enumerate(parameters if isinstance(parameters, list) else [None]):
        where = f"{path}[{position}]"
        if not isinstance(parameter, dict) or type(parameter.get("name")) is not str:
            raise error("malformed", "structure", "A parameter has a name", where)
        values = [v for k, v in parameter.items() if k.startswith("value")]
        if "part" in parameter:
            values.append(_read_parameters(parameter["part"], f"{where}.part"))
        name = parameter["name"]
        if len(values) != 1:
            raise error("malformed", "structure", f"{name} has one value, or parts", where)
        if name == "input":
            found.setdefault(name, []).append(values[0])
        elif name in found:
            raise error("malformed", "invalid", f"{name} may be given once only", where)
        else:
            found[name] = values[0]
    return found


def _places(parameters, path, above=""):
    """{place in the JSON of the draft: place of the same in the Parameters resource, which was read}."""
    places, inputs = {}, 0
    for position, parameter in enumerate(parameters):
        name = parameter["name"]
        if name == "input":
            name, inputs = f"input[{inputs}]", inputs + 1
        places[above + name] = f"{path}[{position}]"
        places |= _places(parameter.get("part", ()), f"{path}[{position}].part", f"{above}{name}.")
    return places


@contextmanager
def _placed(places):
    """What is raised within is at its place in the Parameters resource; what is missing there, where it should be."""
    try:
        yield
    except FhirError as problem:
        issues = []
        for issue in problem.issues:
            above, _, _ = (issue.expression or "").rpartition(".")
            place = places.get(issue.expression) or places.get(above, "Parameters.parameter")
            issues.append(replace(issue, expression=place))
        raise FhirError(problem.kind, issues, problem.headers) from None


def _read_request(sent):
    """[Source] of the JSON of the draft. Raises bad-request for everything that is not carried out."""
    _refuse_unknown(sent, _KNOWN, "")
    if sent.get("inputFormat") not in NDJSON:
        raise error("bad-request", "not-supported", "inputFormat must be application/fhir+ndjson", "inputFormat")
    if sent.get("mode", "IncrementalLoad") != "IncrementalLoad":
        message = "Only the mode IncrementalLoad is carried out: resources are created and updated beside those there"
        raise error("bad-request", "not-supported", message, "mode")
    if type(sent.get("inputSource", "")) is not str:
        raise error("bad-request", "value", "inputSource is a URL", "inputSource")
    storage = sent.get("storageDetail", {"type": "https"})
    if not isinstance(storage, dict) or storage.keys() != {"type"} or storage["type"] not in STORAGE:
        raise error(
            "bad-request", "not-supported", "storageDetail has the type https or file, no more", "storageDetail"
        )
    inputs = sent.get("input")
    if not isinstance(inputs, list) or not 0 < len(inputs) <= MOST:
        raise error("bad-request", "required", f"There must be an input, {MOST} at most", "input")
    sources = [_read_input(given, f"input[{position}]") for position, given in enumerate(inputs)]
    if len({source.url for source in sources}) < len(sources):
        raise error("bad-request", "duplicate", "An input has the URL of another", "input")
    return sources


def _read_input(given, path):
    if not isinstance(given, dict) or any(type(value) is not str for value in given.values()):
        raise error("bad-request", "structure", "An input has the strings type, url and etag", path)
    _refuse_unknown(given, _OF_INPUT, f"{path}.")
    if "url" not in given:
        raise error("bad-request", "required", "An input needs its url", f"{path}.url")
    type_ = given.get("type")
    if type_ is not None and type_ not in registry().content.definitions.resource_types:
        raise error("bad-request", "value", f"'{type_}' is not a resource type", f"{path}.type")
    return Source(given["url"], True, url=given["url"], type=type_, etag=given.get("etag"))


def _refuse_unknown(given, known, path):
    for name in given:
        if name not in known:
            message = f"'{name}' is not known here and cannot be ignored"
            raise error("bad-request", "not-supported", message, f"{path}{name}")
