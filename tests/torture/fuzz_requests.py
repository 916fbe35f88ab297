"""Requests to every path of the FHIR interface, mostly well formed, with one or more odd parts."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote

from random_resources import STRINGS, Literal, Resources, write

VALUES = (
    *STRINGS, "x" * 300, "9" * 400,
    "true", "false", "1", "5.4", "-1", "1e3", "gt5", "ne", "ap2020", "2020", "ge2020-02-30", "lt2020-01-01T10:00:00Z",
    "2020-01-01T10:00:00+02:00", "http://loinc.org|a", "|a", "a|", "a|b|c", "Patient/a", "Patient/a/_history/1", "#x",
    "a$b", "a$gt5", "a\\,b", "a,b,c", ",", "|", "\\x", "*", "http://a.example/x|2", "urn:oid:1", "' OR 1=1 --", "NaN",
    "5.4|http://unitsofmeasure.org|mg", "5||mg", "0001-01-01", "9999-12-31", "gt9999-12-31T23:59:59Z", "", "\u202e",
)  # fmt: skip
MODIFIERS = (
    "exact", "contains", "missing", "not", "text", "in", "not-in", "above", "below", "of-type", "identifier",
    "Patient", "iterate", "foo",
)  # fmt: skip
CONTROLS = (
    "_count", "_sort", "_total", "_summary", "_elements", "_include", "_revinclude", "_include:iterate", "_cursor",
    "_format", "_pretty", "_explain", "_type", "_list", "_id", "_lastUpdated", "_tag", "_profile", "_since", "_at",
    "_has:Observation:patient:code", "_text", "_filter", "_query", "_contained", "start", "end", "foo",
)  # fmt: skip
CONTROL_VALUES = {
    "_count": ("0", "1", "3", "50", "100000", "-1", "x"),
    "_total": ("none", "accurate", "estimate", "x"),
    "_summary": ("true", "false", "text", "data", "count", "x"),
    "_elements": ("id", "name,gender", "Patient.name", "x", ""),
    "_include": ("*", "Observation:subject", "Observation:*", "Patient:organization:Organization", "x", "a:b:c:d"),
    "_format": ("json", "xml", "application/fhir+xml", "application/fhir+json", "html", "x"),
    "_pretty": ("true", "false", "x"),
    "_explain": ("true", "x"),
    "_type": ("Patient", "Patient,Observation", "x", ""),
}
ACCEPTS = (
    "application/fhir+json",
    "application/fhir+xml",
    "application/json;q=0.5, */*;q=0.1",
    "text/html",
    "*/*",
    "x",
    "text/plain",
    "application/fhir+json; fhirVersion=4.0",
    "application/fhir+xml;q=1.0, application/fhir+json;q=1.0",
)
FHIR_JSON, FORM = "application/fhir+json", "application/x-www-form-urlencoded"
JSON_PATCH, MERGE_PATCH = "application/json-patch+json", "application/merge-patch+json"
CONTENT_TYPES = (FHIR_JSON, "application/json", "application/fhir+xml", JSON_PATCH, MERGE_PATCH, FORM, "text/plain", "")
HEADERS = {
    "If-Match": ('W/"1"', "1", "*", 'garbage"', 'W/"1", W/"2"'),
    "If-None-Match": ('W/"1"', "1", "*", "x y"),
    "If-Modified-Since": ("Sat, 21 Nov 2026 10:00:00 GMT", "x"),
    "If-None-Exist": ("identifier=a|b", "_id=a", "foo=1", "", "Patient?_id=a"),
    "Prefer": ("return=minimal", "return=OperationOutcome", "handling=lenient", "return=x", "respond-async"),
    "Origin": ("http://localhost:3000", "https://x.example"),
    "X-Request-Id": ("abc", "a b"),
}
CONDITIONS = {"ifMatch": "If-Match", "ifNoneMatch": "If-None-Match", "ifNoneExist": "If-None-Exist"}
PATCHES = (
    [{"op": "replace", "path": "/gender", "value": "male"}],
    [{"op": "add", "path": "/name/-", "value": {"family": "x"}}],
    [{"op": "remove", "path": "/name/0"}],
    [{"op": "test", "path": "/id", "value": "a"}],
    [{"op": "move", "from": "/name", "path": "/x"}],
    [{"op": "copy", "from": "/name", "path": "/name/0"}],
    [{"op": "x", "path": "/"}],
    [{"op": "add", "path": "", "value": 1}],
    {"gender": None},
    {"active": True, "name": [{"family": "y"}]},
    {},
    [],
    1,
)
NODES = ("Patient", "Patient.name", "Patient.name[0]", "Patient.gender", "Observation.value", "Patient.x", "1 +", "")
PLACES = ("", "Patient/", "Patient/a/", "Measure/halaven-dcr/", "ResearchStudy/halaven/", "metadata", "openapi.json")
OPERATIONS = (
    "$everything", "$table", "$findings", "$evaluate-measure", "$x", "_search", "_history", "_history/1",
    "_history/x", "*",
)  # fmt: skip
TAILS = ("", "", "/_history", "/_history/1", "/_history/2", "/_history/0", "?_summary=true", "?_elements=id")


class Request(NamedTuple):
    """One request; sent: the resource of a plain create or update, with decimals as they were written."""

    method: str
    path: str
    data: bytes = b""
    headers: Mapping = MappingProxyType({})
    sent: dict | None = None


class Requests:
    """Draws requests with a random.Random; content: that of the server, as a source of names only."""

    def __init__(self, content, rng):
        self._rng, self._params = rng, content.search_params
        self._resources = Resources(content.definitions, rng)
        self._stored, self._links = ["Patient/a"], ["/fhir/Patient"]

    def add_stored(self, path):
        """A resource that is there from now on."""
        self._stored = [*self._stored[-500:], path]

    def add_link(self, url):
        """A link that the server gave."""
        self._links = [*self._links[-100:], url]

    def draw(self):
        """The next request."""
        often = (*(self._write,) * 4, *(self._search,) * 4, self._read, self._patch)
        request = self._rng.choice((*often, self._bundle, self._operation, self._follow, self._bytes))()
        odd = {name: self._rng.choice(values) for name, values in HEADERS.items() if self._maybe(0.04)}
        accept = self._rng.choice(ACCEPTS[:2] if self._maybe(0.9) else ACCEPTS)
        sent = None if "If-None-Exist" in odd else request.sent
        return request._replace(headers={"Accept": accept, **request.headers, **odd}, sent=sent)

    def _maybe(self, chance):
        return self._rng.random() < chance

    def _type(self):
        common = ("Patient", "Observation", "Condition", "Encounter")
        return self._rng.choice(common if self._maybe(0.4) else (*self._resources.types, "Foo"))

    def _id(self):
        return self._rng.choice(("a", "b", "c", "x" * 64) if self._maybe(0.97) else ("a b", "x" * 65, "\x00", "a\n"))

    # --- writes

    def _write(self):
        resource = self._resources.draw("Patient" if self._maybe(0.3) else None)
        type_ = resource["resourceType"]
        if self._maybe(0.3):
            self._resources.break_one(resource)
        method, path = "POST", f"/fhir/{type_}"
        if self._maybe(0.5):
            resource["id"] = self._id()
            method, path = "PUT", f"{path}/{quote(resource['id'])}"
        query = f"?{self._query(type_)}" if self._maybe(0.05) else ""
        sent = None if query else json.loads(write(resource), parse_float=str)
        content_type = FHIR_JSON if self._maybe(0.97) else self._rng.choice(CONTENT_TYPES)
        return Request(method, path + query, write(resource), {"Content-Type": content_type}, sent)

    def _bytes(self):
        body = write(self._resources.draw())
        for _ in range(self._rng.choice((1, 1, 3, 10))):
            place = self._rng.randrange(len(body))
            body = body[:place] + bytes([self._rng.randrange(256)]) + body[place + self._rng.randrange(3) :]
        content_type = FHIR_JSON if self._maybe(0.7) else self._rng.choice(CONTENT_TYPES)
        return Request("POST", f"/fhir/{self._type()}", body, {"Content-Type": content_type})

    def _patch(self):
        place = self._rng.choice(self._stored) if self._maybe(0.8) else f"Patient?{self._query('Patient')}"
        content_type = self._rng.choice((JSON_PATCH, MERGE_PATCH, FHIR_JSON))
        body = self._fhirpath_patch() if content_type == FHIR_JSON else self._rng.choice(PATCHES)
        return Request("PATCH", f"/fhir/{place}", write(body), {"Content-Type": content_type})

    def _fhirpath_patch(self):
        parts = [
            {"name": "type", "valueCode": self._rng.choice(("add", "insert", "delete", "replace", "move", "x"))},
            {"name": "path", "valueString": self._rng.choice(NODES)},
            {"name": "name", "valueString": self._rng.choice(("name", "gender", "value", "x"))},
            {"name": "index", "valueInteger": self._rng.choice((0, 1, -1, 99))},
            {"name": "value", self._rng.choice(("valueString", "valueCode")): self._rng.choice(("male", "x"))},
        ]
        if self._maybe(0.3):
            self._rng.shuffle(parts)
            parts = parts[: self._rng.randrange(6)]
        return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}

    def _bundle(self):
        kind = self._rng.choice(("batch", "transaction", "batch", "collection"))
        entries = [self._entry() for _ in range(self._rng.choice((0, 1, 2, 4)))]
        bundle = {"resourceType": "Bundle", "type": kind, **({"entry": entries} if entries else {})}
        if self._maybe(0.1):
            self._resources.break_one(bundle)
        return Request("POST", "/fhir", write(bundle), {"Content-Type": FHIR_JSON})

    def _entry(self):
        request = self._rng.choice((self._write, self._read, self._search, self._patch))()
        entry = {"request": {"method": request.method, "url": request.path.removeprefix("/fhir").removeprefix("/")}}
        if self._maybe(0.5):
            entry["fullUrl"] = f"urn:uuid:c757873d-ec9a-4326-a141-{self._rng.randrange(10**11, 10**12)}"
        for name, header in CONDITIONS.items():
            if self._maybe(0.05):
                entry["request"][name] = self._rng.choice(HEADERS[header])
        if request.data and request.data[:1] == b"{":
            entry["resource"] = json.loads(request.data, parse_float=Literal)
        return entry

    # --- questions

    def _search(self):
        type_ = self._type()
        place = self._rng.choice((type_, type_, type_, f"Patient/a/{type_}", "", "Patient/a/*"))
        path, query = f"/fhir/{place}".rstrip("/"), self._query(type_)
        if self._maybe(0.2):
            return Request("POST", f"{path.removesuffix('/*')}/_search", query.encode(), {"Content-Type": FORM})
        return Request(self._rng.choice(("GET", "GET", "GET", "HEAD")), f"{path}?{query}")

    def _query(self, type_):
        return "&".join(self._pair(type_) for _ in range(self._rng.choice((1, 1, 2, 3, 6))))

    def _pair(self, type_):
        name = self._rng.choice(CONTROLS) if self._maybe(0.35) else self._name(type_)
        value = self._rng.choice(CONTROL_VALUES.get(name, VALUES))
        if name == "_sort" and self._maybe(0.9):
            value = self._rng.choice(("", "-")) + self._code(type_)
        if self._maybe(0.1):
            value += self._rng.choice((",", "|", "$")) + self._rng.choice(VALUES)
        return f"{quote(name, safe=':.')}={quote(value)}"

    def _name(self, type_):
        name = self._code(type_)
        if self._maybe(0.1):
            name = f"{name}.{self._code(self._rng.choice(('Patient', 'Organization', 'Observation')))}"
        elif self._maybe(0.05):
            other = self._rng.choice(("Observation", "Condition", "Encounter"))
            name = f"_has:{other}:{self._rng.choice(('patient', 'subject', 'encounter', 'code'))}:{self._name(other)}"
        return f"{name}:{self._rng.choice(MODIFIERS)}" if self._maybe(0.3) else name

    def _code(self, type_):
        return self._rng.choice([param.code for param in self._params[type_]]) if type_ in self._params else "x"

    def _read(self):
        place = self._rng.choice(self._stored) if self._maybe(0.8) else f"{self._type()}/{quote(self._id())}"
        method = self._rng.choice(("GET", "GET", "GET", "HEAD", "DELETE", "OPTIONS", "PUT"))
        return Request(method, f"/fhir/{place}{self._rng.choice(TAILS)}")

    def _operation(self):
        place = self._rng.choice(PLACES)
        query = self._query("Patient") if self._maybe(0.5) else "periodStart=2020-01-01&periodEnd=2021-01-01"
        operation = "" if place in ("metadata", "openapi.json") else self._rng.choice(OPERATIONS)
        return Request(self._rng.choice(("GET", "GET", "POST", "HEAD")), f"/fhir/{place}{operation}?{query}")

    def _follow(self):
        url = self._rng.choice(self._links)
        path = "/" + url.partition("//")[2].partition("/")[2] if "//" in url else url
        if self._maybe(0.2):
            place = self._rng.randrange(len(path))
            path = path[:place] + self._rng.choice("aZ0_-%=&") + path[place + 1 :]
        return Request("GET", path)
