"""Reads FHIR's XML, strictly (https://hl7.org/fhir/R4/xml.html)."""

import codecs
import re

from lxml import etree

from ..fhir.errors import error
from ..fhir.json import MAX_DEPTH, JsonDecimal, check_depth, parse_integer, refuse_many
from .primitives import shown

_FHIR = "{http://hl7.org/fhir}"
_XHTML = "http://www.w3.org/1999/xhtml"
_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_DECLARATION = re.compile(r"""<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)""")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(_INTEGER.pattern + r"(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_INTEGERS = frozenset({"integer", "positiveInt", "unsignedInt"})
_BOOLEANS = {"true": True, "false": False}
# `<` and `=`, one for each tag and attribute; as in JSON, usual bodies of 20 MB have fewer.
_MAX_MARKS = 2_000_000
_NO_ATTRIBUTES = frozenset()
_OF_PRIMITIVES = frozenset({"value"})


class _Wrong(Exception):
    """What is wrong with one element; `where` grows on the way out to the root."""

    def __init__(self, message, where="", code="structure"):
        super().__init__(message)
        self.where = where
        self.code = code


def read_tree(data, table, resource_types):
    """A resource (dict) from XML (bytes).

    table: function type name -> {name in JSON: core.xml.Member}. resource_types: names. Raises FhirError:
    malformed, and too-large for more than _MAX_MARKS.
    """
    refuse_many(data, b"<=", _MAX_MARKS)
    root = _parse(data)
    reader = _Reader(table, resource_types)
    try:
        resource = reader.read_resource(root, 1)
    except _Wrong as wrong:
        where = _local_name(root.tag) + wrong.where
        raise error("malformed", wrong.code, f"{where}: {wrong}", where) from None
    check_depth(resource)
    return resource


def _parse(data):
    """The root element. A document type, which could declare entities, is refused before any parser sees it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise error("malformed", "structure", f"The body is not valid UTF-8 (byte {e.start})") from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise error("malformed", "structure", "The body has a document type or an entity declaration")
    declared = _DECLARATION.match(text)
    if declared and declared[1].lower() != "utf-8":
        raise error("malformed", "structure", f"FHIR is UTF-8, not {shown(declared[1])}")
    # `huge_tree` lets an attribute be as long as a string of JSON; the body's own limit holds for both.
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=True)
    try:
        return etree.fromstring(data.removeprefix(codecs.BOM_UTF8), parser)
    except etree.XMLSyntaxError as e:
        raise error("malformed", "structure", f"The body is not valid XML: {e.msg}") from None


class _Reader:
    def __init__(self, table, resource_types):
        self.table = table
        self.resource_types = resource_types

    def read_resource(self, element, depth):
        name = _local_name(element.tag)
        if name not in self.resource_types or element.tag != _FHIR + name:
            raise _Wrong(f"<{name}> is not a resource type in the namespace {_FHIR[1:-1]}")
        for attribute in element.attrib:
            if not attribute.startswith(_SCHEMA_INSTANCE):
                raise _Wrong(f"the attribute {shown(attribute)} is not known here")
        return {"resourceType": name, **self.read_members(element, self.table(name), depth)}

    def read_object(self, element, table, depth, attributes=_NO_ATTRIBUTES):
        """{name: value} of a complex element; its attributes `id` and `url` are members."""
        found = {}
        for name, value in element.attrib.items():
            if name in table and table[name].form == "attribute":
                found[name] = value
            elif name not in attributes:
                raise _Wrong(f"the attribute {shown(name)} is not known here")
        return found | self.read_members(element, table, depth)

    def read_members(self, element, table, depth):
        if depth > MAX_DEPTH:
            raise _Wrong(f"is nested deeper than {MAX_DEPTH} levels", code="too-costly")
        found, twins, last = {}, {}, -1
        _refuse_text(element.text)
        for child in element:
            _refuse_text(child.tail)
            if not isinstance(child.tag, str):  # a comment or a processing instruction
                continue
            name = _local_name(child.tag)
            member = table.get(name)
            step = f".{name}"
            try:
                if member is None or member.form == "attribute" or child.tag != _expected_tag(member, name):
                    raise _Wrong("is not an element of this type, or not in its namespace")
                if member.order < last:
                    raise _Wrong("stands after elements that it must precede")
                last = member.order
                if member.many:
                    step = f".{name}[{len(found.setdefault(name, []))}]"
                elif name in found or name in twins:
                    raise _Wrong("must stand once only")
                value, twin = self.read_member(child, member, depth + 1)
            except _Wrong as wrong:
                wrong.where = step + wrong.where
                raise
            if member.many:
                found[name].append(value)
                twins.setdefault(name, []).append(twin)
            else:
                found[name] = value
                twins[name] = twin
        return dict(_paired(found, twins))

    def read_member(self, element, member, depth):
        """(value, what stands beside a primitive value: id and extensions, or None)."""
        if member.form == "primitive":
            return self.read_primitive(element, member.type, depth)
        if member.form == "xhtml":
            return _read_xhtml(element), None
        if member.form == "resource":
            return self.read_enclosed(element, depth), None
        return self.read_object(element, self.table(member.type), depth), None

    def read_primitive(self, element, type_name, depth):
        literal = element.get("value")
        if len(element.attrib) == 1 and literal is not None and not len(element) and not element.text:
            return _read_value(literal, type_name), None
        twin = self.read_object(element, self.table("Element"), depth, _OF_PRIMITIVES)
        if literal is None and not twin:
            raise _Wrong("has neither a value nor extensions")
        return None if literal is None else _read_value(literal, type_name), twin or None

    def read_enclosed(self, element, depth):
        """The one resource inside of <contained>, <resource> or <outcome>."""
        if element.attrib:
            raise _Wrong("must not have an attribute")
        _refuse_text(element.text)
        children = []
        for child in element:
            _refuse_text(child.tail)
            if isinstance(child.tag, str):
                children.append(child)
        if len(children) != 1:
            raise _Wrong("must hold one resource")
        return self.read_resource(children[0], depth)


def _paired(found, twins):
    """The members of JSON: values, and beside them under `_name` what else primitives have."""
    for name, value in found.items():
        many, twin = isinstance(value, list), twins[name]
        if value is not None and not (many and all(item is None for item in value)):
            yield name, value
        if twin is not None and not (many and all(item is None for item in twin)):
            yield "_" + name, twin


def _expected_tag(member, name):
    return f"{{{_XHTML}}}{name}" if member.form == "xhtml" else _FHIR + name


def _local_name(tag):
    return tag.rpartition("}")[2]


def _refuse_text(text):
    if text and text.strip(" \t\r\n"):
        raise _Wrong(f"has text, {shown(text.strip())}; values stand in the attribute 'value'")


def _read_value(literal, type_name):
    """A primitive as JSON has it. What is no number or boolean is refused here; all else is left to validation."""
    if type_name == "boolean":
        if literal not in _BOOLEANS:
            raise _Wrong(f"must be true or false, not {shown(literal)}", code="value")
        return _BOOLEANS[literal]
    pattern = _INTEGER if type_name in _INTEGERS else _DECIMAL if type_name == "decimal" else None
    if pattern is None:
        return literal
    try:
        if pattern.fullmatch(literal):
            return parse_integer(literal) if _INTEGER.fullmatch(literal) else JsonDecimal(literal)
    except (ValueError, ArithmeticError) as e:
        raise _Wrong(str(e), code="value") from None
    raise _Wrong(f"must be a number, not {shown(literal)}", code="value")


def _read_xhtml(element):
    """A narrative as text, its namespace declared without a prefix."""
    div = etree.Element(element.tag, element.attrib, nsmap={None: _XHTML})
    div.text = element.text
    div.extend(list(element))
    return etree.tostring(div, encoding="unicode")
