"""The limited XHTML of a narrative (https://hl7.org/fhir/R4/narrative.html#xhtml)."""

import re
from html.entities import name2codepoint
from xml.parsers import expat

_XHTML = "http://www.w3.org/1999/xhtml"
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
# Up to the end of the first tag's attributes; before it there may be white space and comments.
_DIV = re.compile(r"""(?:\s|<!--.*?-->)*<div((?:[^>"'/]|"[^"]*"|'[^']*')*)""", re.DOTALL)
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")

# HTML 4.0 chapters 7-11 (but 9.4) and 15, with links, images and image maps. No script, form, frame, object, style.
_ELEMENTS = {
    "div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "address", "br", "hr", "pre", "blockquote", "q", "ins",
    "del", "span", "b", "i", "em", "strong", "tt", "big", "small", "dfn", "code", "samp", "kbd", "var", "cite",
    "abbr", "acronym", "sub", "sup", "bdo", "strike", "s", "u", "font", "center", "ul", "ol", "li", "dl", "dt",
    "dd", "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td", "a", "img", "map",
    "area",
}  # fmt: skip
_ADDRESSES = {"href", "src", "cite", "longdesc", "background", "usemap"}
# What a browser leaves out before it reads a scheme.
_IGNORED = re.compile(r"[\x00-\x20]+")
_ACTIVE = re.compile(r"(?:javascript|vbscript|data(?!:image/(?:png|jpe?g|gif)[;,])):", re.IGNORECASE)
_ACTIVE_STYLE = re.compile(r"expression\s*\(|javascript:|vbscript:|-moz-binding|@import", re.IGNORECASE)


# Readers of XML stop at 256 levels, and those of the resource come on top.
_MAX_DEPTH = 100


class _Refused(Exception):
    pass


class _Reader:
    """Follows the tags of one narrative; raises _Refused for what a narrative must not have."""

    def __init__(self):
        self.root_seen = False
        self.depth = 0

    def end(self, name):
        self.depth -= 1

    def start(self, name, attributes):
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _Refused(f"is nested deeper than {_MAX_DEPTH} levels")
        namespace, name = _split(name)
        if not self.root_seen:
            self.root_seen = True
            if name != "div":
                raise _Refused(f"must begin with <div>, not <{name}>")
            if namespace not in ("", _XHTML):
                raise _Refused(f"must be in the namespace {_XHTML}")
        if name not in _ELEMENTS:
            raise _Refused(f"has an element that a narrative must not have: <{name}>")
        for attribute, value in attributes.items():
            self.attribute(_split(attribute)[1].lower().rpartition(":")[2], value)

    def attribute(self, name, value):
        if name.startswith("on"):
            raise _Refused(f"has an event handler: {name}")
        if name in _ADDRESSES and _ACTIVE.match(_IGNORED.sub("", value)):
            raise _Refused(f"has active content in {name}")
        if name == "style" and _ACTIVE_STYLE.search(value):
            raise _Refused("has active content in a style")

    def refuse_instruction(self, *_):
        raise _Refused("has a processing instruction")

    def refuse_doctype(self, *_):
        raise _Refused("has a document type or entity declaration")


def _split(name):
    """(namespace or "", name with its prefix) of `name`, `namespace name` or `namespace name prefix`."""
    namespace, space, rest = name.partition(" ")
    if not space:
        return "", name
    local, _, prefix = rest.partition(" ")
    return namespace, f"{prefix}:{local}" if prefix else local


def _character(match):
    name = match[1]
    if name in _XML_ENTITIES or name not in name2codepoint:
        return match[0]
    return f"&#{name2codepoint[name]};"


def narrative_problem(div):
    """None, or what is wrong with the text of Narrative.div.

    Entities are those of XHTML, put in as characters; a document type is refused, so none can be declared. An empty
    <div> passes, although txt-2 asks for content: official examples have it, and it harms nobody.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.namespace_prefixes = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.ProcessingInstructionHandler = reader.refuse_instruction
    parser.XmlDeclHandler = reader.refuse_instruction
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    try:
        parser.Parse(_ENTITY.sub(_character, div), True)
    except _Refused as refused:
        return str(refused)
    except expat.ExpatError as e:
        return f"is not well-formed XHTML: {expat.ErrorString(e.code)} (line {e.lineno}, column {e.offset})"
    except UnicodeEncodeError:
        return "is not well-formed XHTML: lone surrogate"
    return None


def as_xml(div):
    """A valid Narrative.div as it stands in a document of XML: entities as characters, its namespace declared."""
    div = _ENTITY.sub(_character, div)
    first = _DIV.match(div)
    if "xmlns=" in _QUOTED.sub("", first[1]).replace(" ", ""):
        return div
    return f'{div[: first.end()]} xmlns="{_XHTML}"{div[first.end() :]}'
