"""SQL-on-FHIR v2 ViewDefinitions, compiled to functions from a resource to rows (https://sql-on-fhir.org/ig/latest/)."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from ..fhir.fhirpath import FhirPathError, compile_path
from .errors import ContentError

CONCEPT_MAP_TAG = "concept-map"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NODE_KEYS = frozenset({"id", "extension", "column", "select", "unionAll", "forEach", "forEachOrNull", "repeat"})
_ITERATIONS = ("forEach", "forEachOrNull", "repeat")
_CODED = frozenset({"CodeableConcept", "Coding", "code", "string", "uri", "canonical", "id", "markdown"})

# Types that may stand for one another in a column; all texts are one group.
_GROUPS = (
    {"string", "code", "id", "uri", "url", "canonical", "oid", "uuid", "markdown", "base64Binary", "xhtml"},
    {"date", "dateTime", "instant"},
    {"integer", "positiveInt", "unsignedInt", "integer64"},
    {"decimal"},
    {"boolean"},
    {"time"},
)
_WIDER = {"decimal": _GROUPS[2] | _GROUPS[3]}
_READABLE_AS = {name: _WIDER.get(name, group) for group in _GROUPS for name in group}


class Column(NamedTuple):
    """name; FHIR type name; collection: the cell is a list."""

    name: str
    type: str
    collection: bool


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """A compiled ViewDefinition.

    resource: the type it reads. rows: function resource -> list of tuples, one cell a column; raises
    FhirPathError when a column that is no collection has several values. readable: () -> the same View whose
    such cells are None.
    """

    name: str
    resource: str
    columns: tuple[Column, ...]
    rows: Callable = field(repr=False)
    readable: Callable = field(repr=False)


def compile_view(view, model, concept_maps, constants=None):
    """Compile a ViewDefinition dict.

    model: Definitions. concept_maps: {canonical: ConceptMap}. constants: {name: (type name, value)} that the
    view may use beside its own. Raises ContentError naming the view and the element.
    """
    return _Compiler(view, model, concept_maps, constants or {}, strict=True).view()


class _Node(NamedTuple):
    """A compiled select.

    missing: the row that stands for no element. getters: functions item -> cell when it always gives one row.
    """

    columns: tuple
    missing: tuple
    rows: Callable
    getters: tuple | None


class _Compiler:
    def __init__(self, view, model, concept_maps, constants, strict):
        self.definition = view
        self.given_constants = constants
        self.strict = strict
        self.label = view.get("url") or view.get("name") or "ViewDefinition"
        self.model = model
        self.concept_maps = concept_maps
        # %rowIndex: the position of the element that the innermost iteration is at; one cell a thread.
        self.position = threading.local()
        self.counts = "%rowIndex" in repr(view)
        self.constants = {**constants, **self.own_constants(), "rowIndex": ("integer", self.row_index)}

    def row_index(self):
        return getattr(self.position, "value", 0)

    def fail(self, element, message):
        raise ContentError(self.label, f"ViewDefinition.{element}", message)

    def own_constants(self):
        found = {}
        for number, constant in enumerate(self.list_of(self.definition, "constant", "constant")):
            values = {key: value for key, value in constant.items() if key.startswith("value")}
            if len(values) != 1 or not isinstance(constant.get("name"), str):
                self.fail(f"constant[{number}]", "a constant has a name and one value[x]")
            ((key, value),) = values.items()
            type_name = key[5].lower() + key[6:]
            if type_name not in _READABLE_AS:
                self.fail(f"constant[{number}]", f"a constant cannot be a {key[5:]}")
            found[constant["name"]] = (type_name, value)
        return found

    def view(self):
        resource = self.definition.get("resource")
        if resource not in self.model.resource_types:
            self.fail("resource", f"'{resource}' is not a resource type")
        if not self.list_of(self.definition, "select", "select"):
            self.fail("select", "is missing")
        node = self.children(self.definition, [], resource, "")
        names = [column.name for column in node.columns]
        for name in names:
            if names.count(name) > 1:
                self.fail("select", f"column '{name}' occurs twice")
        conditions = [
            self.condition(where, resource, f"where[{number}]")
            for number, where in enumerate(self.list_of(self.definition, "where", "where"))
        ]
        rows = node.rows
        if conditions:
            select = rows
            rows = lambda item: select(item) if all(holds(item) is True for holds in conditions) else []  # noqa: E731
        return View(self.definition.get("name", ""), resource, node.columns, rows, cache(self.readable_view))

    def readable_view(self):
        return _Compiler(self.definition, self.model, self.concept_maps, self.given_constants, strict=False).view()

    def one(self, path):
        """The function item -> the one value of a path; of several: None, unless strict."""
        if self.strict or path.single:
            return path.value

        def readable(item):
            try:
                return path.value(item)
            except FhirPathError:
                return None

        return readable

    def condition(self, where, resource, element):
        path = self.path(where.get("path"), resource, f"{element}.path")
        if path.types != ("boolean",):
            self.fail(f"{element}.path", f"is {' or '.join(path.types) or 'always empty'}, not boolean")
        return self.one(path)

    def path(self, expression, type_name, element):
        try:
            return compile_path(expression, type_name, self.model, self.constants)
        except FhirPathError as e:
            return self.fail(element, str(e))

    def list_of(self, node, key, element):
        value = node.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fail(element, "is a list of objects")
        return value

    # --- selects ------------------------------------------------------------------------------------

    def select(self, node, type_name, element):
        """A select over items of `type_name` -> _Node."""
        unknown = node.keys() - _NODE_KEYS
        if unknown:
            self.fail(element, f"does not know '{min(unknown)}'")
        iterations = [key for key in _ITERATIONS if key in node]
        if len(iterations) > 1:
            self.fail(element, f"has both {iterations[0]} and {iterations[1]}")
        if not iterations:
            return self.body(node, type_name, element)
        if iterations == ["repeat"]:
            return self.repeat(node, type_name, element)
        return self.for_each(node, type_name, element, iterations[0])

    def body(self, node, type_name, element):
        compiled = [
            self.column(column, type_name, f"{element}.column[{number}]")
            for number, column in enumerate(self.list_of(node, "column", f"{element}.column"))
        ]
        own = [_flat(*zip(*compiled, strict=True))] if compiled else []
        return self.children(node, own, type_name, f"{element}.")

    def children(self, node, parts, type_name, prefix):
        """The product of `parts`, the nested selects and the union."""
        for number, child in enumerate(self.list_of(node, "select", f"{prefix}select")):
            parts.append(self.select(child, type_name, f"{prefix}select[{number}]"))
        if "unionAll" in node:
            parts.append(self.union(node, type_name, f"{prefix}unionAll"))
        if not parts:
            self.fail(prefix.rstrip("."), "has no column, select or unionAll")
        return _product(parts)

    def union(self, node, type_name, element):
        branches = [
            self.select(branch, type_name, f"{element}[{number}]")
            for number, branch in enumerate(self.list_of(node, "unionAll", element))
        ]
        if not branches:
            self.fail(element, "is empty")
        columns = branches[0].columns
        for number, branch in enumerate(branches):
            if [c.name for c in branch.columns] != [c.name for c in columns]:
                self.fail(f"{element}[{number}]", "has not the columns of the first branch, in their order")
        functions = [branch.rows for branch in branches]
        return _Node(columns, branches[0].missing, lambda item: [row for rows in functions for row in rows(item)], None)

    def for_each(self, node, type_name, element, key):
        path = self.path(node[key], type_name, f"{element}.{key}")
        if len(path.types) != 1:
            self.fail(f"{element}.{key}", f"is {' or '.join(path.types) or 'always empty'}: use ofType()")
        body = self.body(node, path.types[0], element)
        return self.iterate(body, path.values, or_null=key == "forEachOrNull")

    def repeat(self, node, type_name, element):
        expressions = node["repeat"]
        if not isinstance(expressions, list) or not expressions:
            self.fail(f"{element}.repeat", "is a list of paths")
        steps, misfits, fitting = {}, {}, set()  # type name -> functions item -> items; all of one type
        reached, result = [type_name], None
        for current in reached:
            steps[current] = []
            for expression in expressions:
                try:
                    path = compile_path(expression, current, self.model, self.constants)
                except FhirPathError as e:
                    misfits[str(expression)] = e  # `answer.item` fits the items, but not the response itself
                    continue
                if len(path.types) != 1 or path.types[0] != (result or path.types[0]):
                    self.fail(f"{element}.repeat", f"'{expression}' leads to another type")
                fitting.add(expression)
                result = path.types[0]
                steps[current].append(path.values)
                if result not in reached:
                    reached.append(result)
        for expression in misfits.keys() - fitting:
            self.fail(f"{element}.repeat", str(misfits[expression]))
        return self.iterate(self.body(node, result, element), _descent(steps[type_name], steps[result]))

    def iterate(self, body, items, or_null=False):
        """The rows of `body` for each of `items(item)`."""
        rows, position, row_index, missing = body.rows, self.position, self.row_index, body.missing

        def listed(item):
            found = [row for value in items(item) for row in rows(value)]
            return found or ([missing] if or_null else found)

        def counted(item):
            found = []
            outer = row_index()
            for number, value in enumerate(items(item)):
                position.value = number
                found += rows(value)
            position.value = outer
            return found or ([missing] if or_null else found)

        return _Node(body.columns, missing, counted if self.counts else listed, None)

    # --- columns ------------------------------------------------------------------------------------

    def column(self, column, type_name, element):
        """(Column, function item -> cell, cell of a row that stands for no element)."""
        name = column.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.fail(f"{element}.name", f"'{name}' is not a column name")
        path = self.path(column.get("path"), type_name, f"{element}.path")
        collection = column.get("collection") is True
        translate = self.concept_map(column, element)
        if translate:
            if not path.types or set(path.types) - _CODED:
                self.fail(f"{element}.path", f"is {' or '.join(path.types) or 'always empty'}, not coded")
            if column.get("type") == "integer":
                return Column(name, "integer", False), _first_number(path.values, translate), None
            cell = _all_codes(path.values, translate) if collection else _first_code(path.values, translate)
            return Column(name, "code", collection), cell, None
        declared = self.column_type(column, path, element)
        cell = (lambda item, values=path.values: list(values(item))) if collection else self.one(path)
        return Column(name, declared, collection), cell, 0 if path.text.strip() == "%rowIndex" else None

    def column_type(self, column, path, element):
        declared = column.get("type", path.types[0] if path.types else None)
        if declared not in _READABLE_AS:
            self.fail(f"{element}.type", f"a column holds primitive values, not {declared}")
        misfits = [t for t in path.types if t not in _READABLE_AS[declared]]
        if misfits or not path.types:
            self.fail(f"{element}.path", f"is {' or '.join(misfits) or 'always empty'}, not {declared}")
        return declared

    def concept_map(self, column, element):
        for tag in column.get("tag", ()):
            if tag.get("name") == CONCEPT_MAP_TAG:
                concept_map = self.concept_maps.get(tag.get("value"))
                if concept_map is None:
                    self.fail(f"{element}.tag", f"the ConceptMap '{tag.get('value')}' is not known")
                return concept_map.translate
        return None


# --- cells of a ConceptMap --------------------------------------------------------------------------


def _first_code(values, translate):
    return lambda item: translate(found) if (found := values(item)) else None


def _first_number(values, translate):
    """The first code as an integer; a code that is none is no number."""
    code = _first_code(values, translate)
    return lambda item: int(found) if (found := code(item)) and found.isdecimal() else None


def _all_codes(values, translate):
    """Each code once, in the order of the values."""

    def codes(item):
        found = [translate([value]) for value in values(item)]
        return list(dict.fromkeys(code for code in found if code is not None))

    return codes


# --- rows -------------------------------------------------------------------------------------------


def _flat(columns, getters, missing):
    return _Node(columns, missing, lambda item: [tuple([cell(item) for cell in getters])], getters)


def _product(parts):
    """Each row of one part beside each row of the next; neighbours of one row each become one part."""
    merged = parts[:1]
    for part in parts[1:]:
        last = merged[-1]
        if part.getters and last.getters:
            merged[-1] = _flat(last.columns + part.columns, last.getters + part.getters, last.missing + part.missing)
        else:
            merged.append(part)
    if len(merged) == 1:
        return merged[0]
    functions = [part.rows for part in merged]

    def rows(item):
        product = [()]
        for function in functions:
            found = function(item)
            if not found:
                return []
            product = [left + right for left in product for right in found]
        return product

    return _Node(
        tuple(column for part in merged for column in part.columns),
        tuple(cell for part in merged for cell in part.missing),
        rows,
        None,
    )


def _descent(first, following):
    """item -> all items reached by the steps, each before those below it."""

    def descend(item, steps, found):
        for values in steps:
            for value in values(item):
                found.append(value)
                descend(value, following, found)
        return found

    return lambda item: descend(item, first, [])
