"""FHIRPath text to a syntax tree (http://hl7.org/fhirpath/N1/grammar.html)."""

import re
from decimal import Decimal, InvalidOperation
from typing import NamedTuple


class FhirPathError(Exception):
    """The expression is not FHIRPath, is outside the subset, or cannot apply to the type or the data."""


class Literal(NamedTuple):
    """A constant in the text; `{}` is Literal("", None)."""

    type: str
    value: object


class Variable(NamedTuple):
    """`%name`"""

    name: str


class This(NamedTuple):
    """`$this`"""


class Member(NamedTuple):
    """`target.name`; target None is the context."""

    target: object
    name: str


class Call(NamedTuple):
    """`target.name(arguments)`; target None is the context."""

    target: object
    name: str
    arguments: tuple


class Index(NamedTuple):
    """`target[index]`"""

    target: object
    index: object


class Binary(NamedTuple):
    """`left operator right`; the right side of `is` and `as` is a type name."""

    operator: str
    left: object
    right: object


class Negative(NamedTuple):
    """`-operand`"""

    operand: object


# From loose to tight, the reverse of http://hl7.org/fhirpath/N1/#operator-precedence.
_PRECEDENCE = {
    operator: level
    for level, operators in enumerate(
        (
            ("implies",),
            ("or", "xor"),
            ("and",),
            ("in", "contains"),
            ("=", "!=", "~", "!~"),
            ("<", ">", "<=", ">="),
            ("|",),
            ("is", "as"),
            ("+", "-", "&"),
            ("*", "/", "div", "mod"),
        ),
        start=1,
    )
    for operator in operators
}
_TYPE_OPERATORS = _PRECEDENCE["is"]

_TOKEN = re.compile(
    r"""
      (?P<space>\s+|//[^\n]*|/\*.*?\*/)
    | (?P<datetime>@\d{4}(?:-\d\d(?:-\d\d)?)?T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)
    | (?P<date>@\d{4}(?:-\d\d(?:-\d\d)?)?)
    | (?P<time>@T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<quoted>`(?:[^`\\]|\\.)*`)
    | (?P<variable>%(?:[A-Za-z_][A-Za-z0-9_-]*|`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'))
    | (?P<this>\$this\b)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<symbol><=|>=|!=|!~|[-.,()\[\]{}|=~<>+*/&])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "f": "\f"}


def parse_path(expression):
    """The syntax tree of a FHIRPath expression. Raises FhirPathError."""
    if not isinstance(expression, str):
        raise FhirPathError(f"an expression is a string, not {expression!r}")
    parser = _Parser(expression)
    tree = parser.expression()
    parser.expect("end")
    return tree


def _tokens(text):
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise FhirPathError(f"'{text}': unexpected '{text[position]}' at {position}")
        if match.lastgroup != "space":
            yield match.lastgroup, match.group(), position
        position = match.end()
    yield "end", "the end", position


def _unescape(quoted):
    def character(match):
        code = match.group(1)
        return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPES.get(code, code)

    return _ESCAPE.sub(character, quoted[1:-1])


class _Parser:
    """Precedence climbing over the tokens of one text."""

    def __init__(self, text):
        self.text = text
        self.tokens = list(_tokens(text))
        self.position = 0

    @property
    def kind(self):
        return self.tokens[self.position][0]

    @property
    def token(self):
        return self.tokens[self.position][1]

    def fail(self, message):
        raise FhirPathError(f"'{self.text}': {message} at {self.tokens[self.position][2]}")

    def take(self):
        token = self.token
        self.position += 1
        return token

    def at(self, symbol):
        return self.kind == "symbol" and self.token == symbol

    def expect(self, kind, symbol=None):
        if self.kind != kind or (symbol and self.token != symbol):
            self.fail(f"expected {symbol or kind}, found {self.token}")
        return self.take()

    def expression(self, loosest=1):
        left = self.unary()
        while self.kind in ("symbol", "name"):
            level = _PRECEDENCE.get(self.token, 0)
            if level < loosest:
                break
            operator = self.take()
            right = self.type_name() if level == _TYPE_OPERATORS else self.expression(level + 1)
            left = Binary(operator, left, right)
        return left

    def unary(self):
        if self.at("-"):
            self.take()
            return Negative(self.unary())
        if self.at("+"):
            self.take()
            return self.unary()
        return self.postfix()

    def postfix(self):
        node = self.term()
        while True:
            if self.at("."):
                self.take()
                node = self.invocation(node)
            elif self.at("["):
                self.take()
                node = Index(node, self.expression())
                self.expect("symbol", "]")
            else:
                return node

    def term(self):
        kind = self.kind
        if kind in ("name", "quoted"):
            if self.token in ("true", "false"):
                return Literal("boolean", self.take() == "true")
            return self.invocation(None)
        if kind == "this":
            self.take()
            return This()
        if kind == "variable":
            name = self.take()[1:]
            return Variable(_unescape(name) if name[0] in "'`" else name)
        if self.at("("):
            self.take()
            node = self.expression()
            self.expect("symbol", ")")
            return node
        if self.at("{"):
            self.take()
            self.expect("symbol", "}")
            return Literal("", None)
        return self.literal()

    def literal(self):
        kind = self.kind
        if kind == "string":
            return Literal("string", _unescape(self.take()))
        if kind == "number":
            return self.number()
        if kind == "date":
            return Literal("date", self.take()[1:])
        if kind == "datetime":
            return Literal("dateTime", self.take()[1:].removesuffix("T"))
        if kind == "time":
            return Literal("time", self.take()[2:])
        return self.fail(f"unexpected {self.token}")

    def number(self):
        text = self.take()
        if self.kind == "string":
            self.fail("quantities are outside the subset")
        try:
            return Literal("decimal", Decimal(text)) if "." in text else Literal("integer", int(text))
        except (InvalidOperation, ValueError):
            return self.fail(f"{text} is out of range")

    def invocation(self, target):
        if self.kind not in ("name", "quoted"):
            self.fail(f"expected a name, found {self.token}")
        quoted = self.kind == "quoted"
        name = self.take()
        if quoted:
            return Member(target, _unescape(name))
        if not self.at("("):
            return Member(target, name)
        self.take()
        arguments = []
        if not self.at(")"):
            arguments.append(self.expression())
            while self.at(","):
                self.take()
                arguments.append(self.expression())
        self.expect("symbol", ")")
        return Call(target, name, tuple(arguments))

    def type_name(self):
        name = _unescape(self.take()) if self.kind == "quoted" else self.expect("name")
        if name in ("FHIR", "System") and self.at("."):
            self.take()
            name = self.expect("name")
        return name
