"""One search: how it is done, its pages, its total (https://hl7.org/fhir/R4/search.html).

Every criterion can lead to resources by an index, or be asked of one resource by another. How many each leads to is
counted before a search, as far as FEW. When one leads to few, these are the candidates: the other criteria are asked of
each, what is left is sorted, and the page cut from it. When all lead to more, resources are walked in the order that is
wanted, all criteria are asked of each, and the walk stops at the end of the page. There is no OFFSET: a page begins
after the sort values and the number of the last row of the page before.
"""

from functools import cached_property
from typing import Any, NamedTuple

from ..core.criteria import AnyOf, Chain, Composite, Criterion, Has, Ids, LastUpdated
from .search_choice import describe, is_in_order, is_simple, is_slow, is_typed, is_wide, leads, rank
from .search_criteria import Criteria
from .search_order import Walk, beyond, has_value, order_by, sort_value, walk_sorted, walk_types
from .statement import all_of

FEW = 5000
VERY_FEW = 100  # that no other criterion needs to be counted
SLOWLY = 500  # of which a slow criterion is asked for a total that nobody insists on
MANY = 10  # times FEW: what may lead to the resources that a chain leads to
MAX_COUNTED = 12  # criteria of one search


class Row(NamedTuple):
    """A resource that was found. keys: its place, for JSON: its sort values (None for a missing one) and its rid."""

    rid: int
    keys: list


class Step(NamedTuple):
    """A criterion in the plan of a search.

    criterion: its parameters and kind. estimate: to how many rows it leads, some of one resource; None when they are
    more than FEW or were not counted. role: "driver" when it gives the candidates, else "probe".
    """

    criterion: str
    estimate: int | None
    role: str


class Plan(NamedTuple):
    """What a search does. kind: "candidates" or "walk". sql: the statement of a page, with places for values."""

    kind: str
    steps: list[Step]
    sql: str


class _Driver(NamedTuple):
    """The criterion that leads to the candidates; the estimate of a Step."""

    criterion: Any
    estimate: int


class Query:
    """One search in one transaction, see Search.prepare.

    types: those of the Filter, or those that there are. few: the most candidates that are sorted.
    """

    def __init__(self, statement, filter, types, order, now, few):
        self._statement, self._filter, self._types, self._order = statement, filter, types, order
        self._now, self._few = now, few
        self._back = bool(order) and order[0].descending
        self._estimates = {}  # id of a criterion -> to how many resources it leads

    def page(self, limit, after=None):
        """At most `limit` Rows. after: the keys of the last row of the page before."""
        if not self._types:
            return []
        if after is not None:
            after = self._place(after)
        if self._has_candidates:
            return self._read(self._sorted(limit, after))
        rows = []
        for level in self._levels(after):
            rows += self._read(self._walk(level, limit - len(rows), after))
            after = None
            if len(rows) == limit:
                break
        return rows

    def total(self, exact=False):
        """How many resources are found; None when that is not exact and would cost more than a page."""
        if not self._types:
            return 0
        driver = self._driver or _Driver(None, self._count([None], self._types, self._few)[0])
        if not exact:
            most = SLOWLY if any(is_slow(each) for each in self._filter.criteria) else self._few
            if driver.estimate is None or driver.estimate > most:
                return None
        if driver.estimate is None:
            leading = [each for each in self._filter.criteria if leads(each, self._types)]
            driver = _Driver(min(leading, key=rank, default=None), None)
        statement, matching = self._begin()
        return statement.run(f"SELECT count(*) FROM {matching.candidates(driver.criterion)}")[0][0]

    def explain(self):
        """The Plan."""
        chosen = self._driver.criterion if self._types and self._driver else None
        steps = [
            Step(describe(each), self._estimates.get(id(each)), "driver" if each is chosen else "probe")
            for each in self._filter.criteria
        ]
        if not self._types:
            return Plan("candidates", steps, "")
        _, text = self._sorted(1, None) if self._has_candidates else self._walk(0, 1, None)
        return Plan("candidates" if self._has_candidates else "walk", steps, text)

    # --- what leads to few --------------------------------------------------------------------------

    @cached_property
    def _driver(self):
        """The _Driver that leads to the fewest resources, None when all criteria lead to more than a few."""
        leading = sorted((each for each in self._filter.criteria if leads(each, self._types)), key=rank)
        simple = [each for each in leading if is_simple(each)][:MAX_COUNTED]
        wide = [each for each in leading if is_wide(each)][:MAX_COUNTED]
        others = [each for each in leading if not (is_simple(each) or is_wide(each))][:MAX_COUNTED]
        best = self._best(simple, min(VERY_FEW, self._few))
        if best is None:
            best = self._best(simple, self._few)
            best = self._best(others, best.estimate if best else self._few) or best
        return best or self._best(wide, self._few)

    def _best(self, criteria, most):
        """The _Driver among the criteria, None when all lead to more than `most`."""
        if all(is_simple(each) for each in criteria):
            counts = self._count(criteria, self._types, most)
        else:
            counts = [self._estimate(each, self._types, most) for each in criteria]
        found = [_Driver(*each) for each in zip(criteria, counts, strict=True) if each[1] is not None]
        self._estimates.update((id(each.criterion), each.estimate) for each in found)
        return min(found, key=lambda driver: driver.estimate, default=None)

    @property
    def _has_candidates(self):
        """Whether a page is cut from candidates; when they lie in the order that is wanted, a walk is as good."""
        return self._driver is not None and (bool(self._order) or not is_in_order(self._driver.criterion))

    def _estimate(self, criterion, types, most):
        """To how many resources a criterion leads, None for more than `most`; the work for it is bounded too."""
        match criterion:
            case Chain(_, targets, inner):
                if self._estimate(inner, targets, most * MANY) is None:
                    return None
            case Has(type, _, inner):
                if self._estimate(inner, (type,), most) is None:
                    return None
            case Composite(alternatives, values):
                for components in alternatives:
                    first = Criterion(components[:1], None, tuple(value[0] for value in values))
                    if self._estimate(first, types, most * MANY) is None:
                        return None
            case AnyOf(criteria):
                counts = [self._estimate(each, types, most) for each in criteria]
                return None if None in counts or sum(counts) > most else sum(counts)
        return self._count([criterion], types, most)[0]

    def _count(self, criteria, types, most):
        """Estimates of all criteria in one statement; a criterion None stands for all resources of the types."""
        if not criteria:
            return []
        statement, matching = self._begin(types)
        counts = [
            f"(SELECT count(*) FROM (SELECT rid FROM ({matching.select(each)}) AS d LIMIT {most + 1}) AS e)"
            for each in criteria
        ]
        (found,) = statement.run(f"SELECT {', '.join(counts)}")
        return [count if count <= most else None for count in found]

    # --- statements ---------------------------------------------------------------------------------

    def _begin(self, types=None):
        statement = self._statement.another()
        return statement, Matching(statement, self._filter, types or self._types, self._now)

    def _read(self, made):
        statement, text = made
        return [Row(rid, [*keys, rid]) for rid, *keys in statement.run(text)]

    def _place(self, after):
        """A position as it came through JSON: what is compared with floating numbers is one."""
        *values, rid = after
        for number, key in enumerate(self._order):
            is_number = not isinstance(key.params, str) and key.params[0].type in ("number", "quantity")
            if is_number and values[number] is not None:
                values[number] = float(values[number])
        return [*values, rid]

    def _sorted(self, limit, after):
        """The statement of a page of the candidates."""
        statement, matching = self._begin()
        values = "".join(f", {sort_value(statement, key, 'c.rid')} AS k{n}" for n, key in enumerate(self._order))
        found = f"SELECT c.rid AS rid{values} FROM {matching.candidates(self._driver.criterion)}"
        keys = [f"k{number}" for number in range(len(self._order))]
        where = f" WHERE {beyond(statement, self._order, keys, 'rid', after, self._back)}" if after else ""
        text = f"WITH s AS MATERIALIZED ({found}) SELECT {', '.join(['rid', *keys])} FROM s{where}"
        return statement, f"{text} ORDER BY {order_by(self._order)} LIMIT {limit}"

    def _levels(self, after):
        """How many of the sort keys have no value, in the order in which resources are walked from a position on.

        Those with a value of the first key come first, then those with one of the second only, and so on.
        """
        keys = after[:-1] if after else []
        start = next((number for number, value in enumerate(keys) if value is not None), len(keys))
        always = (number for number, key in enumerate(self._order) if isinstance(key.params, str))
        return range(start, next(always, len(self._order)) + 1)

    def _walk(self, level, limit, after):
        """The statement of a page of those that have no value of the first `level` sort keys, but one of the next."""
        statement, matching = self._begin()
        asked = None
        if level < len(self._order):
            walks = walk_sorted(statement, self._order[level], self._types)
        elif level:
            walks = walk_types(statement, self._types)
        else:
            walks, asked = matching.walk(self._driver and self._driver.criterion)
        texts = [self._walk_one(statement, matching, walk, asked, level, limit, after) for walk in walks]
        return statement, _merged(texts, order_by(self._order, level), limit)

    def _walk_one(self, statement, matching, walk, asked, level, limit, after):
        lacking, rest = self._order[:level], self._order[level:]
        values = [walk.value, *(sort_value(statement, key, "w.rid") for key in rest[1:])] if rest else []
        conditions = [*walk.conditions, *(f"NOT {has_value(statement, key, 'w.rid')}" for key in lacking)]
        conditions.append(matching.conditions("w.rid", asked, walk.typed))
        if after:
            after = after[level:]
            sign = "<" if rest and rest[0].descending else ">"
            if len(rest) == 1 and rest[0].descending == self._back:
                # One condition, so that the index leads to the place.
                conditions.append(f"({walk.value}, w.rid) {sign} ({', '.join(map(statement.bind, after))})")
            else:
                if rest:
                    conditions.append(f"{walk.value} {sign}= {statement.bind(after[0])}")
                conditions.append(beyond(statement, rest, values, "w.rid", after, self._back))
        columns = ["w.rid AS rid", *(f"{value} AS k{n}" for n, value in enumerate(["NULL"] * level + values))]
        distinct = "DISTINCT " if walk.distinct else ""
        text = f"SELECT {distinct}{', '.join(columns)} FROM {walk.source} WHERE {all_of(conditions)}"
        return f"{text} ORDER BY {order_by(self._order, level)} LIMIT {limit}"


class Matching:
    """The criteria of a Filter in one Statement. types: where it is to be searched."""

    def __init__(self, statement, filter, types, now):
        self._statement, self._filter, self._types = statement, filter, types
        self._criteria = Criteria(statement, now)

    def select(self, criterion):
        """`SELECT rid ...` of what a criterion leads to, None for all resources of the types."""
        if criterion is not None:
            return self._criteria.select(criterion, self._types)
        return self._criteria.select_types(self._types)

    def candidates(self, criterion):
        """FROM c: the distinct resources that a criterion leads to, WHERE the others hold."""
        typed = criterion is None or isinstance(criterion, (Ids, LastUpdated, Has))
        conditions = self.conditions("c.rid", criterion, typed)
        return f"(SELECT DISTINCT rid FROM ({self.select(criterion)}) AS d) AS c WHERE {conditions}"

    def conditions(self, rid, asked, typed):
        """What must hold for a resource: all criteria but the one that led to it, and its type.

        typed: whether what led to it leads to no other types.
        """
        criteria, types = self._filter.criteria, self._filter.types
        found = [self._criteria.holds(each, rid) for each in criteria if each is not asked]
        if types and not typed and not any(is_typed(each, types) for each in criteria):
            found.append(self._criteria.is_of(types, rid))
        return all_of(found)

    def walk(self, driver):
        """(Walks in the order of rid, the criterion to whose rows they lead or None).

        driver: the criterion that leads to the fewest, or None.
        """
        for criterion in [driver] if driver else self._filter.criteria:
            if is_in_order(criterion):
                source = self._statement.table(f"index_{criterion.params[0].type}", "w", "key")
                conditions = self._criteria.rows_in_order("w", criterion)
                typed = is_typed(criterion, self._filter.types)
                return [Walk(source, conditions, typed=typed, distinct=True)], criterion
        return walk_types(self._statement, self._types), None


def _merged(texts, order, limit):
    """The first rows of several SELECTs that have one order."""
    if len(texts) == 1:
        return texts[0]
    parts = " UNION ALL ".join(f"SELECT * FROM ({text}) AS u{number}" for number, text in enumerate(texts))
    return f"{parts} ORDER BY {order} LIMIT {limit}"
