"""A subset of FHIRPath, compiled to Python functions with static types (http://hl7.org/fhirpath/N1/).

Covered: the expressions of the R4 search parameters and of SQL-on-FHIR views. What is outside the subset,
or could never have a value, is refused when compiled. Items are plain JSON values.
"""

from .fhirpath_expressions import (
    EMPTY,
    Expr,
    choice_step,
    compose,
    constant,
    itself,
    key_step,
    members,
    pairs,
    plain,
)
from .fhirpath_functions import FUNCTIONS, RESOLVED, at, is_type, of_type
from .fhirpath_operators import binary, negative, only
from .fhirpath_parser import (
    Binary,
    Call,
    FhirPathError,
    Index,
    Literal,
    Member,
    Negative,
    This,
    Variable,
    parse_path,
)

__all__ = ["FhirPathError", "Path", "compile_path"]


class Path:
    """A compiled expression over one root type.

    types: names of the types that a value may have, () when there can never be one.
    binding: canonical of the required binding when the path ends in a bound element.
    roots: the members of the root item without which the result is empty, None when that is not known.
    value: function item -> the one value or None; raises FhirPathError when there are several.
    values: function item -> sequence of values; typed: function item -> sequence of (type name, value).
    """

    __slots__ = ("binding", "roots", "single", "text", "typed", "types", "value", "values")

    def __init__(self, text, expr):
        self.text = text
        self.types = expr.types
        self.single = expr.single
        self.roots = expr.roots
        self.binding = expr.binding
        self.value = only(expr)
        self.values = members(expr._replace(fn=plain(expr), types=expr.types[:1]))
        self.typed = pairs(expr)

    def __repr__(self):
        return f"Path({self.text!r})"


def compile_path(expression, root_type, model, constants=None):
    """Compile `expression` for items of `root_type`.

    model: has `types`, {name: TypeDef} (content/definitions.py). constants: {name: (type name, value)} for
    `%name`; a value may be a function without arguments, which is called each time.
    Raises FhirPathError when the expression is outside the subset or does not fit the type.
    """
    if root_type not in model.types:
        raise FhirPathError(f"'{root_type}' is not a type")
    compiler = Compiler(model, root_type, constants or {})
    try:
        expr = compiler.expression(parse_path(expression), compiler.scope)
    except FhirPathError as e:
        raise FhirPathError(f"'{expression}' on {root_type}: {e}") from None
    except RecursionError:
        raise FhirPathError("the expression is nested too deeply") from None
    if RESOLVED in expr.types:
        raise FhirPathError(f"'{expression}': resolve() is only good for a test of the type")
    return Path(expression, expr)


class Compiler:
    """Turns syntax trees into Exprs; `scope` is the root item."""

    def __init__(self, model, root_type, constants):
        self.types = model.types
        self.constants = constants
        self.scope = self.item(root_type)

    def item(self, type_name):
        """The Expr of an item itself."""
        return Expr((type_name,), True, itself)

    def expression(self, node, scope):
        """The Expr of a syntax tree; scope is the Expr of the item that bare names belong to."""
        if isinstance(node, Member):
            return self._member_node(node, scope)
        if isinstance(node, Call):
            return self._call(node, scope)
        if isinstance(node, Binary):
            left = self.expression(node.left, scope)
            if node.operator == "is":
                return is_type(self, left, node.right)
            if node.operator == "as":
                return of_type(self, left, node.right)
            return binary(node.operator, left, self.expression(node.right, scope))
        if isinstance(node, Literal):
            return EMPTY if node.value is None else constant(node.type, node.value)
        if isinstance(node, This):
            return scope
        if isinstance(node, Index):
            return self._index(node, scope)
        if isinstance(node, Variable):
            return self._variable(node.name)
        if isinstance(node, Negative):
            return negative(self.expression(node.operand, scope))
        raise TypeError(node)

    def over(self, target, node):
        """`node` compiled for each type of `target`: {type name: Expr over such a value}."""
        return {name: self.expression(node, self.item(name)) for name in target.types}

    def text(self, node, function):
        """The constant text that an argument is."""
        expr = self.expression(node, self.scope)
        if not isinstance(expr.literal, str):
            raise FhirPathError(f"{function} takes a constant text")
        return expr.literal

    def is_a(self, name, base):
        """Is the type `name` the type `base` or one of its subtypes?"""
        self.check_type(base)
        while name is not None and name != base:
            name = self.types[name].base if name in self.types else None
        return name is not None

    def is_primitive(self, name):
        return name in self.types and self.types[name].kind == "primitive-type"

    def check_type(self, name):
        if name not in self.types:
            raise FhirPathError(f"'{name}' is not a type")

    def _variable(self, name):
        if name not in self.constants:
            raise FhirPathError(f"%{name} is not defined")
        type_name, value = self.constants[name]
        if callable(value):
            return Expr((type_name,), True, lambda item: value())
        return constant(type_name, value)

    def _index(self, node, scope):
        index = self.expression(node.index, scope).literal
        if not isinstance(index, int) or isinstance(index, bool) or index < 0:
            raise FhirPathError("an index is a constant whole number")
        return at(self.expression(node.target, scope), index)

    def _call(self, node, scope):
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise FhirPathError(f"the function {node.name}() is outside the subset")
        build, least, greatest = function
        if not least <= len(node.arguments) <= greatest:
            raise FhirPathError(f"{node.name}() does not take {len(node.arguments)} arguments")
        target = scope if node.target is None else self.expression(node.target, scope)
        return build(self, target, *node.arguments)

    def _member_node(self, node, scope):
        if node.target is not None:
            return self.member(self.expression(node.target, scope), node.name)
        if node.name[:1].isupper() and node.name in self.types:
            # A leading type name selects the item when it is of that type: a term of a search parameter
            # that belongs to another resource type is empty here.
            return scope if self.is_a(scope.types[0], node.name) else EMPTY
        return self.member(scope, node.name)

    def member(self, target, name):
        """The Expr of `target.name`."""
        if not target.types:
            return EMPTY
        if target.companion and name in ("id", "extension"):
            return self.member(target.companion(), name)
        if not target.mixed:
            return self._step(target, target.types[0], name)
        having = [t for t in target.types if name in self._elements(t) and not self.is_primitive(t)]
        if not having:
            raise FhirPathError(f"{' or '.join(target.types)} has no element '{name}'")
        return compose(target, {t: self._step(self.item(t), t, name) for t in having})

    def _elements(self, type_name):
        return self.types[type_name].elements if type_name in self.types else {}

    def _step(self, target, type_name, name):
        element = self._elements(type_name).get(name)
        if element is None or self.is_primitive(type_name):
            raise FhirPathError(f"{type_name} has no element '{name}'")
        if element.choice:
            return self._choice(target, element.name, element.types)
        many = element.max is None or element.max > 1
        return self._key(target, name, element.types, many)._replace(binding=element.binding)

    def _choice(self, target, name, types):
        keys = {name + t[0].upper() + t[1:]: t for t in types}
        if len(keys) == 1:
            return self._key(target, *keys, types, False)
        fn = choice_step(target, keys)
        return Expr(types, target.single, fn, _roots(target, *keys), lambda kept: self._choice(target, name, kept))

    def _key(self, target, key, types, many):
        primitive = self.is_primitive(types[0])

        def step(key, types, companion=None):
            fn = key_step(target, key, many, primitive)
            return Expr(types, target.single and not many, fn, _roots(target, key), companion=companion)

        # A primitive's id and extensions stand beside it (https://hl7.org/fhir/R4/json.html#primitive).
        return step(key, types, (lambda: step("_" + key, ("Element",))) if primitive else None)


def _roots(target, *keys):
    return frozenset(keys) if target.fn is itself else target.roots
