"""Compiles the R4 definitions into functions that check JSON (https://hl7.org/fhir/R4/json.html).

A check is `check(value, owner) -> None | str | list[Problem]`: nothing wrong, one thing wrong with the value itself,
or problems in and below it. `owner` is the object that holds the value. A Problem is a tuple
(where, code, message, pending): `where` is the path from the value (`.name[0].given[1]`) and is put together only
when something is wrong; `pending` is None, or what the resource as a whole must still settle:
`("fragment", id)` a reference to a contained resource, `("id", id)` an element id.
"""

import re

from .invariants import INVARIANTS, UNNUMBERED, is_absolute
from .primitives import PRIMITIVES, check_string, json_kind, shown

# An array or object with so many is not looked at further: the answer is not to outgrow the question.
MAX_PROBLEMS = 1000
MAX_TOLD = 12  # codes of a value set that a message lists
# Codes of other owners that are few or regular: (type, element) -> pattern. Mime types, languages and
# UCUM units are not checked beyond the form of a code.
_FOREIGN_CODES = {
    ("Money", "currency"): re.compile("[A-Z]{3}"),
    ("Timing.repeat", "durationUnit"): re.compile("s|min|h|d|wk|mo|a"),
    ("Timing.repeat", "periodUnit"): re.compile("s|min|h|d|wk|mo|a"),
}
_REFERENCE = re.compile(
    r"(?:(https?://.+)/)?([A-Za-z]+)(?:/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?|\?.+)", re.DOTALL
)


def inside(step, wrong):
    """Problems of a member as problems of its owner."""
    if type(wrong) is str:
        return [(step, "value", wrong, None)]
    return [(step + where, code, message, pending) for where, code, message, pending in wrong]


def compile_types(definitions, value_sets, check_resource):
    """{type name: check} for every complex type and resource type.

    value_sets: canonical -> frozenset of (system, code). check_resource: the check for an element that holds any
    resource (it is given `contained=True` for contained ones).
    """
    return _Compiler(definitions, value_sets, check_resource).objects


class _Compiler:
    def __init__(self, definitions, value_sets, check_resource):
        self.definitions = definitions
        self.value_sets = value_sets
        self.check_resource = check_resource
        # Types refer to each other in circles: first every check with an empty table, then the tables.
        self.tables = {}
        self.objects = {}
        # What stands at `_birthDate`: an Element that may have no more than an id, as the value stands elsewhere.
        self.twin = _object_check(self.tables.setdefault("Element", {}), {}, 0, [], False)
        complex_types = [t for t in definitions.types.values() if t.kind != "primitive-type"]
        for type_def in complex_types:
            self.objects[type_def.name] = self.object_check(type_def)
        for type_def in complex_types:
            for element in type_def.elements.values():
                self.add_element(type_def, element)

    def object_check(self, type_def):
        table = self.tables.setdefault(type_def.name, {})
        if type_def.kind == "resource":
            table["resourceType"] = (lambda value, owner: None, 0)
        required = {1 << n: e for n, e in enumerate(_marked(type_def)) if e.min}
        return _object_check(table, required, sum(required), self.rules(type_def), type_def.kind != "resource")

    def rules(self, type_def):
        """The invariants of a type: list of (predicate, message)."""
        rules = INVARIANTS.get(type_def.name)
        if not rules:
            return []
        # The standard states the rules of a backbone element at the element, and some of a type at its elements.
        owner, _, name = type_def.name.rpartition(".")
        sources = [*type_def.elements.values(), type_def]
        sources += [self.definitions.types[owner].elements[name]] if owner else []
        human = UNNUMBERED | {c.key: c.human for source in sources for c in source.constraints}
        return [(holds, f"{key}: {human[key]}") for key, holds in rules.items()]

    def add_element(self, type_def, element):
        table = self.tables[type_def.name]
        marked = _marked(type_def)
        bit = 1 << marked.index(element) if element in marked else 0
        for type_name in element.types:
            key = element.name + type_name[0].upper() + type_name[1:] if element.choice else element.name
            table[key] = (self.value_check(type_def, element, type_name, key), bit)
            if type_name in PRIMITIVES and not _without_extension(type_def, element):
                twin_check = _twin_check if element.max == 1 else _twins_check
                table["_" + key] = (twin_check(self.twin, key), bit)

    def value_check(self, type_def, element, type_name, key):
        check = self.item_check(type_def, element, type_name)
        return check if element.max == 1 else _array_check(check, key)

    def item_check(self, type_def, element, type_name):
        if type_name == "Resource":
            contained = element.name == "contained"
            return lambda value, owner: self.check_resource(value, owner, contained)
        check = PRIMITIVES.get(type_name) or self.objects[type_name]
        if (type_def.name, element.name) in _FOREIGN_CODES:
            return _pattern_check(check, _FOREIGN_CODES[type_def.name, element.name])
        if element.name == "id" and type_def.kind != "resource":
            return _check_element_id
        if type_name == "Extension" and type_def.name != "Extension":
            return _absolute_extension_check(check)
        if type_name == "Reference":
            return _reference_check(check, frozenset(element.targets), self.definitions.resource_types)
        if element.binding in self.value_sets:
            return _bound_check(check, type_name, element.binding, self.value_sets[element.binding])
        return check


def _marked(type_def):
    """The elements that an object must keep count of: required ones and choices."""
    return [e for e in type_def.elements.values() if e.min or (e.choice and len(e.types) > 1)]


def _without_extension(type_def, element):
    # Element.id, Extension.url and the narrative are plain strings.
    return (
        (element.name == "id" and type_def.kind != "resource")
        or (type_def.name, element.name) == ("Extension", "url")
        or element.types == ("xhtml",)
    )


def _object_check(table, required, required_bits, rules, needs_content):
    def check(value, owner):
        if type(value) is not dict:
            return [("", "structure", f"must be an object, not {json_kind(value)}", None)]
        found = None
        seen = 0
        for key, member in value.items():
            entry = table.get(key)
            if entry is None:
                found = found or []
                found.append((f".{key}", "structure", "is not an element of this type", None))
                if len(found) >= MAX_PROBLEMS:
                    return found
                continue
            member_check, bit = entry
            wrong = member_check(member, value)
            if wrong:
                found = found or []
                found += inside("." + key.removeprefix("_"), wrong)
            if bit:
                if seen & bit and (other := _other_choice(table, value, key, bit)):
                    found = found or []
                    found.append((f".{key.removeprefix('_')}", "structure", f"must not stand beside {other}", None))
                seen |= bit
        if required_bits & ~seen:
            found = found or []
            for bit, element in required.items():
                if not seen & bit:
                    found.append((f".{element.name}", "required", "is required", None))
        if len(value) < 2 and needs_content and (not value or "id" in value):
            found = [*(found or ()), ("", "structure", "must have a value or members", None)]
        for predicate, message in rules:
            if not _holds(predicate, value):
                found = [*(found or ()), ("", "invariant", message, None)]
        return found

    return check


def _other_choice(table, value, key, bit):
    # `valueString` and `_valueString` are one element; `valueString` and `valueCode` are two.
    name = key.removeprefix("_")
    others = (k.removeprefix("_") for k in value if k in table and table[k][1] == bit)
    return next((other for other in others if other != name), None)


def _holds(predicate, value):
    try:
        return predicate(value)
    except (TypeError, KeyError, AttributeError, IndexError):
        return True  # of the wrong shape, which has been said, or there by extensions only


def _as_list(value):
    """None for a non-empty JSON array, else the problem."""
    if type(value) is not list:
        return [("", "structure", f"must be an array, not {json_kind(value)}", None)]
    return None if value else [("", "structure", "must not be an empty array", None)]


def _array_check(item_check, key):
    """Items of primitives may be null where the twin array `_key` has extensions."""

    def check(value, owner):
        found = _as_list(value)
        if found:
            return found
        for position, item in enumerate(value):
            if item is None and _item(owner.get("_" + key), position) is not None:
                continue
            wrong = item_check(item, owner)
            if wrong:
                found = found or []
                found += inside(f"[{position}]", wrong)
                # Never stop at what is pending only: the rest may still be wrong.
                if len(found) >= MAX_PROBLEMS and found[-1][3] is None:
                    break
        return found

    return check


def _twin_problems(twin, item, has_value):
    if item == {} or (not has_value and type(item) is dict and item.keys() <= {"id"}):
        return [("", "structure", "has neither a value nor extensions", None)]
    return twin(item, None) or []


def _twin_check(twin, key):
    """The member `_key`: id and extensions of the primitive value at `key`."""

    def check(value, owner):
        return _twin_problems(twin, value, key in owner)

    return check


def _twins_check(twin, key):
    """The array `_key`, as long as the array `key` when there is one."""

    def check(value, owner):
        found = _as_list(value)
        if found:
            return found
        found = []
        values = owner.get(key)
        if isinstance(values, list) and len(values) != len(value):
            found.append(("", "structure", f"the arrays {key} and _{key} must be of the same length", None))
        for position, item in enumerate(value):
            has_value = _item(values, position) is not None
            if item is not None:
                found += inside(f"[{position}]", _twin_problems(twin, item, has_value))
            elif not has_value:
                found.append((f"[{position}]", "structure", "has neither a value nor extensions", None))
        return found

    return check


def _item(values, position):
    return values[position] if isinstance(values, list) and position < len(values) else None


def _check_element_id(value, owner):
    return check_string(value) or [("", "invariant", f"element id {shown(value)} occurs twice", ("id", value))]


def _pattern_check(check, pattern):
    def check_pattern(value, owner):
        if type(value) is str and pattern.fullmatch(value):
            return None
        return check(value) or [("", "code-invalid", f"{shown(value)} is not one of {pattern.pattern}", None)]

    return check_pattern


def _absolute_extension_check(check):
    """Only extensions within extensions may have a relative url."""

    def check_extension(value, owner):
        found = check(value, owner)
        url = value.get("url") if type(value) is dict else None
        if type(url) is str and not is_absolute(url):
            found = [*(found or ()), (".url", "extension", f"{shown(url)} is not an absolute URI", None)]
        return found

    return check_extension


def _reference_check(check, targets, resource_types):
    """A literal reference must be to a type among `targets` (any type when empty)."""
    admitted = targets or resource_types
    wanted = " or ".join(sorted(targets)) or "any resource"

    def check_reference(value, owner):
        found = check(value, owner)
        literal = value.get("reference") if type(value) is dict else None
        if type(literal) is not str or literal.startswith("urn:"):
            return found
        if literal.startswith("#"):
            message = f"{shown(literal)} is not among the contained resources"
            return [*(found or ()), (".reference", "not-found", message, ("fragment", literal[1:]))]
        match = _REFERENCE.fullmatch(literal)
        # An absolute address may be of a server that does not speak FHIR.
        if match[2] in admitted if match else is_absolute(literal):
            return found
        if match and match[1] and match[2] not in resource_types:
            return found
        return [*(found or ()), (".reference", "value", f"{shown(literal)} is not a reference to {wanted}", None)]

    return check_reference


def _bound_check(check, type_name, url, codings):
    """A code, Coding or CodeableConcept of a required binding."""
    codes = {code for _, code in codings}
    value_set = f"the value set {url}" + (f" ({', '.join(sorted(codes))})" if len(codes) <= MAX_TOLD else "")

    def check_code(value, owner):
        if type(value) is str and value in codes:
            return None
        return check(value) or [("", "code-invalid", f"{shown(value)} is not in {value_set}", None)]

    def check_coding(value, owner):
        found = check(value, owner)
        if not _is_sound(found) or _is_coded(value, codings) or value.keys() <= {"id", "extension"}:
            return found
        message = f"{shown(value.get('code'))} is not in {value_set}"
        return [*(found or ()), ("", "code-invalid", message, None)]

    def check_concept(value, owner):
        found = check(value, owner)
        if not _is_sound(found) or any(_is_coded(c, codings) for c in value.get("coding", ())):
            return found
        if "coding" not in value and "extension" in value:
            return found
        return [*(found or ()), ("", "code-invalid", f"no coding is in {value_set}", None)]

    return {"Coding": check_coding, "CodeableConcept": check_concept}.get(type_name, check_code)


def _is_sound(found):
    """Whether nothing but what is pending has been found."""
    return not found or all(pending for _, _, _, pending in found)


def _is_coded(coding, codings):
    return (coding.get("system"), coding.get("code")) in codings
