"""Resources of any type, drawn from the definitions of R4; most are valid, and some are broken on purpose."""

import json

STRINGS = (
    "x",
    "Müller",
    "a b",
    "O'Brien",
    "100%",
    "a_b",
    "a|b",
    "a,b",
    "$",
    "\\",
    "漢字",
    "<b>",
    "&amp;",
    "e\u0301",
    "\U0001f600",
)
PRIMITIVES = {
    "boolean": (True, False),
    "integer": (0, 1, -1, 2147483647, -2147483648),
    "unsignedInt": (0, 1, 2147483647),
    "positiveInt": (1, 2, 2147483647),
    "decimal": ("0", "1.00", "-0.5", "1e3", "0.1234567890123456789", "12345678901234567.5"),
    "date": ("2020", "2020-02", "2020-02-29", "1900-01-01", "0001-01-01", "9999-12-31"),
    "dateTime": ("2020", "2020-02", "2020-02-29", "2020-02-29T23:59:60Z", "2020-02-29T10:00:00.123456+14:00"),
    "instant": ("2020-02-29T10:00:00Z", "2020-02-29T10:00:00.123-05:00"),
    "time": ("10:00:00", "23:59:59.999"),
    "uri": ("http://a.example/x", "urn:oid:1.2.3", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "x"),
    "url": ("http://a.example/x", "mailto:a@b.example"),
    "canonical": ("http://a.example/x", "http://a.example/x|2", "#c"),
    "oid": ("urn:oid:1.2.3",),
    "uuid": ("urn:uuid:c757873d-ec9a-4326-a141-556f43239520",),
    "id": ("a", "A-1.b", "x" * 64),
    "code": ("final", "active", "x y", "male"),
    "base64Binary": ("YQ==", "YWJj"),
    "markdown": STRINGS,
    "string": STRINGS,
}
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; b</p></div>'
BROKEN = (
    None,
    "",
    " ",
    [],
    {},
    [[]],
    [None],
    True,
    0,
    -1,
    1e300,
    "x" * 5000,
    "\t",
    "2020-02-30",
    {"a": 1},
    "http://",
    "#",
    "%",
)
DEPTH = 4


class Literal(float):
    """A decimal that is written as it was drawn."""

    def __new__(cls, text):
        self = super().__new__(cls, text)
        self.text = text
        return self

    def __repr__(self):
        return self.text


class Resources:
    """Draws resources with a random.Random; definitions: those of the server, as a source of names and types only."""

    def __init__(self, definitions, rng):
        self._types, self._sets, self._rng = definitions.types, definitions.value_sets, rng
        self.types = sorted(definitions.resource_types - {"Parameters", "Bundle"})

    def draw(self, type=None, fill=0.25):
        """A resource as dict; `fill` is the chance of an optional element."""
        type = type or self._rng.choice(self.types)
        return {"resourceType": type, **self._members(type, 0, fill)}

    def break_one(self, resource):
        """The resource with one member, at any depth, made wrong; changes it."""
        places = list(_places(resource))
        holder, key = self._rng.choice(places)
        action = self._rng.randrange(3)
        if action == 0:
            holder[key] = self._rng.choice(BROKEN)
        elif action == 1:
            del holder[key]
        elif isinstance(holder, dict):
            holder[f"{key}X"] = holder.pop(key)
        else:
            holder[key] = [holder[key]]
        return resource

    def _members(self, type, depth, fill):
        members = {}
        for element in self._types[type].elements.values():
            if element.name in ("id", "extension", "modifierExtension", "contained", "implicitRules", "meta", "div"):
                continue
            if not element.min and (depth >= DEPTH or self._rng.random() > fill / (depth + 1)):
                continue
            if not element.types:
                continue
            kind = self._rng.choice(element.types)
            value = self._value(element, kind, depth, fill)
            if value is None:
                continue
            name = element.name + kind[0].upper() + kind[1:] if element.choice else element.name
            members[name] = value if element.max == 1 else [value]
        if type == "Narrative":
            members["div"] = XHTML
        return members

    def _value(self, element, kind, depth, fill):
        if element.binding in self._sets and kind == "code":
            return self._rng.choice(sorted(code for _, code in self._sets[element.binding]))
        if kind == "decimal":
            return Literal(self._rng.choice(PRIMITIVES["decimal"]))
        if kind in PRIMITIVES:
            return self._rng.choice(PRIMITIVES[kind])
        if kind == "xhtml":
            return XHTML
        if kind == "Reference":
            target = self._rng.choice(element.targets or ("Patient", "Organization"))
            target = "Patient" if target == "Resource" else target
            return {"reference": f"{target}/{self._rng.choice('abc')}"}
        if kind in ("Resource", "Extension") or kind not in self._types or depth > DEPTH + 2:
            return None
        members = self._members(kind, depth + 1, fill)
        return members or (self._members(kind, depth + 1, depth + 2) if element.min else None)


def write(resource):
    """JSON bytes with decimals as they were drawn."""
    return json.dumps(resource, ensure_ascii=False).encode()


def _places(node):
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from _places(node[key])
