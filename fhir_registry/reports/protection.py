"""Complementary suppression: which counts must go so that small ones cannot be told (https://doi.org/10.1002/9781118348239).

Cell suppression as in Hundepool et al., Statistical Disclosure Control, chapter 4: counts are cells, and the sums that
hold among them are what an attacker calculates with.
"""

from math import ceil, floor, inf
from typing import NamedTuple

_TOLERANCE = 1e-6  # of a linear programme
_FAR = 10**7  # more patients than any registry has


class Sum(NamedTuple):
    """total = sum of parts; with a `rest`, a count that is nowhere printed, total = sum of parts + rest."""

    total: object
    parts: tuple
    rest: bool = False

    @property
    def rest_cell(self):
        """The rest as a part of other Sums, which come after this one."""
        return "rest", self.total, self.parts


def protect(cells, sums, threshold, withheld=frozenset(), price=lambda cell: 0):
    """The set of cells to suppress.

    cells: {cell: count} as printed; sums: Sums over cells. Small is a count of 1 to threshold - 1, printed or a rest.
    withheld: cells that go in any case, not for their size. price: what it costs a reader to lose a cell; the
    cheapest goes first, of these the smallest.
    What is left lets at least `threshold - 1` whole numbers, and never fewer than two, stand for each small count,
    for an attacker who knows the sums and that a suppressed count is at least 1 (0 is never suppressed).
    """
    system = _System(cells, sums, threshold, withheld)
    unsettled = True
    while unsettled:
        unsettled = False
        for cell in sorted(system.small, key=repr):
            if not system.is_protected(cell) and (helper := system.find_helper(cell, price)):
                system.suppress(helper)
                unsettled = True
    system.restore(price)
    return system.suppressed


class Component(NamedTuple):
    """Unknown cells that hang together through sums, and what the sums say of each by itself."""

    cells: set
    rows: list  # ({cell: coefficient}, what they add up to)
    bounds: dict  # {cell: (low, high)}
    is_forest: bool  # then the bounds are exact


class _System:
    """Cells, the equations among them, and what is suppressed so far."""

    def __init__(self, cells, sums, threshold, withheld):
        self.values = dict(cells)
        self.floor = dict.fromkeys(withheld, 0)  # least value an attacker must reckon with, 1 where not given
        self.needed = max(1, threshold - 2)
        self.equations = [self._equation(each) for each in sums]
        self.of_cell = {}
        for number, equation in enumerate(self.equations):
            for cell in equation:
                self.of_cell.setdefault(cell, []).append(number)
        self.small = {cell for cell, n in self.values.items() if 0 < n < threshold} | withheld
        self.suppressed = self.small & cells.keys()
        self.unknown = self.suppressed | (self.values.keys() - cells.keys())
        self.chosen = set()  # suppressed to protect others
        self._components = {}
        self._known_ranges = {}  # cell -> (lowest, highest) value it is known to be able to have

    def _equation(self, each):
        """{cell: coefficient} that add up to 0."""
        equation = {each.total: 1, **dict.fromkeys(each.parts, -1)}
        if each.rest:
            rest = each.rest_cell
            self.values[rest] = self.values[each.total] - sum(self.values[part] for part in each.parts)
            self.floor[rest] = 0
            equation[rest] = -1
        return equation

    def suppress(self, cell):
        self._forget(cell)
        self.suppressed.add(cell)
        self.unknown.add(cell)
        self.chosen.add(cell)

    def restore(self, price):
        """Print again what was suppressed for others and is not needed, the dearest first.

        Among circles only what a reader would miss: each try costs linear programmes.
        """
        for cell in sorted(self.chosen, key=lambda c: (-price(c), -self.values[c], repr(c))):
            component = self._component(cell)
            if not (price(cell) or component.is_forest):
                continue
            known = {other: self._known_ranges.pop(other) for other in component.cells & self._known_ranges.keys()}
            self._forget(cell)
            self.unknown.discard(cell)
            if all(self.is_protected(other) for other in sorted(component.cells & self.small, key=repr)):
                self.suppressed.discard(cell)
            else:
                self._forget(cell)
                self.unknown.add(cell)
                self._known_ranges |= known
        for cell in sorted(self.chosen & self.suppressed, key=repr):
            if self._is_told(cell):
                self._forget(cell)
                self.unknown.discard(cell)
                self.suppressed.discard(cell)

    def _is_told(self, cell):
        """Can the cell have one value only? Then it is no help to others, and nothing is lost by printing it."""
        component = self._component(cell)
        low, high = component.bounds[cell]
        if low == high or component.is_forest:
            return low == high
        low, high = self._known_ranges.get(cell, (0, 0))
        if low == high:
            self._solve(component, [cell])
            low, high = self._known_ranges[cell]
        return low == high

    def find_helper(self, cell, price):
        """The printed cell to suppress next: of the sums of the cell itself, else of what hangs together with it."""
        for near in ({cell}, self._component(cell).cells):
            printed = {
                other
                for each in near
                for number in self.of_cell.get(each, ())
                for other in self.equations[number]
                if other not in self.unknown and self.values[other]
            }
            if printed:
                return min(printed, key=lambda c: (price(c), self.values[c], repr(c)))
        return None

    def is_protected(self, cell):
        """Can the cell, by all that is printed, have values far enough apart?"""
        if self._is_known_wide(cell):
            return True
        component = self._component(cell)
        low, high = component.bounds[cell]
        if high - low < self.needed or component.is_forest:
            return high - low >= self.needed
        if cell not in self._known_ranges:
            # Two extreme answers for all together tell enough of most of them.
            self._solve(component, [each for each in component.bounds if each in self.small])
        if not self._is_known_wide(cell):
            self._solve(component, [cell])
        return self._is_known_wide(cell)

    def _is_known_wide(self, cell):
        low, high = self._known_ranges.get(cell, (0, 0))
        return high - low >= self.needed

    def _reduced(self, equation):
        """({unknown cell: coefficient}, what they add up to)."""
        unknown = {cell: sign for cell, sign in equation.items() if cell in self.unknown}
        return unknown, -sum(sign * self.values[cell] for cell, sign in equation.items() if cell not in self.unknown)

    def _component(self, cell):
        """The Component of an unknown cell; of a printed one, what would be its Component."""
        if cell not in self._components:
            found, waiting = {cell}, [cell]
            while waiting:
                for number in self.of_cell.get(waiting.pop(), ()):
                    for other in self.equations[number]:
                        if other in self.unknown and other not in found:
                            found.add(other)
                            waiting.append(other)
            numbers = sorted({number for each in found for number in self.of_cell.get(each, ())})
            rows = [self._reduced(self.equations[number]) for number in numbers]
            bounds = {each: (self.floor.get(each, 1), inf) for each in sorted(found, key=repr)}
            _narrow(rows, bounds)
            component = Component(found, rows, bounds, _is_forest(rows, found))
            self._components.update(dict.fromkeys(found, component))
        return self._components[cell]

    def _forget(self, cell):
        """The components around a cell. Known ranges stay: more unknowns leave all answers possible."""
        for near in {cell, *(other for number in self.of_cell.get(cell, ()) for other in self.equations[number])}:
            if near in self._components:
                for other in self._components[near].cells:
                    self._components.pop(other, None)

    def _solve(self, component, wanted):
        """Least and greatest sum of some cells by linear programming; every cell is seen in two answers."""
        from scipy.optimize import linprog  # slow to import, and few reports need it

        cells = list(component.bounds)
        matrix = [[row.get(each, 0) for each in cells] for row, _ in component.rows]
        totals = [total for _, total in component.rows]
        # What has no bound is let far enough.
        limits = [(low, min(high, _FAR)) for low, high in component.bounds.values()]
        wanted = set(wanted)
        for sign in (1, -1):
            objective = [sign * (each in wanted) for each in cells]
            found = linprog(objective, A_eq=matrix, b_eq=totals, bounds=limits, method="highs")
            for each, value in zip(cells, found.x, strict=True):
                low, high = self._known_ranges.get(each, (self.values[each],) * 2)
                self._known_ranges[each] = min(low, ceil(value - _TOLERANCE)), max(high, floor(value + _TOLERANCE))


def _narrow(rows, bounds):
    """Narrow {cell: (low, high)} by each equation until nothing changes; exact where the equations form no circle."""
    changed = True
    while changed:
        changed = False
        for row, total in rows:
            ranges = {
                cell: bounds[cell] if sign > 0 else (-bounds[cell][1], -bounds[cell][0]) for cell, sign in row.items()
            }
            least, most = _Total(low for low, _ in ranges.values()), _Total(high for _, high in ranges.values())
            for cell, sign in row.items():
                low, high = ranges[cell]
                low, high = max(low, total - most.without(high)), min(high, total - least.without(low))
                narrowed = (low, high) if sign > 0 else (-high, -low)
                if narrowed != bounds[cell]:
                    bounds[cell] = narrowed
                    changed = True


class _Total:
    """A sum of which a term can be left out, be it infinite."""

    def __init__(self, terms):
        terms = list(terms)
        self._finite = sum(term for term in terms if abs(term) != inf)
        self._infinite = [term for term in terms if abs(term) == inf]

    def without(self, term):
        if abs(term) != inf:
            return self._infinite[0] if self._infinite else self._finite - term
        return self._infinite[0] if len(self._infinite) > 1 else self._finite


def _is_forest(rows, cells):
    """Do equations and the cells they hold form no circle? One component: edges = nodes - 1."""
    return sum(len(row) for row, _ in rows) == len(rows) + len(cells) - 1
