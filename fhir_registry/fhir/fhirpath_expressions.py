"""Compiled FHIRPath expressions and how they compose (http://hl7.org/fhirpath/N1/#path-selection).

A compiled expression is a plain function of one item. What it returns depends on what is known
statically: at most one value (then the value or None, since JSON null is no FHIR value) or many (a
sequence); of one type (plain values) or of several (pairs of type name and value).
"""

from collections.abc import Callable
from typing import NamedTuple


class Expr(NamedTuple):
    """A compiled expression.

    types: the type names a value may have; () when the expression is always empty.
    single: `fn` gives one value or None, not a sequence.
    fn: item -> value(s); with several types each value is the pair (type name, value).
    roots: the members of the item without which the result is empty; None when it may be non-empty anyway.
    narrow: for a choice element, type names -> the Expr of those only.
    companion: for a primitive element, () -> the Expr of its `_name` sibling, which holds id and extension.
    literal: the value, when it is a constant.
    binding: canonical of the required binding of a code element.
    """

    types: tuple
    single: bool
    fn: Callable
    roots: frozenset | None = None
    narrow: Callable | None = None
    companion: Callable | None = None
    literal: object = None
    binding: str | None = None

    @property
    def mixed(self):
        """True when values come as (type name, value)."""
        return len(self.types) > 1


def itself(item):
    """The item: the function of `$this`."""
    return item


EMPTY = Expr((), True, lambda item: None, frozenset())


def constant(type_name, value):
    """The expression of a literal."""
    return Expr((type_name,), True, lambda item: value, literal=value)


def members(expr):
    """The function item -> sequence, whatever the cardinality."""
    if not expr.single:
        return expr.fn
    one = expr.fn

    def listed(item):
        value = one(item)
        return () if value is None else (value,)

    return listed


def pairs(expr):
    """The function item -> sequence of (type name, value)."""
    if expr.mixed or not expr.types:
        return members(expr)
    fn, name = expr.fn, expr.types[0]
    if expr.single:
        return lambda item: () if (value := fn(item)) is None else ((name, value),)
    return lambda item: [(name, value) for value in fn(item)]


def plain(expr):
    """The function item -> value(s) without type names; single as the expression is."""
    fn = expr.fn
    if not expr.mixed:
        return fn
    if expr.single:
        return lambda item: None if (pair := fn(item)) is None else pair[1]
    return lambda item: [value for _, value in fn(item)]


def key_step(parent, key, many, primitive):
    """The function of `parent.key`, for a parent of one type.

    many: the member is an array; primitive: nulls in it only hold a place for an extension.
    """
    fn = parent.fn
    if parent.single and not many:
        if fn is itself:
            return lambda item: item.get(key)
        return lambda item: None if (node := fn(item)) is None else node.get(key)
    if primitive and many:
        listed = members(parent)
        return lambda item: [value for node in listed(item) for value in node.get(key, ()) if value is not None]
    if parent.single:
        if fn is itself:
            return lambda item: item.get(key, ())
        return lambda item: () if (node := fn(item)) is None else node.get(key, ())
    if many:
        return lambda item: [value for node in fn(item) for value in node.get(key, ())]
    return lambda item: [value for node in fn(item) if (value := node.get(key)) is not None]


def choice_step(parent, keys):
    """The function of `parent.value[x]`, giving (type name, value). keys: {member: type name}."""
    items = tuple(keys.items())

    def by_key(node):
        for key, name in items:
            value = node.get(key)
            if value is not None:
                return name, value
        return None

    def by_member(node):
        for key, value in node.items():
            if key in keys:
                return keys[key], value
        return None

    # A node has few members: with many types it is cheaper to look at what is there.
    return then(parent.fn, parent.single, by_key if len(items) < 7 else by_member, True)


def then(fn, single, sub, sub_single):
    """The function of `sub` applied to what `fn` gives."""
    if fn is itself:
        return sub
    if single and sub_single:
        return lambda item: None if (node := fn(item)) is None else sub(node)
    if single:
        return lambda item: () if (node := fn(item)) is None else sub(node)
    if sub_single:
        return lambda item: [value for node in fn(item) if (value := sub(node)) is not None]
    return lambda item: [value for node in fn(item) for value in sub(node)]


def compose(parent, subs):
    """`subs[type]` applied to each value of `parent`: the Expr of a path step.

    subs: {type name: Expr over a value of that type}; a type that is missing contributes nothing.
    """
    if not parent.mixed:
        sub = subs[parent.types[0]]
        roots = parent.roots if parent.fn is not itself else sub.roots
        return Expr(sub.types, parent.single and sub.single, then(parent.fn, parent.single, sub.fn, sub.single), roots)
    types = tuple(dict.fromkeys(name for sub in subs.values() for name in sub.types))
    single = parent.single and all(sub.single for sub in subs.values())
    if single:
        typed = len(types) > 1
        functions = {name: _tagged(sub, typed) for name, sub in subs.items()}

        def one(pair):
            fn = functions.get(pair[0])
            return None if fn is None else fn(pair[1])

        return Expr(types, True, then(parent.fn, True, one, True), parent.roots)
    functions = {name: pairs(sub) if len(types) > 1 else members(sub) for name, sub in subs.items()}
    each = members(parent)

    def many(item):
        return [value for name, node in each(item) if name in functions for value in functions[name](node)]

    return Expr(types, False, many, parent.roots)


def _tagged(sub, typed):
    fn = sub.fn
    if not typed or sub.mixed or not sub.types:
        return fn
    name = sub.types[0]
    return lambda node: None if (value := fn(node)) is None else (name, value)


def filtered(parent, conditions):
    """The values of `parent` whose condition holds. conditions: {type name: function value -> True or else}."""
    if parent.mixed:

        def kept(pair):
            return pair if pair[0] in conditions and conditions[pair[0]](pair[1]) is True else None
    else:
        condition = conditions[parent.types[0]]

        def kept(value):
            return value if condition(value) is True else None

    return Expr(parent.types, parent.single, then(parent.fn, parent.single, kept, True), parent.roots)


def union(left, right):
    """`left | right`: the distinct values of both."""
    if not left.types or not right.types:
        return distinct(right if right.types else left)
    types = tuple(dict.fromkeys(left.types + right.types))
    first, second = (pairs(left), pairs(right)) if len(types) > 1 else (members(left), members(right))
    roots = None if left.roots is None or right.roots is None else left.roots | right.roots

    def both(item):
        a, b = first(item), second(item)
        if not b:
            return a if len(a) < 2 else _distinct(a)
        if not a and len(b) < 2:
            return b
        return _distinct([*a, *b])

    return Expr(types, False, both, roots)


def distinct(expr):
    """The distinct values of an expression."""
    if expr.single:
        return expr
    fn = expr.fn
    return expr._replace(fn=lambda item: values if len(values := fn(item)) < 2 else _distinct(values), narrow=None)


def _distinct(values):
    kept = []
    for value in values:
        if value not in kept:
            kept.append(value)
    return kept
