"""FHIR's XML and JSON into each other, by the definitions (https://hl7.org/fhir/R4/xml.html)."""

import re
from typing import NamedTuple

from ..fhir.errors import error
from .narrative import as_xml
from .primitives import PRIMITIVES

FHIR = "http://hl7.org/fhir"
# In an attribute a line end would be read as a space.
_SPECIAL = re.compile('[&<>"\t\n\r]').search
_REFERENCES = str.maketrans(
    {c: f"&#{ord(c)};" for c in "\t\n\r"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
)
# What XML 1.0 cannot hold in any form, https://www.w3.org/TR/xml/#charsets.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Member(NamedTuple):
    """One name that an object of a type may have.

    order: its place among the elements of the type; that of all forms of a choice is one. type: name of its type.
    many: an array in JSON. form: what it is in XML: attribute, primitive, xhtml, resource or object.
    """

    order: int
    type: str
    many: bool
    form: str


class Xml:
    """Converts resources as `fhir.json.parse` gives them; the types are compiled when first used.

    definitions: content.definitions.Definitions.
    """

    def __init__(self, definitions):
        self._definitions = definitions
        self._tables = {}

    def read(self, data):
        """A body (bytes, UTF-8) as the dict that the same resource in JSON is; the same checks are left to be done.

        Raises FhirError("malformed") for what is no FHIR XML, naming the element: a document type, another encoding
        or namespace, an unknown element or attribute, text, a wrong order, a wrong boolean or number.
        """
        from .xml_read import read_tree  # lxml is 4 MB that a server needs only when somebody sends XML

        return read_tree(data, self.table, self._definitions.resource_types)

    def write(self, resource, pretty=False):
        """A valid resource (dict) as bytes, UTF-8. Raises not-acceptable for a character that XML cannot hold."""
        parts = ['<?xml version="1.0" encoding="UTF-8"?>']
        self._write_resource(parts.append, resource, "\n" if pretty else "", f' xmlns="{FHIR}"')
        text = "".join(parts)
        if _IMPOSSIBLE.search(text):
            raise error("not-acceptable", "not-supported", "A text has a character that XML cannot hold; ask for JSON")
        return text.encode()

    def table(self, type_name):
        """{name in JSON: Member} of a type."""
        table = self._tables.get(type_name)
        if table is None:
            table = self._tables[type_name] = dict(self._members(self._definitions.types[type_name]))
        return table

    def _members(self, type_def):
        for order, element in enumerate(type_def.elements.values()):
            for name in element.types:
                key = element.name + name[0].upper() + name[1:] if element.choice else element.name
                yield key, Member(order, name, element.max != 1, _form(type_def, element.name, name))

    def _write_resource(self, write, resource, indent, namespace=""):
        name = resource["resourceType"]
        members = {key: member for key, member in resource.items() if key != "resourceType"}
        self._write_object(write, name, members, name, indent, namespace)

    def _write_object(self, write, name, value, type_name, indent, attributes=""):
        table = self.table(type_name)
        members = []
        for key in value:
            member = table.get(key) or table[key.removeprefix("_")]
            if member.form == "attribute":
                attributes += f' {key}="{_escape(value[key])}"'
            elif key in table or key[1:] not in value:
                members.append((member.order, key.removeprefix("_"), member))
        if not members:
            write(f"{indent}<{name}{attributes}/>")
            return
        members.sort()
        write(f"{indent}<{name}{attributes}>")
        for _, key, member in members:
            self._write_member(write, key, member, value, indent and indent + "  ")
        write(f"{indent}</{name}>")

    def _write_member(self, write, key, member, owner, indent):
        value = owner.get(key)
        items = value if member.many else [value]
        if member.form == "primitive":
            twin = owner.get("_" + key)
            twins = (twin if member.many else [twin]) or [None] * len(items)
            for item, extended in zip(items or [None] * len(twins), twins, strict=True):
                literal = "" if item is None else f' value="{_literal(item)}"'
                if extended is None:
                    write(f"{indent}<{key}{literal}/>")
                else:
                    self._write_object(write, key, extended, "Element", indent, literal)
        elif member.form == "object":
            for item in items:
                self._write_object(write, key, item, member.type, indent)
        elif member.form == "resource":
            for item in items:
                write(f"{indent}<{key}>")
                self._write_resource(write, item, indent and indent + "  ")
                write(f"{indent}</{key}>")
        else:
            write(indent + as_xml(value))


def _form(type_def, element_name, type_name):
    if (element_name == "id" and type_def.kind != "resource") or (type_def.name, element_name) == ("Extension", "url"):
        return "attribute"
    if type_name in ("Resource", "xhtml"):
        return type_name.lower()
    return "primitive" if type_name in PRIMITIVES else "object"


def _literal(value):
    if type(value) is str:
        return _escape(value)
    if type(value) is bool:
        return "true" if value else "false"
    return getattr(value, "literal", None) or str(value)


def _escape(text):
    return text.translate(_REFERENCES) if _SPECIAL(text) else text
