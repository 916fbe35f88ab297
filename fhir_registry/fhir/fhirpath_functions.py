"""Functions of the FHIRPath subset (http://hl7.org/fhirpath/N1/#functions, https://sql-on-fhir.org/ig/latest/).

Each takes the compiler, the Expr it is called on and the syntax trees of its arguments, and gives an Expr.
"""

from .boundaries import date_boundary, date_time_boundary, number_boundary, time_boundary
from .fhirpath_expressions import (
    EMPTY,
    Expr,
    compose,
    constant,
    distinct,
    filtered,
    members,
    pairs,
    plain,
    then,
    union,
)
from .fhirpath_operators import at_most_one, boolean, kind, only
from .fhirpath_parser import FhirPathError, Member
from .references import split_reference

# The type of what resolve() would give: the reference itself, good only for `is` and `ofType`.
RESOLVED = "resolve()"


def _where(compiler, target, criteria):
    if not target.types:
        return EMPTY
    conditions = {t: boolean(e, "where()") for t, e in compiler.over(target, criteria).items()}
    return filtered(target, conditions)


def _select(compiler, target, projection):
    return compose(target, compiler.over(target, projection)) if target.types else EMPTY


def _all(compiler, target, criteria):
    if not target.types:
        return constant("boolean", True)
    conditions = {t: boolean(e, "all()") for t, e in compiler.over(target, criteria).items()}
    each = pairs(target)
    return _boolean(lambda item: all(conditions[t](value) is True for t, value in each(item)))


def _exists(compiler, target, criteria=None):
    if criteria is not None:
        target = _where(compiler, target, criteria)
    fn = target.fn
    if target.single:
        return _boolean(lambda item: fn(item) is not None)
    return _boolean(lambda item: len(fn(item)) > 0)


def _empty(compiler, target):
    fn = _exists(compiler, target).fn
    return _boolean(lambda item: not fn(item))


def _not(compiler, target):
    one = boolean(target, "not()")
    return _boolean(lambda item: None if (value := one(item)) is None else not value)


def _count(compiler, target):
    listed = members(target)
    return Expr(("integer",), True, lambda item: len(listed(item)))


def _first(compiler, target):
    return at(target, 0)


def _last(compiler, target):
    return at(target, -1)


def _has_value(compiler, target):
    primitive = target.types and all(compiler.is_primitive(t) for t in target.types)
    listed = members(target)
    return _boolean(lambda item: len(listed(item)) == 1) if primitive else constant("boolean", False)


def at(target, index):
    """`target[index]` as an Expr; index is an int."""
    if target.single:
        return target if index in (0, -1) else EMPTY
    fn = target.fn
    need = index + 1 if index >= 0 else 1

    def one(item):
        values = fn(item)
        return values[index] if len(values) >= need else None

    return Expr(target.types, True, one, target.roots)


def _of_type(compiler, target, type_node):
    if not isinstance(type_node, Member) or type_node.target not in (None, Member(None, "FHIR")):
        raise FhirPathError("ofType() takes a type name")
    return of_type(compiler, target, type_node.name)


def of_type(compiler, target, name):
    """The values of `target` that are a `name` or one of its subtypes."""
    if target.types == (RESOLVED,):
        raise FhirPathError("what resolve() gives can only be tested with 'is'")
    if not target.types:
        return EMPTY
    kept = tuple(t for t in target.types if compiler.is_a(t, name))
    if kept == target.types:
        return target
    if kept:
        if target.narrow:
            return target.narrow(kept)
        tag = len(kept) > 1
        pick = lambda pair: (pair if tag else pair[1]) if pair[0] in kept else None  # noqa: E731
        return Expr(kept, target.single, then(target.fn, target.single, pick, True), target.roots)
    if not target.mixed and compiler.is_a(name, target.types[0]) and compiler.is_a(name, "Resource"):
        pick = lambda value: value if value.get("resourceType") == name else None  # noqa: E731
        return Expr((name,), target.single, then(target.fn, target.single, pick, True), target.roots)
    raise FhirPathError(f"{' or '.join(target.types)} is never a {name}")


def is_type(compiler, target, name):
    """`target is name` as an Expr."""
    compiler.check_type(name)
    if not target.types:
        return EMPTY
    one = at_most_one(target.fn, target.single)
    if target.types == (RESOLVED,):
        test = lambda value: _refers_to(value, name)  # noqa: E731
    elif target.mixed:
        test = lambda pair: compiler.is_a(pair[0], name)  # noqa: E731
    elif compiler.is_a(target.types[0], "Resource"):
        test = lambda value: compiler.is_a(value.get("resourceType"), name)  # noqa: E731
    else:
        always = compiler.is_a(target.types[0], name)
        test = lambda value: always  # noqa: E731
    return _boolean(then(one, True, test, True))


def _refers_to(value, name):
    """Does a Reference, or a canonical or uri, name a resource of that type? Decided without looking it up."""
    literal, declared = (value.get("reference"), value.get("type")) if isinstance(value, dict) else (value, None)
    parts = split_reference(literal) if literal else None
    return (parts[1] if parts else declared) == name


def _resolve(compiler, target):
    if not target.types:
        return EMPTY
    if target.mixed or target.types[0] not in ("Reference", "canonical", "uri"):
        raise FhirPathError("resolve() takes a Reference")
    return Expr((RESOLVED,), target.single, target.fn, target.roots)


def _extension(compiler, target, url):
    if not target.types:
        return EMPTY
    wanted = compiler.text(url, "extension()")
    extensions = compiler.member(target, "extension")
    return filtered(extensions, {t: lambda value: value.get("url") == wanted for t in extensions.types})


def _has_extension(compiler, target, url):
    return _exists(compiler, _extension(compiler, target, url))


def _resource_key(compiler, target):
    if target.mixed or not target.types or not compiler.is_a(target.types[0], "Resource"):
        raise FhirPathError("getResourceKey() takes a resource")
    return compiler.member(target, "id")._replace(types=("string",))


def _reference_key(compiler, target, type_node=None):
    if target.types != ("Reference",):
        raise FhirPathError("getReferenceKey() takes a Reference")
    name = type_node.name if isinstance(type_node, Member) else None
    if type_node is not None:
        compiler.check_type(name)

    def key(value):
        literal = value.get("reference")
        parts = split_reference(literal) if literal else None
        # Contained and logical references have no key.
        if parts is None or (name and parts[1] != name):
            return None
        # Another server's Patient/1 is not ours, and who "we" are only the reader of the key can tell.
        return f"{parts[0]}/{parts[1]}/{parts[2]}" if parts[0] else parts[2]

    return Expr(("string",), target.single, then(target.fn, target.single, key, True), target.roots)


def _join(compiler, target, separator=None):
    _expect_kind(target, "text", "join()")
    between = compiler.text(separator, "join()") if separator is not None else ""
    each = members(target)
    plain_texts = plain(Expr(target.types, False, each))
    return Expr(("string",), True, lambda item: between.join(plain_texts(item)))


_BOUNDARIES = {
    "date": date_boundary,
    "dateTime": date_time_boundary,
    "instant": date_time_boundary,
    "time": time_boundary,
}


def _boundary(high):
    def bounded(compiler, target):
        if not target.types:
            return EMPTY
        name = target.types[0]
        compute = number_boundary if kind(name) == "number" else _BOUNDARIES.get(name)
        if target.mixed or compute is None:
            raise FhirPathError(f"a boundary needs one number, date or time, not {' or '.join(target.types)}")
        one = only(target)
        result = "decimal" if kind(name) == "number" else name
        return Expr((result,), True, lambda item: None if (v := one(item)) is None else compute(v, high))

    return bounded


def _iif(compiler, target, condition, then_node, else_node=None):
    test = boolean(compiler.expression(condition, target), "iif()")
    yes = compiler.expression(then_node, target)
    no = compiler.expression(else_node, target) if else_node is not None else EMPTY
    both = union(yes, no)  # for its types
    if both.mixed or not both.types:
        raise FhirPathError("both results of iif() must have the same type")
    single = yes.single and no.single
    first, second = (yes.fn, no.fn) if single else (members(yes), members(no))
    return Expr(both.types, single, lambda item: first(item) if test(item) is True else second(item))


def _text_function(compute, result):
    """A function of one text, with text arguments that are constants or expressions of the same item."""

    def build(compiler, target, *arguments):
        _expect_kind(target, "text", "the function")
        one = only(target)
        texts = [compiler.text(node, "the function") for node in arguments]
        return Expr((result,), True, lambda item: None if (value := one(item)) is None else compute(value, *texts))

    return build


def _expect_kind(target, expected, name):
    if {kind(t) for t in target.types} - {expected}:
        raise FhirPathError(f"{name} takes {expected}, not {' or '.join(target.types)}")


def _boolean(fn):
    return Expr(("boolean",), True, fn)


# name -> (builder, least and greatest number of arguments)
FUNCTIONS = {
    "where": (_where, 1, 1),
    "select": (_select, 1, 1),
    "all": (_all, 1, 1),
    "exists": (_exists, 0, 1),
    "empty": (_empty, 0, 0),
    "not": (_not, 0, 0),
    "count": (_count, 0, 0),
    "distinct": (lambda compiler, target: distinct(target), 0, 0),
    "first": (_first, 0, 0),
    "last": (_last, 0, 0),
    "hasValue": (_has_value, 0, 0),
    "ofType": (_of_type, 1, 1),
    "as": (_of_type, 1, 1),
    "is": (lambda compiler, target, node: is_type(compiler, target, getattr(node, "name", None)), 1, 1),
    "resolve": (_resolve, 0, 0),
    "extension": (_extension, 1, 1),
    "hasExtension": (_has_extension, 1, 1),
    "getResourceKey": (_resource_key, 0, 0),
    "getReferenceKey": (_reference_key, 0, 1),
    "join": (_join, 0, 1),
    "lowBoundary": (_boundary(False), 0, 0),
    "highBoundary": (_boundary(True), 0, 0),
    "iif": (_iif, 2, 3),
    "startsWith": (_text_function(str.startswith, "boolean"), 1, 1),
    "endsWith": (_text_function(str.endswith, "boolean"), 1, 1),
    "contains": (_text_function(lambda text, part: part in text, "boolean"), 1, 1),
    "lower": (_text_function(str.lower, "string"), 0, 0),
    "upper": (_text_function(str.upper, "string"), 0, 0),
    "replace": (_text_function(str.replace, "string"), 2, 2),
}
