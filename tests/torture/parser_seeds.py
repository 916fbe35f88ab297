"""What parsers are tried with before anything is made wrong: our made-up patients, the outside cases, lines by hand."""

import json
import os
from pathlib import Path

from mutations import TOKENS
from random_resources import Resources, write

from fhir_registry.examples import REGISTRIES, Example
from fhir_registry.fhir import json as exact

ROOT = Path(__file__).resolve().parent.parent.parent
MOST_BYTES = 6000  # of a seed: a small one is changed in all its places sooner
MOST_SEEDS = 400
JSON_PATCHES = (
    b'[{"op":"replace","path":"/gender","value":"male"}]',
    b'[{"op":"add","path":"/name/-","value":{"family":"x","given":["a",null]}}]',
    b'[{"op":"remove","path":"/name/0"},{"op":"add","path":"/name","value":[{"text":"a"}]}]',
    b'[{"op":"test","path":"/id","value":"a"},{"op":"copy","from":"/name","path":"/contact"}]',
    b'[{"op":"move","from":"/name/0","path":"/name/-"}]',
    b'[{"op":"copy","from":"/name","path":"/name/0/extension"},{"op":"copy","from":"","path":"/contained"}]',
    b'[{"op":"replace","path":"","value":{"resourceType":"Patient","id":"a"}}]',
    b'[{"op":"add","path":"/a~1b/~0","value":1},{"op":"add","path":"/name/00","value":1}]',
)
MERGE_PATCHES = (
    b'{"gender":null,"active":true}',
    b'{"name":[{"family":"y"}],"meta":{"tag":[{"code":"a"}]},"contact":{"a":{"b":null}}}',
)
XML = (
    b'<?xml version="1.0" encoding="UTF-8"?><Patient xmlns="http://hl7.org/fhir"><id value="a"/>'
    b'<text><status value="generated"/>'
    b'<div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; b</p></div></text><active value="true"/><name id="n">'
    b'<family value="M&#xFC;ller"><extension url="http://a.example/x"><valueDecimal value="1.10"/></extension></family>'
    b'<given><extension url="urn:a"><valueString value="b"/></extension></given><given value="c"/></name></Patient>',
    b'<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/><entry><resource><Basic><code>'
    b"<text value='x'/></code></Basic></resource></entry></Bundle>",
)
DATES = (
    "2020", "2020-02", "2020-02-29", "2020-02-29T10:00", "2020-02-29T23:59:60Z", "2020-02-29T10:00:00.123456+14:00",
    "0001-01-01", "9999-12-31T23:59:59.999999999-12:00", "9999", "1969-12-31T23:59:59Z", "2020-13", "2020-00-10",
    "2020-02-29T24:00:00Z",
)  # fmt: skip
TAGS = ('W/"3"', '"3"', "3", "*", 'W/"1", W/"2"', '"a,b"', 'w/"1"', '""')
PREFERENCES = (
    "return=minimal", "return=representation; handling=strict", "handling=lenient, respond-async",
    'Return="OperationOutcome"', "respond-async; wait=10",
)  # fmt: skip
MEDIA = (
    "application/fhir+json", "application/fhir+xml; fhirVersion=4.0; charset=UTF-8",
    "application/json;q=0.5, */*;q=0.1", "text/html, application/xhtml+xml;q=0.9, *; q=.2",
    'application/fhir+json; charset="utf-8"', "gzip", "identity",
)  # fmt: skip
XML_TOKENS = (
    *TOKENS, b'<!DOCTYPE a [<!ENTITY b "c">]>', b"&b;", b"&#0;", b"&#x1F600;", b"&#xD800;", b"<![CDATA[x]]>",
    b"<!-- -->", b"<!---->" * 30, b'<?xml version="1.0" encoding="UTF-16"?>', b'<a:b xmlns:a="x"/>', b' xmlns=""',
    b' id="x"', b' value="1e400"', b"<?x y?>", b' url="x"', b"<contained>" * 70,
    b'<extension url="x"><valueString value="y"/></extension>', b"<name>" * 1000, b"</name>",
    b' xsi:schemaLocation="x"', b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', b"<id/>",
    b'<active value="x"/>',
)  # fmt: skip
HEADER_TOKENS = (
    "return=", "handling=", "respond-async", "lenient", ", ", ",", ";", "=", '"', "W/", " ", "\t", "q=", "q=0.5",
    "*/*", "*", "\xff", "fhirVersion=", "charset=", "\xe9", "-", "GMT", "Sat, 21 Nov 2026 10:00:00 GMT", "x" * 50,
)  # fmt: skip
PATH_TOKENS = (
    "where(", ")", "(", "ofType(Quantity)", "ofType(", "first()", ".", "[0]", "[-1]", "'x'", "'\\u00e9'", "'\\",
    "@2020", "@T10:00", "1.0", " | ", " and ", " or ", " is ", " as ", "$this", "%resource", "%x", "exists()",
    "resolve()", "-", " + ", " = ", " ~ ", "{}", "true", "extension('x')", "join(',')", "/*", "//", "`a`", "`",
    " mod ", "value", "name", "Patient", "getReferenceKey(Patient)", "&", "*", "lowBoundary()", "repeat(",
    "is Patient", "\n", "\u202e", "not()", "((((((((((", "9" * 40,
)  # fmt: skip


def operation(type, **parts):
    """A FHIRPath Patch operation; parts: name -> (name of the value, value)."""
    named = [{"name": "type", "valueCode": type}, *({"name": n, key: value} for n, (key, value) in parts.items())]
    return {"name": "operation", "part": named}


def path(text):
    return "valueString", text


FHIRPATH_PATCHES = tuple(
    write({"resourceType": "Parameters", "parameter": [each]})
    for each in (
        operation("replace", path=path("Patient.gender"), value=("valueCode", "male")),
        operation("add", path=path("Patient.name[0]"), name=path("given"), value=("valueString", "x")),
        operation(
            "insert", path=path("Patient.name"), index=("valueInteger", 0), value=("valueHumanName", {"text": "a"})
        ),
        operation("delete", path=path("Patient.name.where(family='R').given.first()")),
        operation("move", path=path("Patient.name"), source=("valueInteger", 0), destination=("valueInteger", 1)),
        operation("delete", path=path("Patient.deceased.ofType(boolean)")),
        operation("replace", path=path("Patient.contact[0].name.extension('urn:a').value"), value=("valueDecimal", 1)),
    )
)
PATIENT = {
    "resourceType": "Patient",
    "id": "a",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">R</div>'},
    "contained": [{"resourceType": "Organization", "id": "o", "name": "O"}],
    "extension": [{"url": "urn:a", "extension": [{"url": "b", "valueDecimal": exact.JsonDecimal("1.50")}]}],
    "name": [
        {
            "family": "R",
            "given": ["A", None, "B"],
            "_given": [None, {"extension": [{"url": "urn:a", "valueCode": "x"}]}, None],
        },
        {"text": "R"},
    ],
    "gender": "female",
    "birthDate": "1950",
    "deceasedBoolean": False,
    "contact": [{"name": {"text": "K"}, "gender": "male"}],
    "managingOrganization": {"reference": "#o"},
}
LOOSE_BUNDLE = {
    "resourceType": "Bundle",
    "type": "batch",
    "entry": [
        {"request": {"method": "GET", "url": "Patient?name=a&_count=2", "ifNoneMatch": 'W/"1"'}},
        {"request": {"method": "DELETE", "url": "Patient/a", "ifMatch": 'W/"1"'}},
        {"request": {"method": "DELETE", "url": "Patient?identifier=a|b"}},
        {
            "fullUrl": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
            "resource": PATIENT,
            "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=a|b"},
        },
        {
            "resource": {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": "W10="},
            "request": {"method": "PATCH", "url": "Patient/a"},
        },
        {
            "resource": {"resourceType": "Basic", "code": {"text": "x"}},
            "request": {"method": "PUT", "url": "Basic?_id=a"},
        },
    ],
}


class Seeds:
    """resources, bundles: JSON as bytes. expressions: FHIRPath. definitions: the server's, for names and types."""

    def __init__(self, rng, definitions):
        bundles = [bundle for name in REGISTRIES for bundle in Example(name, 1, seed=1).bundles()]
        entries = [entry for bundle in bundles for entry in bundle["entry"]]
        found = [exact.dumps(entry["resource"]) for entry in entries] + outside_resources()
        found = sorted({text for text in found if len(text) <= MOST_BYTES})
        drawn = Resources(definitions, rng)
        self.resources = [exact.dumps(PATIENT), *rng.sample(found, min(MOST_SEEDS, len(found)))]
        self.resources += [write(drawn.draw(type, 0.6)) for type in drawn.types]
        self.bundles = [exact.dumps(LOOSE_BUNDLE)]
        for bundle in bundles:
            for start in range(0, len(bundle["entry"]), 4)[:20]:
                self.bundles.append(exact.dumps(bundle | {"entry": bundle["entry"][start : start + 4]}))
        self.expressions = sorted(set(_expressions()))


def outside_resources():
    """Resources that lie in the outside cases, where these are there."""
    folder = Path(os.environ.get("FHIR_REGISTRY_CASES", ROOT.parent / "shared")) / "cases"
    found = []
    for file in sorted(folder.rglob("*.json")):
        for node in _objects(json.loads(file.read_bytes())):
            if isinstance(node.get("resourceType"), str):
                found.append(json.dumps(node, ensure_ascii=False).encode())
    return found


def _expressions():
    """The FHIRPaths of this project's content."""
    for folder in ("mappings", "profiles"):
        for file in (ROOT / folder).rglob("*.json"):
            for node in _objects(json.loads(file.read_bytes())):
                for name in ("path", "forEach", "forEachOrNull", "expression"):
                    if isinstance(node.get(name), str):
                        yield node[name]


def _objects(node):
    if isinstance(node, dict):
        yield node
    for member in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _objects(member)
