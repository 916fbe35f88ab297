"""Operators of FHIRPath: equality, order, arithmetic, three-valued logic (http://hl7.org/fhirpath/N1/#operations)."""

import operator
from decimal import Decimal, DecimalException

from .dates import instant_interval
from .fhirpath_expressions import EMPTY, Expr, constant, members, plain, union
from .fhirpath_parser import FhirPathError

NUMBERS = frozenset({"decimal", "integer", "positiveInt", "unsignedInt"})
DATES = frozenset({"date", "dateTime", "instant"})
TEXTS = frozenset(
    {"string", "code", "id", "markdown", "uri", "url", "canonical", "oid", "uuid", "base64Binary", "xhtml"}
)


def kind(type_name):
    """What a type compares as: number, date, text, time, boolean or complex."""
    if type_name in NUMBERS:
        return "number"
    if type_name in DATES:
        return "date"
    if type_name in TEXTS:
        return "text"
    return type_name if type_name in ("time", "boolean") else "complex"


def at_most_one(fn, single):
    """The function item -> value or None, which raises FhirPathError when there are several values."""
    if single:
        return fn

    def one(item):
        values = fn(item)
        if len(values) > 1:
            raise FhirPathError(f"{len(values)} values where one was expected")
        return values[0] if values else None

    return one


def only(expr):
    """`at_most_one` of an expression, without type names."""
    return at_most_one(plain(expr), expr.single)


def binary(name, left, right):
    """The Expr of `left name right`. Raises FhirPathError when the types do not allow it."""
    if name == "|":
        return union(left, right)
    if name == "&":
        return _concatenation(left, right)
    if name in _LOGIC:
        return _logic(name, left, right)
    if not left.types or not right.types:
        return EMPTY
    if name == "in":
        return _membership(left, right)
    if name == "contains":
        return _membership(right, left)
    if name in _EQUALITY:
        return _equality(name, left, right)
    if name in _ORDER:
        return _order(name, left, right)
    if name in _ARITHMETIC:
        return _arithmetic(name, left, right)
    raise FhirPathError(f"the operator '{name}' is outside the subset")


def negative(operand):
    """The Expr of `-operand`."""
    if not {kind(t) for t in operand.types} <= {"number"}:
        raise FhirPathError("'-' takes a number")
    one = only(operand)
    if operand.literal is not None:
        return constant(operand.types[0], -operand.literal)
    return Expr(operand.types[:1], True, lambda item: None if (value := one(item)) is None else -value)


def boolean(expr, where):
    """The function item -> True, False or None of an expression that must be boolean."""
    if expr.types not in ((), ("boolean",)):
        raise FhirPathError(f"{where} takes a boolean, not {' or '.join(expr.types)}")
    return only(expr)


def _kinds(name, left, right):
    """The one kind that both sides share; refuses what could never be true."""
    kinds = {kind(t) for t in left.types} & {kind(t) for t in right.types}
    if not kinds:
        raise FhirPathError(f"'{name}' cannot compare {' or '.join(left.types)} with {' or '.join(right.types)}")
    return kinds


# --- equality ---------------------------------------------------------------------------------------


def _interval(literal):
    try:
        return instant_interval(literal)
    except ValueError:
        return None


def _dates_equal(a, b):
    if a == b:
        return True
    first, second = _interval(a), _interval(b)
    if first is None or second is None:
        return None
    if first == second:
        return True
    return False if first[1] <= second[0] or second[1] <= first[0] else None


def _values_equal(a, b):
    # In Python True == 1; a choice of types can bring both to one comparison.
    return a == b and (a is True or a is False) == (b is True or b is False)


def _equality(name, left, right):
    kinds = _kinds(name, left, right)
    equal = _dates_equal if kinds == {"date"} else operator.eq if len(kinds) == 1 else _values_equal
    if left.mixed or right.mixed:
        equal = _dates_equal if kinds == {"date"} else _values_equal
    unequal = name == "!="
    if left.single and right.single:
        fn = _single_equality(plain(left), plain(right), right.literal, equal)
    else:
        fn = _collection_equality(plain(left), left.single, plain(right), right.single, equal)
    if unequal:
        same = fn
        fn = lambda item: None if (result := same(item)) is None else not result  # noqa: E731
    return Expr(("boolean",), True, fn)


def _single_equality(first, second, literal, equal):
    if literal is not None and equal is operator.eq:
        return lambda item: None if (a := first(item)) is None else a == literal

    def compared(item):
        a, b = first(item), second(item)
        return None if a is None or b is None else equal(a, b)

    return compared


def _collection_equality(first, first_single, second, second_single, equal):
    def listed(value, single):
        return value if not single else () if value is None else (value,)

    def compared(item):
        a, b = listed(first(item), first_single), listed(second(item), second_single)
        if not a or not b:
            return None
        if len(a) != len(b):
            return False
        results = [equal(x, y) for x, y in zip(a, b, strict=True)]
        return False if False in results else None if None in results else True

    return compared


_EQUALITY = frozenset({"=", "!="})


def _membership(element, collection):
    kinds = _kinds("in", element, collection)
    equal = _dates_equal if kinds == {"date"} else _values_equal
    one = only(element)
    many = members(collection)
    tagged = collection.mixed

    def found(item):
        value = one(item)
        if value is None:
            return None
        return any(equal(value, other[1] if tagged else other) is True for other in many(item))

    return Expr(("boolean",), True, found)


# --- order ------------------------------------------------------------------------------------------

_ORDER = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}


def _order(name, left, right):
    kinds = _kinds(name, left, right)
    if left.mixed or right.mixed or kinds & {"complex", "boolean"}:
        raise FhirPathError(f"'{name}' needs two numbers, texts, dates or times: use ofType()")
    first, second = only(left), only(right)
    ordered = _date_order(name) if kinds == {"date"} else _ORDER[name]

    def compared(item):
        a, b = first(item), second(item)
        return None if a is None or b is None else ordered(a, b)

    return Expr(("boolean",), True, compared)


def _date_order(name):
    """Order of partial dates: unknown where the intervals overlap without being the same."""
    compare = _ORDER[name]

    def ordered(a, b):
        first, second = _interval(a), _interval(b)
        if first is None or second is None:
            return None
        if first == second or first[1] <= second[0] or second[1] <= first[0]:
            return compare(first, second)
        return None

    return ordered


# --- arithmetic -------------------------------------------------------------------------------------


def _truncated(a, b):
    return int(Decimal(a) / Decimal(b))


def _remainder(a, b):
    return a - b * _truncated(a, b)


_ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: Decimal(a) / Decimal(b),
    "div": _truncated,
    "mod": _remainder,
}


def _arithmetic(name, left, right):
    kinds = {kind(t) for t in left.types + right.types}
    if kinds == {"text"} and name == "+":
        result = "string"
    elif kinds == {"number"}:
        whole = not {"decimal"} & {*left.types, *right.types}
        result = "integer" if name == "div" or (whole and name != "/") else "decimal"
    else:
        raise FhirPathError(f"'{name}' cannot take {' or '.join(left.types)} and {' or '.join(right.types)}")
    first, second, compute = only(left), only(right), _ARITHMETIC[name]

    def computed(item):
        a, b = first(item), second(item)
        if a is None or b is None:
            return None
        try:
            return compute(a, b)
        except DecimalException:  # division by zero, overflow: empty, says the specification
            return None

    return Expr((result,), True, computed)


def _concatenation(left, right):
    for side in (left, right):
        if {kind(t) for t in side.types} - {"text"}:
            raise FhirPathError("'&' takes text")
    first, second = only(left), only(right)
    return Expr(("string",), True, lambda item: (first(item) or "") + (second(item) or ""))


# --- logic ------------------------------------------------------------------------------------------


def _and(a, b):
    return False if a is False or b is False else None if a is None or b is None else True


def _or(a, b):
    return True if a is True or b is True else None if a is None or b is None else False


def _xor(a, b):
    return None if a is None or b is None else a is not b


def _implies(a, b):
    return _or(None if a is None else not a, b)


_LOGIC = {"and": _and, "or": _or, "xor": _xor, "implies": _implies}


def _logic(name, left, right):
    first, second, table = boolean(left, f"'{name}'"), boolean(right, f"'{name}'"), _LOGIC[name]
    return Expr(("boolean",), True, lambda item: table(first(item), second(item)))
