"""Who matches a search, by looking at every resource (https://hl7.org/fhir/R4/search.html).

Written from the standard for the matrix test: it shares with the server the rows that are extracted from a resource
(`core.index.index_rows`) and the list of parameters, and nothing else; names and values are read here once more.
"""

import re
from collections import defaultdict
from operator import attrgetter, itemgetter
from typing import NamedTuple

from matrix_values import (
    compare,
    fold,
    interval,
    is_number,
    is_quantity,
    is_string,
    is_token,
    is_uri,
    prefixed,
    split,
    unescape,
)

from fhir_registry.core.index import index_rows


class Held(NamedTuple):
    """A stored resource: rid and updated (microseconds) as the store gave them; rows: {param id: [(item, columns)]}."""

    type: str
    id: str
    rid: int
    updated: int
    rows: dict
    resource: dict


class Truth:
    """The resources of one site, and who of them matches.

    search_params: type -> tuple of SearchParam. base: URL of the server. now: microseconds. value_sets: canonical ->
    set of (system, code). hierarchy: (system, code) -> the codes below it, itself among them.
    """

    def __init__(self, search_params, base, now, value_sets, hierarchy):
        self._search_params, self._base, self._now = search_params, base, now
        self._value_sets, self._hierarchy = value_sets, hierarchy
        self._held = {}

    def add(self, resource, rid, updated):
        """Hold a resource as it is stored, `meta` included."""
        self._held[resource["resourceType"], resource["id"]] = self._read(resource, rid, updated)

    def _read(self, resource, rid=0, updated=0):
        rows = defaultdict(list)
        for found in index_rows(resource, self._search_params).values():
            for number, item, *columns in found:
                rows[number].append((item, tuple(columns)))
        for param in self._search_params[resource["resourceType"]]:
            for part in param.parts:  # whose rows are also those of the whole
                rows[param.id] += rows[part.id]
                for suffix, derived in param.derived.items():
                    rows[derived.id] += rows[part.derived[suffix].id]
        return Held(resource["resourceType"], resource["id"], rid, updated, rows, resource)

    def search(self, types, pairs):
        """(type, id) of the matches of (name, value) pairs, in the order of rid."""
        found = [h for h in self._held.values() if h.type in types and all(self._holds(h, *pair) for pair in pairs)]
        return [(held.type, held.id) for held in sorted(found, key=lambda held: held.rid)]

    def sort(self, found, order):
        """The (type, id) in the order that `_sort` asks for, '' for none, as the server documents it."""
        held = sorted((self._held[key] for key in found), key=attrgetter("rid"), reverse=order.startswith("-"))
        for key in reversed(order.split(",") if order else []):
            code, down = key.removeprefix("-"), key.startswith("-")
            values = [(self._sort_value(each, code, down), each) for each in held]
            # Python's sort keeps what is equal in its order, reversed or not.
            present = sorted((pair for pair in values if pair[0] is not None), key=itemgetter(0), reverse=down)
            held = [each for _, each in present] + [each for value, each in values if value is None]
        return [(each.type, each.id) for each in held]

    # --- one criterion ------------------------------------------------------------------------------

    def _holds(self, held, name, value):
        if name.startswith("_has:"):
            _, type_, code, rest = name.split(":", 3)
            others = (other for other in self._held.values() if other.type == type_)
            return any(self._names(other, code, held) and self._holds(other, rest, value) for other in others)
        head, dot, rest = name.partition(".")
        code, _, modifier = head.partition(":")
        if dot:
            return self._chain(held, code, modifier, rest, value)
        if code == "_id":
            return (held.id in [unescape(part) for part in split(value, ",")]) != (modifier == "not")
        if code == "_lastUpdated":
            row = (held.updated, held.updated + 1000)
            return any(self._date(row, part) for part in split(value, ","))
        param = self._param(held.type, code)
        if modifier == "missing":
            return (not held.rows[param.id]) == (value == "true")
        if param.type == "composite":
            return any(self._composite(held, param, part) for part in split(value, ","))
        if modifier in ("not", "not-in"):
            other = "in" if modifier == "not-in" else ""
            return not any(self._matches(held, param, other, part) for part in split(value, ","))
        return any(self._matches(held, param, modifier, part) for part in split(value, ","))

    def _param(self, type, code):
        return next((param for param in self._search_params[type] if param.code == code), None)

    def _matches(self, held, param, modifier, part):
        """Whether some value of the parameter matches one alternative."""
        if modifier == "text":
            rows = held.rows[param.derived[":text"].id]
            return any(columns[0].startswith(fold(unescape(part))) for _, columns in rows)
        if modifier == "of-type":
            system, code, value = [unescape(each) for each in split(part, "|")]
            rows = held.rows[param.derived[":of-type"].id]
            return any(columns == (system, f"{code}|{value}") for _, columns in rows)
        if modifier == "identifier":
            rows = held.rows[param.derived[":identifier"].id]
            return any(is_token(columns, part) for _, columns in rows)
        rows = [columns for _, columns in held.rows[param.id]]
        if param.type == "reference" and modifier in ("above", "below"):
            start = tuple(unescape(part).split("/"))
            return any(start in self._line(row) if modifier == "below" else row in self._line(start) for row in rows)
        match param.type:
            case "string":
                return any(is_string(columns, modifier, unescape(part)) for columns in rows)
            case "token":
                # Plain texts are compared, and extracted, without case.
                plain = {"string", "ContactPoint"}.issuperset(param.types)
                return any(self._token(columns, modifier, part.casefold() if plain else part) for columns in rows)
            case "date":
                return any(self._date(columns, part) for columns in rows)
            case "number":
                return any(is_number(columns, part) for columns in rows)
            case "quantity":
                return any(is_quantity(columns, part) for columns in rows)
            case "uri":
                return any(is_uri(columns[0], modifier, unescape(part)) for columns in rows)
            case "reference":
                return any(self._reference(columns, modifier, unescape(part)) for columns in rows)

    def _composite(self, held, param, part):
        """Both parts in one occurrence of the element: in rows of one item."""
        parts = split(part, "$")
        for alternative in param.alternatives:
            items = [
                {
                    item
                    for item, columns in held.rows[component.id]
                    if self._matches(held._replace(rows={component.id: [(item, columns)]}), component, "", each)
                }
                for component, each in zip(alternative.components, parts, strict=True)
            ]
            if set.intersection(*items):
                return True
        return False

    # --- links --------------------------------------------------------------------------------------

    def _line(self, key):
        """The (type, id) and all of which it is a part, by `partof`."""
        part_of = key[0] and self._param(key[0], "partof")
        line, waiting = {key}, [key] if part_of else []
        while waiting:
            held = self._held.get(waiting.pop())
            above = {row for _, row in held.rows[part_of.id] if row[0] == key[0]} - line if held else ()
            line.update(above)
            waiting.extend(above)
        return line

    def _names(self, other, code, held):
        rows = other.rows[self._param(other.type, code).id]
        return any(columns == (held.type, held.id) for _, columns in rows)

    def _chain(self, held, code, type, rest, value):
        param = self._param(held.type, code)
        targets = [self._held.get(columns) for _, columns in held.rows[param.id]]
        # What contained resources lack is not asked (docs/search.md).
        if not rest.endswith((":not", ":not-in")) and (not rest.endswith(":missing") or value == "false"):
            targets += self._contained(held, param)
        return any(
            type in ("", target.type) and self._understands(target.type, rest) and self._holds(target, rest, value)
            for target in filter(None, targets)
        )

    def _understands(self, type, rest):
        code = re.split("[:.]", rest)[0]
        return code in ("_id", "_lastUpdated", "_has") or self._param(type, code) is not None

    def _contained(self, held, param):
        """The contained resources that a parameter names, each as if it were held."""
        inside = {f"#{each['id']}": each for each in held.resource.get("contained", ())}
        for type_name, value in param.get(held.resource):
            contained = inside.get(value.get("reference")) if type_name == "Reference" else None
            if contained:
                yield self._read(contained)

    # --- values that need to know more ----------------------------------------------------------------

    def _date(self, row, part):
        prefix, literal = prefixed(unescape(part))
        lo, hi = interval(literal)
        if prefix == "ap":
            gap = abs(self._now - lo) // 10
            return row[0] < hi + gap and row[1] > lo - gap
        return compare(prefix, row, (lo, hi), ends_exclusive=True)

    def _token(self, row, modifier, part):
        if modifier == "in":
            tokens = self._value_sets[unescape(part)]
            return row in tokens or (row[0], None) in tokens
        if modifier in ("below", "above"):
            system, code = [unescape(each) for each in split(part, "|")]
            if row[0] != system:
                return False
            return row[1] in self._below(system, code) if modifier == "below" else code in self._below(*row)
        return is_token(row, part)

    def _below(self, system, code):
        return self._hierarchy.get((system, code), ()) or {code}

    def _reference(self, row, modifier, value):
        type_, id_ = row
        value = value.removeprefix(f"{self._base}/")
        if "://" in value or value.startswith("urn:"):
            return row == ("", value)
        head, slash, rest = value.partition("/")
        if not slash:
            # A reference that was written as an absolute URL of this server is known by that only.
            return (type_ == (modifier or type_) != "" and id_ == value) or (
                modifier != "" and row == ("", f"{self._base}/{modifier}/{value}")
            )
        return modifier in ("", head) and row in ((head, rest), ("", f"{self._base}/{value}"))

    # --- order ----------------------------------------------------------------------------------------

    def _sort_value(self, held, code, down):
        if code == "_id":
            return held.id
        if code == "_lastUpdated":
            return held.updated
        param = self._param(held.type, code)
        # The column that a kind sorts by: upwards by where values start, downwards by where they end.
        column = {"token": (1, 1), "reference": (1, 1), "date": (0, 1)}
        values = [columns[column.get(param.type, (0, 0))[down]] for _, columns in held.rows[param.id]]
        if param.type == "string":
            values = [columns[0] for _, columns in held.rows[param.id] if columns[1] != ""]
        return (max(values) if down else min(values)) if values else None
