"""A batch or transaction Bundle becomes a list of entries (https://hl7.org/fhir/R4/http.html#transaction)."""

import base64
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..fhir import json
from ..fhir.dates import instant
from ..fhir.errors import FhirError, Issue, error
from ..fhir.references import ID, base_of, split_reference
from .access import AUDIT
from .patch import FHIRPATH_PATCH

ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}
READS = frozenset({"GET", "HEAD"})
# What may stand there (search and response: bdl-2, bdl-4); a misspelt condition must not become none, and a
# modifierExtension must not be ignored.
_ENTRY = frozenset({"fullUrl", "link", "resource", "request", "id", "extension"})
# condition -> methods that it is for
_CONDITIONS = {
    "ifNoneExist": ("POST",),
    "ifMatch": ("PUT", "PATCH", "DELETE"),
    "ifNoneMatch": ("PUT", "GET", "HEAD"),
    "ifModifiedSince": ("GET", "HEAD"),
}
_REQUEST = frozenset({"method", "url", "id", "extension", *_CONDITIONS})
_URI_TYPES = frozenset({"uri", "url", "oid", "uuid"})


@dataclass(slots=True)
class Entry:
    """One request. `id` is None until it is known; `criteria` is the query of a conditional interaction.

    resource: what is to be stored; what a patch makes is known when it is applied. if_match, if_none_match: versions,
    "*" or None. modified_since: microseconds since 1970-01-01, or None. path: where the resource stands in the request,
    or None for the request itself. match: (type, id) when the condition has found a resource, so that a create is not
    done. patch: (parsed body, media type) of a PATCH. settled: open references that were stored before the patch.
    new_id: the id that it gets when nothing is found, or None for any.
    """

    method: str
    type: str
    id: str | None = None
    resource: dict | None = None
    criteria: str | None = None
    if_match: list[str] | str | None = None
    if_none_match: list[str] | str | None = None
    modified_since: int | None = None
    url: str = ""
    full_url: str | None = None
    index: int = 0
    path: str | None = None
    match: tuple[str, str] | None = None
    patch: tuple[Any, str] | None = None
    settled: list[str] = field(default_factory=list)
    error: FhirError | None = None
    outcome: Any = field(default=None, repr=False)
    new_id: str | None = None

    @property
    def is_plain_create(self):
        return self.method == "POST" and self.criteria is None

    @property
    def condition_path(self):
        """Where its condition stands in a Bundle; None for the request itself."""
        return self.request_path("url" if "?" in self.url else "ifNoneExist")

    def request_path(self, name):
        """Where an element of `request` stands in a Bundle; None for the request itself."""
        return f"Bundle.entry[{self.index}].request.{name}" if self.url else None

    @property
    def may_be_new(self):
        """Whether this is a create, or an update of an id without any condition."""
        if self.method == "PUT" and self.criteria is not None:
            return False
        return self.method in ("POST", "PUT") and self.if_match is None and self.if_none_match is None


def plan_bundle(bundle, base, types, max_entries):
    """The entries of a Bundle, in its order. types: those that are stored.

    Raises FhirError for what is no batch or transaction, for too many entries (413) and, in a transaction, for
    every entry that cannot be read, all at once. In a batch such an entry carries its error.
    """
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise error(
            "malformed",
            "structure",
            "The body is not a Bundle; a single resource is sent to its type, such as /Patient",
            "Bundle",
        )
    if bundle.get("type") not in ("batch", "transaction"):
        raise error("malformed", "value", "Bundle.type must be batch or transaction", "Bundle.type")
    if "implicitRules" in bundle:
        raise error("malformed", "not-supported", "Rules of one's own are not known here", "Bundle.implicitRules")
    items = bundle.get("entry", [])
    if not isinstance(items, list) or ("entry" in bundle and not items):
        raise error("malformed", "structure", "Bundle.entry must be an array that is not empty", "Bundle.entry")
    if len(items) > max_entries:
        message = f"The Bundle has {len(items)} entries; at most {max_entries} are accepted"
        raise error("too-large", "too-costly", message, "Bundle.entry")
    entries = []
    seen = set()
    for index, item in enumerate(items):
        try:
            entry = _plan_entry(item, f"Bundle.entry[{index}]", base, types)
            if entry.full_url in seen:
                where = f"Bundle.entry[{index}].fullUrl"
                raise error("malformed", "invariant", f"fullUrl {entry.full_url} occurs twice (bdl-7)", where)
            if entry.full_url:
                seen.add(entry.full_url)
        except FhirError as problem:
            entry = Entry("", "", error=problem)
        entry.index = index
        entries.append(entry)
    broken = [entry.error for entry in entries if entry.error]
    if broken and bundle["type"] == "transaction":
        raise FhirError(broken[0].kind, [issue for problem in broken for issue in problem.issues])
    return entries


def _plan_entry(item, path, base, types):
    if not isinstance(item, dict):
        raise error("malformed", "structure", "An entry must be an object", path)
    request = item.get("request")
    if not isinstance(request, dict):
        raise error("malformed", "required", "An entry of a batch or transaction needs a request", f"{path}.request")
    _refuse_unknown(item, _ENTRY, path)
    _refuse_unknown(request, _REQUEST, f"{path}.request")
    for name, value in request.items():
        if name not in ("extension", "id") and not name.startswith("_") and type(value) is not str:
            raise error("malformed", "structure", f"{name} must be a string", f"{path}.request.{name}")
    method = request.get("method")
    if method not in ORDER:
        message = f"The method {method} is not one of {', '.join(ORDER)}"
        raise error("malformed", "value", message, f"{path}.request.method")
    full_url = item.get("fullUrl")
    if full_url is not None and (type(full_url) is not str or "/_history/" in full_url):
        raise error("malformed", "invariant", "fullUrl must be a URL without a version (bdl-8)", f"{path}.fullUrl")
    url = request.get("url")
    if not url:
        raise error("malformed", "required", "An entry needs request.url", f"{path}.request.url")
    if base and url.startswith(base):
        url = url[len(base) :]
    entry = Entry(method, "", url=url.lstrip("/"), full_url=full_url, path=f"{path}.resource")
    _plan_conditions(entry, request, f"{path}.request")
    if method in READS:
        return entry
    _plan_url(entry, f"{path}.request.url", types)
    if entry.criteria is not None and method == "POST":
        entry.criteria = entry.criteria.removeprefix(f"{entry.type}?").removeprefix("?")
    resource = item.get("resource")
    if method != "DELETE" and not isinstance(resource, dict):
        raise error("malformed", "required", f"A {method} entry needs a resource", f"{path}.resource")
    if method == "PATCH":
        entry.patch = _plan_patch(resource, f"{path}.resource")
    elif method != "DELETE":
        entry.resource = resource
    return entry


def _refuse_unknown(node, known, path):
    for name in node:
        if name not in known and name.removeprefix("_") not in known:
            raise error("malformed", "structure", f"'{name}' is not known here and cannot be ignored", f"{path}.{name}")


def _plan_url(entry, path, types):
    place, question, criteria = entry.url.partition("?")
    type_, slash, id_ = place.partition("/")
    refuse_audit(entry.method, type_, types, path)
    if type_ not in types:
        raise error("not-supported", "not-supported", f"Unknown resource type '{type_}'", path)
    entry.type = type_
    if slash:
        if entry.method == "POST" or question or not ID.fullmatch(id_):
            raise error("malformed", "value", f"'{entry.url}' is no URL for {entry.method}", path)
        entry.id = id_
    elif question:
        if entry.criteria is not None:
            raise error("malformed", "invalid", "The conditions of the URL and of ifNoneExist exclude each other", path)
        entry.criteria = criteria
    elif entry.method != "POST":
        raise error("malformed", "value", f"{entry.method} needs an id or search criteria in its URL", path)


def refuse_audit(method, type, types, path=None):
    """Raise method-not-allowed (405) for a write of AuditEvents where they are none of the types that are stored."""
    if type == AUDIT and AUDIT not in types:
        message = f"{method} is not possible here: the server alone makes AuditEvents, and nobody changes them"
        raise error("method-not-allowed", "not-supported", message, path, headers={"Allow": "GET, HEAD"})


def _plan_conditions(entry, request, path):
    for name, methods in _CONDITIONS.items():
        if name in request and entry.method not in methods:
            raise error("malformed", "invalid", f"{name} is for {', '.join(methods)} only", f"{path}.{name}")
    entry.criteria = request.get("ifNoneExist")
    entry.if_match = _versions(request.get("ifMatch"))
    entry.if_none_match = _versions(request.get("ifNoneMatch"))
    if "ifModifiedSince" in request:
        try:
            entry.modified_since = instant(request["ifModifiedSince"])
        except ValueError as problem:
            raise error("malformed", "value", f"ifModifiedSince: {problem}", f"{path}.ifModifiedSince") from None


def _plan_patch(resource, path):
    """(parsed patch, its media type): a Parameters resource, or what a Binary holds."""
    if resource.get("resourceType") == "Parameters":
        return resource, FHIRPATH_PATCH
    media_type, data = resource.get("contentType"), resource.get("data")
    if resource.get("resourceType") != "Binary" or type(media_type) is not str or type(data) is not str:
        message = "A patch is a Parameters resource, or a Binary with contentType and data"
        raise error("malformed", "invalid", message, path)
    try:
        return json.parse_sent(base64.b64decode(data, validate=True)), media_type
    except ValueError:  # binascii.Error, and another one for what is not ASCII
        raise error("malformed", "value", "This is not base64", f"{path}.data") from None
    except FhirError as problem:
        raise problem.located(f"{path}.data") from None


def _versions(tags):
    """`W/"3", "4"` -> ["3", "4"]; `*` and None stay."""
    if tags is None or tags.strip() == "*":
        return tags and "*"
    return [version_of(tag) for tag in tags.split(",")]


def version_of(tag):
    """`W/"3"`, `"3"` or `3` -> `3`."""
    return tag.strip().removeprefix("W/").strip('"')


def link_targets(entries):
    """A function full URL of the referring entry -> {reference as written: `Type/id`}.

    A relative reference is read against the service base of the full URL of the entry it stands in.
    """
    absolute = {e.full_url: f"{e.type}/{e.id}" for e in entries if e.full_url and e.id and e.method != "DELETE"}
    relative = {}
    for full_url, target in absolute.items():
        parts = split_reference(full_url)
        if parts and parts[0]:
            base, type_, id_ = parts
            relative.setdefault(base, {})[f"{type_}/{id_}"] = target
    combined = {base: absolute | names for base, names in relative.items()}
    return lambda full_url: combined.get(base_of(full_url), absolute) if relative else absolute


def uri_names(definitions):
    """A function resource type -> names of its elements that a rewriting of links may change.

    Those are the names of uri, url, oid and uuid elements, without those that are a canonical in this type.
    """
    names = set()
    canonical = {}
    for definition in definitions.types.values():
        for element in definition.elements.values():
            for type_ in element.types:
                name = element.name + type_[0].upper() + type_[1:] if element.choice else element.name
                if type_ in _URI_TYPES:
                    names.add(name)
                elif type_ == "canonical":
                    canonical.setdefault(definition.name.partition(".")[0], set()).add(name)
    return lru_cache(maxsize=None)(lambda type_: frozenset(names - canonical.get(type_, set())))


def check_identities(entries):
    """Refuse a transaction that writes one resource twice (400, every place named)."""
    seen = {}
    issues = []
    for entry in entries:
        if entry.method in READS or entry.id is None or (entry.method == "POST" and entry.match):
            continue
        key = (entry.type, entry.id)
        if key in seen:
            message = f"{entry.type}/{entry.id} is already written by entry {seen[key]}"
            issues.append(Issue("error", "duplicate", message, f"Bundle.entry[{entry.index}]"))
        seen.setdefault(key, entry.index)
    if issues:
        raise FhirError("malformed", issues)
